"""`saga answer`: answers from another process than the one that asked."""

from __future__ import annotations

import pytest

ADD = "Add Old Haldor as a character."


@pytest.fixture
def waiting(saga, kennels) -> tuple[str, str]:
    """A run that waits for an approval, and the request's id."""
    lines = saga("chat", "--message", ADD, "--json").lines
    return lines[-1]["run_id"], next(line["request"]["id"] for line in lines if line["type"] == "request")


def entities(saga) -> int:
    return saga("projects", "ls", "--json").json[0]["entities"]


def test_an_approval_lets_the_call_run_and_shows_what_follows(saga, waiting):
    outcome = saga("answer", *waiting, "--approve")

    assert outcome.code == 0
    assert "I added Old Haldor" in outcome.out
    assert entities(saga) == 1


def test_what_was_shown_before_the_pause_is_not_shown_again(saga, waiting):
    lines = saga("answer", *waiting, "--approve", "--json").lines

    assert lines[0]["seq"] > 1
    assert "start" not in {line["chunk"]["type"] for line in lines if line["type"] == "chunk"}


def test_a_refusal_carries_its_reason(saga, waiting):
    outcome = saga("answer", *waiting, "--deny", "he is dead")

    assert outcome.code == 0
    assert "he is dead" in outcome.out
    assert entities(saga) == 0


def test_edited_arguments_are_what_runs(saga, waiting):
    outcome = saga("answer", *waiting, "--edit", '{"type": "character", "name": "Haldor the Younger"}')

    assert outcome.code == 0
    assert "Haldor the Younger (character) is in the story bible" in outcome.out


def test_an_option_answers_a_question(saga, kennels):
    lines = saga("chat", "--message", "Ask me whether it rains.", "--json").lines
    request = next(line["request"] for line in lines if line["type"] == "request")

    outcome = saga("answer", request["run_id"], request["id"], "--option", "b", "--note", "not today")

    assert outcome.code == 0
    assert "You answered: No (you noted: not today)" in outcome.out


def test_an_answer_that_does_not_fit_leaves_the_request_open(saga, waiting):
    run_id, _ = waiting

    outcome = saga("answer", *waiting, "--option", "a")

    assert outcome.code == 2
    assert "is an approval" in outcome.err
    assert saga("runs", "show", run_id, "--json").json["requests"][0]["state"] == "pending"


@pytest.mark.parametrize(
    "options", [(), ("--approve", "--dismiss"), ("--approve", "--note", "x")], ids=["none", "two", "stray note"]
)
def test_exactly_one_answer_must_be_given(saga, waiting, options):
    assert saga("answer", *waiting, *options).code == 2
    assert saga("runs", "ls", "--json").json[0]["state"] == "waiting"


def test_arguments_that_are_no_json_are_wrong_use(saga, waiting):
    assert saga("answer", *waiting, "--edit", "{oops").code == 2
    assert saga("answer", *waiting, "--edit", "[1]").code == 2


def test_a_request_is_answered_once(saga, waiting):
    saga("answer", *waiting, "--approve")

    outcome = saga("answer", *waiting, "--deny", "too late")

    assert outcome.code == 1
    assert "takes no answer" in outcome.err
    assert entities(saga) == 1


def test_unknown_ids_are_wrong_use(saga, waiting):
    run_id, _ = waiting

    assert saga("answer", "run_none", "req_none", "--approve").code == 2
    assert saga("answer", run_id, "req_none", "--approve").code == 2


def test_a_run_that_waits_for_more_says_so(saga, kennels):
    message = "Add Old Haldor as a character, and add Sunniva as a character."
    lines = saga("chat", "--message", message, "--json").lines
    first, second = [line["request"] for line in lines if line["type"] == "request"]

    partly = saga("answer", first["run_id"], first["id"], "--approve")
    wholly = saga("answer", first["run_id"], second["id"], "--approve")

    assert partly.code == 1
    assert f"saga answer {first['run_id']} {second['id']} --approve" in partly.err
    assert wholly.code == 0
    assert entities(saga) == 2
