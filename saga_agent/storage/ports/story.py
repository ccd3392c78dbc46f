"""The story ports: what a host may own, one protocol per aggregate.

Every port is scoped by project: a record of another project does not exist for the caller. A port is small enough to
write over an existing table in an afternoon; `saga_agent.testing.storage` proves that it keeps its promises.

Promises of every port:
- `create` stores the record as it is given; an id that is taken raises `AlreadyExists` and changes nothing (an id of
  another project may count as taken or not).
- `create_many` stores up to `MOST_CREATED` records of one project in one step, all or none. A host may leave it out;
  its records are then created one by one, and taken back when one of them is refused.
- `update` stores the record with `rev = expected_rev + 1` if the stored revision is `expected_rev`, else raises
  `Conflict`; of several racing updates exactly one wins.
- `delete` removes one record; `purge` removes all of a project and may be repeated.
- `get` and `update` and `delete` raise `NotFound` for an unknown id.
- `list` gives pages in a stable order; the cursor of a page stays valid while records come and go.
- Ids, owners and the values of filters are compared as they are: case, accents and spaces matter, `%` and `_` stand
  for themselves. An order by id is that of code points (`COLLATE "C"` in PostgreSQL, `BINARY` in SQLite).
- No verb holds up the event loop: what waits for a disk or a network waits in a thread or a coroutine.
- Every verb is atomic: it happens whole or not at all, also when its task is cancelled.
"""

# A verb of a protocol is its docstring; there is no body that could return.
# pyright: reportReturnType=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from saga_agent.domain.document import Document, DocumentHead
from saga_agent.domain.entity import Entity, Fact, Relationship
from saga_agent.domain.notes import Appearance, Capture, Decision, Mention, Presence, Proposal, Waiver
from saga_agent.domain.project import Project
from saga_agent.domain.record import Page, Record, Revisions

R = TypeVar("R", bound=Record)
MOST_CREATED: Final = 500
"""How many records one `create_many` takes."""


class Projects(Protocol):
    """The projects of all owners; an owner's view is `list(owner_id)` and a check of `owner_id` by the caller."""

    async def create(self, project: Project) -> Project:
        """Stores a new project; `AlreadyExists` if its id is taken."""

    async def get(self, project_id: str) -> Project:
        """The project; `NotFound`."""

    async def list(self, owner_id: str, *, after: str | None = None, limit: int = 100) -> Page[Project]:
        """The owner's projects, ordered by id."""

    async def update(self, project: Project, *, expected_rev: int) -> Project:
        """Stores the change, gives the project at its new revision; `NotFound`, `Conflict`."""

    async def delete(self, project_id: str) -> None:
        """Removes the project's own row; its records are purged by the library before; `NotFound`."""


class Records(Protocol[R]):
    """The verbs that most ports share; `where` takes the fields a port lists as its filters, all must match."""

    async def create(self, record: R) -> R:
        """Stores a new record; `AlreadyExists` if its id is taken."""

    async def create_many(self, records: Sequence[R]) -> Sequence[R]:
        """Stores new records of one project, all or none; `AlreadyExists` names an id that is taken or comes twice."""

    async def get(self, project_id: str, record_id: str) -> R:
        """The record; `NotFound`."""

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[R]:
        """A page of the records that match, ordered by id."""

    async def update(self, record: R, *, expected_rev: int) -> R:
        """Stores the change, gives the record at its new revision; `NotFound`, `Conflict`."""

    async def delete(self, project_id: str, record_id: str) -> None:
        """Removes the record; `NotFound`."""

    async def purge(self, project_id: str) -> None:
        """Removes all records of the project; may be repeated."""


