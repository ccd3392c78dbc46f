"""`saga streams`: the logs of messages, row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database, Limit
from saga_agent.cli.session import open_saga

if TYPE_CHECKING:  # start-up cost: the library is loaded when the command runs
    from saga_agent.app import Saga
    from saga_agent.cli.rendering.stream_rows import LogRow
    from saga_agent.domain.journal import Stream

app = typer.Typer(help="List streams and replay one.", no_args_is_help=True, rich_markup_mode=None)


@app.command("ls", epilog="Example: saga streams ls")
def list_streams(limit: Limit = 20, as_json: AsJson = False, database: Database = DEFAULT_DATABASE) -> None:
    """List the streams, the newest first."""
    from saga_agent.cli.rendering.console import print_json_list, stdout  # start-up cost: rich
    from saga_agent.cli.rendering.tables import build_table, state_text

    with open_saga(database) as saga:
        streams = saga.run_sync(_newest(saga, limit))
    if as_json:
        return print_json_list(streams)
    rows = [(each.id, each.run_id, state_text(each.state), each.last_seq) for each in streams]
    stdout().print(build_table("stream", "run", "state", "#rows", rows=rows))


@app.command("show", epilog="Example: saga streams show str_... --json")
def show_stream(
    stream: Annotated[str, typer.Argument(metavar="STREAM_ID", help="A stream's id, or its run's.")],
    after: Annotated[int, typer.Option(min=0, help="Only rows after this one.")] = 0,
    as_json: AsJson = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Replay a stream, row by row.

    Text that a killed runner left behind is shown too, marked ✗.
    """
    from saga_agent.cli.rendering.console import print_json_line, stdout  # start-up cost: rich
    from saga_agent.cli.rendering.stream_rows import row_lines

    with open_saga(database) as saga:
        rows = saga.run_sync(_rows(saga, stream, after=after))
    if as_json:
        for row in rows:
            print_json_line(row.to_dict())
        return
    console = stdout()
    for line in row_lines(rows):
        console.print(line, soft_wrap=True)


async def _newest(saga: Saga, limit: int) -> list[Stream]:
    return [await saga.storage.journal.streams.get(run.stream_id) for run in await saga.runs(limit=limit)]


async def _rows(saga: Saga, reference: str, *, after: int) -> list[LogRow]:
    """The stream's rows; where they are gone, the message as the rows that would tell it."""
    from saga_agent.cli.rendering.stream_rows import LogRow, mark_void  # start-up cost: rich
    from saga_agent.domain.journal import END_STATES, Delta

    streams = saga.storage.journal.streams
    run_id = reference if reference.startswith("run_") else (await streams.get(reference)).run_id
    stream_id = (await saga.run(run_id)).stream_id  # whose it is, is checked here
    rows: list[Delta] = []
    while page := await streams.read(stream_id, after=rows[-1].seq if rows else 0):
        rows += page
    if not rows and (await streams.get(stream_id)).state in END_STATES:
        return [LogRow(event.seq, 0, event.chunk, is_void=False) async for event in saga.follow(stream_id)]
    return [row for row in mark_void(stream_id, rows) if row.seq > after]
