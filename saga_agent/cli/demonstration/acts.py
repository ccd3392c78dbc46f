"""The acts of the demo, each a few verbs of the library and what they bring."""

from __future__ import annotations

from collections import Counter

from rich.text import Text

from saga_agent.app import Saga
from saga_agent.cli.casts import count_cast, detect_cast, load_cast
from saga_agent.cli.conversation.audience import TerminalAudience
from saga_agent.cli.conversation.prompts import TerminalReplier
from saga_agent.cli.conversation.turn import play_turn
from saga_agent.cli.demonstration.script import LEFT_OUT, MESSAGE, NEW_NAME
from saga_agent.cli.demonstration.stage import Stage
from saga_agent.cli.demonstration.writer import ScriptedWriter
from saga_agent.cli.rendering.cast_table import cast_table, sparkline
from saga_agent.cli.rendering.import_table import print_report
from saga_agent.cli.rendering.progress import show_progress
from saga_agent.cli.rendering.tables import build_facts
from saga_agent.cli.rendering.turn_view import TurnView
from saga_agent.cli.rendering.words import plural
from saga_agent.domain.entity import Alias
from saga_agent.domain.journal import Run
from saga_agent.domain.project import Project
from saga_agent.errors import NotFound
from saga_agent.formats.manuscript import read_manuscript
from saga_agent.samples.story import load_sample_bible, sample_manuscript_path

_CAST_SHOWN = 9


def import_novella(stage: Stage, saga: Saga, project: Project) -> None:
    """Act one: the manuscript."""
    stage.act("A manuscript comes in", command=f"saga import hollow_crown.md --project {project.name!r}")
    with show_progress(stage.console) as progress:
        work = saga.import_manuscript(project.id, sample_manuscript_path(), dry_run=False, progress=progress)
        report = saga.run_sync(work)
    print_report(report, project=project.name, console=stage.console, remarks=stage.console)


def show_cast(stage: Stage) -> None:
    """Act two: who is in it, by rules alone."""
    stage.act("Who is in it?", command="saga detect hollow_crown.md")
    stage.say("Names are found by rules: no model, no network, and nobody has told the library any of them.")
    manuscript = read_manuscript(sample_manuscript_path())
    stage.console.print(cast_table(detect_cast(manuscript), title=manuscript.title, limit=_CAST_SHOWN))


def join_bible(stage: Stage, saga: Saga, project: Project) -> None:
    """Act three: what the writer knows."""
    stage.act("The writer's story bible joins")
    entries = [entry for entry in load_sample_bible().entities if entry.name not in LEFT_OUT]
    with show_progress(stage.console) as progress:
        for done, entry in enumerate(entries):
            progress(done, len(entries), entry.name)
            saga.run_sync(
                saga.story.entities.create(
                    project.id,
                    type=entry.type,
                    name=entry.name,
                    summary=entry.summary,
                    fields=entry.fields,
                    aliases=[Alias(text=alias) for alias in entry.aliases],
                )
            )
    kinds = Counter(entry.type for entry in entries).most_common(5)
    listed = ", ".join(plural(count, kind.replace("_", " ")) for kind, count in kinds)
    cast = saga.run_sync(load_cast(saga, project.id))
    linked, total = sum(each.count for each in cast if each.known), sum(each.count for each in cast)
    stage.say(f"{plural(len(entries), 'entry', 'entries')}: {listed}, and more.")
    stage.say(f"{linked} of {total} mentions in the text now point to an entry, and follow every later change.")
    stage.say("The ferryman is not among them. In the novella he has a name that nobody ever hears.")


def draft_scene(stage: Stage, saga: Saga, project: Project, *, ask: bool) -> Run:
    """Act four: a turn with the draft agent, with a question and an approval."""
    stage.act("A turn with the draft agent", command=f"saga chat --project {project.name!r}")
    stage.type("draft > ", MESSAGE)
    stage.console.print()
    thread = saga.run_sync(saga.threads.create(project_id=project.id, title="The crossing"))
    handle = saga.run_sync(saga.send(thread.id, MESSAGE, agent="draft"))
    audience = TerminalAudience(TurnView(stage.console, stage.console))
    by_hand = TerminalReplier(stage.console, project=project.name, tools=saga.tools)
    replier = by_hand if ask else ScriptedWriter(stage, project=project.name)
    return play_turn(saga, handle, audience, replier)


def show_entry(stage: Stage, saga: Saga, project: Project) -> None:
    """Act five: what changed in the bible, and only because the writer said so."""
    stage.act("What the story bible says now")
    try:
        entity = saga.run_sync(saga.story.entities.resolve(project.id, NEW_NAME))
    except NotFound:
        return stage.say(f"Nothing new: {NEW_NAME} was not approved, so nothing was written.")
    heads = saga.run_sync(saga.story.documents.list(project.id, limit=100)).items
    appearances = saga.run_sync(saga.story.mentions.count(project.id))
    mine = [each for each in appearances if each.entity_id == entity.id]
    counts = count_cast(mine, heads, {entity.id: entity.name})
    line = sparkline(counts[0].counts) if counts else "-"
    total = counts[0].count if counts else 0
    made_by = f"{entity.provenance.by}, call {entity.provenance.call_id} of {entity.provenance.run_id}"
    facts = [
        ("name", Text(entity.name, style="title")),
        ("type", entity.type),
        ("summary", entity.summary),
        ("also called", ", ".join(alias.text for alias in entity.aliases) or "-"),
        ("mentions", Text.assemble(f"{total}  ", (line, "tool"), ("  by chapter", "note"))),
        ("made by", made_by),
    ]
    stage.console.print(build_facts(facts))
