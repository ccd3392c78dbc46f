from __future__ import annotations

from typing import Any

from saga_agent.models.repair import EventRepair
from tests.servers.replies import delta, usage_event


def _calls(*deltas: dict[str, Any]) -> list[dict[str, Any]]:
    repair = EventRepair()
    repaired = [repair.apply(delta(tool_calls=[call])) for call in deltas]
    return [call for event in repaired if event for call in event["choices"][0]["delta"]["tool_calls"]]


def test_an_event_of_the_documented_shape_stays_as_it_is() -> None:
    assert EventRepair().apply(delta(content="Hi")) == delta(content="Hi")


def test_usage_is_taken_out_of_every_event_and_the_last_one_counts() -> None:
    repair = EventRepair()

    first = repair.apply({**delta(content="a"), "usage": {"completion_tokens": 1}})
    last = repair.apply(usage_event(3, 2))

    assert first == delta(content="a")
    assert last is None
    assert repair.usage == {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def test_a_repeated_finish_reason_counts_once() -> None:
    repair = EventRepair()
    events = [repair.apply(delta(finish_reason="stop")) for _ in range(2)]

    assert [event["choices"][0]["finish_reason"] for event in events if event] == ["stop", None]


def test_a_call_without_id_gets_one() -> None:
    (call,) = _calls({"index": 0, "function": {"name": "book", "arguments": "{}"}})

    assert call["id"].startswith("call_")


def test_calls_without_index_are_counted() -> None:
    calls = _calls(
        {"id": "a", "function": {"name": "book", "arguments": "{"}},
        {"function": {"arguments": "}"}},
        {"id": "b", "function": {"name": "book", "arguments": "{}"}},
    )

    assert [call["index"] for call in calls] == [0, 0, 1]


def test_several_calls_under_one_index_are_told_apart_by_their_ids() -> None:
    calls = _calls(
        {"index": 0, "id": "a", "function": {"name": "book", "arguments": '{"n":'}},
        {"index": 0, "function": {"arguments": "1}"}},
        {"index": 0, "id": "b", "function": {"name": "book", "arguments": '{"n":'}},
        {"index": 0, "function": {"arguments": "2}"}},
    )

    assert [(call["index"], call["id"]) for call in calls] == [(0, "a"), (0, None), (1, "b"), (1, None)]


def test_a_name_repeated_in_every_delta_is_not_doubled() -> None:
    calls = _calls(*[{"index": 0, "id": "a", "function": {"name": "book", "arguments": "x"}}] * 2)

    assert [call["function"] for call in calls] == [
        {"name": "book", "arguments": "x"},
        {"name": None, "arguments": "x"},
    ]


def test_two_calls_with_the_same_id_get_different_ones() -> None:
    first, second = _calls(
        {"index": 0, "id": "a", "function": {"name": "book", "arguments": "{}"}},
        {"index": 1, "id": "a", "function": {"name": "book", "arguments": "{}"}},
    )

    assert first["id"] != second["id"]


def test_a_character_split_over_two_events_is_joined() -> None:
    repair = EventRepair()
    halves = [repair.apply(delta(content=text)) for text in ("go \ud83d", "\ude00 on", "!")]

    assert [event["choices"][0]["delta"]["content"] for event in halves if event] == ["go ", "😀 on", "!"]


def test_half_a_character_alone_is_replaced_so_that_every_database_takes_the_text() -> None:
    repair = EventRepair()
    texts = [repair.apply(delta(content=text)) for text in ("a\ud83d", "b", "\ude00")]

    joined = "".join(event["choices"][0]["delta"]["content"] for event in texts if event)
    assert joined.encode().decode() == joined == "a�b�"
