"""Known names: where the entities of a bible are mentioned in a text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from saga_agent.linking.bible import Bible, NameClaim, Owner
from saga_agent.linking.flat import FlatText, flatten
from saga_agent.linking.given_names import is_short_form
from saga_agent.linking.hits import NameHit, find_hits
from saga_agent.linking.mention import Mention
from saga_agent.linking.ownership import Right, SureNames, owners_by_word_before, right_to_form
from saga_agent.linking.sentences import starts_sentence
from saga_agent.linking.surroundings import (
    Word,
    closes_foreign_name,
    is_initial,
    is_line_end,
    is_no_name,
    opens_foreign_name,
    title_before,
    word_after,
    word_before,
)
from saga_agent.linking.variants import Rank


def link(text: str, bible: Bible) -> list[Mention]:
    """The mentions of the bible's entities, sorted, without overlap; a title is part of the mention.

    A name that several own and the context cannot settle has `entity_id` None and its owners as `candidates`.
    """
    flat = flatten(text)
    readings = list(_Page(text, flat, find_hits(flat.text, bible)).readings())
    cast = SureNames()
    for reading in readings:
        if len(reading.owners) == 1:
            cast.add(reading.owners[0], reading.start)
    return [_mention(flat, reading, cast) for reading in readings]


class _Reading(NamedTuple):
    """A hit as read in its place: with its title, and everybody who may be meant."""

    start: int
    end: int
    owners: Sequence[Owner]


@dataclass(frozen=True, slots=True)
class _Page:
    text: str
    flat: FlatText
    hits: Sequence[NameHit]
    rights: dict[tuple[int, str | None], Right] = field(default_factory=dict[tuple[int, str | None], Right])
    """What each claims tuple comes to after each title; names recur, so this is most of the speed."""

    def readings(self) -> Iterator[_Reading]:
        reached = 0
        for place, hit in enumerate(self.hits):
            reading = self._read(place, hit)
            if reading is not None:
                # A name may itself be the title of the next one; then the earlier mention keeps it.
                start = reading.start if reading.start >= reached else hit.start
                reached = reading.end
                yield _Reading(start, reached, reading.owners)

    def _read(self, place: int, hit: NameHit) -> _Reading | None:
        even = self.flat.text
        start, before = hit.start, word_before(even, hit.start)
        title = title_before(before)
        if title:
            start, before = before.start, word_before(even, before.start)
        owners, rank = self._right(hit, title)
        if (
            not owners
            or is_no_name(even, start, hit.end, before)
            # "Green" may stand for "Green Gables", but hardly where any word has a capital.
            or (rank == Rank.LOOSE and starts_sentence(even, start))
            or self._is_foreign_after(place, hit, owners)
            or (not title and self._is_foreign_before(place, hit, before, owners))
        ):
            return None
        return _Reading(start, hit.end, owners_by_word_before(owners, before.text))

    def _right(self, hit: NameHit, title: str | None) -> Right:
        key = (id(hit.claims), title)
        right = self.rights.get(key)
        if right is None:
            right = self.rights[key] = right_to_form(hit.claims, title)
        return right

    def _is_foreign_after(self, place: int, hit: NameHit, owners: Sequence[Owner]) -> bool:
        even, end = self.flat.text, hit.end
        if (
            even[end : end + 1] != " "
            or not even[end + 1 : end + 2].isupper()
            or is_line_end(self.text, self.flat, end)
        ):
            return False
        if not opens_foreign_name(word_after(even, end), even[hit.start : end]):
            return False
        beside = self._beside(place, place + 1)
        # The bible knows only a given name, and somebody of this surname: one of the family.
        is_surname = bool(beside) and all(claim.form.is_surname for claim in beside)
        return not (_go_together(owners, beside) or (is_surname and not any(owner.given for owner in owners)))

    def _is_foreign_before(self, place: int, hit: NameHit, before: Word, owners: Sequence[Owner]) -> bool:
        even = self.flat.text
        if not before.text[:1].isupper() or is_line_end(self.text, self.flat, hit.start - 1):
            return False
        if is_initial(before.text):
            return all(owner.given and not is_short_form(before.text, owner.given) for owner in owners)
        beside = self._beside(place, place - 1)
        if not beside and not closes_foreign_name(even, before, even[hit.start : hit.end]):
            return False
        return not _go_together(owners, beside) and not any(
            owner.given and is_short_form(before.text, owner.given) for owner in owners
        )

    def _beside(self, place: int, other: int) -> tuple[NameClaim, ...]:
        """The claims of a neighbouring hit, if only a space lies between."""
        left, right = sorted((place, other))
        if left < 0 or right == len(self.hits) or self.hits[left].end + 1 != self.hits[right].start:
            return ()
        return self.hits[other].claims if self.flat.text[self.hits[left].end] == " " else ()


def _go_together(owners: Sequence[Owner], beside: Sequence[NameClaim]) -> bool:
    """Whether names may stand side by side: the same owner's, or of other kinds ("In London Ann ...")."""
    others = {claim.owner for claim in beside}
    if not others:
        return False
    return not others.isdisjoint(owners) or {other.kind for other in others}.isdisjoint(o.kind for o in owners)


def _mention(flat: FlatText, reading: _Reading, cast: SureNames) -> Mention:
    start, end = flat.origin(reading.start), flat.origin(reading.end - 1) + 1
    owners = reading.owners
    owner = owners[0] if len(owners) == 1 else cast.choose(owners, reading.start)
    if owner is not None:
        return Mention(start, end, owner.id, owner.kind)
    kind = owners[0].kind if all(owner.kind == owners[0].kind for owner in owners) else None
    return Mention(start, end, None, kind, candidates=tuple(sorted(owner.id for owner in owners)))
