"""What a checker says of the calls of one case."""

from __future__ import annotations

from typing import Any, Literal, get_args

from saga_agent.domain.record import Model

Outcome = Literal[
    "right", "limit", "refused", "unparsed", "wrong_tool", "wrong_argument", "missing", "extra", "duplicate"
]
"""`limit` and `refused` are for whoever ran the model: a checker sees calls, not why there are no more of them."""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


class ArgumentDiff(Model):
    """An argument that is not as expected."""

    name: str
    expected: Any = None
    """What would have been right, as the gold spells it; None where the argument should not be there."""
    got: Any = None
    """None where the argument was not given."""
    text: str
    """The difference in a sentence."""


class CallDiff(Model):
    """A call that is not as expected: with nothing `got` it is missing, with nothing `expected` it is one too many."""

    outcome: Outcome
    expected: dict[str, Any] | None = None
    """`{tool: {argument: [allowed, ...]}}`."""
    got: Any = None
    """The call as it was handed in; anything, where it does not parse."""
    arguments: tuple[ArgumentDiff, ...] = ()
    text: str
    """What is wrong, in a sentence."""


class Verdict(Model):
    """The judgment of one case; `model_dump(mode="json")` is its JSON."""

    passed: bool
    outcome: Outcome
    """The gravest one of the calls, in the order of `OUTCOMES`."""
    diffs: tuple[CallDiff, ...] = ()
    """What is wrong, call by call; empty when all is right."""
    score: float
    """0.0 to 1.0, and 1.0 exactly when passed."""


def gravest(outcomes: set[Outcome]) -> Outcome:
    """The outcome that names a whole case in which these occurred."""
    for outcome in OUTCOMES:
        if outcome != "right" and outcome in outcomes:
            return outcome
    return "right"
