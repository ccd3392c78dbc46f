"""The policy: which calls may run, which must be asked for, which are refused.

Rules stand in layers (app, project, parent chain, agent, call). Inside a layer the last rule that matches decides;
across layers the strictest decision wins: deny > ask > allow. A layer without a matching rule has no say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from saga_agent.domain.patterns import matches
from saga_agent.domain.project import Project
from saga_agent.domain.record import JsonObject, content_hash
from saga_agent.domain.requests import Effect
from saga_agent.domain.rules import DEFAULT_RULES, PROJECT_SETTING, RANK, Decision, Rule, build_rules, project_rules
from saga_agent.errors import PolicyError
from saga_agent.tools.registry import Tool, ToolRegistry


@dataclass(frozen=True, slots=True)
class LayerVerdict:
    """What one layer says of a call."""

    layer: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Ruling:
    """The decision on a call, and what each layer that had a say said."""

    decision: Decision
    layers: tuple[LayerVerdict, ...]

    @classmethod
    def of(cls, layers: Iterable[LayerVerdict]) -> Ruling:
        """The strictest of what the layers say; nothing said is a deny."""
        said = tuple(layers)
        decisions: list[Decision] = [each.rule.decision for each in said]
        return cls(max(decisions, key=lambda each: RANK[each]) if decisions else "deny", said)

    @property
    def deciding(self) -> LayerVerdict | None:
        """The first layer that said what was decided; None if no layer had a say."""
        return next((said for said in self.layers if said.rule.decision == self.decision), None)

    @property
    def why(self) -> str:
        """The deciding rule in words."""
        return f"{self.deciding.layer}: {self.deciding.rule}" if self.deciding else "no rule allows it"


@dataclass(frozen=True, slots=True)
class Layer:
    """Rules with a name; a layer of an ancestor also knows what that agent holds, and may hand on without holding."""

    name: str
    rules: tuple[Rule, ...]
    holds: frozenset[str] | None = None
    """The ancestor's tools; None for a layer that is no ancestor's."""
    delegates: tuple[Rule, ...] = ()

    def decide(self, tool: str, effect: Effect, arguments: JsonObject) -> Rule | None:
        """The rule that decides in this layer."""
        if said := _last(self.delegates, tool, effect, arguments):
            return said
        if self.holds is not None and tool not in self.holds:
            return Rule(tool, "deny", reason=f"{self.name} does not have it")
        return _last(self.rules, tool, effect, arguments)


@dataclass(frozen=True, slots=True)
class ShadowedRule:
    """A rule that decides nothing."""

    layer: str
    rule: Rule
    by: Rule | None
    """The later rule of the layer that always wins over it; None when no tool is one it speaks of."""

    def __str__(self) -> str:
        reason = f"the later rule '{self.by}' always wins" if self.by else "no tool is one it speaks of"
        return f"{self.layer}: '{self.rule}' decides nothing: {reason}."


class Policy:
    """The app's rules, over which further layers can only tighten.

    The defaults come first in the app's layer, so the app's own rules may loosen them: reading and showing run, writing
    asks, destroying and reaching outside ask each time.
    """

    def __init__(self, rules: Iterable[Rule] = (), *, layers: Mapping[str, Iterable[Rule]] | None = None) -> None:
        over = (Layer(name, tuple(layer)) for name, layer in (layers or {}).items())
        self.layers: tuple[Layer, ...] = (Layer("app", (*DEFAULT_RULES, *rules)), *over)

    @classmethod
    def from_data(cls, data: Sequence[Mapping[str, JsonValue]], *, name: str = "data") -> Policy:
        """The default policy with rules that are data in a layer on top: a file or a row can only tighten.

        Raises: `PolicyError`, see `build_rules`.
        """
        return cls().with_layer(name, build_rules(data))

    def with_layer(self, name: str, rules: Iterable[Rule]) -> Policy:
        """A policy with one more layer on top of these; one of the same name stays beside it."""
        return self._with(Layer(name, tuple(rules)))

    def for_project(self, project: Project) -> Policy:
        """A policy with the project's own rules on top, as its settings hold them; `PolicyError`, see `build_rules`."""
        if project.settings.get(PROJECT_SETTING) is None:
            return self
        return self.with_layer("project", project_rules(project.settings))

    def with_parent(
        self, name: str, rules: Iterable[Rule], *, holds: Collection[str], delegates: Sequence[Rule] = ()
    ) -> Policy:
        """A policy with a layer for the agent that delegates: its child may do what the agent itself may.

        What the ancestor does not hold is denied, what its rules say counts for the child too, except where a rule of
        `delegates`, which the app declared, speaks of the call: then that rule decides in this layer.
        """
        return self._with(Layer(name, tuple(rules), frozenset(holds), tuple(delegates)))

    def _with(self, layer: Layer) -> Policy:
        policy = Policy()
        policy.layers = (*self.layers, layer)
        return policy

    def explain(self, tool: str, effect: Effect, arguments: JsonObject) -> Ruling:
        """The decision on the call, and the deciding rule of each layer; a call no rule speaks of is denied."""
        said = ((layer.name, layer.decide(tool, effect, arguments)) for layer in self.layers)
        return Ruling.of(LayerVerdict(name, rule) for name, rule in said if rule is not None)

    @cached_property
    def version(self) -> str:
        """A short hash of all rules, in order; it changes when any of them does."""
        rows: list[JsonValue] = []
        for layer in self.layers:
            held: JsonValue = None if layer.holds is None else [*sorted(layer.holds)]
            rules: list[JsonValue] = [[str(each) for each in rules] for rules in (layer.rules, layer.delegates)]
            rows.append([layer.name, held, *rules])
        return content_hash(rows)[:12]

    def lint(self, tools: ToolRegistry | None = None) -> list[ShadowedRule]:
        """The rules that decide nothing, because a later one of their layer always wins, or no tool fits them."""
        found: list[ShadowedRule] = []
        for layer in self.layers:
            for rules in (layer.rules, layer.delegates):
                found += (ShadowedRule(layer.name, rule, by) for rule, by in _shadowed(rules))
                if tools is not None:
                    idle = (rule for rule in rules if not any(_may_match(rule, each) for each in tools))
                    found += (ShadowedRule(layer.name, rule, None) for rule in idle if rule not in DEFAULT_RULES)
        return found

    def check(self, tools: ToolRegistry, *, also: Collection[str] = ()) -> None:
        """Raises `PolicyError` for a rule that names a tool, without wildcards, which does not exist."""
        for layer in self.layers:
            check_tools((*layer.rules, *layer.delegates), tools, place=layer.name, also=also)


