"""The records that others refer to, so that the kit runs on tables with foreign keys.

Before each check the projects of the samples are made, and what plain and full samples of the port refer to in other
ports. What a record refers to in its own port - a scene's part, the decision it supersedes - is made by the rules that
use such records. Whoever proves one port of several, with keys into tables that are no port of the storage, makes these
rows in `make_storage`: the projects are `samples.HOME` and `samples.ELSEWHERE`, the ids are told by `ids_of`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress

from saga_agent.domain.notes import Decision
from saga_agent.domain.project import Project
from saga_agent.domain.record import Record
from saga_agent.errors import AlreadyExists
from saga_agent.storage.adapter import Storage
from saga_agent.storage.ports.story import Records
from saga_agent.testing.storage.samples import ELSEWHERE, HOME, Sample, document, entity

_OWNER = "own_kit"
_PROJECTS = (HOME, ELSEWHERE, "prj_series")
_PEOPLE = ("ent_a", "ent_b")
_FULL_PEOPLE = ("ent_1", "ent_2", "ent_3", "ent_4")
_IDS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "projects": {"entities": ("ent_calendar",)},
    "documents": {"entities": _FULL_PEOPLE},
    "entities": {},
    "relationships": {"entities": (*_PEOPLE, "ent_c", "ent_d", *_FULL_PEOPLE)},
    "facts": {"entities": (*_PEOPLE, *_FULL_PEOPLE), "documents": ("doc_1",), "decisions": ("dec_1",)},
    "captures": {"entities": _FULL_PEOPLE},
    "decisions": {"entities": _FULL_PEOPLE},
    "proposals": {"entities": _PEOPLE, "documents": ("doc_1",)},
    "waivers": {"entities": _FULL_PEOPLE, "documents": ("doc_1",)},
    "presence": {"documents": ("doc_1", "doc_a", "doc_b")},
    "mentions": {"entities": (*_PEOPLE, *_FULL_PEOPLE), "documents": ("doc_1", "doc_2")},
}


def ids_of(port: str) -> Mapping[str, Sequence[str]]:
    """By port, the ids that records of this port refer to, in `HOME` and with `_elsewhere` behind in `ELSEWHERE`."""
    return _IDS.get(port, {})


async def plant(storage: Storage, port: str) -> None:
    """Makes what records of that port refer to in others; what is there already stays."""
    projects = ("prj_home",) if port == "projects" else _PROJECTS
    for project_id in projects:
        name = "A book of the kit"
        await _make(storage.story.projects.create(Project(id=project_id, owner_id=_OWNER, name=name)))
    for other, ids in ids_of(port).items():
        for record_id in ids:
            await _plant_one(storage, other, record_id, HOME)
            if port != "projects":
                await _plant_one(storage, other, f"{record_id}_elsewhere", ELSEWHERE)


async def plant_kin(port: Records[Record], sample: Sample) -> None:
    """Makes what the port's samples refer to in the port itself; what is there already stays."""
    for record in sample.kin:
        await _make(port.create(record))


def elsewhere(record: Record, sample: Sample) -> Record:
    """The record in the other project, referring to what is there."""
    references = {name: f"{getattr(record, name)}_elsewhere" for name in sample.references}
    return record.model_copy(update={"project_id": ELSEWHERE, **references})


async def _plant_one(storage: Storage, port: str, record_id: str, project_id: str) -> None:
    place = {"id": record_id, "project_id": project_id}
    match port:
        case "entities":
            await _make(storage.story.entities.create(entity(1).model_copy(update=place)))
        case "documents":
            await _make(storage.story.documents.create(document(1).model_copy(update=place)))
        case _:
            decision = Decision(id=record_id, project_id=project_id, decision="Settled.")
            await _make(storage.story.decisions.create(decision))


async def _make(creation: Awaitable[object]) -> None:
    with suppress(AlreadyExists):
        await creation
