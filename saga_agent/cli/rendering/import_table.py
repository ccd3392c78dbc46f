"""What an import did, as a table."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from saga_agent.cli.rendering.tables import build_table
from saga_agent.cli.rendering.words import plural
from saga_agent.story.manuscript import ImportReport

_STYLES = {"added": "good", "updated": "warn", "unchanged": "note"}


def print_report(report: ImportReport, *, project: str, console: Console, remarks: Console) -> None:
    """The table of chapters on `console`; warnings and the closing line on `remarks`."""
    if report.dry_run:
        console.print(outline_tree(report))
    else:
        rows = [
            (each.title, each.words, each.scenes, each.names, Text(each.action, _STYLES[each.action]))
            for each in report.documents
        ]
        console.print(build_table("chapter", "#words", "#scenes", "#names", "action", rows=rows, title=report.title))
    others = ", ".join(f"--split {how} ({documents})" for how, documents in report.other_splits.items())
    remarks.print(Text(f"divided by: {report.split}{f'; else {others}' if others else ''}", style="note"))
    for warning in report.warnings:
        remarks.print(Text(f"warning: {warning}", style="warn"))
    for aside in report.asides:
        told = f"aside: {aside.reason}, {aside.place}, {plural(aside.words, 'word')}: {aside.first_words}"
        remarks.print(Text(told, style="note"))
    for refusal in report.refusals:
        remarks.print(Text(f"would be refused: {refusal}", style="warn"))
    remarks.print(Text(weighing_line(report), style="note"))
    remarks.print(Text(closing_line(report, project=project), style="note"))


def outline_tree(report: ImportReport) -> Tree:
    """The book as a dry run shows it: its parts, and in them the documents with their size and what would be done."""
    tree = Tree(Text(report.title, style="bold"))
    branch, part = tree, ""
    for each in report.documents:
        if each.part != part:
            part = each.part
            branch = tree.add(Text(part)) if part else tree
        line = Text(f"{each.title}  ")
        line.append(f"{plural(each.words, 'word')}, {plural(each.scenes, 'scene')}  ", style="note")
        branch.add(line.append(each.action, style=_STYLES[each.action]))
    return tree


def weighing_line(report: ImportReport) -> str:
    """The words of the file and where they are: `26,683 words in the file: 26,322 in documents, ...`."""
    balance = report.balance
    added = f", {balance.added:,} added in headings" if balance.added else ""
    kept = f"{balance.source:,} words in the file{added}: {balance.documents:,} in documents, {balance.aside:,} aside"
    lost = f", {balance.doubled:,} twice" if balance.doubled else ""
    return f"{kept}, {balance.lost:,} lost{lost}."


def closing_line(report: ImportReport, *, project: str) -> str:
    """What was done in a sentence: `12 chapters, 26,322 words: 12 added in project 'alice'.`."""
    actions = [each.action for each in report.documents]
    counts = [f"{actions.count(action)} {action}" for action in _STYLES if action in actions]
    size = f"{plural(report.chapters, 'chapter')}, {plural(report.words, 'word')}"
    if report.dry_run:
        return f"Dry run, nothing was stored. It would be {size}: {', '.join(counts)} in project {project!r}."
    if set(actions) == {"unchanged"}:
        return f"{size}: all unchanged in project {project!r}."
    return f"{size}: {', '.join(counts)} in project {project!r}."
