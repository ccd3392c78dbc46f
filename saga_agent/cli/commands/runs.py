"""`saga runs`: the turns that were executed, and those that still are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, DEFAULT_MODEL, AsJson, Database, Limit, Model
from saga_agent.cli.session import open_saga

if TYPE_CHECKING:  # start-up cost: the library is loaded when the command runs
    from saga_agent.domain.journal import Run

app = typer.Typer(help="List runs; show, stop or resume one.", no_args_is_help=True, rich_markup_mode=None)
RunId = Annotated[str, typer.Argument(metavar="RUN_ID")]


@app.command("ls", epilog="Example: saga runs ls --limit 5")
def list_runs(
    thread: Annotated[str | None, typer.Option(metavar="ID", help="Only runs of this thread.")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """List the runs, the newest first."""
    from saga_agent.cli.rendering.console import print_json_list, stdout  # start-up cost: rich
    from saga_agent.cli.rendering.run_details import run_table

    with open_saga(database) as saga:
        if thread is not None:
            saga.run_sync(saga.threads.get(thread))
        runs = saga.run_sync(saga.runs(thread_id=thread, limit=limit))
    if as_json:
        return print_json_list(runs)
    stdout().print(run_table(runs))


@app.command("show", epilog="Example: saga runs show run_...")
def show_run(run_id: RunId, as_json: AsJson = False, database: Database = DEFAULT_DATABASE) -> None:
    """Show a run: calls, requests, answers, tokens."""
    from saga_agent.cli.rendering.console import print_json, stdout  # start-up cost: rich
    from saga_agent.cli.rendering.run_details import load_details, print_details

    with open_saga(database) as saga:
        details = saga.run_sync(load_details(saga, run_id))
    if as_json:
        return print_json(details.to_dict())
    print_details(details, stdout())


@app.command("stop", epilog="Example: saga runs stop run_...")
def stop_run(run_id: RunId, as_json: AsJson = False, database: Database = DEFAULT_DATABASE) -> None:
    """Stop a run and keep what it wrote."""
    from saga_agent.cli.rendering.console import print_json  # start-up cost: rich

    with open_saga(database) as saga:
        handle = saga.run_sync(saga.run(run_id))
        saga.run_sync(saga.stop(run_id))
        run: Run = saga.run_sync(handle.state())
    if as_json:
        return print_json(run)
    asked = " was asked to stop; the process that runs it ends it within a second" if run.state == "running" else ""
    print(f"Run {run_id}{asked}." if asked else f"Run {run_id} is {run.state}.")


@app.command("resume", epilog="Example: saga runs resume run_...")
def resume(
    run_id: RunId, as_json: AsJson = False, model: Model = DEFAULT_MODEL, database: Database = DEFAULT_DATABASE
) -> None:
    """Go on with a run whose process died or failed."""
    with open_saga(database, model=model) as saga:
        from saga_agent.cli.conversation.entry import resume_run  # start-up cost: rich and the domain

        code = resume_run(saga, run_id, as_json=as_json, database=database, model=model)
    raise typer.Exit(code)
