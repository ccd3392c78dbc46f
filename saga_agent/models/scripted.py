"""A chat model that plays a script, for tests of everything above it.

    model = ScriptedModel([
        Say("Hello."),
        Turn(text="I add her.", calls=[Call("create_entity", {"type": "character", "name": "Asa"})], expect="add Asa"),
        Turn(Say("Half a sen"), Wait(event), Fail(ModelCutOff("gone"))),
    ])

Each model call plays the next step. A call that the script does not expect raises `ScriptDrift`, and
`model.assert_complete()` fails when steps were never reached.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import PrivateAttr

from saga_agent.errors import ScriptDrift
from saga_agent.models.script import Call, Fail, Part, Say, Think, Turn, Wait, as_turn
from saga_agent.models.streamed import (
    StreamedChatModel,
    ToolSchema,
    call_chunks,
    last_chunk,
    new_call_id,
    reasoning_chunk,
    text_chunk,
)


@dataclasses.dataclass(frozen=True, slots=True)
class Prompt:
    """What the model was given in one call."""

    messages: tuple[BaseMessage, ...]
    tools: tuple[str, ...]


class ScriptedModel(StreamedChatModel):
    """Plays `steps`, one a model call, whoever calls; `prompts` keeps what it was given."""

    _turns: tuple[Turn, ...] = PrivateAttr()
    _prompts: list[Prompt] = PrivateAttr(default_factory=list[Prompt])

    def __init__(self, steps: Sequence[Turn | Part]) -> None:
        super().__init__()
        self._turns = tuple(as_turn(step) for step in steps)

    @property
    def prompts(self) -> Sequence[Prompt]:
        """What each model call so far was given."""
        return tuple(self._prompts)

    def assert_complete(self) -> None:
        """Raises `ScriptDrift` when steps of the script were never played."""
        left = len(self._turns) - len(self._prompts)
        if left > 0:
            raise ScriptDrift(f"The script has {left} step(s) left after {len(self._prompts)} model call(s).")

    @property
    def _llm_type(self) -> str:
        return "saga-scripted"

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        *,
        tools: Sequence[ToolSchema] = (),
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        turn = self._next_turn(Prompt(tuple(messages), tuple(tool["function"]["name"] for tool in tools)))
        answer = ""
        calls = 0
        for part in turn.parts:
            if isinstance(part, Wait):
                await _pause(part)
            elif isinstance(part, Fail):
                raise part.error
            else:
                for chunk in _chunks_of(part, calls):
                    yield chunk
                answer += part.tool if isinstance(part, Call) else part.text
                calls += isinstance(part, Call)
        yield last_chunk(turn.finish_reason or None, messages=messages, answer=answer)

    def _next_turn(self, prompt: Prompt) -> Turn:
        number = len(self._prompts)
        if number >= len(self._turns):
            raise ScriptDrift(f"The script has {number} step(s), but the model is called again with {_tail(prompt)}.")
        turn = self._turns[number]
        _check(turn, prompt, number + 1)
        self._prompts.append(prompt)
        return turn


def _check(turn: Turn, prompt: Prompt, number: int) -> None:
    if turn.tools is not None and set(turn.tools) != set(prompt.tools):
        raise ScriptDrift(
            f"Step {number} expects the tools {sorted(turn.tools)}, but is offered {sorted(prompt.tools)}."
        )
    if isinstance(turn.expect, str) and turn.expect not in _last_text(prompt):
        raise ScriptDrift(f"Step {number} expects {turn.expect!r} in the last message, but met {_tail(prompt)}.")
    if callable(turn.expect) and not turn.expect(prompt.messages):
        raise ScriptDrift(f"Step {number} does not expect these messages; the last is {_tail(prompt)}.")


def _last_text(prompt: Prompt) -> str:
    return str(prompt.messages[-1].text) if prompt.messages else ""


def _tail(prompt: Prompt) -> str:
    text = _last_text(prompt)
    kind = prompt.messages[-1].type if prompt.messages else "no message"
    return f"{kind}: {text[-200:]!r}"


async def _pause(part: Wait) -> None:
    if part.reached is not None:
        part.reached.set()
    await part.event.wait()


def _chunks_of(part: Say | Think | Call, index: int) -> Iterator[ChatGenerationChunk]:
    if isinstance(part, Say):
        for start in range(0, len(part.text), part.chunk_chars):
            yield text_chunk(part.text[start : start + part.chunk_chars])
    elif isinstance(part, Think):
        yield reasoning_chunk(part.text)
    else:
        raw = part.arguments if isinstance(part.arguments, str) else json.dumps(dict(part.arguments))
        call_id = part.id or new_call_id()
        yield from call_chunks(part.tool, raw, call_id=call_id, index=index, piece_chars=part.chunk_chars)
