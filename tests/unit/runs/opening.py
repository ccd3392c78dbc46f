"""How the tests of runs open a saga."""

from collections.abc import Awaitable, Callable

from saga_agent.app import Saga
from saga_agent.domain.journal import Thread
from saga_agent.models.scripted import ScriptedModel

Open = Callable[..., Awaitable[tuple[Saga, Thread]]]
"""Opens a saga that plays the given steps, with a thread in a small project."""


def script_of(saga: Saga) -> ScriptedModel:
    """The model that the saga was opened with."""
    named = saga._engine.turns.models.default
    assert named is not None
    assert isinstance(named.model, ScriptedModel)
    return named.model
