"""The Node project beside this file: installed once, and played against a server."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
Json = dict[str, Any]
_STAMP = HERE / "node_modules" / ".installed-from"
_TIMEOUT_SECONDS = 120


def install() -> None:
    """Installs the Node project, unless it is; skips the test where that cannot be done."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("the real AI SDK clients need node and npm")
    wanted = (HERE / "package.json").read_text(encoding="utf-8")
    with (HERE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test workers come here at once
        if _STAMP.exists() and _STAMP.read_text(encoding="utf-8") == wanted:
            return
        command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS)
        if done.returncode != 0:
            pytest.skip(f"npm could not install the AI SDK: {done.stderr.strip()[-300:]}")
        _STAMP.write_text(wanted, encoding="utf-8")


class Driver:
    """A process with one release of the AI SDK, which plays scenarios one after the other."""

    def __init__(self, release: str) -> None:
        self.release, self.major = release, int(release.partition(".")[0])
        self._process = subprocess.Popen(
            ["node", "driver.mjs", release], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def play(self, scenario: str, url: str, *, replace: Callable[[], str] | None = None) -> Json:
        """What the page saw; `replace` replaces the server, when the scenario wants it, and gives the new URL."""
        told = self._ask(json.dumps({"scenario": scenario, "url": url}))
        while "ask" in told:
            assert replace is not None, f"{scenario} wants to {told['ask']}"
            told = self._ask(replace())
        assert "failed" not in told, told["failed"]
        return told

    def end(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, line: str) -> Json:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(line, file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())
