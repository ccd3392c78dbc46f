"""The policy lattice: last match inside a layer, the strictest across layers."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.domain.patterns import covers, matches
from saga_agent.domain.requests import Effect
from saga_agent.domain.rules import EFFECTS, Decision, Rule
from saga_agent.errors import PolicyError
from saga_agent.tools.context import ToolContext
from saga_agent.tools.policy import LayerVerdict, Policy, ShadowedRule
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult

DECISIONS: tuple[Decision, ...] = ("allow", "ask", "deny")
rules = st.builds(
    Rule,
    tool=st.sampled_from(["*", "create_*", "create_entity", "search_story", "*_story"]),
    decision=st.sampled_from(DECISIONS),
    effect=st.sampled_from([None, *EFFECTS]),
)
layers = st.dictionaries(st.sampled_from(["project", "parent", "agent", "call"]), st.lists(rules, max_size=4))
patterns = st.text("ab*?", max_size=5)
calls = st.tuples(st.sampled_from(["create_entity", "search_story", "delete_project"]), st.sampled_from(EFFECTS))


def test_defaults_let_read_and_ask_before_anything_changes() -> None:
    decided = {effect: Policy().explain("any", effect, {}).decision for effect in EFFECTS}

    assert decided == {"read": "allow", "ui": "allow", "write": "ask", "destructive": "ask", "external": "ask"}


def test_the_apps_own_rules_may_loosen_the_defaults_but_no_other_layer_may() -> None:
    app = Policy([Rule("create_*", "allow")])
    assert app.explain("create_entity", "write", {}).decision == "allow"

    agent = Policy().with_layer("agent draft", [Rule("create_*", "allow")])
    assert agent.explain("create_entity", "write", {}).decision == "ask"


@given(layers, st.lists(rules, max_size=4), calls)
def test_a_deny_in_any_layer_wins_against_everything(
    over: dict[str, list[Rule]], app: list[Rule], call: tuple[str, Effect]
) -> None:
    policy = Policy(app, layers=over).with_layer("last", [Rule("*", "deny")])
    assert policy.explain(*call, {}).decision == "deny"


@given(layers, st.lists(rules, max_size=4), st.lists(rules, min_size=1, max_size=4), calls)
def test_one_more_layer_can_only_tighten(
    over: dict[str, list[Rule]], app: list[Rule], more: list[Rule], call: tuple[str, Effect]
) -> None:
    base = Policy(app, layers=over)

    before = base.explain(*call, {}).decision
    after = base.with_layer("more", more).explain(*call, {}).decision

    assert DECISIONS.index(after) >= DECISIONS.index(before)


@given(st.lists(rules, min_size=1, max_size=6), calls)
def test_inside_a_layer_the_last_match_decides(layer: list[Rule], call: tuple[str, Effect]) -> None:
    said = {s.layer: s.rule for s in Policy(layers={"agent": layer}).explain(*call, {}).layers}

    matching = [rule for rule in layer if rule.matches(*call, {})]

    assert said.get("agent") == (matching[-1] if matching else None)


def test_patterns_speak_of_arguments_and_literal_characters_stay_literal() -> None:
    policy = Policy([Rule("replace_text", "allow", arguments={"book": "1", "text": "a[b]*"})])

    def decide(**arguments: object) -> Decision:
        return policy.explain("replace_text", "write", arguments).decision  # pyright: ignore[reportArgumentType]

    assert decide(book=1, text="a[b] and more") == "allow"
    assert decide(book=2, text="a[b] and more") == "ask"
    assert decide(book=1, text="ab") == "ask"
    assert decide(text="a[b]") == "ask"


def test_explain_names_the_deciding_rule_and_its_layer() -> None:
    policy = Policy().with_layer("agent revise", [Rule("create_*", "deny", reason="revise never writes")])

    verdict = policy.explain("create_entity", "write", {})

    assert verdict.why == "agent revise: deny create_* (revise never writes)"
    assert [said.layer for said in verdict.layers] == ["app", "agent revise"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"tool": "x", "decision": "alow"}, "no decision"),
        ({"tool": "x", "decision": "deny", "effect": "wirte"}, "no effect"),
        ({"tool": "", "decision": "deny"}, "tool pattern"),
    ],
)
def test_a_misspelt_rule_is_an_error_at_construction(fields: dict[str, str], message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        Rule(**fields)  # pyright: ignore[reportArgumentType]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.lists(rules, max_size=3)), max_size=4), st.randoms(), calls)
def test_the_order_of_layers_does_not_matter(
    over: list[tuple[str, list[Rule]]], random: Random, call: tuple[str, Effect]
) -> None:
    def decide(layers: list[tuple[str, list[Rule]]]) -> Decision:
        policy = Policy()
        for name, each in layers:
            policy = policy.with_layer(name, each)
        return policy.explain(*call, {}).decision

    assert decide(random.sample(over, len(over))) == decide(over)


def test_a_layer_of_the_same_name_stands_beside_the_first() -> None:
    policy = Policy().with_layer("agent", [Rule("*", "deny")]).with_layer("agent", [Rule("*", "allow")])

    assert policy.explain("look", "read", {}).decision == "deny"


def test_a_child_may_not_do_what_its_parent_may_not() -> None:
    parent = [Rule("create_*", "deny", reason="read only"), Rule("search_story", "ask")]
    policy = Policy([Rule("*", "allow")]).with_parent("agent outer", parent, holds={"create_entity", "search_story"})

    decided = {tool: policy.explain(tool, "write", {}) for tool in ("create_entity", "search_story", "delete_project")}
    assert {tool: verdict.decision for tool, verdict in decided.items()} == {
        "create_entity": "deny",
        "search_story": "ask",
        "delete_project": "deny",
    }
    assert decided["delete_project"].why == "agent outer: deny delete_project (agent outer does not have it)"


def test_a_right_that_the_app_lets_a_parent_hand_on_is_named_and_reaches_no_further() -> None:
    right = Rule("create_*", "allow", arguments={"type": "location"}, reason="the outliner adds places")
    policy = Policy([Rule("*", "allow")]).with_parent("outer", [Rule("*", "deny")], holds=(), delegates=[right])

    verdict = policy.explain("create_entity", "write", {"type": "location"})
    assert verdict.decision == "allow"
    assert verdict.layers[-1] == LayerVerdict("outer", right)
    assert policy.explain("create_entity", "write", {"type": "character"}).decision == "deny"
    grandparent = policy.with_parent("outermost", [], holds=())
    assert grandparent.explain("create_entity", "write", {"type": "location"}).decision == "deny"


def test_rules_from_data_can_only_tighten() -> None:
    policy = Policy.from_data([{"tool": "*", "decision": "allow"}, {"tool": "look", "decision": "deny"}])

    assert policy.explain("create_entity", "write", {}).decision == "ask"
    assert policy.explain("look", "read", {}).decision == "deny"


def test_the_version_tells_policies_apart() -> None:
    policies = [
        Policy(),
        Policy([Rule("x", "deny")]),
        Policy([Rule("x", "deny", effect="read")]),
        Policy(layers={"a": []}),
        Policy().with_parent("a", [], holds=()),
        Policy().with_parent("a", [], holds={"x"}),
        Policy().with_parent("a", [], holds=(), delegates=[Rule("x", "allow")]),
    ]

    assert len({policy.version for policy in policies}) == len(policies)
    assert Policy([Rule("x", "deny")]).version == Policy([Rule("x", "deny")]).version


def test_lint_names_rules_that_a_later_one_always_beats() -> None:
    dead = Rule("create_entity", "deny", effect="write", arguments={"name": "Ma?a", "type": "character"})
    wide = Rule("create_*", "allow", arguments={"name": "M*"})
    policy = Policy([dead, Rule("create_entity", "ask", arguments={"type": "x"}), wide])

    assert policy.lint() == [ShadowedRule("app", dead, wide)]
    assert "decides nothing: the later rule 'allow create_*, name='M*''" in str(policy.lint()[0])


def test_lint_names_rules_that_fit_no_tool() -> None:
    registry = ToolRegistry()

    async def rename(ctx: ToolContext, name: str) -> ToolResult:
        """Rename it."""
        return ToolResult()

    registry.tool(effect="write")(rename)
    idle = [
        Rule("renmae", "deny"),
        Rule("web_*", "deny"),
        Rule("rename", "deny", arguments={"nmae": "x"}),
        Rule("rename", "deny", effect="external"),
    ]
    fine = [Rule("re*", "ask"), Rule("rename", "ask", arguments={"name": "x"}), Rule("*", "deny", effect="external")]

    found = Policy(layers={"project": [*fine, *idle]}).lint(registry)

    assert [each.rule for each in found if each.by is None] == idle


@given(patterns, patterns, st.text("ab*?", max_size=5))
def test_a_pattern_that_covers_another_fits_all_that_the_other_fits(wide: str, narrow: str, value: str) -> None:
    if covers(wide, narrow) and matches(narrow, value):
        assert matches(wide, value)


@given(patterns)
def test_every_pattern_covers_itself_and_a_star_covers_all(pattern: str) -> None:
    assert covers(pattern, pattern)
    assert covers("*", pattern)
