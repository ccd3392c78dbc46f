"""A tiny embedding model for tests: a text is how much it has to do with each of a few things."""

from __future__ import annotations

import re

from langchain_core.embeddings import Embeddings

_THINGS = (
    ("dog", "hound", "hounds", "kennels", "barked", "puppy"),
    ("ship", "ferry", "boat", "harbour", "sailed", "crossing"),
    ("sword", "blade", "weapon", "duel"),
    ("king", "crown", "throne", "monarch"),
)


def meaning(text: str) -> list[float]:
    """One number for each thing, and a little of everything, so that no vector is empty."""
    words = re.findall(r"\w+", text.lower())
    return [0.01 + sum(word in thing for word in words) for thing in _THINGS]


class Meanings(Embeddings):
    """These meanings as LangChain embeddings; remembers what it was asked."""

    model = "meanings"

    def __init__(self) -> None:
        self.embedded: list[str] = []
        self.queries: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.embedded += texts
        return [meaning(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        self.queries.append(text)
        return meaning(text)
