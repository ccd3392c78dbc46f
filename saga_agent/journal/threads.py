"""Threads: conversations about a project, seen by their owner."""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.clock import Clock
from saga_agent.domain.given import given_id, given_text
from saga_agent.domain.given_ids import check_given_id
from saga_agent.domain.journal import Message, Thread
from saga_agent.domain.record import Page
from saga_agent.errors import InvalidInput, MessageReplaced, NotFound
from saga_agent.ids import new_id
from saga_agent.storage.ports.journal import Threads
from saga_agent.story.service import StoryService


class ThreadService:
    """The threads of one owner."""

    def __init__(self, threads: Threads, story: StoryService, clock: Clock, owner_id: str) -> None:
        self._threads, self._story, self._clock, self._owner_id = threads, story, clock, owner_id

    async def create(self, *, project_id: str, chat_id: str | None = None, title: str = "") -> Thread:
        """A new thread; `chat_id` is the front end's key for it, the thread's own id by default.

        Raises: `NotFound` for the project, `InvalidInput`, `AlreadyExists` for a chat_id in use.
        """
        title = given_text(title, "The title")
        await self._story.projects.get(project_id)
        return await self._threads.create(self._new_thread(project_id, chat_id, title))

    async def get(self, thread_id: str) -> Thread:
        """The thread; another owner's is `NotFound`."""
        thread = await self._threads.get(given_id(thread_id, "The thread's id"))
        if thread.owner_id != self._owner_id:
            raise NotFound("thread", thread_id)
        return thread

    async def find(self, chat_id: str) -> Thread | None:
        """The owner's thread with that chat_id."""
        return await self._threads.find(self._owner_id, chat_id)

    async def list(self, *, project_id: str | None = None, after: str | None = None, limit: int = 100) -> Page[Thread]:
        """The owner's threads, the newest first."""
        return await self._threads.list(self._owner_id, project_id=project_id, after=after, limit=limit)

    async def messages(self, thread_id: str, *, limit: int = 100) -> Sequence[Message]:
        """The thread's last messages, oldest first; one that is being written has no parts yet."""
        await self.get(thread_id)
        return await self._threads.messages(thread_id, limit=limit)

    async def message(self, message_id: str) -> Message:
        """A message of one of the owner's threads; `NotFound`."""
        message = await self._threads.message(given_id(message_id, "The message's id"))
        if (await self._threads.get(message.thread_id)).owner_id != self._owner_id:
            raise NotFound("message", message_id)
        return message

    async def standing(self, message_id: str) -> Message:
        """A message that is part of its thread's talk; `NotFound`, `MessageReplaced`."""
        message = await self.message(message_id)
        if message.replaced:
            raise MessageReplaced(message_id)
        return message

    async def find_message(self, thread_id: str, page_id: str) -> Message | None:
        """The thread's message that pages know by that id; one that is in place before those it replaced."""
        found = await self._threads.find_message(thread_id, page_id)
        if found is not None:
            await self.get(thread_id)
        return found

    async def find_answer(self, thread_id: str, *, to: Message | None = None) -> Message | None:
        """The answer that stands to that question of the thread, or its last one; `MessageReplaced`."""
        await self.get(thread_id)
        if to is not None and to.replaced:
            raise MessageReplaced(to.id)
        before = None if to is None else (to.order + 1, 0)
        found = await self._threads.messages(thread_id, before=before, limit=1)
        return next((message for message in found if message.role == "assistant"), None)

    async def question_of(self, answer: Message) -> Message:
        """The user's message that this one answers."""
        (question,) = await self._threads.messages(answer.thread_id, before=(answer.order, 1), limit=1)
        return question

    async def fork(self, thread_id: str, *, at: str, title: str = "", chat_id: str | None = None) -> Thread:
        """A new thread with copies of the messages up to the one with the id `at`; the source stays as it is.

        An answer that waits for the writer is closed in the copy. `chat_id` is as in `create`.

        Raises: `NotFound` for the thread, or a message that is not in it; `MessageReplaced` for one in whose place
            another stands; `RunBusy` while it is being written; `InvalidInput`, `AlreadyExists` for a chat_id in use.
        """
        title = given_text(title, "The title")
        source = await self.get(thread_id)
        last = await self.standing(at)
        if last.thread_id != thread_id:
            raise NotFound("message", at)
        fork = self._new_thread(source.project_id, chat_id, title or source.title)
        return await self._threads.fork(fork, source_id=thread_id, until=(last.order, last.step_order))

    async def rename(self, thread_id: str, title: str) -> Thread:
        """Gives the thread a title."""
        await self.get(thread_id)
        return await self._threads.rename(thread_id, given_text(title, "The title"))

    async def delete(self, thread_id: str) -> None:
        """Removes the thread and all that hangs on it.

        Raises: `NotFound`; `RunBusy` while a run of it is at work; `InvalidInput` for the thread of a subagent, which
            the run that called it waits for.
        """
        thread = await self.get(thread_id)
        if thread.parent_run_id is not None:
            raise InvalidInput(f"Thread {thread_id!r} belongs to a subagent; delete the thread above it.")
        await self._threads.delete(thread_id)

    def _new_thread(self, project_id: str, chat_id: str | None, title: str) -> Thread:
        if chat_id is not None:
            check_given_id(chat_id, "chat")
        thread_id = new_id("thr")
        return Thread(
            id=thread_id,
            owner_id=self._owner_id,
            project_id=project_id,
            chat_id=chat_id or thread_id,
            title=title,
            created_at=self._clock.now(),
        )
