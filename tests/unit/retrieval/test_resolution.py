"""From the settings of a saga to a retriever, or to one sentence."""

from __future__ import annotations

import subprocess
import sys

import pytest

from saga_agent.app import Saga
from saga_agent.errors import InvalidInput, MissingExtra
from saga_agent.models.embeddings import embeddings_name, resolve_embeddings
from tests.meanings import Meanings


@pytest.mark.parametrize("retrieval", ["qdrant", "qdrant:http://127.0.0.1:6333"])
def test_without_embeddings_there_is_no_search_by_meaning(retrieval: str) -> None:
    with pytest.raises(
        InvalidInput, match=r"^Search by meaning needs embeddings='openai:NAME', .* retrieval='lexical'"
    ):
        Saga.open(database="memory://", retrieval=retrieval)


@pytest.mark.parametrize("retrieval", ["magic", "", "qdrant:", "qdrant:localhost", "qdrant:ftp://host", "lexical:x"])
def test_another_kind_of_retrieval_is_refused(retrieval: str) -> None:
    with pytest.raises(InvalidInput, match=rf"^retrieval={retrieval!r} is not known; use 'lexical', 'qdrant', "):
        Saga.open(database="memory://", retrieval=retrieval, embeddings=Meanings())


@pytest.mark.parametrize("retrieval", ["lexical", None])
def test_embeddings_that_nobody_would_ask_are_refused(retrieval: str | None) -> None:
    with pytest.raises(InvalidInput, match=rf"^embeddings= is only for .* not for {retrieval!r}\."):
        Saga.open(database="memory://", retrieval=retrieval, embeddings="openai:x@http://127.0.0.1:9/v1")


@pytest.mark.parametrize("spec", ["text-embedding-3-small", "openrouter:x", "openai:", "offline", "openai:x@nowhere"])
def test_embeddings_of_no_known_form_are_refused(spec: str) -> None:
    with pytest.raises(InvalidInput, match=rf"^Cannot use {spec!r} for embeddings; write \"openai:NAME\""):
        Saga.open(database="memory://", retrieval="qdrant", embeddings=spec)


def test_embeddings_need_their_key() -> None:
    with pytest.raises(InvalidInput, match="'openai:small' needs an API key: set the environment variable OPENAI_API"):
        resolve_embeddings("openai:small", environ={})


def test_vectors_are_kept_by_the_name_of_the_model() -> None:
    class Nameless(Meanings):
        model = ""

    class OfAnotherLibrary(Nameless):
        model_name = "all-minilm"

    named = resolve_embeddings("openai:small@http://127.0.0.1:9/v1")
    assert [embeddings_name(each) for each in (named, Meanings(), OfAnotherLibrary())] == [
        "small",
        "meanings",
        "all-minilm",
    ]
    assert embeddings_name(Nameless()).endswith("Nameless")


def test_without_the_client_the_command_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "qdrant_client", None)
    monkeypatch.delitem(sys.modules, "saga_agent.retrieval.qdrant", raising=False)

    with pytest.raises(MissingExtra, match=r"retrieval='qdrant' needs .*: pip install 'saga-agent\[qdrant\]'"):
        Saga.open(database="memory://", retrieval="qdrant", embeddings=Meanings())


def test_nobody_who_searches_by_words_pays_for_the_client() -> None:
    code = (
        "import sys; from saga_agent.app import Saga; Saga.open(database='memory://');"
        "print('qdrant_client' in sys.modules, 'saga_agent.retrieval.hybrid' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
