"""A book, a run at work on it, and tools that note what they did: calls go through the gate, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from saga_agent.domain.journal import Message, NewTurn, Run, Stream, Thread
from saga_agent.domain.permissions import AuditEntry
from saga_agent.domain.record import JsonObject
from saga_agent.domain.requests import Approval, ClientCall, GrantTerms, Question, Reply, Request
from saga_agent.ids import new_id
from saga_agent.runs.answers import Answers
from saga_agent.storage.adapter import Storage
from saga_agent.story.service import StoryService
from saga_agent.testing.clock import FakeClock
from saga_agent.tools.context import ToolContext
from saga_agent.tools.gate import Gate
from saga_agent.tools.hooks import Hook
from saga_agent.tools.loops import LoopLimits
from saga_agent.tools.outcome import Done, RequestedCall, Waiting
from saga_agent.tools.policy import Policy
from saga_agent.tools.questions import Unattended
from saga_agent.tools.registry import ToolRegistry
from saga_agent.tools.result import ToolResult
from saga_agent.tools.story import questions, results


@dataclass
class Desk:
    """One run of an agent in a project, at the gate."""

    storage: Storage
    clock: FakeClock = field(default_factory=FakeClock)
    did: list[str] = field(default_factory=list[str])
    """What tools really did, in order."""
    policy: Policy = field(default_factory=Policy)
    hooks: Sequence[Hook] = ()
    loops: LoopLimits = field(default_factory=LoopLimits)
    unattended: Unattended = "park"
    ttl_seconds: float | None = 3_600.0
    version: int = 1
    """Of all tools."""
    agent: str = "draft"
    run: Run = field(init=False)

    async def open(self) -> Desk:
        """With a project of three chapters and a run under way."""
        self.story = StoryService(self.storage, "local")
        self.project = await self.story.projects.create(name="The Hollow Crown")
        self.chapters = [
            await self.story.documents.create(self.project.id, number=n, title=f"Chapter {n}", text="word " * n)
            for n in (1, 2, 3)
        ]
        await self.new_thread()
        return self

    async def new_thread(self) -> None:
        """Another thread, with a run of its own."""
        thread = Thread(id=new_id("thr"), project_id=self.project.id, chat_id=new_id("thr"), created_at=0)
        await self.storage.journal.threads.create(thread)
        await self.new_turn(thread.id)

    async def new_turn(self, thread_id: str | None = None) -> None:
        """The next turn of the thread, under way; the one before is ended."""
        journal, now = self.storage.journal, self.clock.now()
        if thread_id is None:
            thread_id = self.run.thread_id
            await journal.runs.finish(
                self.run.id, epoch=self.run.epoch, state="finished", parts=(), metadata={}, reason="", usage=(), now=now
            )
        run = Run(
            id=new_id("run"),
            thread_id=thread_id,
            project_id=self.project.id,
            user_message_id=new_id("msg"),
            message_id=new_id("msg"),
            stream_id=new_id("str"),
            agent=self.agent,
            created_at=now,
        )
        turn = NewTurn(
            run=run,
            user=Message(id=run.user_message_id, thread_id=thread_id, role="user", created_at=now),
            assistant=Message(id=run.message_id, thread_id=thread_id, role="assistant", state="queued", created_at=now),
            stream=Stream(id=run.stream_id, thread_id=thread_id, run_id=run.id, message_id=run.message_id),
        )
        await journal.runs.start(turn, now=now)
        self.run = await journal.runs.take(run.id, runner="r", lease_until=1e12, now=now)

    async def restart(self) -> None:
        """Another process takes the run over."""
        journal = self.storage.journal
        await journal.runs.renew(self.run.id, epoch=self.run.epoch, lease_until=0.0)
        self.run = await journal.runs.take(self.run.id, runner="r2", lease_until=1e12, now=self.clock.now())

    async def call(self, tool: str, *, id: str = "c", **arguments: Any) -> Done | Waiting:
        """Hands a call in."""
        return await self.hand_in(RequestedCall(id=id, name=tool, arguments=arguments))

    async def hand_in(self, call: RequestedCall) -> Done | Waiting:
        """Hands a call in as it is."""
        run = self.run
        context = ToolContext(
            story=self.story,
            project_id=self.project.id,
            thread_id=run.thread_id,
            run_id=run.id,
            agent=self.agent,
            owner_id=run.owner_id,
            root_run_id=run.root_run_id or "",
            agent_path=run.agent_path,
        )
        gate = Gate(
            self.tools(),
            self.policy,
            self.storage.journal,
            self.clock,
            epoch=run.epoch,
            hooks=self.hooks,
            loops=self.loops,
            unattended=self.unattended,
            approval_ttl_seconds=self.ttl_seconds,
            hook_seconds=0.05,
        )
        return await gate.handle(call, context)

    async def done(self, tool: str, *, id: str = "c", **arguments: Any) -> JsonObject:
        """What the model reads of a call that is settled at once."""
        outcome = await self.call(tool, id=id, **arguments)
        assert isinstance(outcome, Done), f"it waits: {outcome}"
        return json.loads(outcome.result)

    async def error(self, tool: str, *, id: str = "c", **arguments: Any) -> str:
        """The failure that the model reads, as `code: message`."""
        error = (await self.done(tool, id=id, **arguments)).get("error")
        assert isinstance(error, dict), "it did not fail"
        return f"{error['code']}: {error['message']}"

    async def ask(self, tool: str, *, id: str = "c", **arguments: Any) -> Approval:
        """The approval that a call waits for."""
        request = await self.request(tool, id=id, **arguments)
        assert isinstance(request, Approval)
        return request

    async def question(self, *, id: str = "q", **arguments: Any) -> Question:
        """The question that a call puts."""
        request = await self.request("ask_question", id=id, **arguments)
        assert isinstance(request, Question)
        return request

    async def on_page(self, tool: str, *, id: str = "c", **arguments: Any) -> ClientCall:
        """The call that the page is to run."""
        request = await self.request(tool, id=id, **arguments)
        assert isinstance(request, ClientCall)
        return request

    async def request(self, tool: str, *, id: str = "c", **arguments: Any) -> Request:
        """What a call waits for."""
        outcome = await self.call(tool, id=id, **arguments)
        assert isinstance(outcome, Waiting), f"it does not wait: {outcome}"
        (request,) = outcome.requests
        return request

    async def answer(self, *answers: tuple[Request, Reply], actor: str = "writer") -> None:
        """Stores answers the way `saga.answer` does, all or none."""
        given = Answers(run=self.run, root=self.run, actor=actor, at=self.clock.now())
        for request, reply in answers:
            given.add(request, reply)
        await self.storage.journal.requests.answer(
            self.run.id,
            {request.id: reply for request, reply in answers},
            actor=actor,
            now=self.clock.now(),
            grants=given.grants,
            audit=given.audit,
        )

    async def pending(self) -> list[str]:
        """The calls that wait."""
        open_ones = await self.storage.journal.requests.list(run_id=self.run.id, states=("pending",))
        return sorted(request.call_id for request in open_ones)

    async def audit(self, *, call_id: str | None = None) -> list[AuditEntry]:
        """The audit of the run, or of one of its calls."""
        page = await self.storage.journal.audit.list("local", run_id=self.run.id)
        return [entry for entry in page.items if call_id in (None, entry.call_id)]

    async def events(self, *, call_id: str | None = None) -> list[str]:
        """What was decided, in order."""
        return [entry.event for entry in await self.audit(call_id=call_id)]

    def tools(self) -> ToolRegistry:
        """`look` reads, `rename` and `replace_text` write, `delete_chapter` destroys, `publish` asks each time,
        `mystery` declares nothing, `show` runs on the page, `ask_question` asks."""
        registry, did = ToolRegistry(), self.did

        async def look(ctx: ToolContext, at: str = "") -> ToolResult:
            """Look."""
            did.append(f"look {at}".strip())
            return ToolResult(data={"text": "x" * 300 if at == "long" else at})

        async def rename(ctx: ToolContext, name: str) -> ToolResult:
            """Rename it."""
            did.append(f"rename {name}")
            return ToolResult(data={"name": name})

        async def replace_text(ctx: ToolContext, book: int, find: str = "*", put: str = "") -> ToolResult:
            """Replace text."""
            did.append(f"replace {book} {find}")
            return ToolResult()

        async def preview_delete(ctx: ToolContext, chapter: str) -> JsonObject:
            head = await ctx.story.documents.resolve(ctx.project_id, chapter)
            document = await ctx.story.documents.get(ctx.project_id, head.id)
            title = f"Delete {head.label}: {len(document.text.split())} words"
            return {"title": title, "lines": [], "resources": {head.id: head.rev}}

        async def delete_chapter(ctx: ToolContext, chapter: str) -> ToolResult:
            """Delete a chapter."""
            did.append(f"delete {chapter}")
            return ToolResult()

        async def publish(ctx: ToolContext) -> ToolResult:
            """Publish the book."""
            did.append("publish")
            return ToolResult()

        async def mystery(ctx: ToolContext) -> ToolResult:
            """Do something."""
            did.append("mystery")
            return ToolResult()

        async def show(ctx: ToolContext, chapter: str) -> ToolResult:
            """Show a chapter on the page."""
            head = await ctx.story.documents.resolve(ctx.project_id, chapter)
            return ToolResult(data={"opened": head.id})

        for tool, settings in (
            (look, {"effect": "read", "output_limit": 200}),
            (rename, {"effect": "write"}),
            (replace_text, {"effect": "write"}),
            (mystery, {}),
            (delete_chapter, {"effect": "destructive", "preview": preview_delete}),
            (publish, {"effect": "write", "each_time": True}),
            (show, {"effect": "ui", "client": True}),
        ):
            registry.tool(version=self.version, **settings)(tool)  # pyright: ignore
        questions.register(registry)
        results.register(registry)
        return registry


ALWAYS = GrantTerms(scope="project", patterns={})
"""The widest grant there is."""
