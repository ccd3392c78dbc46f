"""The interactive conversation: a prompt, turns, and a few commands of its own."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from saga_agent.cli.conversation.prompts import ReadLine, read_line
from saga_agent.cli.conversation.talk import Talk
from saga_agent.cli.conversation.threads import choose_place
from saga_agent.cli.failures import sentence
from saga_agent.domain.journal import Run
from saga_agent.errors import SagaError

_HELP = """\
/agent NAME   another agent answers from now on (draft writes, revise criticises)
/thread       which thread this is; '/thread new' starts one, '/thread ID' goes on in another
/help         this list
/quit         leaves; so does Ctrl-D
Ctrl-C        stops the run and keeps what it wrote; at the prompt it leaves"""


def run_loop(talk: Talk, console: Console, *, read: ReadLine = read_line) -> None:
    """Talks until the person leaves."""
    _greet(talk, console)
    _guarded(talk, console, talk.catch_up)
    while True:
        try:
            line = read(f"\n{talk.agent} > ", "").strip()
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if line in ("/quit", "/exit"):
            return
        if line:
            _guarded(talk, console, lambda line=line: _take(talk, line, console))


def _greet(talk: Talk, console: Console) -> None:
    where = f"thread {talk.thread.id}" if talk.thread else "a new thread"
    console.print(Text(f"{talk.project.name} · {where} · model {talk.model} · /help lists the commands", style="note"))


def _guarded(talk: Talk, console: Console, step: Callable[[], Run | None]) -> None:
    """One step; an error is told, and the conversation goes on."""
    try:
        run = step()
    except SagaError as error:
        console.print(Text(sentence(error), style="bad"), soft_wrap=True)
        return
    if run is not None:
        talk.conclude(run)


def _take(talk: Talk, line: str, console: Console) -> Run | None:
    """Does what a line says; the run, when it began or continued one."""
    command, _, rest = line.partition(" ")
    # `/call TOOL {json}` is a message: the offline model obeys it.
    if not command.startswith("/") or command == "/call":
        return talk.say(line)
    match command:
        case "/help":
            console.print(Text(_HELP, style="note"))
        case "/agent":
            _change_agent(talk, rest.strip(), console)
        case "/thread":
            _change_thread(talk, rest.strip(), console)
            return talk.catch_up()
        case _:
            console.print(Text(f"There is no command {command}; /help lists them.", style="bad"))
    return None


def _change_agent(talk: Talk, name: str, console: Console) -> None:
    if not name:
        names = ", ".join(talk.saga.agents.names())
        console.print(Text(f"{talk.agent} answers; the agents are {names}.", style="note"))
        return
    talk.saga.agents.get(name)
    talk.agent = name


def _change_thread(talk: Talk, reference: str, console: Console) -> None:
    if reference == "new":
        talk.thread = None
    elif reference:
        talk.project, talk.thread = choose_place(talk.saga, project=None, thread=reference)
    where = f"Thread {talk.thread.id}: {talk.thread.title}" if talk.thread else "The next message starts a new thread."
    console.print(Text(where, style="note"))
