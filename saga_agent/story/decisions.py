"""Decisions: what was settled, in a log that only grows, and the facts that follow from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from saga_agent.domain.entity import Fact
from saga_agent.domain.notes import Decision
from saga_agent.errors import Contradiction, InvalidInput, NotFound
from saga_agent.story.access import OwnerPorts
from saga_agent.story.axes import clashes_with
from saga_agent.story.facts import FactService
from saga_agent.story.moments import Moment
from saga_agent.story.records import RecordService


@dataclass(frozen=True, slots=True)
class Committed:
    """What a decision settled, and which facts it ended."""

    decision: Decision
    facts: tuple[Fact, ...]
    closed: tuple[Fact, ...]


class DecisionService(RecordService[Decision, Decision]):
    """The decisions of one owner's projects."""

    def __init__(self, access: OwnerPorts, facts: FactService) -> None:
        super().__init__(access, access.ports.decisions, Decision, "dec")
        self._facts = facts

    async def commit(self, decision: Decision, facts: Sequence[Fact], moment: Moment) -> Committed:
        """Stores the decision with its facts, and ends what it supersedes from that moment on.

        All is checked before anything is stored, and the same commit again changes nothing.

        Raises: `InvalidInput` for one that is about nothing, `NotFound` for one it supersedes, `Contradiction` with
            the ids of the earlier decision and facts.
        """
        if not decision.subject_ids and not facts:
            raise InvalidInput("A decision needs a subject or a fact; say whom or what it is about.")
        if done := await self._repeated(decision, facts):
            return done
        closing = await self._superseded(decision)
        if any(clashes_with(fact, facts) for fact in facts):
            raise InvalidInput("Two facts of this decision contradict each other; keep one.")
        clashing = [clash for fact in facts for clash in await self._facts.clashes(fact.project_id, fact)]
        ends = {fact.id for fact in closing}
        if left := [fact for fact in clashing if fact.id not in ends and fact.decision_id != decision.id]:
            old = left[0]
            decided = [fact.decision_id for fact in left if fact.decision_id]
            held = "settled" if old.hidden_from_ai else repr(old.value)
            raise Contradiction(
                f"{old.predicate} is {held} already; supersede {old.decision_id or old.id} to change it.",
                [*dict.fromkeys(decided), *(fact.id for fact in left)],
            )
        stored = await self.find(decision.project_id, decision.id)
        if stored is None:
            stored = await self.create_record(decision)
        made = tuple([await self._facts.create_record(fact) for fact in facts])
        closed = tuple([await self._facts.end(fact, moment) for fact in closing])
        await self._mark(stored)
        return Committed(stored, made, closed)

    async def _repeated(self, decision: Decision, facts: Sequence[Fact]) -> Committed | None:
        """What is stored, when this decision was committed before, whole; `Contradiction` when another was."""
        stored = await self.find(decision.project_id, decision.id)
        if stored is None:
            return None
        content = {"decision", "rationale", "subject_ids", "supersedes"}
        if stored.model_dump(include=content) != decision.model_dump(include=content):
            raise Contradiction(
                f"Another decision was committed under the key {decision.idempotency_key!r}; choose another key.",
                [stored.id],
            )
        found = [await self._facts.find(fact.project_id, fact.id) for fact in facts]
        made = tuple(fact for fact in found if fact is not None)
        return Committed(stored, made, ()) if len(made) == len(found) and await self._is_marked(stored) else None

    async def _superseded(self, decision: Decision) -> list[Fact]:
        """The facts that end with what the decision supersedes: a decision's, or one fact by itself."""
        if decision.supersedes is None:
            return []
        old = await self.find(decision.project_id, decision.supersedes)
        if old is None:
            fact = await self._facts.find(decision.project_id, decision.supersedes)
            if fact is None:
                raise NotFound("decision", decision.supersedes, hint="Name a decision or a fact by its id.")
            return [fact]
        if old.superseded_by not in (None, decision.id):
            head = await self._head(old)
            raise Contradiction(f"{old.id} was superseded already; supersede {head.id} instead.", [head.id])
        return [
            fact
            async for fact in self._facts.all(decision.project_id)
            if fact.decision_id == old.id and fact.status == "accepted"
        ]

    async def _head(self, decision: Decision) -> Decision:
        """The last decision of the chain."""
        seen = {decision.id}
        while decision.superseded_by is not None and decision.superseded_by not in seen:
            seen.add(decision.superseded_by)
            decision = await self.get(decision.project_id, decision.superseded_by)
        return decision

    async def _is_marked(self, decision: Decision) -> bool:
        """Whether what the decision supersedes says so, which is the last thing a commit stores."""
        if decision.supersedes is None:
            return True
        old = await self.find(decision.project_id, decision.supersedes)
        return old is None or old.superseded_by is not None

    async def _mark(self, decision: Decision) -> None:
        if not await self._is_marked(decision):
            await self.update(decision.project_id, str(decision.supersedes), superseded_by=decision.id)
