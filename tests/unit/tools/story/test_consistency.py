"""Checks of a passage, and of the bible."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from langchain_core.language_models.fake_chat_models import FakeListChatModel

from saga_agent.analyses.consistency.claims import Claim, normal_predicate
from saga_agent.domain.time import StoryInterval, TimeValue
from saga_agent.errors import ModelError, ModelUnavailable
from saga_agent.models.side import SideModel
from saga_agent.story.checks.passage_check import PASSAGE_CODES
from saga_agent.tools.claims import ModelClaimExtractor
from tests.unit.tools.story.bench import Bench

TEXT = "Mira looked up. Her eyes were green, green as glass."
GREEN = Claim(subject="Mira", predicate="eyes", value="green", quote="Her eyes were green")


class Script:
    """An extractor that gives what it was told to."""

    def __init__(self, *claims: Claim, error: ModelError | None = None) -> None:
        self.claims, self.error = claims, error

    async def extract(self, text: str, *, names: Sequence[str]) -> Sequence[Claim]:
        if self.error:
            raise self.error
        return self.claims


def at(day: int | None, end: int | None = None) -> StoryInterval:
    return StoryInterval(
        start=None if day is None else TimeValue(earliest=day, latest=day),
        end=None if end is None else TimeValue(earliest=end, latest=end),
    )


async def blue_then_green(bench: Bench) -> tuple[str, str, str]:
    mira = await bench.entity("Mira")
    for number in (9, 10, 12):
        await bench.chapter(number, TEXT, story=at(number))
    blue = await bench.fact(mira, "eyes", "blue")
    return mira, blue, await bench.fact(mira, "eyes", "green", valid=at(10))


async def test_green_eyes_before_they_turn_green_contradict_canon_once_and_name_both(bench: Bench) -> None:
    mira, blue, green = await blue_then_green(bench)

    result = await bench.with_context(extractor=Script(GREEN)).call("check_consistency", document="9")

    (found,) = result.findings
    assert (found.code, found.severity, found.certainty) == ("fact.contradiction", "error", "certain")
    assert found.subjects == (mira,)
    assert "blue" in found.message
    assert "green" in found.message
    assert [getattr(each, "fact_id", None) for each in found.evidence] == [None, blue, green]
    assert found.evidence[0].quote == "Her eyes were green"
    assert result.engine == "mixed"
    assert result.data["claims"] == [GREEN.model_dump()]


async def test_the_same_claim_after_they_turned_green_is_silent(bench: Bench) -> None:
    await blue_then_green(bench)
    reading = bench.with_context(extractor=Script(GREEN))

    assert (await reading.call("check_consistency", document="12")).findings == ()
    assert (await reading.call("check_consistency", text=TEXT, as_of={"day": 11})).findings == ()
    assert len((await reading.call("check_consistency", text=TEXT, as_of={"scene": "chapter 9"})).findings) == 1


async def test_the_same_claim_as_a_lie_in_speech_is_only_information(bench: Bench) -> None:
    await blue_then_green(bench)
    lie = GREEN.model_copy(update={"voice": "speech"})

    (found,) = (await bench.with_context(extractor=Script(lie)).call("check_consistency", document="9")).findings

    assert (found.severity, found.certainty) == ("info", "possible")


async def test_a_quote_that_is_not_in_the_text_gives_no_finding_and_one_warning(bench: Bench) -> None:
    await blue_then_green(bench)
    invented = GREEN.model_copy(update={"quote": "Her emerald eyes shone"})

    result = await bench.with_context(extractor=Script(invented)).call("check_consistency", document="9")

    assert result.findings == ()
    assert result.warnings == ("Claims dropped, because their quotes are not in the text: 1.",)
    assert result.data["claims"] == []


async def test_without_a_model_or_with_one_that_fails_the_algorithm_still_answers(bench: Bench) -> None:
    bran = await bench.entity("Bran", existence=[at(0, 5)])
    await bench.chapter(1, "Bran opened the door.", story=at(9))
    failing = bench.with_context(extractor=Script(error=ModelUnavailable("It is down.")))

    for reader in (bench, failing):
        result = await reader.call("check_consistency", document="1")
        assert [(each.code, each.subjects) for each in result.findings] == [("existence.outside", (bran,))]
        assert result.engine == "algorithm"
    assert "It is down." in (await failing.call("check_consistency", document="1")).warnings[0]
    assert (await failing.call("check_consistency", document="1", use_llm=False)).warnings == ()


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("They spoke of Bran, who was dead.", {}),
        ('"Bran opened the door," she said.', {}),
        ("Bran had opened the door.", {}),
        ("Bran opened the door.", {"time_mode": "flashback"}),
        ("Bran opened the door.", {"time_mode": "dream"}),
        ("Bran opened the door.", {"story": at(3)}),
        ("Bran opened the door.", {"story": at(5)}),
    ],
)
async def test_the_dead_may_be_spoken_of_dreamt_of_and_remembered(bench: Bench, text: str, changes: dict) -> None:
    await bench.entity("Bran", existence=[at(0, 5)])
    await bench.chapter(1, text, **({"story": at(9)} | changes))

    assert (await bench.call("check_consistency", document="1")).findings == ()


@pytest.mark.parametrize("text", ["Bran opened the door.", '"Come in," said Bran.', "Then Bran quietly left."])
async def test_the_dead_do_not_act(bench: Bench, text: str) -> None:
    bran = await bench.entity("Bran", existence=[at(0, 5)])
    await bench.chapter(1, text, story=at(9))

    (found,) = (await bench.call("check_consistency", document="1")).findings
    assert (found.code, found.severity, found.subjects) == ("existence.outside", "error", (bran,))


async def test_a_mention_marked_as_only_spoken_of_is_silent(bench: Bench) -> None:
    bran = await bench.entity("Bran", existence=[at(0, 5)])
    chapter = await bench.chapter(1, "Bran smiled from the painting.", story=at(9))
    (mention,) = (await bench.story.mentions.list(bench.project_id, document_id=chapter)).items
    _, ports = await bench.story.reading(bench.project_id)
    await ports.mentions.replace(bench.project_id, chapter, [mention.model_copy(update={"present": False})])

    assert (await bench.call("check_consistency", document="1")).findings == ()
    assert mention.entity_id == bran


async def test_one_character_in_two_places_and_a_borrowed_sword(bench: Bench) -> None:
    mira, tam = await bench.entity("Mira"), await bench.entity("Tam")
    ashford, brill = await bench.entity("Ashford", "location"), await bench.entity("Brill", "location")
    sword = await bench.entity("Nightfall", "item")
    await bench.entity("Feast", "event", existence=[at(8, 12)], fields={"where": ashford, "participants": [mira]})
    await bench.fact(sword, "holder", "Tam")
    await bench.chapter(1, "Mira drew Nightfall from its sheath.", story=at(9), place_id=brill)
    await bench.chapter(2, "Tam drew Nightfall. Mira looked at Nightfall.", story=at(20), place_id=brill)

    found = (await bench.call("check_consistency", document="1")).findings
    assert {each.code for each in found} == {"place.two_at_once", "item.custody"}
    assert {each.subjects for each in found if each.code == "item.custody"} == {(sword, mira)}
    assert (await bench.call("check_consistency", document="2")).findings == ()
    assert tam


async def test_a_name_one_letter_from_a_known_one_is_asked_about(bench: Bench) -> None:
    await bench.entity("Tamsin Holt")
    text = "He met Tamsen there. Then Tamsen laughed. Tamsin Holt saw the Holts and Wren."

    found = (await bench.call("check_consistency", text=text, checks=["name.near_miss"])).findings

    assert {(each.data["name"], each.data["known"]) for each in found} == {("Tamsen", "Tamsin")}


async def test_a_name_of_four_letters_is_long_enough_to_be_asked_about_and_one_of_three_is_not(bench: Bench) -> None:
    await bench.entity("Wren")
    await bench.entity("Tam")
    text = "He met Wrin there. Then Wrin laughed. He met Tem there. Then Tem laughed."

    found = (await bench.call("check_consistency", text=text, checks=["name.near_miss"])).findings

    assert {(each.data["name"], each.data["known"]) for each in found} == {("Wrin", "Wren")}


async def test_a_speaker_who_tells_what_is_learned_later(bench: Bench) -> None:
    mira, tam = await bench.entity("Mira"), await bench.entity("Tam")
    later = await bench.chapter(9, "")
    await bench.fact(mira, "father", "King Oswin", known_by=[{"who": tam, "source_scene": later}])
    await bench.chapter(3, '"Mira is the daughter of King Oswin," said Tam.')
    await bench.chapter(4, '"Mira is late," said Tam. "King Oswin rides with Mira," said Wren.')

    assert [each.code for each in (await bench.call("check_consistency", document="3")).findings] == [
        "knowledge.before_learned"
    ]
    assert (await bench.call("check_consistency", document="4")).findings == ()


async def test_thoughts_of_another_head_are_noted_in_a_scene_with_a_point_of_view(bench: Bench) -> None:
    mira, _ = await bench.entity("Mira"), await bench.entity("Tam")
    await bench.chapter(1, "Mira wondered why. Tam thought of home.", pov_id=mira)

    (found,) = (await bench.call("check_consistency", document="1")).findings
    assert (found.code, found.severity) == ("pov.slip", "info")


async def test_bad_input_is_told_apart(bench: Bench) -> None:
    await bench.chapter(1, "Short.")

    assert await bench.failure("check_consistency", text="x", checks=["fact.contradictoin"]) == "invalid_argument"
    result = await bench.call("check_consistency", text="x", checks=["nope"])
    assert result.error is not None
    assert all(code in str(result.error["message"]) for code in PASSAGE_CODES)
    assert await bench.failure("check_consistency") == "invalid_argument"
    assert await bench.failure("check_consistency", text="x", document="1") == "invalid_argument"
    assert await bench.failure("check_consistency", document="1", end=99) == "invalid_argument"
    assert await bench.failure("check_consistency", document="chapter 7") == "not_found"
    assert await bench.failure("check_consistency", text="x" * 2_000_001) == "too_large"
    empty = await bench.call("check_consistency", text="")
    assert empty.ok
    assert empty.data["skipped"] == ["existence.outside", "place.two_at_once", "item.custody"]
    assert len(empty.warnings) == 1


async def test_a_scene_is_looked_at_by_its_own_time(bench: Bench) -> None:
    await bench.entity("Bran", existence=[at(0, 5)])
    text = "Bran opened it. Bran closed it."
    scenes = [{"id": "s1", "start": 0, "end": 15, "story": at(3)}, {"id": "s2", "start": 16, "end": 31, "story": at(9)}]
    await bench.chapter(1, text, scenes=scenes)

    assert (await bench.call("check_consistency", scene="s1")).findings == ()
    (found,) = (await bench.call("check_consistency", scene="s2")).findings
    assert (found.evidence[0].start, found.evidence[0].quote) == (16, "Bran closed it.")  # pyright: ignore


async def test_the_bible_is_checked_and_what_is_hidden_stays_hidden(bench: Bench) -> None:
    year = 365
    brida, mira = await bench.entity("Brida", existence=[at(0)]), await bench.entity("Mira", existence=[at(6 * year)])
    await bench.story.relationships.create(bench.project_id, source_id=brida, type="parent_of", target_id=mira)
    await bench.fact(mira, "eyes", "blue")
    await bench.fact(mira, "eyes", "green", hidden_from_ai=True)

    result = await bench.call("analyze_consistency")
    assert [(each.code, each.certainty) for each in result.findings] == [("kinship.age", "certain")]
    assert (await bench.call("analyze_consistency", families=["calendar"])).findings == ()
    assert (await bench.call("analyze_consistency", about=["Brida"])).findings == result.findings
    await bench.story.entities.update(bench.project_id, brida, ai_visibility="never")
    assert (await bench.call("analyze_consistency")).findings == ()


async def test_the_thirteenth_month_of_twelve_is_no_date(bench: Bench) -> None:
    months = [{"name": f"M{n}", "days": 30} for n in range(1, 13)]
    calendar = await bench.entity("Reckoning", "calendar", fields={"months": months})
    await bench.story.projects.update(bench.project_id, calendar_id=calendar)
    mira = await bench.entity("Mira", fields={"born": {"year": 9, "month": 13, "day": 1}})

    (found,) = (await bench.call("analyze_consistency")).findings
    assert (found.code, found.subjects) == ("date.invalid", (mira,))
    await bench.story.entities.update(bench.project_id, calendar, fields={"months": "twelve"})
    assert "Dates are not checked" in (await bench.call("analyze_consistency")).warnings[0]


async def test_an_unknown_family_lists_the_known_and_an_empty_bible_says_so(bench: Bench) -> None:
    assert await bench.failure("analyze_consistency", families=["weather"]) == "invalid_argument"
    assert await bench.failure("analyze_consistency", about=["Nobody"]) == "not_found"
    empty = await bench.call("analyze_consistency")
    assert empty.findings == ()
    assert "empty" in empty.warnings[0]


async def test_a_chat_model_reads_claims_as_strict_json() -> None:
    answer = (
        '```json\n[{"subject": "Mira", "predicate": "eyes", "value": "green", "quote": "q", "voice": "speech"}]\n```'
    )
    (claim,) = await _extractor(answer).extract("text", names=["Mira"])
    assert claim == Claim(subject="Mira", predicate="eyes", value="green", quote="q", voice="speech")

    for bad in ("I would rather talk.", '[{"subject": "Mira"}]', '[{"subject": "M", "predicate": "e", "value": 1}'):
        with pytest.raises(ModelError, match="in the form"):
            await _extractor(bad).extract("text", names=[])


def _extractor(answer: str) -> ModelClaimExtractor:
    return ModelClaimExtractor(SideModel(FakeListChatModel(responses=[answer])))


@pytest.mark.parametrize("predicate", ["Eye colour", "eyes", "eye_color", "EYES", "colour of eyes", "eye-colour"])
def test_predicates_are_compared_by_what_they_mean(predicate: str) -> None:
    assert normal_predicate(predicate) == "eye"
    assert normal_predicate("hair") != "eye"
