"""A mutant on trial: its tests run on a copy of the repository, until one of them notices it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.mutants.mutations import Mutant
from tests.mutants.spine import Round

Verdict = Literal["noticed", "hangs", "survives"]
_COPIED = ("pyproject.toml", "saga_agent", "tests")
_QUIET = ("-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--no-header")
_PASSED = 0
_LEAST_SECONDS, _TIMES_AS_LONG = 60.0, 4.0
"""When tests hang: so many times what they take without a mutant, and no less than that."""
_PARTING_SECONDS = 15.0


class RedWithoutMutant(Exception):
    """The tests of a module fail without a mutant, or there are none: they could not tell one."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant."""

    mutant: Mutant
    verdict: Verdict
    seconds: float
    last: str
    """The last that the tests said which noticed it."""


class Bench:
    """A copy of the repository to break things in."""

    def __init__(self, root: Path, copy: Path) -> None:
        copy.mkdir()
        for name in _COPIED:
            if (source := root / name).is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, copy)
        self._copy = copy
        self._limits: dict[Round, float] = {}

    def try_out(self, mutant: Mutant, rounds: Sequence[Round]) -> Outcome:
        """Runs the tests on the mutant, round by round, until they notice it; `RedWithoutMutant`."""
        began = time.monotonic()
        for tests in rounds:
            if tests not in self._limits:
                self._limits[tests] = self._measure(tests)
            with self._in_place(mutant):
                code, said = self._run(tests, seconds=self._limits[tests])
            if code != _PASSED:
                last = said.strip().rpartition("\n")[2]
                return Outcome(mutant, "hangs" if code is None else "noticed", time.monotonic() - began, last)
        return Outcome(mutant, "survives", time.monotonic() - began, "")

    def _measure(self, tests: Round) -> float:
        """After how long these tests hang, by how long they take without a mutant."""
        began = time.monotonic()
        code, said = self._run(tests, seconds=None)
        if code != _PASSED:
            raise RedWithoutMutant(f"pytest {' '.join(tests)} ended with {code} without a mutant:\n{said[-2_000:]}")
        return max(_LEAST_SECONDS, _TIMES_AS_LONG * (time.monotonic() - began))

    @contextlib.contextmanager
    def _in_place(self, mutant: Mutant) -> Generator[None]:
        file = self._copy / mutant.module
        whole = file.read_text(encoding="utf-8")
        try:
            self._write(file, mutant.code)
            yield
        finally:
            self._write(file, whole)

    def _write(self, file: Path, code: str) -> None:
        file.write_text(code, encoding="utf-8")
        for compiled in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
            compiled.unlink()  # it counts as fresh when both were written in one second, and are of one size

    def _run(self, tests: Round, *, seconds: float | None) -> tuple[int | None, str]:
        """The exit code of pytest and what it said; None when it did not come to an end."""
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *_QUIET, *tests],
            cwd=self._copy,
            env={**os.environ, "PYTHONPATH": str(self._copy)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            errors="replace",
        )
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None, f"did not end within {seconds:.0f} s\n{_end(process)}"
        return process.returncode, said


def _end(process: subprocess.Popen[str]) -> str:
    """Interrupts it, so that it can end the servers it started; what does not heed that is killed."""
    for how in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=_PARTING_SECONDS)[0]
    return ""