def check_tools(rules: Iterable[Rule], tools: ToolRegistry, *, place: str, also: Collection[str] = ()) -> None:
    """Raises `PolicyError` for a rule that names a tool, without wildcards, which does not exist."""
    for rule in rules:
        if not set("*?") & set(rule.tool) and tools.find(rule.tool) is None and rule.tool not in also:
            names = ", ".join(sorted(each.name for each in tools))
            raise PolicyError(f"{place}: the rule '{rule}' names no tool; the tools are {names}.")


def _last(rules: Sequence[Rule], tool: str, effect: Effect, arguments: JsonObject) -> Rule | None:
    return next((rule for rule in reversed(rules) if rule.matches(tool, effect, arguments)), None)


def _shadowed(rules: Sequence[Rule]) -> Iterable[tuple[Rule, Rule]]:
    for place, rule in enumerate(rules):
        if rule in DEFAULT_RULES:
            continue  # the defaults are there to be overruled
        if by := next((later for later in rules[place + 1 :] if later.covers(rule)), None):
            yield rule, by


def _may_match(rule: Rule, tool: Tool) -> bool:
    # A rule on all tools of an effect may be there for tools to come.
    fits = rule.tool == "*" or rule.effect is None or rule.effect == tool.effect or tool.effect_of is not None
    return fits and matches(rule.tool, tool.name) and rule.arguments.keys() <= tool.arguments.names
