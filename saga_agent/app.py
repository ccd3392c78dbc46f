"""The composition root: settings in, a wired `Saga` out. Nobody else picks an implementation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self, cast

from langchain_core.embeddings import Embeddings
from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.base import BaseCheckpointSaver

from saga_agent.actor import Actor, Engine
from saga_agent.agents.agent import Agent, AgentRegistry, build_agents
from saga_agent.agents.budget import Budget
from saga_agent.agents.models import AgentModels
from saga_agent.checkpoint.saver import StorageCheckpointer
from saga_agent.clock import Clock, SystemClock
from saga_agent.domain.accounts import StorageLimits
from saga_agent.domain.given import given, given_id
from saga_agent.domain.given_ids import check_owner_id
from saga_agent.domain.journal import Keep, Run
from saga_agent.domain.project import LOCAL_OWNER
from saga_agent.errors import InvalidInput, WrongType
from saga_agent.graphs.driver import TurnDriver
from saga_agent.models.offline import OfflineModel
from saga_agent.models.prices import Price, PriceTable
from saga_agent.models.scripted import ScriptedModel
from saga_agent.retrieval.resolution import build_retriever
from saga_agent.runs.ending import Retention
from saga_agent.runs.lease import LeaseTimes
from saga_agent.runs.owner import runner_name
from saga_agent.runs.reaper import Reaper, Recovery
from saga_agent.runs.runner import Runner
from saga_agent.runs.turns import Rights, TurnFactory
from saga_agent.storage.adapter import Storage
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.story.aftercare import Aftercare
from saga_agent.story.metered import Meter
from saga_agent.story.service import StoryService
from saga_agent.streams.hub import StreamHub
from saga_agent.sync import Home, SyncDoor
from saga_agent.tools.gate import APPROVAL_SECONDS
from saga_agent.tools.hooks import Hook
from saga_agent.tools.loops import LoopLimits
from saga_agent.tools.policy import Policy
from saga_agent.tools.questions import Unattended
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
        rights: Rights,
        prices: PriceTable,
        clock: Clock,
        times: LeaseTimes,
        retention: Retention,
        history_budget_tokens: int,
        works: bool,
        recovery: Recovery,
        summarizes: bool,
        assists: bool,
        checkpointer: BaseCheckpointSaver[str] | None,
        live_turns: int,
    ) -> None:
        rights.check(tools, agents)
        self.retriever = build_retriever(retrieval, embeddings, journal=storage.journal, clock=clock)
        """Finds passages for turns and tools."""
        self.retrieves = retrieval is not None
        """Whether turns are given passages."""
        aftercare = Aftercare()
        self._home = home = Home()
        hub = StreamHub(storage.journal.streams.listen)
        turns = TurnFactory(
            storage=storage,
            hub=hub,
            clock=clock,
            tools=tools,
            agents=agents,
            rights=rights,
            models=models,
            prices=prices,
            retrieves=self.retrieves,
            history_budget_tokens=history_budget_tokens,
            summarizes=summarizes,
            assists=assists,
            story_of=lambda owner_id: StoryService(
                storage,
                owner_id,
                clock=clock,
                retriever=self.retriever,
                aftercare=aftercare,
                meter=None if owner_id == LOCAL_OWNER else Meter(storage.journal.holdings, owner_id, None, clock),
            ),
        )
        self.checkpointer = StorageCheckpointer(storage.journal.checkpoints)
        """A LangGraph saver over the same storage, for graphs of your own."""
        runner = Runner(
            TurnDriver(checkpointer or self.checkpointer),
            turns,
            storage.journal,
            hub,
            clock,
            name=runner_name(),
            times=times,
            retention=retention,
            live_turns=live_turns,
            host_ports=storage.host_ports,
        )
        super().__init__(
            Engine(
                storage=storage,
                hub=hub,
                clock=clock,
                agents=agents,
                runner=runner,
                turns=turns,
                retriever=self.retriever,
                aftercare=aftercare,
                home=home,
            )
        )
        self.storage = storage
        self.tools, self.agents, self.policy = tools, agents, rights.policy
        self.model_name = models.default.name if models.default is not None else None
        self._runner = runner
        self.reaper = Reaper(storage.journal, runner, clock, times, recovery=recovery)
        """Takes up runs whose process died: by itself when this saga works, or by `reap()`."""
        self._works = works and bool(models.default or models.own)
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
        clock: Clock | None = None,
        times: LeaseTimes | None = None,
        keep_checkpoints: Keep = "last",
        keep_deltas: Keep = "last",
        checkpointer: BaseCheckpointSaver[str] | None = None,
        history_budget_tokens: int = 8_000,
        works: bool = True,
        recovery: Recovery = "resume",
        summarizes: bool | None = None,
        assists: bool | None = None,
        budget: Budget | None = None,
        prices: Mapping[str, Price] | None = None,
        delegation_depth: int = 2,
        hooks: Sequence[Hook] = (),
        loop_limits: LoopLimits | None = None,
        approval_ttl_seconds: float | None = APPROVAL_SECONDS,
        unattended: Unattended = "park",
        live_turns: int = 250,
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
            clock: Time, for tests.
            times: How long a runner holds a run without a sign of life.
            keep_checkpoints: Which LangGraph checkpoints outlive their run: `none`, the thread's `last` run, or `all`.
            keep_deltas: The same for the rows of streams; a stream without rows is replayed from its message.
            checkpointer: A stock LangGraph saver for the turns, instead of this saga's own.
            history_budget_tokens: How much of the thread a turn sees.
            works: Whether this process takes up runs that another one left.
            summarizes: Whether the model sums up what a thread's turns no longer see; the offline model does not.
            assists: Whether tools ask the model, too; by default they do, but neither the offline nor a scripted one.
            recovery: What becomes of a run whose process died: `resume` goes on with it, `interrupt` ends it.
            budget: What any turn may take, its subagents included; an agent's own budget holds as well.
            prices: What models cost that the price table does not know, by name; `*` and `?` are wildcards.
            delegation_depth: How many levels of subagents there may be below the agent that the writer talks to.
            hooks: Functions that see each call before it is decided on, and may make it ask or deny it.
            loop_limits: How often one call may be repeated before the run is stopped.
            approval_ttl_seconds: How long a request takes an answer; None for ever.
            unattended: What becomes of a call that asks: it waits (`park`), or is refused at once (`deny`).
            live_turns: How many turns this process works on at once; more wait in line, and readers are told where.

        Raises: `InvalidInput`, `PolicyError`, `ModelRejected` for settings that cannot be used, `MissingExtra`.
        """
        _check_settings(database, storage, tools, policy, retrieval, hooks)
        if live_turns < 1:
            raise InvalidInput(f"live_turns is {live_turns}; at least one turn must be let in.")
        registry = tools if tools is not None else build_story_registry()
        known = AgentRegistry(agents if agents is not None else build_agents(), registry)
        models = AgentModels.resolve(model, known)
        rights = Rights(
            policy=policy if policy is not None else Policy(),
            hooks=tuple(hooks),
            loops=loop_limits,
            budget=budget,
            approval_ttl_seconds=approval_ttl_seconds,
            unattended=unattended,
            delegation_depth=delegation_depth,
        )
        return cls(
            storage or build_storage(database),
            models=models,
            tools=registry,
            agents=known,
            rights=rights,
            prices=PriceTable(prices or {}),
            retrieval=retrieval,
            embeddings=embeddings,
            clock=clock or SystemClock(),
            times=times or LeaseTimes(),
            retention=Retention(checkpoints=keep_checkpoints, deltas=keep_deltas),
            checkpointer=checkpointer,
            history_budget_tokens=history_budget_tokens,
            works=works,
            recovery=recovery,
            summarizes=_writes(models, but=(OfflineModel,)) if summarizes is None else summarizes,
            assists=_writes(models, but=(OfflineModel, ScriptedModel)) if assists is None else assists,
            live_turns=live_turns,
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
    database: object, storage: object, tools: object, policy: object, retrieval: object, hooks: object
) -> None:
    """Raises `WrongType` for a setting of another type than `Saga.open` takes."""
    given(database, str, "database", wanted="a URL such as sqlite+aiosqlite:///FILE; an adapter goes to storage=")
    if storage is not None:
        given(storage, Storage, "storage", wanted="a Storage, made with its settings")
    if tools is not None:
        given(tools, ToolRegistry, "tools", wanted="a ToolRegistry that holds them")
    if policy is not None:
        given(policy, Policy, "policy", wanted="a Policy, as in Policy([Rule(...)])")
    if retrieval is not None:
        given(retrieval, str, "retrieval", wanted="'lexical', 'qdrant', 'qdrant:URL' or None")
    for hook in cast("Sequence[object]", given(hooks, Sequence, "hooks", wanted="a list of async functions")):
        if not callable(hook):
            raise WrongType(f"{hook!r:.60} is no hook; give async functions.")


def _writes(models: AgentModels, *, but: tuple[type[BaseChatModel], ...]) -> bool:
    return models.default is not None and not isinstance(models.default.model, but)


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
