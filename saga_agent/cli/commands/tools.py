"""`saga tools`: what the agents can do, and what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from saga_agent.cli.options import DEFAULT_DATABASE, AsJson, Database
from saga_agent.cli.session import open_saga, pick_project
from saga_agent.errors import NotFound

if TYPE_CHECKING:  # start-up cost: the library is loaded when the command runs
    from saga_agent.domain.project import Project
    from saga_agent.domain.record import JsonObject
    from saga_agent.tools.registry import Tool

app = typer.Typer(help="List tools, show one, explain a decision.", no_args_is_help=True, rich_markup_mode=None)
ToolName = Annotated[str, typer.Argument(metavar="NAME")]


@app.command("list", hidden=True)
@app.command("ls", epilog="Example: saga tools ls")
def list_tools(as_json: AsJson = False) -> None:
    """List the story tools, their effects and agents."""
    from saga_agent.agents.agent import build_agents  # start-up cost: the library
    from saga_agent.cli.rendering.console import print_json_list, stdout
    from saga_agent.cli.rendering.tables import build_table
    from saga_agent.tools.story.registry import build_story_registry

    tools, agents = list(build_story_registry()), build_agents()
    if as_json:
        return print_json_list(_facts(tool) for tool in tools)
    rows = [
        (tool.name, tool.effect, ", ".join(a.name for a in agents if tool.name in a.tools), tool.description)
        for tool in tools
    ]
    stdout().print(build_table("tool", "effect", "agents", "what it does", rows=rows))


@app.command("show", epilog="Example: saga tools show create_entity")
def show_tool(name: ToolName) -> None:
    """Print a tool's contract as JSON."""
    from saga_agent.cli.rendering.console import print_json  # start-up cost: rich

    print_json(_facts(_find(name)))


@app.command("explain", epilog='Example: saga tools explain create_entity --args \'{"name": "Mara"}\' --agent draft')
def explain_call(
    name: ToolName,
    args: Annotated[str, typer.Option("--args", metavar="JSON", help="The call's arguments.")] = "{}",
    agent: Annotated[str, typer.Option("--agent", "-a", help="Who calls; draft/outline is a subagent.")] = "draft",
    project: Annotated[
        str | None, typer.Option("--project", "-p", metavar="NAME", help="Whose own rules count, too.")
    ] = None,
    as_json: AsJson = False,
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Explain whether a call would run, ask or be denied."""
    from saga_agent.cli.conversation.typed import parse_arguments  # start-up cost: the library
    from saga_agent.cli.rendering.console import print_json, stdout
    from saga_agent.cli.rendering.verdicts import explain, print_verdict

    tool = _find(name)
    explained = explain(tool, parse_arguments(args), agent=agent, project=_project(project, database))
    if as_json:
        return print_json(explained.to_dict())
    print_verdict(explained, stdout())


def _project(name: str | None, database: str) -> Project | None:
    if name is None:
        return None
    with open_saga(database) as saga:
        return pick_project(saga, name)


def _find(name: str) -> Tool:
    from saga_agent.tools.story.registry import build_story_registry  # start-up cost: the library

    registry = build_story_registry()
    if tool := registry.find(name):
        return tool
    raise NotFound("tool", name, hint=f"There are: {', '.join(sorted(each.name for each in registry))}.")


def _facts(tool: Tool) -> JsonObject:
    from saga_agent.tools.contract import tool_contract  # start-up cost: the library

    return tool_contract(tool)
