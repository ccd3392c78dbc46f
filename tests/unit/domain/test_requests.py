"""What counts as an answer."""

import pytest

from saga_agent.domain.requests import (
    Answer,
    Approval,
    Approve,
    Deny,
    Dismiss,
    Edit,
    Option,
    Question,
    Reply,
    StopRun,
    check_reply,
)
from saga_agent.errors import InvalidInput

COMMON = {"id": "r", "run_id": "run", "thread_id": "thr", "call_id": "c", "agent": "draft", "created_at": 0.0}
OPTIONS = (Option(id="a", label="Mara"), Option(id="b", label="Tam"), Option(id="c", label="Ilse"))


def question(**fields: object) -> Question:
    return Question.model_validate({**COMMON, "question": "Whose view?", **fields})


APPROVAL = Approval.model_validate(
    {**COMMON, "tool": "create_entity", "effect": "write", "arguments": {}, "arguments_hash": "h"}
)


@pytest.mark.parametrize("reply", [Approve(), Deny(feedback="no"), Edit(arguments={}), StopRun()])
def test_an_approval_takes_a_verdict(reply: Reply) -> None:
    check_reply(APPROVAL, reply)


@pytest.mark.parametrize("reply", [Answer(text="yes, delete it"), Dismiss()])
def test_an_approval_takes_no_answer_to_a_question(reply: Reply) -> None:
    with pytest.raises(InvalidInput, match="is an approval"):
        check_reply(APPROVAL, reply)


def test_a_question_takes_no_approval() -> None:
    with pytest.raises(InvalidInput, match="is a question"):
        check_reply(question(), Approve())


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (question(), Answer(text="Tam's")),
        (question(options=OPTIONS), Answer(option_ids=("b",), note="but not for long")),
        (question(options=OPTIONS, multiple=True, min=2), Answer(option_ids=("a", "c"))),
        (question(options=OPTIONS, multiple=True), Answer(option_ids=("a", "b", "c"))),
    ],
)
def test_answers_that_fit(asked: Question, answer: Answer) -> None:
    check_reply(asked, answer)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (question(), Answer()),
        (question(), Answer(text="   ")),
        (question(), Answer(option_ids=("a",))),
        (question(options=OPTIONS), Answer()),
        (question(options=OPTIONS), Answer(option_ids=("z",))),
        (question(options=OPTIONS), Answer(option_ids=("a", "b"))),
        (question(options=OPTIONS), Answer(text="Mara")),
        (question(options=OPTIONS, multiple=True, min=2), Answer(option_ids=("a",))),
        (question(options=OPTIONS, multiple=True, max=2), Answer(option_ids=("a", "b", "c"))),
        (question(options=OPTIONS, multiple=True), Answer(option_ids=("a", "a"))),
        (question(options=OPTIONS, allow_note=False), Answer(option_ids=("a",), note="x")),
    ],
)
def test_answers_that_do_not_fit_are_refused(asked: Question, answer: Answer) -> None:
    with pytest.raises(InvalidInput):
        check_reply(asked, answer)
