"""Whether a model called the right tools with the right arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, cast

from saga_agent.errors import EvalError
from saga_agent.evals import bfcl
from saga_agent.evals.calls import read_calls
from saga_agent.evals.gold import read_expected, read_plain
from saga_agent.evals.matchers import Means, Test
from saga_agent.evals.ordering import Order
from saga_agent.evals.strict import Extra, judge
from saga_agent.evals.tooldocs import read_tools
from saga_agent.evals.verdict import Verdict
from saga_agent.linking import Bible, compile_bible

Mode = Literal["strict", "bfcl"]


def check_calls(
    tools: Iterable[Mapping[str, Any]],
    expected: Sequence[Any],
    calls: object,
    *,
    order: Order = "any",
    mode: Mode = "strict",
    extra: Extra = "forbidden",
    bible: Bible | Iterable[Mapping[str, object]] | None = None,
    functions: Mapping[str, Test] | None = None,
    dots_as_underscores: bool = False,
    category: str = "",
) -> Verdict:
    """The verdict on the calls of one case.

    Args:
        tools: The documents of the tools, `{name, parameters, ...}`.
        expected: The gold, `[{tool: {argument: [allowed, ...]}}]`; a list of such lists where several are accepted.
        calls: What the model called, `[{"name": ..., "arguments": {...}}]`, arguments also as JSON text.
        order: In which order the calls are to come; or pairs (before, after) of places in the gold or of tools.
        mode: `strict` is ours; `bfcl` has exactly the rules of the Berkeley leaderboard.
        extra: Whether calls beyond the gold are allowed, or for which tools.
        bible: The names that `{"$entity": ...}` is looked up in.
        functions: What `{"$function": name}` calls.
        dots_as_underscores: Whether names of tools were told to the model with `_` for each `.`.
        category: BFCL's name for the kind of case, such as `live_relevance`; made out where it is not given. Only the
            mode `bfcl` reads it.

    Raises:
        EvalError: Tools, gold, order or a matcher cannot be judged by. What is wrong with the calls is a verdict.
    """
    if isinstance(extra, str) and extra not in ("forbidden", "allowed"):
        raise EvalError(f"extra is {extra!r}; give 'forbidden', 'allowed' or a list of tools.")
    docs = read_tools(tools, dots_as_underscores=dots_as_underscores)
    if dots_as_underscores:
        expected = _underscored(expected)
    if mode == "bfcl":
        return bfcl.judge(list(docs.values()), read_plain(expected), read_calls(calls), category)
    if mode != "strict":
        raise EvalError(f"There is no mode {mode!r}; there are 'strict' and 'bfcl'.")
    known = bible if bible is None or isinstance(bible, Bible) else compile_bible(bible)
    accepted = read_expected(expected, docs, Means(functions or {}, known))
    return judge(accepted, read_calls(calls), order, extra)


def _underscored(expected: Any) -> Any:
    """The gold with the names of its tools as the model was told them."""
    if isinstance(expected, Mapping):
        return {str(name).replace(".", "_"): value for name, value in cast("Mapping[Any, Any]", expected).items()}
    return [_underscored(each) for each in cast("list[Any]", expected)] if isinstance(expected, list) else expected
