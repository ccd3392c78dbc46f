"""The turn as a graph: context -> model -> one task per tool call -> model ... -> end."""

# LangGraph types its nodes with unions that are partly unknown to checkers.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, ToolMessage
from langchain_core.messages import ToolCall as PromptCall
from langchain_core.messages.ai import UsageMetadata
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send, interrupt

from saga_agent.agents.delegate import DELEGATE
from saga_agent.context.manifest import Manifest
from saga_agent.domain import chunks as c
from saga_agent.domain.journal import Usage
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approval
from saga_agent.graphs.account import STOPPED_BY_WRITER, TurnStopped
from saga_agent.graphs.opening import open_turn
from saga_agent.graphs.outcomes import show_outcome
from saga_agent.graphs.rewound import said_of_step
from saga_agent.graphs.speech import Listener, Speech
from saga_agent.graphs.state import CallState, TurnContext, TurnState
from saga_agent.models.tokens import count_tokens
from saga_agent.storage.patience import insist
from saga_agent.tools.outcome import Done, RequestedCall, Waiting

TurnGraph = StateGraph[TurnState, TurnContext, TurnState, TurnState]


def build_turn_graph() -> TurnGraph:
    """The graph of a turn, to be compiled with a checkpointer; all agents share it."""
    graph: TurnGraph = StateGraph(TurnState, context_schema=TurnContext)
    graph.add_node("context", choose_context)
    graph.add_node("model", call_model)
    graph.add_node("tool", call_tool)
    graph.add_edge(START, "context")
    graph.add_conditional_edges("context", route_opening, ["tool", "model"])
    graph.add_conditional_edges("model", route, ["tool", END])
    graph.add_edge("tool", "model")
    return graph


