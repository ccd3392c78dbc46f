"""A stream's rows, with what a rewind took back still to be seen."""

from __future__ import annotations

from saga_agent.cli.rendering.stream_rows import mark_void, row_lines
from saga_agent.domain import chunks as c
from saga_agent.domain.journal import Delta


def log(*chunks: c.Chunk, epochs: str) -> list[Delta]:
    return [
        Delta(seq=seq, epoch=int(epoch), chunk=chunk.to_json())
        for seq, (chunk, epoch) in enumerate(zip(chunks, epochs, strict=True), start=1)
    ]


KILLED = log(
    c.Start(message_id="msg_1"),
    c.StartStep(),
    c.TextStart(id="t"),
    c.TextDelta(id="t", delta="half a sent"),
    c.Rewind(to_seq=1),
    c.StartStep(),
    c.TextStart(id="t"),
    c.TextDelta(id="t", delta="a whole sentence"),
    epochs="11112222",
)


def test_rows_after_the_mark_of_a_rewind_are_void():
    rows = mark_void("str", KILLED)

    assert [row.seq for row in rows if row.is_void] == [2, 3, 4]


def test_the_killed_text_stays_readable_and_is_marked():
    lines = [line.plain for line in row_lines(mark_void("str", KILLED))]

    assert "half a sent" in lines[3]
    assert "✗" in lines[3]
    assert "✗" not in lines[7]
    assert "void" in lines[4]
    assert [line.split()[1] for line in lines] == ["e1"] * 4 + ["e2"] * 4


def test_a_second_rewind_voids_what_the_first_one_wrote():
    rows = mark_void(
        "str",
        [
            *KILLED,
            Delta(seq=9, epoch=3, chunk=c.Rewind(to_seq=1).to_json()),
            Delta(seq=10, epoch=3, chunk=c.StartStep().to_json()),
        ],
    )

    assert [row.seq for row in rows if not row.is_void] == [1, 5, 9, 10]


def test_a_row_as_json_holds_its_chunk():
    row = mark_void("str", KILLED)[0]

    assert row.to_dict() == {"seq": 1, "epoch": 1, "void": False, "chunk": {"type": "start", "messageId": "msg_1"}}
