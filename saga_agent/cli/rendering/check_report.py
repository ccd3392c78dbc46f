"""What a check of a story found, for people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.text import Text

from saga_agent.cli.rendering.tables import build_table
from saga_agent.domain.entity import Evidence
from saga_agent.domain.finding import Finding
from saga_agent.story.checks.report import CheckReport


def print_check_report(report: CheckReport, labels: Mapping[str, str], *, console: Console, remarks: Console) -> None:
    """The findings as a table, then what changed, and what was not looked at; `labels` are those of the documents."""
    if report.findings:
        new = set(report.new)
        rows = [
            (each.severity, each.code, _where(each, labels), _message(each, is_new=each.id in new))
            for each in report.findings
        ]
        console.print(build_table("severity", "code", "where", "finding", rows=rows))
    console.print(
        f"{len(report.findings):,} found, {len(report.new):,} new, {len(report.fixed):,} fixed, "
        f"{len(report.waived):,} waived; this is check {report.rev}."
    )
    for line in (*report.warnings, *_gaps(report)):
        remarks.print(Text(line, style="note"))


def _message(each: Finding, *, is_new: bool) -> Text:
    return Text(f"{'new: ' if is_new else ''}{each.message}")


def _where(each: Finding, labels: Mapping[str, str]) -> Text:
    documents = [place.document_id for place in each.evidence if isinstance(place, Evidence)]
    return Text(labels.get(documents[0], documents[0]) if documents else "the bible")


def _gaps(report: CheckReport) -> Iterator[str]:
    """What was not read, or only partly: a line for each family and reason."""
    held: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for row in report.coverage:
        if row.state != "read":
            place = "the bible" if row.document_id is None else "documents"
            held[row.family, place, row.reason] += 1
    for (family, place, reason), count in held.items():
        where = place if place == "the bible" else f"{count:,} document{'s' if count > 1 else ''}"
        yield f"{family}: not all was read in {where}. {reason}"
