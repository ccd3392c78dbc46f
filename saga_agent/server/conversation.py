"""A chat as its page sees it: which thread it is, and what a request body asks of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from saga_agent.actor import Actor
from saga_agent.domain.journal import END_STATES, Message, PageMessage, Run, Thread
from saga_agent.domain.requests import Request, RequestState
from saga_agent.errors import AlreadyExists, InvalidInput, MessageReplaced, NotFound, RequestClosed, RunBusy
from saga_agent.offload import off_loop
from saga_agent.runs.handle import RunHandle
from saga_agent.server.decisions import Decided, read_decisions
from saga_agent.server.page_outcomes import ANSWERED
from saga_agent.server.problems import Refused
from saga_agent.server.turn_body import TurnBody, page_message, text_of

_ANY_STATE: tuple[RequestState, ...] = ("pending", "answered", "consumed", "superseded", "expired")
DEFAULT_AGENT = "draft"


@dataclass(frozen=True, slots=True)
class AnsweringRun:
    """The run that answers a request."""

    handle: RunHandle
    decided: tuple[Request, ...] = ()
    """What the request decided: the page has the message up to these calls, and gets what follows."""
    given: frozenset[str] = frozenset()
    """The calls whose outcome the page gave itself."""


class Conversation:
    """One chat of one owner."""

    def __init__(self, actor: Actor, thread: Thread, *, max_characters: int) -> None:
        self._actor, self._thread, self._max_characters = actor, thread, max_characters

    async def begin(self, body: TurnBody, *, agent: str | None) -> AnsweringRun:
        """Does what the body asks, and gives the run that answers.

        Without an agent, `draft` answers, and an answer given anew is by the agent that gave it.

        Raises: `RunBusy`, `InvalidInput`, `NotFound`, `MessageReplaced`, `RequestClosed`, `Refused`.
        """
        if body.trigger == "regenerate-message":
            return AnsweringRun(await self._regenerate(body.message_id, agent=agent))
        match body.last.get("role"):
            case "user":
                return AnsweringRun(await self._ask(body, agent=agent or DEFAULT_AGENT))
            case "assistant":
                return await self._go_on(body)
            case _:
                raise InvalidInput("The last message is neither the user's nor the assistant's.")

    async def _ask(self, body: TurnBody, *, agent: str) -> RunHandle:
        text = text_of(body.last)
        if len(text) > self._max_characters:
            words = f"The message has {len(text):,} characters; {self._max_characters:,} are the limit."
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)
        page = page_message(body.last)
        edited = await self._find(body.message_id) if body.message_id else None
        if edited is not None and edited.role == "user":
            return await self._actor.edit(edited.id, text, agent=agent, page=page)
        sent = await self._find(page.id) if page.id else None
        if sent is not None and sent.role == "user":
            if sent.replaced:
                raise MessageReplaced(sent.id)
            if sent.text != text:
                return await self._actor.edit(sent.id, text, agent=agent, page=page)
            if (run := await self._run_of(sent)) is not None:
                return run
        return await self._send(body, text, agent=agent, page=page)

    async def _send(self, body: TurnBody, text: str, *, agent: str, page: PageMessage) -> RunHandle:
        try:
            return await self._actor.send(self._thread.id, text, agent=agent, workspace=body.workspace, page=page)
        except RunBusy:
            sent = await self._find(page.id) if page.id else None
            run = await self._run_of(sent) if sent is not None and sent.text == text else None
            if run is None:
                raise
            return run  # the same request came twice at once

    async def _run_of(self, message: Message) -> RunHandle | None:
        """The newest run that answers the message, for a request that repeats one whose answer was lost."""
        runs = await self._actor.runs(thread_id=self._thread.id)
        run = next((run for run in runs if run.user_message_id == message.id), None)
        return await self._actor.run(run.id) if run else None

    async def _regenerate(self, message_id: str | None, *, agent: str | None) -> RunHandle:
        """Another answer in the place of that one, of the one to that question, or of the last."""
        message = await self._find(message_id) if message_id else None
        if message is None and message_id:
            raise NotFound("message", message_id)
        answer = message
        if message is None or message.role == "user":
            answer = await self._actor.threads.find_answer(self._thread.id, to=message)
        if answer is None:
            raise Refused(HTTPStatus.CONFLICT, "There is no answer to give anew.")
        return await self._actor.regenerate(answer.id, agent=agent)

    async def _go_on(self, body: TurnBody) -> AnsweringRun:
        decided = await self._decided(body)
        while decided.fresh:
            try:
                return await self._answer(decided)
            except RequestClosed:
                # Another page was faster: where it said the same, this one goes on with it.
                again = await self._decided(body)
                if len(again.fresh) >= len(decided.fresh):
                    raise
                decided = again
        if decided.repeated:
            last = decided.repeated[-1]
            return AnsweringRun(await self._actor.run(_root_of(last)), (last,), frozenset(decided.given))
        raise Refused(HTTPStatus.CONFLICT, _nothing_to_do(await self._requests()))

    async def _decided(self, body: TurnBody) -> Decided:
        try:
            return await off_loop(read_decisions, body, await self._requests())
        except NotFound:  # an approval of an earlier turn, perhaps, which is closed
            everything = await self._actor.requests(thread_id=self._thread.id, states=_ANY_STATE)
            return await off_loop(read_decisions, body, everything)

    async def _answer(self, decided: Decided) -> AnsweringRun:
        run_id = _root_of(decided.fresh[0])
        await self._actor.answer(run_id, decided.replies)
        answered = await self._actor.requests(run_id=run_id, states=ANSWERED)
        fresh = tuple(request for request in answered if request.id in decided.replies)
        return AnsweringRun(await self._actor.run(run_id), fresh, frozenset(decided.given))

    async def _requests(self) -> Sequence[Request]:
        """The requests of the chat's last run and of its subagents; those of earlier runs take no answer any more."""
        runs = await self._actor.runs(thread_id=self._thread.id, limit=1)
        return await self._actor.requests(run_id=runs[0].id, states=_ANY_STATE) if runs else ()

    async def _find(self, message_id: str) -> Message | None:
        """The message of this chat that the page knows by that id."""
        return await self._actor.threads.find_message(self._thread.id, message_id)


