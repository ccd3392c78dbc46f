"""Servers for the pages, and the releases of the AI SDK they are made with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.acceptance.serving import serving
from tests.clients.playing import Driver, Json, install
from tests.clients.serving import Server
from tests.servers.replies import Reply

Play = Callable[[str], Json]
NEWEST = ("5", "6", "7")
STRICT = ("5.0.0", "5.0.216", "6.0.230", "7.0.31")
"""Releases to which every field they do not know is fatal."""
PACE = "offline:tps=80"


@pytest.fixture(scope="session", params=[*NEWEST, *(pytest.param(each, marks=pytest.mark.slow) for each in STRICT)])
def sdk(request: pytest.FixtureRequest) -> Iterator[Driver]:
    """A release of `ai` with the `useChat` that goes with it; a bare number is the newest of that major."""
    install()
    driver = Driver(request.param)
    yield driver
    driver.end()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all pages that do it no harm."""
    with Server(tmp_path_factory.mktemp("server"), model=PACE) as server:
        yield server
        assert "Traceback" not in server.log.read_text(encoding="utf-8")


@pytest.fixture
def page(sdk: Driver, shared: Server) -> Play:
    """`page(scenario)` plays it and gives what the page saw."""
    return partial(sdk.play, url=shared.url)


@pytest.fixture(scope="session")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server to be killed; it speaks slowly, and another one takes its place."""
    with Server(tmp_path_factory.mktemp("mortal"), model="offline:tps=15") as server:
        yield server


@pytest.fixture(scope="session")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose model breaks off in mid-sentence."""
    broken = Reply.text("Half ", "a ", "sen", "tence.").stopped(4, "cut")
    with (
        serving(*[broken] * 100) as model,
        Server(tmp_path_factory.mktemp("failing"), model=f"openai:scripted@{model.url}") as server,
    ):
        yield server
