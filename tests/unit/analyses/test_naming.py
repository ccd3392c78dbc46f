"""New names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saga_agent.analyses.names import is_mixed_up, is_one_edit, is_taken_for, likeness
from saga_agent.analyses.naming.generator import NameRequest, generate_names

OLD_ENGLISH = """Aelfric Aelfwine Aethelred Aethelstan Aethelwulf Alfwold Beorhtric Beornwulf Byrhtnoth Cenwulf Ceolwulf
Cuthbert Cynewulf Cynric Dunstan Eadgar Eadmund Eadric Eadwig Eadwine Ealdred Ealhstan Ecgbert Godric Godwine Guthlac
Harold Hereward Leofric Leofwine Offa Osric Oswald Oswine Penda Raedwald Sigebert Swithun Wiglaf Wulfric
Wulfstan""".split()  # noqa: SIM905 - reads as a list


def request(**changes: object) -> NameRequest:
    return NameRequest(**({"kind": "person", "seed": 7, "sources": tuple(OLD_ENGLISH)} | changes))  # pyright: ignore


def test_the_same_seed_gives_the_same_list() -> None:
    assert generate_names(request()) == generate_names(request())
    assert generate_names(request()) != generate_names(request(seed=8))


def test_the_list_of_a_seed_never_changes() -> None:
    """Only `random()` over sorted items keeps its sequence across versions of Python."""
    assert [each.name for each in generate_names(request(count=4)).names] == PINNED


PINNED = ["Eald", "Aethelwulfstan", "Beorhtnoth", "Oswaldred"]


def test_41_old_english_names_give_new_ones_none_of_them_a_source() -> None:
    assert len(OLD_ENGLISH) == 41
    found = generate_names(request(count=20))

    names = {each.name for each in found.names}
    assert len(names) == 20
    assert not found.exhausted
    assert names.isdisjoint(OLD_ENGLISH)
    trigrams = {word.lower()[at : at + 3] for word in OLD_ENGLISH for at in range(len(word) - 2)}
    heard = [name.lower()[at : at + 3] in trigrams for name in names for at in range(len(name) - 2)]
    assert sum(heard) / len(heard) > 0.8, "they sound like the source"


def test_200_names_from_three_end_with_fewer() -> None:
    found = generate_names(request(sources=("Mira", "Tamsin", "Brida"), count=200))

    assert found.exhausted
    assert 0 < len(found.names) < 200


@pytest.mark.parametrize(
    ("one", "other", "score"),
    [("Marta", "Martha", 0.967), ("Aria", "Arya", 0.867), ("Sauron", "Saruman", 0.826), ("Elena", "Elaine", 0.791)],
)
def test_likeness_is_as_measured(one: str, other: str, score: float) -> None:
    assert round(likeness(one, other), 3) == score


def test_names_of_the_story_are_never_met() -> None:
    known = ("Wulfhelm", "Aelfwold", "Godwig")
    found = generate_names(request(known=known, count=100))

    assert found.names
    for each in found.names:
        assert not any(is_taken_for(each.name, name) for name in known)
        assert each.nearest is not None


def test_what_readers_would_mix_up_is_flagged() -> None:
    found = generate_names(request(known=("Saruman",), sources=("Sauron", "Samson", "Sorcan"), count=20))

    flagged = {each.name: each for each in found.names if "look_alike" in each.flags}
    assert all(is_mixed_up(name, each.nearest or "") for name, each in flagged.items())
    assert is_one_edit("Eowyn", "Éowyn")
    assert not is_mixed_up("Elena", "Elaine")


def test_first_letters_and_length_are_kept() -> None:
    found = generate_names(request(starts_with="Ae", min_length=6, max_length=9))
    assert found.names
    assert all(each.name.startswith("Ae") and 6 <= len(each.name) <= 9 for each in found.names)
    assert found.warnings == ()


def test_first_letters_never_seen_fall_to_syllables_with_a_warning() -> None:
    found = generate_names(request(starts_with="Xq"))

    assert all(each.name.startswith("Xq") for each in found.names)
    assert len(found.warnings) == 1


@pytest.mark.parametrize("kind", ["person", "place", "faction", "item"])
def test_every_kind_has_a_stock_of_its_own(kind: str) -> None:
    found = generate_names(request(kind=kind, sources=(), count=50))

    assert len(found.names) == 50


@given(st.lists(st.text(max_size=12), max_size=30), st.text(max_size=3), st.integers(1, 10), st.integers())
def test_any_source_ends(sources: list[str], starts_with: str, count: int, seed: int) -> None:
    found = generate_names(request(sources=tuple(sources), starts_with=starts_with, count=count, seed=seed))

    assert len(found.names) <= count
    assert found.exhausted == (len(found.names) < count)
