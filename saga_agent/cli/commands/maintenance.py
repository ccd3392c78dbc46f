"""`saga maintenance`: jobs that keep a database in order, run by hand or by a timer."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, DEFAULT_MODEL, AsJson, Database, Model
from saga_agent.cli.session import open_saga

app = typer.Typer(help="Run a job that keeps the database in order.", no_args_is_help=True, rich_markup_mode=None)


class Job(StrEnum):
    """What can be run."""

    REAP = "reap"


class Recovery(StrEnum):
    """What becomes of a run whose process died."""

    RESUME = "resume"
    INTERRUPT = "interrupt"


@app.command("run", epilog="Example: saga maintenance run reap --recovery interrupt")
def run(
    job: Annotated[Job, typer.Argument(help="reap: take up runs whose process died.")],
    recovery: Annotated[
        Recovery, typer.Option(help="Go on from the last step, or keep what was written and end the run.")
    ] = Recovery.RESUME,
    as_json: AsJson = False,
    model: Model = DEFAULT_MODEL,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Run one job and wait for it.

    `reap` takes up the runs whose process died; resumed runs are answered by --model.
    """
    from saga_agent.cli.rendering.console import print_json_list  # start-up cost: rich

    with open_saga(database, model=model, recovery=recovery.value) as saga:
        ended = saga.run_sync(saga.reap())
    if as_json:
        return print_json_list(ended)
    for each in ended:
        print(f"{each.id}  {each.state}" + (f"  {each.reason}" if each.reason else ""))
    print(f"{len(ended)} run(s) taken up." if ended else "No run was left by a process that died.")


@app.command("ls", epilog="Example: saga maintenance ls")
def list_jobs() -> None:
    """List the jobs there are."""
    print("reap  Take up runs whose process died: resume them, or keep what they wrote.")
