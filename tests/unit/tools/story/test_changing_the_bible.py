"""The tools that change the bible: create_entity, update_entity, create_relationship, record_fact, commit_decision."""

from collections.abc import AsyncIterator

import pytest

from saga_agent.domain.time import AsOf, StoryInterval, TimeValue, When
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.story.facts import entity_as_of
from saga_agent.tools.result import ToolFailure
from tests.unit.tools.story.desk import Desk, build_desk


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with MemoryStorage() as storage:
        yield await build_desk(storage)


async def scenes(desk: Desk, *, days: bool = True) -> None:
    """Scenes 1 to 20, each on its own day."""
    for number in range(1, 21):
        day = TimeValue(earliest=number * 10, latest=number * 10)
        await desk.story.documents.create(
            desk.project_id,
            id=f"doc_{number}",
            kind="scene",
            number=number,
            text=f"Scene {number}.",
            reading_order=number,
            story=StoryInterval(start=day) if days else None,
        )


async def field(desk: Desk, entity_id: str, name: str, at: AsOf) -> object:
    entity = await desk.story.entities.get(desk.project_id, entity_id)
    facts = await desk.story.facts.as_of(desk.project_id, at, subject_id=entity_id)
    return entity_as_of(entity, facts).fields.get(name)


# --- create_entity ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("known", "new"), [("Martha", "Marta"), ("Éowyn", "Eowyn")])
async def test_create_entity_shows_a_look_alike_instead_of_creating(desk: Desk, known: str, new: str) -> None:
    there = await desk.entity(known)

    error = await desk.refused("create_entity", type="character", name=new)

    assert (error["code"], error["candidates"]) == ("needs_approval", [there.id])
    assert len((await desk.story.entities.list(desk.project_id)).items) == 1


async def test_create_entity_takes_elaine_beside_elena(desk: Desk) -> None:
    await desk.entity("Elena")

    assert (await desk.done("create_entity", type="character", name="Elaine"))["entity"]


async def test_create_entity_does_not_tell_of_a_look_alike_hidden_from_models(desk: Desk) -> None:
    await desk.entity("Martha", ai_visibility="never")

    await desk.done("create_entity", type="character", name="Marta")


async def test_a_created_entity_is_in_the_history_of_its_call(desk: Desk) -> None:
    await desk.done("create_entity", call_id="c9", type="character", name="Mira")

    (change,) = (await desk.story.history.list(desk.project_id, run_id="run", call_id="c9")).items
    assert (change.author.agent, change.action, change.after["name"]) == ("draft", "create", "Mira")


# --- update_entity ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [True, False])
async def test_progress_from_scene_12_leaves_scene_11_as_it_was(desk: Desk, days: bool) -> None:
    """as_of 11 old, 12 new: on story time where the scenes have days, else in the order of reading."""
    await scenes(desk, days=days)
    mira = await desk.entity("Mira", fields={"eyes": "blue", "home": "Kennels"})

    data = await desk.done(
        "update_entity",
        entity="mira",
        changes={"fields": {"eyes": "green"}},
        mode="progress",
        since={"scene": "scene 12"},
    )

    async def eyes(scene: str) -> object:
        moment = await desk.story.moments.resolve(desk.project_id, When(scene=scene))
        return await field(desk, mira.id, "eyes", moment.as_of)

    assert (await eyes("scene 11"), await eyes("scene 12"), await eyes("scene 20")) == ("blue", "green", "green")
    assert [fact["value"] for fact in data["closed"]] == ["blue"]  # type: ignore[index, union-attr]
    assert await field(desk, mira.id, "home", AsOf()) == "Kennels"


async def test_progress_over_progress_closes_the_one_before(desk: Desk) -> None:
    mira = await desk.entity("Mira", fields={"eyes": "blue"})
    for day, colour in ((120, "green"), (200, "grey")):
        await desk.done(
            "update_entity", entity="Mira", changes={"fields": {"eyes": colour}}, mode="progress", since={"day": day}
        )

    seen = [await field(desk, mira.id, "eyes", AsOf(story_time=day)) for day in (119, 120, 199, 200)]

    assert seen == ["blue", "green", "green", "grey"]


