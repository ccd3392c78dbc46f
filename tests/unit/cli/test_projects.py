"""`saga projects`: what is there, and removing it for good."""

from __future__ import annotations


def test_projects_are_listed_with_what_they_hold(saga, kennels):
    saga("chat", "--yes", "--message", "Add Old Haldor as a character.")

    line = next(line for line in saga("projects", "ls").out.splitlines() if "kennels" in line)

    assert line.split()[-3:] == ["2", "1", "1"]


def test_removal_must_be_confirmed(saga, kennels):
    outcome = saga("projects", "rm", kennels)

    assert outcome.code == 2
    assert "add --yes" in outcome.err
    assert len(saga("projects", "ls", "--json").json) == 1


def test_a_project_goes_with_its_threads(saga, kennels):
    saga("chat", "--agent", "revise", "--message", "Who appears in chapter 1?")

    outcome = saga("projects", "rm", kennels, "--yes")

    assert outcome.code == 0
    assert "2 documents" in outcome.out
    assert saga("projects", "ls", "--json").json == []
    assert saga("threads", "ls", "--json").json == []


def test_an_unknown_project_lists_the_known_ones(saga, kennels):
    outcome = saga("projects", "rm", "nope", "--yes")

    assert (outcome.code, outcome.err) == (2, "saga: No project 'nope'. There are: kennels.\n")
