"""The installed command, in processes of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAGA = Path(sys.executable).with_name("saga")
DATA = Path(__file__).parents[3] / "shared" / "data"
ALICE = DATA / "11_alices_adventures_in_wonderland.txt"
_TIMEOUT_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Terminal:
    """A folder in which commands are run, with nothing of the developer's settings."""

    folder: Path
    variables: dict[str, str]

    def environment(self) -> dict[str, str]:
        """What a command sees."""
        private = ("SAGA_", "OPENAI_", "OPENROUTER_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(private)}
        return {**kept, "COLUMNS": "120", **self.variables}

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """The finished command."""
        return subprocess.run(
            [SAGA, *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_SECONDS,
            **options,
        )

    def json(self, *arguments: str) -> Any:
        """What a command that must succeed prints as JSON."""
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The command, under way in a process group of its own, so that Ctrl-C reaches it alone."""
        return subprocess.Popen(
            [SAGA, *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """What the process printed up to the line that holds these words."""
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if words in line:
            return seen
    raise AssertionError(f"{words!r} never came; there was {seen!r}")


def interrupt(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Ctrl-C, and what the process prints until it ends."""
    process.send_signal(signal.SIGINT)
    return process.communicate(timeout=_TIMEOUT_SECONDS)


def only_sentence(printed: str) -> str:
    """The one sentence on stderr; anything that looks like a traceback fails."""
    sentences: Sequence[str] = [line for line in printed.splitlines() if line.startswith("saga: ")]
    assert "Traceback" not in printed, printed
    assert len(sentences) == 1, printed
    return sentences[0]
