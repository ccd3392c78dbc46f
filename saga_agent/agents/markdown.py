"""Agents from Markdown files: front matter says what they may use, the text below it is their prompt.

A file can only narrow what the app allows: it gives no delegate rights, and its rules tighten like any agent's.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from saga_agent.agents.agent import Agent, Subagent
from saga_agent.agents.budget import Budget
from saga_agent.domain.misfits import misfit, place_of
from saga_agent.domain.rules import build_rules
from saga_agent.errors import InvalidInput, PolicyError, UnreadableFile
from saga_agent.formats.note import parse_note
from saga_agent.tools.policy import check_tools
from saga_agent.tools.registry import ToolRegistry


class _Strict(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Limits(_Strict):
    steps: int | None = None
    tokens: int | None = None
    tool_calls: int | None = None
    cost_usd: float | None = None
    seconds: float | None = None


class _FrontMatter(_Strict):
    """The keys there are."""

    description: str
    name: str | None = None
    """By default the file's name."""
    mode: Literal["agent", "subagent"] = "agent"
    tools: list[str] = Field(default_factory=list[str])
    subagents: list[str] = Field(default_factory=list[str])
    model: str | None = None
    max_steps: int | None = None
    budget: _Limits = _Limits()
    rules: list[Mapping[str, JsonValue]] = Field(default_factory=list[Mapping[str, JsonValue]])
    hidden: bool = False


def load_agents(folder: str | Path, tools: ToolRegistry) -> tuple[Agent, ...]:
    """The agents of a folder's `*.md` files, in the order of the files' names.

    Raises: `InvalidInput` for a folder or file that cannot be read, `PolicyError` naming file and key for what an
    agent cannot have.
    """
    path = Path(folder).expanduser()
    files = sorted(path.glob("*.md"))
    if not files:
        raise InvalidInput(f"The folder {str(path)!r} holds no agent; an agent is a file NAME.md with front matter.")
    return tuple(_load(file, tools) for file in files)


def _load(path: Path, tools: ToolRegistry) -> Agent:
    front, prompt = _read(path)
    with _naming(path, "tools"):
        tools.only(front.tools)
    with _naming(path, "rules"):
        rules = build_rules(front.rules)
        check_tools(rules, tools, place="rules")
    with _naming(path, "budget"):
        budget = Budget(**front.budget.model_dump())
    kind = Subagent if front.mode == "subagent" else Agent
    with _naming(path, "max_steps"):
        agent = kind(
            name=front.name or path.stem,
            description=front.description,
            prompt=prompt,
            tools=tuple(front.tools),
            subagents=tuple(front.subagents),
            rules=rules,
            model=front.model,
            budget=budget,
            hidden=front.hidden,
        )
        return agent if front.max_steps is None else replace(agent, max_steps=front.max_steps)


@contextmanager
def _naming(path: Path, key: str) -> Generator[None]:
    """Says of a refusal inside which file and key it is about."""
    try:
        yield
    except PolicyError as error:
        raise PolicyError(f"{path}: {key!r}: {error}") from None


def _read(path: Path) -> tuple[_FrontMatter, str]:
    try:
        note = parse_note(path.read_bytes(), path=str(path))
    except OSError as error:
        raise UnreadableFile(str(path), error.strerror or "it cannot be opened") from None
    if note.lost:
        raise PolicyError(f"{path}: {note.lost[0]}")
    if not note.header or not note.body.strip():
        raise PolicyError(f"{path}: an agent is front matter between two lines '---', and a prompt below.")
    try:
        return _FrontMatter.model_validate(note.properties), note.body.strip()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = place_of(first)
        if first["type"] == "extra_forbidden":
            known = _Limits if key.startswith("budget.") else _FrontMatter
            raise PolicyError(f"{path}: {key!r} is no key; use {', '.join(known.model_fields)}.") from None
        raise PolicyError(f"{path}: {misfit(error)}.") from None
