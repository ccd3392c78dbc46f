"""Messages of a thread, as they stand in the history."""

from __future__ import annotations

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from saga_agent.cli.rendering.tables import state_text
from saga_agent.cli.rendering.tool_lines import call_line, failure_line, result_line
from saga_agent.cli.rendering.words import when
from saga_agent.domain.journal import Message
from saga_agent.domain.record import JsonObject


def print_message(message: Message, console: Console) -> None:
    """Who spoke and when, then text and tool calls in order."""
    who = message.agent or ("you" if message.role == "user" else message.role)
    head = Text.assemble((who, "who"), (f"  {when(message.created_at)}", "note"))
    if message.state != "finished":
        head.append("  ").append_text(state_text(message.state))
    console.print(head)
    for part in message.parts:
        _print_part(part, console)
    console.print()


def _print_part(part: JsonObject, console: Console) -> None:
    kind = str(part["type"])
    if kind == "text":
        text = str(part["text"])
        console.print(Markdown(text) if console.is_terminal else Text(text))
    elif kind == "reasoning":
        console.print(Text(str(part["text"]), style="note"))
    elif kind.startswith("tool-"):
        console.print(call_line(kind.removeprefix("tool-"), part.get("input")))
        _print_outcome(part, console)


def _print_outcome(part: JsonObject, console: Console) -> None:
    match part["state"]:
        case "output-available":
            console.print(result_line(part.get("output")))
        case "output-denied":
            console.print(failure_line("", denied=True))
        case "output-error":
            console.print(failure_line(str(part.get("errorText"))))
        case state:
            console.print(Text(f"  └ {state}", style="ask"))
