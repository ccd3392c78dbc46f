"""Hunks: they make the new text of the old, find their place again, and are never forced."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st

from saga_agent.story.hunks import build_hunks, find_place, hunks_between, inverse, place_hunks

PARAGRAPHS = (
    "Mira came down to the Kennels before the bell, and the hounds knew her step.",
    "Old Tam had not slept. The lamp stood where he had left it, burning for nobody.",
    "She drew her rusty sword and laid it on the table between them without a word.",
    "Outside the river had begun to break, and every crack of it made him look up.",
    '"You could have sent a letter," he said. "You were always good at letters."',
)
TEXT = "\n\n".join(PARAGRAPHS)
WORDS = st.text(alphabet="abc é\n\N{FIRE}", max_size=40)


def _sword() -> str:
    return TEXT.replace("rusty", "bright")


@given(old=WORDS, new=WORDS)
def test_hunks_make_the_new_text_of_the_old_and_back(old: str, new: str) -> None:
    hunks = hunks_between(old, new)

    assert place_hunks(hunks, old, unchanged=True).text == new
    assert place_hunks(inverse(hunks), new, unchanged=True).text == old


@given(data=st.data())
def test_hunks_of_spans_make_the_same_text_as_the_spans(data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet="xyz ", min_size=1, max_size=80))
    points = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=8)))
    spans = [(a, b, data.draw(WORDS)) for a, b in zip(points[::2], points[1::2], strict=False)]
    expected = text
    for start, end, words in reversed(spans):
        expected = expected[:start] + words + expected[end:]

    hunks = build_hunks(text, spans)

    assert place_hunks(hunks, text, unchanged=True).text == expected


def test_an_edit_lands_after_three_near_changes() -> None:
    hunks = hunks_between(TEXT, _sword())
    meanwhile = (
        TEXT.replace("came down", "walked").replace("Old Tam", "Tam the Elder").replace("the table", "the bench")
    )

    placed = place_hunks(hunks, meanwhile)

    assert placed.unplaced == ()
    assert placed.text == meanwhile.replace("rusty", "bright")


def test_an_edit_whose_paragraph_is_gone_is_reported_and_changes_nothing() -> None:
    hunks = hunks_between(TEXT, _sword())
    meanwhile = TEXT.replace(PARAGRAPHS[2] + "\n\n", "")

    placed = place_hunks(hunks, meanwhile)

    assert (placed.text, placed.placed, placed.unplaced) == (meanwhile, (), ("1",))


def test_an_edit_whose_own_words_were_rewritten_is_reported() -> None:
    hunks = hunks_between(TEXT, _sword())

    placed = place_hunks(hunks, TEXT.replace("rusty", "broken"))

    assert placed.placed == ()


def test_words_that_stand_in_two_equal_places_are_not_guessed_at() -> None:
    refrain = "\n\n".join(["The bell rang out over the water, once and again. " * 3] * 4)
    hunk = build_hunks(refrain, [(refrain.index("bell", 300), refrain.index("bell", 300) + 4, "horn")])[0]

    assert find_place(hunk, "A new opening line.\n\n" + refrain) is None


def test_a_hunk_made_for_the_same_text_goes_to_its_offset_even_where_words_repeat() -> None:
    text = "no, no, no, no, no, no, no, no, no, no, no, no"
    hunks = build_hunks(text, [(20, 22, "yes")])

    assert place_hunks(hunks, text, unchanged=True).text == text[:20] + "yes" + text[22:]


def test_one_hunk_of_several_that_cannot_be_placed_keeps_the_others_from_nothing() -> None:
    new = _sword().replace("good at letters", "bad at letters").replace("before the bell", "after the bell")
    hunks = hunks_between(TEXT, new)
    meanwhile = TEXT.replace(PARAGRAPHS[2], "")

    placed = place_hunks(hunks, meanwhile)

    assert len(placed.placed) == 2
    assert len(placed.unplaced) == 1
    assert "bad at letters" in placed.text
    assert "after the bell" in placed.text


@settings(max_examples=200)
@given(data=st.data())
def test_a_hunk_goes_to_its_words_under_random_unrelated_edits_or_is_reported(data: st.DataObject) -> None:
    """Whatever is written elsewhere, either both edits stand in the text or the hunk is reported: nothing else."""
    target = data.draw(st.integers(0, 4))
    new = "\n\n".join(
        [*PARAGRAPHS[:target], PARAGRAPHS[target][:30] + "NEW" + PARAGRAPHS[target][42:], *PARAGRAPHS[target + 1 :]]
    )
    hunks = hunks_between(TEXT, new)
    others = [number for number in range(5) if number != target]
    edited = list(PARAGRAPHS)
    for number in data.draw(st.lists(st.sampled_from(others), max_size=3, unique=True)):
        at = data.draw(st.integers(0, len(edited[number])))
        cut = data.draw(st.integers(0, 30))
        insert = data.draw(st.text(alphabet=string.ascii_letters + " .", max_size=60))
        edited[number] = edited[number][:at] + insert + edited[number][at + cut :]
    meanwhile = "\n\n".join(edited)
    edited[target] = new.split("\n\n")[target]

    placed = place_hunks(hunks, meanwhile)

    assert placed.text == ("\n\n".join(edited) if not placed.unplaced else meanwhile)
    assert placed.unplaced == (), "one edited neighbour leaves enough to tell the place"
