"""`saga contracts`: what is published of the tools, for pages too, and the drawings of the agents' turns."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Write or check the published tool contracts and drawings.", no_args_is_help=True, rich_markup_mode=None
)
Tools = Annotated[Path, typer.Option(metavar="FOLDER", help="Where the tools' contracts are.")]
Graphs = Annotated[Path, typer.Option(metavar="FOLDER", help="Where the drawings are.")]


@app.command("write", epilog="Example: saga contracts write --tools tools --graphs graphs")
def write(tools: Tools = Path("tools"), graphs: Graphs = Path("graphs")) -> None:
    """Write the contracts and drawings that have changed."""
    from saga_agent.graphs.drawing import write_drawings  # start-up cost: the library
    from saga_agent.tools.contract import write_contracts
    from saga_agent.tools.typescript import write_types

    changed = [str(tools / name) for name in (*write_contracts(tools), *write_types(tools))]
    changed += [str(graphs / name) for name in write_drawings(graphs)]
    print("\n".join(f"written: {name}" for name in changed) or "All contracts and drawings were fresh.")


@app.command("check", epilog="Example: saga contracts check")
def check(tools: Tools = Path("tools"), graphs: Graphs = Path("graphs")) -> None:
    """Check that contracts and drawings are fresh; the exit code is 1 when one is not."""
    from saga_agent.graphs.drawing import check_drawings  # start-up cost: the library
    from saga_agent.tools.contract import check_contracts
    from saga_agent.tools.typescript import check_types

    stale = [str(tools / name) for name in (*check_contracts(tools), *check_types(tools))]
    stale += [str(graphs / name) for name in check_drawings(graphs)]
    if stale:
        print("\n".join(f"stale: {name}" for name in stale))
        print("Run 'saga contracts write'.")
        raise typer.Exit(1)
    print("All contracts and drawings are fresh.")
