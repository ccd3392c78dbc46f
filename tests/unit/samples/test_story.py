"""The sample story and its bible agree with each other."""

import re

import pytest

from saga_agent.domain.entity import ENTITY_TYPES
from saga_agent.formats.manuscript import Manuscript, read_manuscript
from saga_agent.samples.bible import SampleBible
from saga_agent.samples.story import load_sample_bible, sample_manuscript_path


@pytest.fixture(scope="module")
def text() -> str:
    return sample_manuscript_path().read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def story() -> Manuscript:
    return read_manuscript(sample_manuscript_path())


@pytest.fixture(scope="module")
def bible() -> SampleBible:
    return load_sample_bible()


def in_chapter(story: Manuscript, number: int, quote: str) -> bool:
    return quote in story.chapters[number - 1].text


def test_it_is_a_novella_of_seven_chapters_with_scenes(text: str, story: Manuscript):
    assert 4_500 <= len(text.split()) <= 5_800
    assert story.title == "The Hollow Crown"
    assert [chapter.number for chapter in story.chapters] == [1, 2, 3, 4, 5, 6, 7]
    assert [len(chapter.scenes) for chapter in story.chapters] == [2, 3, 3, 2, 3, 3, 3]
    assert story.warnings == ()


def test_every_entity_is_in_the_text_by_its_name(text: str, bible: SampleBible):
    plain = text.replace("’", "'").lower()
    missing = [entity.name for entity in bible.entities if entity.name.replace("’", "'").lower() not in plain]
    assert missing == []


def test_every_reference_is_to_an_entity(bible: SampleBible):
    ids = [entity.id for entity in bible.entities]
    assert len(ids) == len(set(ids))
    references = [end for tie in bible.relationships for end in (tie.source, tie.target)]
    references += [fact.subject for fact in bible.facts] + [fact.holder for fact in bible.facts if fact.holder]
    references += [knowledge.who for fact in bible.facts for knowledge in fact.known_by]
    references += [end for route in bible.routes for end in (route.source, route.target)]
    references += [item.subject for item in (*bible.contradictions, *bible.open_ends)] + [bible.calendar.id]
    assert set(references) <= set(ids)


def test_all_types_of_entity_are_there(bible: SampleBible):
    assert {entity.type for entity in bible.entities} == set(ENTITY_TYPES)


def test_facts_quote_their_chapter_verbatim(story: Manuscript, bible: SampleBible):
    assert [fact.id for fact in bible.facts if not in_chapter(story, fact.chapter, fact.quote)] == []


def test_there_are_two_contradictions_quoted_verbatim(story: Manuscript, bible: SampleBible):
    assert {item.id for item in bible.contradictions} == {"eyes-of-marit-kell", "reeds-ride"}
    facts = {fact.id for fact in bible.facts}
    for item in bible.contradictions:
        assert all(in_chapter(story, quote.chapter, quote.quote) for quote in item.quotes)
        assert len({quote.chapter for quote in item.quotes}) == 2
        assert set(item.facts) <= facts


def test_the_factions_form_an_unbalanced_triad(bible: SampleBible):
    signs = {frozenset((tie.source, tie.target)): tie.sign for tie in bible.relationships}
    triad = [("wherry-guild", "regency"), ("wherry-guild", "hill-moot"), ("regency", "hill-moot")]
    assert [signs[frozenset(pair)] for pair in triad] == [1, 1, -1]


def test_the_calendar_adds_up_and_its_days_are_in_the_text(text: str, bible: SampleBible):
    calendar = bible.calendar
    assert sum(month.days for month in calendar.months) + len(calendar.intercalary_days) == calendar.days_per_year
    assert all(day.name in text for day in calendar.intercalary_days)


def test_the_days_in_the_tower_agree_with_the_calendar(bible: SampleBible):
    lengths = {month.name: month.days for month in bible.calendar.months}
    start = bible.calendar.story_start.day
    assert start is not None
    assert (lengths["Slaughter"] - 21) + start == 51


def test_the_question_of_the_demo_is_asked_and_answered(story: Manuscript):
    passage = story.chapters[1].text.split("“Who is at the Kennels?”")[1]
    assert passage.split("“")[1].startswith("Jørn Halvard")


def test_names_are_hard_on_purpose(text: str, bible: SampleBible):
    first_names = [entity.name.split()[0] for entity in bible.entities if entity.type == "character"]
    assert first_names.count("Marit") == 2
    assert "Brannoc O’Shale" in text
    assert re.search(r"\bReed\b", text)
    assert re.search(r"\breeds\b", text)


def test_the_ferryman_is_left_without_a_name(bible: SampleBible):
    (ferryman,) = [entity for entity in bible.entities if entity.id == "ferryman"]
    assert ferryman.name == "The ferryman"
    assert "ferryman" in {end.subject for end in bible.open_ends}
