"""The server keeps to its own OpenAPI document, whatever is sent: schemathesis makes the requests, and judges."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from saga_agent.models.script import Say
from tests.acceptance.server.town import ADD_TOVE, a_town, settle_ada

NOT_TOLD = ("positive_data_acceptance",)
"""What a schema cannot tell: which ids there are, which fields go together."""


@dataclass
class Visitor:
    """Calls the server as Ada, who has a record of every kind, and a run that waits."""

    runner: asyncio.Runner
    client: httpx.AsyncClient
    held: dict[str, str]
    operations: list[APIOperation]

    def visit(self, operation: APIOperation, mode: GenerationMode, *, examples: int, is_random: bool) -> None:
        """Sends so many requests that fit the operation's description, or break it in one place."""

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=not is_random,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), meant=st.booleans())
        def send(case: Case, meant: bool) -> None:
            if meant and mode is GenerationMode.POSITIVE:
                case.path_parameters |= {name: self.id_of(operation, name) for name in case.path_parameters}
            response = self.runner.run(self.client.send(self.request(case)))
            case.validate_response(response, checks=checks())

        try:
            send()
        except Unsatisfiable:
            assert mode is GenerationMode.NEGATIVE, "there is no way to call it wrongly"

    def id_of(self, operation: APIOperation, parameter: str) -> str:
        """Something that there is, for that parameter of the path."""
        kind = operation.path.split("/")[1]
        return self.held[kind if parameter == "record_id" else parameter]

    def request(self, case: Case) -> httpx.Request:
        """The request as another client would send it."""
        made = case.as_transport_kwargs(base_url=str(self.client.base_url))
        content = {"content": made["data"]} if "data" in made else {"json": made["json"]} if "json" in made else {}
        return self.client.build_request(
            made["method"], made["url"], params=made.get("params"), headers=dict(made.get("headers") or {}), **content
        )


def checks() -> list:
    load_all_checks()
    return [check for check in CHECKS.get_all() if check.__name__ not in NOT_TOLD]


@contextmanager
def a_visitor() -> Iterator[Visitor]:
    with asyncio.Runner() as runner:
        town_of = a_town(
            ADD_TOVE, *[Say("Well.")] * 20_000, requests_per_minute=1e8, request_burst=10**8, new_guests_per_hour=10**6
        )
        town = runner.run(town_of.__aenter__())
        try:
            client = runner.run(settle_ada(town))
            document = schemathesis.openapi.from_dict(town.app.openapi())
            found = [result.ok() for result in document.get_all_operations() if isinstance(result, Ok)]
            assert len(found) == sum(len(listed) for listed in town.app.openapi()["paths"].values())
            # What removes Ada's things comes last, and of that her project.
            found.sort(key=lambda each: (each.method.upper() == "DELETE", each.path.startswith("/projects")))
            yield Visitor(runner, client, town.held, found)
        finally:
            runner.run(town_of.__aexit__(None, None, None))


def visit_all(*, examples: int, is_random: bool) -> None:
    with a_visitor() as visitor:
        for operation in visitor.operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                visitor.visit(operation, mode, examples=examples, is_random=is_random)


def test_every_operation_keeps_to_the_document():
    visit_all(examples=3, is_random=False)


@pytest.mark.slow
def test_every_operation_keeps_to_the_document_under_many_requests():
    visit_all(examples=60, is_random=True)
