"""Lore entries: one text of a lorebook with the keys that call it, in the spellings files use.

Two spellings are written: that of SillyTavern's World Info and that of the books in character cards. Files in the wild
mix them and bring others (NovelAI, Agnai, RisuAI), so every field is looked for under all the names it goes by, and a
change is written back where the field was found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, get_args

from pydantic import Field, JsonValue

from saga_agent.domain.record import JsonObject, Model
from saga_agent.formats.jsonfile import as_json

Dialect = Literal["world_info", "card"]
SecondaryLogic = Literal["and_any", "not_all", "not_any", "and_all"]

_LOGICS: tuple[SecondaryLogic, ...] = get_args(SecondaryLogic)
_MAX_DIGITS = 16
_REGEX_KEY = re.compile(r"/.+/[a-z]*", re.DOTALL)
_SPELLINGS: dict[Dialect, dict[str, str]] = {
    "world_info": {
        "title": "comment",
        "keys": "key",
        "secondary_keys": "keysecondary",
        "content": "content",
        "selective": "selective",
        "secondary_logic": "selectiveLogic",
        "constant": "constant",
        "enabled": "disable",
        "order": "order",
    },
    "card": {
        "title": "name",
        "keys": "keys",
        "secondary_keys": "secondary_keys",
        "content": "content",
        "selective": "selective",
        "constant": "constant",
        "enabled": "enabled",
        "order": "insertion_order",
        "use_regex": "use_regex",
    },
}
_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("name", "comment", "displayName", "title"),
    "keys": ("keys", "key", "keywords"),
    "secondary_keys": ("secondary_keys", "keysecondary", "secondkey", "secondaryKeys"),
    "content": ("content", "entry", "text"),
    "selective": ("selective",),
    "secondary_logic": ("selectiveLogic",),
    "constant": ("constant", "alwaysActive", "forceActivation"),
    "enabled": ("enabled", "disable"),
    "order": ("insertion_order", "order", "insertorder"),
    "use_regex": ("use_regex", "useRegex"),
}
"""Every name a field goes by; the name of the book's own spelling is looked for first."""
_KINDS: dict[str, tuple[type[object], ...]] = {
    "title": (str,),
    "keys": (list, str),
    "secondary_keys": (list, str),
    "content": (str,),
    "selective": (bool,),
    "secondary_logic": (int,),
    "constant": (bool,),
    "enabled": (bool,),
    "order": (int,),
    "use_regex": (bool,),
}


class LoreEntry(Model):
    """A text of a lorebook and when it is called."""

    uid: str
    """Its key among the entries, or its place in the list."""
    title: str = ""
    keys: tuple[str, ...] = ()
    """Any of them calls it."""
    secondary_keys: tuple[str, ...] = ()
    secondary_logic: SecondaryLogic = "and_any"
    selective: bool = False
    """Whether the secondary keys count."""
    content: str = ""
    constant: bool = False
    """Whether it is there without being called."""
    enabled: bool = True
    order: int = 100
    use_regex: bool = False
    """Whether all keys are regular expressions; the other spelling of that is `/key/flags`."""
    raw: JsonObject = Field(default_factory=dict[str, JsonValue])
    """The entry as it was read; its unknown fields are written back."""
    unread: tuple[str, ...] = ()
    """Fields of a kind that was not expected; they stay as they are while their value here is not changed."""

    @property
    def regex_keys(self) -> tuple[str, ...]:
        """The keys that are regular expressions: never run here, for a hostile one never ends."""
        keys = (*self.keys, *self.secondary_keys)
        return keys if self.use_regex else tuple(key for key in keys if _REGEX_KEY.fullmatch(key))

    def without_place(self, source: Dialect, target: Dialect) -> tuple[str, ...]:
        """The names of its fields in the one spelling that say something and do not exist in the other."""
        known = {name for names in _NAMES.values() for name in names} | {"uid", "id"}
        unknown = [key for key, value in self.raw.items() if key not in known and value not in (None, "", [], {})]
        missing = _SPELLINGS[source].keys() - _SPELLINGS[target].keys()
        default = LoreEntry(uid=self.uid)
        said = [_SPELLINGS[source][field] for field in missing if getattr(self, field) != getattr(default, field)]
        return (*unknown, *said)


