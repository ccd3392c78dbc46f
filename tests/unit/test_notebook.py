"""Notebooks: a real IPython shows requests and messages as cards."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from saga_agent.domain.journal import Message
from saga_agent.domain.requests import Approval, ClientCall, Option, Question, Request
from saga_agent.notebook import Cards

_ASKED = {
    "run_id": "run_1",
    "thread_id": "thr_1",
    "call_id": "call_1",
    "agent": "editor",
    "agent_path": ("draft", "editor"),
    "created_at": 0.0,
}
APPROVAL = Approval(
    **_ASKED,
    id="req_1",
    tool="propose_edit",
    effect="write",
    arguments={"document": "Chapter 7"},
    arguments_hash="h",
    preview={"title": "Edit <b>Chapter 7</b>", "lines": ["- rusty", "+ bright"]},
    rule="app: ask * [write]",
)
QUESTION = Question(
    **_ASKED,
    id="req_2",
    question="Who holds the key?",
    context="the scene at the lock",
    options=(Option(id="a", label="Marit"), Option(id="b", label="Haldor")),
)
PAGE = ClientCall(**_ASKED, id="req_3", tool="open_panel", arguments={}, payload={"panel": "entity", "tab": None})


@pytest.fixture
def plain_shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    # A shell puts a module of its own in place of `__main__`, which processes started later would look into.
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    yield shell
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)


@pytest.fixture
def shell(plain_shell: InteractiveShell) -> InteractiveShell:
    plain_shell.run_line_magic("load_ext", "saga_agent.notebook")
    return plain_shell


def shown(shell: InteractiveShell, value: object) -> str:
    formats, _ = shell.display_formatter.format(value)
    return str(formats.get("text/html", ""))


def test_an_approval_shows_what_on_which_text_by_whom_and_under_which_rule(shell: InteractiveShell) -> None:
    card = shown(shell, APPROVAL)

    for words in ("+ bright", "Chapter 7", "draft › editor", "app: ask * [write]", "write", "req_1"):
        assert words in card


def test_text_of_the_story_is_never_markup(shell: InteractiveShell) -> None:
    assert "<b>" not in shown(shell, APPROVAL)
    assert "&lt;b&gt;Chapter 7&lt;/b&gt;" in shown(shell, APPROVAL)


def test_a_question_shows_the_ids_that_answer_it_and_a_page_call_what_the_page_would_show(
    shell: InteractiveShell,
) -> None:
    assert "<li>a: Marit</li><li>b: Haldor</li>" in shown(shell, QUESTION)
    assert "the scene at the lock" in shown(shell, QUESTION)
    assert "panel: entity" in shown(shell, PAGE)


@pytest.mark.parametrize("requests", [(), (APPROVAL, QUESTION, PAGE)])
def test_several_are_shown_together(shell: InteractiveShell, requests: tuple[Request, ...]) -> None:
    card = shown(shell, Cards(requests))

    assert all(request.id in card for request in requests)
    assert requests or "Nothing waits" in card


def test_a_message_shows_its_words_and_its_calls(shell: InteractiveShell) -> None:
    message = Message(
        id="msg_1",
        thread_id="thr_1",
        role="assistant",
        agent="draft",
        created_at=0.0,
        parts=(
            {"type": "text", "text": "One.\n\nTwo <i>."},
            {"type": "tool-create_entity", "toolCallId": "c1", "state": "output-available"},
        ),
    )

    card = shown(shell, message)

    assert "<p>One.</p><p>Two &lt;i&gt;.</p>" in card
    assert "create_entity: output-available" in card


def test_without_the_extension_nothing_is_a_card(plain_shell: InteractiveShell) -> None:
    assert shown(plain_shell, APPROVAL) == ""
    plain_shell.run_line_magic("load_ext", "saga_agent.notebook")
    plain_shell.run_line_magic("unload_ext", "saga_agent.notebook")
    assert shown(plain_shell, APPROVAL) == ""
