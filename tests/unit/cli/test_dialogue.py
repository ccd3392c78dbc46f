"""`saga chat` without a message: a dialogue."""

from __future__ import annotations

ADD = "Add Old Haldor as a character."


def test_a_dialogue_answers_turn_after_turn_in_one_thread(saga, kennels):
    outcome = saga("chat", "--agent", "revise", typed="Who appears in chapter 1?\nWho appears in chapter 2?\n/quit\n")

    (thread,) = saga("threads", "ls", "--json").json
    assert outcome.code == 0
    assert outcome.out.count("- Mara") == 2
    assert len(saga("threads", "show", thread["id"], "--json").json) == 4


def test_leaving_at_once_stores_nothing(saga, kennels):
    assert saga("chat", typed="").code == 0
    assert saga("threads", "ls", "--json").json == []


def test_an_approval_is_shown_as_a_card_and_approved(saga, kennels):
    outcome = saga("chat", typed=f"{ADD}\na\n/quit\n")

    card = outcome.out
    assert "Add character 'Old Haldor' to the story bible" in card
    assert "it changes the story" in card
    assert "agent draft" in card
    assert "app: ask * [write]" in card
    assert "kennels" in card
    assert saga("projects", "ls", "--json").json[0]["entities"] == 1


def test_a_refusal_reaches_the_agent_with_its_reason(saga, kennels):
    outcome = saga("chat", typed=f"{ADD}\nd he is dead\n/quit\n")

    assert "he is dead" in outcome.out.split("declined")[-1]
    assert saga("projects", "ls", "--json").json[0]["entities"] == 0


def test_arguments_can_be_edited_and_are_checked_first(saga, kennels):
    wrong = '{"type": "character", "name": "Haldor", "colour": "red"}'
    right = '{"type": "character", "name": "Haldor"}'

    outcome = saga("chat", typed=f"{ADD}\ne\n{wrong}\ne {right}\n/quit\n")

    assert "'colour'" in outcome.out
    assert "Haldor (character) is in the story bible" in outcome.out


def test_requests_of_one_turn_are_answered_one_after_another(saga, kennels):
    message = "Add Old Haldor as a character, and add Sunniva as a character."

    outcome = saga("chat", typed=f"{message}\na\nd no\n/quit\n")

    assert "approval 1 of 2" in outcome.out
    assert "approval 2 of 2" in outcome.out
    assert saga("projects", "ls", "--json").json[0]["entities"] == 1


def test_a_question_is_answered_by_number_with_a_note(saga, kennels):
    outcome = saga("chat", typed="Ask me whether it rains.\n3\n1 softly\n/quit\n")

    assert "There is no option 3" in outcome.out
    assert "You answered: Yes (you noted: softly)" in outcome.out


def test_the_run_can_be_stopped_at_a_request(saga, kennels):
    outcome = saga("chat", typed=f"{ADD}\ns\n/quit\n")

    assert outcome.code == 0
    assert saga("runs", "ls", "--json").json[0]["state"] == "stopped"


def test_a_run_left_waiting_is_asked_again_when_the_thread_goes_on(saga, kennels):
    saga("chat", "--message", ADD)

    saga("chat", "--continue", typed="a\n/quit\n")

    assert saga("runs", "ls", "--json").json[0]["state"] == "finished"


def test_the_agent_can_be_changed(saga, kennels):
    saga("chat", typed="/agent revise\nWho appears in chapter 1?\n/quit\n")

    assert saga("runs", "ls", "--json").json[0]["agent"] == "revise"


def test_a_wrong_command_is_told_and_the_dialogue_goes_on(saga, kennels):
    outcome = saga("chat", typed="/agent nobody\n/foo\n/help\n/thread\n/quit\n")

    assert outcome.code == 0
    assert "There is no agent 'nobody'" in outcome.out
    assert "There is no command /foo" in outcome.out
    assert "leaves; so does Ctrl-D" in outcome.out
    assert "starts a new thread" in outcome.out


def test_a_new_thread_can_be_started(saga, kennels):
    who = "Who appears in chapter 1?"

    saga("chat", "--agent", "revise", typed=f"{who}\n/thread new\n{who}\n/quit\n")

    assert len(saga("threads", "ls", "--json").json) == 2


def test_a_failed_turn_is_told_and_the_dialogue_goes_on(saga, kennels):
    outcome = saga("chat", "--model", "openai:none@http://127.0.0.1:9/v1", typed="Hello?\n/thread\n/quit\n")

    assert outcome.code == 0
    assert "cannot be reached" in outcome.err
    assert "Hello?" in outcome.out
