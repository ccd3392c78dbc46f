"""What is told to whom when something goes wrong: the one place that decides.

**Pages** - writers, guests, models - are told what they can do about it, and nothing of the server: no addresses,
paths, keys, or words of other libraries. **Operators** - whoever opened the saga: Python, the command line, the run's
stored reason - are told what is wrong where, and what to change. The **log** is told all that, with the traceback.
Nobody is told a password.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from saga_agent.errors import (
    MissingExtra,
    ModelCutOff,
    ModelError,
    NoModel,
    RunFailed,
    SagaError,
    StorageError,
    StreamError,
    UnreadableFile,
)

UNEXPECTED: Final = "Something went wrong on the server; its log has the details."
_NOT_SET_UP: Final = "This server is not set up for that; whoever runs it can change it."
_MODEL: Final = "The model could not answer; try again in a moment."
_STORAGE: Final = "The story's database cannot be used at the moment; try again a little later."
_FOR_PAGES: Final[tuple[tuple[type[SagaError], str], ...]] = (
    (NoModel, "There is no model here that could answer; whoever runs this server can set one."),
    (MissingExtra, _NOT_SET_UP),
    (StorageError, _STORAGE),
    (StreamError, _STORAGE),
    (ModelCutOff, "The model stopped in the middle of its answer; ask again."),
    (ModelError, _MODEL),
    (RunFailed, UNEXPECTED),
    (UnreadableFile, "The file cannot be read; save it as text, Word or EPUB, and try again."),
)
_REASONS: Final[Mapping[str, str]] = {"model": _MODEL, "storage": _STORAGE, "other": UNEXPECTED}
"""By the code with which a run ends; the others are limits, which are told in our words."""
_CREDENTIALS: Final = re.compile(r"(?<=://)[^\s/?#@'\"<>]{1,500}@")


def page_words(error: BaseException) -> str:
    """What a page is told of the error."""
    if not isinstance(error, SagaError):
        return UNEXPECTED
    return next((words for kind, words in _FOR_PAGES if isinstance(error, kind)), str(error))


def page_reason(reason: str, code: str) -> str:
    """What a page is told of why a run ended."""
    return _REASONS.get(code, reason)


def without_passwords(text: str) -> str:
    """The text with the user and password of every URL left out, for operators and logs."""
    return _CREDENTIALS.sub("***@", text)


def public_name(model: str) -> str:
    """A model's name without the server it is at."""
    return model.partition("@")[0]
