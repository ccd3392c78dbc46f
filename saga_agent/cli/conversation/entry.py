"""The ways into a conversation from the command line: a dialogue, one message, one answer."""

from __future__ import annotations

from saga_agent.app import Saga
from saga_agent.cli.conversation.loop import run_loop
from saga_agent.cli.conversation.repliers import Nobody
from saga_agent.cli.conversation.talk import Talk, build_audience, build_replier, is_person_there
from saga_agent.cli.conversation.threads import choose_place, find_unfinished
from saga_agent.cli.conversation.turn import play_turn
from saga_agent.cli.rendering.console import stdout
from saga_agent.domain.requests import Reply
from saga_agent.runs.handle import RunHandle


def talk_on(
    saga: Saga, *, project: str | None, thread: str | None, agent: str, yes: bool, database: str, model: str
) -> None:
    """A dialogue, until the person leaves."""
    found, place = choose_place(saga, project=project, thread=thread)
    saga.agents.get(agent)
    talk = Talk(
        saga=saga,
        project=found,
        thread=place,
        agent=agent,
        database=database,
        model=model,
        audience=build_audience(as_json=False),
        replier=build_replier(saga, found, yes=yes, asks=True),
    )
    run_loop(talk, stdout())


def talk_once(
    saga: Saga,
    message: str,
    *,
    project: str | None,
    thread: str | None,
    agent: str,
    yes: bool,
    as_json: bool,
    database: str,
    model: str,
) -> int:
    """One turn; gives the exit code. Nobody is asked in a pipe: a run that needs an answer is left waiting."""
    found, place = choose_place(saga, project=project, thread=thread)
    asks = is_person_there() and not as_json
    talk = Talk(
        saga=saga,
        project=found,
        thread=place,
        agent=agent,
        database=database,
        model=model,
        audience=build_audience(as_json=as_json),
        replier=build_replier(saga, found, yes=yes, asks=asks),
    )
    unfinished = find_unfinished(saga, place) if place else None
    if unfinished and unfinished.state == "waiting":
        talk.audience.remark("The earlier turn waits for answers; with this message its requests are put aside.")
    elif unfinished:
        talk.catch_up()
    return talk.conclude(talk.say(message))


def answer_request(
    saga: Saga, run_id: str, request_id: str, reply: Reply, *, as_json: bool, database: str, model: str
) -> int:
    """Answers one request, shows what follows, gives the exit code."""
    handle = saga.run_sync(saga.run(run_id))
    talk = _talk_of(saga, handle, as_json=as_json, database=database, model=model)
    if saga.run_sync(handle.state()).state == "waiting":
        talk.audience.skip(saga, handle)
    saga.run_sync(saga.answer(run_id, {request_id: reply}))
    return talk.conclude(play_turn(saga, handle, talk.audience, talk.replier))


def resume_run(saga: Saga, run_id: str, *, as_json: bool, database: str, model: str) -> int:
    """Goes on with a run that broke off, from its first chunk for those who watch; gives the exit code."""
    handle = saga.run_sync(saga.resume(run_id))
    talk = _talk_of(saga, handle, as_json=as_json, database=database, model=model)
    return talk.conclude(play_turn(saga, handle, talk.audience, talk.replier))


def _talk_of(saga: Saga, handle: RunHandle, *, as_json: bool, database: str, model: str) -> Talk:
    run = saga.run_sync(handle.state())
    return Talk(
        saga=saga,
        project=saga.run_sync(saga.story.projects.get(run.project_id)),
        thread=saga.run_sync(saga.threads.get(run.thread_id)),
        agent=run.agent,
        database=database,
        model=model,
        audience=build_audience(as_json=as_json),
        replier=Nobody(),
    )
