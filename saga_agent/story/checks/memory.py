"""What checks remember: in the journal which findings were open, in the process what was found in unchanged texts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from saga_agent.analyses.checks import CheckOutcome
from saga_agent.analyses.issues import IssueChange, changes
from saga_agent.clock import Clock
from saga_agent.domain.finding import Finding
from saga_agent.domain.snapshot import Snapshot
from saga_agent.errors import InvalidInput
from saga_agent.storage.ports.journal import Snapshots

_CACHED_DOCUMENTS = 2_000


class DocumentCache:
    """What checks found in documents, by a hash of all they looked at; shared by all who check in this process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, CheckOutcome] = OrderedDict()

    def find(self, key: str) -> CheckOutcome | None:
        """What was found, if it is still known."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def keep(self, key: str, checked: CheckOutcome) -> None:
        """Remembers it, and forgets what was asked for longest ago."""
        self._kept[key] = checked
        while len(self._kept) > _CACHED_DOCUMENTS:
            self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An earlier check to compare with."""

    before: Snapshot | None
    warnings: tuple[str, ...] = ()

    def changes(self, found: Iterable[Finding]) -> IssueChange:
        """What is new and what is fixed; nothing where there is nothing to compare with."""
        now = {each.id for each in found}
        return changes(now if self.before is None else self.before.finding_ids, now)


class CheckMemory:
    """The findings of earlier checks, kept in the journal."""

    def __init__(self, snapshots: Snapshots, clock: Clock) -> None:
        self._snapshots, self._clock = snapshots, clock

    async def before(self, project_id: str, scope: str, since: int | None) -> Comparison:
        """The check of that revision, or the last one; `InvalidInput` for a revision that is still to come."""
        last = await self._snapshots.find(project_id, scope)
        if since is None:
            return Comparison(last)
        newest = last.rev if last else 0
        if since > newest:
            raise InvalidInput(
                f"since: the last check has revision {newest}. Leave it out to compare with the last check."
            )
        found = await self._snapshots.find(project_id, scope, rev=since)
        gone = f"The check of revision {since} is not known any more; nothing is compared."
        return Comparison(found, () if found else (gone,))

    async def keep(self, project_id: str, scope: str, found: Iterable[Finding]) -> int:
        """Remembers what is open now; its revision is that of the last check when nothing has changed."""
        ids = tuple(sorted({each.id for each in found}))
        taken = Snapshot(project_id=project_id, scope=scope, finding_ids=ids, taken_at=self._clock.now())
        return (await self._snapshots.add(taken)).rev
