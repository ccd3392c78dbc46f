"""The verbs of the library, as one owner may use them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from saga_agent.agents.agent import AgentRegistry
from saga_agent.agents.mentions import find_mentions
from saga_agent.clock import Clock
from saga_agent.domain.accounts import StorageLimits
from saga_agent.domain.given import given, given_id, given_text
from saga_agent.domain.given_ids import check_given_id
from saga_agent.domain.journal import LIVE_STATES, Message, NewTurn, PageMessage, Run, Stream, Thread
from saga_agent.domain.permissions import AuditEntry
from saga_agent.domain.plain import mended_values
from saga_agent.domain.project import LOCAL_OWNER
from saga_agent.domain.record import Model, Page
from saga_agent.domain.requests import Reply, Request, RequestState
from saga_agent.errors import InvalidInput, NoModel, NotFound, RunBusy
from saga_agent.formats.book import AsideReason
from saga_agent.ids import new_id
from saga_agent.journal.permissions import GrantService
from saga_agent.journal.run_tree import requests_of
from saga_agent.journal.threads import ThreadService
from saga_agent.retrieval.protocol import Retriever
from saga_agent.runs.answers import Answers
from saga_agent.runs.handle import RunHandle, goes_on
from saga_agent.runs.owner import is_dead
from saga_agent.runs.runner import Runner
from saga_agent.runs.stopping import stop_runs
from saga_agent.runs.turns import TurnFactory
from saga_agent.storage.adapter import Storage
from saga_agent.story.documents import Progress
from saga_agent.story.exchange.bible_report import BibleReport
from saga_agent.story.exchange.export import ExportFormat, ExportReport
from saga_agent.story.manuscript import ImportReport
from saga_agent.story.metered import Meter, metered_talk
from saga_agent.story.service import StoryService
from saga_agent.story.shared import SharedState
from saga_agent.story.storable import check_storable
from saga_agent.streams.hub import StreamHub
from saga_agent.streams.reader import StreamReader
from saga_agent.streams.rows import StreamEvent
from saga_agent.sync import Home

_MAX_MESSAGE = 200_000
_GO_ON = "Please go on from where you were cut off."


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What all actors of one saga share."""

    storage: Storage
    hub: StreamHub
    clock: Clock
    agents: AgentRegistry
    runner: Runner
    turns: TurnFactory
    retriever: Retriever
    shared: SharedState
    home: Home


