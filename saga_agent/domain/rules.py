"""Rules: which calls they speak of, and what they decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, cast, get_args

from pydantic import JsonValue

from saga_agent.domain.patterns import covers, matches, matches_all
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Effect
from saga_agent.errors import PolicyError

Decision = Literal["allow", "ask", "deny"]
RANK: Mapping[Decision, int] = {"allow": 0, "ask": 1, "deny": 2}
PROJECT_SETTING = "policy"
"""The key of a project's settings under which its rules stand."""
EFFECTS: tuple[Effect, ...] = get_args(Effect)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: calls of these tools, with these effects and arguments, get that decision.

    `tool` and the values of `arguments` are patterns in which `*` stands for any run of characters and `?` for one;
    an argument that is no string is matched as JSON text. A pattern for an argument that is absent does not match.
    """

    tool: str
    decision: Decision
    effect: Effect | None = None
    arguments: Mapping[str, str] = field(default_factory=dict[str, str])
    reason: str = ""

    def __post_init__(self) -> None:
        if self.decision not in RANK:
            raise PolicyError(f"{self.decision!r} is no decision; use one of {', '.join(RANK)}.")
        if self.effect is not None and self.effect not in EFFECTS:
            raise PolicyError(f"{self.effect!r} is no effect; use one of {', '.join(EFFECTS)}.")
        if not self.tool:
            raise PolicyError("A rule needs a tool pattern; '*' means all tools.")

    def matches(self, tool: str, effect: Effect, arguments: JsonObject) -> bool:
        """Whether the rule speaks of this call."""
        return (
            (self.effect is None or self.effect == effect)
            and matches(self.tool, tool)
            and matches_all(self.arguments, arguments)
        )

    def covers(self, other: Rule) -> bool:
        """Whether it speaks of every call that the other rule speaks of; False where that cannot be told."""
        return (
            self.effect in (None, other.effect)
            and covers(self.tool, other.tool)
            and all(name in other.arguments and covers(p, other.arguments[name]) for name, p in self.arguments.items())
        )

    def __str__(self) -> str:
        about = "".join(f", {name}={pattern!r}" for name, pattern in self.arguments.items())
        kind = f" [{self.effect}]" if self.effect else ""
        return f"{self.decision} {self.tool}{kind}{about}" + (f" ({self.reason})" if self.reason else "")


DEFAULT_RULES: tuple[Rule, ...] = (
    Rule("*", "allow", effect="read", reason="reading changes nothing"),
    Rule("*", "allow", effect="ui", reason="the page shows it"),
    Rule("*", "ask", effect="write", reason="it changes the story"),
    Rule("*", "ask", effect="destructive", reason="it cannot be taken back"),
    Rule("*", "ask", effect="external", reason="it leaves the app"),
)
_KEYS = tuple(each.name for each in fields(Rule))


def build_rules(data: Sequence[Mapping[str, JsonValue]] | JsonValue) -> tuple[Rule, ...]:
    """The rules of a list of mappings with `tool`, `decision`, and perhaps `effect`, `arguments` and `reason`.

    Raises: `PolicyError` naming the place of what is missing, misspelt or of the wrong type.
    """
    rows: object = data
    if not isinstance(rows, list | tuple):
        raise PolicyError("Rules are a list of mappings, each with 'tool' and 'decision'.")
    return tuple(_build_rule(row, place=f"Rule {number}") for number, row in enumerate(cast(list[object], rows), 1))


def project_rules(settings: JsonObject) -> tuple[Rule, ...]:
    """The rules that a project's settings hold; `PolicyError`, see `build_rules`."""
    rules = settings.get(PROJECT_SETTING)
    return () if rules is None else build_rules(rules)


def _build_rule(row: object, *, place: str) -> Rule:
    if not isinstance(row, Mapping):
        raise PolicyError(f"{place} is no mapping with 'tool' and 'decision'.")
    given = cast(Mapping[str, Any], row)
    if unknown := [key for key in given if key not in _KEYS]:
        raise PolicyError(f"{place}: {unknown[0]!r} is no key; use {', '.join(_KEYS)}.")
    for key in ("tool", "decision"):
        if key not in given:
            raise PolicyError(f"{place}: {key!r} is missing.")
    for key, value in given.items():
        if key == "arguments":
            if not isinstance(value, Mapping) or any(
                not isinstance(each, str) for pair in cast(Mapping[Any, Any], value).items() for each in pair
            ):
                raise PolicyError(f"{place}: 'arguments' maps names to patterns, which are strings.")
        elif not isinstance(value, str):
            raise PolicyError(f"{place}: {key!r} is no string.")
    try:
        return Rule(**given)
    except PolicyError as error:
        raise PolicyError(f"{place}: {error}") from None
