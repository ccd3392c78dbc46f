"""The demo from curtain to curtain."""

from __future__ import annotations

import os
import shlex
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from rich.text import Text

from saga_agent.app import Saga
from saga_agent.cli.demonstration import acts
from saga_agent.cli.demonstration.script import DATABASE, PROJECT
from saga_agent.cli.demonstration.stage import Stage
from saga_agent.cli.rendering.tables import build_facts
from saga_agent.cli.session import open_saga
from saga_agent.domain.journal import Run
from saga_agent.errors import InvalidInput, RunFailed

_WORDS_PER_SECOND = 14.0
_TOLD = (
    "documents",
    "entities",
    "mentions",
    "passages",
    "messages",
    "runs",
    "requests",
    "tool_calls",
    "deltas",
    "checkpoints",
)
"""The tables that are counted, without their prefix."""


def play_demo(database: Path | None, *, speed: float | None, ask: bool, record: Path | None) -> None:
    """Tells the story on stdout, into a fresh database.

    Raises: `InvalidInput` for a file that exists, or a folder that does not; nothing is made then.
    """
    file = database or _free_file(Path(DATABASE))
    _check_place(file, record)
    stage = Stage(recorded=record is not None)
    pace = speed or (_WORDS_PER_SECOND if stage.is_watched else None)
    _open_curtain(stage, file)
    file.parent.mkdir(parents=True, exist_ok=True)
    with open_saga(str(file), model=f"offline:tps={pace:g}" if pace else "offline", creates=True) as saga:
        project = saga.run_sync(saga.story.projects.create(name=PROJECT))
        acts.import_novella(stage, saga, project)
        acts.show_cast(stage)
        acts.join_bible(stage, saga, project)
        run = acts.draft_scene(stage, saga, project, ask=ask)
        acts.show_entry(stage, saga, project)
        tokens = _tokens(saga, run)
    _show_storage(stage, file, run, tokens)
    _show_way_on(stage, file, run)
    if record is not None:
        stage.save(record)
    if run.state not in ("finished", "stopped", "waiting"):
        raise RunFailed(run.id, run.state, run.reason)


def _free_file(wanted: Path) -> Path:
    """The file, or the same name with the first number that is free: an earlier demo is never overwritten."""
    number, file = 1, wanted
    while file.exists():
        number += 1
        file = wanted.with_stem(f"{wanted.stem}-{number}")
    return file


def _check_place(file: Path, record: Path | None) -> None:
    if file.exists():
        raise InvalidInput(f"{str(file)!r} exists; the demo wants a new file, so that it changes none of yours.")
    if record is not None and not record.absolute().parent.is_dir():
        raise InvalidInput(f"The folder of {str(record)!r} is missing; make it first.")


def _open_curtain(stage: Stage, file: Path) -> None:
    stage.console.print(Text.assemble(("Saga Agent", "title"), "  the collaborator inside a writer's app"))
    stage.say(f"Everything you see is stored in {file}. The model is 'offline': rules, not a language model.")


def _tokens(saga: Saga, run: Run) -> str:
    usage = saga.run_sync(saga.run_sync(saga.run(run.id)).usage())
    spent = f"{sum(each.input_tokens for each in usage):,} in, {sum(each.output_tokens for each in usage):,} out"
    return f"{spent}, in {len(usage)} model calls"


def _show_storage(stage: Stage, file: Path, run: Run, tokens: str) -> None:
    stage.act("Where it all is")
    rows = ", ".join(_counted(count, table.replace("_", " ")) for table, count in _count_rows(file))
    facts = [
        ("database", f"{file} ({file.stat().st_size / 1024:,.0f} KB)"),
        ("rows", rows),
        ("run", run.id),
        ("stream", run.stream_id),
        ("thread", run.thread_id),
        ("tokens", tokens),
    ]
    stage.console.print(build_facts(facts))


def _count_rows(file: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return [
            (name, connection.execute(f"SELECT count(*) FROM saga_{name}").fetchone()[0])
            for name in _TOLD
            if f"saga_{name}" in tables
        ]


def _show_way_on(stage: Stage, file: Path, run: Run) -> None:
    stage.act("How to go on")
    saga, where = shlex.quote(_command()), f"--database {shlex.quote(str(file))}"
    for command in (
        f"{saga} chat --continue {where}",
        f"{saga} streams show {run.stream_id} {where}",
        f"{saga} runs show {run.id} {where}",
        f"{saga} chat --continue {where} --model openai:NAME",
    ):
        stage.console.print(Text(f"$ {command}", style="key"), soft_wrap=True)


def _command() -> str:
    """How this shell calls the program that is running: by name where the name leads to it, else by its path."""
    program, named = Path(sys.argv[0]), shutil.which("saga")
    if program.name != "saga" or (named is not None and Path(named).resolve() == program.resolve()):
        return "saga"
    return os.path.relpath(program) if program.absolute().is_relative_to(Path.cwd()) else str(program.absolute())


def _counted(count: int, rows: str) -> str:
    return f"1 {rows.removesuffix('s')}" if count == 1 else f"{count:,} {rows}"
