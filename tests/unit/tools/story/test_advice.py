"""Clarity, names, connections and templates through their tools."""

from __future__ import annotations

from typing import Any

import pytest

from saga_agent.domain.project import StyleGuide
from saga_agent.tools.result import ToolResult
from tests.unit.analyses.test_naming import OLD_ENGLISH
from tests.unit.tools.story.bench import Bench


def codes(result: ToolResult) -> list[str]:
    return [each.code for each in result.findings]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"Yes," she said quietly.', []),
        ('"Yes," she said angrily.', ["clarity.tag_adverb"]),
        ("She felt cold. She saw the door. She heard steps.", ["clarity.filter_verb"] * 3),
    ],
)
async def test_clarity_of_a_text(bench: Bench, text: str, found: list[str]) -> None:
    result = await bench.call("clarity_check", text=text)

    assert codes(result) == found
    assert result.engine == "algorithm"


async def test_clarity_of_nothing_is_zero(bench: Bench) -> None:
    result = await bench.call("clarity_check", text="")

    metrics: Any = result.data["metrics"]
    assert result.ok
    assert (metrics["words"], metrics["sentences"], metrics["dialogue_share"]) == (0, 0, 0.0)
    assert result.findings == ()


async def test_clarity_of_a_document_stands_beside_the_writers_own_habit(bench: Bench) -> None:
    await bench.chapter(1, "He ran. She felt cold. He sat. It was late.")
    await bench.chapter(2, "She felt cold. She felt warm.")
    await bench.story.projects.update(bench.project_id, style_guide=StyleGuide(banned_words=("warm",)))

    result = await bench.call("clarity_check", document="2")

    metrics: Any = result.data["metrics"]
    assert metrics["per_1000_words"]["clarity.filter_verb"] == 333.33
    assert metrics["baseline_per_1000_words"] == {"clarity.filter_verb": 100.0}
    assert "style.banned_word" in codes(result)
    part = await bench.call("clarity_check", document="2", start=15, checks=["clarity.filter_verb"])
    assert [(each.evidence[0].start, each.evidence[0].quote) for each in part.findings] == [  # pyright: ignore
        (15, "She felt warm.")
    ]


async def test_clarity_knows_the_pronouns_of_the_bible(bench: Bench) -> None:
    await bench.entity("Kesh", fields={"pronouns": "she/her"})
    await bench.entity("Orra", fields={"pronouns": "she/her"})
    await bench.entity("Vann", fields={"pronouns": "he/him"})
    await bench.chapter(1, "Kesh met Orra. She smiled. Kesh met Vann. She smiled.")

    result = await bench.call("clarity_check", document="1", checks=["clarity.ambiguous_pronoun"])

    assert [each.evidence[0].quote for each in result.findings] == ["Kesh met Orra. She smiled."]


async def test_clarity_honours_waivers_and_refuses_unknown_codes(bench: Bench) -> None:
    (found,) = (await bench.call("clarity_check", text="She felt cold.")).findings
    await bench.call("waive_finding", code=found.code, target=found.id, reason="meant so")

    again = await bench.call("clarity_check", text="She felt cold.")
    assert (again.findings, again.data["waived"]) == ((), 1)
    assert await bench.failure("clarity_check", text="x", checks=["clarity.nice"]) == "invalid_argument"
    assert await bench.failure("clarity_check", text="x", start=5) == "invalid_argument"


def names_of(result: ToolResult) -> list[str]:
    names: Any = result.data["names"]
    return [each["name"] for each in names]


async def test_names_come_back_for_a_seed_and_keep_away_from_the_story(bench: Bench) -> None:
    await bench.entity("Marta")
    first = await bench.call("name_generator", kind="person", seed=3, count=40)

    assert names_of(first) == names_of(await bench.call("name_generator", kind="person", seed=3, count=40))
    assert len(names_of(first)) == 40
    assert "Martha" not in names_of(first)
    assert names_of(await bench.call("name_generator", kind="place")) == names_of(
        await bench.call("name_generator", kind="place")
    ), "the same call run again"


async def test_200_names_from_three_are_fewer(bench: Bench) -> None:
    result = await bench.call("name_generator", kind="person", seed_names=["Mira", "Tamsin", "Brida"], count=200)

    assert result.ok
    assert result.data["exhausted"] is True
    assert 0 < len(names_of(result)) < 200


