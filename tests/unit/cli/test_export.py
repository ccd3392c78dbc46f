"""`saga import` knows a bible from a manuscript; `saga export` writes both back."""

from __future__ import annotations

from pathlib import Path

from tests.unit.story.exchange.bibles import NOTES, write_files


def test_a_vault_is_recognised_and_told_entry_by_entry(saga, folder: Path):
    vault = write_files(folder)["vault"]

    outcome = saga("import", str(vault), "--project", "crossing")

    assert outcome.code == 0
    assert "Mira Vance" in outcome.out
    assert "6 entries of a vault: 6 added, with 4 ties and 1 fact, in project 'crossing'." in outcome.err
    again = saga("import", str(vault), "--project", "crossing")
    assert "6 entries of a vault: 6 unchanged in project 'crossing'." in again.err


def test_a_dry_run_of_a_lorebook_makes_no_database(saga, folder: Path):
    lorebook = write_files(folder)["lorebook"]

    outcome = saga("import", str(lorebook), "--project", "crossing", "--dry-run")

    assert "nothing was stored" in outcome.err
    assert not (folder / "saga.db").exists()


def test_a_vault_goes_out_as_it_came_in(saga, folder: Path):
    saga("import", str(write_files(folder)["vault"]), "--project", "crossing")

    outcome = saga("export", "out", "--format", "vault")

    assert outcome.out == "6 files written: out\n"
    assert {path: (folder / "out" / path).read_bytes().decode() for path in NOTES} == NOTES
    assert saga("export", "out", "--format", "vault").out == "out is up to date.\n"


def test_a_manuscript_goes_out_by_its_suffix(saga, folder: Path, kennels):
    report = saga("export", "out.md", "--json").json

    assert (report["format"], report["files"]) == ("md", ["out.md"])
    assert (folder / "out.md").read_text(encoding="utf-8").startswith("# kennels\n\n## Chapter 1: Low Water\n")


def test_a_file_that_is_there_is_not_replaced_unasked(saga, folder: Path, kennels):
    (folder / "out.md").write_text("mine", encoding="utf-8")

    outcome = saga("export", "out.md")

    assert (outcome.code, (folder / "out.md").read_text(encoding="utf-8")) == (2, "mine")
    assert "there with other content" in outcome.err
    assert saga("export", "out.md", "--overwrite").code == 0


def test_a_file_that_is_no_bible_is_one_sentence_and_leaves_nothing(saga, folder: Path):
    (folder / "x.json").write_text("[]", encoding="utf-8")

    outcome = saga("import", "x.json", "--project", "x")

    assert (outcome.code, len(outcome.err.splitlines())) == (2, 1)
    assert not (folder / "saga.db").exists()