async def test_progress_that_runs_again_records_nothing_twice(desk: Desk) -> None:
    await desk.entity("Mira", fields={"eyes": "blue"})
    arguments = {"entity": "Mira", "changes": {"fields": {"eyes": "green"}}, "mode": "progress", "since": {"day": 12}}
    await desk.done("update_entity", call_id="c", **arguments)
    before = (await desk.story.facts.list(desk.project_id)).items

    await desk.done("update_entity", call_id="c", **arguments)

    assert (await desk.story.facts.list(desk.project_id)).items == before
    assert len(before) == 2


async def test_a_correction_rewrites_and_shows_the_difference(desk: Desk) -> None:
    mira = await desk.entity("Mira", summary="A smith.", fields={"want": "home", "fear": "ice"})

    data = await desk.done(
        "update_entity", entity="Mira", changes={"summary": "A thief.", "fields": {"want": None, "flaw": "pride"}}
    )

    stored = await desk.story.entities.get(desk.project_id, mira.id)
    assert (stored.summary, stored.fields, data["rev"]) == ("A thief.", {"fear": "ice", "flaw": "pride"}, 2)
    assert data["diff"] == [
        {"field": "summary", "before": "A smith.", "after": "A thief."},
        {"field": "fields.want", "before": "home", "after": None},
        {"field": "fields.flaw", "before": None, "after": "pride"},
    ]


async def test_a_stale_revision_is_a_conflict_and_stores_nothing(desk: Desk) -> None:
    mira = await desk.entity("Mira")
    changed = await desk.story.entities.update(desk.project_id, mira.id, summary="Mine.")

    error = await desk.refused("update_entity", entity="Mira", changes={"summary": "Theirs."}, expected_rev=1)

    assert error["code"] == "conflict"
    assert "revision 2" in str(error["message"])
    assert await desk.story.entities.get(desk.project_id, mira.id) == changed


async def test_an_update_that_runs_again_succeeds_though_its_revision_is_old(desk: Desk) -> None:
    await desk.entity("Mira")
    for _ in range(2):
        data = await desk.done("update_entity", call_id="c", entity="Mira", changes={"summary": "x"}, expected_rev=1)
        assert data["rev"] == 2


@pytest.mark.parametrize("name", ["id", "provenance", "rev", "type", "secret", "ai_visibility", "hidden_fields"])
async def test_what_a_tool_may_not_change_is_refused_by_name(desk: Desk, name: str) -> None:
    await desk.entity("Mira")

    error = await desk.refused("update_entity", entity="Mira", changes={name: "x"})

    assert error["code"] == "invalid_argument"
    assert f"/changes/{name}" in str(error["message"])


async def test_until_must_lie_after_since(desk: Desk) -> None:
    await desk.entity("Mira")

    error = await desk.refused(
        "update_entity",
        entity="Mira",
        changes={"fields": {"eyes": "x"}},
        mode="progress",
        since={"day": 9},
        until={"day": 3},
    )

    assert "until" in str(error["message"])


LONG = "She was born at the Kennels in the year of the ice and has never once left the valley since that day, they say."


@pytest.mark.parametrize(
    ("changes", "effect"),
    [
        ({"summary": "A thief."}, "destructive"),
        ({"summary": LONG + " Nobody knows why."}, "write"),
        ({"summary": ""}, "destructive"),
        ({"fields": {"want": None}}, "destructive"),
        ({"fields": None}, "destructive"),
        ({"fields": {"want": "peace"}}, "write"),
        ({"fields": {"flaw": "pride"}}, "write"),
        ({"aliases": []}, "destructive"),
        ({"aliases": ["the Smith", "Mirrie"]}, "write"),
        ({"tags": ["a", "b"]}, "write"),
        ({"name": "Mirabel"}, "write"),
    ],
)
async def test_an_update_is_destructive_when_something_vanishes(desk: Desk, changes: object, effect: str) -> None:
    await desk.entity("Mira", summary=LONG, aliases=[{"text": "the Smith"}], tags=["a"], fields={"want": "home"})

    assert await desk.effect("update_entity", entity="Mira", changes=changes) == effect


async def test_the_preview_of_an_update_names_the_revision_it_was_made_for(desk: Desk) -> None:
    mira = await desk.entity("Mira", summary="A smith.")

    preview = await desk.preview("update_entity", entity="Mira", changes={"summary": "A thief."})

    assert preview["resources"] == {mira.id: 1}
    assert preview["lines"] == ["summary: A smith. -> A thief."]


