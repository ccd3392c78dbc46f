"""A story bible compiled for linking: every form of every name, in one automaton."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from saga_agent.linking.entries import Entry, Name, read_entries
from saga_agent.linking.given_names import given_name_gender
from saga_agent.linking.mention import Kind
from saga_agent.linking.titles import Gender, title_gender
from saga_agent.linking.variants import Form, forms_of, full_names, spellings

_CROWD = 50
"""Further namesakes are not looked at: by then nothing tells them apart, and linking stays linear."""
NameKey = tuple[str, str]
"""An entity's id and one of its names: exclusions belong to a name, not to an entity."""


@dataclass(frozen=True, slots=True, eq=False)
class Owner:
    """An entity as linking sees it."""

    id: str
    kind: Kind
    gender: Gender | None
    given: str | None
    """The first word of its full name, if the bible holds a name of several words."""


class NameClaim(NamedTuple):
    """One owner's right to a form, by one of its names."""

    owner: Owner
    form: Form
    key: NameKey


@dataclass(frozen=True, slots=True)
class Bible:
    """Names ready for `link`: made by `compile_bible`, never changed, safe to share between threads."""

    automaton: AhoCorasick | None
    """None for a bible without entries."""
    claims: Sequence[tuple[NameClaim, ...]]
    """For each pattern, who may own it."""
    exclusions: Sequence[frozenset[NameKey]]
    """For each pattern, the names that it forbids within its span."""


@dataclass(frozen=True, slots=True)
class Spelled:
    """What one entry adds to a bible."""

    claims: dict[str, list[NameClaim]] = field(default_factory=dict[str, list[NameClaim]])
    """By spelling, the rights of its owner, in the order of its names."""
    exclusions: dict[str, set[NameKey]] = field(default_factory=dict[str, set[NameKey]])
    """By spelling of an excluded phrase, the names that it forbids."""


def compile_bible(entries: Iterable[Mapping[str, object]]) -> Bible:
    """The bible made of `{id, kind, name, aliases}` entries.

    An alias is a string, or a mapping or object with `text`, `case_sensitive` and `exclude`. A name matches as
    written and in capitals; one written in small letters, in any case; a case-sensitive alias, only as written.

    Raises:
        InvalidInput: A name is blank, a kind unknown or an id used before; the message names the entry.
    """
    return merge(spell(entry) for entry in read_entries(entries))


def spell(entry: Entry) -> Spelled:
    """All spellings of an entry's names, and of the phrases that they exclude."""
    spelled = Spelled()
    forms = [list(forms_of(name.text, entry.kind)) for name in entry.names]
    every = list(chain.from_iterable(forms))
    owner = _owner(entry, every)
    if owner.kind == "character":
        _claim_forms(spelled.claims, owner, Name(entry.names[0].text), full_names(every))
    for name, its_forms in zip(entry.names, forms, strict=True):
        _claim_forms(spelled.claims, owner, name, its_forms)
        for phrase in name.exclude:
            for spelling in {phrase, phrase.lower(), phrase.upper(), phrase[0].upper() + phrase[1:]}:
                spelled.exclusions.setdefault(spelling, set()).add((entry.id, name.text))
    return spelled


def merge(entries: Iterable[Spelled]) -> Bible:
    """The bible of these entries; of many namesakes the first ones count."""
    claims: defaultdict[str, list[NameClaim]] = defaultdict(list)
    exclusions: defaultdict[str, set[NameKey]] = defaultdict(set)
    for entry in entries:
        for spelling, own in entry.claims.items():
            held = claims[spelling]
            held += own[: _CROWD - len(held)]
        for spelling, keys in entry.exclusions.items():
            exclusions[spelling] |= keys
    return _compile(claims, exclusions)


def _claim_forms(claims: dict[str, list[NameClaim]], owner: Owner, name: Name, forms: Iterable[Form]) -> None:
    for form in dict.fromkeys(forms):
        claim = NameClaim(owner, form, (owner.id, name.text))
        for spelling in spellings(form.text, owner.kind, as_written=name.as_written):
            claims.setdefault(spelling, []).append(claim)


def _compile(claims: Mapping[str, list[NameClaim]], exclusions: Mapping[str, set[NameKey]]) -> Bible:
    patterns = sorted({*claims, *exclusions})
    if not patterns:
        return Bible(None, (), ())
    return Bible(
        AhoCorasick(
            patterns,
            matchkind=MatchKind.Standard,  # the one kind that reports names within names
            store_patterns=False,
            implementation=Implementation.ContiguousNFA,
        ),
        [tuple(claims.get(pattern, ())) for pattern in patterns],
        [frozenset(exclusions.get(pattern, ())) for pattern in patterns],
    )


def _owner(entry: Entry, forms: Sequence[Form]) -> Owner:
    if entry.kind != "character":
        return Owner(entry.id, entry.kind, gender=None, given=None)
    full = next((form.text.split()[0] for form in forms if " " in form.text), None)
    return Owner(entry.id, entry.kind, _gender(forms), full)


def _gender(forms: Sequence[Form]) -> Gender | None:
    """What the titles in the bible tell, else what the given names do; nothing when they disagree."""
    by_title: set[Gender] = {gender for form in forms for title in form.titles if (gender := title_gender(title))}
    first_words = [form.text.split()[0] for form in forms if not form.is_surname]
    by_name: set[Gender] = {gender for word in first_words if (gender := given_name_gender(word))}
    told = by_title or by_name
    return told.pop() if len(told) == 1 else None
