"""The reference of the ports as Markdown, read from the protocols' own signatures and docstrings.

`python -m saga_agent.storage.reference docs/reference/ports.md` writes the page anew.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import saga_agent.errors as errors
from saga_agent.domain import accounts, blob, checkpoint, snapshot
from saga_agent.domain import journal as records
from saga_agent.storage.ports import journal, story

_READS = frozenset(
    {
        "count",
        "find",
        "find_default_project",
        "full_result",
        "get",
        "held",
        "history",
        "holders",
        "in_force",
        "left",
        "list",
        "message",
        "messages",
        "named",
        "now",
        "read",
        "repeats",
        "revisions",
        "search",
        "usage",
    }
)
_VALUES = (records, checkpoint, blob, accounts, snapshot)
"""Where the values are that the journal's verbs take and give."""
_NAME = re.compile(r"`(\w+)`")
_HEAD = """\
# The ports

Written from `saga_agent/storage/ports/`; do not edit it here. To refresh it:

```bash
.venv/bin/python -m saga_agent.storage.reference docs/reference/ports.md
```

A storage has two halves. The [story ports](#story-ports) hold the manuscript and the story bible; a host may give each
of them on its own tables (see [Write a storage adapter](../how-to/write-a-storage-adapter.md)). The [journal](#journal)
holds threads, runs, streams and all else a turn needs; it is one unit and comes from one adapter.

Every verb is atomic. *Read* marks a verb that changes nothing, *write* one that happens whole or not at all, also when
its task is cancelled; *fenced* one that carries a runner's epoch and refuses an old one. Any verb may also raise a
`StorageError`: `StorageUnavailable` when the database cannot be reached or written, `StorageCorrupt` when it is
damaged.
"""


@dataclass(frozen=True, slots=True)
class _Class:
    """One class of a module: its docstring, its bases, its verbs and its source."""

    name: str
    doc: str
    bases: tuple[str, ...]
    verbs: tuple[_Verb, ...]
    source: str
    is_dataclass: bool


@dataclass(frozen=True, slots=True)
class _Verb:
    name: str
    signature: str
    doc: str

    @property
    def raises(self) -> tuple[str, ...]:
        """The errors its docstring names, that of a filter it does not know, and that of an old epoch."""
        named = [name for name in _NAME.findall(self.doc) if _is_error(name)]
        if "where:" in self.signature:
            named.append("InvalidInput")
        if self.is_fenced:
            named.append("StaleEpoch")
        return tuple(dict.fromkeys(named))

    @property
    def kind(self) -> str:
        """Read, write, or fenced write."""
        if self.name in _READS:
            return "read"
        return "write, fenced" if self.is_fenced else "write"

    @property
    def is_fenced(self) -> bool:
        """Whether it carries a runner's epoch."""
        return re.search(r"\b(epoch|fence):", self.signature) is not None

    def of(self, record: str) -> _Verb:
        """The same verb with its type variable filled in."""
        return _Verb(self.name, re.sub(r"\bR\b", record, self.signature), self.doc)


def ports_reference() -> str:
    """The page: every verb of every story port and of the journal, with signature, errors and atomicity."""
    ports, nouns = _classes(story), _classes(journal)
    parts = [_HEAD, "## Story ports\n", *_paragraphs(story)]
    parts += [_port(f"`story.{name}`", ports[kind], ports) for name, kind in _fields(story.StoryPorts)]
    parts += ["## Journal\n", *_paragraphs(journal)]
    parts += [_port(f"`journal.{name}`", nouns[kind], nouns) for name, kind in _fields(journal.Journal)]
    values = [each for module in _VALUES for each in _classes(module).values() if each.is_dataclass]
    parts += [
        "## Values of the journal\n",
        "Frozen dataclasses.\n",
        "```python no-run\n" + "\n\n\n".join(v.source for v in values) + "\n```\n",
    ]
    return "\n".join(parts)


def _paragraphs(module: ModuleType) -> Iterator[str]:
    """The module's docstring, without its first line, which is the heading's."""
    yield inspect.cleandoc(module.__doc__ or "").partition("\n")[2].strip() + "\n"


def _port(title: str, port: _Class, classes: Mapping[str, _Class]) -> str:
    verbs = (*_inherited(port, classes), *port.verbs)
    stubs = "\n".join(verb.signature for verb in verbs)
    rows = "\n".join(
        f"| `{verb.name}` | {_cell(verb.doc)} | {', '.join(f'`{name}`' for name in verb.raises) or '-'} | {verb.kind} |"
        for verb in verbs
    )
    table = f"| verb | what it does | raises | atomicity |\n|---|---|---|---|\n{rows}"
    return f"### {title}\n\n{_cell(port.doc)}\n\n```python no-run\n{stubs}\n```\n\n{table}\n"


def _inherited(port: _Class, classes: Mapping[str, _Class]) -> Iterator[_Verb]:
    for base in port.bases:
        name, _, record = base.rstrip("]").partition("[")
        if record and name in classes:
            yield from (verb.of(record) for verb in classes[name].verbs)


def _cell(doc: str) -> str:
    return " ".join(doc.split()).replace("|", "\\|")


def _fields(bundle: type) -> Iterator[tuple[str, str]]:
    """The names of the bundle's ports, and the names of their protocols."""
    yield from inspect.get_annotations(bundle).items()


def _is_error(name: str) -> bool:
    found = getattr(errors, name, None)
    return isinstance(found, type) and issubclass(found, Exception)


def _classes(module: ModuleType) -> dict[str, _Class]:
    source = inspect.getsource(module)
    return {node.name: _class(node, source) for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}


def _class(node: ast.ClassDef, source: str) -> _Class:
    verbs = tuple(_verb(each, source) for each in node.body if isinstance(each, ast.AsyncFunctionDef))
    lines = source.splitlines()[node.lineno - 1 : node.end_lineno]
    bases = tuple(ast.unparse(base) for base in node.bases)
    is_dataclass = any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
    return _Class(node.name, ast.get_docstring(node) or "", bases, verbs, "\n".join(lines), is_dataclass)


def _verb(node: ast.AsyncFunctionDef, source: str) -> _Verb:
    lines = source.splitlines()[node.lineno - 1 : node.body[0].lineno - 1]
    signature = textwrap.dedent("\n".join(lines))
    return _Verb(node.name, f"{signature} ...", ast.get_docstring(node) or "")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(ports_reference(), encoding="utf-8", newline="\n")
