"""Commands on something that is no longer in place: a sentence and an exit code, and nothing is changed."""

from __future__ import annotations

import pytest

ADD = "Add Old Haldor as a character."


@pytest.fixture
def asked(saga, kennels) -> tuple[str, str]:
    """A run that waits, and what it asks."""
    lines = saga("chat", "--message", ADD, "--json").lines
    return lines[-1]["run_id"], next(line["request"]["id"] for line in lines if line["type"] == "request")


def test_a_run_that_has_ended_is_neither_stopped_nor_resumed(saga, asked):
    run, request = asked
    saga("answer", run, request, "--approve")

    stopped, resumed = saga("runs", "stop", run), saga("runs", "resume", run)

    assert (stopped.code, stopped.out) == (0, f"Run {run} is finished.\n")
    assert (resumed.code, resumed.sentences) == (2, [f"saga: Run '{run}' is finished; send a new message."])


def test_a_stopped_run_with_a_later_one_in_its_thread_is_not_resumed(saga, asked):
    run, _ = asked
    assert saga("runs", "stop", run).code == 0
    thread = saga("runs", "show", run, "--json").json["run"]["thread_id"]
    saga("chat", "--message", "Who is there?", "--thread", thread)
    later = saga("runs", "ls", "--json").json[0]["id"]

    resumed = saga("runs", "resume", run)

    sentence = f"saga: Run '{run}' is not the last of its thread, '{later}' is; send a new message."
    assert (resumed.code, resumed.sentences) == (2, [sentence])


def test_a_request_that_had_its_effect_takes_no_answer(saga, asked):
    run, request = asked
    saga("answer", run, request, "--approve")

    again = saga("answer", run, request, "--deny", "No.")

    assert again.code != 0
    assert again.sentences == [f"saga: Request '{request}' is consumed and takes no answer."]


def test_what_went_with_its_project_is_not_there(saga, asked):
    run, request = asked
    saga("answer", run, request, "--approve")
    assert saga("projects", "rm", "kennels", "--yes").code == 0

    for command in (("projects", "rm", "kennels", "--yes"), ("runs", "stop", run)):
        outcome = saga(*command)
        assert (outcome.code, len(outcome.sentences)) == (2, 1), outcome
        assert outcome.sentences[0].startswith("saga: No ")
