"""`saga check`: what is found in a story."""

from __future__ import annotations

from saga_agent.app import Saga


def test_a_story_without_faults_ends_with_zero(saga, kennels):
    outcome = saga("check", "--project", kennels, "--family", "kinship")

    assert outcome.code == 0, outcome.err
    assert "0 found, 0 new, 0 fixed, 0 waived; this is check 1." in outcome.out


def test_what_is_found_ends_with_one_and_is_new_in_another_process(saga, kennels):
    assert saga("check", "--project", kennels).code == 0
    with Saga.open(database="sqlite+aiosqlite:///saga.db") as opened:
        project = opened.run_sync(opened.story.projects.get_by_name(kennels))
        opened.run_sync(opened.story.facts.create(project.id, subject_id="gone", predicate="eyes", value="blue"))

    outcome = saga("check", "--project", kennels, "--json")

    assert outcome.code == 1
    report = outcome.json
    assert report["new"] == [each["id"] for each in report["findings"]]
    assert {"document_id": None, "family": "kinship", "state": "read", "reason": ""} in report["coverage"]
    assert "1 found, 1 new, 0 fixed" in saga("check", "--project", kennels, "--since", "1").out


def test_a_family_or_a_check_that_is_not_there_is_wrong_use(saga, kennels):
    outcome = saga("check", "--project", kennels, "--family", "weather")

    assert outcome.code == 2
    assert "weather" in outcome.err
    assert saga("check", "--project", kennels, "--since", "9").code == 2
