"""`saga answer`: answers a request of a waiting run without a dialogue."""

from __future__ import annotations

from typing import Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, DEFAULT_MODEL, AsJson, Database, Model
from saga_agent.cli.session import open_saga
from saga_agent.errors import InvalidInput

_EXAMPLE = "Example: saga answer run_... req_... --approve"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EXAMPLE)(answer)


def answer(
    run_id: Annotated[str, typer.Argument(metavar="RUN_ID")],
    request_id: Annotated[str, typer.Argument(metavar="REQUEST_ID")],
    approve: Annotated[bool, typer.Option("--approve", help="Let the call run as it is.")] = False,
    grant: Annotated[
        str | None,
        typer.Option(metavar="TERMS", help="With --approve: what else is allowed, e.g. 'project name=M*' or 'any'."),
    ] = None,
    deny: Annotated[str | None, typer.Option(metavar="WHY", help="Refuse the call; the agent reads why.")] = None,
    edit: Annotated[str | None, typer.Option(metavar="JSON", help="Let the call run with these arguments.")] = None,
    option: Annotated[list[str] | None, typer.Option(metavar="ID", help="Choose this option; may be repeated.")] = None,
    text: Annotated[str | None, typer.Option(help="Answer a question that has no options.")] = None,
    note: Annotated[str | None, typer.Option(help="A note beside the chosen options.")] = None,
    dismiss: Annotated[bool, typer.Option("--dismiss", help="Put the question aside.")] = False,
    shown: Annotated[bool, typer.Option("--shown", help="What runs on the page was shown.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Refuse, and stop the whole run.")] = False,
    as_json: AsJson = False,
    model: Model = DEFAULT_MODEL,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Answer a waiting run's approval or question.

    What follows is shown as in 'saga chat'. Requests that stay open are listed, with exit code 1.
    """
    given = {
        "--approve": approve,
        "--deny": deny is not None,
        "--edit": edit is not None,
        "--option or --text": bool(option) or text is not None,
        "--dismiss": dismiss,
        "--shown": shown,
        "--stop": stop,
    }
    if sum(given.values()) != 1:
        raise InvalidInput(f"Give one answer: {', '.join(given)}.")
    if note is not None and not given["--option or --text"]:
        raise InvalidInput("--note goes with --option or --text; a reason to refuse goes with --deny.")
    if grant is not None and not approve:
        raise InvalidInput("--grant goes with --approve.")
    with open_saga(database, model=model) as saga:
        from saga_agent.cli.conversation.entry import answer_request  # start-up cost: rich and the domain
        from saga_agent.cli.conversation.typed import Given

        reply = Given(
            approve=approve,
            grant=grant,
            deny=deny,
            edit=edit,
            option_ids=option or (),
            text=text,
            note=note,
            shown=shown,
            stop=stop,
        ).build()
        code = answer_request(saga, run_id, request_id, reply, as_json=as_json, database=database, model=model)
    raise typer.Exit(code)
