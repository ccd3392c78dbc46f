"""Whatever a tool returns is told, or is a failure that names the tool and the type; nothing of it goes further."""

import dataclasses
import enum
import json
import math
import uuid
from collections import OrderedDict, defaultdict, deque, namedtuple
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, RootModel

from saga_agent.domain.record import JsonObject
from saga_agent.errors import PolicyError, WrongType
from saga_agent.tools.context import ToolContext
from saga_agent.tools.registry import Tool, ToolRegistry
from saga_agent.tools.result import ToolFailure, ToolResult
from saga_agent.tools.returned import read_returned

CONTEXT = ToolContext(story=None, project_id="p", thread_id="t", run_id="r", agent="draft", call_id="c")  # pyright: ignore


class Mood(enum.Enum):
    CALM = "calm"


class Rank(enum.IntEnum):
    FIRST = 1


class Weather(BaseModel):
    wind: int
    mood: Mood = Mood.CALM


class Words(RootModel[list[str]]):
    pass


@dataclasses.dataclass
class Boat:
    name: str
    weather: Weather
    seen: datetime


class Point(NamedTuple):
    x: int
    y: int


class Harbour(TypedDict):
    boats: int


class Odd:
    pass


Old = namedtuple("Old", "a b")


def tool_of(value: object, **settings: Any) -> Tool:
    async def give(ctx: ToolContext) -> Any:
        """Give it."""
        return value() if isinstance(value, Maker) else value

    registry = ToolRegistry()
    registry.tool(effect="read", **settings)(give)
    (tool,) = registry
    return tool


@dataclasses.dataclass
class Maker:
    """A value that is made in the tool."""

    make: Callable[[], object]

    def __call__(self) -> object:
        return self.make()


WHEN = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)
SOME_ID = uuid.UUID(int=7)


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (None, {}),
        ("weir", {"text": "weir"}),
        ("", {"text": ""}),
        (3, {"value": 3}),
        (True, {"value": True}),
        (2.5, {"value": 2.5}),
        ({}, {}),
        ([], {"items": []}),
        ({"a": {"b": [1, None]}}, {"a": {"b": [1, None]}}),
        (
            {1: "a", None: "b", 2.5: "c", Mood.CALM: "d", SOME_ID: "e"},
            {"1": "a", "None": "b", "2.5": "c", "calm": "d", str(SOME_ID): "e"},
        ),
        ([1, "x"], {"items": [1, "x"]}),
        ((1, 2), {"items": [1, 2]}),
        ({"b", "a"}, {"items": ["a", "b"]}),
        (frozenset({2, 1}), {"items": [1, 2]}),
        (deque([1]), {"items": [1]}),
        (OrderedDict(a=1), {"a": 1}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (defaultdict(list, a=[1]), {"a": [1]}),
        (Weather(wind=4), {"wind": 4, "mood": "calm"}),
        (Words(["a"]), {"items": ["a"]}),
        (
            Boat("Sprite", Weather(wind=1), WHEN),
            {"name": "Sprite", "weather": {"wind": 1, "mood": "calm"}, "seen": "2026-11-29T12:30:00Z"},
        ),
        (Point(1, 2), {"x": 1, "y": 2}),
        (Old(1, b=Point(1, 2)), {"a": 1, "b": {"x": 1, "y": 2}}),
        (Mood.CALM, {"text": "calm"}),
        ([Rank.FIRST, Mood.CALM], {"items": [1, "calm"]}),
        (
            {"at": WHEN, "on": date(2026, 1, 2), "for": timedelta(minutes=1), "id": SOME_ID, "cost": Decimal("1.50")},
            {"at": "2026-11-29T12:30:00Z", "on": "2026-01-02", "for": "PT1M", "id": str(SOME_ID), "cost": "1.50"},
        ),
        ({"path": Path("a/b"), "raw": b"text"}, {"path": "a/b", "raw": "text"}),
        ({"n": math.nan, "up": math.inf, "down": -math.inf}, {"n": None, "up": None, "down": None}),
        (Maker(lambda: (n for n in range(3))), {"items": [0, 1, 2]}),
        (Maker(lambda: {"inner": iter("ab")}), {"inner": ["a", "b"]}),
        ("half \ud83d", {"text": "half \ufffd"}),
        ({"\ud83d": ["\ud83d\ude00 whole"]}, {"\ufffd": ["\U0001f600 whole"]}),
        (2**64, {"value": 2**64}),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_is_json_or_reads_as_json_is_told(value: object, data: JsonObject) -> None:
    result = await tool_of(value).run(CONTEXT, {})

    assert result.error is None
    assert result.data == data
    assert json.loads(result.to_json()) == {"ok": True, "data": data}


class Broken(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    inner: Odd


@dataclasses.dataclass
class Trap:
    name: str

    def __getattribute__(self, name: str) -> Any:
        if name == "name":
            raise SystemExit("out")
        return super().__getattribute__(name)


def endless() -> Iterator[int]:
    while True:
        yield 1


def failing() -> Iterator[int]:
    yield 1
    raise RuntimeError("the cursor is closed")


async def later() -> None: ...


async def soon() -> AsyncIterator[int]:
    yield 1


def cycle() -> dict[str, Any]:
    ring: dict[str, Any] = {}
    ring["ring"] = [ring]
    return ring


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Odd(), "Odd"),
        ({"a": [0, Odd()]}, "/a/1 is a Odd"),
        ({Odd(): 1}, "key is a Odd"),
        ({1: "a", "1": "b"}, "two keys"),
        (Broken(inner=Odd()), "Broken"),
        (Trap("x"), "SystemExit"),
        (b"\xff\xfe", "bytes"),
        (Odd, "type"),
        (len, "builtin_function_or_method"),
        (Maker(later), "a coroutine that nobody awaited"),
        (Maker(soon), "async_generator"),
        (Maker(cycle), "holds itself"),
        (deep(500), "nested deeper than 64"),
        (deep(100_000), "nested deeper than 64"),
        (Maker(endless), "200,000 values"),
        (Maker(failing), "RuntimeError"),
        ("x" * 10_000_001, "10,000,000 characters"),
        (10**5000, "bits"),
        (ValueError("returned, not raised"), "ValueError"),
        (ToolResult.model_construct(_fields_set={"data"}, data={"x": Odd()}), "/data/x is a Odd"),
        (ToolResult.model_construct(_fields_set={"ok", "data"}, ok=True, data="text"), "ToolResult"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else type(value).__name__,
)
async def test_what_cannot_be_told_is_a_failure_that_names_tool_and_type(value: object, words: str) -> None:
    result = await tool_of(value).run(CONTEXT, {})

    assert not result.ok
    assert result.error is not None
    assert result.error["code"] in ("unavailable", "too_large")
    assert "give" in str(result.error["message"])
    assert words in str(result.error["message"])


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=[]))
    | st.binary()
    | st.dates()
    | st.uuids()
    | st.decimals()
    | st.just(Odd()),
    lambda inner: (
        st.lists(inner)
        | st.sets(st.text())
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(st.characters(exclude_categories=[])) | st.integers() | st.none(), inner)
    ),
    max_leaves=12,
)


