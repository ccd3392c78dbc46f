"""The routes of an owner's chats as a list: find them, name them, copy them, remove them."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from saga_agent.actor import Actor
from saga_agent.domain.given_ids import GIVEN_ID, MAX_ID_CHARACTERS
from saga_agent.domain.journal import Message, Thread
from saga_agent.errors import InvalidInput, NotFound
from saga_agent.server.border import Border, named
from saga_agent.server.callers import caller_of
from saga_agent.server.chat import ChatId
from saga_agent.server.problems import problem_responses
from saga_agent.server.records import After, Limit, ProjectFilter, RecordPage

_LONGEST_TITLE = 500


class _ThreadBody(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(
        frozen=True, strict=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )


class ThreadChange(_ThreadBody):
    """What of a thread can be changed."""

    title: str = Field(max_length=_LONGEST_TITLE, examples=["The storm chapter"])


class ThreadFork(_ThreadBody):
    """Which part of a thread is copied, and what the copy is called."""

    message_id: str | None = Field(
        default=None, description="The last message of the copy, by the page's id for it; the last one when left out."
    )
    chat_id: str | None = Field(
        default=None, pattern=GIVEN_ID, max_length=MAX_ID_CHARACTERS, description="The page's key for the copy."
    )
    title: str = Field(
        default="", max_length=_LONGEST_TITLE, description="The source's title when left out.", examples=["Another end"]
    )


def thread_routes(border: Border) -> APIRouter:
    """The routes under `/threads`."""
    router = APIRouter(
        prefix="/threads",
        tags=["threads"],
        route_class=border.data_route("write"),
        responses=problem_responses(400, 404, 409),
    )
    one = "/{chat_id}"
    router.add_api_route(
        "", _list, methods=["GET"], response_model=RecordPage[Thread], **named("listThreads", "List threads")
    )
    router.add_api_route(one, _get, methods=["GET"], response_model=Thread, **named("getThread", "Read one thread"))
    router.add_api_route(
        one, _rename, methods=["PATCH"], response_model=Thread, **named("renameThread", "Give a thread a title")
    )
    router.add_api_route(
        one,
        _delete,
        methods=["DELETE"],
        status_code=204,
        response_class=Response,
        **named("deleteThread", "Remove a thread"),
    )
    router.add_api_route(
        f"{one}/fork",
        _fork,
        methods=["POST"],
        status_code=201,
        response_model=Thread,
        **named("forkThread", "Copy a thread up to a message"),
    )
    return router


async def _list(
    request: Request, project_id: ProjectFilter = None, after: After = None, limit: Limit = 100
) -> RecordPage[Thread]:
    """A page of the owner's threads, the newest first; those of subagents are left out."""
    actor = caller_of(request).actor
    if project_id is not None:
        await actor.story.projects.get(project_id)
    page = await actor.threads.list(project_id=project_id, after=after, limit=limit)
    return RecordPage(items=list(page.items), next=page.next)


async def _get(request: Request, chat_id: ChatId) -> Thread:
    """One thread, by the page's key for it."""
    return await thread_of(caller_of(request).actor, chat_id)


async def _rename(request: Request, chat_id: ChatId, body: ThreadChange) -> Thread:
    """Give the thread a title."""
    actor = caller_of(request).actor
    return await actor.threads.rename((await thread_of(actor, chat_id)).id, body.title)


async def _delete(request: Request, chat_id: ChatId) -> Response:
    """Remove the thread with its messages and runs; 409 while an answer is being written."""
    caller = caller_of(request)
    async with caller.end():
        await caller.actor.threads.delete((await thread_of(caller.actor, chat_id)).id)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _fork(request: Request, chat_id: ChatId, body: ThreadFork) -> Thread:
    """Copy the thread up to a message; 409 while that one is being written, or when another stands in its place."""
    actor = caller_of(request).actor
    thread = await thread_of(actor, chat_id)
    last = await _last_of_copy(actor, thread, body.message_id)
    return await actor.threads.fork(thread.id, at=last.id, title=body.title, chat_id=body.chat_id)


async def _last_of_copy(actor: Actor, thread: Thread, page_id: str | None) -> Message:
    if page_id is not None:
        if (message := await actor.threads.find_message(thread.id, page_id)) is None:
            raise NotFound("message", page_id)
        return message
    if not (last := await actor.threads.messages(thread.id, limit=1)):
        raise InvalidInput("The thread has no message yet; there is nothing to copy.")
    return last[0]


async def thread_of(actor: Actor, chat_id: str) -> Thread:
    """The owner's thread with that key; `NotFound`."""
    if (thread := await actor.threads.find(chat_id)) is None:
        raise NotFound("thread", chat_id)
    return thread
