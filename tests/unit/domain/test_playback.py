"""From parts back to chunks: the inverse of building."""

from hypothesis import given
from hypothesis import strategies as st

from saga_agent.domain import chunks as c
from saga_agent.domain.parts import PartsBuilder
from saga_agent.domain.playback import chunks_of

IDS = ("a", "b", "c")
OUTCOMES = ("output", "error", "denied", "open", "input-error")


@st.composite
def calls(draw: st.DrawFn, call_id: str) -> list[c.Chunk]:
    """Any course that a tool call may take."""
    given = draw(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5), max_size=2))
    outcome = draw(st.sampled_from(OUTCOMES))
    chunks: list[c.Chunk] = [c.ToolInputStart(tool_call_id=call_id, tool_name="do-it")]
    if draw(st.booleans()):
        chunks.append(c.ToolInputDelta(tool_call_id=call_id, input_text_delta='{"half": '))
    if outcome == "input-error":
        return [*chunks, c.ToolInputError(tool_call_id=call_id, tool_name="do-it", input=given, error_text="no")]
    chunks.append(c.ToolInputAvailable(tool_call_id=call_id, tool_name="do-it", input=given))
    if draw(st.booleans()):
        chunks.append(c.ToolApprovalRequest(approval_id=f"r{call_id}", tool_call_id=call_id))
    match outcome:
        case "output":
            chunks.append(c.ToolOutputAvailable(tool_call_id=call_id, output=draw(st.none() | st.just({"ok": True}))))
        case "error":
            chunks.append(c.ToolOutputError(tool_call_id=call_id, error_text="it failed"))
        case "denied":
            chunks.append(c.ToolOutputDenied(tool_call_id=call_id))
        case _:
            chunks = chunks[: draw(st.integers(1, len(chunks)))]
    return chunks


@st.composite
def messages(draw: st.DrawFn) -> list[c.Chunk]:
    """Any valid run of chunks, broken off anywhere."""
    chunks: list[c.Chunk] = [c.Start(message_id="m")]
    for number in range(draw(st.integers(0, 8))):
        words = draw(st.text(max_size=5))
        match draw(st.integers(0, 4)):
            case 0:
                chunks += [c.StartStep()]
            case 1:
                chunks += [c.TextStart(id=f"t{number}"), c.TextDelta(id=f"t{number}", delta=words)]
            case 2:
                part = f"r{number}"
                chunks += [c.ReasoningStart(id=part), c.ReasoningDelta(id=part, delta=words), c.ReasoningEnd(id=part)]
            case 3:
                chunks += draw(calls(f"c{number}"))
            case _:
                chunks += [
                    c.Data(type="data-x", id=draw(st.sampled_from(IDS)), data=words),
                    c.Data(type="data-y", data=1),
                ]
    return chunks


def build(chunks: list[c.Chunk]) -> PartsBuilder:
    builder = PartsBuilder()
    for chunk in chunks:
        builder.add(chunk)
    return builder


@given(messages())
def test_a_settled_message_is_built_again_from_its_chunks(chunks: list[c.Chunk]) -> None:
    parts = build(chunks).seal("it ended")

    assert build(list(chunks_of(parts))).parts == parts


@given(messages())
def test_steps_are_closed_before_the_next_begins(chunks: list[c.Chunk]) -> None:
    kinds = [chunk.type for chunk in chunks_of(build(chunks).seal("it ended"))]
    steps = [kind for kind in kinds if kind in ("start-step", "finish-step")]

    assert steps == ["start-step", "finish-step"] * (len(steps) // 2)


def test_parts_that_no_chunk_makes_are_left_out() -> None:
    assert list(chunks_of([{"type": "source-url", "url": "x"}])) == []
