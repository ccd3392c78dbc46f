"""Bodies that are nearly right, with anything in one place, never break the server.

The schemas of the OpenAPI document leave much open - the fields of records, the parts of messages - so requests made
from them (`test_openapi.py`) are refused early. These start from the document's examples.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saga_agent.models.script import Say
from tests.acceptance.server.town import ADD_TOVE, a_town, settle_ada

ODD_TEXT = st.one_of(
    st.sampled_from(
        [
            "",
            "0",
            "-1",
            "null",
            "true",
            "..",
            "../../etc/passwd",
            "a/b",
            "%00",
            "\x00",
            "é",
            "😀",
            "\ud800",
            "x" * 5000,
            "' OR 1=1 --",
            "{}",
            "[]",
            "1e999",
            "NaN",
            "9" * 400,
            "\r\nx: y",
            "chat-1",
        ]
    ),
    st.text(max_size=20),
)
NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([2**63, -(2**63) - 1, 10**400, 1e308]))
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | ODD_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ODD_TEXT, inner, max_size=4),
    max_leaves=8,
)
MORE = {
    "id",
    "message",
    "messages",
    "trigger",
    "messageId",
    "approvals",
    "projectId",
    "parts",
    "role",
    "text",
    "name",
    "number",
    "type",
    "kind",
    "state",
    "scenes",
    "fields",
    "aliases",
    "replies",
    "expected_rev",
    "expectedRev",
    "self",
    "project_id",
    "record_id",
    "owner_id",
}


UNDECLARED = ["self", "project_id", "After", "nothing", "projectId"]


@dataclass(frozen=True)
class Operation:
    """One operation of the document that takes a body."""

    method: str
    path: str
    examples: tuple[Any, ...]


def operations(document: Mapping[str, Any]) -> list[Operation]:
    return [
        Operation(method, path, tuple(examples_of(said, document)))
        for path, listed in document["paths"].items()
        for method, said in listed.items()
        if "requestBody" in said
    ]


def examples_of(said: Mapping[str, Any], document: Mapping[str, Any]) -> list[Any]:
    content = said.get("requestBody", {}).get("content", {}).get("application/json", {})
    reference = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    schema = document["components"]["schemas"].get(reference, {})
    parts = {name: each["examples"][0] for name, each in schema.get("properties", {}).items() if "examples" in each}
    return [*([content["example"]] if "example" in content else []), *schema.get("examples", []), parts]


@st.composite
def requests(draw: st.DrawFn, operation: Operation, held: Mapping[str, str]) -> dict[str, Any]:
    """A request to the operation, on something there is: its example, bent somewhere."""
    path = operation.path
    for name, known in {**held, "record_id": held.get(path.split("/")[1], "")}.items():
        path = path.replace(f"{{{name}}}", known)
    query = {name: draw(ODD_TEXT) for name in draw(st.sets(st.sampled_from(UNDECLARED)))}
    return {
        "method": operation.method,
        "url": path,
        "params": cleaned(query),
        "content": draw(bent(operation.examples)),
        "headers": {"content-type": "application/json"},
    }


@st.composite
def bent(draw: st.DrawFn, examples: tuple[Any, ...]) -> bytes:
    body = json.loads(json.dumps(draw(st.sampled_from(examples))))
    for _ in range(draw(st.integers(0, 3))):
        place = body
        while isinstance(place, dict | list) and place and draw(st.booleans()):
            deeper = place[draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))]
            if not isinstance(deeper, dict | list):
                break
            place = deeper
        if isinstance(place, dict):
            place[draw(st.sampled_from(sorted(MORE | place.keys())))] = draw(ANYTHING)
        elif isinstance(place, list):
            place.append(draw(ANYTHING))
    return dumped(body)


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def cleaned(query: Mapping[str, str]) -> dict[str, str]:
    return {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}


@pytest.mark.slow
def test_no_body_breaks_the_server():
    with asyncio.Runner() as runner:
        town_of = a_town(ADD_TOVE, *[Say("Well.")] * 20_000, requests_per_minute=1e8, new_guests_per_hour=10**6)
        town = runner.run(town_of.__aenter__())
        try:
            client = runner.run(settle_ada(town))
            for operation in operations(town.app.openapi()):
                _storm(runner, client, operation, town.held)
        finally:
            runner.run(town_of.__aexit__(None, None, None))


def _storm(runner: asyncio.Runner, client: httpx.AsyncClient, operation: Operation, held: Mapping[str, str]) -> None:
    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(requests(operation, held))
    def send(request: dict[str, Any]) -> None:
        response = runner.run(client.request(**request))
        assert response.status_code < 500, f"{request}: {response.text}"

    send()
