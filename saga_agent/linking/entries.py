"""The entries of a story bible as a host hands them over, read and checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from saga_agent.errors import InvalidInput
from saga_agent.linking.mention import KINDS, Kind
from saga_agent.linking.variants import clean_name


@dataclass(frozen=True, slots=True)
class Name:
    """A name or alias of an entry."""

    text: str
    as_written: bool = False
    """Matches in no other case than its own."""
    exclude: tuple[str, ...] = ()
    """Phrases that hold the name but mean something else."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entity of the bible: its names, the canonical one first."""

    id: str
    kind: Kind
    names: tuple[Name, ...]


def read_entries(entries: Iterable[Mapping[str, object]]) -> Iterator[Entry]:
    """The entries, checked; raises InvalidInput naming the first that cannot be used."""
    seen: set[str] = set()
    for place, entry in enumerate(entries, start=1):
        entity_id = entry.get("id")
        if not isinstance(entity_id, str) or not entity_id.strip():
            raise InvalidInput(f"Entry {place} of the bible has no id; give it a text that no other entry has.")
        if entity_id in seen:
            raise InvalidInput(f"Entry {place} of the bible repeats the id {entity_id!r}; give each entity its own id.")
        seen.add(entity_id)
        yield Entry(entity_id, _read_kind(entity_id, entry.get("kind")), tuple(_read_names(entity_id, entry)))


def _read_kind(entity_id: str, given: object) -> Kind:
    for kind in KINDS:
        if kind == given:
            return kind
    raise InvalidInput(f"Entry {entity_id!r} of the bible has the kind {given!r}; use one of {', '.join(KINDS)}.")


def _read_names(entity_id: str, entry: Mapping[str, object]) -> Iterator[Name]:
    yield Name(_read_text(entity_id, "name", entry.get("name")))
    for alias in _read_list(entity_id, "aliases", entry.get("aliases")):
        if isinstance(alias, str):
            yield Name(_read_text(entity_id, "alias", alias))
            continue
        excluded = _read_list(entity_id, "exclude", _field(alias, "exclude"))
        yield Name(
            _read_text(entity_id, "alias", _field(alias, "text")),
            as_written=bool(_field(alias, "case_sensitive")),
            exclude=tuple(_read_text(entity_id, "excluded phrase", phrase) for phrase in excluded),
        )


def _field(alias: object, name: str) -> object:
    if isinstance(alias, Mapping):
        return cast("Mapping[str, object]", alias).get(name)
    return getattr(alias, name, None)


def _read_list(entity_id: str, what: str, given: object) -> Iterable[object]:
    if given is None:
        return ()
    if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
        raise InvalidInput(f"Entry {entity_id!r} of the bible has {what} that are not a list; write them as a list.")
    return cast("Iterable[object]", given)


def _read_text(entity_id: str, what: str, given: object) -> str:
    cleaned = clean_name(given) if isinstance(given, str) else ""
    if not cleaned:
        raise InvalidInput(f"Entry {entity_id!r} of the bible has a blank {what}; name it, or leave it out.")
    return cleaned
