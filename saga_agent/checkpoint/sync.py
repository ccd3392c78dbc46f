"""The saver's blocking verbs, which all refuse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver, ChannelVersions, Checkpoint, CheckpointMetadata


class AsyncOnlySaver(BaseCheckpointSaver[str]):
    """A saver without blocking verbs: each raises `NotImplementedError`, as LangGraph foresees."""

    def get_tuple(self, config: RunnableConfig) -> NoReturn:
        _refuse()

    def list(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> NoReturn:
        _refuse()

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> NoReturn:
        _refuse()

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> NoReturn:
        _refuse()

    def delete_thread(self, thread_id: str) -> NoReturn:
        _refuse()

    def delete_for_runs(self, run_ids: Sequence[str]) -> NoReturn:
        _refuse()

    def copy_thread(self, source_thread_id: str, target_thread_id: str) -> NoReturn:
        _refuse()

    def prune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> NoReturn:
        _refuse()

    def get_delta_channel_history(self, *, config: RunnableConfig, channels: Sequence[str]) -> NoReturn:
        _refuse()


def _refuse() -> NoReturn:
    raise NotImplementedError(
        "StorageCheckpointer is async only: use `await graph.ainvoke(...)`, `graph.astream(...)` and the saver's "
        "a-verbs (aget_tuple, alist, ...) instead of the blocking ones."
    )