class Documents(Protocol):
    """The manuscript. Filters: `kind`, `parent_id`. Lists leave the text out, as `Document.head()` does."""

    async def create(self, record: Document) -> Document:
        """Stores a new document; `AlreadyExists` if its id is taken."""

    async def create_many(self, records: Sequence[Document]) -> Sequence[Document]:
        """Stores new documents of one project, all or none; `AlreadyExists` names an id taken, or given twice."""

    async def get(self, project_id: str, record_id: str) -> Document:
        """The document with its text; `NotFound`."""

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 100
    ) -> Page[DocumentHead]:
        """A page of the heads that match, in reading order, then by id."""

    async def update(self, record: Document, *, expected_rev: int) -> Document:
        """Stores the change, gives the document at its new revision; `NotFound`, `Conflict`."""

    async def delete(self, project_id: str, record_id: str) -> None:
        """Removes the document; `NotFound`."""

    async def purge(self, project_id: str) -> None:
        """Removes all documents of the project; may be repeated."""


class Entities(Records[Entity], Protocol):
    """The story bible. Filters: `type`, `ai_visibility`."""

    async def named(self, project_id: str, words: Sequence[str], *, limit: int = 100) -> Sequence[Entity]:
        """The entities with one of these words in their name or an alias, those with most of them first, then by id.

        The words are different from each other and folded; they are compared with `Entity.name_words`. No words, no
        entities.
        """

    async def revisions(self, project_id: str, *, since: str | None = None) -> Revisions:
        """The revision of each entity; with the `mark` of an earlier answer, what is different since then.

        The whole is always a right answer, and where the port keeps no account the only one. A port that was written
        before this verb need not have it: the library reads its lists instead, at each look.
        """
        ...


class Relationships(Records[Relationship], Protocol):
    """Ties between entities. Filters: `source_id`, `target_id`, `type`."""


class Facts(Records[Fact], Protocol):
    """What is true of whom, and when. Filters: `subject_id`, `predicate`, `status`."""


class Captures(Records[Capture], Protocol):
    """Notes, clips and images. Filters: `kind`."""


class Decisions(Records[Decision], Protocol):
    """What was settled. No filters."""


class Proposals(Records[Proposal], Protocol):
    """Changes offered to the writer. Filters: `status`, `target_id`."""


class Waivers(Records[Waiver], Protocol):
    """Findings accepted as they are. Filters: `code`."""


class Presences(Records[Presence], Protocol):
    """Who is where. Filters: `document_id`."""


class Mentions(Protocol):
    """The names in the text, replaced document by document. Filters: `document_id`, `entity_id`."""

    async def replace(self, project_id: str, document_id: str, mentions: Sequence[Mention]) -> None:
        """Puts these, which are of that document, in place of all its mentions, in one step."""

    async def list(
        self, project_id: str, *, where: Mapping[str, str] | None = None, after: str | None = None, limit: int = 1000
    ) -> Page[Mention]:
        """A page of the mentions that match, by document id, then by position."""

    async def count(self, project_id: str, *, document_id: str | None = None) -> Sequence[Appearance]:
        """How often each entity and each unknown name appears in each document, by document id and first position.

        Mentions with an entity are counted by entity (`group` is None then), others by their group.
        """

    async def purge(self, project_id: str) -> None:
        """Removes all mentions of the project; may be repeated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPorts:
    """One implementation for each story port."""

    projects: Projects
    documents: Documents
    entities: Entities
    relationships: Relationships
    facts: Facts
    mentions: Mentions
    captures: Captures
    decisions: Decisions
    proposals: Proposals
    waivers: Waivers
    presence: Presences


OPTIONAL_VERBS: Final = frozenset({"create_many", "revisions"})
"""What a host's port may do without: the library makes up for it, at a cost."""
FILTERS: Mapping[str, tuple[str, ...]] = {
    "documents": ("kind", "parent_id"),
    "entities": ("type", "ai_visibility"),
    "relationships": ("source_id", "target_id", "type"),
    "facts": ("subject_id", "predicate", "status"),
    "mentions": ("document_id", "entity_id"),
    "captures": ("kind",),
    "decisions": (),
    "proposals": ("status", "target_id"),
    "waivers": ("code",),
    "presence": ("document_id",),
}
"""The fields each port's `list` can match; another field in `where` raises `InvalidInput`."""
