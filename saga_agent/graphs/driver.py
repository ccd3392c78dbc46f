"""Driving the turn graph for a runner: as far as it goes now, under the run's id and epoch."""

# LangGraph types a compiled graph's verbs with unions that are partly unknown to checkers.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from saga_agent.checkpoint.saver import StorageCheckpointer
from saga_agent.domain.journal import Run, Usage
from saga_agent.graphs.state import TurnContext, TurnState
from saga_agent.graphs.turn import build_turn_graph
from saga_agent.storage.patience import insist


class TurnDriver:
    """The compiled turn graph; a run is its LangGraph thread."""

    def __init__(self, checkpointer: BaseCheckpointSaver[str]) -> None:
        self._checkpointer = checkpointer
        self._graph = build_turn_graph().compile(checkpointer=checkpointer)

    async def advance(self, turn: TurnContext) -> bool:
        """Runs the graph until it is done or waits for the writer; whether it waits.

        What a resumed node needs it reads from the journal; values in a resume are never used.
        """
        config = _config(turn.run) | {"recursion_limit": 4 * turn.agent.max_steps + 10}
        # The first epoch is the first attempt; a later one goes on from a checkpoint, unless none was written.
        begun = turn.run.epoch > 1 and await insist(lambda: self._checkpointer.aget_tuple(config)) is not None
        first = None if begun else TurnState(step=0)
        async with self._relaxed(turn.run.id, is_new=not begun):
            output = await self._graph.ainvoke(first, config, context=turn, durability="sync", version="v2")
        return bool(output.interrupts)

    @property
    def is_journalled(self) -> bool:
        """Whether the checkpoints lie in the journal."""
        return isinstance(self._checkpointer, StorageCheckpointer)

    async def forget(self, run: Run) -> bool:
        """Removes the run's checkpoints; False when there were none."""
        if await self._checkpointer.aget_tuple(_config(run)) is None:
            return False
        await self._checkpointer.adelete_thread(run.id)
        return True

    async def usage(self, run: Run) -> list[Usage]:
        """What the run's model calls took, as far as its checkpoints know."""
        state = await self._graph.aget_state(_config(run))
        return [Usage.model_validate(each) for each in state.values.get("usage", ())]

    def _relaxed(self, run_id: str, *, is_new: bool) -> AbstractAsyncContextManager[None]:
        """Spares commits where the saver is ours: the journal and the log tell what a lost checkpoint would have."""
        if isinstance(self._checkpointer, StorageCheckpointer):
            return self._checkpointer.relaxed(run_id, is_new=is_new)
        return nullcontext()


def _config(run: Run) -> RunnableConfig:
    return {"configurable": {"thread_id": run.id, "saga_epoch": run.epoch}}
