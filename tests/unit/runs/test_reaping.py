"""What the reaper takes up beside runs whose process died."""

from __future__ import annotations

from saga_agent.models.script import Call, Say, Turn
from saga_agent.runs.settings import CallSettings, RunSettings
from saga_agent.testing.clock import FakeClock
from tests.unit.runs.opening import Open

CREATE = Call("create_entity", {"type": "character", "name": "Tam"}, id="create")


async def test_a_request_whose_time_is_over_is_closed_and_its_run_goes_on(open_saga: Open) -> None:
    """Silence is no consent: the call was not run, and the agent is told so."""
    clock = FakeClock()
    saga, thread = await open_saga(
        Turn(calls=[CREATE]),
        Say("Then not."),
        calls=CallSettings(approval_ttl_seconds=60),
        runs=RunSettings(clock=clock, works=False),
    )
    run = await saga.send(thread.id, "Add Tam")
    [chunk async for chunk in run.chunks()]

    await clock.advance(59)
    await saga.reap()
    assert (await run.state()).state == "waiting"
    await clock.advance(2)
    await saga.reap()
    message = await run.result()

    assert message.text == "Then not."
    assert [entity async for entity in saga.story.entities.all(thread.project_id)] == []
    assert [request.state for request in await saga.requests(run_id=run.id, states=())] == ["expired"]


async def test_a_waiting_run_that_somebody_wants_stopped_is_ended(open_saga: Open) -> None:
    """The wish came from a process that could not end it."""
    saga, thread = await open_saga(Turn(calls=[CREATE]), runs=RunSettings(works=False))
    run = await saga.send(thread.id, "Add Tam")
    [chunk async for chunk in run.chunks()]
    await saga.reap()
    assert (await run.state()).state == "waiting", "a run that only waits is left alone"

    await saga.storage.journal.runs.request_stop(run.id)
    await saga.reap()

    assert ((await run.state()).state, (await run.state()).reason_code) == ("stopped", "writer")