class Actor:
    """Everything an owner can do: their stories, threads and runs."""

    def __init__(self, engine: Engine, *, owner_id: str = LOCAL_OWNER, limits: StorageLimits | None = None) -> None:
        self._engine, self.owner_id = engine, owner_id
        self._journal = engine.storage.journal
        meter = None if limits is None else Meter(self._journal.holdings, owner_id, limits, engine.clock)
        if meter is not None:
            self._journal = metered_talk(self._journal, meter)
        self.story = StoryService(
            engine.storage,
            owner_id,
            clock=engine.clock,
            retriever=engine.retriever,
            shared=engine.shared,
            stop_runs=partial(stop_runs, engine.storage.journal, engine.runner, engine.hub, engine.clock),
            meter=meter,
        )
        self.threads = ThreadService(self._journal.threads, self.story, engine.clock, owner_id)
        self._reader = StreamReader(self._journal, engine.hub)
        self.grants = GrantService(self._journal, engine.clock, owner_id)
        """What the writer allowed beyond single calls: `list`, `revoke`."""

    async def import_manuscript(
        self,
        project_id: str,
        path: str | Path,
        *,
        dry_run: bool = True,
        progress: Progress | None = None,
        encoding: str | None = None,
        split: str = "auto",
        keep: Collection[AsideReason] = (),
        allow_loss: bool = False,
        accept_asides: bool = False,
    ) -> ImportReport:
        """Reads a text, Markdown, Word or EPUB manuscript into the project; a dry run only reports.

        Every word of the file is in a document or told in `report.asides`, which `report.balance` proves. `keep` names
        reasons whose asides become documents; `accept_asides` is the yes to leave out more than 2 % of the book;
        `allow_loss` stores a book of which our reader has lost words; `encoding` names that of a text file;
        `split` is "auto", "file" for one document, or "heading:2" for the level of the chapters.

        Raises: `UnreadableFile`; `InvalidInput` for a book not to be stored unasked; `NotFound` for the project.
        """
        return await self.story.imports.run(
            project_id,
            path,
            dry_run=dry_run,
            progress=progress,
            encoding=encoding,
            split=split,
            keep=keep,
            allow_loss=allow_loss,
            accept_asides=accept_asides,
        )

    async def import_bible(
        self, project_id: str, path: str | Path, *, dry_run: bool = True, progress: Progress | None = None
    ) -> BibleReport:
        """Reads a lorebook, a character card or the folder of a vault into the bible; a dry run only reports.

        Raises: `UnreadableFile`, `NotFound` for the project.
        """
        return await self.story.bibles.run(project_id, path, dry_run=dry_run, progress=progress)

    async def export(
        self,
        project_id: str,
        path: str | Path,
        *,
        format: ExportFormat | None = None,
        character: str | None = None,
        tracked: bool = False,
        overwrite: bool = False,
        dry_run: bool = False,
    ) -> ExportReport:
        """Writes the manuscript or the bible as a file other apps read; the suffix tells the format when None.

        What was imported comes back byte for byte where nothing has changed. Nothing that is there is replaced unless
        `overwrite` says so; `tracked` sets open proposals as tracked changes of a docx; `character` picks whose card.

        Raises: `NotFound`, `InvalidInput` for a path or a format that cannot be used.
        """
        return await self.story.exports.run(
            project_id, path, format=format, character=character, tracked=tracked, overwrite=overwrite, dry_run=dry_run
        )

    async def send(
        self,
        thread_id: str,
        text: str,
        *,
        agent: str = "draft",
        workspace: str | None = None,
        message_id: str | None = None,
        page: PageMessage | None = None,
    ) -> RunHandle:
        """Stores the writer's message with a queued run, then starts the work.

        A run of the thread that waits for answers is stopped, and its requests are superseded. `page` is the message
        as a page sent it, with the page's own id for it.

        Raises: `NotFound`, `RunBusy` while a run of the thread is at work, `InvalidInput`, `PolicyError`,
            `AlreadyExists` for a `message_id` in use, which only the local owner may give.
        """
        if message_id is not None:
            self._check_message_id(message_id)
        self._engine.home.check()
        thread = await self.threads.get(thread_id)
        page = _given_page(page)
        text, workspace = _check_text(text, page), workspace and given_text(workspace, "The workspace")
        run = self._new_run(thread, text, agent=agent, workspace=workspace, user_message_id=message_id or new_id("msg"))
        return await self._start(run, text=text, page=page)

    async def regenerate(self, message_id: str, *, agent: str | None = None) -> RunHandle:
        """Answers a question anew: the answer with that id, and all after it, are kept as replaced.

        Raises: `NotFound`, `InvalidInput` for a message that is no answer, `MessageReplaced` for one in whose place
            another stands, `RunBusy`.
        """
        self._engine.home.check()
        message = await self.threads.standing(message_id)
        if message.role != "assistant":
            raise InvalidInput(f"Message {message_id!r} is a question; edit it, or name its answer.")
        thread = await self.threads.get(message.thread_id)
        asked = await self.threads.question_of(message)
        run = self._new_run(thread, asked.text, agent=agent or message.agent or "draft", user_message_id=asked.id)
        return await self._start(run, text=None, replaces=(message.order, message.step_order))

    async def edit(
        self, message_id: str, text: str, *, agent: str = "draft", page: PageMessage | None = None
    ) -> RunHandle:
        """Asks a question in other words: the question with that id, and all after it, are kept as replaced.

        Pages know the new one by the id of the old one, unless `page` has another.

        Raises: `NotFound`, `InvalidInput` for a message that is no question, `MessageReplaced` for one in whose place
            another stands, `RunBusy`.
        """
        self._engine.home.check()
        message = await self.threads.standing(message_id)
        if message.role != "user":
            raise InvalidInput(f"Message {message_id!r} is an answer; regenerate it, or name its question.")
        page = _given_page(page)
        text = _check_text(text, page)
        thread = await self.threads.get(message.thread_id)
        run = self._new_run(thread, text, agent=agent, user_message_id=new_id("msg"))
        page = page if page.id else page.model_copy(update={"id": message.shown_id})
        return await self._start(run, text=text, replaces=(message.order, 0), page=page)

    def _check_message_id(self, message_id: str) -> None:
        if self.owner_id != LOCAL_OWNER:  # all owners share these ids: who chose one would learn of others'
            raise InvalidInput(
                "A message's id is made by the library; give the page's own as page=PageMessage(id=...) instead."
            )
        check_given_id(message_id, "message")

    def _new_run(
        self, thread: Thread, text: str, *, agent: str, user_message_id: str, workspace: str | None = None
    ) -> Run:
        """A run for what the writer typed; `InvalidInput` without a model, `PolicyError` for an unknown agent."""
        if thread.parent_run_id is not None:
            raise InvalidInput(f"Thread {thread.id!r} belongs to a subagent; send the message to the thread above it.")
        found = self._engine.agents.get(given(agent, str, "The agent", wanted="the name of one, a text"))
        self._require_model(agent)
        mentions = find_mentions(text, found.subagents).known
        return Run(
            id=new_id("run"),
            thread_id=thread.id,
            project_id=thread.project_id,
            owner_id=self.owner_id,
            user_message_id=user_message_id,
            message_id=new_id("msg"),
            stream_id=new_id("str"),
            agent=agent,
            workspace=workspace,
            mentions=mentions,
            created_at=self._engine.clock.now(),
        )

    async def _start(
        self, run: Run, *, text: str | None, replaces: tuple[int, int] | None = None, page: PageMessage | None = None
    ) -> RunHandle:
        run = self._engine.runner.claim(run)
        turn = _new_turn(run, text, replaces, page or PageMessage())
        run = await self._journal.runs.start(turn, now=run.created_at)
        self._engine.runner.start(run)
        return RunHandle(run, self._journal, self._engine.hub)

    async def run(self, run_id: str) -> RunHandle:
        """A run by its id, from any process; `NotFound`."""
        return RunHandle(await self._own_run(run_id), self._journal, self._engine.hub)

    def is_left(self, run: Run) -> bool:
        """Whether nobody is at work on that live run, as far as can be told from here: somebody will take it up."""
        # A run of the dead is still theirs while this process is about to take it: what they wrote may yet be void.
        return is_dead(run.runner) or self._engine.runner.is_free(run)

    async def runs(self, *, thread_id: str | None = None, limit: int = 50) -> Sequence[Run]:
        """The newest runs, newest first."""
        return await self._journal.runs.list(thread_id=thread_id, owner_id=self.owner_id, limit=limit)

    async def requests(
        self, *, run_id: str | None = None, thread_id: str | None = None, states: Sequence[RequestState] = ("pending",)
    ) -> Sequence[Request]:
        """The requests of a run or a thread, oldest first, those of the run's subagents too; `NotFound`."""
        if run_id is None and thread_id is None:
            raise InvalidInput("Name a run or a thread.")
        if thread_id is not None:
            await self.threads.get(thread_id)
        if run_id is None:
            return await self._journal.requests.list(thread_id=thread_id, states=states)
        run = await self._own_run(run_id)
        found = await requests_of(self._journal, run, states=states)
        return [request for request in found if thread_id in (None, request.thread_id)]

    async def answer(self, run_id: str, replies: Mapping[str, Reply], *, actor: str | None = None) -> None:
        """Answers requests of a waiting run or its subagents by their ids, some or all, and lets the run go on.

        Raises: `NotFound`, `InvalidInput` for an answer that does not fit, edited arguments among them,
            `RequestClosed`; nothing is stored then, and the requests stay open.
        """
        self._engine.home.check()
        run = await self._own_run(run_id)
        if not given(replies, Mapping, "The answer", wanted="the replies by their requests' ids"):
            raise InvalidInput("Give at least one answer.")
        replies = {request_id: _mended_reply(reply) for request_id, reply in replies.items()}
        root, now = await self._root_of(run), self._engine.clock.now()
        answers = Answers(
            run=run,
            root=root,
            actor=given_text(actor or self.owner_id, "The actor"),
            at=now,
            find_tool=self._engine.turns.tool_of,
        )
        asking: dict[str, None] = {}
        for request_id, reply in replies.items():
            request = await self._journal.requests.get(given_id(request_id, "The request's id"))
            if run.id not in (request.run_id, request.root_run_id):
                raise NotFound("request", request_id)
            answers.add(request, reply)
            asking[request.run_id] = None
        await self._journal.requests.answer(
            run.id, replies, actor=answers.actor, now=now, grants=answers.grants, audit=answers.audit
        )
        await self._engine.runner.go_on(asking)

    async def _root_of(self, run: Run) -> Run:
        return run if run.root_run_id is None else await self._journal.runs.get(run.root_run_id)

    async def audit(
        self, *, run_id: str | None = None, thread_id: str | None = None, after: str | None = None, limit: int = 100
    ) -> Page[AuditEntry]:
        """Who or what decided on which call, oldest first: of a run, of a thread, or of everything; `NotFound`."""
        if run_id is not None:
            await self._own_run(run_id)
        if thread_id is not None:
            await self.threads.get(thread_id)
        return await self._journal.audit.list(
            self.owner_id, run_id=run_id, thread_id=thread_id, after=after, limit=limit
        )

    async def resume(self, run_id: str) -> RunHandle:
        """Goes on with a run: takes up one that nobody holds, or asks anew where one ended before it was finished.

        Raises: `NotFound`, `RunBusy` while it is at work elsewhere, `InvalidInput` when it waits, is finished, or is
            not the last of its thread; `MessageReplaced` when another answer stands in the place of its own.
        """
        self._engine.home.check()
        run = await self._own_run(run_id)
        if run.state == "finished":
            raise InvalidInput(f"Run {run_id!r} is finished; send a new message.")
        if run.state == "waiting":
            raise InvalidInput(f"Run {run_id!r} waits for answers; give them.")
        if run.state in ("queued", "running"):
            if not self._engine.runner.is_free(run):
                raise RunBusy(run.thread_id, run_id)
            self._require_model(run.agent)
            if not self._engine.runner.can_run(run):
                ports = ", ".join(run.host_ports)
                raise InvalidInput(f"Run {run_id!r} works on the host's own {ports}; resume it where the host runs.")
            self._engine.runner.start(run)
            return RunHandle(run, self._journal, self._engine.hub)
        await self.threads.standing(run.message_id)
        if (later := await self._later(run)) is not None:
            raise InvalidInput(f"Run {run_id!r} is not the last of its thread, {later.id!r} is; send a new message.")
        return await self.send(run.thread_id, _GO_ON, agent=run.agent, workspace=run.workspace)

    async def stop(self, run_id: str) -> None:
        """Stops the run and its subagents wherever they are at work and keeps what they wrote. `NotFound`.

        Harmless on a run that has ended.
        """
        self._engine.home.check()
        run = await self._own_run(run_id)
        run = await self._journal.runs.request_stop(run.id)
        if run.state in LIVE_STATES:
            await self._engine.runner.stop(run)

    async def follow(self, stream_id: str, *, after: int = 0) -> AsyncIterator[StreamEvent]:
        """The stream's rows after that seq: replayed, then live, until a pause or the end; `NotFound`."""
        self._engine.home.check()
        stream = await self._journal.streams.get(given_id(stream_id, "The stream's id"))
        run = await self._own_run(stream.run_id, kind="stream", key=stream_id)
        while True:
            async for event in self._reader.follow(stream_id, after=after):
                after = event.seq
                yield event
            if not await goes_on(self._journal, self._engine.hub, run):
                return

    async def _later(self, run: Run) -> Run | None:
        """The thread's last run, if that is another one."""
        (last,) = await self._journal.runs.list(thread_id=run.thread_id, limit=1)
        return None if last.id == run.id else last

    def _require_model(self, agent: str) -> None:
        if self._engine.turns.models.find(agent) is None:
            raise NoModel

    async def _own_run(self, run_id: str, *, kind: str = "run", key: str | None = None) -> Run:
        run = await self._journal.runs.get(given_id(run_id, "The run's id"))
        if run.owner_id != self.owner_id:
            raise NotFound(kind, key or run_id)
        return run


