"""Options that many commands share. Imported by every command, so it holds nothing that is slow to load."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, get_type_hints

import typer

DEFAULT_DATABASE = "saga.db"
DEFAULT_MODEL = "offline"
DEFAULT_RETRIEVAL = "lexical"

Database = Annotated[
    str,
    typer.Option(
        "--database",
        "-d",
        envvar="SAGA_DATABASE",
        metavar="URL",
        help="A database file, or a URL such as postgresql+psycopg://USER@HOST/NAME.",
    ),
]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        envvar="SAGA_MODEL",
        metavar="NAME",
        help="offline, openai:NAME, openrouter:NAME or openai:NAME@BASE_URL.",
    ),
]
Retrieval = Annotated[
    str,
    typer.Option(
        "--retrieval",
        envvar="SAGA_RETRIEVAL",
        metavar="HOW",
        help="lexical, qdrant, or qdrant:URL; the last two with --embeddings.",
    ),
]
Embeddings = Annotated[
    str | None,
    typer.Option("--embeddings", envvar="SAGA_EMBEDDINGS", metavar="NAME", help="openai:NAME or openai:NAME@BASE_URL."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
ProjectName = Annotated[
    str | None,
    typer.Option("--project", "-p", metavar="NAME", help="Its name or id; may be left out when there is only one."),
]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many at the most.")]


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """The command as typer takes it: what is a dataclass of options there is an option for each of its fields here."""
    kinds = get_type_hints(command, include_extras=True)
    options: list[Parameter] = []
    groups: dict[str, type[Any]] = {}
    for name, parameter in signature(command).parameters.items():
        kind = kinds[name]
        if not (isinstance(kind, type) and is_dataclass(kind)):
            options.append(parameter.replace(annotation=kind))
            continue
        groups[name] = kind
        field_kinds = get_type_hints(kind, include_extras=True)
        options += [
            Parameter(each.name, Parameter.KEYWORD_ONLY, default=each.default, annotation=field_kinds[each.name])
            for each in fields(kind)
        ]

    @wraps(command)
    def run(**given: Any) -> None:
        made = {
            name: kind(**{each.name: given.pop(each.name) for each in fields(kind)}) for name, kind in groups.items()
        }
        command(**given, **made)

    run.__annotations__ = {option.name: option.annotation for option in options}
    run.__signature__ = Signature(options)  # pyright: ignore[reportAttributeAccessIssue]
    return run
