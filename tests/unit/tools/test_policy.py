"""The policy lattice: last match inside a layer, the strictest across layers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.domain.requests import Effect
from saga_agent.errors import PolicyError
from saga_agent.tools.policy import EFFECTS, Decision, Policy, Rule

DECISIONS: tuple[Decision, ...] = ("allow", "ask", "deny")
rules = st.builds(
    Rule,
    tool=st.sampled_from(["*", "create_*", "create_entity", "search_story", "*_story"]),
    decision=st.sampled_from(DECISIONS),
    effect=st.sampled_from([None, *EFFECTS]),
)
layers = st.dictionaries(st.sampled_from(["project", "parent", "agent", "call"]), st.lists(rules, max_size=4))
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
