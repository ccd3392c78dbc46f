"""A small chat model that follows rules: for demos, tests and notebooks, and as the floor in evaluations.

It needs no network and no key, answers the same prompt the same way, and says that it is no language model.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import Field

from saga_agent.models.rules.answers import answer, introduce
from saga_agent.models.rules.any_tool import plan_other_calls
from saga_agent.models.rules.commands import obey_commands
from saga_agent.models.rules.planned import Reply
from saga_agent.models.rules.scene import RuleInput, read_scene
from saga_agent.models.rules.story import plan_story_calls, search_call
from saga_agent.models.streamed import StreamedChatModel, ToolSchema, call_chunks, last_chunk, new_call_id, text_chunk

_WORD = re.compile(r"\s*\S+\s*")
_ARGUMENT_PIECE_CHARS = 24


class OfflineModel(StreamedChatModel):
    """Routes a message to the tools on offer by its words, and answers from their results by template.

    Lines `/call TOOL {json}` in the writer's message are obeyed to the letter. A system prompt's line
    `Known names: A; B (also C); D` tells it the story's names.
    """

    tokens_per_second: float | None = None
    """The pace of its words; by default as fast as it can."""
    sleep: Callable[[float], Awaitable[object]] = Field(default=asyncio.sleep, exclude=True, repr=False)
    """How it waits between words; takes seconds."""

    @property
    def _llm_type(self) -> str:
        return "saga-offline"

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        *,
        tools: Sequence[ToolSchema] = (),
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        reply = decide(read_scene(messages, tools))
        written = reply.text
        for word in _WORD.findall(reply.text):
            await self._pace()
            yield text_chunk(word)
        for index, call in enumerate(reply.calls):
            raw = json.dumps(dict(call.arguments), ensure_ascii=False)
            written += call.tool + raw
            await self._pace()
            for chunk in call_chunks(
                call.tool, raw, call_id=new_call_id(), index=index, piece_chars=_ARGUMENT_PIECE_CHARS
            ):
                yield chunk
        yield last_chunk("tool_calls" if reply.calls else "stop", messages=messages, answer=written)

    async def _pace(self) -> None:
        if self.tokens_per_second:
            await self.sleep(1 / self.tokens_per_second)


def decide(scene: RuleInput) -> Reply:
    """What the model does: answers from results, obeys commands, calls tools, or introduces itself."""
    if scene.outcomes:
        return Reply(answer(scene))
    commanded = obey_commands(scene)
    if commanded is not None:
        return commanded
    calls = [*plan_story_calls(scene), *plan_other_calls(scene)]
    if not calls and (search := search_call(scene, scene.text)):
        calls = [search]
    if calls:
        return Reply(calls=tuple(sorted(calls, key=lambda call: call.position)))
    return Reply(introduce(scene))
