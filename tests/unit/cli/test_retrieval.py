"""How passages are found, as it is typed."""

from __future__ import annotations

import pytest


def test_the_search_index_of_a_project_is_made_anew(saga, kennels):
    text, data = saga("maintenance", "run", "reindex"), saga("maintenance", "run", "reindex", "--json")

    assert (text.code, text.out) == (0, "2 document(s) of kennels indexed anew.\n")
    assert data.json["documents"] == 2


def test_the_jobs_are_listed(saga):
    assert [line.split()[0] for line in saga("maintenance", "ls").out.splitlines()] == ["reap", "reindex"]


@pytest.mark.parametrize("command", [("chat", "-t", "Who?"), ("serve", "--port", "0"), ("maintenance", "run", "reap")])
def test_search_by_meaning_without_embeddings_is_wrong_use(saga, kennels, command):
    refused = saga(*command, "--retrieval", "qdrant")

    assert refused.code == 2
    assert refused.sentences[0].startswith("saga: Search by meaning needs embeddings=")


def test_settings_may_come_from_the_environment(saga, kennels, monkeypatch):
    monkeypatch.setenv("SAGA_RETRIEVAL", "magic")

    assert saga("chat", "-t", "Who?").sentences[0].startswith("saga: retrieval='magic' is not known")


def test_a_talk_goes_on_without_the_embeddings_and_says_so(saga, kennels):
    """Nothing listens at that address."""
    talk = saga(
        "chat",
        "-t",
        "Who is at the Kennels?",
        "--retrieval",
        "qdrant",
        "--embeddings",
        "openai:tiny@http://127.0.0.1:9/v1",
    )

    assert talk.code == 0
    assert "Search by meaning does not work at the moment; passages are found by their words." in talk.out + talk.err
    assert "Mara" in talk.out
