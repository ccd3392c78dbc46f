"""The base fields of each type of entry: their kind, the question to ask, and the group they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from saga_agent.domain.record import JsonObject


@dataclass(frozen=True, slots=True)
class BaseField:
    """One field of a template."""

    schema: JsonObject
    prompt: str
    group: str


_KINDS: dict[str, JsonObject] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "list": {"type": "array", "items": {"type": "string"}},
    "flag": {"type": "boolean"},
    "reference": {"type": "string", "format": "entity-reference"},
    "references": {"type": "array", "items": {"type": "string", "format": "entity-reference"}},
    "date": {"type": ["string", "object"], "format": "story-date"},
    "object": {"type": "object"},
    "objects": {"type": "array", "items": {"type": "object"}},
}

# One line a field: name, kind, group, question.
_CHARACTER = """
pronouns | text | identity | Which pronouns does the text use?
role | text | identity | What part do they play in the story?
species | text | identity | What are they, if not human?
culture | reference | identity | Which culture shaped them?
born | date | identity | When were they born?
want | text | arc | What do they want?
need | text | arc | What do they need, and do not see?
fear | text | arc | What are they afraid of?
flaw | text | arc | What stands in their own way?
secret | text | arc | What must nobody find out?
stakes | text | arc | What do they lose if they fail?
skills | list | abilities | What can they do better than others?
voice | text | voice | How do they talk: which words do they use, which never?
speech_sample | text | voice | What would they say?
eyes | text | appearance | What colour are their eyes?
hair | text | appearance | What is their hair like?
"""
_LOCATION = """
kind | text | place | What kind of place is it?
parent_place | reference | place | Which place is it part of?
coordinates | object | place | Where does it lie on the map?
terrain | text | land | What is the ground like?
climate | text | land | What is the weather like?
population | number | people | How many live there?
controller | reference | people | Who has the say there?
"""
_FACTION = """
kind | text | identity | What kind of group is it?
goal | text | aims | What does it want?
resources | list | means | What does it have?
power | number | means | How strong is it, next to the others?
seat | reference | means | Where does it sit?
members | object | people | Who belongs to it, by role?
"""
_ITEM = """
kind | text | identity | What is it?
maker | reference | origin | Who made it?
powers | list | use | What can it do?
custody | objects | use | Who held it, from when to when?
unique | flag | identity | Is there only one?
"""
_MAGIC = """
hardness | text | nature | Are its rules known to the reader, or a mystery?
source | text | nature | Where does it come from?
resources | list | cost | What does it use up?
rules | objects | rules | What does each effect require, forbid and cost?
"""
_EVENT = """
kind | text | what | What kind of event is it?
when | date | what | When does it happen?
where | reference | what | Where does it happen?
participants | object | who | Who takes part, as actor, target or witness?
items | references | who | Which items are used?
causes | references | why | What led to it?
effects | references | why | What comes of it?
"""
_CULTURE = """
norms | objects | ways | What is required, forbidden and valued, where and for whom?
values | list | ways | What do they hold dear?
taboos | list | ways | What must never be done?
language | text | speech | What do they speak?
names | list | speech | What are typical names?
calendar | reference | time | How do they count the days?
parent | reference | origin | Which culture did it come from?
"""
_CONCEPT = """
definition | text | meaning | What does it mean?
first_shown | text | meaning | Where does the reader meet it first?
related | references | meaning | What belongs to it?
"""
_THREAD = """
question | text | plot | Which question does it ask the reader?
opened | text | plot | Where does it begin?
closed | text | plot | Where is it answered?
"""
_CALENDAR = """
months | objects | year | How are the months called, and how long are they?
intercalary | objects | year | Which days belong to no month, and after which do they stand?
leap | object | year | Every how many years is there a longer one, and where?
week | list | week | How are the days of the week called?
"""
_GENERIC = """
description | text | about | What is it?
role | text | about | What does it do in the story?
related | references | about | What belongs to it?
"""


def _read(table: str) -> Mapping[str, BaseField]:
    fields: dict[str, BaseField] = {}
    for line in table.strip().splitlines():
        name, kind, group, prompt = (each.strip() for each in line.split("|"))
        fields[name] = BaseField(_KINDS[kind], prompt, group)
    return fields


BASES: Mapping[str, Mapping[str, BaseField]] = {
    "character": _read(_CHARACTER),
    "location": _read(_LOCATION),
    "faction": _read(_FACTION),
    "item": _read(_ITEM),
    "magic_system": _read(_MAGIC),
    "event": _read(_EVENT),
    "culture": _read(_CULTURE),
    "concept": _read(_CONCEPT),
    "thread": _read(_THREAD),
    "calendar": _read(_CALENDAR),
}
GENERIC: Mapping[str, BaseField] = _read(_GENERIC)
