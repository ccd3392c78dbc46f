"""Embeddings: what turns texts into vectors, by name or as a LangChain object.

Importing this module is cheap; the OpenAI SDK is imported when a server is named.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from saga_agent.errors import InvalidInput
from saga_agent.models.servers import find_served_model

if TYPE_CHECKING:  # start-up cost
    from langchain_core.embeddings import Embeddings


def resolve_embeddings(spec: str | Embeddings, *, environ: Mapping[str, str] | None = None) -> Embeddings:
    """The embeddings that a specification names; an object is returned as it is.

    Args:
        spec: `openai:NAME`, `openai:NAME@BASE_URL` for any OpenAI-compatible server, or LangChain embeddings.
        environ: Where `OPENAI_API_KEY` and `OPENAI_BASE_URL` are looked up, by default the process's environment.

    Raises: `InvalidInput` for a text of another form, or a key that is missing.
    """
    if not isinstance(spec, str):
        return spec
    is_openai = spec.strip().startswith("openai:")
    served = find_served_model(spec, os.environ if environ is None else environ) if is_openai else None
    if served is None:
        raise InvalidInput(
            f'Cannot use {spec!r} for embeddings; write "openai:NAME" or "openai:NAME@BASE_URL", or give LangChain '
            "embeddings."
        )
    from saga_agent.models.openai_embeddings import ServedEmbeddings  # start-up cost: the OpenAI SDK takes a second

    return ServedEmbeddings(served)


def embeddings_name(embeddings: Embeddings) -> str:
    """What tells their vectors from others': their `model` or `model_name`, or else their class."""
    for attribute in ("model", "model_name"):
        name = getattr(embeddings, attribute, None)
        if isinstance(name, str) and name:
            return name
    return type(embeddings).__qualname__
