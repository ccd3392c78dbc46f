"""Agents in the terminal: from a folder, called with `@name`, explained."""

from __future__ import annotations

FACTS = "---\ndescription: Checks facts.\nmode: subagent\ntools: [search_story]\n---\nCheck every fact.\n"


def test_a_folders_subagent_can_be_called(saga, folder, kennels):
    (folder / "agents").mkdir()
    (folder / "agents" / "facts.md").write_text(FACTS)

    outcome = saga("chat", "--agents", str(folder / "agents"), "--message", "Who laughed? @facts")

    assert outcome.code == 0
    assert "@facts reports" in outcome.out
    assert "@facts: finished" in outcome.err
    assert {run["agent"] for run in saga("runs", "ls", "--json").json} == {"draft", "facts"}
    assert "draft > facts" in saga("runs", "ls").out


def test_a_misspelt_key_names_file_and_key(saga, folder, kennels):
    (folder / "agents").mkdir()
    (folder / "agents" / "facts.md").write_text(FACTS.replace("tools", "tolls"))

    outcome = saga("chat", "--agents", str(folder / "agents"), "--message", "Who laughed?")

    assert outcome.code == 2
    assert "facts.md: 'tolls' is no key" in outcome.err


def test_a_name_that_nobody_has_is_told(saga, kennels):
    outcome = saga("chat", "--message", "Who laughed? @nobody")

    assert "There is no subagent @nobody here; there are @research" in outcome.err


def test_a_subagents_rights_are_explained_along_its_path(saga):
    outcome = saga("tools", "explain", "create_entity", "--agent", "revise/outline", "--json")

    assert outcome.json["decision"] == "deny"
    assert outcome.json["why"].startswith("agent revise")
    assert saga("tools", "explain", "create_entity", "--agent", "draft/outline", "--json").json["decision"] == "ask"
