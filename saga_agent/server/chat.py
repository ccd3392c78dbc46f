"""The routes of a chat: begin a turn, take its stream up again, stop it, read what was said."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from saga_agent.agents.agent import CHAT
from saga_agent.app import Saga
from saga_agent.clock import Clock
from saga_agent.domain.given_ids import GIVEN_ID, MAX_ID_CHARACTERS
from saga_agent.domain.record import JsonObject
from saga_agent.errors import PolicyError
from saga_agent.server.border import Border, named
from saga_agent.server.callers import caller_of, sdk_of
from saga_agent.server.conversation import (
    DEFAULT_AGENT,
    AnsweringRun,
    Conversation,
    active_run,
    begin_thread,
    find_thread,
    newest_run,
)
from saga_agent.server.history import has_call_of, ui_messages
from saga_agent.server.page_outcomes import ANSWERED, PageOutcomes, page_outcomes
from saga_agent.server.problems import problem_responses
from saga_agent.server.settings import SdkVersion, ServerSettings
from saga_agent.server.sse import OpenStreams, Seat
from saga_agent.server.telling import StreamClient, tell
from saga_agent.server.turn_body import TurnBody

_log = logging.getLogger(__name__)
ChatId = Annotated[
    str, Path(pattern=GIVEN_ID, max_length=MAX_ID_CHARACTERS, description="The page's key for the chat.")
]
_PLAIN: Final[dict[str, Any]] = {
    "description": "Refused, in a sentence for people.",
    "content": {"text/plain": {"example": "The message is empty; write what the agent should do."}},
}
_STREAM: Final[dict[str, Any]] = {
    "description": "The AI SDK's UI message stream, as server-sent events.",
    "content": {"text/event-stream": {"example": 'data: {"type":"start","messageId":"msg_1"}\n\ndata: [DONE]\n\n'}},
}
_HISTORY: Final[dict[str, Any]] = {
    "description": "UI messages, oldest first.",
    "content": {
        "application/json": {
            "example": {"messages": [{"id": "m1", "role": "user", "parts": [{"type": "text", "text": "Who is Mara?"}]}]}
        }
    },
}


@dataclass(frozen=True, slots=True)
class ChatRoutes:
    """The routes of one kind of chat: with an agent of choice, or plain."""

    saga: Saga
    settings: ServerSettings
    streams: OpenStreams
    clock: Clock

    def router(self, path: str, border: Border, *, plain: bool) -> APIRouter:
        """The routes under that path; a plain chat has neither tools nor the manuscript."""
        kind = "PlainChat" if plain else "Chat"
        router = APIRouter(prefix=path, tags=["chat"], route_class=border.stream_route("turn"))
        refusals: dict[int | str, dict[str, Any]] = dict.fromkeys((400, 404, 409, 413, 429, "default"), _PLAIN)
        router.add_api_route(
            "",
            self.begin_plain if plain else self.begin,
            methods=["POST"],
            response_class=StreamingResponse,
            **named(f"send{kind}Message", "Begin a turn"),
            responses={200: _STREAM, **refusals},
        )
        router.add_api_route(
            "/{chat_id}/stream",
            self.resume,
            methods=["GET"],
            response_class=StreamingResponse,
            **named(f"resume{kind}", "Take up an answer"),
            responses={200: _STREAM, 204: {"description": "Nothing is being written."}, 429: _PLAIN, "default": _PLAIN},
        )
        router.add_api_route(
            "/{chat_id}/stop",
            self.stop,
            methods=["POST"],
            status_code=204,
            response_class=Response,
            **named(f"stop{kind}", "Stop an answer"),
            responses={"default": _PLAIN},
        )
        history = APIRouter(prefix=path, tags=["chat"], route_class=border.data_route("read"))
        history.add_api_route(
            "/{chat_id}/messages",
            self.messages,
            methods=["GET"],
            responses={200: _HISTORY, **problem_responses(400)},
            **named(f"list{kind}Messages", "List a chat's messages"),
        )
        both = APIRouter()
        both.include_router(router)
        both.include_router(history)
        return both

    async def begin(self, request: Request, body: TurnBody) -> Response:
        """Begin a turn: a message, an edit, another answer, or decisions on what was asked."""
        known = self.saga.agents.names()
        if body.agent is not None and body.agent not in known:
            raise PolicyError(f"There is no agent {body.agent!r}; the agents are {', '.join(known)}.")
        return await self._begin(request, body, agent=body.agent)

    async def begin_plain(self, request: Request, body: TurnBody) -> Response:
        """Begin a turn without tools and without the manuscript."""
        return await self._begin(request, body, agent=CHAT)

    async def resume(self, request: Request, chat_id: ChatId) -> Response:
        """Take up the answer that is being written, from its first chunk; 204 when none is."""
        self.streams.check_protocol(request.scope["http_version"])
        version, actor = sdk_of(request, self.settings.sdk_version), caller_of(request).actor
        if (handle := await active_run(actor, chat_id)) is None:
            return Response(status_code=204)
        with self.streams.seat(actor.owner_id) as seat:
            return await self._stream(request, AnsweringRun(handle), seat, version=version)

    async def stop(
        self,
        request: Request,
        chat_id: ChatId,
        run_id: Annotated[str | None, Query(alias="runId", description="Stop only this run, not a later one.")] = None,
    ) -> Response:
        """Stop the answer and keep what is written; harmless when nothing is."""
        actor = caller_of(request).actor
        run = await newest_run(actor, chat_id)
        if run is not None and run_id in (None, run.id):
            await actor.stop(run.id)
        return Response(status_code=204)

    async def messages(
        self, request: Request, chat_id: ChatId, limit: Annotated[int, Query(ge=1, le=1000)] = 200
    ) -> JsonObject:
        """The chat's last messages, without the one that is being written: its stream tells it."""
        actor = caller_of(request).actor
        thread = await actor.threads.find(chat_id)
        active = await active_run(actor, chat_id)
        stored = await actor.threads.messages(thread.id, limit=limit) if thread else ()
        settled = [message for message in stored if active is None or message.id != active.message_id]
        outcomes: PageOutcomes = {}
        if thread and has_call_of(settled, self._page_tools()):
            outcomes = page_outcomes(await actor.requests(thread_id=thread.id, states=ANSWERED))
        return {"messages": list(ui_messages(settled, sdk_of(request, self.settings.sdk_version), outcomes))}

    async def _begin(self, request: Request, body: TurnBody, *, agent: str | None) -> Response:
        self.streams.check_protocol(request.scope["http_version"])
        version, actor = sdk_of(request, self.settings.sdk_version), caller_of(request).actor
        with self.streams.seat(actor.owner_id) as seat:
            thread = await find_thread(actor, body)
            async with caller_of(request).turn(agent or DEFAULT_AGENT):
                thread = thread or await begin_thread(actor, body)
                conversation = Conversation(actor, thread, max_characters=self.settings.max_message_characters)
                turn = await conversation.begin(body, agent=agent)
            return await self._stream(request, turn, seat, version=version)

    async def _stream(self, request: Request, turn: AnsweringRun, seat: Seat, *, version: SdkVersion) -> Response:
        caller = caller_of(request)
        ids = {"run_id": turn.handle.id, "owner_id": caller.actor.owner_id}
        _log.info("an answer is told", extra=ids)
        listener = StreamClient(
            version=version,
            answered=partial(caller.actor.requests, run_id=turn.handle.id, states=ANSWERED),
            page_tools=self._page_tools(),
            decided=turn.decided,
            given=turn.given,
            is_left=caller.actor.is_left,
        )
        wait_seconds = self.settings.recovery_wait_seconds
        events = tell(turn.handle, listener, self.clock, recovery_wait_seconds=wait_seconds)
        return self.streams.respond(events, caller.identity, seat)

    def _page_tools(self) -> frozenset[str]:
        """The tools whose outcome pages give."""
        return frozenset(tool.name for tool in self.saga.tools if tool.question or tool.client)
