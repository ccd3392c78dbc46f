"""`saga threads`: the conversations about a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database, Limit, ProjectName
from saga_agent.cli.session import open_saga, pick_project

if TYPE_CHECKING:  # start-up cost: the library is loaded when the command runs
    from saga_agent.domain.journal import Thread

app = typer.Typer(help="List threads and show what was said.", no_args_is_help=True, rich_markup_mode=None)


@app.command("ls", epilog="Example: saga threads ls --project alice")
def list_threads(
    project: ProjectName = None, limit: Limit = 20, as_json: AsJson = False, database: Database = DEFAULT_DATABASE
) -> None:
    """List the threads, the newest first."""
    from saga_agent.cli.rendering.console import print_json_list, stdout  # start-up cost: rich
    from saga_agent.cli.rendering.tables import build_table
    from saga_agent.cli.rendering.words import when

    with open_saga(database) as saga:
        project_id = pick_project(saga, project).id if project else None
        threads: tuple[Thread, ...] = saga.run_sync(saga.threads.list(project_id=project_id, limit=limit)).items
        names = {each.id: each.name for each in saga.run_sync(saga.story.projects.list(limit=1000)).items}
    if as_json:
        return print_json_list(threads)
    rows = [
        (each.id, names.get(each.project_id, each.project_id), each.title, when(each.created_at)) for each in threads
    ]
    stdout().print(build_table("thread", "project", "title", "begun", rows=rows))


@app.command("show", epilog="Example: saga threads show thr_...")
def show_thread(
    thread: Annotated[str, typer.Argument(metavar="THREAD_ID")],
    limit: Limit = 50,
    as_json: AsJson = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Show the last messages of a thread."""
    from saga_agent.cli.rendering.console import print_json_list, stdout  # start-up cost: rich
    from saga_agent.cli.rendering.messages import print_message

    with open_saga(database) as saga:
        messages = saga.run_sync(saga.threads.messages(thread, limit=limit))
    if as_json:
        return print_json_list(messages)
    console = stdout()
    for message in messages:
        print_message(message, console)