def dialect_of(entries: Iterable[JsonValue]) -> Dialect:
    """The spelling that most of the raw entries are written in, by their own fields; World Info when they are even."""
    found = [_leaning(entry) for entry in entries if isinstance(entry, dict)]
    return "card" if sum(found) > 0 else "world_info"


def read_entry(uid: str, raw: JsonObject, *, dialect: Dialect) -> LoreEntry:
    """The entry in a JSON object; what is missing or of the wrong kind counts as its default."""
    places = {field: _place(raw, field, dialect) for field in _NAMES}
    order = raw.get(places["order"])
    return LoreEntry(
        uid=uid,
        title=_text(raw.get(places["title"])),
        keys=_list(raw.get(places["keys"])),
        secondary_keys=_list(raw.get(places["secondary_keys"])),
        secondary_logic=_logic(raw.get(places["secondary_logic"])),
        selective=raw.get(places["selective"]) is True,
        content=_text(raw.get(places["content"])),
        constant=raw.get(places["constant"]) is True,
        enabled=raw.get("disable") is not True and raw.get("enabled") is not False,
        order=order if isinstance(order, int) and not isinstance(order, bool) else 100,
        use_regex=raw.get(places["use_regex"]) is True,
        raw=raw,
        unread=tuple(key for field, key in places.items() if not _is_understood(field, raw.get(key))),
    )


def spell_entry(entry: LoreEntry, *, dialect: Dialect) -> JsonObject:
    """The entry as a JSON object: as it was read, but for the fields that have changed."""
    before = read_entry(entry.uid, entry.raw, dialect=dialect)
    spelled = dict(entry.raw)
    for field in _NAMES:
        is_new = not entry.raw and field in _SPELLINGS[dialect]
        if not is_new and getattr(entry, field) == getattr(before, field):
            continue
        place = _place(entry.raw, field, dialect)
        spelled[place] = _spell(entry, field, like=entry.raw.get(place))
        if field == "enabled":  # both of its names may be there, and they must agree
            spelled |= {name: entry.enabled is (name == "enabled") for name in _NAMES["enabled"] if name in spelled}
    if not entry.raw and dialect == "world_info":
        spelled["uid"] = int(entry.uid) if entry.uid.isdecimal() and len(entry.uid) < _MAX_DIGITS else entry.uid
    elif not entry.raw:
        spelled["extensions"] = {}
    return spelled


def _leaning(raw: JsonObject) -> int:
    """How many more fields of the card's spelling than of World Info's the entry has."""
    card, world = _SPELLINGS["card"], _SPELLINGS["world_info"]
    apart = [field for field in card if field in world and card[field] != world[field] and field != "title"]
    return sum(card[field] in raw for field in apart) - sum(world[field] in raw for field in apart)


def _place(raw: JsonObject, field: str, dialect: Dialect) -> str:
    """The name under which the entry has the field: one that says something before one that is there but empty."""
    own = _SPELLINGS[dialect].get(field, _NAMES[field][0])
    names = (own, *(name for name in _NAMES[field] if name != own))
    said = (name for name in names if raw.get(name) not in (None, "", []))
    there = (name for name in names if raw.get(name) is not None)
    return next(said, next(there, own))


def _spell(entry: LoreEntry, field: str, *, like: JsonValue) -> JsonValue:
    """The field as JSON; the list of keys in the form it had, which some apps write as one text with commas."""
    if field in ("keys", "secondary_keys"):
        keys: tuple[str, ...] = getattr(entry, field)
        return ", ".join(keys) if isinstance(like, str) and not any("," in key for key in keys) else as_json(keys)
    if field == "secondary_logic":
        return _LOGICS.index(entry.secondary_logic)
    if field == "enabled":
        return entry.enabled
    value: JsonValue = getattr(entry, field)
    return value


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _list(value: JsonValue) -> tuple[str, ...]:
    if isinstance(value, str):
        is_one = _REGEX_KEY.fullmatch(value.strip()) is not None  # a comma in an expression divides nothing
        return tuple(key for part in ([value] if is_one else value.split(",")) if (key := part.strip()))
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def _logic(value: JsonValue) -> SecondaryLogic:
    for number, logic in enumerate(_LOGICS):
        if value == number:
            return logic
    return "and_any"


def _is_understood(field: str, value: JsonValue) -> bool:
    if isinstance(value, list):
        return list in _KINDS[field] and all(isinstance(item, str) for item in value)
    if isinstance(value, bool):
        return bool in _KINDS[field]
    return value is None or isinstance(value, _KINDS[field])
