"""Choosing what a model is shown for a turn, and loading it again at every step of that turn."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from saga_agent.context.history import to_prompt
from saga_agent.context.manifest import EntityRef, Manifest, MessageRef, PassageRef
from saga_agent.context.summary import Summarizer
from saga_agent.domain.entity import Entity
from saga_agent.domain.journal import Message, Run, Thread
from saga_agent.models.tokens import count_tokens
from saga_agent.storage.journal import Threads
from saga_agent.story.service import StoryService

_MAX_ENTITIES = 200
_MAX_PASSAGES = 4
_MAX_DOCUMENTS = 60
_PAGE = 50
_MAX_UNSEEN = 200
_UNSEEN_PAGE = 10
"""Small: as a rule only a turn or two have gone out of sight since the last summary."""
_SUMMARY_SHARE = 4
"""A summary is written when a quarter of the history's budget has gone out of sight."""


class ContextBuilder:
    """Builds manifests for one owner's threads, and prompts from manifests."""

    def __init__(
        self, story: StoryService, threads: Threads, *, history_budget_tokens: int = 8_000, retrieves: bool = True,
        summarizer: Summarizer | None = None,
    ) -> None:  # fmt: skip
        self._story, self._threads, self._summarizer = story, threads, summarizer
        self._history_budget_tokens, self._retrieves = history_budget_tokens, retrieves
        self._read: dict[str, Message] = {}
        """Messages that were read for the manifest; what stands in a thread's past no longer changes."""
        self._cast: Sequence[Entity] | None = None
        """The entities that the manifest names, at its revisions; None when another builder made it."""

    async def build(self, run: Run) -> Manifest:
        """The manifest of the run's turn."""
        user = await self._message(run.user_message_id)
        history, left_out = await self._choose_history(run, user)
        thread = await self._summarized(run, user, history)
        page = await self._story.entities.list(run.project_id, limit=_MAX_ENTITIES)
        self._cast = visible = [entity for entity in page.items if entity.ai_visibility != "never"]
        if page.next is not None:
            left_out.append(f"entities after the first {_MAX_ENTITIES}")
        passages = await self._choose_passages(run.project_id, user.text) if self._retrieves else []
        return Manifest(
            project_id=run.project_id,
            agent=run.agent,
            user_message_id=user.id,
            history=tuple(history),
            entities=tuple(EntityRef(id=entity.id, rev=entity.rev) for entity in visible),
            passages=tuple(passages),
            summary_until=thread.summary_until,
            left_out=tuple(left_out),
            tokens=sum(ref.tokens for ref in history),
        )

    async def load(self, manifest: Manifest, instructions: str) -> list[BaseMessage]:
        """The prompt: instructions and story card, the thread's past, the writer's message."""
        past = [await self._message(ref.id) for ref in manifest.history]
        user = await self._message(manifest.user_message_id)
        card = await self._card(manifest, user.thread_id)
        return [SystemMessage(f"{instructions}\n\n{card}"), *to_prompt(past), HumanMessage(user.text)]

    async def _message(self, message_id: str) -> Message:
        if message_id not in self._read:
            self._read[message_id] = await self._threads.message(message_id)
        return self._read[message_id]

    async def _choose_history(self, run: Run, user: Message) -> tuple[list[MessageRef], list[str]]:
        """The newest messages before the user's that fit the budget, oldest first, beginning with a user's."""
        chosen: list[tuple[Message, int]] = []
        spent = 0
        before = (user.order, user.step_order)
        while page := await self._threads.messages(run.thread_id, before=before, limit=_PAGE):
            for message in reversed(page):
                tokens = _message_tokens(message)
                if spent + tokens > self._history_budget_tokens:
                    return _from_user(chosen), [f"messages before turn {message.order + 1}"]
                spent += tokens
                chosen.append((message, tokens))
                self._read[message.id] = message
            if len(page) < _PAGE:
                break
            before = (page[0].order, page[0].step_order)
        return _from_user(chosen), []

    async def _summarized(self, run: Run, user: Message, history: list[MessageRef]) -> Thread:
        """The thread, its summary brought up to date when much has gone out of sight since."""
        thread = await self._threads.get(run.thread_id)
        if self._summarizer is None:
            return thread
        first = self._read[history[0].id] if history else user
        unseen = await self._unseen(thread, before=first.order)
        tokens = sum(_message_tokens(message) for message in unseen)
        if not unseen or tokens * _SUMMARY_SHARE < self._history_budget_tokens:
            return thread
        return await self._summarizer.update(thread, unseen)

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
        hits = await self._story.documents.search(project_id, text, limit=_MAX_PASSAGES)
        return [PassageRef(document_id=h.document_id, rev=h.document_rev, start=h.start, end=h.end) for h in hits]

    async def _card(self, manifest: Manifest, thread_id: str) -> str:
        project = await self._story.projects.get(manifest.project_id)
        lines = [f"Project: {project.name}"]
        if entities := self._cast if self._cast is not None else await self._load_cast(manifest):
            lines.append("Known names: " + "; ".join(_names(entity) for entity in entities))
        heads = (await self._story.documents.list(manifest.project_id, limit=_MAX_DOCUMENTS)).items
        if heads:
            lines.append("Documents: " + "; ".join(head.label for head in heads))
        if manifest.summary_until and (summary := (await self._threads.get(thread_id)).summary):
            lines.append(f"Earlier in this talk: {summary}")
        lines += await self._quotes(manifest)
        return "\n".join(lines)

    async def _load_cast(self, manifest: Manifest) -> Sequence[Entity]:
        wanted = {ref.id for ref in manifest.entities}
        page = await self._story.entities.list(manifest.project_id, limit=_MAX_ENTITIES)
        return [entity for entity in page.items if entity.id in wanted]

    async def _quotes(self, manifest: Manifest) -> list[str]:
        """The chosen passages as they stand; one whose document changed since is left out, the model can read it."""
        quotes: list[str] = []
        for ref in manifest.passages:
            document = await self._story.documents.find(manifest.project_id, ref.document_id)
            if document is not None and document.rev == ref.rev:
                quotes.append(f"From {document.label}:\n{document.text[ref.start : ref.end]}")
        return ["Passages that may help:", *quotes] if quotes else []


def _names(entity: Entity) -> str:
    aliases = ", ".join(alias.text for alias in entity.aliases)
    return f"{entity.name} (also {aliases})" if aliases else entity.name


def _message_tokens(message: Message) -> int:
    return count_tokens("".join(str(part) for part in message.parts))


def _from_user(chosen: list[tuple[Message, int]]) -> list[MessageRef]:
    while chosen and chosen[-1][0].role != "user":
        chosen.pop()
    return [MessageRef(id=message.id, tokens=tokens) for message, tokens in reversed(chosen)]
