"""Lines that people type, read as replies."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.cli.conversation.typed import parse_answer, parse_arguments, parse_decision
from saga_agent.domain.requests import Answer, Dismiss, Option, Question, StopRun
from saga_agent.errors import InvalidInput

OPTIONS = (Option(id="a", label="Mara"), Option(id="b", label="Tam"), Option(id="c", label="Reed"))


def question(**fields) -> Question:
    return Question(
        id="req_1",
        run_id="run_1",
        thread_id="thr_1",
        call_id="c1",
        agent="draft",
        created_at=0,
        question="Whose?",
        **fields,
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a", ("approve", "")),
        ("Approve", ("approve", "")),
        ("y", ("approve", "")),
        ("d too early", ("deny", "too early")),
        ("no", ("deny", "")),
        ("e {}", ("edit", "{}")),
        ("s", ("stop", "")),
    ],
)
def test_a_decision_is_read_with_the_words_after_it(line, expected):
    assert parse_decision(line) == expected


@pytest.mark.parametrize("line", ["", " ", "ok then", "yess", "1"])
def test_what_is_no_decision_is_never_taken_for_a_yes(line):
    with pytest.raises(InvalidInput, match="a to approve"):
        parse_decision(line)


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("2", Answer(option_ids=("b",))),
        (" 2 ", Answer(option_ids=("b",))),
        ("2 she knows", Answer(option_ids=("b",), note="she knows")),
        ("2 - she knows", Answer(option_ids=("b",), note="she knows")),
        ("2: she knows", Answer(option_ids=("b",), note="she knows")),
    ],
)
def test_an_option_is_chosen_by_its_number_and_may_have_a_note(line, answer):
    assert parse_answer(question(options=OPTIONS), line) == answer


def test_several_options_are_separated_by_commas():
    many = question(options=OPTIONS, multiple=True, max=2)

    assert parse_answer(many, "1, 3") == Answer(option_ids=("a", "c"))
    with pytest.raises(InvalidInput):
        parse_answer(many, "1,2,3")


@pytest.mark.parametrize("line", ["", "0", "4", "1,2", "Mara", "-1", "2nd"])
def test_what_is_no_choice_is_asked_again(line):
    with pytest.raises(InvalidInput):
        parse_answer(question(options=OPTIONS), line)


def test_free_text_answers_a_question_without_options():
    assert parse_answer(question(), " In the rain. ") == Answer(text="In the rain.")
    with pytest.raises(InvalidInput):
        parse_answer(question(), "  ")


@pytest.mark.parametrize("options", [(), OPTIONS], ids=["text", "options"])
def test_a_question_can_be_put_aside_or_stop_the_run(options):
    assert parse_answer(question(options=options), "d") == Dismiss()
    assert parse_answer(question(options=options), "S") == StopRun()


@given(st.text(max_size=40))
def test_any_line_is_an_answer_or_a_sentence(line):
    with suppress(InvalidInput):
        assert isinstance(parse_answer(question(options=OPTIONS), line), Answer | Dismiss | StopRun)


@pytest.mark.parametrize("text", ["", "{oops", "[1]", "3", "null"])
def test_arguments_must_be_a_json_object(text):
    with pytest.raises(InvalidInput, match="cannot be used"):
        parse_arguments(text)


def test_arguments_are_taken_as_they_are():
    assert parse_arguments('{"a": [1, null]}') == {"a": [1, None]}
