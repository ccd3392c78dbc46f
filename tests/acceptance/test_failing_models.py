"""A model that fails is one clear sentence, and what was said before stays."""

from __future__ import annotations

import json

import pytest

from tests.acceptance.commands import Terminal, only_sentence
from tests.acceptance.serving import serving
from tests.servers.replies import Reply

pytestmark = pytest.mark.slow  # every step is a process of its own


def chat(terminal: Terminal, model: str, *options: str):
    return terminal.run("chat", "--message", "Who is Mara?", "--model", model, *options)


def test_an_unreachable_model_is_named_with_its_address(kennels: Terminal):
    with serving() as server:
        url = server.url

    done = chat(kennels, f"openai:gone@{url}")

    assert done.returncode == 1
    sentence = only_sentence(done.stderr)
    assert url in sentence
    assert "cannot be reached" in sentence


@pytest.mark.parametrize(
    ("status", "message", "words"),
    [
        (401, "Incorrect API key provided", "key"),
        (404, "The model `nope` does not exist", "nope"),
        (400, "This prompt is not allowed", "This prompt is not allowed"),
    ],
)
def test_a_model_that_rejects_the_request_says_why(kennels: Terminal, status, message, words):
    with serving(*[Reply.error(status, message)] * 4) as server:
        done = chat(kennels, f"openai:nope@{server.url}")

    assert done.returncode == 1
    assert words in only_sentence(done.stderr)


def test_a_failed_turn_stays_in_the_history_and_the_thread_goes_on(kennels: Terminal):
    with serving(*[Reply.error(401, "Incorrect API key provided")] * 4) as server:
        chat(kennels, f"openai:nope@{server.url}")

    after = kennels.run("chat", "--continue", "--agent", "revise", "--message", "Who appears in chapter 1?")

    assert after.returncode == 0, after.stderr
    assert [run["state"] for run in kennels.json("runs", "ls")] == ["finished", "failed"]


def test_an_answer_that_breaks_off_is_kept_but_not_passed_off_as_whole(kennels: Terminal):
    broken = Reply.text("Mara is ", "the ", "keeper.").stopped(3, "cut")
    with serving(*[broken] * 4) as server:
        done = chat(kennels, f"openai:cut@{server.url}", "--json")

    result = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 1
    assert result["state"] == "failed"
    assert "Mara is the " in result["text"]
    only_sentence(done.stderr)


def test_arguments_that_do_not_parse_run_no_tool(kennels: Terminal):
    spoiled = Reply.calls(("create_entity", '{"type": "character", "name": "Ma'))
    with serving(spoiled, Reply.text("I could not add her.")) as server:
        done = chat(kennels, f"openai:half@{server.url}", "--yes")

    assert done.returncode == 0, done.stderr
    assert "I could not add her." in done.stdout
    assert kennels.json("projects", "ls")[0]["entities"] == 0


def test_the_key_comes_from_the_environment(kennels: Terminal):
    with serving(Reply.text("Hello.")) as server:
        terminal = Terminal(kennels.folder, {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": server.url})
        done = terminal.run("chat", "--message", "Hi", "--model", "openai:any")

    assert done.returncode == 0, done.stderr
    assert server.requests[0].headers["authorization"] == "Bearer sk-test"
