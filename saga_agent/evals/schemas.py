"""Arguments against the JSON Schema of their tool."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any, cast

import regex

from saga_agent.errors import EvalError, MissingExtra
from saga_agent.evals.matchers import Pattern
from saga_agent.evals.tooldocs import ToolDoc


def schema_faults(tool: ToolDoc, arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the tool's schema says against these arguments, each with the argument's name; the absent are not missed.

    Raises:
        EvalError: The schema is none.
        MissingExtra: jsonschema is not installed.
    """
    named = {key: value for key, value in tool.schema.items() if key != "required"}
    try:
        errors = list(_validator_builder()(named).iter_errors(dict(arguments)))
    except MissingExtra:
        raise
    except Exception as error:  # jsonschema meets a broken schema in whatever way its keyword falls over
        raise EvalError(f"The parameters of {tool.name!r} are no JSON Schema: {error}") from error
    for error in errors:
        name = str(error.absolute_path[0]) if error.absolute_path else tool.name
        yield name, error.message


@cache
def _validator_builder() -> Callable[[Mapping[str, Any]], Any]:
    try:
        # An optional extra: gold of plain values is judged without it.
        from jsonschema import Draft202012Validator, ValidationError, validators
        from referencing import Registry
    except ModuleNotFoundError as error:
        raise MissingExtra("Checking arguments against JSON Schema", "eval") from error

    def pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[Any]:
        if isinstance(value, str) and (fault := Pattern(regex.compile(pattern)).fault(value)):
            yield ValidationError(f"{value!r} {fault}")

    extend = cast("Any", validators).extend
    # An empty registry finds no schema elsewhere; without one, jsonschema asks the network.
    return partial(extend(Draft202012Validator, {"pattern": pattern}), registry=Registry[Any]())
