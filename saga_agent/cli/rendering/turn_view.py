"""A turn as a person watches it: text as it is written, tool calls as they happen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from saga_agent.cli.rendering.asides import aside
from saga_agent.cli.rendering.tool_lines import call_line, failure_line, result_line
from saga_agent.cli.rendering.words import plural
from saga_agent.cli.rendering.writing import build_writing
from saga_agent.domain import chunks as c
from saga_agent.domain.journal import Run, Usage

_QUESTION_TOOL = "ask_question"


class TurnView:
    """Shows the chunks of one turn on a console; remarks go to `remarks`, which may be the same one."""

    def __init__(self, console: Console, remarks: Console) -> None:
        self.console, self._remarks = console, remarks
        self._writing = build_writing(console)
        self._calls: dict[str, tuple[str, object]] = {}
        self._last_call = ""
        """The call whose line is the last one on the screen."""
        self._among_tools = False

    def show(self, chunk: c.Chunk) -> None:
        """Shows one chunk; kinds that say nothing to people are passed over."""
        match chunk:
            case c.TextStart() | c.ReasoningStart():
                self._leave_tools()
            case c.TextDelta():
                self._writing.add(chunk.delta)
            case c.TextEnd():
                self._writing.end()
            case c.ReasoningDelta():
                self.console.print(chunk.delta, style="note", end="")
            case c.ReasoningEnd():
                self.console.print()
            case c.Error():
                self._writing.end()
            case c.Rewind():
                self._writing.end()
                self.remark("A new runner goes on from the last step; what it repeats replaces what stands above.")
            case c.Data():
                if words := aside(chunk):
                    self._writing.end()
                    self.remark(words)
            case _:
                self._show_tool(chunk)

    def learn(self, chunk: c.Chunk) -> None:
        """Takes note of a chunk without showing it, so that a result that comes later has a name."""
        if isinstance(chunk, c.ToolInputAvailable | c.ToolInputError):
            self._calls[chunk.tool_call_id] = (chunk.tool_name, chunk.input)

    def pause(self) -> None:
        """Leaves the terminal tidy, e.g. before something is asked."""
        self._writing.end()
        self._leave_tools()

    def remark(self, words: str) -> None:
        """A remark beside the conversation."""
        self._remarks.print(Text(words, style="note"))

    def end(self, run: Run, usage: Sequence[Usage]) -> None:
        """The last line: how the turn ended and what it took."""
        self.pause()
        if run.state in ("waiting", "failed", "interrupted"):
            return  # what is said on stderr then says more
        tokens = f"{sum(u.input_tokens for u in usage):,} in, {sum(u.output_tokens for u in usage):,} out"
        calls = plural(len(usage), "model call")
        self.remark(f"{run.state} · {run.id} · {calls}, tokens {tokens}")

    def _show_tool(self, chunk: c.Chunk) -> None:
        match chunk:
            case c.ToolInputAvailable():
                self.learn(chunk)
                if chunk.tool_name != _QUESTION_TOOL:  # its card says more
                    self._announce(chunk.tool_call_id)
            case c.ToolInputError():
                self.learn(chunk)
                self._announce(chunk.tool_call_id)
                self.console.print(failure_line(chunk.error_text))
            case c.ToolOutputAvailable():
                self._settle(chunk.tool_call_id, result_line(chunk.output))
            case c.ToolOutputError():
                self._settle(chunk.tool_call_id, failure_line(chunk.error_text))
            case c.ToolOutputDenied():
                self._settle(chunk.tool_call_id, failure_line("", denied=True))
            case _:
                pass

    def _leave_tools(self) -> None:
        """A blank line between tool calls and what follows them."""
        if self._among_tools:
            self.console.print()
        self._among_tools, self._last_call = False, ""

    def _announce(self, call_id: str) -> None:
        self._writing.end()
        self._among_tools = True
        name, arguments = self._calls.get(call_id, ("tool", {}))
        self.console.print(call_line(name, arguments))
        self._last_call = call_id

    def _settle(self, call_id: str, line: Text) -> None:
        name, _ = self._calls.get(call_id, ("", None))
        if name == _QUESTION_TOOL:
            return
        self._writing.end()
        self._among_tools = True
        # when another call came between, the result says whose it is
        self.console.print(line if self._last_call == call_id else Text.assemble(line, ("  ← " + name, "tool")))
        self._last_call = ""
