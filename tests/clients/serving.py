"""`saga serve` as a process that can be killed and started anew on its database."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Self

from tests.acceptance.commands import SAGA, Terminal, read_until

_TIMEOUT_SECONDS = 60


class Server:
    """A server in a folder of its own."""

    def __init__(self, folder: Path, *, model: str) -> None:
        self._terminal, self._model = Terminal(folder, {}), model
        self.url = ""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> Self:
        """Starts it on a free port."""
        command = [SAGA, "serve", "--port", "0", "--database", "saga.db", "--model", self._model]
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self._terminal.folder,
                env=self._terminal.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        try:
            self.url = read_until(self._process, "Saga Agent serves at ").split()[-1]
        except AssertionError as error:
            self.kill()
            raise AssertionError(self.log.read_text(encoding="utf-8")) from error
        return self

    def kill(self) -> None:
        """Ends it at once, as a machine that loses its power does."""
        self._process.kill()
        self._process.communicate(timeout=_TIMEOUT_SECONDS)

    def replaced(self) -> str:
        """Kills it and starts another one; gives the new URL."""
        self.kill()
        return self.start().url

    @property
    def log(self) -> Path:
        """What it logged."""
        return self._terminal.folder / "server.log"
