"""`saga tools`: what the agents can do, and what the policy says of a call."""

from __future__ import annotations

from saga_agent import Saga


def test_tools_are_listed_with_effects_and_agents(saga):
    line = next(line for line in saga("tools", "ls").out.splitlines() if "create_entity" in line)

    assert line.split()[:4] == ["create_entity", "write", "draft,", "outline"]


def test_a_tool_is_shown_as_its_contract(saga):
    contract = saga("tools", "show", "create_entity").json

    assert (contract["name"], contract["effect"]) == ("create_entity", "write")
    assert "name" in contract["parameters"]["required"]


def test_a_write_asks_and_says_by_which_rule(saga):
    explained = saga("tools", "explain", "create_entity", "--args", '{"name": "Mara"}', "--json").json

    assert explained["decision"] == "ask"
    assert "it changes the story" in explained["why"]
    assert [said["layer"] for said in explained["layers"]] == ["app"]


def test_the_rules_of_a_project_count_when_it_is_named(saga, kennels):
    with Saga.open(database="sqlite:///saga.db") as opened:
        (project,) = opened.run_sync(opened.story.projects.list()).items
        settings = {"policy": [{"tool": "create_entity", "decision": "deny", "reason": "the bible is closed"}]}
        opened.run_sync(opened.story.projects.update(project.id, settings=settings))

    with_project = saga("tools", "explain", "create_entity", "--project", project.name, "--json").json

    assert (with_project["decision"], "the bible is closed" in with_project["why"]) == ("deny", True)
    assert saga("tools", "explain", "create_entity", "--json").json["decision"] == "ask"
    assert saga("tools", "explain", "create_entity", "--project", "Nothing").code == 2


def test_a_read_is_allowed(saga):
    assert saga("tools", "explain", "search_story").out.startswith("allow")


def test_a_tool_that_an_agent_does_not_have_is_denied(saga):
    explained = saga("tools", "explain", "create_entity", "--agent", "revise", "--json").json

    assert (explained["decision"], explained["layers"]) == ("deny", [])


def test_unknown_tools_and_agents_are_wrong_use(saga):
    tool = saga("tools", "show", "nothing")
    agent = saga("tools", "explain", "create_entity", "--agent", "nobody")

    assert (tool.code, agent.code) == (2, 2)
    assert "create_entity" in tool.err
    assert "There is no agent 'nobody'" in agent.err
    assert saga("tools", "explain", "create_entity", "--args", "{oops").code == 2


def test_the_list_has_a_second_name(saga):
    assert saga("tools", "list", "--json").json == saga("tools", "ls", "--json").json
