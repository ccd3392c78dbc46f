"""What happens when a command is interrupted, killed, or finds its database in use."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing

import pytest

from tests.acceptance.commands import Terminal, interrupt, only_sentence, read_until

LISTING = "Who appears in chapter 1?"
SLOW = "offline:tps=2"
pytestmark = pytest.mark.slow  # every step is a process of its own


def streaming(terminal: Terminal):
    """A chat whose answer has begun, and comes slowly."""
    process = terminal.start("chat", "--agent", "revise", "--message", LISTING, "--model", SLOW, "--json")
    read_until(process, '"text-delta"')
    return process


def test_ctrl_c_stops_the_run_and_keeps_what_it_wrote(kennels: Terminal):
    process = streaming(kennels)

    out, err = interrupt(process)

    (run,) = kennels.json("runs", "ls")
    *_, answer = kennels.json("threads", "show", run["thread_id"])
    text = "".join(part["text"] for part in answer["parts"] if part["type"] == "text")
    assert process.returncode == 1
    assert (run["state"], run["reason"]) == ("stopped", "stopped by the writer")
    assert text.startswith("In ")
    assert text in out + "In Chapter 1: Low Water I find"
    assert "Traceback" not in err


def test_a_killed_turn_is_resumed_in_a_second_process(kennels: Terminal):
    process = streaming(kennels)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (killed,) = kennels.json("runs", "ls")

    done = kennels.run("runs", "resume", killed["id"])

    (run,) = kennels.json("runs", "ls")
    rows = kennels.run("streams", "show", run["id"]).stdout.splitlines()
    assert killed["state"] == "running"
    assert done.returncode == 0, done.stderr
    assert run["state"] == "finished"
    assert any("✗" in row and "In" in row for row in rows), "the killed text stays visible"
    assert any("rewind" in row for row in rows)
    answer = kennels.json("threads", "show", run["thread_id"])[-1]
    text = "".join(part["text"] for part in answer["parts"] if part["type"] == "text")
    assert text.count("In Chapter 1: Low Water I find") == 1


def test_a_killed_turn_goes_on_when_its_thread_does(kennels: Terminal):
    process = streaming(kennels)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    done = kennels.run("chat", "--continue", "--agent", "revise", "--message", "Where is Tam?")

    assert done.returncode == 0, done.stderr
    assert "here it goes on" in done.stderr
    assert [run["state"] for run in kennels.json("runs", "ls")] == ["finished", "finished"]


def test_a_pipe_that_closes_early_is_no_error(kennels: Terminal):
    process = kennels.start("tools", "ls")
    assert process.stdout is not None
    process.stdout.close()

    assert process.wait(timeout=60) in (0, 1)
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()


def test_debug_shows_where_an_error_came_from(terminal: Terminal):
    quiet = terminal.run("runs", "ls")
    loud = terminal.run("--debug", "runs", "ls")

    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr
    assert (quiet.returncode, loud.returncode) == (2, 2)


def test_a_locked_database_is_one_sentence_and_stays_as_it_is(kennels: Terminal):
    with closing(sqlite3.connect(kennels.folder / "saga.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        done = kennels.run("chat", "--message", LISTING)

    assert done.returncode == 1
    assert "locked by another process" in only_sentence(done.stderr)
    assert kennels.json("threads", "ls") == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_read_only_database_is_one_sentence(kennels: Terminal):
    before = (kennels.folder / "saga.db").read_bytes()
    (kennels.folder / "saga.db").chmod(0o444)
    kennels.folder.chmod(0o555)
    try:
        done = kennels.run("chat", "--message", LISTING)
    finally:
        kennels.folder.chmod(0o755)

    assert done.returncode == 1
    assert "saga.db" in only_sentence(done.stderr)
    assert (kennels.folder / "saga.db").read_bytes() == before
