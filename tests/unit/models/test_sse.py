from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from saga_agent.models.sse import EventDecoder

STREAM = "data: {“a”: 1}\r\n\r\n: a comment\n\nevent: x\ndata: one\ndata:two\n\ndata: [DONE]\n\n".encode()
EVENTS = ["{“a”: 1}", "one\ntwo", "[DONE]"]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_events_come_out_whole_however_the_bytes_arrive(cuts: list[int]) -> None:
    decoder = EventDecoder()
    edges = [0, *sorted(cuts), len(STREAM)]

    events = [event for a, b in itertools.pairwise(edges) for event in decoder.feed(STREAM[a:b])]

    assert events == EVENTS


def test_an_event_without_its_blank_line_never_comes_out() -> None:
    decoder = EventDecoder()

    assert decoder.feed(b'data: {"days":1') == []
    assert decoder.feed(b"2}\n") == []
    assert decoder.feed(b"\n") == ['{"days":12}']


def test_bytes_that_are_no_text_are_replaced() -> None:
    assert EventDecoder().feed(b"data: \xff\n\n") == ["�"]