async def test_names_sound_like_their_culture(bench: Bench) -> None:
    await bench.entity("Aune", "culture", fields={"names": {"male": OLD_ENGLISH, "female": ["Zuzana", "Zofia"]}})
    await bench.entity("Mira")

    result = await bench.call("name_generator", kind="person", culture="Aune", gender="male", seed=1, count=5)

    assert names_of(result)
    assert set(names_of(result)).isdisjoint(OLD_ENGLISH)
    assert not any(name.startswith("Z") for name in names_of(result))
    assert await bench.failure("name_generator", kind="person", culture="Mira") == "invalid_argument"
    assert await bench.failure("name_generator", kind="person", culture="Nobody") == "not_found"


@pytest.mark.parametrize("bad", [{"count": 0}, {"count": 201}, {"kind": "planet"}, {"min_length": 9, "max_length": 4}])
async def test_names_refuse_what_cannot_be(bench: Bench, bad: dict[str, Any]) -> None:
    assert await bench.failure("name_generator", **({"kind": "person"} | bad)) == "invalid_argument"


async def test_first_letters_never_seen_are_warned_about(bench: Bench) -> None:
    result = await bench.call("name_generator", kind="person", starts_with="Xq", count=3)

    assert all(name.startswith("Xq") for name in names_of(result))
    assert len(result.warnings) == 1


async def related(bench: Bench) -> dict[str, str]:
    ids = {name: await bench.entity(name) for name in ("Ada", "Bea", "Cay", "Dov", "Eli")}
    for one, other in (("Ada", "Cay"), ("Bea", "Cay"), ("Ada", "Dov"), ("Bea", "Dov"), ("Cay", "Eli")):
        await bench.story.relationships.create(bench.project_id, source_id=ids[one], type="knows", target_id=ids[other])
    return ids


def pairs(result: ToolResult) -> list[tuple[str, str, float]]:
    found: Any = result.data["suggestions"]
    return [(*sorted((each["a"]["name"], each["b"]["name"])), each["score"]) for each in found]


async def test_connections_by_shared_relations_come_best_first(bench: Bench) -> None:
    await related(bench)
    result = await bench.call("suggest_connections")

    assert pairs(result)[:2] == [("Cay", "Dov", 2.885), ("Ada", "Bea", 2.353)]
    assert sorted(pairs(result)[2:]) == [("Ada", "Eli", 0.91), ("Bea", "Eli", 0.91)]
    assert pairs(await bench.call("suggest_connections", entity="Dov")) == [("Cay", "Dov", 2.885)]
    assert len(pairs(await bench.call("suggest_connections", n=1))) == 1


async def test_connections_by_shared_chapters_need_three(bench: Bench) -> None:
    for name in ("Kesh", "Orra", "Vann"):
        await bench.entity(name)
    for number in range(9):
        await bench.chapter(number, "Kesh met Orra." if number < 8 else "Vann slept.")

    (found,) = pairs(await bench.call("suggest_connections", kinds=["scenes"]))
    assert found == ("Kesh", "Orra", 1.0)


async def test_a_waived_connection_is_not_suggested_again(bench: Bench) -> None:
    await related(bench)
    found: Any = (await bench.call("suggest_connections", n=1)).data["suggestions"]
    reason = "They must never meet."
    await bench.call("waive_finding", code="connection.suggested", target=found[0]["id"], reason=reason)

    assert pairs(await bench.call("suggest_connections"))[0][:2] == ("Ada", "Bea")


async def test_connections_of_one_and_of_nobody(bench: Bench) -> None:
    await bench.entity("Mira")

    assert pairs(await bench.call("suggest_connections")) == []
    assert await bench.failure("suggest_connections", n=0) == "invalid_argument"
    assert await bench.failure("suggest_connections", entity="Nobody") == "not_found"


async def test_a_template_learns_from_the_entries_there_are(bench: Bench) -> None:
    base: Any = (await bench.call("generate_template", entity_type="location")).data
    for number in range(10):
        await bench.entity(f"Place {chr(65 + number)}", "location", fields={"tithe": number} if number < 4 else {})

    learned: Any = (await bench.call("generate_template", entity_type="Location")).data

    assert learned["json_schema"]["properties"] == base["json_schema"]["properties"] | {"tithe": {"type": "number"}}
    assert learned["learned_from"] == 10
    unknown = await bench.call("generate_template", entity_type="dragonrider")
    assert (unknown.ok, len(unknown.warnings)) == (True, 1)
    from_one: Any = (await bench.call("generate_template", entity_type="fief", from_entities=["Place B"])).data
    assert "tithe" in from_one["prompts"]


async def test_a_template_refuses_what_cannot_be(bench: Bench) -> None:
    assert await bench.failure("generate_template", entity_type="location", max_fields=0) == "invalid_argument"
    assert await bench.failure("generate_template", entity_type="x", from_entities=["Nobody"]) == "not_found"
