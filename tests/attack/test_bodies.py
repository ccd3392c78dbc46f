"""No body, whatever its shape, keeps the server from its other callers.

Each shape of `shapes.py` is posted to every route that takes a body, as a user and as nobody, while `/health` is asked
beside it. What is asserted is the work done in one step of the loop, counted in calls, and that every answer is a
sentence. A new route is attacked from the day it stands in the OpenAPI document; a new shape is a line in `shapes.py`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.acceptance.server.town import Town
from tests.attack.loop_meter import LoopMeter
from tests.attack.shapes import AIMED, MEBIBYTE, SHAPES, TEXTS

MOST_CALLS = 150_000
"""In one step of the loop: some hundredths of a second."""
JSON = {"content-type": "application/json"}


def routes_with_bodies(town: Town) -> Iterator[tuple[str, str]]:
    for path, operations in town.app.openapi()["paths"].items():
        for method, said in operations.items():
            if "requestBody" in said:
                kind = path.split("/")[1]
                yield method, path.format(**{**town.held, "record_id": town.held.get(kind, "")})


def check_sentence(response: httpx.Response) -> None:
    """A refusal is one sentence, or two, without the names of our libraries' parts, in whatever form it comes."""
    if response.status_code < 400:
        return
    is_problem = response.headers["content-type"].startswith("application/problem+json")
    detail: str = response.json()["detail"] if is_problem else response.text
    assert detail.endswith((".", "?")), detail
    assert not detail.endswith(".."), detail
    assert len(detail) < 1_000, f"{len(detail)} characters: {detail[:200]}"
    for raw in ("Input should", "Value error", "Field required", "body.", "pydantic", "Traceback"):
        assert raw not in detail, detail


async def attacked(
    client: httpx.AsyncClient, beside: httpx.AsyncClient, method: str, path: str, body: bytes
) -> tuple[httpx.Response, LoopMeter, int]:
    """The answer, what the loop did, and how often `/health` was answered meanwhile."""
    answered = 0

    async def look() -> None:
        nonlocal answered
        while True:
            assert (await beside.get("/health")).status_code == 200
            answered += 1
            await asyncio.sleep(0.005)

    looking = asyncio.create_task(look())
    try:
        with LoopMeter() as meter:
            response = await client.request(method, path, content=body, headers=JSON)
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    return response, meter, answered


async def storm(town: Town, client: httpx.AsyncClient, shape: str, size: int) -> None:
    body = SHAPES[shape](size)
    beside = await town.client({})
    for method, path in routes_with_bodies(town):
        response, meter, _ = await attacked(client, beside, method, path, body)
        told = f"{shape} at {method} {path}: {response.status_code} {response.text[:200]}"
        assert response.status_code < 500, told
        assert meter.most < MOST_CALLS, f"{told}: {meter.most:,} calls in one step"
        check_sentence(response)


async def test_no_shape_stops_a_route(town: Town, ada: httpx.AsyncClient):
    for shape in SHAPES:  # texts make documents that are read for names, which takes its time in another thread
        await storm(town, ada, shape, MEBIBYTE // 16 if shape in TEXTS else 4 * MEBIBYTE - 64)


@pytest.mark.slow
@pytest.mark.parametrize("size", [1_000, 17_000, 250_000, 4 * MEBIBYTE - 64, 5 * MEBIBYTE])
@pytest.mark.parametrize("shape", SHAPES)
async def test_no_shape_of_any_size_stops_a_route(town: Town, ada: httpx.AsyncClient, shape: str, size: int):
    await storm(town, ada, shape, size)


async def aim(town: Town, client: httpx.AsyncClient, shape: str, size: int) -> None:
    path, make = AIMED[shape]
    body: dict[str, Any] = {"projectId": town.held["project_id"]} if path not in ("/runs/{run_id}/requests",) else {}
    content = json.dumps({**body, **make(size)}).encode()
    response, meter, _ = await attacked(client, await town.client({}), "post", path.format(**town.held), content)
    told = f"{shape}: {response.status_code} {response.text[:200]}"
    assert response.status_code < 500, told
    assert meter.most < MOST_CALLS, f"{told}: {meter.most:,} calls in one step"
    check_sentence(response)


async def test_a_refusal_repeats_little_of_what_was_sent(town: Town, ada: httpx.AsyncClient):
    long = "x" * 9_000
    for response in (
        await ada.get(f"/documents/{long}"),
        await ada.get(f"/projects/{long}"),
        await ada.post(f"/documents?projectId={long}", json={"number": 1, "title": "T"}),
        await ada.post("/documents?projectId=x", json={"number": 1, "title": "T", "projectId": long}),
        await ada.post("/entities", json={"type": "character", "name": "Mara", long: 1}),
        await ada.patch(f"/entities/{town.held['entities']}", json={"fields": {long: 10**30}}),
        await ada.post(f"/runs/{town.held['run_id']}/requests", json={"replies": {long: {"kind": "approve"}}}),
    ):
        assert response.status_code >= 400
        check_sentence(response)


async def test_no_well_formed_body_stops_its_route(town: Town, ada: httpx.AsyncClient):
    for shape in AIMED:
        await aim(town, ada, shape, 250_000)


@pytest.mark.slow
@pytest.mark.parametrize("shape", AIMED)
async def test_no_well_formed_body_of_full_size_stops_its_route(town: Town, ada: httpx.AsyncClient, shape: str):
    await aim(town, ada, shape, 4 * MEBIBYTE - 4096)
