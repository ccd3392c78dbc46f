"""What the import of a bible did, as a table."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from saga_agent.cli.rendering.tables import build_table
from saga_agent.cli.rendering.words import plural
from saga_agent.story.exchange.bible_report import BibleReport

_STYLES = {"added": "good", "updated": "warn", "joined": "warn", "unchanged": "note"}


def print_bible_report(report: BibleReport, *, project: str, console: Console, remarks: Console) -> None:
    """The table of entries on `console`; what was lost and the closing line on `remarks`."""
    rows = [(each.name, each.type, each.key, Text(each.action, _STYLES[each.action])) for each in report.entries]
    console.print(build_table("name", "type", "place in the file", "action", rows=rows, title=report.source))
    for told in report.lost:
        remarks.print(Text(f"note: {told}", style="warn"))
    remarks.print(Text(closing_line(report, project=project), style="note"))


def closing_line(report: BibleReport, *, project: str) -> str:
    """What was done in a sentence: `5 entries of a vault: 5 added, with 4 ties, in project 'alice'.`."""
    actions = [each.action for each in report.entries]
    counts = [f"{actions.count(action)} {action}" for action in _STYLES if action in actions]
    more = [plural(count, what) for count, what in ((report.ties_added, "tie"), (report.facts_added, "fact")) if count]
    size = f"{len(actions)} {'entry' if len(actions) == 1 else 'entries'} of a {report.format}"
    done = ", ".join(counts) + (f", with {' and '.join(more)}," if more else "") + f" in project {project!r}."
    return f"Dry run, nothing was stored. It would be {size}: {done}" if report.dry_run else f"{size}: {done}"
