"""`saga demo`: a story worth watching, without a key and without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_EXAMPLE = "Example: saga demo    or: saga demo --ask --database my-demo.db"


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog=_EXAMPLE)(demo)


def demo(
    database: Annotated[
        Path | None,
        typer.Option("--database", "-d", metavar="FILE", help="A new file; by default one in ./demo-output."),
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option(min=0.5, max=1000, metavar="TPS", help="Words per second; unpaced where there is no terminal."),
    ] = None,
    ask: Annotated[bool, typer.Option("--ask/--yes", help="Answer yourself, or watch scripted answers.")] = False,
    record: Annotated[Path | None, typer.Option(metavar="FILE.svg", help="Save the picture of the demo.")] = None,
) -> None:
    """Watch a story: import, cast, draft, question, approval.

    The sample novella is imported into a fresh database, and an agent drafts a scene with you. The answers come from
    a small rule-based model that is no language model, so no key is needed.
    """
    from saga_agent.cli.demonstration.play import play_demo  # start-up cost: rich and the library

    play_demo(database, speed=speed, ask=ask, record=record)
