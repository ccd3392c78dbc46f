"""Servers in processes of their own: `saga serve`, and what it is measured beside."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from benchmarks.over_http.client import SERVICE_KEY

_SAGA = Path(sys.executable).with_name("saga")
_ROOT = Path(__file__).parent.parent.parent
_END_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server under way."""

    url: str
    process: psutil.Process
    log: Path

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the process since it was started, all threads, the kernel's work for it included."""
        times = self.process.cpu_times()
        return times.user + times.system

    @property
    def resident_mib(self) -> float:
        """The resident set."""
        return self.process.memory_info().rss / 2**20

    def end(self) -> None:
        """Tells the server to end (SIGTERM) and waits until it has."""
        self.process.terminate()
        self.process.wait(_END_SECONDS)

    def unsent_bytes(self, port: int) -> int:
        """What the kernel holds for the client at that port and the client does not take."""
        mine = f":{int(self.url.rpartition(':')[2]):04X}"
        rows = (line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:])
        queues = [row[4] for row in rows if row[1].endswith(mine) and row[2].endswith(f":{port:04X}")]
        return sum(int(queue.partition(":")[0], 16) for queue in queues)


def database_in(folder: Path) -> str:
    """Where `saga_serve` keeps everything, for who writes something before it starts."""
    return f"sqlite+aiosqlite:///{folder}/serve.db"


@contextmanager
def saga_serve(folder: Path, model: str, *, max_streams: int = 20) -> Generator[Served]:
    """`saga serve` on SQLite, for a service that acts for as many writers as there are."""
    options = ["--port", "0", "--database", database_in(folder), "--model", model, "--max-streams", str(max_streams)]
    with _serving([str(_SAGA), "serve", *options], folder) as served:
        yield served


@contextmanager
def langgraph_serve(folder: Path, url: str, model: str) -> Generator[Served]:
    """Raw langgraph on its SQLite saver, behind the simplest endpoint."""
    module = [sys.executable, "-m", "benchmarks.peers.langgraph_http"]
    with _serving([*module, url, model, f"{folder}/langgraph.db"], folder) as served:
        yield served


@contextmanager
def _serving(command: Sequence[str], folder: Path) -> Generator[Served]:
    key_hash = hashlib.sha256(SERVICE_KEY.encode()).hexdigest()
    auth = {"SAGA_AUTH": "service", "SAGA_SERVICE_KEY_SHA256": key_hash, "SAGA_REQUESTS_PER_MINUTE": "1e8"}
    log = folder / "server.log"
    with (
        log.open("a") as errors,
        subprocess.Popen(
            command,
            cwd=_ROOT,
            env={**os.environ, **auth},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            words = process.stdout.readline().split()
            if not words:
                told = log.read_text(encoding="utf-8")[-2000:]
                raise RuntimeError(f"the server ended with code {process.wait()} before it served: {told}")
            yield Served(words[-1], psutil.Process(process.pid), log)
        finally:
            process.terminate()
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
