"""React's strict mode, which development servers turn on: components are mounted, unmounted and mounted again."""

from __future__ import annotations

import pytest

from tests.clients.conftest import NEWEST, Play
from tests.clients.judging import assert_well, states, text_of
from tests.clients.playing import Driver, Json
from tests.clients.serving import Server


@pytest.fixture
def strict(sdk: Driver, shared: Server) -> Play:
    """`strict(scenario)` plays it in strict mode."""

    def play(scenario: str) -> Json:
        seen = sdk.play(scenario, shared.url, strict_mode=True)
        assert seen["mounts"] == 2
        return seen

    return play


@pytest.fixture
def takes_up_once(sdk: Driver) -> None:
    if sdk.release not in NEWEST:
        pytest.skip(f"{sdk.release} follows both streams when it is mounted twice, and mixes them")


def test_a_turn_is_posted_once(strict: Play):
    assert_well(strict("send"), posts=1)


def test_an_approval_is_posted_once(strict: Play):
    seen = strict("approve")

    assert_well(seen, posts=2)
    assert states(seen, "create_entity") == ["output-available"]


def test_a_tool_of_the_page_runs_once(strict: Play):
    seen = strict("client_tool")

    assert_well(seen, posts=2)
    assert seen["opened"] == [{"panel": "map"}]


@pytest.mark.usefixtures("takes_up_once")
@pytest.mark.parametrize("scenario", ["reload_in_mid_answer", "come_back_in_mid_answer", "second_viewer"])
def test_an_answer_under_way_is_shown_once(strict: Play, scenario: str):
    seen = strict(scenario)

    assert_well(seen, posts=0)
    assert text_of(seen["messages"][1]).count("'Tove'") == 1


@pytest.mark.usefixtures("takes_up_once")
def test_an_answer_that_goes_on_after_an_approval_is_shown_once(strict: Play):
    seen = strict("reload_after_an_approval")

    assert_well(seen, posts=0)
    assert states(seen, "create_entity") == ["output-available"] * 4
