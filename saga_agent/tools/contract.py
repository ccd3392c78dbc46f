"""The published contract of every tool: one JSON file each, and a table of all.

What the model sees and what a TypeScript client builds its types from. `saga_agent` writes these files and never reads
them; a change of a contract is a visible diff.
"""

from __future__ import annotations

import json
from pathlib import Path

from saga_agent.domain.record import JsonObject
from saga_agent.tools.registry import Tool, ToolRegistry
from saga_agent.tools.story.registry import build_story_registry

_README = "README.md"
_INTRODUCTION = """\
# The tools, as models and clients see them

Each `<name>.json` is the contract of one tool: its description and parameters are what the model is shown, its effect
decides what the policy asks. [`saga.ts`](saga.ts) has the TypeScript types of all tools and of the `data-*` parts of a
message, whose JSON schemas are in [`data/`](data/). The files are written from `saga_agent/` by `saga contracts write`
and never edited by hand; `saga contracts check` tells when they are stale.

| tool | effect | by default | what it is for |
|---|---|---|---|
"""
_CLOSING = """
`read` and `ui` calls run; a `write` asks the writer; `destructive` and `external` calls ask each time.
See `saga_agent.tools.policy`.
"""
_BY_DEFAULT = {
    "read": "runs",
    "ui": "runs",
    "write": "asks",
    "destructive": "asks each time",
    "external": "asks each time",
}


def tool_contract(tool: Tool) -> JsonObject:
    """What is published of a tool: `parameters` is the JSON schema of its arguments, `output` of a result's data."""
    contract: JsonObject = {
        "name": tool.name,
        "description": tool.description,
        "effect": tool.effect,
        "category": tool.category,
        "idempotent": tool.idempotent,
        "question": tool.question,
        "client": tool.client,
        "each_time": tool.each_time,
        "version": tool.version,
        "parameters": tool.parameters(),
    }
    if tool.output is not None:
        contract["output"] = tool.output_schema()
    return contract


def write_contracts(folder: Path, *, tools: ToolRegistry | None = None) -> list[str]:
    """Writes the contracts of the tools, by default the story tools; gives the names of the files that changed.

    Contracts of tools that no longer exist are removed.
    """
    wanted = _files(tools if tools is not None else build_story_registry())
    stale = _stale(folder, wanted)
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()
    return stale


def check_contracts(folder: Path, *, tools: ToolRegistry | None = None) -> list[str]:
    """The names of the files that are missing, stale or of no tool; empty when all is fresh. Writes nothing."""
    return _stale(folder, _files(tools if tools is not None else build_story_registry()))


def _files(tools: ToolRegistry) -> dict[str, str]:
    by_name = sorted(tools, key=lambda tool: tool.name)
    files = {f"{tool.name}.json": _json(tool_contract(tool)) for tool in by_name}
    return files | {_README: _INTRODUCTION + "".join(_row(tool) for tool in by_name) + _CLOSING}


def _stale(folder: Path, wanted: dict[str, str]) -> list[str]:
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    readme = folder / _README
    if readme.exists():
        found[_README] = readme.read_text(encoding="utf-8")
    return sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))


def _json(contract: JsonObject) -> str:
    return json.dumps(contract, ensure_ascii=False, indent=2) + "\n"


def _row(tool: Tool) -> str:
    verdict = "asks each time" if tool.each_time else _BY_DEFAULT[tool.effect]
    verdict = "asks a question" if tool.question else "runs on the page" if tool.client else verdict
    return f"| [`{tool.name}`]({tool.name}.json) | {tool.effect} | {verdict} | {tool.description} |\n"
