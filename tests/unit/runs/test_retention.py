"""What outlives a run, and what turns are checkpointed with."""

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from saga_agent.domain.journal import Keep
from saga_agent.domain.requests import Approve
from saga_agent.models.scripted import Call, Say, Turn
from saga_agent.runs.settings import RunSettings
from tests.unit.runs.opening import Open


@pytest.mark.parametrize(("keep", "kept"), [("none", [False, False]), ("last", [False, True]), ("all", [True, True])])
async def test_rows_and_checkpoints_are_kept_as_asked(open_saga: Open, keep: Keep, kept: list[bool]) -> None:
    saga, thread = await open_saga(Say("One."), Say("Two."), runs=RunSettings(keep_deltas=keep), keep_checkpoints=keep)
    runs = []
    for text in ("a", "b"):
        runs.append(await saga.send(thread.id, text))
        await runs[-1].result()
        await saga._runner.wait(runs[-1].id)

    journal = saga.storage.journal
    assert [bool(await journal.streams.read(run.stream_id)) for run in runs] == kept
    assert [await journal.checkpoints.get(run.id, "") is not None for run in runs] == kept


async def test_a_stream_without_rows_is_replayed_from_its_message(open_saga: Open) -> None:
    saga, thread = await open_saga(
        Turn(text="Look. ", calls=[Call("list_documents", {})]), Say("One."), runs=RunSettings(keep_deltas="none")
    )
    run = await saga.send(thread.id, "a")
    message = await run.result()
    await saga._runner.wait(run.id)

    chunks = [event.chunk async for event in saga.follow(run.stream_id)]

    assert chunks[0].type == "start"
    assert chunks[-1].type == "finish"
    assert (
        "".join(str(chunk.to_dict().get("delta", "")) for chunk in chunks if chunk.type == "text-delta") == message.text
    )


async def test_a_stock_saver_serves_as_well(open_saga: Open) -> None:
    create = Call("create_entity", {"type": "character", "name": "Tam"})
    saver = InMemorySaver()
    saga, thread = await open_saga(Turn(calls=[create]), Say("Tam is in."), runs=RunSettings(checkpointer=saver))
    run = await saga.send(thread.id, "Add Tam")
    [chunk async for chunk in run.chunks()]
    (approval,) = await run.requests()
    await saga.answer(run.id, {approval.id: Approve()})

    assert (await run.result()).text == "Tam is in."
    assert await saver.aget_tuple({"configurable": {"thread_id": run.id}}) is not None
