from __future__ import annotations

import base64
import hashlib
import logging
from pathlib import Path

import pytest

from saga_agent.models import tokens
from saga_agent.models.tokens import approximate_tokens, count_tokens


@pytest.fixture(autouse=True)
def _fresh_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty cache of tables and no memory of earlier counts."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    tokens._counter.cache_clear()
    tokens._say_once.cache_clear()


@pytest.mark.parametrize(("text", "count"), [("", 0), ("a", 1), ("word", 2), ("x" * 40, 11), ("x" * 400, 110)])
def test_the_approximation_is_a_quarter_of_the_characters_and_a_tenth_more(text: str, count: int) -> None:
    assert approximate_tokens(text) == count


@pytest.mark.parametrize("model", [None, "gpt-4o", "llama-of-my-own"])
def test_without_tables_it_approximates_and_fetches_nothing(model: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("tiktoken wanted to fetch its table")

    monkeypatch.setattr("tiktoken.load.read_file", refuse)

    assert count_tokens("x" * 400, model) == 110


def test_it_says_once_that_it_approximates(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        count_tokens("a")
        count_tokens("b", "gpt-4")

    (record,) = caplog.records
    assert "characters / 4, plus 10 %" in record.getMessage()


def test_with_tables_in_the_cache_tiktoken_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of single bytes, put where tiktoken looks: every byte is a token."""
    table = b"\n".join(base64.b64encode(bytes([byte])) + b" %d" % byte for byte in range(256))
    url = "https://openaipublic.blob.core.windows.net/encodings/o200k_base.tiktoken"
    (tmp_path / hashlib.sha1(url.encode()).hexdigest()).write_bytes(table)
    monkeypatch.setattr("tiktoken.load.check_hash", lambda data, expected: True)
    monkeypatch.setattr("tiktoken.registry.ENCODINGS", {})

    assert count_tokens("word") == 4
    assert count_tokens("<|endoftext|>") == 13
