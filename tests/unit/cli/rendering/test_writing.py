"""Text appears as it is written, on any kind of output."""

from __future__ import annotations

from io import StringIO

import pytest

from saga_agent.cli.rendering.console import build_console
from saga_agent.cli.rendering.writing import BlockWriting, LiveWriting, PlainWriting, build_writing, split_done

TEXT = "First *line*.\n\nSecond one.\n"


def test_a_pipe_gets_the_bare_words():
    file = StringIO()
    writing = build_writing(build_console(file))
    assert isinstance(writing, PlainWriting)

    for letter in TEXT:
        writing.add(letter)
    writing.end()

    assert file.getvalue() == TEXT


def test_a_line_that_is_not_complete_is_completed_at_the_end():
    file = StringIO()
    writing = PlainWriting(build_console(file))

    writing.add("no newline")
    writing.end()
    writing.end()

    assert file.getvalue() == "no newline\n"


def test_a_recording_gets_each_paragraph_once():
    console = build_console(StringIO(), record=True, width=60)
    writing = build_writing(console)
    assert isinstance(writing, BlockWriting)

    for letter in TEXT:
        writing.add(letter)
    writing.end()

    lines = [line.strip() for line in console.export_text().splitlines() if line.strip()]
    assert lines == ["First line.", "Second one."]


def test_a_terminal_keeps_each_paragraph_once():
    """What stays on the screen: rewritten frames are taken back by cursor moves before the next."""
    file = StringIO()
    console = build_console(file, width=60)
    console._force_terminal = True
    writing = LiveWriting(console)

    for word in TEXT.split(" "):
        writing.add(word + " ")
    writing.end()

    last_frame = file.getvalue().split("\x1b[?25h")[-1]
    assert "Second one." in last_frame
    assert "First" not in last_frame


@pytest.mark.parametrize(
    ("text", "done", "rest"),
    [
        ("one", "", "one"),
        ("one\n\ntwo", "one\n\n", "two"),
        ("one\n\ntwo\n\n", "one\n\ntwo\n\n", ""),
        ("```\na\n\nb", "", "```\na\n\nb"),
        ("```\na\n\nb\n```\n\nc", "```\na\n\nb\n```\n\n", "c"),
    ],
)
def test_only_complete_blocks_count_as_done(text, done, rest):
    assert split_done(text) == (done, rest)
