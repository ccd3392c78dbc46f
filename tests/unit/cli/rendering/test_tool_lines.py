"""Tool calls and results in few words."""

from __future__ import annotations

import pytest

from saga_agent.cli.rendering.cards import split_rule
from saga_agent.cli.rendering.cast_table import sparkline
from saga_agent.cli.rendering.tool_lines import call_line, failure_line, result_line, summary
from saga_agent.cli.rendering.words import plural, short_value, shorten


def test_a_call_shows_what_was_given_and_leaves_defaults_out():
    line = call_line("create_entity", {"name": "Mara", "aliases": [], "fields": None, "force": False}).plain

    assert line == '● create_entity  name="Mara" force=false'


def test_a_long_argument_is_cut():
    line = call_line("read_document", {"document": "x" * 500}).plain

    assert len(line) < 120
    assert "…" in line


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"passages": [{"title": "Chapter 3"}]}, "1 passage; the best in Chapter 3"),
        ({"passages": []}, "nothing found"),
        ({"documents": [1, 2]}, "2 documents"),
        ({"document": {"title": "Ch 1"}, "names": [{"name": "Mara"}], "ambiguous": []}, "Ch 1: 1 name (Mara)"),
        ({"names": []}, "no names"),
        ({"document": {"title": "Ch 1"}, "text": "abc"}, "Ch 1, 3 characters"),
        (
            {"entity": {"name": "Mara", "type": "character"}, "mentions": 2},
            "Mara (character) is in the story bible, 2 mentions in the text",
        ),
        ({"outcome": "answered"}, "answered"),
        ({"outcome": "dismissed"}, "dismissed: the question stays open"),
        ({"weather": "fine"}, '{"weather": "fine"}'),
    ],
)
def test_a_result_is_told_by_what_it_holds(data, words):
    assert summary({"ok": True, "data": data}) == words


@pytest.mark.parametrize("output", [None, 3, "text", [], {}, {"data": None}])
def test_a_result_of_any_shape_can_be_shown(output):
    assert result_line(output).plain.startswith("  └ ")


def test_warnings_follow_the_result():
    assert "ambiguous now" in result_line({"data": {}, "warnings": ["it is ambiguous now"]}).plain


def test_a_failure_says_why_and_a_refusal_that_it_was_one():
    assert failure_line("no such chapter").plain == "  └ no such chapter"
    assert failure_line("", denied=True).plain == "  └ declined"


@pytest.mark.parametrize(
    ("counts", "picture"), [((), ""), ((0, 0), "··"), ((0, 1, 8), "·▁█"), ((5, 5), "██"), ((1000, 1), "█▁")]
)
def test_a_sparkline_has_a_bar_for_every_count_but_none(counts, picture):
    assert sparkline(counts) == picture


def test_a_rule_is_split_from_its_reason():
    assert split_rule("app: ask * [write] (it changes the story)") == ("app: ask * [write]", "it changes the story")
    assert split_rule("it was started before and did not finish") == ("it was started before and did not finish", "")


def test_words():
    assert [plural(1, "run"), plural(1200, "run"), plural(2, "entry", "entries")] == [
        "1 run",
        "1,200 runs",
        "2 entries",
    ]
    assert shorten("a  b\nc", 10) == "a b c"
    assert shorten("abcdef", 4) == "abc…"
    assert short_value({"a": "ü"}) == '{"a": "ü"}'
