"""A run that was left waiting: what it asks, and how to answer from the command line."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from saga_agent.cli.options import DEFAULT_DATABASE, DEFAULT_MODEL
from saga_agent.cli.rendering.cards import one_line
from saga_agent.cli.rendering.words import plural
from saga_agent.domain.requests import Approval, ClientCall, Question, Request


def print_waiting(requests: Sequence[Request], *, run_id: str, database: str, model: str, console: Console) -> None:
    """The open requests, each with the command that answers it."""
    console.print(Text(f"Run {run_id} waits for {plural(len(requests), 'answer')}:", style="ask"))
    for request in requests:
        console.print(Text.assemble("  ", (request.kind, "ask"), f" {request.id}  {one_line(request)}"))
        if isinstance(request, Question) and request.options:
            options = ", ".join(f"{option.id} = {option.label}" for option in request.options)
            console.print(Text(f"    options: {options}", style="note"))
        console.print(
            Text(f"    {answer_command(request, database=database, model=model)}", style="key"), soft_wrap=True
        )


def answer_command(request: Request, *, database: str, model: str) -> str:
    """The `saga answer` line for the most likely answer, ready to be pasted."""
    words = ["saga", "answer", request.run_id, request.id]
    match request:
        case Approval():
            words.append("--approve")
        case Question(options=(first, *_)):
            words += ["--option", first.id]
        case Question():
            words += ["--text", "..."]
        case ClientCall():
            words.append("--shown")
    if database != DEFAULT_DATABASE:
        words += ["--database", database]
    if model != DEFAULT_MODEL:
        words += ["--model", model]
    return shlex.join(words)
