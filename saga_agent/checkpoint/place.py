"""What a saver's config says: which checkpoint, and whose epoch writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from langchain_core.runnables import RunnableConfig

from saga_agent.errors import InvalidInput

EPOCH_KEY = "saga_epoch"
"""The `configurable` key that fences writes: the runner's epoch of the run whose id is the thread_id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A checkpoint's address; without an id it means the newest of the namespace."""

    thread_id: str
    ns: str
    checkpoint_id: str | None

    @classmethod
    def of(cls, config: RunnableConfig) -> Place:
        """The address in the config; `InvalidInput` when it names no thread."""
        options = _options(config)
        thread_id = options.get("thread_id")
        if thread_id is None:
            raise InvalidInput('The config names no thread: pass {"configurable": {"thread_id": "..."}}.')
        return cls(
            thread_id=str(thread_id), ns=namespace(config) or "", checkpoint_id=options.get("checkpoint_id") or None
        )

    def config(self) -> RunnableConfig:
        """The address as a config that leads back here."""
        return {
            "configurable": {"thread_id": self.thread_id, "checkpoint_ns": self.ns, "checkpoint_id": self.checkpoint_id}
        }


def namespace(config: RunnableConfig) -> str | None:
    """The namespace the config names; None when it leaves it open, "" for the root graph."""
    return _options(config).get("checkpoint_ns")


def fence(config: RunnableConfig) -> tuple[str, int] | None:
    """(run_id, epoch) that a write must carry, for configs with an epoch; `InvalidInput` if that is not an int."""
    options = _options(config)
    if EPOCH_KEY not in options:
        return None
    epoch = options[EPOCH_KEY]
    if type(epoch) is not int:  # a bool would pass as an int and fence against epoch 1
        raise InvalidInput(f"{EPOCH_KEY!r} must be the run's epoch, an int, not {epoch!r}.")
    return Place.of(config).thread_id, epoch


def _options(config: RunnableConfig) -> dict[str, Any]:
    return config.get("configurable") or {}
