"""Choosing what a model is shown for a turn, and loading it again at every step of that turn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from saga_agent.context import card
from saga_agent.context.cast import choose_cast, load_cast
from saga_agent.context.history import Past, alternating, shown_of, shown_tokens
from saga_agent.context.manifest import EntityRef, Handover, Manifest, MessageRef, PassageRef
from saga_agent.context.summary import Summarizer
from saga_agent.domain.document import DocumentHead
from saga_agent.domain.entity import Entity
from saga_agent.domain.journal import Hit, Message, Run, Thread
from saga_agent.domain.project import Project
from saga_agent.errors import NotFound
from saga_agent.models.tokens import count_tokens
from saga_agent.storage.ports.journal import Threads
from saga_agent.storage.ports.story import Documents, StoryPorts
from saga_agent.story.service import StoryService

_MAX_PASSAGES = 4
_MAX_DOCUMENTS = 40
_PAGE = 50
_RECENT_MESSAGES = 2
_RECENT_CHARS = 2_000
"""How much of what was said before counts for who a turn is about."""
_MAX_UNSEEN = 200
_UNSEEN_PAGE = 10
"""Small: as a rule only a turn or two have gone out of sight since the last summary."""
_SUMMARY_SHARE = 4
"""A summary is written when a quarter of the history's budget has gone out of sight."""


