"""The client of the benchmarks over HTTP: no broken answer passes for a whole one."""

from __future__ import annotations

import json
import re

import pytest

from benchmarks.over_http.client import BadAnswer, Reading
from benchmarks.server import spoken

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
WHOLE = ["start", "the keeper ", "of the ", "finish", "[DONE]"]
TEXT = "the keeper of the "


def body(*marks: str) -> bytes:
    """An answer as it travels, each event in a chunk; a mark with a space is text."""
    blocks = [f"data: {_event(mark)}\n\n".encode() for mark in marks]
    return HEAD + b"".join(b"%x\r\n%s\r\n" % (len(block), block) for block in blocks)


def _event(mark: str) -> str:
    if mark == "[DONE]":
        return mark
    return json.dumps({"type": "text-delta", "delta": mark} if " " in mark else {"type": mark})


async def reading(sent: bytes, *, cut_into: int = 10_000, beside: Reading | None = None) -> Reading:
    """A reader to whom that was sent, in pieces of so many bytes, before the connection ended."""
    reader = Reading(b"", beside=beside)
    for start in range(0, len(sent), cut_into):
        reader.data_received(sent[start : start + cut_into])
    reader.connection_lost(None)
    return reader


@pytest.mark.parametrize("cut_into", [1, 7, 10_000])
async def test_a_reader_has_the_answer_however_it_is_cut_on_the_way(cut_into: int):
    reader = await (await reading(body(*WHOLE), cut_into=cut_into)).whole(TEXT)

    assert (reader.text, reader.kinds[0], reader.kinds[-1]) == (TEXT, "start", "[DONE]")
    assert 0 < reader.first_event <= reader.first_text <= reader.end


@pytest.mark.parametrize(
    ("marks", "why"),
    [
        (WHOLE[1:], "goes from"),
        (WHOLE[:-1], "goes from"),
        (WHOLE[:-2], "goes from"),
        ([*WHOLE[:2], *WHOLE[3:]], "11 characters, not the 18"),
        ([*WHOLE[:2], WHOLE[1], *WHOLE[2:]], "29 characters, not the 18"),
    ],
)
async def test_an_answer_that_is_not_whole_fails_loudly(marks: list[str], why: str):
    reader = await reading(body(*marks))

    with pytest.raises(BadAnswer, match=re.escape(why)):
        await reader.whole(TEXT)


async def test_a_refusal_fails_with_its_words():
    reader = await reading(b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 9\r\n\r\nToo fast.")

    with pytest.raises(BadAnswer, match=r"429: Too fast\."):
        await reader.whole(TEXT)


async def test_a_late_reader_has_caught_up_with_as_much_text_as_the_one_beside_it():
    live = await reading(body("start", "the keeper "))

    behind = await reading(body("start", "the "), beside=live)
    level = await reading(body("start", "the ", "keeper "), beside=live)

    assert not behind.caught_up
    assert level.caught_up


def test_the_tokens_of_the_model_server_have_as_many_words_as_asked_for():
    assert [len(token.split()) for token in spoken(3, 20)] == [20, 20, 20]
    assert "".join(spoken(6, 2)) == "".join(spoken(12))
