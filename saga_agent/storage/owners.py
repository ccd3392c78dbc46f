"""What the journal keeps of each owner: the project of those who name none."""

from __future__ import annotations

from typing import Protocol


class Owners(Protocol):
    """One row an owner; owners are told apart by code point."""

    async def find_default_project(self, owner_id: str) -> str | None:
        """The id of the project that an owner means who names none; None when nothing was claimed for them."""
        ...

    async def claim_default_project(self, owner_id: str, project_id: str, *, instead_of: str | None) -> str:
        """Makes it the owner's default project, unless there is another one than `instead_of` already.

        Gives the default project as it is then: of several racing claims one wins, and all are told the same.
        """
        ...
