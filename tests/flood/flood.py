"""The flood: as many streams as one likes, sent to several processes of one database in the same moment."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from saga_agent.app import build_storage
from saga_agent.storage.adapter import Storage
from tests.flood.files import allow_many_files
from tests.flood.model import CountingModel, counting_model, whole_text
from tests.unit.server.strict_client import Json, StrictClient, read_events

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """How much is sent, and to whom."""

    database: str
    folder: Path
    streams: int = 2_000
    processes: int = 2
    live_turns: int = 250
    patience_seconds: float = 900.0


@dataclass(slots=True)
class Outcome:
    """What was counted, and what was broken."""

    counts: Counter[str] = field(default_factory=Counter[str])
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    broken: list[str] = field(default_factory=list[str])

    def require(self, holds: bool, sentence: str) -> None:
        """Notes the sentence when it does not hold."""
        if not holds:
            self.broken.append(sentence)


async def flood(of: Flood) -> Outcome:
    """Sends all, reads all to their ends, and tells what held."""
    allow_many_files()
    outcome = Outcome()
    async with counting_model() as model, AsyncExitStack() as stack:
        async with build_storage(of.database):
            pass  # makes the database
        urls = [await stack.enter_async_context(_server(of, model)) for _ in range(of.processes)]
        timeout = httpx.Timeout(of.patience_seconds)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        client = await stack.enter_async_context(httpx.AsyncClient(timeout=timeout, limits=limits, trust_env=False))
        began = time.monotonic()
        tags = [f"w{number}" for number in range(of.streams)]
        ended = await asyncio.gather(*(_talk(client, urls[n % len(urls)], tag, outcome) for n, tag in enumerate(tags)))
        outcome.seconds |= _spread([each - began for each in ended])
    async with build_storage(of.database) as storage:
        await _check(outcome, storage, model, tags)
    return outcome


async def _talk(client: httpx.AsyncClient, url: str, tag: str, outcome: Outcome) -> float:
    """One writer: a question, and the answer read to its end; when that came."""
    message = {"id": f"m-{tag}", "role": "user", "parts": [{"type": "text", "text": tag}]}
    body: Json = {"id": f"chat-{tag}", "messages": [message], "trigger": "submit-message"}
    try:
        response = await client.post(f"{url}/ai/saga", json=body, headers={"x-owner": tag})
        outcome.counts[f"status {response.status_code}"] += 1
        if response.status_code != 200:
            outcome.require(False, f"{tag}: {response.status_code} {response.text[:200]}")
            return time.monotonic()
        events = read_events(response.text)
        places = [event["data"]["position"] for event in events if event["type"] == "data-queue"]
        answer = StrictClient(6).read(events)
        text = "".join(part["text"] for part in answer["parts"] if part["type"] == "text")
        outcome.counts["streams told their place"] += bool(places)
        outcome.require(places == sorted(places, reverse=True), f"{tag}: its places were {places}")
        outcome.require(text == whole_text(tag), f"{tag}: it reads {text[-80:]!r}")
        outcome.require(events[-1]["type"] == "finish", f"{tag}: it ends with {json.dumps(events[-1])}")
    except (httpx.HTTPError, AssertionError) as error:
        outcome.require(False, f"{tag}: {type(error).__name__} {error}")
    return time.monotonic()


async def _check(outcome: Outcome, storage: Storage, model: CountingModel, tags: Sequence[str]) -> None:
    for tag in tags:
        runs = await storage.journal.runs.list(owner_id=tag)
        outcome.counts["runs"] += len(runs)
        stands = [(run.state, run.epoch) for run in runs]
        outcome.require(stands == [("finished", 1)], f"{tag}: its runs stand (state, epoch) {stands}")
        outcome.require(model.asked[tag] == 1, f"{tag}: the model was asked {model.asked[tag]} times")
    outcome.counts["times the model was asked"] = model.asked.total()


@asynccontextmanager
async def _server(of: Flood, model: CountingModel) -> AsyncGenerator[str]:
    arguments = ("tests.flood.server", of.database, model.url, str(of.live_turns))
    with (of.folder / "servers.log").open("a") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=log
        )
    assert process.stdout is not None
    try:
        url = (await process.stdout.readline()).decode().strip()
        if not url:
            raise RuntimeError(f"a server did not come up: {(of.folder / 'servers.log').read_text()[-2000:]}")
        yield url
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _spread(ended: Sequence[float]) -> dict[str, float]:
    each = sorted(ended)
    return {"first end": each[0], "median end": each[len(each) // 2], "last end": each[-1]}
