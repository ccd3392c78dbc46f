"""`saga serve` as a process: killed, told to end, started again."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.acceptance.commands import Terminal, only_sentence, read_until
from tests.acceptance.serving import serving as model_server
from tests.servers.replies import Reply
from tests.unit.server.strict_client import Json, StrictClient, read_events

pytestmark = pytest.mark.slow  # every server is a process of its own
WORDS = "What can you do?"


class Server:
    """A running `saga serve`."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, trust_env=False, timeout=60)

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Its exit code and its log."""
        self.process.send_signal(how)
        _, log = self.process.communicate(timeout=60)
        return self.process.returncode, log


@contextmanager
def serving(terminal: Terminal, *options: str) -> Iterator[Server]:
    process = terminal.start("serve", "--port", "0", *options)
    try:
        url = read_until(process, "Saga Agent serves at ").split()[-1]
        yield Server(process, url)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def body(text: str = WORDS) -> Json:
    return {"id": "chat-1", "messages": [{"id": "m1", "role": "user", "parts": [{"type": "text", "text": text}]}]}


def read_some(server: Server, deltas: int) -> list[Json]:
    """The events of a turn up to so many pieces of text; then the reader leaves."""
    seen: list[Json] = []
    with server.client() as client, client.stream("POST", "/ai/saga", json=body()) as response:
        for line in response.iter_lines():
            if line.startswith("data: {"):
                seen.append(json.loads(line.removeprefix("data: ")))
            if sum(event["type"] == "text-delta" for event in seen) >= deltas:
                return seen
    raise AssertionError(f"too short an answer: {seen}")


def resume(server: Server) -> StrictClient:
    with server.client() as client:
        response = client.get("/ai/saga/chat-1/stream")
    assert response.status_code == 200, (response.status_code, response.text)
    page = StrictClient(6)
    page.read(read_events(response.text))
    return page


def history(server: Server) -> list[Json]:
    with server.client() as client:
        return client.get("/ai/saga/chat-1/messages").json()["messages"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_an_answer_whose_server_ends_is_told_whole_and_once_by_the_next(terminal: Terminal, how: signal.Signals):
    with serving(terminal, "--model", "offline:tps=8") as server:
        seen = read_some(server, deltas=4)
        server.end(how)
    with serving(terminal, "--model", "offline:tps=40") as server:
        page = resume(server)
        remembered = history(server)

    assert page.message is not None
    assert page.message["id"] == seen[0]["messageId"]
    begun = "".join(event["delta"] for event in seen if event["type"] == "text-delta")
    assert page.text.startswith(begun)
    assert page.text.count("I find nothing") == 1
    assert [message["role"] for message in remembered] == ["user", "assistant"]
    assert [part["text"] for part in remembered[1]["parts"] if part["type"] == "text"] == [page.text]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_reader_of_a_server_that_ends_sees_a_broken_connection(terminal: Terminal, how: signal.Signals):
    broken: list[BaseException] = []
    begun = threading.Event()

    def read(server: Server) -> None:
        try:
            with server.client() as client, client.stream("POST", "/ai/saga", json=body()) as response:
                for line in response.iter_lines():
                    if "text-delta" in line:
                        begun.set()
        except httpx.TransportError as error:
            broken.append(error)

    with serving(terminal, "--model", "offline:tps=8") as server:
        reader = threading.Thread(target=read, args=(server,))
        reader.start()
        assert begun.wait(timeout=60)
        code, log = server.end(how)
        reader.join(timeout=60)

    assert len(broken) == 1, "a clean end would show half an answer as whole"
    assert code == -how
    assert "Traceback" not in log


def test_a_reader_who_takes_nothing_does_not_keep_it_from_ending(terminal: Terminal):
    """Its answer is written all the same, and the process ends before the HTTP server's own patience does."""
    answer = "word " * 3_000_000  # more than the kernel takes for a reader
    text = json.dumps(body()).encode()
    head = f"POST /ai/saga HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(text)}\r\n"
    with (
        model_server(Reply.text(answer)) as model,
        serving(terminal, "--model", f"openai:m@{model.url}") as server,
        socket.create_connection(("127.0.0.1", httpx.URL(server.url).port or 0)) as reader,
    ):
        reader.sendall(f"{head}content-type: application/json\r\n\r\n".encode() + text)
        assert reader.recv(1000).startswith(b"HTTP/1.1 200")
        while len(told := history(server)) < 2:
            time.sleep(0.05)

        server.process.send_signal(signal.SIGTERM)
        server.process.wait(timeout=8)

    assert told[1]["parts"][-1]["text"] == answer


def test_ctrl_c_ends_it_well_and_quietly(terminal: Terminal):
    with serving(terminal, "--log-json") as server:
        with server.client() as client:
            assert client.post("/ai/saga", json=body()).status_code == 200
        code, log = server.end(signal.SIGINT)

    lines = [json.loads(line) for line in log.splitlines()]
    assert code == 0
    assert any("run_id" in line for line in lines)
    assert {line["level"] for line in lines} == {"info"}


def test_a_request_waits_for_its_answer_across_servers(terminal: Terminal):
    def parts(page: StrictClient) -> list[Json]:
        return [
            {**part, "state": "approval-responded", "approval": {**part["approval"], "approved": True}}
            if "approval" in part
            else part
            for part in page.parts
        ]

    page = StrictClient(6)
    with serving(terminal) as server, server.client() as client:
        page.read(read_events(client.post("/ai/saga", json=body("Add Tove as a character.")).text))
        server.end(signal.SIGKILL)
    with serving(terminal) as server, server.client() as client:
        assert client.get("/ai/saga/chat-1/stream").status_code == 204
        assert page.message is not None
        answered = {**page.message, "parts": parts(page)}
        page.read(read_events(client.post("/ai/saga", json={"id": "chat-1", "message": answered}).text))
        names = [each["name"] for each in client.get("/entities").json()["items"]]

    assert page.call("create_entity")["state"] == "output-available"
    assert names == ["Tove"]


def test_only_this_machine_is_served_without_authentication(terminal: Terminal):
    done = terminal.run("serve", "--host", "0.0.0.0", "--port", "0")

    assert done.returncode == 2
    assert "Without authentication" in only_sentence(done.stderr)


def test_a_port_in_use_is_named(terminal: Terminal):
    with serving(terminal) as server:
        port = server.url.rpartition(":")[2]
        done = terminal.run("serve", "--port", port)

    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in only_sentence(done.stderr)


def test_a_database_that_cannot_be_opened_is_one_sentence(terminal: Terminal, tmp_path: Path):
    (tmp_path / "novel.db").write_text("This is no database. " * 100)

    done = terminal.run("serve", "--database", "novel.db", "--port", "0")

    assert done.returncode == 1
    assert "novel.db" in only_sentence(done.stderr)


def test_the_chosen_sdk_is_the_one_of_requests_that_do_not_say(terminal: Terminal):
    with serving(terminal, "--sdk-version", "5") as server, server.client() as client:
        as_5 = client.post("/ai/saga", json=body("Add Tove as a character."))
        as_7 = client.post(
            "/ai/saga", json={**body("Add Tam as a character."), "id": "chat-2"}, headers={"x-saga-sdk": "7"}
        )

    assert "data-approval" in as_5.text
    assert "tool-approval-request" in as_7.text
