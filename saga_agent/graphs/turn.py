"""The turn as a graph: context -> model -> one task per tool call -> model ... -> end."""

# LangGraph types its nodes with unions that are partly unknown to checkers.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

import json
from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.messages import ToolCall as PromptCall
from langchain_core.messages.ai import UsageMetadata
from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send, interrupt

from saga_agent.context.manifest import Manifest
from saga_agent.domain import chunks as c
from saga_agent.domain.journal import Usage
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approval
from saga_agent.graphs.speech import Listener, Speech
from saga_agent.graphs.state import CallState, TurnContext, TurnState
from saga_agent.models.tokens import count_tokens
from saga_agent.tools.gate import Done, RequestedCall, Waiting

_REFUSED = ("permission_denied", "cancelled")
_SETTLED = ("output-available", "output-error", "output-denied")
TurnGraph = StateGraph[TurnState, TurnContext, TurnState, TurnState]


def build_turn_graph() -> TurnGraph:
    """The graph of a turn, to be compiled with a checkpointer; all agents share it."""
    graph: TurnGraph = StateGraph(TurnState, context_schema=TurnContext)
    graph.add_node("context", choose_context)
    graph.add_node("model", call_model)
    graph.add_node("tool", call_tool)
    graph.add_edge(START, "context")
    graph.add_edge("context", "model")
    graph.add_conditional_edges("model", route, ["tool", END])
    graph.add_edge("tool", "model")
    return graph


async def choose_context(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Chooses what the model is shown, and keeps the list of it."""
    turn = runtime.context
    manifest = await turn.prompts.build(turn.run)
    return {"manifest": manifest.model_dump(mode="json"), "messages": [], "step": 0, "usage": []}


async def call_model(state: TurnState, runtime: Runtime[TurnContext]) -> TurnState:
    """Asks the model; its words go to the message as they come."""
    turn, step = runtime.context, state.get("step", 0)
    manifest = Manifest.model_validate(state.get("manifest"))
    prompt = [*await turn.prompts.load(manifest, turn.agent.prompt), *state.get("messages", [])]
    is_last = step + 1 >= turn.agent.max_steps
    offered = [] if is_last else [tool.schema() for tool in turn.tools]
    model = turn.model.bind_tools(offered) if offered else turn.model
    await turn.stream.begin_step(step)
    listener = Listener(turn.stream, step=step)
    try:
        speech = await listener.hear(model.astream(prompt))
    except BaseException:  # cancellation too: what was paid for is counted
        turn.spent.append(_usage(turn, step, prompt, listener.text, told=None))
        raise
    spent = _usage(turn, step, prompt, speech.text, told=speech.usage)
    turn.spent.append(spent)
    if not speech.calls:
        # The log comes before the checkpoint: words that are checkpointed as said are never said again.
        await turn.stream.end_step()
    turn.finish_reason = speech.finish_reason
    return {"messages": [_message(speech, step)], "step": step + 1, "usage": [spent.model_dump(mode="json")]}


def route(state: TurnState) -> list[Send] | str:
    """One task per tool call; the end when there is none."""
    last = state.get("messages", [None])[-1]
    calls: list[JsonObject] = last.additional_kwargs.get("saga_calls", []) if isinstance(last, AIMessage) else []
    return [Send("tool", CallState(call=call)) for call in calls] or END


async def call_tool(state: CallState, runtime: Runtime[TurnContext]) -> TurnState:
    """Puts one call through the gate; parks while it waits for the writer. Never raises for what a tool does."""
    turn = runtime.context
    call = RequestedCall(**state["call"])  # pyright: ignore[reportArgumentType]
    outcome = await turn.gate.handle(call, turn.tool_context)
    if isinstance(outcome, Waiting):
        await _show_request(turn, call, outcome)
        interrupt({"request_id": outcome.request.id})
        raise AssertionError("a resumed node reads the request, not the payload")  # resumes are ainvoke(None)
    turn.stop_requested |= outcome.stop_run
    await _show_outcome(turn, call, outcome)
    status = "success" if outcome.ok else "error"
    return {"messages": [ToolMessage(outcome.result, tool_call_id=call.id, status=status)]}


async def _show_request(turn: TurnContext, call: RequestedCall, waiting: Waiting) -> None:
    if isinstance(waiting.request, Approval) and turn.stream.call_state(call.id) == "input-available":
        await turn.stream.emit(c.ToolApprovalRequest(approval_id=waiting.request.id, tool_call_id=call.id))


async def _show_outcome(turn: TurnContext, call: RequestedCall, outcome: Done) -> None:
    # A task that runs again after a crash finds its outcome shown already.
    if turn.stream.call_state(call.id) in _SETTLED:
        return
    result: JsonObject = json.loads(outcome.result)
    if outcome.ok:
        await turn.stream.emit(c.ToolOutputAvailable(tool_call_id=call.id, output=result))
        return
    error = result.get("error")
    code, text = (error.get("code"), str(error.get("message"))) if isinstance(error, dict) else (None, "It failed.")
    if code in _REFUSED and turn.stream.call_state(call.id) == "approval-requested":
        await turn.stream.emit(c.ToolOutputDenied(tool_call_id=call.id))
    else:
        await turn.stream.emit(c.ToolOutputError(tool_call_id=call.id, error_text=text))


def _message(speech: Speech, step: int) -> AIMessage:
    calls = [PromptCall(name=call.name, args=call.arguments or {}, id=call.id) for call in speech.calls]
    pending = [
        {"id": call.id, "name": call.name, "arguments": call.arguments, "problem": call.problem}
        for call in speech.calls
    ]
    return AIMessage(speech.text, id=f"step-{step}", tool_calls=calls, additional_kwargs={"saga_calls": pending})


def _usage(
    turn: TurnContext, step: int, prompt: Sequence[BaseMessage], text: str, *, told: UsageMetadata | None
) -> Usage:
    return Usage(
        run_id=turn.run.id,
        step=step,
        model=turn.model_name,
        input_tokens=told["input_tokens"] if told else sum(count_tokens(str(each.content)) for each in prompt),
        output_tokens=told["output_tokens"] if told else count_tokens(text),
        estimated=told is None,
        created_at=turn.clock.now(),
    )
