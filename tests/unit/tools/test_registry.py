"""Tools made of typed async functions."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from saga_agent.domain.requests import Effect
from saga_agent.errors import AmbiguousReference, NotFound, PolicyError
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult
from saga_agent.tools.story.registry import build_story_registry

CONTEXT = ToolContext(story=None, project_id="p", thread_id="t", run_id="r", agent="draft", call_id="c")  # pyright: ignore


async def rename(ctx: ToolContext, name: str, times: Annotated[int, Field(ge=1)] = 1) -> ToolResult:
    """Give it another name.

    More that only people read.

    Args:
        name: The name it
            shall have.
        times: How often.
    """
    return ToolResult(data={"name": name * times})


def test_the_model_sees_first_paragraph_types_notes_and_defaults() -> None:
    registry = ToolRegistry()
    registry.tool(effect="write")(rename)

    (tool,) = registry
    assert tool.schema() == {
        "type": "function",
        "function": {
            "name": "rename",
            "description": "Give it another name.",
            "parameters": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "description": "The name it shall have."},
                    "times": {"type": "integer", "minimum": 1, "default": 1, "description": "How often."},
                },
            },
        },
    }


async def test_arguments_are_checked_and_defaults_filled_in() -> None:
    registry = ToolRegistry()
    registry.tool(effect="write")(rename)
    (tool,) = registry

    assert tool.validate({"name": "Tam"}) == {"name": "Tam", "times": 1}
    for bad, where in (({}, "'name'"), ({"name": "x", "times": 0}, "'times'"), ({"name": "x", "nmae": 1}, "'nmae'")):
        with pytest.raises(ToolFailure, match=where):
            tool.validate(bad)  # pyright: ignore[reportArgumentType]


def test_a_tool_without_a_declared_effect_counts_as_destructive() -> None:
    registry = ToolRegistry()
    registry.tool()(rename)

    assert [tool.effect for tool in registry] == ["destructive"]


async def sync_looking(ctx: ToolContext, what) -> ToolResult:  # pyright: ignore
    """Lacks a type."""
    return ToolResult()


async def undocumented(ctx: ToolContext) -> ToolResult:
    return ToolResult()


def plain(ctx: ToolContext) -> ToolResult:
    """Is not async."""
    return ToolResult()


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (rename, {"effect": "wirte"}, "no effect"),
        (rename, {"category": "misc"}, "no category"),
        (rename, {"name": "Re Name"}, "no tool name"),
        (sync_looking, {}, "has no type"),
        (undocumented, {}, "docstring"),
        (plain, {}, "async function"),
    ],
)
def test_what_makes_no_tool_is_an_error_when_the_module_is_loaded(
    function: Callable[..., Awaitable[ToolResult]], options: dict[str, str], message: str
) -> None:
    with pytest.raises(PolicyError, match=message):
        ToolRegistry().tool(**options)(function)  # pyright: ignore[reportArgumentType]


def test_two_tools_of_one_name_and_unknown_names_are_errors() -> None:
    registry = ToolRegistry()
    registry.tool(effect="read")(rename)

    with pytest.raises(PolicyError, match="two tools"):
        registry.tool(effect="read")(rename)
    with pytest.raises(PolicyError, match="no tool 'renmae'"):
        registry.only(["renmae"])


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ToolFailure("conflict", "x"), "conflict"),
        (NotFound("entity", "mara"), "not_found"),
        (AmbiguousReference("entity", "Ed", ["Edward", "Edmund"]), "ambiguous_reference"),
        (ZeroDivisionError("secret detail"), "unavailable"),
    ],
)
async def test_every_failure_of_a_tool_becomes_a_result_for_the_model(error: Exception, code: str) -> None:
    async def fail(ctx: ToolContext) -> ToolResult:
        """Fail."""
        raise error

    registry = ToolRegistry()
    registry.tool(effect="read")(fail)
    (tool,) = registry

    result = await tool.run(CONTEXT, {})

    assert not result.ok
    assert result.error is not None
    assert result.error["code"] == code
    assert "secret detail" not in result.to_json()


async def test_a_tool_that_takes_too_long_is_cut_off() -> None:
    async def hang(ctx: ToolContext) -> ToolResult:
        """Never end."""
        await asyncio.Event().wait()
        return ToolResult()

    registry = ToolRegistry()
    registry.tool(effect="read", timeout_seconds=0.01)(hang)
    (tool,) = registry

    result = await tool.run(CONTEXT, {})

    assert result.error == {"code": "unavailable", "message": "hang took longer than 0.01 seconds."}


async def test_cancelling_reaches_the_tool() -> None:
    cancelled = asyncio.Event()
    started = asyncio.Event()

    async def hang(ctx: ToolContext) -> ToolResult:
        """Never end."""
        started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return ToolResult()

    registry = ToolRegistry()
    registry.tool(effect="read")(hang)
    (tool,) = registry
    task = asyncio.create_task(tool.run(CONTEXT, {}))
    await started.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled.is_set()


def test_no_story_tool_forgot_to_declare_its_effect() -> None:
    """Undeclared is destructive; the story tools have none that is."""
    declared = {tool.name: tool.effect for tool in build_story_registry()}

    assert "destructive" not in declared.values()
    assert (declared["read_document"], declared["create_entity"], declared["ask_question"]) == ("read", "write", "ui")


async def effect_by_times(ctx: ToolContext, name: str, times: int) -> Effect:
    if times == 13:
        raise NotFound("entity", name)
    return {1: "read", 2: "destructive"}.get(times, "wirte")  # pyright: ignore


async def test_the_effect_of_one_call_may_be_stricter_than_declared_and_never_looser() -> None:
    registry = ToolRegistry()
    registry.tool(effect="write", effect_of=effect_by_times)(rename)
    (tool,) = registry

    assert await tool.effect_for(CONTEXT, {"name": "x", "times": 1}) == "write"
    assert await tool.effect_for(CONTEXT, {"name": "x", "times": 2}) == "destructive"
    for times, words in ((3, "failed"), (13, "No entity 'x'")):
        with pytest.raises(ToolFailure, match=words):
            await tool.effect_for(CONTEXT, {"name": "x", "times": times})


class Renamed(BaseModel):
    name: str


async def test_a_result_that_is_not_what_the_tool_declares_is_a_failure() -> None:
    registry = ToolRegistry()

    async def wrong(ctx: ToolContext, ok: bool) -> ToolResult:
        """Give something."""
        return ToolResult(data={"name": "Tam"} if ok else {"nmae": "Tam"})

    registry.tool(effect="read", output=Renamed)(wrong)
    (tool,) = registry

    assert (await tool.run(CONTEXT, {"ok": True})).ok
    assert not (await tool.run(CONTEXT, {"ok": False})).ok
    assert (tool.output_schema() or {})["required"] == ["name"]


def test_examples_are_shown_with_the_arguments_and_must_fit() -> None:
    registry = ToolRegistry()
    registry.tool(effect="write", examples=[{"name": "Tam"}])(rename)
    (tool,) = registry

    assert tool.parameters()["examples"] == [{"name": "Tam"}]
    with pytest.raises(PolicyError, match="an example does not fit: 'times'"):
        ToolRegistry().tool(examples=[{"name": "Tam", "times": 0}])(rename)


def test_a_tool_is_a_question_or_runs_on_the_page() -> None:
    with pytest.raises(PolicyError, match="not both"):
        ToolRegistry().tool(effect="ui", question=True, client=True)(rename)