def _mended_reply(reply: object) -> Reply:
    model = given(reply, Model, "A reply", wanted="Approve(), Deny(), Edit(), Answer(), Dismiss() or StopRun()")
    try:
        return cast(Reply, mended_values(model))
    except RecursionError:
        raise InvalidInput("A reply is nested too deep; give flatter arguments.") from None


def _given_page(page: object) -> PageMessage:
    """The message as the page sent it, mended; `InvalidInput` for what pages could not be shown again."""
    page = PageMessage() if page is None else given(page, PageMessage, "The page's message", wanted="a PageMessage")
    try:
        page = cast(PageMessage, mended_values(page))
    except RecursionError:
        raise InvalidInput("The page's message is nested too deep; give it flatter parts and metadata.") from None
    check_storable("message", page.model_dump())
    return page


def _check_text(text: object, page: PageMessage) -> str:
    """The text, mended."""
    text = given_text(text, "The message")
    if page.parts and page.text != text:
        raise InvalidInput("The text of the message and that of its parts differ; give the same.")
    if not text.strip():
        raise InvalidInput("The message is empty; write what the agent should do.")
    if len(text) > _MAX_MESSAGE:
        raise InvalidInput(f"The message has {len(text):,} characters; {_MAX_MESSAGE:,} are the limit.")
    return text


def _new_turn(run: Run, text: str | None, replaces: tuple[int, int] | None, page: PageMessage) -> NewTurn:
    now = run.created_at
    return NewTurn(
        run=run,
        user=None
        if text is None
        else Message(
            id=run.user_message_id,
            thread_id=run.thread_id,
            role="user",
            page_id=page.id,
            created_at=now,
            parts=page.parts or ({"type": "text", "text": text},),
            metadata=page.metadata,
        ),
        replaces=replaces,
        assistant=Message(
            id=run.message_id,
            thread_id=run.thread_id,
            role="assistant",
            state="queued",
            agent=run.agent,
            run_id=run.id,
            created_at=now,
        ),
        stream=Stream(id=run.stream_id, thread_id=run.thread_id, run_id=run.id, message_id=run.message_id),
    )
