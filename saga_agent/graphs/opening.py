"""What comes before the model speaks: remarks to the writer, and the subagents whom the writer called with `@name`."""

from __future__ import annotations

from langchain_core.messages import AIMessage
from langchain_core.messages import ToolCall as PromptCall

from saga_agent.agents.delegate import DELEGATE
from saga_agent.agents.mentions import find_mentions, without_mentions
from saga_agent.context.manifest import Handover, Manifest
from saga_agent.domain import chunks as c
from saga_agent.domain.journal import Message
from saga_agent.domain.record import JsonObject
from saga_agent.graphs.state import TurnContext
from saga_agent.storage.patience import insist


async def open_turn(turn: TurnContext, manifest: Manifest) -> list[AIMessage]:
    """Shows what the writer should know, and gives the calls of the subagents that the writer named."""
    if manifest.handover is not None:
        await turn.stream.emit(c.Data(type="data-handover", id="handover", data=_handover_data(manifest.handover)))
    if manifest.notice:
        await turn.stream.emit(c.Data(type="data-notice", id="retrieval", data={"text": manifest.notice}))
    if turn.run.parent_run_id is not None or not turn.agent.subagents:
        return []  # a task was written by a model, and no word of a model calls anybody
    question = await insist(lambda: turn.prompts.question(turn.run))
    await _tell_unknown(turn, question)
    if not turn.run.mentions:
        return []
    await turn.account.check_tool_calls(len(turn.run.mentions))
    await turn.stream.begin_step(0)
    return [await _call(turn, question)]


async def _tell_unknown(turn: TurnContext, question: Message) -> None:
    if unknown := find_mentions(question.text, turn.agent.subagents).unknown:
        names = ", ".join(f"@{name}" for name in unknown)
        there_are = ", ".join(f"@{name}" for name in turn.agent.subagents)
        text = f"There is no subagent {names} here; there are {there_are}."
        await turn.stream.emit(c.Data(type="data-notice", id="unknown-mentions", data={"text": text}))


async def _call(turn: TurnContext, question: Message) -> AIMessage:
    """A step of calls as if a model had made them; whether they run is for the gate to say, as ever."""
    task = without_mentions(question.text, turn.run.mentions)
    calls = [
        PromptCall(name=DELEGATE, args={"agent": agent, "task": task}, id=f"mention-{number}")
        for number, agent in enumerate(turn.run.mentions, 1)
    ]
    for call in calls:
        ready = c.ToolInputAvailable(tool_call_id=str(call["id"]), tool_name=DELEGATE, input=call["args"])
        await turn.stream.emit(ready)
    pending = [{"id": call["id"], "name": DELEGATE, "arguments": call["args"], "problem": ""} for call in calls]
    return AIMessage("", id="mentions", tool_calls=calls, additional_kwargs={"saga_calls": pending})


def _handover_data(handover: Handover) -> JsonObject:
    return {"fromAgent": handover.from_agent, "toAgent": handover.to_agent, "messageId": handover.message_id}
