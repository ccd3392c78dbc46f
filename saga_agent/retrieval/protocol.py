"""What retrieval is to the rest of the library, and what it needs of an index of vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from saga_agent.domain.journal import Hit, Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The project that is searched or kept up, and whose it is; nothing outside of it is ever found."""

    owner_id: str
    project_id: str


class Retriever(Protocol):
    """Finds passages of a project, and hears of what becomes of its documents."""

    async def search(self, scope: Scope, query: str, *, limit: int = 10) -> Sequence[Hit]:
        """The best passages for a query in plain words, best first.

        Raises: `StorageError` of the journal; an index beside it that fails only makes the answer poorer.
        """
        ...

    def changed(self, scope: Scope, document_id: str) -> None:
        """Tells that the document's passages were replaced, or taken out; what is to be done is done later."""
        ...

    async def settle(self) -> None:
        """Returns when all that was told can be found.

        Raises: `StorageUnavailable`, `ModelError` when it cannot be for now; it is tried again all the same.
        """
        ...

    async def purge(self, scope: Scope) -> None:
        """Forgets the project; `StorageUnavailable`. May be repeated."""
        ...

    def notice(self, owner_id: str) -> str:
        """What the owner should know of searches that fail, once for each time that it begins; else empty."""
        ...

    async def is_well(self) -> bool:
        """Whether everything that takes part in a search can be reached, as far as it is known."""
        ...

    async def close(self) -> None:
        """Stops what is under way, and lets go of connections; may be repeated."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedVector:
    """A passage's vector and where the passage lies."""

    stretch: Stretch
    vector: Sequence[float]


class VectorIndex(Protocol):
    """Vectors of one embedding model, by document.

    It may lag behind the manuscript: it holds no words, and what it finds is looked up in the journal.

    Every verb may raise `StorageUnavailable`. A `replace` or `purge` that was cut off is completed by its repetition.
    """

    async def replace(self, scope: Scope, document_id: str, vectors: Sequence[PlacedVector]) -> None:
        """Puts these, which are of one revision of the document, in place of its vectors; none takes it out."""
        ...

    async def search(self, scope: Scope, vector: Sequence[float], *, limit: int = 10) -> Sequence[Stretch]:
        """Where the passages of the scope with the nearest vectors by cosine lie, the nearest first."""
        ...

    async def revisions(self, scope: Scope) -> Mapping[str, int]:
        """Document id -> the revision that is held whole."""
        ...

    async def purge(self, scope: Scope) -> None:
        """Removes all vectors of the project, whoever's it was when they were stored; may be repeated."""
        ...

    async def is_reachable(self) -> bool:
        """Whether it answers."""
        ...

    async def close(self) -> None:
        """Lets go of connections; a later verb makes new ones. May be repeated."""
        ...
