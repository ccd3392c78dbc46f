"""Tools whose arguments a JSON schema describes: what they take, what they refuse, and what they may cost."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any

import pytest

from saga_agent.clock import SystemClock
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Edit
from saga_agent.errors import PolicyError
from saga_agent.models.rules.scene import read_scene
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.tools.context import ToolContext
from saga_agent.tools.contract import tool_contract
from saga_agent.tools.gate import Gate
from saga_agent.tools.outcome import Done, RequestedCall, Waiting
from saga_agent.tools.policy import Policy, Rule
from saga_agent.tools.registry import Tool, ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult
from saga_agent.tools.typescript import typescript
from tests.turns import begin_turn

CONTEXT = ToolContext(story=None, project_id="p", thread_id="t", run_id="r", agent="draft", call_id="c")  # pyright: ignore
PLACE: JsonObject = {
    "type": "object",
    "properties": {
        "context": {"type": "string", "minLength": 2, "description": "A name that is the first argument's, too."},
        "days-ahead": {"type": ["integer", "null"], "maximum": 9, "default": 1},
        "units": {"enum": ["metric", "imperial"]},
    },
    "required": ["context"],
}


async def echo(context: ToolContext, arguments: JsonObject) -> JsonObject:
    return {"project": context.project_id, "given": arguments}


def tool_of(parameters: dict[str, Any], **settings: Any) -> Tool:
    made: dict[str, Any] = {"name": "weather", "description": "Tells the\n weather.", "run": echo, **settings}
    return Tool.from_schema(parameters=parameters, **made)


def test_the_model_sees_the_schema_as_it_came_and_closed() -> None:
    tool = tool_of(PLACE, effect="read", idempotent=True)

    function: Any = tool.schema()["function"]
    assert function == {
        "name": "weather",
        "description": "Tells the weather.",
        "parameters": {**PLACE, "additionalProperties": False},
    }
    assert tool_contract(tool)["parameters"] == function["parameters"]


def test_a_tool_of_unknown_effect_is_external_and_a_page_call_may_be_repeated() -> None:
    assert tool_of(PLACE).effect == "external"
    assert tool_of(PLACE, effect="ui", client=True).idempotent


async def test_the_function_gets_its_arguments_in_one_object_whatever_their_names() -> None:
    tool = tool_of(PLACE, preview=echo, effect_of=_destructive)
    arguments = tool.validate({"context": "Brill", "days-ahead": None})

    assert (await tool.run(CONTEXT, arguments)).data == {"project": "p", "given": arguments}
    assert (await tool.build_preview(CONTEXT, arguments))["given"] == arguments
    assert await tool.effect_for(CONTEXT, arguments) == "destructive"


async def _destructive(context: ToolContext, arguments: JsonObject) -> Any:
    return "destructive"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, '"context" is a required property'),
        ({"context": "x"}, "'context': the value is shorter than 2 characters"),
        ({"context": "Brill", "days-ahead": 1.5}, "'days-ahead': "),
        ({"context": "Brill", "days-ahead": True}, "'days-ahead': "),
        ({"context": "Brill", "units": "m" * 10_000}, "'units': the value is not one of"),
        ({"context": "Brill", "unit": "metric"}, "'unit' was unexpected"),
    ],
)
def test_arguments_that_do_not_fit_are_a_failure_the_model_can_act_on(arguments: JsonObject, words: str) -> None:
    with pytest.raises(ToolFailure) as failed:
        tool_of(PLACE).validate(arguments)

    assert failed.value.code == "invalid_argument"
    assert failed.value.message.startswith("weather: ")
    assert words in failed.value.message
    assert len(failed.value.message) < 600


def test_defaults_are_left_to_the_tool_and_others_are_taken_where_the_schema_says_so() -> None:
    assert tool_of(PLACE).validate({"context": "Brill"}) == {"context": "Brill"}
    open_ended = tool_of({**PLACE, "additionalProperties": True})
    assert open_ended.validate({"context": "Brill", "more": 1}) == {"context": "Brill", "more": 1}
    assert tool_of({"type": "object"}).validate({"anything": [1]}) == {"anything": [1]}


@pytest.mark.parametrize(
    "draft",
    [
        "http://json-schema.org/draft-04/schema#",
        "http://json-schema.org/draft-06/schema#",
        "http://json-schema.org/draft-07/schema#",
        "https://json-schema.org/draft/2019-09/schema",
        "https://json-schema.org/draft/2020-12/schema",
    ],
)
def test_each_draft_is_held_to_its_own_rules(draft: str) -> None:
    pair = {"type": "array", "items": [{"type": "string"}, {"type": "integer"}]}
    in_2020 = {"type": "array", "prefixItems": pair["items"]}
    tool = tool_of({"$schema": draft, "type": "object", "properties": {"a": in_2020 if "2020" in draft else pair}})

    assert tool.validate({"a": ["x", 1]})
    with pytest.raises(ToolFailure, match=r"'a\.1'"):
        tool.validate({"a": ["x", "y"]})


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def doubling(levels: int) -> dict[str, Any]:
    twice = {f"d{i}": {"allOf": [{"$ref": f"#/$defs/d{i + 1}"}] * 2} for i in range(levels)}
    return {"type": "object", "allOf": [{"$ref": "#/$defs/d0"}], "$defs": {**twice, f"d{levels}": True}}


def referring(reference: Any, **definitions: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"a": {"$ref": reference}}, "$defs": definitions}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "must describe an object"),
        ({"type": "string"}, "must describe an object"),
        (["type"], "is a list"),
        ({"type": "object", "x": object()}, "is no JSON"),
        ({"type": "object", "minProperties": float("nan")}, "is no JSON"),
        ({"type": "object", "properties": {"a": {"type": "strin"}}}, "at 'properties/a/type'"),
        ({"type": "object", "properties": {"a": {"pattern": "("}}}, "at 'properties/a/pattern'"),
        ({"type": "object", "properties": {"a": {"pattern": "((a{1000}){1000}){1000}"}}}, "regex"),
        ({"type": "object", "$schema": "https://example.com/mine"}, "https://example.com/mine"),
        ({"type": "object", "description": "x" * 300_000}, "200,000 are the most"),
        (nested(40), "nested deeper than 64 levels"),
        (doubling(25), "20,000 places"),
        (referring("http://127.0.0.1:1/schema.json"), "must point into it"),
        (referring("file:///etc/passwd"), "must point into it"),
        (referring("#place"), "must point into it"),
        (referring(7), "7"),
        (referring("#/$defs/place"), "not in it"),
        (referring("#/properties/a"), "refers to itself without an end"),
        (referring("#/$defs/x", x={"anyOf": [{"$ref": "#/$defs/y"}]}, y={"not": {"$ref": "#/$defs/x"}}), "end"),
        (referring("#/$defs/x", x={"$id": "https://example.com/x", "$ref": "#"}), r"put it into \$defs without \$id"),
        (referring("#/$defs/x", x={"$dynamicRef": "#x"}), r"use \$ref"),
    ],
)
def test_a_schema_that_cannot_be_held_to_is_refused_when_the_tool_is_made(schema: Any, words: str) -> None:
    began = time.process_time()
    with pytest.raises(PolicyError, match=f"weather: the schema of its arguments .*{words}"):
        tool_of(schema)
    assert time.process_time() - began < 5  # it would be hours


@pytest.mark.parametrize("pattern", ["^(a+)+$", r"^(?=a)(a+)+$", r"^(a+)+\1$", "^(a|a)*$"])
def test_a_pattern_that_backtracks_ends(pattern: str) -> None:
    tool = tool_of({"type": "object", "properties": {"a": {"type": "string", "pattern": pattern}}})

    began = time.process_time()
    with pytest.raises(ToolFailure):
        tool.validate({"a": "a" * 20_000 + "!"})
    assert time.process_time() - began < 5


def test_definitions_that_hold_themselves_are_followed_as_deep_as_there_is_time() -> None:
    value = {
        "anyOf": [
            {"type": ["string", "number", "boolean", "null"]},
            {"type": "array", "items": {"$ref": "#/$defs/value"}},
            {"type": "object", "additionalProperties": {"$ref": "#/$defs/value"}},
        ]
    }
    tool = tool_of(referring("#/$defs/value", value=value))
    deep: Any = "leaf"
    for _ in range(8):
        deep = {"list": [deep, 1]}

    assert tool.validate({"a": {"rows": [{"name": "Tam", "tags": ["a", None]}] * 50}})
    with pytest.raises(ToolFailure) as failed:
        tool.validate({"a": {"x": [{"y": deep}]}})
    assert failed.value.code == "too_large"


def test_a_definition_that_doubles_at_each_level_is_not_followed() -> None:
    twice = {"type": "object", "properties": {"a": {"allOf": [{"$ref": "#/$defs/x"}, {"$ref": "#/$defs/x"}]}}}
    tool = tool_of(referring("#/$defs/x", x=twice))
    deep: JsonObject = {}
    for _ in range(40):
        deep = {"a": deep}

    assert tool.validate({"a": {"a": {"a": {}}}})
    with pytest.raises(ToolFailure) as failed:
        tool.validate(deep)
    assert failed.value.code == "too_large"


def test_arguments_that_are_nested_without_end_are_too_large() -> None:
    deep: JsonObject = {}
    for _ in range(5_000):
        deep = {"a": deep}

    with pytest.raises(ToolFailure) as failed:
        tool_of({"type": "object"}).validate(deep)
    assert failed.value.code == "too_large"


def test_what_the_host_changes_later_changes_nothing() -> None:
    given = json.loads(json.dumps(PLACE))
    tool = tool_of(given)
    given["properties"].clear()

    assert "context" in tool.arguments.names
    assert tool.validate({"context": "Brill"})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"name": "We ather"}, "no tool name"),
        ({"description": " "}, "needs a description"),
        ({"effect": "wirte"}, "no effect"),
        ({"run": None}, "async function"),
        ({"client": True, "question": True}, "not both"),
    ],
)
def test_what_makes_no_tool_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        tool_of(PLACE, **settings)


async def test_a_function_that_is_not_async_fails_its_call_alone() -> None:
    tool = tool_of(PLACE, run=lambda context, arguments: ToolResult())  # pyright: ignore[reportUnknownLambdaType]

    result = await tool.run(CONTEXT, {"context": "Brill"})
    assert result.error == {"code": "unavailable", "message": "weather failed (TypeError)."}


def test_rules_may_speak_of_its_arguments_and_of_no_others() -> None:
    tools = ToolRegistry([tool_of(PLACE)])
    known, unknown = (Rule("weather", "allow", arguments={name: "metric"}) for name in ("units", "unit"))

    assert [found.rule for found in Policy([known]).lint(tools)] == []
    assert [found.rule for found in Policy([unknown]).lint(tools)] == [unknown]


async def test_a_call_waits_at_the_gate_and_an_edit_is_held_to_the_schema() -> None:
    async with MemoryStorage() as storage:
        await begin_turn(storage, lease_until=1e12)
        journal, clock = storage.journal, SystemClock()
        gate = Gate(ToolRegistry([tool_of(PLACE)]), Policy(), journal, clock, epoch=1)
        context = replace(CONTEXT, run_id="run", thread_id="thr")
        outcomes: list[str] = []
        for call_id, edited in (("c1", {"context": "Dun"}), ("c2", {"context": "Dun", "days-ahead": 40})):
            call = RequestedCall(id=call_id, name="weather", arguments={"context": "Brill"})
            waiting = await gate.handle(call, context)
            assert isinstance(waiting, Waiting)
            await journal.requests.answer("run", {waiting.requests[0].id: Edit(arguments=edited)}, actor="w", now=0)
            done = await gate.handle(call, context)
            assert isinstance(done, Done)
            outcomes.append(done.result)

    assert json.loads(outcomes[0])["data"]["given"] == {"context": "Dun"}
    assert json.loads(outcomes[1])["error"]["code"] == "invalid_argument"


def test_pages_and_the_offline_model_can_read_any_schema() -> None:
    odd = {
        "type": "object",
        "properties": {
            "any": True,
            "in words": {"type": ["string", "null"], "description": "ends */ the comment"},
            "pair": {"type": "array", "items": [{"type": "string"}]},
            "self": {"type": "array", "items": {"$ref": "#"}},
            "odd": {"$ref": "#/$defs/not-a-name"},
        },
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$defs": {"not-a-name": {"type": "object", "additionalProperties": False}},
    }
    tool = tool_of(odd)

    types = typescript(ToolRegistry([tool]))
    assert '  /** ends * / the comment */\n  "in words"?: string | null;\n  pair?: Json[];\n  self?: Json[];' in types
    assert "  odd?: Json;" in types
    assert read_scene([], [tool.schema()]).tools["weather"].choices("any") == ()