async def test_fields_hidden_from_models_are_neither_shown_nor_changed(desk: Desk) -> None:
    mira = await desk.entity("Mira", fields={"heir": "of the Crown", "want": "home"}, hidden_fields=["heir"])

    error = await desk.refused("update_entity", entity="Mira", changes={"fields": {"heir": "nobody"}})
    result = await desk.call("update_entity", entity="Mira", changes={"fields": None})

    assert error["code"] == "permission_denied"
    assert "Crown" not in f"{error} {result.to_json()}"
    assert (await desk.story.entities.get(desk.project_id, mira.id)).fields == {"heir": "of the Crown"}


async def test_an_alias_keeps_its_settings_when_it_is_named_by_its_text(desk: Desk) -> None:
    mira = await desk.entity("Mira", aliases=[{"text": "King", "case_sensitive": True}])

    await desk.done("update_entity", entity="Mira", changes={"aliases": ["King", "Mirrie"]})

    stored = await desk.story.entities.get(desk.project_id, mira.id)
    assert [(alias.text, alias.case_sensitive) for alias in stored.aliases] == [("King", True), ("Mirrie", False)]


# --- create_relationship ---------------------------------------------------------------------------------------------


async def test_a_parent_that_closes_a_circle_is_a_conflict_with_the_circle(desk: Desk) -> None:
    for name in ("Asa", "Brida", "Cora"):
        await desk.entity(name)
    one = await desk.done("create_relationship", source="Asa", type="parent_of", target="Brida")
    two = await desk.done("create_relationship", source="Brida", type="parent_of", target="Cora")

    error = await desk.refused("create_relationship", source="Cora", type="parent_of", target="Asa")

    assert error["code"] == "conflict"
    assert error["candidates"] == [one["relationship"]["id"], two["relationship"]["id"]]  # type: ignore[index, call-overload]
    assert len((await desk.story.relationships.list(desk.project_id)).items) == 2


async def test_two_parents_of_one_child_are_no_circle(desk: Desk) -> None:
    for name in ("Asa", "Brida", "Cora"):
        await desk.entity(name)
    await desk.done("create_relationship", source="Asa", type="parent_of", target="Cora")

    await desk.done("create_relationship", source="Brida", type="parent_of", target="Cora")


async def test_a_spouse_is_stored_once_and_seen_from_both(desk: Desk) -> None:
    asa, brida = await desk.entity("Asa"), await desk.entity("Brida")
    await desk.done("create_relationship", source="Asa", type="spouse_of", target="Brida")

    error = await desk.refused("create_relationship", source="Brida", type="spouse_of", target="Asa")

    assert error["code"] == "conflict"
    for one, other in ((asa, brida), (brida, asa)):
        (view,) = await desk.story.relationships.seen_from(desk.project_id, one.id)
        assert (view.type, view.other_id) == ("spouse_of", other.id)


async def test_an_inverse_is_a_view_of_one_row(desk: Desk) -> None:
    asa, brida = await desk.entity("Asa"), await desk.entity("Brida")

    await desk.done("create_relationship", source="Asa", type="child of", target="Brida")

    (tie,) = (await desk.story.relationships.list(desk.project_id)).items
    assert (tie.type, tie.source_id, tie.target_id) == ("parent_of", brida.id, asa.id)
    (view,) = await desk.story.relationships.seen_from(desk.project_id, asa.id)
    assert (view.type, view.other_id) == ("child_of", brida.id)


async def test_a_second_ruler_at_the_same_time_is_a_conflict_that_names_the_first(desk: Desk) -> None:
    await desk.entity("Asa"), await desk.entity("Brida"), await desk.entity("Vale", type="location")
    first = await desk.done(
        "create_relationship", source="Asa", type="ruler_of", target="Vale", since={"day": 0}, until={"day": 100}
    )

    error = await desk.refused("create_relationship", source="Brida", type="ruler_of", target="Vale", since={"day": 50})

    assert (error["code"], error["candidates"]) == ("conflict", [first["relationship"]["id"]])  # type: ignore[index, call-overload]
    await desk.done("create_relationship", source="Brida", type="ruler_of", target="Vale", since={"day": 100})


