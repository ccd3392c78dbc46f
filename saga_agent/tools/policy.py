"""The policy: which calls may run, which must be asked for, which are refused.

Rules stand in layers (app, project, parent chain, agent, call). Inside a layer the last rule that matches decides;
across layers the strictest decision wins: deny > ask > allow. A layer without a matching rule has no say.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, get_args

from pydantic import JsonValue

from saga_agent.domain.record import JsonObject, canonical_json
from saga_agent.domain.requests import Effect
from saga_agent.errors import PolicyError

Decision = Literal["allow", "ask", "deny"]
_RANK: Mapping[Decision, int] = {"allow": 0, "ask": 1, "deny": 2}
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
        if self.decision not in _RANK:
            raise PolicyError(f"{self.decision!r} is no decision; use one of {', '.join(_RANK)}.")
        if self.effect is not None and self.effect not in EFFECTS:
            raise PolicyError(f"{self.effect!r} is no effect; use one of {', '.join(EFFECTS)}.")
        if not self.tool:
            raise PolicyError("A rule needs a tool pattern; '*' means all tools.")

    def matches(self, tool: str, effect: Effect, arguments: JsonObject) -> bool:
        """Whether the rule speaks of this call."""
        return (
            (self.effect is None or self.effect == effect)
            and _matches(self.tool, tool)
            and all(name in arguments and _matches(p, _text(arguments[name])) for name, p in self.arguments.items())
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


@dataclass(frozen=True, slots=True)
class LayerVerdict:
    """What one layer says of a call."""

    layer: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on a call, and what each layer that had a say said."""

    decision: Decision
    layers: tuple[LayerVerdict, ...]

    @property
    def deciding(self) -> LayerVerdict | None:
        """The first layer that said what was decided; None if no layer had a say."""
        return next((said for said in self.layers if said.rule.decision == self.decision), None)

    @property
    def why(self) -> str:
        """The deciding rule in words."""
        return f"{self.deciding.layer}: {self.deciding.rule}" if self.deciding else "no rule allows it"


class Policy:
    """The app's rules, over which further layers can only tighten.

    The defaults come first in the app's layer, so the app's own rules may loosen them: reading and showing run, writing
    asks, destroying and reaching outside ask each time.
    """

    def __init__(self, rules: Iterable[Rule] = (), *, layers: Mapping[str, Iterable[Rule]] | None = None) -> None:
        self._layers: dict[str, tuple[Rule, ...]] = {"app": (*DEFAULT_RULES, *rules)}
        for name, layer in (layers or {}).items():
            self._layers[name] = tuple(layer)

    def with_layer(self, name: str, rules: Iterable[Rule]) -> Policy:
        """A policy with one more layer on top of these."""
        policy = Policy()
        policy._layers = {**self._layers, name: tuple(rules)}
        return policy

    def explain(self, tool: str, effect: Effect, arguments: JsonObject) -> Verdict:
        """The decision on the call, and the deciding rule of each layer; a call no rule speaks of is denied."""
        said: list[LayerVerdict] = []
        for layer, rules in self._layers.items():
            for rule in reversed(rules):
                if rule.matches(tool, effect, arguments):
                    said.append(LayerVerdict(layer, rule))
                    break
        decisions: list[Decision] = [each.rule.decision for each in said]
        decision = max(decisions, key=lambda each: _RANK[each]) if decisions else "deny"
        return Verdict(decision, tuple(said))


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    # `[` is a plain character here, unlike in file patterns.
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")), re.DOTALL)


def _matches(pattern: str, value: str) -> bool:
    return _pattern(pattern).match(value) is not None


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else canonical_json(value)
