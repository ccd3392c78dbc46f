"""Canon against canon."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.analyses.calendar import Calendar, CalendarStretch
from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.ties import find_cycle
from saga_agent.domain.entity import Alias, Fact
from saga_agent.domain.finding import FactEvidence
from saga_agent.samples.story import load_sample_bible
from tests.unit.analyses.canons import between, chapter, day, entity, fact, findings_of, tie, told

YEAR = 365


def family_of(mother_born: object, child_born: object) -> Canon:
    return Canon(
        entities=[
            entity("Brida", existence=[between(mother_born, None)]),  # pyright: ignore
            entity("Mira", existence=[between(child_born, None)]),  # pyright: ignore
        ],
        relationships=[tie("brida", "mother_of", "mira")],
    )


def test_a_clean_project_of_50_entities_has_no_findings() -> None:
    people = [entity(f"Person{chr(65 + n)}x", existence=[between(n * 20 * YEAR, None)]) for n in range(20)]
    places = [
        entity(f"Place{chr(65 + n)}x", "location", fields={"parent_place": "placeax"} if n else {}) for n in range(15)
    ]
    events = [
        entity(
            f"Event{chr(65 + n)}x",
            "event",
            existence=[between(150_000 + 10 * n, 150_005 + 10 * n)],
            fields={"where": f"place{chr(97 + n)}x", "participants": {"actor": ["personax", "personbx"]}},
        )
        for n in range(10)
    ]
    items = [entity(f"Item{chr(65 + n)}x", "item") for n in range(5)]
    canon = Canon(
        entities=[*people, *places, *events, *items],
        relationships=[tie(people[n].id, "parent_of", people[n + 1].id) for n in range(19)]
        + [
            tie("personax", "ruler_of", "placeax", valid=between(0, 10)),
            tie("personbx", "ruler_of", "placeax", valid=between(10, 20)),
        ],
        facts=[fact("personax", "eyes", "blue"), fact("personax", "eyes", "green", valid=between(10, None))],
        documents=[
            chapter(n, pov_id="personax", place_id="placeax", story=between(160_000 + n, None)) for n in range(9)
        ],
    )

    assert len(canon.entities) == 50
    assert findings_of(canon) == []


def test_a_mother_six_years_older_than_her_child_is_certain() -> None:
    (found,) = findings_of(family_of(0, 6 * YEAR), "kinship")

    assert (found.code, found.certainty, found.severity) == ("kinship.age", "certain", "error")
    assert found.subjects == ("brida", "mira")
    assert "6 years" in found.message


def test_dates_about_that_allow_sixteen_years_are_possible() -> None:
    (found,) = findings_of(family_of(day(-5 * YEAR, 5 * YEAR), day(6 * YEAR, 11 * YEAR)), "kinship")

    assert (found.certainty, found.severity) == ("possible", "warning")


@pytest.mark.parametrize(("mother", "child"), [(0, 16 * YEAR), (0, None), (None, 6 * YEAR)])
def test_an_age_that_fits_or_is_not_known_is_silent(mother: int | None, child: int | None) -> None:
    assert findings_of(family_of(mother, child), "kinship") == []


def test_ages_are_read_from_facts_and_fields_too() -> None:
    canon = Canon(
        entities=[entity("Brida", fields={"born": 200}), entity("Mira", fields={"mother": "Brida"})],
        facts=[fact("mira", "birth_year", "205")],
    )

    assert told(findings_of(canon, "kinship")) == [("kinship.age", "certain")]


def test_a_parent_of_another_species_is_possible_only() -> None:
    canon = Canon(
        entities=[entity("Brida", fields={"born": 200, "species": "selkie"}), entity("Mira", fields={"born": 205})],
        relationships=[tie("mira", "child_of", "brida")],
    )

    assert told(findings_of(canon, "kinship")) == [("kinship.age", "possible")]


def test_a_child_born_after_its_mothers_death() -> None:
    parents = [entity("Brida", existence=[between(0, 30 * YEAR)]), entity("Tam", existence=[between(0, 30 * YEAR)])]
    child = entity("Mira", existence=[between(30 * YEAR + 100, None)])
    canon = Canon(
        entities=[*parents, child], relationships=[tie("brida", "mother_of", "mira"), tie("tam", "father_of", "mira")]
    )

    (found,) = findings_of(canon, "kinship")
    assert found.code == "kinship.born_after_death"
    assert found.subjects == ("brida", "mira"), "a father may die before the birth"


MONTHS = Calendar(stretches=tuple(CalendarStretch(name=f"M{n}", days=30) for n in range(1, 13)))


@pytest.mark.parametrize("value", [{"year": 5, "month": 13, "day": 1}, "5-13-1", "31 M2 5"])
def test_a_date_that_the_calendar_does_not_have(value: object) -> None:
    canon = Canon(entities=[entity("Mira")], facts=[fact("mira", "born", value, id="f")], calendar=MONTHS)

    (found,) = findings_of(canon, "calendar")
    assert found.code == "date.invalid"
    assert found.subjects == ("mira",)


def test_dates_that_exist_or_are_none_are_silent_and_so_is_a_project_without_a_calendar() -> None:
    good = [
        fact("mira", "born", "5-12-30"),
        fact("mira", "room", "5-13-1"),
        fact("mira", "born", "long ago", mode="add"),
    ]
    assert findings_of(Canon(entities=[entity("Mira")], facts=good, calendar=MONTHS), "calendar") == []
    assert findings_of(Canon(entities=[entity("Mira")], facts=[fact("mira", "born", "5-13-1")]), "calendar") == []


@pytest.mark.parametrize(
    ("first", "second", "certainty"),
    [
        ((None, None), (None, None), "certain"),
        ((0, 20), (10, None), "certain"),
        ((0, None), (10, None), None),
        ((0, 10), (10, 20), None),
        ((None, None), (10, None), None),
        ((0, day(8, 12)), (10, None), "possible"),
    ],
)
def test_two_values_clash_when_they_hold_at_one_time(first: tuple, second: tuple, certainty: str | None) -> None:
    facts = [fact("mira", "eyes", "blue", valid=between(*first)), fact("mira", "eyes", "green", valid=between(*second))]
    found = findings_of(Canon(entities=[entity("Mira")], facts=facts), "facts")

    assert told(found) == ([("fact.contradiction", certainty)] if certainty else [])


@pytest.mark.parametrize(
    "changes",
    [{"mode": "add"}, {"truth": "lie"}, {"status": "rejected"}, {"predicate": "hair"}, {"value": "dark blue"}],
)
def test_what_adds_lies_or_says_the_same_is_no_contradiction(changes: dict) -> None:
    other = {"subject": "mira", "predicate": "eyes", "value": "green", "id": "other"} | changes
    facts = [fact("mira", "eyes", "blue"), fact(**other)]

    assert findings_of(Canon(entities=[entity("Mira")], facts=facts), "facts") == []


def test_a_contradiction_names_both_facts() -> None:
    facts = [fact("mira", "eyes", "blue", id="f1"), fact("mira", "eyes", "green", id="f2")]
    (found,) = findings_of(Canon(entities=[entity("Mira")], facts=facts), "facts")

    assert found.evidence == (
        FactEvidence(fact_id="f1", quote="eyes = blue"),
        FactEvidence(fact_id="f2", quote="eyes = green"),
    )


def test_the_samples_contradiction_is_found_and_nothing_else_of_its_facts() -> None:
    sample = load_sample_bible()
    entities = [entity(each.name, each.type, id=each.id) for each in sample.entities]
    facts = [
        Fact(
            id=each.id,
            project_id="p",
            subject_id=each.subject,
            predicate=each.predicate,
            value=each.value,
            truth=each.truth,
            holder_id=each.holder,
            revealed_at=each.chapter,
        )
        for each in sample.facts
        if each.when is None
    ]

    found = findings_of(Canon(entities=entities, facts=facts), "facts")
    assert [each.subjects for each in found] == [("marit-kell",)]
    assert {place.fact_id for place in found[0].evidence if isinstance(place, FactEvidence)} == set(
        sample.contradictions[0].facts
    )


def event(name: str, where: str, start: int, end: int | None, *who: str, **fields: object) -> object:
    return entity(
        name, "event", existence=[between(start, end)], fields={"where": where, "participants": list(who), **fields}
    )


PLACES = [
    entity("Ashford", "location"),
    entity("Brill", "location"),
    entity("Inn", "location", fields={"parent_place": "Brill"}),
]


@pytest.mark.parametrize(
    ("first", "second", "certainty"),
    [
        (("Ashford", 10, 12), ("Brill", 11, 14), "certain"),
        (("Ashford", 10, 10), ("Brill", 10, 10), "possible"),
        (("Ashford", 10, 12), ("Brill", 12, 14), None),
        (("Inn", 10, 12), ("Brill", 10, 12), None),
        (("Ashford", 10, 12), ("Ashford", 10, 12), None),
    ],
)
def test_one_character_is_in_one_place_at_a_time(first: tuple, second: tuple, certainty: str | None) -> None:
    canon = Canon(entities=[*PLACES, entity("Mira"), event("Feast", *first, "Mira"), event("Raid", *second, "mira")])  # pyright: ignore

    assert told(findings_of(canon, "places")) == ([("place.two_at_once", certainty)] if certainty else [])


def test_existence_bounds_events_points_of_view_and_ties() -> None:
    dead = entity("Bran", existence=[between(0, 100)])
    canon = Canon(
        entities=[dead, *PLACES, event("Wake", "Brill", 101, None, "Bran"), event("Fall", "Brill", 100, None, "Bran")],  # pyright: ignore
        documents=[
            chapter(1, pov_id="bran", story=between(120, None)),
            chapter(2, pov_id="bran", story=between(120, None), time_mode="flashback"),
        ],
        relationships=[tie("bran", "leads", "brill", valid=between(150, None))],
    )

    assert {each.subjects[1] for each in findings_of(canon, "existence")} == {"wake", "ch1", "bran-leads-brill"}
    backwards = Canon(entities=[entity("Odd", existence=[between(9, 3)])])
    assert told(findings_of(backwards, "existence")) == [("existence.reversed", "certain")]


def test_an_item_has_one_holder_and_is_used_by_its_holder() -> None:
    sword = entity("Sword", "item", fields={"custody": [{"holder": "Mira", "from": 0, "until": 10}]})
    people = [entity("Mira"), entity("Tam")]
    two = Canon(entities=[sword, *people], relationships=[tie("tam", "owns", "sword", valid=between(5, 20))])
    assert told(findings_of(two, "custody")) == [("item.custody", "certain")]
    handed_on = Canon(entities=[sword, *people], relationships=[tie("tam", "owns", "sword", valid=between(10, 20))])
    assert findings_of(handed_on, "custody") == []
    used = Canon(entities=[sword, *people, *PLACES, event("Duel", "Brill", 5, None, "Tam", items=["Sword"])])  # pyright: ignore
    assert told(findings_of(used, "custody")) == [("item.custody", "possible")]


def test_loops_self_ties_and_offices_held_twice() -> None:
    people = [entity("Ann"), entity("Bea"), entity("Cay"), entity("Realm", "location")]
    loop = Canon(
        entities=people,
        relationships=[tie("ann", "parent_of", "bea"), tie("bea", "parent_of", "cay"), tie("ann", "child_of", "cay")],
    )
    (found,) = findings_of(loop, "ties")
    assert (found.code, found.subjects) == ("tie.cycle", ("ann", "bea", "cay"))
    twice = Canon(
        entities=people,
        relationships=[
            tie("ann", "ruler_of", "realm", valid=between(0, 10)),
            tie("realm", "ruled_by", "bea", valid=between(5, 20)),
            tie("cay", "loves", "cay"),
        ],
    )
    assert told(findings_of(twice, "ties")) == [("tie.self", "certain"), ("tie.functional", "certain")]
    after = Canon(
        entities=people,
        relationships=[
            tie("ann", "ruler_of", "realm", valid=between(0, None)),
            tie("bea", "ruler_of", "realm", valid=between(5, None)),
        ],
    )
    assert findings_of(after, "ties") == [], "one reign begins where the other ends"


def test_names_with_two_owners_and_references_to_nothing() -> None:
    two = [entity("Edward", aliases=[Alias(text="Ed")]), entity("Edmund", aliases=[Alias(text="ed")])]
    assert told(findings_of(Canon(entities=two), "aliases")) == [("alias.clash", "certain")]
    by_case = [entity("Rose"), entity("Flower", "item", aliases=[Alias(text="rose", case_sensitive=True)])]
    assert findings_of(Canon(entities=by_case), "aliases") == []
    lost = Canon(
        entities=two,
        relationships=[tie("edward", "knows", "gone")],
        facts=[fact("nobody", "eyes", "blue"), fact("no-one", "x", 1, status="rejected")],
        documents=[chapter(1, pov_id="edward", place_id="nowhere")],
    )
    assert {each.subjects[1] for each in findings_of(lost, "references")} == {"gone", "nobody", "nowhere"}


def test_knowledge_before_its_source_its_fact_or_as_a_belief() -> None:
    known = {"who": "tam", "since": day(5)}
    scene = chapter(3, story=between(9, None))
    early = fact("mira", "heir", "yes", known_by=[known | {"source_scene": "ch3"}])
    canon = Canon(entities=[entity("Tam"), entity("Mira")], facts=[early], documents=[scene])
    assert told(findings_of(canon, "knowledge")) == [("knowledge.before_learned", "certain")]
    crowned = fact("mira", "crowned", True, valid=between(8, None), known_by=[known])
    before_it_is_so = Canon(entities=[entity("Tam"), entity("Mira")], facts=[crowned])
    assert len(findings_of(before_it_is_so, "knowledge")) == 1
    then = fact("mira", "heir", "yes", known_by=[{"who": "tam", "since": day(9), "source_scene": "ch3"}])
    in_time = Canon(entities=[entity("Tam"), entity("Mira")], documents=[scene], facts=[then])
    assert findings_of(in_time, "knowledge") == []


def test_findings_are_the_same_in_every_run() -> None:
    canon = family_of(0, 6 * YEAR)

    assert findings_of(canon) == findings_of(family_of(0, 6 * YEAR))
    assert findings_of(canon)[0].id.startswith("fnd_")


@given(st.integers(0, 10_000))
def test_any_canon_is_checked_without_a_failure(seed: int) -> None:
    rng = random.Random(seed)
    ids = [f"e{n}" for n in range(6)]
    times = [None, between(3, 1), between(1, None), between(None, day(2, 9)), between(day(None, 4), 7)]
    values = [
        "e1",
        "Name1",
        5,
        None,
        True,
        [1],
        {"year": 1, "month": 99, "day": 0},
        {"earliest": 9, "latest": 1},
        "1-2-3",
    ]
    kinds = ["character", "location", "event", "item", "culture", "calendar"]
    canon = Canon(
        entities=[
            entity(
                f"Name{n % 4}",
                kinds[n],
                id=ids[n],
                existence=[t] if (t := rng.choice(times)) else [],
                fields={
                    key: rng.choice(values)
                    for key in (
                        "when",
                        "where",
                        "participants",
                        "custody",
                        "mother",
                        "born",
                        "parent_place",
                        "items",
                        "species",
                    )
                },
            )
            for n in range(6)
        ],
        relationships=[
            tie(
                rng.choice(ids),
                rng.choice(["parent_of", "owns", "located_in", "ruler_of", "odd"]),
                rng.choice([*ids, "gone"]),
                valid=rng.choice(times) or between(None, None),
            )
            for _ in range(8)
        ],
        facts=[
            fact(
                rng.choice(ids),
                rng.choice(["born", "holder", "mother", "eyes"]),
                rng.choice(values),
                id=f"f{n}",
                valid=rng.choice(times) or between(None, None),
                known_by=[{"who": rng.choice(ids), "since": day(3)}],
            )
            for n in range(8)
        ],
        documents=[chapter(n, pov_id=rng.choice(ids), place_id="e1", story=rng.choice(times)) for n in range(3)],
        calendar=rng.choice([None, MONTHS]),
    )

    findings_of(canon)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20))
def test_a_loop_is_found_exactly_when_there_is_one(edges: list[tuple[int, int]]) -> None:
    graph: dict[str, set[str]] = {}
    for one, other in edges:
        if one != other:
            graph.setdefault(str(one), set()).add(str(other))
    reach = {node: set(targets) for node, targets in graph.items()}
    for _ in range(8):
        for node in reach:
            reach[node] |= {far for near in set(reach[node]) for far in reach.get(near, ())}

    loop = find_cycle(graph)

    assert (loop is not None) == any(node in targets for node, targets in reach.items())
    if loop:
        assert all(other in graph[one] for one, other in zip(loop, [*loop[1:], loop[0]], strict=True))
