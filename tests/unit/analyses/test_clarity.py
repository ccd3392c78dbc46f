"""How a passage reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.analyses.cast import Named, gender_of
from saga_agent.analyses.clarity.check import CLARITY_CODES, check_clarity
from saga_agent.analyses.clarity.metrics import Metrics, count_syllables
from saga_agent.analyses.prose import Prose
from saga_agent.domain.finding import Finding
from saga_agent.domain.project import StyleGuide
from tests.unit.formats.test_real_novels import novel


def found(text: str, code: str, *, cast: list[Named] | None = None, guide: StyleGuide | None = None) -> list[Finding]:
    return check_clarity(Prose(text), cast=cast or [], guide=guide, codes=[code]).findings


def named(text: str, *names: str) -> list[Named]:
    return [
        Named(at, at + len(name), name, name, gender=gender_of(name))
        for name in names
        for at in range(len(text))
        if text.startswith(name, at)
    ]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('"Yes," she said quietly.', 0),
        ('"Yes," she said angrily.', 1),
        ('"Yes," he answered, slowly and bitterly.', 1),
        ('Sadly she said, "No."', 1),
        ("He slammed the door angrily.", 0),
        ('"Do not look at me angrily," said Tam.', 0),
        ('"Yes," said Tam. He slammed the door angrily.', 0),
    ],
)
def test_an_adverb_of_feeling_on_a_tag_is_found_and_one_that_reports_is_not(text: str, count: int) -> None:
    assert len(found(text, "clarity.tag_adverb")) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("She felt cold. She saw the door. She heard steps.", 3),
        ("I could hear the sea.", 1),
        ("Mara noticed a light.", 1),
        ("She felt her way along the wall.", 0),
        ("She felt for the key.", 0),
        ("He saw to it at once.", 0),
        ('"I saw him," she said.', 0),
        ("The saw lay there, and the felt.", 0),
    ],
)
def test_verbs_of_perceiving_are_found_in_narration(text: str, count: int) -> None:
    assert len(found(text, "clarity.filter_verb")) == count


def test_an_empty_text_has_zero_metrics_and_no_findings() -> None:
    report = check_clarity(Prose(""))

    assert report.metrics == Metrics()
    assert report.findings == []


@pytest.mark.parametrize(
    ("text", "count"),
    [("The gate was opened by Tam.", 1), ("He was never seen again.", 1), ("She was tired.", 0), ("It was red.", 0)],
)
def test_the_passive_is_told_from_states(text: str, count: int) -> None:
    assert len(found(text, "clarity.passive")) == count


def test_a_phrase_that_comes_again_within_300_words_shows_both_places() -> None:
    text = "The crooked lantern swung. " + "It was so. " * 20 + "Then the crooked lantern swung again."
    (repeated,) = found(text, "clarity.repetition")

    assert [place.quote.lower() for place in repeated.evidence if hasattr(place, "start")] == [  # pyright: ignore
        "the crooked lantern swung",
        "the crooked lantern swung",
    ]


def test_a_phrase_far_away_or_of_plain_words_is_no_repetition() -> None:
    far = "The crooked lantern swung. " + "Nothing else moved. " * 120 + "Then the crooked lantern swung again."

    assert "crooked" not in " ".join(each.message for each in found(far, "clarity.repetition"))
    assert found("He was in the room. She was in the room.", "clarity.repetition") == []


def test_a_pronoun_after_two_it_fits_is_possible_only() -> None:
    text = "Anna met Maria. She smiled. Anna met Peter. She smiled."
    (doubtful,) = found(text, "clarity.ambiguous_pronoun", cast=named(text, "Anna", "Maria", "Peter"))

    assert doubtful.certainty == "possible"
    assert doubtful.evidence[0].quote == "Anna met Maria. She smiled."


def test_seven_lines_of_dialogue_alone_are_too_many_and_six_are_not() -> None:
    lines = [f'"Line {number}, as it is."' for number in range(7)]

    assert len(found("\n\n".join(lines), "clarity.unattributed_dialogue")) == 1
    assert found("\n\n".join(lines[:6]), "clarity.unattributed_dialogue") == []
    lines[3] += " said Tam."
    assert found("\n\n".join(lines), "clarity.unattributed_dialogue") == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Sauron", "Saruman", True),
        ("Marta", "Martha", True),
        ("Elena", "Elaine", False),
        ("Tam", "Brida", False),
        ("The child", "The chief", False),
    ],
)
def test_names_that_look_alike_are_found(one: str, other: str, alike: bool) -> None:
    text = f"{one} met {other}."

    assert bool(found(text, "clarity.look_alike_names", cast=named(text, one, other))) == alike


def test_long_and_even_sentences() -> None:
    assert len(found("word " * 50 + ".", "clarity.long_sentence")) == 1
    assert found("word " * 20 + ".", "clarity.long_sentence") == []
    assert len(found("The dog ran off. " * 6, "clarity.uniform_rhythm")) == 1
    assert found("The dog ran off. " * 5, "clarity.uniform_rhythm") == []


def test_the_style_guide_is_kept_in_narration_only() -> None:
    guide = StyleGuide(banned_words=("suddenly",), person="third", tense="past", spelling="british")
    text = 'Suddenly he turns. "I like this color," she said. I waited. He liked the grey.'

    codes = [each.code for each in check_clarity(Prose(text), guide=guide).findings if each.code.startswith("style.")]

    assert sorted(codes) == ["style.banned_word", "style.person", "style.spelling", "style.tense"]
    clean = 'He turned. "I am late," she said. The colour was grey.'
    assert not [each for each in check_clarity(Prose(clean), guide=guide).findings if each.code.startswith("style.")]


def test_what_is_not_english_skips_the_checks_that_know_only_english() -> None:
    german = "Der Hund lief schnell durch den dunklen Wald, und niemand sah ihn, als der Mond aufging. " * 4
    report = check_clarity(Prose(german))

    assert "clarity.passive" in report.skipped
    assert "clarity.repetition" not in report.skipped
    assert report.metrics.flesch is None
    assert report.metrics.words == 64
    assert check_clarity(Prose("The dog ran off."), language="de").skipped


def test_evidence_quotes_the_stored_text_at_its_offsets() -> None:
    whole = "He waited there. She felt cold. The end."
    report = check_clarity(Prose(whole[17:], document_id="doc", rev=3, offset=17), codes=["clarity.filter_verb"])
    (place,) = report.findings[0].evidence

    assert place.model_dump() == {"document_id": "doc", "rev": 3, "start": 17, "end": 31, "quote": "She felt cold."}


def test_the_same_words_again_are_one_finding_with_all_its_places() -> None:
    (felt,) = found("She felt cold. The door shut. She felt cold.", "clarity.filter_verb")

    assert [getattr(place, "start", None) for place in felt.evidence] == [0, 30]
    assert found("The end. She felt cold.", "clarity.filter_verb")[0].id == felt.id, "whatever stands around it"


@pytest.mark.parametrize(("word", "syllables"), [("cat", 1), ("table", 2), ("moved", 1), ("beautiful", 3), ("xyz", 1)])
def test_syllables_are_groups_of_vowels(word: str, syllables: int) -> None:
    assert count_syllables(word) == syllables


@given(st.text(max_size=300))
def test_any_text_gets_a_report_whose_quotes_are_in_it(text: str) -> None:
    report = check_clarity(Prose(text), guide=StyleGuide(banned_words=("a", "("), person="first", tense="past"))

    assert {each.code for each in report.findings} <= set(CLARITY_CODES)
    for each in report.findings:
        for place in each.evidence:
            assert text[place.start : place.end] == place.quote  # pyright: ignore[reportAttributeAccessIssue]


def test_alice_reads_in_plain_english() -> None:
    report = check_clarity(Prose(novel("11_alices_adventures_in_wonderland").read_text("utf-8")))

    assert 26_000 < report.metrics.words < 27_000
    assert report.metrics.flesch is not None
    assert 75 < report.metrics.flesch < 85
    assert report.metrics.dialogue_share > 0.3
    assert report.skipped == ()
