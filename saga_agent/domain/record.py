"""What every story record has: an id, a project, a revision, and where it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue

JsonObject = dict[str, JsonValue]
T = TypeVar("T")


class Model(BaseModel):
    """Frozen, and strict about names: a misspelt field is an error, never dropped."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")


class Provenance(Model):
    """Who made a record: a writer, an import, or an agent's tool call."""

    by: Literal["writer", "import", "agent", "analysis"] = "writer"
    run_id: str | None = None
    call_id: str | None = None
    agent: str | None = None
    source: str | None = None
    """A file name, a URL or a document id, as `by` suggests."""


class Record(Model):
    """A story record: one row of a port, changed only through its revision."""

    id: str
    project_id: str
    rev: int = Field(default=1, ge=1)
    """Starts at 1 and grows by one with each change."""
    provenance: Provenance = Provenance()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `next` is the cursor of the page after it, None at the end."""

    items: tuple[T, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Revisions:
    """The revisions of a project's records, or what of them is different from an earlier answer."""

    held: Mapping[str, int]
    """By id, the revision that is stored."""
    mark: str | None = None
    """What asks for the differences from this answer; None where a port keeps no account of them."""
    gone: frozenset[str] = frozenset()
    """The ids of records that are no longer there."""
    is_whole: bool = True
    """Whether `held` has all records; else it has those that came or changed, and some that did not, perhaps."""


def canonical_json(value: JsonValue) -> str:
    """The one JSON text of a value: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def content_hash(value: JsonValue) -> str:
    """SHA-256 of the canonical JSON, as 64 hex digits."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
