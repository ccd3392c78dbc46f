"""The Node project beside this file: installed once, and played against a server."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
Json = dict[str, Any]
_NODE_MAJOR = 20
_STAMP = HERE / "node_modules" / ".installed-from"
_INSTALL = ("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
_TIMEOUT_SECONDS = 300


def install() -> None:
    """Installs the Node project, unless it is; skips the test, with the reason, where that cannot be done."""
    if (reason := _why_not()) is not None:
        pytest.skip(reason)


@cache  # a machine without a network is asked once, not by each test
def _why_not() -> str | None:
    """Why there is no Node project to play; None when there is one."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "the real AI SDK clients need node and npm"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < _NODE_MAJOR:
        return f"the real AI SDK clients need Node {_NODE_MAJOR} or later; this is {version}"
    wanted = (HERE / "package.json").read_text(encoding="utf-8")
    with (HERE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test workers come here at once
        if _STAMP.exists() and _STAMP.read_text(encoding="utf-8") == wanted:
            return None
        try:
            done = subprocess.run(_INSTALL, cwd=HERE, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            return f"npm could not install the AI SDK in {_TIMEOUT_SECONDS} s"
        if done.returncode != 0:
            return f"npm could not install the AI SDK: {done.stderr.strip()[-300:]}"
        _STAMP.write_text(wanted, encoding="utf-8")
    return None


class Driver:
    """A process with one release of the AI SDK, which plays scenarios one after the other."""

    def __init__(self, release: str) -> None:
        self.release, self.major = release, int(release.partition(".")[0])
        self._process = subprocess.Popen(
            ["node", "driver.mjs", release], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def play(
        self, scenario: str, url: str, *, strict_mode: bool = False, replace: Callable[[], str] | None = None
    ) -> Json:
        """What the page saw; `replace` replaces the server, when the scenario wants it, and gives the new URL.

        In React's strict mode, the one that development servers turn on, each component is mounted twice.
        """
        told = self._ask(json.dumps({"scenario": scenario, "url": url, "strictMode": strict_mode}))
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
