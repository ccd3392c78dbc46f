"""Token counts: tiktoken where its tables are at hand, else a stated approximation; never a download."""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

_log = logging.getLogger(__name__)

_DEFAULT_ENCODING = "o200k_base"
_RANKS_URL = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"
_CHARS_PER_TOKEN = 4
_MARGIN_PERCENT = 10


def count_tokens(text: str, model_name: str | None = None) -> int:
    """The tokens of a text: exact where tiktoken's table for the model is in its cache, else `approximate_tokens`.

    tiktoken would fetch a missing table in the middle of a turn. Fill its cache (`TIKTOKEN_CACHE_DIR`) beforehand to
    have exact counts. Models that tiktoken does not know are counted with the newest table.
    """
    return _counter(model_name)(text)


def approximate_tokens(text: str) -> int:
    """Characters / 4 and a margin of 10 %, rounded up."""
    return -(-len(text) * (100 + _MARGIN_PERCENT) // (100 * _CHARS_PER_TOKEN))


@functools.lru_cache(maxsize=32)
def _counter(model_name: str | None) -> Callable[[str], int]:
    import tiktoken  # start-up cost: its regular expressions are needed only where tokens are counted

    try:
        name = tiktoken.encoding_name_for_model(model_name or "")
    except KeyError:
        name = _DEFAULT_ENCODING
    if not _is_cached(name):
        _say_once()
        return approximate_tokens
    encoding = tiktoken.get_encoding(name)
    return lambda text: len(encoding.encode_ordinary(text))


def _is_cached(encoding_name: str) -> bool:
    # The same places and file names as tiktoken.load.read_file_cached.
    folder = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    cache = Path(folder) if folder else Path(tempfile.gettempdir(), "data-gym-cache")
    url = _RANKS_URL.format("o200k_base" if encoding_name == "o200k_harmony" else encoding_name)
    return (cache / hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()).is_file()


@functools.cache
def _say_once() -> None:
    _log.warning(
        "Tokens are counted by approximation (characters / %d, plus %d %%): tiktoken's tables are not in its cache.",
        _CHARS_PER_TOKEN,
        _MARGIN_PERCENT,
    )
