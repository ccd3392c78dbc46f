"""The tools of the page: the server finds what is meant, and nothing is shown that cannot be."""

from collections.abc import AsyncIterator

import pytest

from saga_agent.domain.time import StoryInterval, TimeValue
from saga_agent.storage.memory.adapter import MemoryStorage
from saga_agent.tools.result import ToolFailure
from tests.unit.tools.story.desk import Desk, build_desk

YEAR = 360


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    async with MemoryStorage() as storage:
        yield await build_desk(storage)


async def tie(desk: Desk, one: str, other: str, *, until_year: int | None = None, **fields: object) -> None:
    end = None if until_year is None else TimeValue(earliest=until_year * YEAR, latest=until_year * YEAR)
    await desk.story.relationships.create(
        desk.project_id, type="knows", source_id=one, target_id=other, valid=StoryInterval(end=end), **fields
    )


async def test_a_panel_opens_on_what_is_named(desk: Desk) -> None:
    mira = await desk.entity("Mira")
    await desk.story.documents.create(desk.project_id, id="doc", number=2, title="Ice", text="Mira.")

    entity = await desk.done("open_panel", panel="entity", target="mira", tab="facts")
    document = await desk.done("open_panel", panel="document", target="chapter 2")

    assert entity == {"opened": "entity", "tab": "facts", "target": {"kind": "entity", "id": mira.id, "name": "Mira"}}
    assert document["target"] == {"kind": "document", "id": "doc", "name": "Chapter 2: Ice"}


async def test_a_panel_or_tab_that_does_not_exist_is_answered_with_those_that_do(desk: Desk) -> None:
    with pytest.raises(ToolFailure, match="'entity', 'document', 'timeline'"):
        await desk.call("open_panel", panel="kitchen")
    error = await desk.refused("open_panel", panel="outline", tab="facts")

    assert "its tabs are: chapters, threads, beats" in str(error["message"])


async def test_a_name_of_two_is_never_guessed_and_a_deleted_target_is_not_found(desk: Desk) -> None:
    ed = await desk.entity("Edmund", aliases=[{"text": "Ed"}])
    await desk.entity("Edward", aliases=[{"text": "Ed"}])
    ambiguous = await desk.call("open_panel", panel="entity", target="Ed")
    await desk.story.entities.delete(desk.project_id, ed.id)
    gone = await desk.refused("focus_entity", entity=ed.id)

    assert ambiguous.error is not None
    assert (ambiguous.error["code"], ambiguous.ui) == ("ambiguous_reference", ())
    assert ambiguous.error["candidates"] == ["Edmund (character)", "Edward (character)"]
    assert gone["code"] == "not_found"


async def test_a_name_shared_with_a_hidden_entity_means_the_other(desk: Desk) -> None:
    await desk.entity("Edmund", aliases=[{"text": "Ed"}], ai_visibility="never")
    edward = await desk.entity("Edward", aliases=[{"text": "Ed"}])

    data = await desk.done("focus_entity", entity="Ed")

    assert data["entity_id"] == edward.id


async def test_an_entity_hidden_from_models_does_not_exist_for_them(desk: Desk) -> None:
    await desk.entity("Ghost", ai_visibility="never")

    for tool, arguments in (
        ("focus_entity", {"entity": "Ghost"}),
        ("open_panel", {"panel": "entity", "target": "Ghost"}),
        ("show_graph", {"center": ["Ghost"]}),
        ("update_entity", {"entity": "Ghost", "changes": {"summary": "x"}}),
        ("record_fact", {"subject": "Ghost", "predicate": "is", "value": "dead"}),
    ):
        assert (await desk.refused(tool, **arguments))["code"] == "not_found"
    assert (await desk.done("show_graph"))["nodes"] == []


async def test_the_places_of_a_name_are_counted_in_reading_order(desk: Desk) -> None:
    mira = await desk.entity("Mira")
    await desk.story.documents.create(desk.project_id, id="doc_z", reading_order=1, text="Then Mira spoke.")
    await desk.story.documents.create(desk.project_id, id="doc_a", reading_order=2, text="Mira left. Mira wept.")

    second = await desk.done("focus_entity", entity="Mira", occurrence=2)
    in_document = await desk.done("focus_entity", entity="Mira", document="doc_a", occurrence=2)
    beyond = await desk.call("focus_entity", entity="Mira", occurrence=99)

    assert second["mention"]["document_id"] == "doc_a"  # type: ignore[index, call-overload]
    assert in_document["mention"]["start"] == 11  # type: ignore[index, call-overload]
    assert (beyond.data["entity_id"], beyond.data["mention"]) == (mira.id, None)
    assert beyond.warnings == ("'Mira' is named 3 times there; there is no occurrence 99.",)


async def test_a_tie_that_ended_in_year_5_is_not_in_the_graph_of_year_6(desk: Desk) -> None:
    one, other = await desk.entity("Asa"), await desk.entity("Brida")
    await tie(desk, one.id, other.id, until_year=5)

    then = await desk.done("show_graph", center=["Asa"], as_of={"day": 4 * YEAR})
    later = await desk.done("show_graph", center=["Asa"], as_of={"day": 6 * YEAR})

    assert (len(then["edges"]), len(then["nodes"])) == (1, 2)  # type: ignore[arg-type]
    assert (later["edges"], len(later["nodes"])) == ([], 1)  # type: ignore[arg-type]


async def star(desk: Desk, leaves: int) -> str:
    centre = await desk.entity("Hub")
    for number in range(leaves):
        leaf = await desk.entity(f"Leaf {number:03}")
        await tie(desk, centre.id, leaf.id, strength=0.5 if number != 42 else 0.9)
    return centre.id


async def test_a_star_of_100_capped_at_10_keeps_the_centre_and_9_and_says_what_it_dropped(desk: Desk) -> None:
    centre = await star(desk, 100)

    data = await desk.done("show_graph", center=["Hub"], max_nodes=10)

    names = [node["name"] for node in data["nodes"]]  # type: ignore[index, union-attr, call-overload]
    assert (len(names), data["dropped"], names[0], names[1]) == (10, 91, "Hub", "Leaf 042")
    assert {edge["source"] for edge in data["edges"]} == {centre}  # type: ignore[index, union-attr, call-overload]


async def test_the_same_graph_is_the_same_to_the_byte(desk: Desk) -> None:
    await star(desk, 12)

    one = await desk.call("show_graph", center=["Hub"])
    again = await desk.call("show_graph", center=["Hub"])

    assert one.to_json() == again.to_json()
    assert len(one.ui) == 1


async def test_depth_is_clamped_with_a_warning_and_an_empty_project_shows_nothing(desk: Desk) -> None:
    result = await desk.call("show_graph", depth=9)

    assert result.warnings == ("depth: 9 was taken as 3.",)
    assert result.data == {"nodes": [], "edges": [], "layout": {}, "dropped": 0}
    assert result.ui == ()


async def test_the_way_between_two_is_the_shortest(desk: Desk) -> None:
    asa, brida, cora, dun = [(await desk.entity(name)).id for name in ("Asa", "Brida", "Cora", "Dun")]
    for one, other in ((asa, brida), (brida, cora), (cora, dun), (asa, cora)):
        await tie(desk, one, other)
    await desk.entity("Hermit")

    way = await desk.done("show_graph", path=["Asa", "Dun"])
    none = await desk.call("show_graph", path=["Asa", "Hermit"])

    assert [node["id"] for node in way["nodes"]] == [asa, cora, dun]  # type: ignore[index, union-attr, call-overload]
    assert none.warnings == ("No way of ties leads from 'Asa' to 'Hermit'.",)
