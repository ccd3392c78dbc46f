"""`saga maintenance`: jobs that keep a database in order, run by hand or by a timer."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from saga_agent.cli.options import (
    DEFAULT_DATABASE,
    DEFAULT_MODEL,
    DEFAULT_RETRIEVAL,
    AsJson,
    Database,
    Embeddings,
    Model,
    ProjectName,
    Retrieval,
)
from saga_agent.cli.session import open_saga, pick_project

if TYPE_CHECKING:  # start-up cost: `saga --help` must not load the library
    from saga_agent.app import Saga

app = typer.Typer(help="Run a job that keeps the database in order.", no_args_is_help=True, rich_markup_mode=None)


class MaintenanceJob(StrEnum):
    """What can be run."""

    REAP = "reap"
    REINDEX = "reindex"


class Recovery(StrEnum):
    """What becomes of a run whose process died."""

    RESUME = "resume"
    INTERRUPT = "interrupt"


@app.command("run", epilog="Example: saga maintenance run reap --recovery interrupt")
def run(
    job: Annotated[
        MaintenanceJob,
        typer.Argument(help="reap: take up runs whose process died; reindex: make a project's search index anew."),
    ],
    recovery: Annotated[
        Recovery,
        typer.Option(
            envvar="SAGA_RECOVERY", help="Go on from the last step, or keep what was written and end the run."
        ),
    ] = Recovery.RESUME,
    project: ProjectName = None,
    as_json: AsJson = False,
    model: Model = DEFAULT_MODEL,
    retrieval: Retrieval = DEFAULT_RETRIEVAL,
    embeddings: Embeddings = None,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Run one job and wait for it.

    `reap` takes up the runs whose process died; resumed runs are answered by --model. `reindex` makes the search index
    of --project anew: the full text, and with --retrieval qdrant:URL the vectors, too.
    """
    with open_saga(database, model=model, recovery=recovery.value, retrieval=retrieval, embeddings=embeddings) as saga:
        if job is MaintenanceJob.REAP:
            _reap(saga, as_json=as_json)
        else:
            _reindex(saga, project, as_json=as_json)


def _reap(saga: Saga, *, as_json: bool) -> None:
    from saga_agent.cli.rendering.console import print_json_list  # start-up cost: rich

    ended = saga.run_sync(saga.reap())
    if as_json:
        return print_json_list(ended)
    for each in ended:
        print(f"{each.id}  {each.state}" + (f"  {each.reason}" if each.reason else ""))
    print(f"{len(ended)} run(s) taken up." if ended else "No run was left by a process that died.")


def _reindex(saga: Saga, project: str | None, *, as_json: bool) -> None:
    from saga_agent.cli.rendering.console import print_json, stderr  # start-up cost: rich
    from saga_agent.cli.rendering.progress import show_progress

    found = pick_project(saga, project)
    with show_progress(stderr()) as progress:
        count = saga.run_sync(saga.story.documents.reindex(found.id, progress=progress))
    if as_json:
        return print_json({"project": found.id, "documents": count})
    print(f"{count} document(s) of {found.name} indexed anew.")


@app.command("ls", epilog="Example: saga maintenance ls")
def list_jobs() -> None:
    """List the jobs there are."""
    print("reap     Take up runs whose process died: resume them, or keep what they wrote.")
    print("reindex  Make the search index of a project anew, by words and by meaning.")
