"""`saga import`: chapters in, nothing half-written."""

from __future__ import annotations

from pathlib import Path

from tests.unit.cli.running import STORY


def test_the_report_shows_each_chapter(saga, story):
    outcome = saga("import", str(story), "--project", "kennels")

    assert outcome.code == 0
    assert "Chapter 1: Low Water" in outcome.out
    assert "Chapter 2: The Ferry" in outcome.out
    assert "2 chapters" in outcome.err
    assert "2 added in project 'kennels'" in outcome.err


def test_a_missing_project_is_made(saga, kennels):
    (project,) = saga("projects", "ls", "--json").json

    assert (project["name"], project["documents"], project["threads"]) == ("kennels", 2, 0)


def test_a_second_import_says_unchanged(saga, story, kennels):
    outcome = saga("import", str(story), "--project", "kennels")

    assert "all unchanged" in outcome.err
    assert "added" not in outcome.out
    assert len(saga("projects", "ls", "--json").json) == 1


def test_a_changed_chapter_is_updated(saga, story: Path, kennels):
    story.write_text(STORY.replace("Tam laughed.", "Tam wept."), encoding="utf-8")

    report = saga("import", str(story), "--project", "kennels", "--json").json

    assert [each["action"] for each in report["documents"]] == ["updated", "unchanged"]


def test_the_report_as_json_counts_words_scenes_and_names(saga, story):
    report = saga("import", str(story), "--project", "kennels", "--json").json

    first = report["documents"][0]
    assert (first["title"], first["scenes"], first["action"]) == ("Chapter 1: Low Water", 1, "added")
    assert first["words"] == 16
    assert first["names"] > 0


def test_a_dry_run_makes_no_database(saga, folder: Path, story):
    outcome = saga("import", str(story), "--project", "kennels", "--dry-run")

    assert outcome.code == 0
    assert "nothing was stored" in outcome.err
    assert "Chapter 2: The Ferry" in outcome.out
    assert [each.name for each in folder.iterdir()] == ["kennels.md"]


def test_a_dry_run_makes_no_project_in_a_database(saga, story, kennels):
    saga("import", str(story), "--project", "other", "--dry-run")

    assert [project["name"] for project in saga("projects", "ls", "--json").json] == ["kennels"]


def test_a_dry_run_on_a_project_says_what_would_change(saga, story: Path, kennels):
    story.write_text(STORY.replace("Tam laughed.", "Tam wept."), encoding="utf-8")

    report = saga("import", str(story), "--project", "kennels", "--dry-run", "--json").json

    assert [each["action"] for each in report["documents"]] == ["updated", "unchanged"]
    again = saga("import", str(story), "--project", "kennels", "--json").json
    assert [each["action"] for each in again["documents"]] == ["updated", "unchanged"]


def test_a_missing_file_is_one_sentence_and_leaves_nothing(saga, folder: Path):
    outcome = saga("import", "none.txt", "--project", "x")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "saga: Cannot read 'none.txt': there is no such file.\n"
    assert list(folder.iterdir()) == []


def test_a_binary_file_is_one_sentence_and_leaves_nothing(saga, folder: Path):
    (folder / "picture.txt").write_bytes(bytes(range(256)) * 8)

    outcome = saga("import", "picture.txt", "--project", "x")

    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 1
    assert "binary" in outcome.err
    assert not (folder / "saga.db").exists()


def test_the_database_may_come_from_the_environment(saga, story, folder: Path, monkeypatch):
    monkeypatch.setenv("SAGA_DATABASE", "other.db")

    saga("import", str(story), "--project", "kennels")

    assert (folder / "other.db").exists()
    assert not (folder / "saga.db").exists()
