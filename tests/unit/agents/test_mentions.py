"""Which words of a writer's message call a subagent."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.agents.mentions import AgentMentions, find_mentions, without_mentions

KNOWN = ("research", "editor", "fact-checker")


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Who is at the Kennels? @research", ["research"]),
        ("@Research, then @editor: go on", ["research", "editor"]),
        ("@editor @editor @EDITOR", ["editor"]),
        ("(@editor) is asked.", ["editor"]),
        ("Ask @editor.", ["editor"]),
        ("@fact-checker please", ["fact-checker"]),
        ("a lone ` and @editor", ["editor"]),
        ("```\ncode\n```\n@editor", ["editor"]),
        ("x `code` @editor `code`", ["editor"]),
    ],
)
def test_a_name_calls_a_subagent_once(text: str, known: list[str]) -> None:
    assert find_mentions(text, KNOWN) == AgentMentions(tuple(known))


@pytest.mark.parametrize(
    "text",
    [
        "mail editor@editor.com",
        "first.last@editor",
        "@editor.com",
        "@editor-x.org",
        "@@editor",
        "\\@editor",
        "`@editor`",
        "`` ` @editor ``",
        "```\n@editor\n```",
        "~~~ md\n@editor\n~~~",
        "```\n@editor and no end",
        "   ```\n@editor\n   ```",
        "https://example.org/@editor",
        "@editor/notes.md",
        "@editor@example.org",
    ],
)
def test_code_addresses_paths_and_escapes_call_nobody(text: str) -> None:
    assert find_mentions(text, KNOWN) == AgentMentions()


def test_an_unknown_name_is_told_as_it_was_written() -> None:
    assert find_mentions("@Tam and @research", KNOWN) == AgentMentions(("research",), ("Tam",))


def test_the_task_is_the_message_without_the_mention() -> None:
    assert without_mentions("Who is at the Kennels? @research", KNOWN) == "Who is at the Kennels?"
    assert without_mentions("Ask `@editor` and @tam", KNOWN) == "Ask `@editor` and @tam"
    assert without_mentions("@editor", KNOWN) == "@editor", "a message that is nothing else is the task itself"


_PIECES = st.sampled_from(
    ["@editor", "@research", "@nobody", "`", "``", "```", "\n```\n", "\n~~~\n", "\n", " ", "a", ".", "\\", "@", "é"]
)


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_no_mention_is_found_twice_or_made_of_anything_else(text: str) -> None:
    found = find_mentions(text, KNOWN)

    assert len(set(found.known)) == len(found.known)
    assert set(found.known) <= set(KNOWN)
    assert all(f"@{name}" in text.lower() for name in (*found.known, *found.unknown))


@given(
    st.text(alphabet="ab @`\n.", max_size=40),
    st.text(alphabet="ab @\n.", max_size=40),
    st.sampled_from(["```", "````", "~~~"]),
)
def test_nothing_in_a_fence_is_ever_found(before: str, inside: str, fence: str) -> None:
    """Whatever stands before it, unless that opens a block or a span of its own."""
    before = before.replace("`", "")
    text = f"{before}\n{fence}\n{inside} @editor {inside}\n{fence}\n"

    assert find_mentions(text, KNOWN).known == ()


@given(st.text(alphabet="ab @.\n", max_size=40), st.integers(1, 4))
def test_nothing_in_a_span_is_ever_found(inside: str, ticks: int) -> None:
    text = f"before {'`' * ticks} {inside} @editor {inside} {'`' * ticks} after".replace("\n", " ")

    assert find_mentions(text, KNOWN).known == ()


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    found = find_mentions(text, KNOWN)

    assert not found.known or re.search(r"@", text)
    assert without_mentions(text, found.known) or not text.strip()
