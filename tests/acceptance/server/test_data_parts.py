"""Every `data-*` part that a page is told fits the schema that is published of it."""

from __future__ import annotations

import re

from saga_agent.agents.agent import Agent, Subagent
from saga_agent.domain.data_parts import DATA_PARTS, UsagePart
from saga_agent.domain.journal import Usage
from saga_agent.models.script import Call, Say, Turn
from saga_agent.server.telling import usage_event
from tests.acceptance.server.conftest import Serve
from tests.architecture.sources import package_sources
from tests.unit.server.strict_client import Json

HELPER = Subagent(name="helper", description="Keeps the bible.", prompt="Help.", tools=("list_documents",))
AGENTS = [
    Agent(name="draft", description="", prompt="Draft.", tools=("create_entity",), subagents=("helper",)),
    Agent(name="revise", description="", prompt="Revise.", tools=()),
    HELPER,
]


def parts(message: Json) -> list[str]:
    """The names of the message's data parts, whose data fit."""
    found = [part for part in message["parts"] if part["type"].startswith("data-")]
    for part in found:
        model = DATA_PARTS[part["type"].removeprefix("data-")]
        told = model.model_validate(part["data"]).model_dump(by_alias=True, mode="json", exclude_unset=True)
        assert told == part["data"]
    return [part["type"].removeprefix("data-") for part in found]


async def test_what_is_told_of_subagents_handovers_and_unknown_names_fits(serve: Serve):
    page = await serve(Say("I looked."), Say("Nothing there."), Say("Better."), agents=AGENTS)

    assert parts(await page.send("@helper @nobody What is there?")) == ["notice", "subagent"]
    assert parts(await page.send("Make it better.", agent="revise")) == ["handover"]


async def test_what_is_told_of_findings_fits(serve: Serve):
    clarity = Call("clarity_check", {"text": '"Go," she said angrily.'})
    agents = [Agent(name="draft", description="", prompt="", tools=("clarity_check",))]
    page = await serve(Turn(calls=[clarity]), Say("Here."), agents=agents)

    assert parts(await page.send("How is this?")) == ["findings"]


async def test_what_is_told_of_proposals_fits(serve: Serve):
    world = Call("genesis_world", {"premise": "A frozen river."})
    agents = [Agent(name="draft", description="", prompt="", tools=("genesis_world",))]
    page = await serve(Turn(calls=[world]), Say("Here."), agents=agents, version=5)
    asked = await page.send("Draft a world.")
    (data,) = [part["data"] for part in asked["parts"] if part["type"] == "data-approval"]

    assert parts(await page.post(approvals=[{**data, "approved": True}])) == ["approval", "proposals"]


async def test_what_is_told_of_usage_fits():
    rows = [Usage(run_id="r", step=n, model="m", input_tokens=5, output_tokens=2, created_at=0.0) for n in range(2)]
    priced = [row.model_copy(update={"cost_usd": 0.25}) for row in rows]

    told = usage_event(rows)

    assert (told["type"], told["transient"]) == ("data-usage", True)
    assert told["data"] == {"modelCalls": 2, "inputTokens": 10, "outputTokens": 4, "costUsd": None, "estimated": False}
    assert UsagePart.model_validate(usage_event(priced)["data"]).cost_usd == 0.5
    assert UsagePart.model_validate(usage_event([rows[0], priced[0]])["data"]).cost_usd is None


async def test_what_5_is_told_of_approvals_fits(serve: Serve):
    tove = Call("create_entity", {"type": "character", "name": "Tove"})
    page = await serve(Turn(calls=[tove]), Say("She is in."), agents=AGENTS, version=5)
    asked = await page.send("Add Tove.")
    (data,) = [part["data"] for part in asked["parts"] if part["type"] == "data-approval"]
    assert parts(asked) == ["approval"]

    done = await page.post(approvals=[{**data, "approved": True}])

    assert parts(done) == ["approval"]


def test_no_part_is_told_that_is_not_published():
    told = {
        name for source in package_sources() for line in source.lines for name in re.findall(r'"data-([a-z]+)"', line)
    }

    assert told == set(DATA_PARTS)
