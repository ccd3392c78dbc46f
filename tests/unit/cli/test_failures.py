"""Errors become one sentence and an exit code."""

from __future__ import annotations

import pytest

from saga_agent.cli.failures import exit_code, sentence
from saga_agent.errors import (
    AlreadyExists,
    InvalidInput,
    MissingExtra,
    ModelRejected,
    ModelUnavailable,
    NotFound,
    PolicyError,
    RunBusy,
    RunFailed,
    SchemaMismatch,
    StorageCorrupt,
    StorageUnavailable,
    UnreadableFile,
)


@pytest.mark.parametrize(
    "error",
    [
        InvalidInput("x"),
        UnreadableFile("f", "r"),
        PolicyError("x"),
        NotFound("run", "r"),
        AlreadyExists("a", "b"),
        MissingExtra("PostgreSQL", "postgres"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_can_be_typed_differently_is_wrong_use(error):
    assert exit_code(error) == 2


@pytest.mark.parametrize(
    "error",
    [
        ModelRejected("x"),
        ModelUnavailable("x"),
        StorageUnavailable("x"),
        StorageCorrupt("x"),
        RunBusy("t", "r"),
        SchemaMismatch(found="9", expected="1", newer=True),
        RunFailed("r", "failed", "x"),
        ValueError("x"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_did_not_work_is_a_failure(error):
    assert exit_code(error) == 1


def test_a_message_of_several_lines_becomes_one():
    assert sentence(InvalidInput("One.\n  Two.")) == "One. Two."


def test_an_unexpected_error_says_how_to_see_more():
    words = sentence(KeyError("boom"))

    assert "KeyError" in words
    assert "--debug" in words
