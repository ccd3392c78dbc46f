"""Records to try a storage with: plain ones by number, and one of each kind with every field filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from saga_agent.domain.document import Document
from saga_agent.domain.entity import Alias, Entity, Evidence, Fact, Knowledge, Relationship
from saga_agent.domain.hunk import Hunk
from saga_agent.domain.notes import Capture, Decision, Presence, Proposal, ProposalItem, Waiver
from saga_agent.domain.record import JsonObject, Provenance, Record
from saga_agent.domain.requests import Answer, Approve, ClientResult, Deny, Dismiss, Edit, GrantTerms, Reply, StopRun
from saga_agent.domain.time import Scene, StoryInterval, TimeValue

HOME = "prj_home"
"""The project of all sample records."""
ELSEWHERE = "prj_elsewhere"

EVERY_SCRIPT = (
    "Zoë naïve «Ærø» — “curly” … 𝔘𝔫𝔦𝔠𝔬𝔡𝔢; Москва, 東京の物語, شهرزاد, עלילה, e\u0301 and é, "
    "👩\u200d👩\u200d👧\u200d👦 🏰 🇨🇿, tab\there, line\nbreak, cr\r\nlf, quote ' \" ` \\ % _ $1 ? :name {x} -- ; "
    "\u200b\ufeff\u2028 end "
)
"""Text that breaks careless storage; no NUL, which PostgreSQL cannot hold."""

LARGE_TEXT = "The hounds of the Kennels slept — 🐕 — and nobody spoke.\n" * 18_000
"""A little over a million characters."""

JSON_BODY: JsonObject = {
    "nested": {"list": [1, 2.5, None, True, False, "text", {"deep": [[], {}, [[1]]]}], "empty": {}},
    "floats": [0.1, -2.5, 1e-7, 1e22, 1.5e300, 2.0, 0.30000000000000004],
    "integers": [0, -1, 2**31, 2**53 + 1, -(2**63), 2**70],
    "ключ 🗝": EVERY_SCRIPT,
    "": "an empty key",
    "a.b'c\"d\\e$[0]": "a key of punctuation",
    "null": None,
}
"""JSON that must come back exactly."""

REPLIES: tuple[Reply, ...] = (
    Approve(),
    Deny(feedback=EVERY_SCRIPT),
    Edit(arguments=JSON_BODY),
    Answer(option_ids=("b", "a"), text="“Zoë” 🏰", note=EVERY_SCRIPT),
    Dismiss(),
    StopRun(),
    Approve(grant=GrantTerms(scope="project", patterns={"ключ 🗝": "a*“b”?"}, expires_in_seconds=0.1)),
    Approve(grant=GrantTerms(patterns={})),
    ClientResult(output=JSON_BODY, error=EVERY_SCRIPT),
    ClientResult(),
)
"""Replies of each kind, with every field filled, and with as few as may be."""

MOMENT = TimeValue(earliest=-12, latest=2**40, precision="between", relative_to="fct_war", phrase="о́сень 🍂")
INTERVAL = StoryInterval(start=MOMENT, end=TimeValue(earliest=3, precision="about"))
_PROVENANCE = Provenance(by="agent", run_id="run_1", call_id="call_1", agent="draft", source="Ærø.md")
_EVIDENCE = Evidence(document_id="doc_1", rev=3, start=5, end=9, quote="“Zoë”")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How to make records of one port."""

    port: str
    build: Callable[[int], Record]
    """A plain record; a greater number comes later in the port's order."""
    full: Record
    """A record in which no field has its default."""
    text_field: str
    """A field that takes any text."""
    json_field: str | None = None
    """A field that takes any JSON object."""
    filter_values: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """For each filter two values a record may have."""
    references: tuple[str, ...] = ()
    """The fields of a plain record that hold ids of records of other ports."""
    kin: tuple[Record, ...] = ()
    """Records of this port that samples refer to; none of them matches a filter."""
    listed: Callable[[Record], Record] = lambda record: record
    """What a list gives for a record."""


