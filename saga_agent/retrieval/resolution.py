"""From `retrieval=` and `embeddings=` to a retriever."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from saga_agent.clock import Clock
from saga_agent.errors import InvalidInput, MissingExtra
from saga_agent.models.servers import is_url
from saga_agent.retrieval.lexical import LexicalRetriever
from saga_agent.retrieval.protocol import Retriever, VectorIndex
from saga_agent.storage.ports.journal import Journal

if TYPE_CHECKING:  # start-up cost
    from langchain_core.embeddings import Embeddings


def build_retriever(
    retrieval: str | None,
    embeddings: str | Embeddings | None,
    *,
    journal: Journal,
    clock: Clock,
    environ: Mapping[str, str] | None = None,
) -> Retriever:
    """The retriever that the settings mean; by words alone for `lexical` and None.

    Args:
        retrieval: `lexical`, `qdrant`, `qdrant:URL` or None.
        embeddings: What turns texts into vectors, for `qdrant` and only for it: see `resolve_embeddings`.
        journal: Where passages and the cache of embeddings are.
        clock: Time.
        environ: Where `QDRANT_API_KEY` and the keys of models are looked up, by default the process's environment.

    Raises: `InvalidInput` for settings that cannot be used, `MissingExtra` without the client.
    """
    environ = os.environ if environ is None else environ
    kind, _, url = (retrieval or "").partition(":")
    if kind == "qdrant" and (is_url(url) or retrieval == "qdrant"):
        return _hybrid(url, embeddings, journal=journal, clock=clock, environ=environ)
    if retrieval not in ("lexical", None):
        raise InvalidInput(f"retrieval={retrieval!r} is not known; use 'lexical', 'qdrant', 'qdrant:URL' or None.")
    if embeddings is not None:
        raise InvalidInput(f"embeddings= is only for retrieval='qdrant' or 'qdrant:URL', not for {retrieval!r}.")
    return LexicalRetriever(journal.passages)


def _hybrid(
    url: str, embeddings: str | Embeddings | None, *, journal: Journal, clock: Clock, environ: Mapping[str, str]
) -> Retriever:
    if embeddings is None:
        raise InvalidInput(
            "Search by meaning needs embeddings='openai:NAME', 'openai:NAME@BASE_URL' or LangChain embeddings; or use "
            "retrieval='lexical'."
        )
    # Start-up cost: LangChain.
    from saga_agent.models.embeddings import resolve_embeddings
    from saga_agent.retrieval.embedder import Embedder
    from saga_agent.retrieval.hybrid import HybridRetriever

    resolved = resolve_embeddings(embeddings, environ=environ)
    embedder = Embedder(resolved, journal.embeddings, owned=isinstance(embeddings, str), holdings=journal.holdings)
    index = _index(url, model=embedder.model, api_key=environ.get("QDRANT_API_KEY") or None)
    return HybridRetriever(journal.passages, embedder, index, clock)


def _index(url: str, *, model: str, api_key: str | None) -> VectorIndex:
    try:
        from saga_agent.retrieval.qdrant import QdrantVectors  # an optional extra, which takes a second to load
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("saga_agent"):
            raise
        raise MissingExtra("retrieval='qdrant'", "qdrant") from error
    return QdrantVectors.at(url, model=model, api_key=api_key) if url else QdrantVectors.embedded(model=model)