async def test_the_same_tie_later_is_a_progression(desk: Desk) -> None:
    await desk.entity("Asa"), await desk.entity("Brida")
    first = await desk.done("create_relationship", source="Asa", type="loves", target="Brida", sign=1.0)

    data = await desk.done(
        "create_relationship", source="Asa", type="loves", target="Brida", sign=0.2, since={"day": 40}
    )

    assert data["closed"] == [first["relationship"]["id"]]  # type: ignore[index, call-overload]
    old = await desk.story.relationships.get(desk.project_id, str(data["closed"][0]))  # type: ignore[index]
    assert old.valid.end is not None
    assert old.valid.end.earliest == 40


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"source": "Asa", "type": "knows", "target": "Asa"}, "tied to itself"),
        ({"source": "Vale", "type": "parent_of", "target": "Asa"}, "is a character, but 'Vale' is a location"),
        ({"source": "Asa", "type": "mother_of", "target": "Brida"}, "no type of relationship; the nearest are"),
        ({"source": "Asa", "type": "knows", "target": "Nobody"}, "No entity 'Nobody'"),
    ],
)
async def test_a_tie_that_makes_no_sense_says_why(desk: Desk, arguments: dict[str, str], words: str) -> None:
    await desk.entity("Asa"), await desk.entity("Brida"), await desk.entity("Vale", type="location")

    error = await desk.refused("create_relationship", **arguments)

    assert words in str(error["message"])


async def test_a_strength_of_three_is_no_argument(desk: Desk) -> None:
    await desk.entity("Asa"), await desk.entity("Brida")

    with pytest.raises(ToolFailure, match="'strength' must be at most 1") as failure:
        await desk.call("create_relationship", source="Asa", type="knows", target="Brida", strength=3)
    assert failure.value.code == "invalid_argument"


# --- record_fact -----------------------------------------------------------------------------------------------------


async def test_a_fact_is_kept_with_the_words_it_stands_in(desk: Desk) -> None:
    await desk.entity("Mira")
    await desk.story.documents.create(desk.project_id, id="doc", number=1, text="Mira had grey eyes.")

    await desk.done(
        "record_fact", subject="Mira", predicate="eyes", value="grey", document="chapter 1", quote="grey eyes"
    )

    (fact,) = (await desk.story.facts.list(desk.project_id)).items
    assert (fact.evidence[0].start, fact.evidence[0].end, fact.evidence[0].rev) == (9, 18, 1)


async def test_words_that_are_not_in_the_text_are_no_evidence(desk: Desk) -> None:
    await desk.entity("Mira")
    await desk.story.documents.create(desk.project_id, id="doc", number=1, text="Mira had grey eyes.")

    error = await desk.refused(
        "record_fact", subject="Mira", predicate="eyes", value="green", document="1", quote="green eyes"
    )

    assert "do not stand in" in str(error["message"])
    assert (await desk.story.facts.list(desk.project_id)).items == ()


async def test_a_second_value_at_the_same_time_is_a_conflict_and_a_belief_is_not(desk: Desk) -> None:
    await desk.entity("Mira"), await desk.entity("Tam")
    await desk.done("record_fact", subject="Mira", predicate="mother", value="Asa")

    error = await desk.refused("record_fact", subject="Mira", predicate="mother", value="Brida")

    assert error["code"] == "conflict"
    await desk.done("record_fact", subject="Mira", predicate="mother", value="Brida", truth="belief", holder="Tam")
    await desk.done("record_fact", subject="Mira", predicate="mother", value="Asa")


async def test_a_conflict_with_a_hidden_fact_does_not_tell_it(desk: Desk) -> None:
    mira = await desk.entity("Mira")
    await desk.story.facts.create(
        desk.project_id, subject_id=mira.id, predicate="father", value="the King", hidden_from_ai=True
    )

    error = await desk.refused("record_fact", subject="Mira", predicate="father", value="Tam")

    assert "King" not in str(error)
    assert "candidates" not in error


# --- commit_decision -------------------------------------------------------------------------------------------------


def mother(name: str, **arguments: object) -> dict[str, object]:
    fact = {"subject": "Mira", "predicate": "mother", "value": name}
    return {"decision": f"{name} is Mira's mother.", "facts": [fact], **arguments}


