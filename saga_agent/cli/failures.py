"""From exceptions to what people at a terminal get: one sentence on stderr and an exit code."""

from __future__ import annotations

from typing import Final

from saga_agent.errors import AlreadyExists, InvalidInput, MissingExtra, NotFound, PolicyError, SagaError

FAILED: Final = 1
"""Something was found, or did not work: a model, a database, a run that failed."""
WRONG_USE: Final = 2
"""What was typed cannot be used."""

_WRONG_USE = (InvalidInput, PolicyError, NotFound, AlreadyExists, MissingExtra)


def exit_code(error: Exception) -> int:
    """2 for what the user can type differently, 1 for everything else."""
    return WRONG_USE if isinstance(error, _WRONG_USE) else FAILED


def sentence(error: Exception) -> str:
    """The error on one line, in words for people."""
    if isinstance(error, SagaError):
        return " ".join(str(error).split())
    if isinstance(error, OSError):
        return f"The system refused an operation: {error}."
    detail = " ".join(str(error).split())[:200]
    return f"An unexpected error ({type(error).__name__}: {detail}); run 'saga --debug ...' to see where."