async def choose_context(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Chooses what the model is shown, keeps the list of it, and calls whom the writer named."""
    turn = runtime.context
    manifest = await insist(lambda: turn.prompts.build(turn.run))
    calls: list[AnyMessage] = [*await open_turn(turn, manifest)]
    return {"manifest": manifest.model_dump(mode="json"), "messages": calls, "step": 0, "usage": []}


async def call_model(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Asks the model; its words go to the message as they come. Raises `TurnStopped` where the turn may not go on."""
    turn, step = runtime.context, state.get("step", 0)
    if turn.stopped is not None:
        raise turn.stopped
    await turn.account.check_model_call(is_priced=turn.prices.find(turn.model_name) is not None)
    manifest = Manifest.model_validate(state.get("manifest"))
    loaded = await insist(lambda: turn.prompts.load(manifest, turn.agent.prompt))
    prompt = [*loaded, *state.get("messages", [])]
    await _begin_step(turn, step, prompt)
    speech, spent = await _hear(turn, step, prompt)
    if speech.calls:
        await turn.account.check_tool_calls(len(speech.calls))
    else:
        # The log comes before the checkpoint: words that are checkpointed as said are never said again.
        await turn.stream.end_step()
    turn.finish_reason = speech.finish_reason
    return {"messages": [_message(speech, step)], "step": step + 1, "usage": [spent.model_dump(mode="json")]}


async def _begin_step(turn: TurnContext, step: int, prompt: Sequence[BaseMessage]) -> None:
    """Opens the message's step; what killed attempts had said of it is void, but counted."""
    place = step + turn.opening_steps
    if turn.run.epoch > 1 and turn.stream.steps > place:
        said = await insist(lambda: said_of_step(turn.log, turn.run.stream_id, place))
        counted = {(row.step, row.epoch) for row in turn.account.usage}
        for epoch, words in said.items():
            if (step, epoch) not in counted:
                turn.account.add(_usage(turn, step, prompt, words, told=None, epoch=epoch))
    await turn.stream.begin_step(place)


async def _hear(turn: TurnContext, step: int, prompt: Sequence[BaseMessage]) -> tuple[Speech, Usage]:
    is_last = step + 1 >= turn.agent.max_steps
    offered = [] if is_last else [tool.schema() for tool in turn.tools]
    model = turn.model.bind_tools(offered) if offered else turn.model
    names = [tool.name for tool in turn.tools] if offered else []
    listener = Listener(turn.stream, step=step, tools=names)
    try:
        speech = await listener.hear(model.astream(prompt))
    except BaseException:  # cancellation too: what was paid for is counted
        turn.account.add(_usage(turn, step, prompt, listener.text, told=None))
        raise
    spent = _usage(turn, step, prompt, speech.text, told=speech.usage)
    turn.account.add(spent)
    return speech, spent


def route(state: TurnState) -> list[Send] | str:
    """One task per tool call; the end when there is none."""
    return _tasks(state) or END


def route_opening(state: TurnState) -> list[Send] | str:
    """One task per subagent that the writer named; the model when there is none."""
    return _tasks(state) or "model"


def _tasks(state: TurnState) -> list[Send]:
    last = next(reversed(state.get("messages", [])), None)
    calls: list[JsonObject] = last.additional_kwargs.get("saga_calls", []) if isinstance(last, AIMessage) else []
    delegates = [str(call["id"]) for call in calls if call["name"] == DELEGATE]
    return [Send("tool", CallState(call=call, delegates=delegates)) for call in calls]


async def call_tool(state: CallState, runtime: Runtime[TurnContext]) -> TurnState:
    """Puts one call through the gate; parks while it waits for the writer. Never raises for what a tool does."""
    turn = runtime.context
    call = RequestedCall(**state["call"])  # pyright: ignore[reportArgumentType]
    turn.account.delegates = state.get("delegates", ())
    outcome = await turn.gate.handle(call, turn.tool_context)
    if isinstance(outcome, Waiting):
        await _show_request(turn, call, outcome)
        while True:  # a value that somebody resumes with is no answer: only what is stored counts
            interrupt({"request_ids": [request.id for request in outcome.requests]})
    turn.stopped = turn.stopped or await _find_stop(turn, call, outcome)
    await show_outcome(turn.stream, call.id, outcome)
    status = "success" if outcome.ok else "error"
    return {"messages": [ToolMessage(outcome.result, tool_call_id=call.id, status=status)]}


async def _show_request(turn: TurnContext, call: RequestedCall, waiting: Waiting) -> None:
    # The requests of a subagent are shown on its own calls.
    for request in waiting.requests:
        shown = isinstance(request, Approval) and (request.run_id, request.call_id) == (turn.run.id, call.id)
        if shown and turn.stream.call_state(call.id) == "input-available":
            await turn.stream.emit(c.ToolApprovalRequest(approval_id=request.id, tool_call_id=call.id))


async def _find_stop(turn: TurnContext, call: RequestedCall, outcome: Done) -> TurnStopped | None:
    """What ends the whole turn after that call: the writer's word, or the loop guard, here or in a subagent."""
    result: JsonObject = json.loads(outcome.result)
    if outcome.stop_code == "loop":
        error = result.get("error")
        return TurnStopped("loop", str(error.get("message")) if isinstance(error, dict) else "")
    if outcome.stop_run:
        return TurnStopped("writer", STOPPED_BY_WRITER)
    if call.name != DELEGATE:
        return None
    if await turn.account.is_run_stopped():
        return TurnStopped("writer", STOPPED_BY_WRITER)
    report = result.get("data")
    if isinstance(report, dict) and report.get("reason_code") == "loop":
        return TurnStopped("loop", str(report["reason"]))
    return None


def _message(speech: Speech, step: int) -> AIMessage:
    calls = [PromptCall(name=call.name, args=call.arguments or {}, id=call.id) for call in speech.calls]
    pending = [
        {"id": call.id, "name": call.name, "arguments": call.arguments, "problem": call.problem}
        for call in speech.calls
    ]
    kept: dict[str, object] = {"saga_calls": pending}
    if speech.reasoning:  # servers that think want their thoughts back while the turn goes on
        kept["reasoning_content"] = speech.reasoning
    return AIMessage(cast(Any, speech.content), id=f"step-{step}", tool_calls=calls, additional_kwargs=kept)


def _usage(
    turn: TurnContext,
    step: int,
    prompt: Sequence[BaseMessage],
    text: str,
    *,
    told: UsageMetadata | None,
    epoch: int | None = None,
) -> Usage:
    read = told["input_tokens"] if told else sum(count_tokens(str(each.content)) for each in prompt)
    written = told["output_tokens"] if told else count_tokens(text)
    return Usage(
        run_id=turn.run.id,
        step=step,
        epoch=turn.run.epoch if epoch is None else epoch,
        model=turn.model_name,
        input_tokens=read,
        output_tokens=written,
        cost_usd=turn.prices.cost_usd(turn.model_name, input_tokens=read, output_tokens=written),
        estimated=told is None,
        created_at=turn.clock.now(),
    )
