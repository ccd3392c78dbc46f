"""The checkpoint saver: any LangGraph graph, durable in the journal."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    DeltaChannelHistory,
)
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.serde.types import TASKS

from saga_agent.checkpoint import rows
from saga_agent.checkpoint.backlog import WAIT_SECONDS, Backlog
from saga_agent.checkpoint.history import channel_history
from saga_agent.checkpoint.pages import newest_first
from saga_agent.checkpoint.place import Place, fence, namespace
from saga_agent.checkpoint.prune import superseded
from saga_agent.checkpoint.serializer import strict_serializer
from saga_agent.checkpoint.sync import AsyncOnlySaver
from saga_agent.domain.checkpoint import StoredCheckpoint
from saga_agent.errors import InvalidInput, SagaError
from saga_agent.storage.patience import insist
from saga_agent.storage.ports.journal import Checkpoints


class StorageCheckpointer(AsyncOnlySaver):
    """A LangGraph saver on the journal's checkpoints, for graphs run with `ainvoke` and `astream`.

    Where `config["configurable"]` carries `saga_epoch`, the thread_id is a run's id and every write raises
    `StaleEpoch` once another runner has taken that run over. Graphs without it are not fenced.

    Types other than LangGraph's, LangChain's and plain Python's come back as dicts unless they are in `allow`;
    with a `serde` of your own (an `EncryptedSerializer`, say) that one decides, so give the list to
    `strict_serializer` and wrap it.
    """

    def __init__(
        self, checkpoints: Checkpoints, *, allow: Sequence[type] = (), serde: SerializerProtocol | None = None
    ) -> None:
        if allow and serde is not None:
            raise InvalidInput("Pass either `allow` or a serde of your own made with strict_serializer(allow).")
        super().__init__(serde=serde or strict_serializer(allow))
        self._checkpoints = checkpoints
        self._backlogs: dict[str, Backlog] = {}

    @asynccontextmanager
    async def relaxed(
        self, thread_id: str, *, is_new: bool, wait_seconds: float = WAIT_SECONDS
    ) -> AsyncGenerator[None]:
        """While inside, this thread's checkpoints may be stored a moment later, or not at all when one follows them.

        For a graph whose effects are journalled elsewhere. Durable when the saver returns are still: a checkpoint that
        sends tasks, before any of them runs, and interrupts and errors; all the rest when the block is left.

        Args:
            thread_id: Whose; only its root namespace is relaxed.
            is_new: Whether the thread has no checkpoint; it is not looked for one then.
            wait_seconds: How long a checkpoint that none follows may wait.
        """
        backlog = self._backlogs[thread_id] = Backlog(
            self._checkpoints, thread_id, is_new=is_new, wait_seconds=wait_seconds
        )
        try:
            yield
            await backlog.store()
        except BaseException:
            with suppress(SagaError):  # the run goes on from an older one, which is no harm; that error is the news
                await backlog.store()
            raise
        finally:
            del self._backlogs[thread_id]

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        place = Place.of(config)
        if (backlog := self._backlog(place)) and backlog.is_new:
            return None
        stored = await self._stored(place)
        return None if stored is None else rows.to_tuple(self.serde, stored)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """The checkpoints that match, newest first.

        Args:
            config: Whose; None means all threads. Without a namespace all of the thread's, with a checkpoint id
                that one alone.
            filter: Metadata values that must be equal.
            before: Only checkpoints with smaller ids than this config's.
            limit: How many at most.
        """
        if limit is not None and limit <= 0:
            return
        await self._catch_up()
        given = 0
        async for stored in self._candidates(config, before, None if filter else limit):
            if filter and not _matches(rows.metadata_of(stored.row), filter):
                continue
            yield rows.to_tuple(self.serde, stored)
            given += 1
            if given == limit:
                return

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        row = rows.to_row(self.serde, config, checkpoint, metadata)
        values = rows.to_values(self.serde, checkpoint, new_versions)
        if backlog := self._backlog(Place.of(config)):
            sends = bool(checkpoint["channel_values"].get(TASKS))
            await backlog.put(row, values, fence=fence(config), at_once=sends)
        else:
            await insist(lambda: self._checkpoints.put(row, values, fence=fence(config)))
        return Place(thread_id=row.thread_id, ns=row.ns, checkpoint_id=row.id).config()

    async def aput_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        place = Place.of(config)
        if place.checkpoint_id is None:
            raise InvalidInput("Writes belong to a checkpoint: the config needs a checkpoint_id.")
        found = rows.to_writes(self.serde, writes, task_id, task_path)
        if backlog := self._backlog(place):
            # A negative index is an interrupt, an error, or the like: the graph may stop here.
            told = any(write.idx < 0 for write in found)
            return await backlog.put_writes(place.checkpoint_id, found, fence=fence(config), at_once=told)
        checkpoint_id, fenced = place.checkpoint_id, fence(config)
        await insist(
            lambda: self._checkpoints.put_writes(place.thread_id, place.ns, checkpoint_id, found, fence=fenced)
        )

    async def adelete_thread(self, thread_id: str) -> None:
        await self._catch_up()
        await self._checkpoints.delete(thread_ids=[thread_id])

    async def adelete_for_runs(self, run_ids: Sequence[str]) -> None:
        """Removes the checkpoints whose metadata names one of these runs.

        A thread that lives on loses what its DeltaChannels wrote in those runs; delete whole threads there.
        """
        await self._catch_up()
        await self._checkpoints.delete(run_ids=run_ids)

    async def acopy_thread(self, source_thread_id: str, target_thread_id: str) -> None:
        await self._catch_up()
        await self._checkpoints.copy(source_thread_id, target_thread_id)

    async def aprune(self, thread_ids: Sequence[str], *, strategy: str = "keep_latest") -> None:
        """Removes the threads' old checkpoints (`keep_latest`), or all of them (`delete`).

        `keep_latest` leaves the newest of each namespace, and the ancestors that rebuild its DeltaChannels.
        """
        await self._catch_up()
        match strategy:
            case "delete":
                await self._checkpoints.delete(thread_ids=thread_ids)
            case "keep_latest":
                for thread_id in thread_ids:
                    await self._checkpoints.delete(checkpoints=await superseded(self._checkpoints, thread_id))
            case _:
                raise InvalidInput(f"Unknown strategy {strategy!r}: use 'keep_latest' or 'delete'.")

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, DeltaChannelHistory]:
        place = Place.of(config)
        checkpoint_id = place.checkpoint_id
        if checkpoint_id is None and (newest := await self._stored(place)):
            checkpoint_id = newest.row.id
        ancestors: Sequence[StoredCheckpoint] = ()
        if checkpoint_id is not None:
            ancestors = await self._checkpoints.history(place.thread_id, place.ns, checkpoint_id, channels)
        return {channel: channel_history(self.serde, ancestors, channel) for channel in channels}

    def get_next_version(self, current: str | None, channel: None) -> str:
        """A version that sorts after `current`, and differs between branches that grow from the same one."""
        count = int(str(current or 0).partition(".")[0]) + 1
        # Not from `random`: two forks under the same seed would overwrite each other's values.
        return f"{count:010}.{secrets.token_hex(4)}"

    def _backlog(self, place: Place) -> Backlog | None:
        return self._backlogs.get(place.thread_id) if place.ns == "" else None

    async def _catch_up(self) -> None:
        """Stores what waits, before anybody looks."""
        for backlog in list(self._backlogs.values()):
            await backlog.store()

    async def _stored(self, place: Place) -> StoredCheckpoint | None:
        if backlog := self._backlog(place):
            await backlog.store()
        return await insist(lambda: self._checkpoints.get(place.thread_id, place.ns, place.checkpoint_id))

    async def _candidates(
        self, config: RunnableConfig | None, before: RunnableConfig | None, limit: int | None
    ) -> AsyncIterator[StoredCheckpoint]:
        bound = None if before is None else Place.of(before).checkpoint_id
        place = None if config is None else Place.of(config)
        if place is not None and place.checkpoint_id is not None:
            stored = await self._stored(place)
            if stored is not None and (bound is None or stored.row.id < bound):
                yield stored
            return
        thread_id = None if place is None else place.thread_id
        ns = None if config is None else namespace(config)
        async for stored in newest_first(self._checkpoints, thread_id, ns=ns, before=bound, limit=limit):
            yield stored


def _matches(metadata: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(metadata.get(key) == value for key, value in wanted.items())
