"""Much text, odd text, and what it costs. Scenarios 16 to 18, 23 and 26."""

from __future__ import annotations

import asyncio
import json
import time

import pytest

from saga_agent.domain import chunks as c
from saga_agent.domain.parts import PartsBuilder
from saga_agent.models.script import Say, Turn
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.streams.merge import merge_chunks
from saga_agent.testing.faults import FaultPlan, FaultyStorage
from tests.acceptance.streams import virtual_time
from tests.acceptance.streams.logs import Log, build, text_of
from tests.acceptance.streams.worlds import World, log_of, send
from tests.servers.openai_server import OpenAIServer
from tests.servers.replies import Reply
from tests.unit.models.asking import connect

ODD_TEXT = "Zoë 👩‍👩‍👧‍👦 e\u0301 नमस्ते 雪が静かに降っていた\u2028 مرحبا بالعالم \u0000 “quoted” \\ \n🏳️‍🌈"


async def test_scenario_16_unicode_cut_at_every_byte(world: World) -> None:
    """The provider's UTF-8 comes in two packets, cut at every offset (on a disk every fifth), then by characters."""
    escaped, plain = json.dumps(ODD_TEXT).encode(), json.dumps(ODD_TEXT, ensure_ascii=False).encode()
    body = b"".join(Reply.text(ODD_TEXT).frames).replace(escaped, plain)
    start = body.index(plain)
    cuts = range(start, start + len(plain), 1 if world.url is None else 5)
    replies = [Reply(frames=(body[:cut], body[cut:])) for cut in cuts] + [Reply.text(*ODD_TEXT)]
    async with OpenAIServer(*replies) as server:
        saga = await world.open(model=connect(server, cheap=True, retries=0))
        runs = [await send(saga) for _ in replies]
        messages = [await run.result() for run in runs]

    assert {message.text for message in messages} == {ODD_TEXT}
    for run in runs[:: len(runs) // 5]:
        log = await log_of(saga, run.stream_id)
        assert text_of(log) == ODD_TEXT
        assert "\ufffd" not in text_of(log)


async def test_scenario_16_every_row_is_valid_json_whatever_the_text(world: World) -> None:
    async with world.storage() as storage:
        log = await Log.begin(storage)
        writer = log.writer()
        for piece in ODD_TEXT:
            await writer.write(c.TextDelta(id="t", delta=piece))
            await writer.flush()
        rows = await storage.journal.streams.read("str")

    assert "".join(json.loads(row.chunk)["delta"] for row in rows) == ODD_TEXT
    assert len(rows) == len(ODD_TEXT)


def test_scenario_16_text_without_spaces_is_flushed_in_time() -> None:
    async def play() -> list[int]:
        async with MemoryStorage() as storage:
            log = await Log.begin(storage)
            writer, unseen = log.writer(flush_seconds=0.1), []
            for number in range(100):
                await writer.write(c.TextDelta(id="t", delta="雪"))
                await asyncio.sleep(0.03)
                unseen.append(number + 1 - len(text_of(await log.reader.load("str"))))
            return unseen

    assert max(virtual_time.run(play())) <= 0.1 / 0.03 + 1


def interleaved(count: int) -> list[c.Chunk]:
    """Three calls whose arguments come byte by byte, in turns."""
    raws = [json.dumps({"text": "x" * count}) for _ in range(3)]
    starts: list[c.Chunk] = [c.ToolInputStart(tool_call_id=f"c{n}", tool_name="t") for n in range(3)]
    return starts + [
        c.ToolInputDelta(tool_call_id=f"c{call}", input_text_delta=raws[call][place])
        for place in range(len(raws[0]))
        for call in range(3)
    ]


async def test_scenario_17_tool_call_deltas(world: World) -> None:
    parts = interleaved(100_000 // 3)
    async with world.storage() as storage:
        log = await Log.begin(storage)
        writer = log.writer()
        for part in parts:
            await writer.write(part)
        await writer.flush()
        rows = (await storage.journal.streams.get("str")).last_seq
        message = await log.message()

        assert rows <= len(parts) * 0.02
        for part in message.parts:
            assert json.loads(str(part["rawInput"])) == {"text": "x" * (100_000 // 3)}


async def test_scenario_17_a_crash_in_the_middle_keeps_the_raw_arguments(world: World) -> None:
    async with world.storage() as storage:
        log = await Log.begin(storage)
        dead = await log.message()
        for part in interleaved(20)[:40]:
            await dead.emit(part)
        await dead.flush()

        sealed = (await log.message()).sealed("it died")

        assert [part["input"] for part in sealed] == [
            {"raw": '{"text": "xxx'},
            {"raw": '{"text": "xx'},
            {"raw": '{"text": "xx'},
        ]
        assert {part["state"] for part in sealed} == {"output-error"}


def test_scenario_17_merging_and_building_take_linear_time() -> None:
    """A ratio within one run: twice the deltas take less than 2.5 times as long."""

    def seconds(count: int) -> float:
        parts = interleaved(count)
        began = time.process_time()
        builder = PartsBuilder()
        for start in range(0, len(parts), 512):
            for chunk in merge_chunks(parts[start : start + 512]):
                builder.add(chunk)
        for chunk in parts[3:]:
            builder.add(chunk)
        assert builder.parts
        return time.process_time() - began

    ratios = [seconds(20_000) / seconds(10_000) for _ in range(3)]

    assert min(ratios) < 2.5


@pytest.mark.slow
@pytest.mark.parametrize("count", [10_000, 100_000])
async def test_scenario_18_many_deltas(world: World, count: int) -> None:
    """Recovery returns all of them, and a reader holds one page at a time."""
    plan = FaultPlan()
    async with FaultyStorage(world.storage(), plan) as storage:
        log = await Log.begin(storage)
        await log.append(1, [c.Start(message_id="m2"), c.TextStart(id="t")])
        for start in range(0, count, 2_000):
            deltas = [c.TextDelta(id="t", delta=f"{number},") for number in range(start, start + 2_000)]
            await log.append(start + 3, deltas)
        expected = "".join(f"{number}," for number in range(count))

        message = await log.message()
        plan.calls.clear()
        followed = 0
        async for event in log.reader.follow("str"):
            followed = event.seq
            if followed == count + 2:
                break

        assert message.text == expected
        assert plan.calls["streams.read"] == -(-(count + 2) // 1_000), "pages of a thousand rows"


def test_scenario_26_write_budget() -> None:
    """A minute at 50 tokens a second, on the loop's own time: 250 ms cost 260 appends, 100 ms (the default) 660."""

    async def play(flush_seconds: float) -> tuple[int, float]:
        plan = FaultPlan()
        async with FaultyStorage(MemoryStorage(), plan) as storage:
            log = await Log.begin(storage)
            writer = log.writer(flush_seconds=flush_seconds)
            text = [f"word{number % 90} " for number in range(60 * 50)]
            await writer.write(c.TextStart(id="text-0-1"))
            for token in text:
                await writer.write(c.TextDelta(id="text-0-1", delta=token))
                await asyncio.sleep(1 / 50)
            await writer.write(c.Finish())
            rows = await storage.journal.streams.read("str", limit=10_000)
            stored = sum(len(row.chunk.encode()) for row in rows)
            assert text_of(await log.reader.load("str")) == "".join(text)
            return plan.calls["streams.append"], stored / len("".join(text))

    appends, bytes_ratio = virtual_time.run(play(0.25))
    default_appends, _ = virtual_time.run(play(0.1))

    assert appends <= 260
    assert bytes_ratio <= 2
    assert default_appends <= 660


async def test_scenario_23_a_batch_never_changes_what_is_built(world: World) -> None:
    """The laws themselves are property tests (tests/unit/streams/test_merge.py); here the stored log obeys them."""
    said = [Say("One ", chunk_chars=1), Say("two.", chunk_chars=2)]
    saga = await world.open(Turn(*said))
    run = await send(saga)
    live = [chunk async for chunk in run.chunks()]
    stored = await log_of(saga, run.stream_id)

    assert len(stored) < len(live)
    assert build(live) == build(stored) == (await run.result()).parts