def _nothing_to_do(requests: Sequence[Request]) -> str:
    pending = sum(request.state == "pending" for request in requests)
    if pending:
        return f"The answer waits: {pending} request(s) of it are not answered yet."
    return "There is nothing to go on with; send a message."


async def find_thread(actor: Actor, body: TurnBody) -> Thread | None:
    """The chat's thread; None when it is new.

    Raises: `NotFound` for the project that is named, `Refused` for a chat that belongs to another one.
    """
    thread = await actor.threads.find(body.id)
    if thread is None and body.project_id is not None:
        await actor.story.projects.get(body.project_id)
    if thread is not None and body.project_id not in (None, thread.project_id):
        raise Refused(HTTPStatus.CONFLICT, "This chat belongs to another project; begin a new one.")
    return thread


async def begin_thread(actor: Actor, body: TurnBody) -> Thread:
    """The thread of a new chat, in the project named or the owner's default one."""
    project_id = body.project_id or (await actor.story.projects.default()).id
    try:
        return await actor.threads.create(project_id=project_id, chat_id=body.id)
    except AlreadyExists:  # two requests began it at the same time
        thread = await find_thread(actor, body)
        if thread is None:
            raise NotFound("chat", body.id) from None
        return thread


async def newest_run(actor: Actor, chat_id: str) -> Run | None:
    """The chat's newest run, at work or not; None for a chat without one."""
    thread = await actor.threads.find(chat_id)
    runs = await actor.runs(thread_id=thread.id, limit=1) if thread else ()
    return runs[0] if runs else None


async def active_run(actor: Actor, chat_id: str) -> RunHandle | None:
    """The run that is writing the chat's answer now; one that waits for the writer is not."""
    run = await newest_run(actor, chat_id)
    if run is None or run.state in END_STATES:
        return None
    handle = await actor.run(run.id)
    if run.state == "waiting" and await handle.requests():
        return None
    return handle


def _root_of(request: Request) -> str:
    return request.root_run_id or request.run_id
