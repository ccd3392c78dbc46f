"""Who takes part before they exist, or after."""

from __future__ import annotations

from collections.abc import Iterator

from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.spans import existence_span, lies_outside, moment_span, span_of
from saga_agent.analyses.findings import finding
from saga_agent.domain.finding import Finding
from saga_agent.domain.time import TimeMode

UNREAL_MODES: frozenset[TimeMode] = frozenset({"flashback", "flashforward", "dream", "mythic"})
"""Told out of their time, or not to be taken by the letter: existence is no matter there."""


def check_existence(canon: Canon) -> Iterator[Finding]:
    """Events, points of view, settings and ties outside the existence of those they name."""
    for entity in canon.entities:
        for span in map(existence_span, entity.existence):
            if span.end.latest < span.start.earliest:
                yield finding("existence.reversed", f"{entity.name} ends before it begins.", subjects=[entity.id])
    yield from _events(canon)
    yield from _documents(canon)
    yield from _ties(canon)


def _events(canon: Canon) -> Iterator[Finding]:
    for event in canon.events:
        involved = (*event.participant_ids, *event.item_ids, *([event.place_id] if event.place_id else []))
        for who in involved:
            if event.when and (certainty := lies_outside(event.when, canon.lives(who))):
                yield finding(
                    "existence.outside",
                    f"{canon.name(who)} takes part in {event.name!r} without existing then.",
                    subjects=[who, event.id],
                    certainty=certainty,
                )


def _documents(canon: Canon) -> Iterator[Finding]:
    for head in canon.documents:
        when = moment_span(head.story)
        if when is None or head.time_mode in UNREAL_MODES:
            continue
        for who, role in ((head.pov_id, "point of view"), (head.place_id, "setting")):
            if who and (certainty := lies_outside(when, canon.lives(who))):
                yield finding(
                    "existence.outside",
                    f"{canon.name(who)} is the {role} of {head.label!r} without existing then.",
                    subjects=[who, head.id],
                    certainty=certainty,
                )


def _ties(canon: Canon) -> Iterator[Finding]:
    for tie in canon.relationships:
        if tie.valid.start is None:
            continue
        begins = span_of(tie.valid.model_copy(update={"end": tie.valid.start}))
        for who in (tie.source_id, tie.target_id):
            lives = canon.lives(who)
            # A tie may be older than the one it binds (a betrothal at birth, an heirloom), never begin after the end.
            if lives and all(begins.start.earliest > life.end.latest for life in lives):
                yield finding(
                    "existence.outside",
                    f"{canon.name(tie.source_id)} {tie.type} {canon.name(tie.target_id)} begins "
                    f"after the end of {canon.name(who)}.",
                    subjects=[who, tie.id],
                )
