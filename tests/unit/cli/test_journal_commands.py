"""`saga runs`, `saga streams`, `saga threads`: what was done, to be looked at."""

from __future__ import annotations

import pytest

WHO = "Who appears in chapter 1?"
ADD = "Add Old Haldor as a character."


@pytest.fixture
def finished(saga, kennels) -> dict:
    """The result line of a finished turn."""
    return saga("chat", "--agent", "revise", "--message", WHO, "--json").lines[-1]


def test_runs_are_listed_newest_first(saga, finished):
    saga("chat", "--message", ADD)

    newest, oldest = saga("runs", "ls", "--json").json
    table = saga("runs", "ls").out
    assert (newest["state"], oldest["state"]) == ("waiting", "finished")
    assert oldest["id"] == finished["run_id"]
    assert table.index(newest["id"]) < table.index(oldest["id"])


def test_runs_of_one_thread_can_be_listed(saga, finished):
    saga("chat", "--message", ADD)

    assert len(saga("runs", "ls", "--thread", finished["thread_id"], "--json").json) == 1
    assert saga("runs", "ls", "--thread", "thr_none").code == 2


def test_a_run_is_shown_with_calls_requests_and_tokens(saga, kennels):
    run_id = saga("chat", "--yes", "--message", ADD, "--json").lines[-1]["run_id"]

    details = saga("runs", "show", run_id, "--json").json
    shown = saga("runs", "show", run_id).out

    assert [(call["tool"], call["ok"]) for call in details["calls"]] == [("create_entity", True)]
    assert [(each["state"], each["actor"]) for each in details["requests"]] == [("consumed", "local")]
    assert len(details["usage"]) == 2
    assert details["stream_rows"] > 5
    for words in (run_id, "create_entity", "approve", "offline", "finished"):
        assert words in shown


def test_a_waiting_run_is_stopped_and_stays_stopped(saga, kennels):
    run_id = saga("chat", "--message", ADD, "--json").lines[-1]["run_id"]

    first, second = saga("runs", "stop", run_id), saga("runs", "stop", run_id)

    assert (first.code, second.code) == (0, 0)
    assert "is stopped" in first.out
    assert saga("runs", "show", run_id, "--json").json["run"]["state"] == "stopped"


@pytest.mark.parametrize("verb", ["show", "stop", "resume"])
def test_an_unknown_run_is_wrong_use(saga, kennels, verb):
    outcome = saga("runs", verb, "run_none")

    assert (outcome.code, outcome.err) == (2, "saga: No run 'run_none'.\n")


def test_a_run_that_waits_is_not_resumed(saga, kennels):
    run_id = saga("chat", "--message", ADD, "--json").lines[-1]["run_id"]

    outcome = saga("runs", "resume", run_id)

    assert outcome.code == 2
    assert "waits for answers" in outcome.err


def test_a_stream_is_replayed_row_by_row(saga, finished):
    (stream,) = saga("streams", "ls", "--json").json

    rows = saga("streams", "show", stream["id"], "--json").lines
    shown = saga("streams", "show", stream["id"]).out.splitlines()

    assert [row["seq"] for row in rows] == list(range(1, stream["last_seq"] + 1))
    assert not any(row["void"] for row in rows)
    assert len(shown) == len(rows)
    assert "start" in shown[0]
    assert "finish" in shown[-1]


def test_a_stream_is_found_by_its_run_and_shown_from_a_row_on(saga, finished):
    whole = saga("streams", "show", finished["run_id"], "--json").lines

    rest = saga("streams", "show", finished["run_id"], "--after", "5", "--json").lines

    assert rest == whole[5:]


def test_an_unknown_stream_is_wrong_use(saga, kennels):
    assert saga("streams", "show", "str_none").code == 2


def test_a_thread_is_shown_as_a_conversation(saga, finished):
    shown = saga("threads", "show", finished["thread_id"]).out

    assert shown.index(WHO) < shown.index("detect_entities") < shown.index("Mara (")
    assert shown.startswith("you")
    assert "revise" in shown


def test_threads_are_listed_with_their_projects(saga, finished):
    table = saga("threads", "ls", "--project", "kennels").out

    assert finished["thread_id"] in table
    assert WHO in table
    assert saga("threads", "ls", "--project", "nope").code == 2