def entity(number: int) -> Entity:
    """A plain character."""
    return Entity(id=f"ent_{number:04}", project_id=HOME, type="character", name=f"Name {number}")


def document(number: int) -> Document:
    """A plain chapter."""
    return Document(
        id=f"doc_{number:04}",
        project_id=HOME,
        number=number,
        title=f"Chapter {number}",
        reading_order=number,
        text="Call me Zoë.",
        characters=12,
    )


DOCUMENTS = Sample(
    port="documents",
    build=document,
    full=Document(
        id="doc_full",
        project_id=HOME,
        rev=7,
        provenance=_PROVENANCE,
        kind="scene",
        number=12,
        title=EVERY_SCRIPT,
        parent_id="doc_part",
        reading_order=-40,
        characters=len(EVERY_SCRIPT),
        story=INTERVAL,
        time_mode="flashback",
        pov_id="ent_1",
        place_id="ent_2",
        narrator_id="ent_3",
        status="final",
        text=EVERY_SCRIPT,
        scenes=(
            Scene(
                id="scn_1",
                start=0,
                end=10,
                title="Эпилог",
                story=INTERVAL,
                time_mode="dream",
                pov_id="ent_1",
                place_id="ent_2",
            ),
            Scene(id="scn_2", start=10, end=20),
        ),
    ),
    text_field="title",
    listed=lambda record: record.head() if isinstance(record, Document) else record,
    filter_values={"kind": ("chapter", "note"), "parent_id": ("doc_part_1", "doc_part_2")},
    kin=tuple(
        document(900 + number).model_copy(update={"id": record_id, "kind": "part"})
        for number, record_id in enumerate(("doc_part", "doc_part_1", "doc_part_2"))
    ),
)

ENTITIES = Sample(
    port="entities",
    build=entity,
    full=Entity(
        id="ent_full",
        project_id=HOME,
        rev=7,
        provenance=_PROVENANCE,
        type="magic_system",
        name="Žár 🔥",
        aliases=(Alias(text="the Glow", case_sensitive=True, exclude=("afterglow",), valid=INTERVAL), Alias(text="Ж")),
        summary=EVERY_SCRIPT,
        fields=JSON_BODY,
        hidden_fields=("ключ 🗝", "null"),
        tags=("b", "a", "ž"),
        scope_id="prj_series",
        existence=(INTERVAL, StoryInterval()),
        ai_visibility="with_relation",
        secret=True,
    ),
    text_field="summary",
    json_field="fields",
    filter_values={"type": ("character", "location"), "ai_visibility": ("always", "never")},
)

RELATIONSHIPS = Sample(
    port="relationships",
    build=lambda number: Relationship(
        id=f"rel_{number:04}", project_id=HOME, type="knows", source_id="ent_a", target_id="ent_b"
    ),
    full=Relationship(
        id="rel_full",
        project_id=HOME,
        rev=7,
        provenance=_PROVENANCE,
        type="mentor of",
        source_id="ent_1",
        target_id="ent_2",
        directed=False,
        sign=-0.1,
        strength=0.30000000000000004,
        valid=INTERVAL,
        secret_from=("ent_3", "ent_4"),
        note=EVERY_SCRIPT,
    ),
    text_field="note",
    references=("source_id", "target_id"),
    filter_values={"source_id": ("ent_a", "ent_b"), "target_id": ("ent_c", "ent_d"), "type": ("knows", "serves")},
)

FACTS = Sample(
    port="facts",
    build=lambda number: Fact(
        id=f"fct_{number:04}", project_id=HOME, subject_id="ent_a", predicate="eyes", value="grey"
    ),
    full=Fact(
        id="fct_full",
        project_id=HOME,
        rev=7,
        provenance=_PROVENANCE,
        subject_id="ent_1",
        predicate="цвет глаз",
        value=JSON_BODY,
        mode="add",
        valid=INTERVAL,
        revealed_at=-3,
        retired_at=2**40,
        truth="rumour",
        holder_id="ent_2",
        known_by=(Knowledge(who="ent_3", state="suspects", since=MOMENT, source_scene="scn_1"), Knowledge(who="ent_4")),
        evidence=(_EVIDENCE,),
        decision_id="dec_1",
        confidence=0.1,
        status="superseded",
        hidden_from_ai=True,
    ),
    text_field="predicate",
    references=("subject_id",),
    json_field="value",
    filter_values={"subject_id": ("ent_a", "ent_b"), "predicate": ("eyes", "hair"), "status": ("accepted", "proposed")},
)

