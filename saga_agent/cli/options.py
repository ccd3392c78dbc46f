"""Options that many commands share. Imported by every command, so it holds nothing that is slow to load."""

from __future__ import annotations

from typing import Annotated

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
