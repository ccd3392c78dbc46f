"""Who may own a name as it stands in the text: by title, by the firmness of the form, by the scene."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from saga_agent.linking.bible import NameClaim, Owner
from saga_agent.linking.titles import title_gender, titles_clash
from saga_agent.linking.variants import Rank

_SCENE_CHARACTERS = 3000
"""How far back, and failing that ahead, a full name tells who a shared one means: about two pages."""
_INTO_PLACES = frozenset(("in", "into", "near", "throughout", "across", "towards", "toward", "outside", "inside"))


class Right(NamedTuple):
    """The owners with the firmest claim to a form, and how firm it is."""

    owners: Sequence[Owner]
    rank: Rank


def right_to_form(claims: Sequence[NameClaim], title: str | None) -> Right:
    """Who may own a form after that title (None: no title)."""
    pool = _titled(claims, title) if title else _untitled(claims)
    best = min((rank for rank, _ in pool), default=Rank.LOOSE)
    return Right(tuple(dict.fromkeys(claim.owner for rank, claim in pool if rank == best)), best)


def _titled(claims: Sequence[NameClaim], title: str) -> list[tuple[Rank, NameClaim]]:
    people = [claim for claim in claims if claim.owner.kind == "character"]
    pool = [claim for claim in people if title in claim.form.titles] or [
        claim for claim in people if _may_bear(claim, title)
    ]
    return [(claim.form.rank, claim) for claim in pool]


def _may_bear(claim: NameClaim, title: str) -> bool:
    gender = title_gender(title)
    if gender and claim.owner.gender and gender != claim.owner.gender:
        return False
    return not any(titles_clash(title, other) for other in claim.form.titles)


def _untitled(claims: Sequence[NameClaim]) -> list[tuple[Rank, NameClaim]]:
    """The claims on a bare form: "Ard" is a part of "Mr. Ard", and means Mrs. Ard only where there is no other."""
    pool = [(max(claim.form.rank, Rank.PART) if claim.form.titles else claim.form.rank, claim) for claim in claims]
    bare = [(rank, claim) for rank, claim in pool if not any(title_gender(title) == "f" for title in claim.form.titles)]
    return bare or pool


def owners_by_word_before(owners: Sequence[Owner], before: str) -> Sequence[Owner]:
    """The places among the owners after a word like "into"; else all of them."""
    if before.lower() not in _INTO_PLACES:
        return owners
    return [owner for owner in owners if owner.kind == "place"] or owners


class SureNames:
    """Where each entity is surely named, so that a shared name nearby can mean it."""

    def __init__(self) -> None:
        self._places: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, owner: Owner, start: int) -> None:
        """Notes a sure mention; calls come in the order of the text."""
        self._places[owner.id].append(start)

    def choose(self, owners: Iterable[Owner], start: int) -> Owner | None:
        """The one owner that the scene has named before this place, or names soon after; None when unsure."""
        for low, high in ((start - _SCENE_CHARACTERS, start), (start, start + _SCENE_CHARACTERS)):
            named = [owner for owner in owners if self._is_named(owner, low, high)]
            if named:
                return named[0] if len(named) == 1 else None
        return None

    def _is_named(self, owner: Owner, low: int, high: int) -> bool:
        places = self._places.get(owner.id, ())
        return bisect_left(places, low) < bisect_right(places, high)