CAPTURES = Sample(
    port="captures",
    build=lambda number: Capture(id=f"cap_{number:04}", project_id=HOME, title=f"Note {number}"),
    full=Capture(
        id="cap_full",
        project_id=HOME,
        rev=7,
        provenance=_PROVENANCE,
        kind="image",
        title="Плакат",
        text=EVERY_SCRIPT,
        sha256="ab" * 32,
        media_type="image/png",
        licence="CC0",
        attribution="Ó Súilleabháin",
        tags=("b", "a"),
        entity_ids=("ent_2", "ent_1"),
    ),
    text_field="text",
    filter_values={"kind": ("note", "clip")},
)

DECISIONS = Sample(
    port="decisions",
    build=lambda number: Decision(id=f"dec_{number:04}", project_id=HOME, decision=f"Decision {number}"),
    full=Decision(
        id="dec_full",
        project_id=HOME,
        rev=7,
        provenance=_PROVENANCE,
        decision=EVERY_SCRIPT,
        rationale="Weil’s passt",
        subject_ids=("ent_2", "ent_1"),
        supersedes="dec_1",
        superseded_by="dec_3",
        idempotency_key="klíč",
    ),
    text_field="rationale",
    kin=tuple(Decision(id=f"dec_{number}", project_id=HOME, decision=f"Before {number}") for number in (1, 3)),
)

PROPOSALS = Sample(
    port="proposals",
    build=lambda number: Proposal(id=f"pro_{number:04}", project_id=HOME, kind="bundle"),
    full=Proposal(
        id="pro_full",
        project_id=HOME,
        rev=7,
        provenance=_PROVENANCE,
        kind="edit",
        target_id="doc_1",
        base_rev=4,
        rationale=EVERY_SCRIPT,
        status="rejected",
        hunks=(Hunk(id="1", start=5, before="“Zoë”", after=EVERY_SCRIPT, lead="a ", tail=" b", why="Ø"),),
        items=(ProposalItem(id="a", kind="entity", label="Žár", record=JSON_BODY, needs=("b",)),),
        settled={"1": "accepted", "a": "rejected"},
    ),
    text_field="rationale",
    filter_values={"status": ("open", "accepted"), "target_id": ("ent_a", "ent_b")},
)

WAIVERS = Sample(
    port="waivers",
    build=lambda number: Waiver(
        id=f"wai_{number:04}", project_id=HOME, code="age", target="ent_1", reason="a lie", who="own_1"
    ),
    full=Waiver(
        id="wai_full",
        project_id=HOME,
        rev=7,
        provenance=_PROVENANCE,
        code="two places",
        target="ent_1",
        reason=EVERY_SCRIPT,
        who="автор",
        evidence=(_EVIDENCE, _EVIDENCE),
    ),
    text_field="reason",
    filter_values={"code": ("age", "eyes")},
)

PRESENCE = Sample(
    port="presence",
    build=lambda number: Presence(id=f"pre_{number:04}", project_id=HOME, who="own_1", seen_at=1_700_000_000.25),
    full=Presence(
        id="pre_full",
        project_id=HOME,
        rev=7,
        provenance=_PROVENANCE,
        who="автор",
        document_id="doc_1",
        run_id="run_1",
        seen_at=1_700_000_000.1234567,
    ),
    text_field="who",
    filter_values={"document_id": ("doc_a", "doc_b")},
)

RECORDS: Mapping[str, Sample] = {
    sample.port: sample
    for sample in (DOCUMENTS, ENTITIES, RELATIONSHIPS, FACTS, CAPTURES, DECISIONS, PROPOSALS, WAIVERS, PRESENCE)
}
"""The ports of records, by name."""
