"""Known names are found in every form people write them, and nowhere else."""

from __future__ import annotations

import pytest

from saga_agent.linking import link
from saga_agent.linking.variants import spellings
from tests.unit.linking.bibles import bible, entry, linked, spans

HOLMES = "Mr. Sherlock Holmes"


def test_longest_name_wins_and_case_counts() -> None:
    text = "Annabel met Ann and the king; Rose rose. Liking kings."
    rose = {"id": "Rose", "kind": "character", "name": "Rose", "aliases": [{"text": "Rose", "case_sensitive": True}]}
    mentions = link(text, bible("Ann", "Annabel", "King", rose))
    assert spans(mentions) == [(0, 7), (12, 15), (30, 34)]
    assert [mention.entity_id for mention in mentions] == ["Annabel", "Ann", "Rose"]
    assert {mention.kind for mention in mentions} == {"character"}


def test_alias_of_two_owners_stays_open_and_names_both() -> None:
    mentions = link("Ed came home.", bible(entry("Edward Ard", "Ed", id="e1"), entry("Edgar Bel", "Ed", id="e2")))
    assert [(m.entity_id, m.kind, m.candidates) for m in mentions] == [(None, "character", ("e1", "e2"))]


@pytest.mark.parametrize(
    "written",
    [
        "Sherlock Holmes",
        "Holmes",
        "Sherlock",
        "Mr. Holmes",
        "Mr Holmes",
        "MR. SHERLOCK HOLMES",
        "HOLMES",
        "Mister Holmes",
        "Sherlock\nHolmes",
        "Sherlock   Holmes",
    ],
)
def test_every_form_of_a_name_is_known(written: str) -> None:
    assert linked(f"Then came {written} at last.", HOLMES) == [(written, HOLMES)]


@pytest.mark.parametrize(
    "around", ["{}'s pipe", "{}’s pipe", "_{}_ left", "“{}!” he said", "({})", "“{}”—", "He--{}--left"]
)
def test_marks_around_a_name_do_not_hide_it(around: str) -> None:
    assert linked(around.format("Holmes"), HOLMES) == [("Holmes", HOLMES)]


def test_curly_and_straight_apostrophes_are_one() -> None:
    assert linked("Then O’Hara spoke, and O'Hara sat.", "O'Hara") == [("O’Hara", "O'Hara"), ("O'Hara", "O'Hara")]


@pytest.mark.parametrize(
    "text",
    [
        "She annoyed them.",
        "Annabel and Joann came.",
        "Ann-Marie left.",
        "The road led to Ann Arbor.",
        "It was written by Mary Ann for them.",
        "D'Ann and O'Ann were here.",
        "He said annals are dull.",
        "Anné is somebody else.",
        "Ann\u0301 is somebody else.",
    ],
)
def test_a_name_inside_a_longer_word_or_name_is_not_linked(text: str) -> None:
    assert linked(text, "Ann") == []


@pytest.mark.parametrize(
    "text", ["Poor Ann left.", "Then Ann left.", "Old Ann left.", "“Ann,” he said.", "Aunt Ann left."]
)
def test_words_that_belong_to_no_name_do_not_hide_it(text: str) -> None:
    assert [entity_id for _, entity_id in linked(text, "Ann")] == ["Ann"]


def test_a_name_cut_short_by_another_is_still_found() -> None:
    assert linked("He saw King Edgar there, then Edgar Lund.", "King Ed", "Edgar") == [("King Edgar", "Edgar")]
    assert linked("He saw Edgarson and Edgar.", "Edgarso", "Edgar") == [("Edgar", "Edgar")]


def test_titles_tell_husband_and_wife_apart() -> None:
    text = "Mrs. Ard spoke. Mr. Ard did not. Ard slept. Then Miss Ard came."
    assert linked(text, "Mr. Ard", "Mrs. Ard") == [("Mrs. Ard", "Mrs. Ard"), ("Mr. Ard", "Mr. Ard"), ("Ard", "Mr. Ard")]


def test_a_wife_is_not_linked_to_her_husband() -> None:
    assert linked("Then came Mrs. Joe Ard.", "Joe Ard") == []
    assert linked("Then came Mr. Joe Ard.", "Joe Ard") == [("Mr. Joe Ard", "Joe Ard")]


def test_a_shared_surname_means_whom_the_scene_has_named() -> None:
    names = ("Mira Vale", "Tom Vale")
    assert linked("Mira Vale stood. Vale sighed.", *names)[-1] == ("Vale", "Mira Vale")
    assert linked("Vale sighed. Tom Vale stood.", *names)[0] == ("Vale", "Tom Vale")
    assert linked("Mira Vale met Tom Vale. Vale sighed.", *names)[-1] == ("Vale", None)


def test_a_scene_long_past_does_not_settle_a_shared_name() -> None:
    text = "Mira Vale stood. " + "It rained and rained. " * 300 + "Vale sighed."
    assert linked(text, "Mira Vale", "Tom Vale")[-1] == ("Vale", None)


def test_an_explicit_alias_outweighs_a_part_of_another_name() -> None:
    assert linked("Rose left.", "Rose", "Rose Vale") == [("Rose", "Rose")]