async def test_a_decision_against_another_is_a_conflict_and_writes_nothing(desk: Desk) -> None:
    await desk.entity("Mira")
    first = await desk.done("commit_decision", **mother("Asa"))
    before = (await desk.story.facts.list(desk.project_id)).items

    error = await desk.refused("commit_decision", **mother("Brida"))

    assert error["code"] == "conflict"
    assert first["decision_id"] in error["candidates"]  # type: ignore[operator]
    assert (await desk.story.facts.list(desk.project_id)).items == before
    assert len((await desk.story.decisions.list(desk.project_id)).items) == 1


async def test_superseding_closes_the_old_fact_and_keeps_the_history(desk: Desk) -> None:
    mira = await desk.entity("Mira")
    first = await desk.done("commit_decision", **mother("Asa"))

    data = await desk.done("commit_decision", **mother("Brida", supersedes=first["decision_id"]))

    assert [fact["value"] for fact in data["closed"]] == ["Asa"]  # type: ignore[index, union-attr]
    (held,) = await desk.story.facts.as_of(desk.project_id, AsOf(), subject_id=mira.id)
    assert held.value == "Brida"
    old = await desk.story.decisions.get(desk.project_id, str(first["decision_id"]))
    assert old.superseded_by == data["decision_id"]
    assert len((await desk.story.facts.list(desk.project_id)).items) == 2


async def test_superseding_from_a_day_on_leaves_what_was_before(desk: Desk) -> None:
    mira = await desk.entity("Mira")
    first = await desk.done("commit_decision", **mother("Asa"))
    await desk.done("commit_decision", **mother("Brida", supersedes=first["decision_id"], as_of={"day": 50}))

    async def at(day: int) -> object:
        facts = await desk.story.facts.as_of(desk.project_id, AsOf(story_time=day), subject_id=mira.id)
        return [fact.value for fact in facts]

    assert (await at(49), await at(50)) == (["Asa"], ["Brida"])


async def test_an_identical_call_with_the_same_key_is_one_record(desk: Desk) -> None:
    await desk.entity("Mira")
    first = await desk.done("commit_decision", **mother("Asa", idempotency_key="mother"))

    again = await desk.done("commit_decision", **mother("Asa", idempotency_key="mother"))

    assert again["decision_id"] == first["decision_id"]
    assert len((await desk.story.decisions.list(desk.project_id)).items) == 1
    assert len((await desk.story.facts.list(desk.project_id)).items) == 1
    error = await desk.refused("commit_decision", **mother("Brida", idempotency_key="mother"))
    assert "another key" in str(error["message"])


async def test_a_decision_about_nothing_is_refused(desk: Desk) -> None:
    error = await desk.refused("commit_decision", decision="Something will happen.")

    assert error["code"] == "invalid_argument"


async def test_superseding_what_was_superseded_names_the_head(desk: Desk) -> None:
    await desk.entity("Mira")
    first = await desk.done("commit_decision", **mother("Asa"))
    second = await desk.done("commit_decision", **mother("Brida", supersedes=first["decision_id"]))

    error = await desk.refused("commit_decision", **mother("Cora", supersedes=first["decision_id"]))

    assert (error["code"], error["candidates"]) == ("conflict", [second["decision_id"]])


async def test_a_call_that_runs_again_after_all_was_stored_changes_nothing(desk: Desk) -> None:
    await desk.entity("Mira")
    first = await desk.done("commit_decision", **mother("Asa"))
    second = mother("Brida", supersedes=first["decision_id"], as_of={"day": 5})
    await desk.done("commit_decision", call_id="c", **second)
    before = (await desk.story.facts.list(desk.project_id)).items

    await desk.done("commit_decision", call_id="c", **second)

    assert (await desk.story.facts.list(desk.project_id)).items == before


async def test_facts_of_one_decision_must_not_contradict_each_other(desk: Desk) -> None:
    await desk.entity("Mira")
    facts = [{"subject": "Mira", "predicate": "mother", "value": name} for name in ("Asa", "Brida")]

    error = await desk.refused("commit_decision", decision="Two mothers.", facts=facts)

    assert error["code"] == "invalid_argument"
    assert (await desk.story.decisions.list(desk.project_id)).items == ()
