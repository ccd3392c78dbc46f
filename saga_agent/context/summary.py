"""Rolling summaries: what a turn no longer sees of its thread, in short."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from saga_agent.domain.journal import Message, Thread
from saga_agent.errors import ModelError
from saga_agent.models.side import SideModel
from saga_agent.storage.ports.journal import Threads

_log = logging.getLogger(__name__)
_MAX_TRANSCRIPT = 24_000
_INSTRUCTIONS = """You keep the minutes of a writer's talk with an assistant about a novel. Bring the minutes up to
date with what was said since: decisions, names, facts settled, wishes, open questions. Leave out pleasantries and the
wording of drafts. At most 200 words of plain text, in the language of the talk."""


class Summarizer:
    """Writes and stores a thread's summary with a model."""

    def __init__(self, model: SideModel, threads: Threads) -> None:
        self._model, self._threads = model, threads

    async def update(self, thread: Thread, messages: Sequence[Message]) -> Thread:
        """The thread with a summary that covers these messages too; unchanged when the model fails.

        A summary is a convenience: no turn fails for it.
        """
        transcript = "\n\n".join(f"{message.role}: {message.text}" for message in messages if message.text)
        minutes = f"The minutes so far:\n{thread.summary}\n\n" if thread.summary else ""
        material = f"{minutes}What was said since:\n{transcript[-_MAX_TRANSCRIPT:]}"
        try:
            summary = (await self._model.ask(_INSTRUCTIONS, material)).strip()
        except ModelError as error:
            _log.warning("thread %s was not summarised: %s", thread.id, error)
            return thread
        if not summary:
            return thread
        return await self._threads.summarize(thread.id, summary, until=messages[-1].order)