def test_given_name_and_surname_from_two_aliases_make_a_full_name() -> None:
    honey = entry("Miss Vale", "Lucy", id="lucy")
    assert linked("I saw Lucy Vale today.", honey) == [("Lucy Vale", "lucy")]


def test_a_single_known_name_takes_the_surname_of_its_family() -> None:
    assert linked("I saw Tom Vale today.", "Tom", "Mira Vale") == [("Tom", "Tom")]


def test_a_stranger_with_a_known_surname_is_not_linked() -> None:
    assert linked("I saw Olga Vale today.", "Mira Vale") == []
    assert linked("I saw Larry Vale today.", "Lawrence Vale") == [("Vale", "Lawrence Vale")]


def test_place_and_character_of_one_name_are_told_apart_by_the_word_before() -> None:
    names = (entry("Florence", id="city", kind="place"), entry("Florence", id="girl"))
    assert linked("They lived in Florence.", *names) == [("Florence", "city")]
    assert linked("They liked Miss Florence.", *names) == [("Miss Florence", "girl")]


def test_neighbours_of_different_kinds_are_two_names() -> None:
    assert linked("In London Ann met us.", entry("London", kind="place"), "Ann") == [
        ("London", "London"),
        ("Ann", "Ann"),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("May", "May I come in?"),
        ("May", "It was in May, and cold."),
        ("Will", "Will you come?"),
        ("Mark", "Mark my words."),
        ("Hunter Green", "They sat in green light."),
    ],
)
def test_names_that_are_words_stay_silent_where_they_are_words(name: str, text: str) -> None:
    assert linked(text, name) == []


@pytest.mark.parametrize(
    ("name", "text"), [("May", "Then May laughed."), ("Will", "Will laughed."), ("Rose", "Rose laughed.")]
)
def test_names_that_are_words_are_found_where_they_are_names(name: str, text: str) -> None:
    assert linked(text, name) == [(name, name)]


def test_a_loose_part_of_a_place_does_not_open_sentences() -> None:
    gables = entry("Green Gables", kind="place")
    assert linked("Green leaves fell. They came to Green at dusk.", gables) == [("Green", "Green Gables")]


def test_an_alias_in_small_letters_matches_in_any_case() -> None:
    crone = entry("Old Marta", "the crone", id="marta")
    text = "Here is the crone. The Crone spat. THE CRONE! A crone."
    assert [word for word, _ in linked(text, crone)] == ["the crone", "The Crone", "THE CRONE"]


def test_a_case_sensitive_alias_matches_only_as_written() -> None:
    item = entry("Aegis", {"text": "shield", "case_sensitive": True}, kind="item")
    assert [word for word, _ in linked("A shield. Shield! SHIELD! Two shields.", item)] == ["shield", "shields"]


def test_excluded_phrases_silence_only_their_alias() -> None:
    art = entry("Arthur Bel", {"text": "Art", "exclude": ["Art Deco", "the Art of"]}, id="art")
    text = "Here Art stood. It was Art Deco. He knew the Art of war. Arthur laughed."
    assert linked(text, art) == [("Art", "art"), ("Arthur", "art")]
    other = entry("Art Fund", "Art", kind="faction", id="fund")
    assert linked("It was all the Art of war.", art, other) == [("Art", "fund")]


def test_names_in_other_scripts_are_found() -> None:
    text = "李明说话。Затем Ольга вышла. Ольгам. Η Ελένη γέλασε."
    names = ("李明", "Ольга", "Ελένη")
    assert [entity_id for _, entity_id in linked(text, *names)] == ["李明", "Ольга", "Ελένη"]


def test_composed_and_decomposed_letters_are_one() -> None:
    assert linked("Here Zoë and Zoe\u0308 came, not Zoe.", "Zoë") == [("Zoë", "Zoë"), ("Zoe\u0308", "Zoë")]


def test_a_paragraph_break_ends_a_name() -> None:
    assert linked("It was John\n\nSmith was away.", "John Smith") == [("John", "John Smith"), ("Smith", "John Smith")]


def test_a_heading_does_not_hide_the_name_below_it() -> None:
    assert linked("The Kennels\nAnn walked.", "Ann") == [("Ann", "Ann")]


def test_half_a_surrogate_pair_does_no_harm() -> None:
    assert linked("\ud800 Ann left.", "Ann") == [("Ann", "Ann")]


def test_nothing_is_found_in_nothing() -> None:
    assert link("", bible("Ann")) == []
    assert link("Ann left.", bible()) == []


@pytest.mark.parametrize(
    ("name", "plural", "never"),
    [
        ("X-9", None, "X-9s"),
        ("V", "Vs", "VS"),
        ("MI", "MIS", "MIs"),
        ("Box", "Boxes", "Boxs"),
        ("Fury", "Furies", "Furys"),
    ],
)
def test_a_plural_is_spelled_as_its_singular_is(name: str, plural: str | None, never: str) -> None:
    told = spellings(name, "item", as_written=True)

    assert never not in told
    assert told == ({name} if plural is None else {name, plural})