class ContextBuilder:
    """Builds manifests for one owner's threads, and prompts from manifests."""

    def __init__(
        self,
        story: StoryService,
        threads: Threads,
        *,
        history_budget_tokens: int = 8_000,
        retrieves: bool = True,
        summarizer: Summarizer | None = None,
        place: tuple[Project, StoryPorts] | None = None,
    ) -> None:
        self._story, self._threads, self._summarizer = story, threads, summarizer
        self._history_budget_tokens, self._retrieves = history_budget_tokens, retrieves
        self._place = place
        """The project as it was when its owner was checked, and the ports to read it by."""
        self._read: dict[str, Message] = {}
        """Messages that were read for the manifest; what stands in a thread's past no longer changes."""
        self._cast: Sequence[Entity] | None = None
        """The entities that the manifest names, at its revisions; None when another builder made it."""
        self._quoted: dict[PassageRef, str] = {}
        """The words of the passages that this builder chose, at their revisions."""

    async def build(self, run: Run) -> Manifest:
        """The manifest of the run's turn."""
        page = await self._threads.messages(run.thread_id, limit=_PAGE)
        self._read |= {message.id: message for message in page}
        user = await self._message(run.user_message_id)
        await self._reading(run.project_id)
        (summary_until, history, entities, left_out), passages = await asyncio.gather(
            self._choose_talk_and_cast(run, user, page), self._choose_passages(run.project_id, user.text)
        )
        return Manifest(
            project_id=run.project_id,
            agent=run.agent,
            user_message_id=user.id,
            history=tuple(history),
            entities=tuple(entities),
            passages=tuple(passages),
            summary_until=summary_until,
            handover=self._handover(run, history),
            notice=self._notice(run),
            left_out=tuple(left_out),
            tokens=sum(ref.tokens for ref in (*history, *entities, *passages)),
        )

    async def load(self, manifest: Manifest, instructions: str) -> list[BaseMessage]:
        """The prompt: instructions and story card, the thread's past, the writer's message."""
        past = [each for ref in manifest.history for each in shown_of(await self._message(ref.id), ref)]
        user = await self._message(manifest.user_message_id)
        card_text = await self._card(manifest, user.thread_id)
        told = [instructions, *([manifest.handover.sentence] if manifest.handover else []), card_text]
        return [SystemMessage("\n\n".join(told)), *alternating([*past, HumanMessage(user.text)])]

    async def question(self, run: Run) -> Message:
        """What the run answers."""
        return await self._message(run.user_message_id)

    async def _reading(self, project_id: str) -> tuple[Project, StoryPorts]:
        if self._place is None:
            self._place = await self._story.reading(project_id)
        return self._place

    async def _message(self, message_id: str) -> Message:
        if message_id not in self._read:
            self._read[message_id] = await self._threads.message(message_id)
        return self._read[message_id]

    async def _choose_talk_and_cast(
        self, run: Run, user: Message, page: Sequence[Message]
    ) -> tuple[int, Sequence[MessageRef], Sequence[EntityRef], list[str]]:
        _, ports = await self._reading(run.project_id)
        history, left_out = await self._choose_history(run, user, page)
        # A talk that is in sight from its beginning needs no summary.
        summary_until = await self._summarize(run, user, history) if left_out else 0
        recent = [self._read[ref.id].text[-_RECENT_CHARS:] for ref in reversed(history[-_RECENT_MESSAGES:])]
        cast = await choose_cast(ports, run.project_id, [user.text, *recent])
        self._cast = [entity for entity, _ in cast.members]
        entities, without = card.refer(cast.members)
        if not cast.is_complete:
            left_out.append(f"entities beyond {len(entities)}")
        if without:
            left_out.append("descriptions of " + ", ".join(without))
        return summary_until, history, entities, left_out

    async def _choose_history(
        self, run: Run, user: Message, page: Sequence[Message]
    ) -> tuple[list[MessageRef], list[str]]:
        """The newest messages before the user's that fit the budget, oldest first, beginning with a user's.

        `page` is the thread's newest messages.
        """
        past = Past(self._history_budget_tokens)
        while page:
            for message in reversed(page):
                if (message.order, message.step_order) >= (user.order, user.step_order):
                    continue
                self._read[message.id] = message
                if not past.take(message):
                    return past.refs(), [f"messages before turn {message.order + 1}", *past.left_out()]
            if len(page) < _PAGE:
                break
            oldest = (page[0].order, page[0].step_order)
            page = await self._threads.messages(run.thread_id, before=oldest, limit=_PAGE)
        return past.refs(), past.left_out()

    async def _summarize(self, run: Run, user: Message, history: Sequence[MessageRef]) -> int:
        """Up to which turn the thread's summary goes, once it is up to date with what has gone out of sight."""
        thread = await self._threads.get(run.thread_id)
        if self._summarizer is None:
            return thread.summary_until
        first = self._read[history[0].id] if history else user
        # What is shown in part is out of sight as well.
        in_part = [self._read[ref.id].order + 1 for ref in history if ref.is_cut]
        unseen = await self._unseen(thread, before=max([first.order, *in_part]))
        tokens = sum(shown_tokens(message) for message in unseen)
        if not unseen or tokens * _SUMMARY_SHARE < self._history_budget_tokens:
            return thread.summary_until
        return (await self._summarizer.update(thread, unseen)).summary_until

    async def _unseen(self, thread: Thread, *, before: int) -> list[Message]:
        """The newest messages before that turn which no summary covers, oldest first."""
        unseen: list[Message] = []
        place = (before, 0)
        while len(unseen) < _MAX_UNSEEN and (
            page := await self._threads.messages(thread.id, before=place, limit=_UNSEEN_PAGE)
        ):
            fresh = [message for message in page if message.order > thread.summary_until]
            unseen[:0] = fresh
            if len(fresh) < _UNSEEN_PAGE:
                break
            place = (page[0].order, page[0].step_order)
        return unseen

    async def _choose_passages(self, project_id: str, text: str) -> list[PassageRef]:
        if not self._retrieves:
            return []
        project, _ = await self._reading(project_id)
        hits = await self._story.documents.search_in(project, text, limit=_MAX_PASSAGES)
        quoted = {_passage_ref(hit): hit.text for hit in hits}
        self._quoted.update(quoted)
        return list(quoted)

    def _notice(self, run: Run) -> str:
        """What the writer should know of the search; the turns of subagents are not read for it."""
        is_read = self._retrieves and run.parent_run_id is None
        return self._story.documents.search_notice() if is_read else ""

    async def _card(self, manifest: Manifest, thread_id: str) -> str:
        project, ports = await self._reading(manifest.project_id)
        if self._cast is None:
            self._cast = await load_cast(ports, project.id, [ref.id for ref in manifest.entities])
        heads = (await ports.documents.list(project.id, limit=_MAX_DOCUMENTS)).items
        lines = [f"Project: {project.name}", *card.known_names(self._cast), *card.documents(heads)]
        lines += card.descriptions(manifest, {entity.id: entity for entity in self._cast})
        if manifest.summary_until and (summary := (await self._threads.get(thread_id)).summary):
            lines.append(f"Earlier in this talk: {summary}")
        lines += await self._quotes(ports.documents, manifest, heads)
        return "\n".join(lines)

    def _handover(self, run: Run, history: Sequence[MessageRef]) -> Handover | None:
        """Set when the last answer that is in sight came from another agent."""
        past = (self._read[ref.id] for ref in reversed(history))
        last = next((message for message in past if message.role == "assistant"), None)
        if last is None or last.agent in (None, run.agent):
            return None
        return Handover(from_agent=last.agent, to_agent=run.agent, message_id=last.id)

    async def _quotes(self, documents: Documents, manifest: Manifest, heads: Sequence[DocumentHead]) -> list[str]:
        """The chosen passages as they stand; one whose document changed since is left out, the model can read it."""
        by_id = {head.id: head for head in heads}
        quotes = await asyncio.gather(
            *(self._quote(documents, manifest.project_id, ref, by_id.get(ref.document_id)) for ref in manifest.passages)
        )
        return ["Passages that may help:", *found] if (found := [quote for quote in quotes if quote]) else []

    async def _quote(self, documents: Documents, project_id: str, ref: PassageRef, head: DocumentHead | None) -> str:
        if head is not None and head.rev == ref.rev and (words := self._quoted.get(ref)):
            return f"From {head.label}:\n{words}"
        try:
            document = await documents.get(project_id, ref.document_id)
        except NotFound:
            return ""
        quote = document.text[ref.start : ref.end]
        return f"From {document.label}:\n{quote}" if document.rev == ref.rev else ""


def _passage_ref(hit: Hit) -> PassageRef:
    tokens = count_tokens(hit.text)
    return PassageRef(document_id=hit.document_id, rev=hit.document_rev, start=hit.start, end=hit.end, tokens=tokens)
