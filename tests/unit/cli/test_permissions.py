"""Grants, the audit, and answering a batch in any order."""

from __future__ import annotations

import pytest

from saga_agent.cli.conversation.prompts import TerminalReplier
from saga_agent.cli.conversation.repliers import SHOWN, Nobody, YesToAll
from saga_agent.cli.rendering.console import stdout
from saga_agent.domain.requests import Approval, Approve, ClientCall
from saga_agent.tools.registry import ToolRegistry

ADD = "Add Old Haldor as a character."
ADD_TWO = "Add Old Haldor as a character, and add Sunniva as a character."


def names(saga) -> int:
    return saga("projects", "ls", "--json").json[0]["entities"]


def test_what_is_granted_is_read_before_it_is_stored_and_not_asked_again(saga, kennels):
    outcome = saga("chat", typed=f"{ADD}\ng project type=character\ny\nAdd Sunniva as a character.\n/quit\n")

    text = "draft may call create_entity with type like 'character', other arguments free, in this project"
    assert text in " ".join(outcome.out.split())
    assert outcome.out.count("[a]pprove") == 1
    assert names(saga) == 2
    (grant,) = saga("grants", "ls", "--json").json
    assert grant["text"].startswith(text)


def test_a_grant_that_is_not_confirmed_or_not_understood_stores_nothing(saga, kennels):
    outcome = saga("chat", typed=f"{ADD}\ng any\nn\ng sometimes\ng bok=1\ng for ever 'x\nd\n\n/quit\n")

    for words in ("Nothing was stored", "'sometimes' is no scope", "no argument 'bok'", "This cannot be read"):
        assert words in outcome.out
    assert saga("grants", "ls", "--json").json == []
    assert names(saga) == 0


@pytest.fixture
def granted(saga, kennels) -> dict[str, object]:
    """A grant, as JSON, and the run it was given in."""
    lines = saga("chat", "--message", ADD, "--json").lines
    request = next(line["request"]["id"] for line in lines if line["type"] == "request")
    saga("answer", lines[-1]["run_id"], request, "--approve", "--grant", "project any")
    (grant,) = saga("grants", "ls", "--json").json
    return {"run": lines[-1]["run_id"], **grant}


def test_a_grant_given_with_an_answer_holds_until_it_is_revoked(saga, granted):
    assert saga("chat", "--message", "Add Sunniva as a character.").code == 0

    revoked = saga("grants", "revoke", granted["id"])
    again = saga("chat", "--message", "Add Ragna as a character.")

    assert revoked.out.startswith("Revoked: draft may call create_entity with any arguments")
    assert (again.code, names(saga)) == (1, 2)
    assert saga("grants", "ls").out.count("grt_") == 0
    assert "revoked" in saga("grants", "ls", "--all").out


def test_the_audit_tells_who_decided(saga, granted):
    entries = saga("audit", "--run", granted["run"], "--json").json

    assert [(entry["event"], entry["actor"]) for entry in entries if entry["tool"] == "create_entity"] == [
        ("asked", "draft"),
        ("answered", "local"),
        ("granted", "local"),
        ("allowed", "draft"),
    ]
    assert "approved by local" in saga("audit").out
    page = saga("audit", "--limit", "1")
    cursor = page.err.split("--after ")[1].strip()
    assert saga("audit", "--after", cursor, "--json").json[0]["id"] != saga("audit", "--json").json[0]["id"]


def test_the_audit_tells_why(saga, kennels):
    saga("chat", "--message", ADD)
    (run,) = saga("runs", "ls", "--json").json
    (request,) = saga("runs", "show", run["id"], "--json").json["requests"]
    saga("answer", run["id"], request["id"], "--deny", "drowned")

    assert "drowned" in saga("audit", "--run", run["id"]).out


def test_the_audit_of_a_run_that_does_not_exist_is_wrong_use(saga, granted):
    nothing = saga("audit", "--run", "run_nowhere")

    assert (nothing.code, "run_nowhere" in nothing.err) == (2, True)


@pytest.mark.parametrize("options", [["--grant", "any"], ["--deny", "x", "--stop"], ["--deny", "x", "--grant", "any"]])
def test_an_answer_is_one_answer_and_a_grant_goes_with_a_yes(saga, kennels, options):
    assert saga("answer", "run_1", "req_1", *options).code == 2


def test_an_answer_may_stop_the_run(saga, kennels):
    lines = saga("chat", "--message", ADD, "--json").lines
    request = next(line["request"]["id"] for line in lines if line["type"] == "request")

    assert saga("answer", lines[-1]["run_id"], request, "--stop").code == 1
    assert saga("runs", "ls", "--json").json[0]["state"] == "stopped"


def test_a_batch_is_answered_in_any_order(saga, kennels):
    outcome = saga("chat", typed=f"{ADD_TWO}\n#3\n#2\nd no\na\n/quit\n")

    cards = [line for line in outcome.out.splitlines() if "approval " in line and " of 2" in line]
    assert ["1 of 2" in card for card in cards] == [True, True, False, True]
    assert "Number 3 is not open" in outcome.out
    listed = saga("audit", "--json").json
    assert [entry["rule"] for entry in listed if entry["event"] == "answered"] == ["deny", "approve"]


def test_what_is_left_for_later_stays_open(saga, kennels):
    outcome = saga("chat", typed=f"{ADD_TWO}\nl\na\n")

    assert "waits for 1 answer" in outcome.err
    assert names(saga) == 1


def test_a_call_that_runs_on_the_page_is_shown_by_the_terminal(capsys):
    base = {
        "run_id": "r",
        "thread_id": "t",
        "call_id": "c",
        "agent": "scribe",
        "created_at": 0,
        "tool": "open_panel",
        "arguments": {},
        "agent_path": ("draft", "scribe"),
    }
    call = ClientCall(id="req_1", payload={"opened": "map"}, **base)
    approval = Approval(id="req_2", effect="ui", arguments_hash="", **base)
    person = TerminalReplier(stdout(), project="kennels", tools=ToolRegistry())

    assert person.reply([call]) == {"req_1": SHOWN}
    printed = capsys.readouterr().out
    assert 'opened: "map"' in printed
    assert "agent scribe, called by draft" in printed
    assert Nobody().reply([call, approval]) == {"req_1": SHOWN}
    assert YesToAll().reply([call, approval]) == {"req_1": SHOWN, "req_2": Approve()}
