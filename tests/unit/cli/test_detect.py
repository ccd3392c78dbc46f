"""`saga detect`: the cast of a text."""

from __future__ import annotations

from pathlib import Path


def test_the_cast_of_a_file_needs_no_database(saga, folder: Path, story):
    members = saga("detect", str(story), "--json").json

    assert {"Mara", "Tam"} <= {member["name"] for member in members}
    mara = next(member for member in members if member["name"] == "Mara")
    assert (mara["count"], mara["chapters"], mara["known"]) == (4, [3, 1], False)
    assert [each.name for each in folder.iterdir()] == ["kennels.md"]


def test_the_cast_of_a_project_knows_its_bible(saga, kennels):
    saga("chat", "--yes", "--message", '/call create_entity {"type": "character", "name": "Tam"}')

    members = saga("detect", "--project", kennels, "--json").json

    tam = next(member for member in members if member["name"] == "Tam")
    assert (tam["known"], tam["kind"], tam["chapters"]) == (True, "character", [2, 1])


def test_one_document_can_be_looked_at(saga, kennels):
    members = saga("detect", "--project", kennels, "--document", "chapter 2", "--json").json

    assert [(m["name"], m["chapters"]) for m in members if m["name"] in ("Mara", "Tam")] == [
        ("Mara", [1]),
        ("Tam", [1]),
    ]


def test_the_table_draws_who_appears_where(saga, story):
    outcome = saga("detect", str(story))

    (line,) = [line for line in outcome.out.splitlines() if line.split()[:1] == ["Mara"]]
    assert line.split()[-1] == "█▃"


def test_an_unknown_document_is_wrong_use(saga, kennels):
    outcome = saga("detect", "--document", "chapter 9")

    assert outcome.code == 2
    assert "Chapter 1: Low Water" in outcome.err


def test_a_file_and_a_project_together_are_wrong_use(saga, story, kennels):
    assert saga("detect", str(story), "--project", kennels).code == 2
