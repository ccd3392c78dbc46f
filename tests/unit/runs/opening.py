"""How the tests of runs open a saga."""

from collections.abc import Awaitable, Callable

from saga_agent.app import Saga
from saga_agent.domain.journal import Thread

Open = Callable[..., Awaitable[tuple[Saga, Thread]]]
"""Opens a saga that plays the given steps, with a thread in a small project."""
