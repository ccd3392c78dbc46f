"""Whatever a tool, preview, effect or hook raises ends with it: nothing reaches the run, the siblings or the loop."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

import pytest

from saga_agent.domain.requests import Effect
from saga_agent.errors import Conflict, InvalidInput, NotFound, StorageUnavailable
from saga_agent.tools.contained import BrokeOff, OutOfTime, contain
from saga_agent.tools.context import ToolContext
from saga_agent.tools.hooks import HookCall, consult
from saga_agent.tools.registry import Tool, ToolRegistry
from saga_agent.tools.result import ToolFailure

CONTEXT = ToolContext(story=None, project_id="p", thread_id="t", run_id="r", agent="draft", call_id="c")  # pyright: ignore


WHO: ContextVar[str] = ContextVar("who")


class Mute(InvalidInput):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class Own(BaseException):
    pass


def recurse() -> None:
    recurse()


async def cancel_itself() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(0)


async def cancel_itself_and_go() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


async def in_a_group() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(raising(NotFound("entity", "Mara"))())


def raising(error: BaseException) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        raise error

    return work


async def overflow() -> None:
    recurse()


CASES: list[tuple[Callable[[], Awaitable[None]], str, str]] = [
    (raising(ZeroDivisionError("secret")), "unavailable", "ZeroDivisionError"),
    (raising(SystemExit(1)), "unavailable", "SystemExit"),
    (raising(KeyboardInterrupt()), "unavailable", "KeyboardInterrupt"),
    (raising(GeneratorExit()), "unavailable", "GeneratorExit"),
    (raising(asyncio.CancelledError()), "unavailable", "CancelledError"),
    (raising(Own()), "unavailable", "Own"),
    (raising(BaseExceptionGroup("two", [SystemExit(1), ValueError("x")])), "unavailable", "BaseExceptionGroup"),
    (raising(ExceptionGroup("two", [OSError("x"), ValueError("x")])), "unavailable", "ExceptionGroup"),
    (raising(ExceptionGroup("one", [Conflict("entity", "e", expected_rev=1, current_rev=2)])), "conflict", "revision"),
    (in_a_group, "not_found", "Mara"),
    (raising(TimeoutError("of the tool's own")), "unavailable", "TimeoutError"),
    (raising(StopIteration()), "unavailable", "RuntimeError"),
    (raising(MemoryError()), "unavailable", "MemoryError"),
    (raising(Mute("x")), "invalid_argument", "cannot be read"),
    (raising(InvalidInput("long " * 100_000)), "invalid_argument", "long long"),
    (raising(InvalidInput("half \ud83d")), "invalid_argument", "half \ufffd"),
    (raising(StorageUnavailable("gone")), "unavailable", "cannot be used at the moment"),
    (raising(ToolFailure("nonsense", 7)), "unavailable", "7"),  # pyright: ignore[reportArgumentType]
    (overflow, "unavailable", "RecursionError"),
    (cancel_itself, "unavailable", "CancelledError"),
    (cancel_itself_and_go, "unavailable", "CancelledError"),
]
NAMES = [f"{case[0].__name__}-{case[2]}" for case in CASES]


def tool_of(work: Callable[[], Awaitable[object]], **settings: Any) -> Tool:
    async def act(ctx: ToolContext) -> Any:
        """Act."""
        return await work()

    registry = ToolRegistry()
    registry.tool(**{"effect": "read", **settings})(act)
    (tool,) = registry
    return tool


@pytest.mark.parametrize(("work", "code", "words"), CASES, ids=NAMES)
async def test_what_a_tool_raises_is_a_short_failure_in_its_result(
    work: Callable[[], Awaitable[None]], code: str, words: str
) -> None:
    result = await tool_of(work).run(CONTEXT, {})

    assert result.error is not None
    assert result.error["code"] == code
    assert words in str(result.error["message"])
    assert "secret" not in result.to_json()
    assert len(result.to_json().encode()) < 5_000


@pytest.mark.parametrize(("work", "code", "words"), CASES, ids=NAMES)
async def test_what_a_preview_or_an_effect_raises_is_a_tool_failure(
    work: Callable[[], Awaitable[None]], code: str, words: str
) -> None:
    async def tell(ctx: ToolContext) -> Any:
        await work()

    async def nothing() -> None: ...

    tool = tool_of(nothing, preview=tell, effect_of=tell)

    for told in (tool.build_preview, tool.effect_for):
        with pytest.raises(ToolFailure) as caught:
            await told(CONTEXT, {})
        assert caught.value.code == code
        assert words in caught.value.message


@pytest.mark.parametrize("work", [case[0] for case in CASES], ids=NAMES)
async def test_a_hook_that_raises_anything_denies(work: Callable[[], Awaitable[None]]) -> None:
    async def hook(call: HookCall) -> None:
        await work()

    call = HookCall(
        tool="act",
        effect="read",
        arguments={},
        owner_id="o",
        project_id="p",
        thread_id="t",
        run_id="r",
        call_id="c",
        agent_path=("draft",),
    )
    (said,) = await consult([hook], call)
    assert said.rule.decision == "deny"


@pytest.mark.parametrize("preview", [None, "text", 7, [1]], ids=str)
async def test_a_preview_that_is_no_object_is_told_all_the_same(preview: object) -> None:
    async def tell(ctx: ToolContext) -> Any:
        return preview

    async def nothing() -> None: ...

    assert isinstance(await tool_of(nothing, preview=tell).build_preview(CONTEXT, {}), dict)


async def test_an_effect_that_is_none_is_a_tool_failure() -> None:
    async def tell(ctx: ToolContext) -> Effect:
        return "wirte"  # pyright: ignore[reportReturnType]

    async def nothing() -> None: ...

    with pytest.raises(ToolFailure):
        await tool_of(nothing, effect_of=tell).effect_for(CONTEXT, {})


async def test_the_callers_own_cancellation_reaches_the_code_and_comes_through() -> None:
    began, cleaned = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            began.set()
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()

    task = asyncio.create_task(contain(work, seconds=None))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cleaned.is_set()


async def test_code_that_is_late_is_told_to_stop_and_what_it_still_gives_counts() -> None:
    async def finish_anyway() -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "stored"
        return ""

    assert await contain(finish_anyway, seconds=0) == "stored"
    with pytest.raises(OutOfTime):
        await contain(asyncio.Event().wait, seconds=0)


async def test_code_that_does_not_stop_is_left_alone() -> None:
    go = asyncio.Event()

    async def stubborn() -> None:
        while not go.is_set():
            try:
                await go.wait()
            except asyncio.CancelledError:
                continue

    with pytest.raises(OutOfTime):
        await contain(stubborn, seconds=0, grace_seconds=0)
    go.set()
    for _ in range(3):
        await asyncio.sleep(0)


async def test_what_is_no_exception_is_named() -> None:
    with pytest.raises(BrokeOff, match="SystemExit"):
        await contain(raising(SystemExit(1)), seconds=None)


async def test_the_code_sees_the_context_variables_of_its_caller() -> None:
    async def look() -> str:
        return WHO.get()

    WHO.set("writer")
    assert await contain(look, seconds=None) == "writer"
