"""A real novel, from import to an answer that cites it, each command a process of its own."""

from __future__ import annotations

from saga_agent.models.offline import OfflineModel
from tests.acceptance.commands import ALICE, Terminal
from tests.acceptance.serving import serving

QUESTION = "Who appears in chapter 7?"
PEOPLE = ("Hatter", "March Hare", "Dormouse", "Alice")


def ask(terminal: Terminal, *options: str):
    return terminal.run("chat", "--project", "alice", "--agent", "revise", "--message", QUESTION, *options)


def check_answer(answer: str) -> None:
    assert all(name in answer for name in PEOPLE), answer
    assert "Chapter 7: A Mad Tea-Party" in answer
    quote = next(line.removeprefix("> ") for line in answer.splitlines() if line.startswith("> "))
    assert quote.rstrip("…") in " ".join(ALICE.read_text(encoding="utf-8-sig").replace("_", "").split())


def test_the_novel_has_twelve_chapters(wonderland: Terminal):
    report = wonderland.json("import", str(ALICE), "--project", "alice", "--dry-run")

    assert len(report["documents"]) == 12
    assert {each["action"] for each in report["documents"]} == {"unchanged"}
    assert report["documents"][6]["title"] == "Chapter 7: A Mad Tea-Party"


def test_the_offline_model_names_the_people_and_cites_the_passage(wonderland: Terminal):
    done = ask(wonderland)

    assert done.returncode == 0, done.stderr
    check_answer(done.stdout)


def test_a_model_behind_http_does_the_same(wonderland: Terminal):
    with serving(model=OfflineModel()) as server:
        done = ask(wonderland, "--model", f"openai:offline@{server.url}")

    assert done.returncode == 0, done.stderr
    assert len(server.requests) == 2
    check_answer(done.stdout)


def test_a_thread_goes_on_in_a_second_process(wonderland: Terminal):
    ask(wonderland)
    with serving(model=OfflineModel()) as server:
        done = wonderland.run(
            "chat",
            "--project",
            "alice",
            "--agent",
            "revise",
            "--continue",
            "--message",
            "And in chapter 2, who?",
            "--model",
            f"openai:offline@{server.url}",
        )

    said = [message["content"] for message in server.requests[0].body["messages"] if message["role"] == "user"]
    assert done.returncode == 0, done.stderr
    assert said[-2:] == [QUESTION, "And in chapter 2, who?"]
    assert "Mouse" in done.stdout


def test_the_cast_of_the_novel_is_found_without_a_database(terminal: Terminal, wonderland: Terminal):
    members = terminal.json("detect", str(ALICE))

    assert members[0]["name"] == "Alice"
    assert len(members[0]["chapters"]) == 12
    assert {"Queen", "Hatter", "Gryphon", "Mock Turtle"} <= {member["name"] for member in members}
    assert list(terminal.folder.iterdir()) == []


def test_everything_can_be_looked_at_afterwards(wonderland: Terminal):
    ask(wonderland)

    for noun in ("projects", "threads", "runs", "streams"):
        assert wonderland.json(noun, "ls"), noun