@given(VALUES)
def test_any_value_is_told_as_clean_json_or_is_a_tool_failure(value: object) -> None:
    try:
        result = read_returned(value, tool="give")
    except ToolFailure as failure:
        result = failure.to_result()
    text = result.to_json()

    text.encode()
    assert json.loads(text, parse_constant=pytest.fail)["ok"] is result.ok
    assert ToolResult.model_validate_json(text).data == result.data


@pytest.mark.parametrize(
    "hint",
    [Odd, Odd | None, list[Odd], dict[str, Odd], type, Callable[[], int], AsyncIterator[int], Exception, Broken, range],
    ids=lambda hint: getattr(hint, "__name__", "hint"),
)
def test_a_return_type_that_cannot_be_told_is_a_type_error_when_the_module_is_loaded(hint: Any) -> None:
    async def give(ctx: ToolContext) -> hint:
        """Give it."""

    with pytest.raises(TypeError, match=r"^give: give returns .*, which is no JSON; return a ToolResult") as caught:
        ToolRegistry().tool(effect="read")(give)
    assert isinstance(caught.value, WrongType)


@pytest.mark.parametrize(
    "hint",
    [
        None,
        Any,
        object,
        str,
        dict,
        dict[str, Any],
        list[Weather],
        Boat,
        Point,
        Harbour,
        Weather | None,
        set[Mood],
        bytes,
        Decimal,
        datetime,
        ToolResult,
        NoReturn,
        "JsonObject",
    ],
    ids=lambda hint: getattr(hint, "__name__", "hint"),
)
def test_return_types_that_can_be_told_are_taken(hint: Any) -> None:
    async def give(ctx: ToolContext) -> hint:
        """Give it."""

    ToolRegistry().tool(effect="read")(give)


def test_a_function_that_says_nothing_of_what_it_returns_is_taken() -> None:
    async def give(ctx: ToolContext):
        """Give it."""

    ToolRegistry().tool(effect="read")(give)


@pytest.mark.parametrize("hint", [Odd, Callable[[], int], "Missing"], ids=["class", "callable", "missing"])
def test_an_argument_that_no_model_can_fill_makes_no_tool(hint: Any) -> None:
    async def take(ctx: ToolContext, what: hint) -> None:
        """Take it."""

    with pytest.raises(PolicyError, match=r"^take: "):
        ToolRegistry().tool(effect="read")(take)


async def test_a_declared_output_takes_what_the_model_of_it_is_made_of() -> None:
    assert (await tool_of(Weather(wind=1), output=Weather).run(CONTEXT, {})).data == {"wind": 1, "mood": "calm"}
    wrong = await tool_of({"wind": "much"}, output=Weather).run(CONTEXT, {})
    assert "no Weather: 'wind' must be a whole number." in wrong.to_json()
