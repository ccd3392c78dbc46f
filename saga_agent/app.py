"""The composition root: settings in, a wired `Saga` out. Nobody else picks an implementation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType
from typing import Self, Unpack, get_args

from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel

from saga_agent.actor import Actor, Engine
from saga_agent.agents.agent import Agent, AgentRegistry, build_agents
from saga_agent.agents.models import AgentModels
from saga_agent.checkpoint.saver import StorageCheckpointer
from saga_agent.domain.accounts import StorageLimits
from saga_agent.domain.given import given, given_choice, given_id
from saga_agent.domain.given_ids import check_owner_id
from saga_agent.domain.journal import Keep, Run
from saga_agent.domain.project import LOCAL_OWNER
from saga_agent.errors import InvalidInput
from saga_agent.graphs.driver import TurnDriver
from saga_agent.models.offline import OfflineModel
from saga_agent.models.prices import PriceTable
from saga_agent.models.scripted import ScriptedModel
from saga_agent.retrieval.resolution import build_retriever
from saga_agent.runs.ending import Retention
from saga_agent.runs.owner import runner_name
from saga_agent.runs.reaper import Reaper
from saga_agent.runs.runner import Runner
from saga_agent.runs.settings import CallSettings, OldKeywords, RunSettings, TurnSettings, gather_settings
from saga_agent.runs.turns import TurnFactory, check_rules
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.story.metered import Meter
from saga_agent.story.service import StoryService
from saga_agent.story.shared import SharedState
from saga_agent.streams.hub import StreamHub
from saga_agent.sync import Home, SyncDoor
from saga_agent.tools.policy import Policy
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.story.registry import build_story_registry

DEFAULT_DATABASE = "sqlite+aiosqlite:///saga.db"


class Saga(Actor):
    """The library, opened on a database with a model: every verb as the local owner.

    Example:
        async with Saga.open(database="memory://", model="offline") as saga:
            project = await saga.story.projects.create(name="The Hollow Crown")
    """

    def __init__(
        self,
        storage: Storage,
        *,
        models: AgentModels,
        retrieval: str | None,
        embeddings: str | Embeddings | None,
        tools: ToolRegistry,
        agents: AgentRegistry,
        policy: Policy,
        keep_checkpoints: Keep,
        turns: TurnSettings,
        calls: CallSettings,
        runs: RunSettings,
    ) -> None:
        check_rules(policy, agents, tools)
        clock = runs.clock
        self.retriever = build_retriever(retrieval, embeddings, journal=storage.journal, clock=clock)
        """Finds passages for turns and tools."""
        self.retrieves = retrieval is not None
        """Whether turns are given passages."""
        self._home, shared = Home(), SharedState()
        hub = StreamHub(storage.journal.streams.listen)
        turn_factory = TurnFactory(
            storage=storage,
            hub=hub,
            clock=clock,
            tools=tools,
            agents=agents,
            policy=policy,
            settings=turns,
            calls=calls,
            models=models,
            prices=PriceTable(turns.prices),
            retrieves=self.retrieves,
            story_of=lambda owner_id: StoryService(
                storage,
                owner_id,
                clock=clock,
                retriever=self.retriever,
                shared=shared,
                meter=None if owner_id == LOCAL_OWNER else Meter(storage.journal.holdings, owner_id, None, clock),
            ),
        )
        self.checkpointer = StorageCheckpointer(storage.journal.checkpoints)
        """A LangGraph saver over the same storage, for graphs of your own."""
        self._runner = runner = Runner(
            TurnDriver(runs.checkpointer or self.checkpointer),
            turn_factory,
            storage.journal,
            hub,
            clock,
            name=runner_name(),
            times=runs.times,
            retention=Retention(checkpoints=keep_checkpoints, deltas=runs.keep_deltas),
            live_turns=runs.live_turns,
            host_ports=storage.host_ports,
        )
        engine = Engine(
            storage=storage,
            hub=hub,
            clock=clock,
            agents=agents,
            runner=runner,
            turns=turn_factory,
            retriever=self.retriever,
            shared=shared,
            home=self._home,
        )
        super().__init__(engine)
        self.storage, self.tools, self.agents, self.policy = storage, tools, agents, policy
        self.model_name = models.default.name if models.default is not None else None
        self.reaper = Reaper(storage.journal, runner, clock, runs.times, recovery=runs.recovery)
        """Takes up runs whose process died: by itself when this saga works, or by `reap()`."""
        self._works = runs.works and bool(models.default or models.own)
        self._models = models
        self._door = SyncDoor(self.start, self.close)

    @classmethod
    def open(
        cls,
        *,
        database: str = DEFAULT_DATABASE,
        storage: Storage | None = None,
        model: str | BaseChatModel | None = None,
        retrieval: str | None = "lexical",
        embeddings: str | Embeddings | None = None,
        tools: ToolRegistry | None = None,
        agents: Iterable[Agent] | None = None,
        policy: Policy | None = None,
        keep_checkpoints: Keep = "last",
        turns: TurnSettings | None = None,
        calls: CallSettings | None = None,
        runs: RunSettings | None = None,
        **old: Unpack[OldKeywords],
    ) -> Self:
        """A saga to be entered with `async with` (or, in plain code, with `with`).

        Args:
            database: `memory://`, `sqlite+aiosqlite:///FILE` or `postgresql+psycopg://...`.
            storage: An adapter of your own, e.g. from `Storage.compose`; `database` is not used then.
            model: A LangChain chat model, or `offline`, `openai:NAME`, `openrouter:NAME`, `openai:NAME@BASE_URL`.
                Without one the story can be read and changed, but no agent answers.
            retrieval: How passages are found: by words (`lexical`), by meaning too (`qdrant`, `qdrant:URL`), or None.
            embeddings: What makes vectors for `qdrant`: `openai:NAME`, `openai:NAME@BASE_URL` or LangChain embeddings.
            tools: All tools the agents may name; the story tools by default.
            agents: By default `draft` and `revise`, and their subagents.
            policy: Which calls run, ask or are refused; see `Policy`.
            keep_checkpoints: Which LangGraph checkpoints outlive their run: `none`, the thread's `last` run, or `all`.
            turns: What a turn sees and may take; like the two below, by default what the environment says.
            calls: What is asked of each call, beside the policy.
            runs: How this process works on runs, and what it keeps of them.
            old: Fields of the last three as keywords of their own; deprecated.

        Raises: `InvalidInput`, `PolicyError`, `ModelRejected` for settings that cannot be used, `MissingExtra`.
        """
        turns, calls, runs = gather_settings(turns=turns, calls=calls, runs=runs, old=old)
        _check_settings(database, storage, tools, policy, retrieval, keep_checkpoints)
        registry = tools if tools is not None else build_story_registry()
        known = AgentRegistry(agents if agents is not None else build_agents(), registry)
        models = AgentModels.resolve(model, known)
        return cls(
            storage or build_storage(database),
            models=models,
            tools=registry,
            agents=known,
            policy=policy if policy is not None else Policy(),
            retrieval=retrieval,
            embeddings=embeddings,
            keep_checkpoints=keep_checkpoints,
            turns=_settled(turns, models),
            calls=calls,
            runs=runs,
        )

    def acting_as(self, owner_id: str, *, limits: StorageLimits | None = None) -> Actor:
        """The same verbs, seeing only that owner's rows; those of others are `NotFound`.

        With `limits` what the owner stores is counted, and what would pass them is `StorageFull`; they hold for the
        owner's runs, too. Without, nothing is limited that this actor itself stores.
        """
        check_owner_id(given_id(owner_id, "The owner's id"))
        if limits is not None:
            given(limits, StorageLimits, "limits", wanted="StorageLimits(records=..., bytes=...)")
        return Actor(self._engine, owner_id=owner_id, limits=limits)

    async def reap(self) -> list[Run]:
        """Takes up the runs whose process died, of all owners, and waits until each has ended or waits again.

        A saga that works does this by itself, at start and then every moment, without waiting.
        """
        found = await self.reaper.reap()
        for run in found:
            await self._runner.wait(run.id)
        return [await self.storage.journal.runs.get(run.id) for run in found]

    async def start(self) -> Self:
        """Opens the storage and begins to work; `async with` does it for you. `StorageError`."""
        self._home.enter()
        await self.storage.open()
        self._runner.open()
        await self._runner.lease_clock.compare()
        if self._works:
            self.reaper.start()
        return self

    async def close(self) -> None:
        """Gives back what is under way and closes the storage; may be repeated."""
        await self.reaper.close()
        await self._runner.close()
        await self._models.close()
        await self.retriever.close()
        await self.storage.close()

    async def __aenter__(self) -> Self:
        try:
            return await self.start()
        except BaseException:
            await self.storage.close()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def __enter__(self) -> Self:
        self._door.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._door.close()

    @property
    def run_sync(self) -> SyncDoor:
        """The one door for plain code: inside `with Saga.open(...) as saga`, `saga.run_sync(saga.send(...))`."""
        return self._door


def _check_settings(
    database: object, storage: object, tools: object, policy: object, retrieval: object, keep_checkpoints: object
) -> None:
    """Raises `InvalidInput` for a setting that `Saga.open` does not take."""
    given(database, str, "database", wanted="a URL such as sqlite+aiosqlite:///FILE; an adapter goes to storage=")
    if storage is not None:
        given(storage, Storage, "storage", wanted="a Storage, made with its settings")
    if tools is not None:
        given(tools, ToolRegistry, "tools", wanted="a ToolRegistry that holds them")
    if policy is not None:
        given(policy, Policy, "policy", wanted="a Policy, as in Policy([Rule(...)])")
    if retrieval is not None:
        given(retrieval, str, "retrieval", wanted="'lexical', 'qdrant', 'qdrant:URL' or None")
    given_choice(keep_checkpoints, get_args(Keep), "keep_checkpoints")


def _settled(turns: TurnSettings, models: AgentModels) -> TurnSettings:
    """The settings with what hangs on the model decided: neither summaries nor claims come from one that only plays."""

    def asks(said: bool | None, *, but: tuple[type[BaseChatModel], ...]) -> bool:
        return (models.default is not None and not isinstance(models.default.model, but)) if said is None else said

    return replace(
        turns,
        summarizes=asks(turns.summarizes, but=(OfflineModel,)),
        assists=asks(turns.assists, but=(OfflineModel, ScriptedModel)),
    )


def build_storage(database: str) -> Storage:
    """The adapter for a database URL; `InvalidInput` for one we do not know."""
    if database == "memory://":
        return MemoryStorage()
    if database.partition(":")[0].partition("+")[0] in ("sqlite", "postgresql", "postgres"):
        from saga_agent.storage.sql.adapter import SqlStorage  # start-up cost: SQLAlchemy is not needed in memory

        return SqlStorage(database)
    raise InvalidInput(
        f"{database.partition(':')[0]!r} is no database we know; use memory://, sqlite+aiosqlite:///FILE or "
        "postgresql+psycopg://USER@HOST/NAME."
    )


__all__ = ["DEFAULT_DATABASE", "LOCAL_OWNER", "Saga", "build_storage"]
