"""Laws of merging: nothing is lost, nothing moves that may not."""

from hypothesis import given
from hypothesis import strategies as st

from saga_agent.domain import chunks as c
from saga_agent.domain.parts import PartsBuilder
from saga_agent.streams.merge import merge_chunks

IDS = ("a", "b", "c")


@st.composite
def messages(draw: st.DrawFn) -> list[c.Chunk]:
    """Any valid run of chunks: interleaved texts, reasonings and calls."""
    chunks: list[c.Chunk] = [c.Start(message_id="m")]
    texts: set[str] = set()
    calls: set[str] = set()
    for _ in range(draw(st.integers(0, 40))):
        name = draw(st.sampled_from(IDS))
        words = draw(st.text(max_size=5))
        match draw(st.integers(0, 4)):
            case 0 if name in texts:
                texts.discard(name)
                chunks.append(c.TextEnd(id=name))
            case 0 | 1:
                if name not in texts:
                    texts.add(name)
                    chunks.append(c.TextStart(id=name))
                chunks.append(c.TextDelta(id=name, delta=words))
            case 2 | 3:
                if name not in calls:
                    calls.add(name)
                    chunks.append(c.ToolInputStart(tool_call_id=name, tool_name="t"))
                chunks.append(c.ToolInputDelta(tool_call_id=name, input_text_delta=words))
            case _:
                chunks.append(c.Data(type="data-x", data=words))
    return chunks


def rebuild(chunks: list[c.Chunk]) -> object:
    builder = PartsBuilder()
    for chunk in chunks:
        builder.add(chunk)
    return builder.parts


@given(messages(), st.lists(st.integers(1, 7), max_size=40))
def test_rebuilding_merged_batches_gives_the_same_message(chunks: list[c.Chunk], sizes: list[int]) -> None:
    """rebuild(merge(parts)) == rebuild(parts), for any batching."""
    merged: list[c.Chunk] = []
    rest = list(chunks)
    for size in [*sizes, len(rest) or 1]:
        merged += merge_chunks(rest[:size])
        rest = rest[size:]

    assert rebuild(merged) == rebuild(chunks)


@given(messages())
def test_merging_is_idempotent_and_leaves_its_input_alone(chunks: list[c.Chunk]) -> None:
    before = [chunk.to_json() for chunk in chunks]

    once = merge_chunks(chunks)

    assert merge_chunks(once) == once
    assert [chunk.to_json() for chunk in chunks] == before


def test_interleaved_calls_become_one_row_each() -> None:
    """Scenario 17: 100 KB of arguments in one-byte deltas, three calls interleaved, in at most 2 % of the parts."""
    names = ("a", "b", "c")
    parts: list[c.Chunk] = [
        c.ToolInputDelta(tool_call_id=names[index % 3], input_text_delta="x") for index in range(100_000)
    ]

    merged = merge_chunks(parts)

    assert [chunk.tool_call_id for chunk in merged if isinstance(chunk, c.ToolInputDelta)] == list(names)
    assert sum(len(chunk.input_text_delta) for chunk in merged if isinstance(chunk, c.ToolInputDelta)) == 100_000


def test_the_last_metadata_that_is_not_null_wins() -> None:
    def delta(text: str, **extra: object) -> c.Chunk:
        return c.CHUNK.validate_python({"type": "text-delta", "id": "t", "delta": text, **extra})

    merged = merge_chunks([delta("a", providerMetadata={"p": {"signature": "1"}}), delta("b"), delta("c", note=None)])

    assert [chunk.to_dict() for chunk in merged] == [
        {"type": "text-delta", "id": "t", "delta": "abc", "providerMetadata": {"p": {"signature": "1"}}}
    ]
