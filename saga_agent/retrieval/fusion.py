"""Several rankings made one.

Source: Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
Methods" (SIGIR 2009), with their k = 60: ranks can be added where scores of different kinds cannot.
"""

from __future__ import annotations

from collections.abc import Sequence

from saga_agent.domain.journal import Hit, Passage

_K = 60


def fuse(*rankings: Sequence[Passage], limit: int) -> list[Hit]:
    """The best passages of all rankings, each once; a passage scores 1 / (60 + rank) for each ranking it is in."""
    scores: dict[tuple[str, int, int, int], float] = {}
    passages: dict[tuple[str, int, int, int], Passage] = {}
    for ranking in rankings:
        for rank, passage in enumerate(ranking, start=1):
            passages.setdefault(passage.place, passage)
            scores[passage.place] = scores.get(passage.place, 0.0) + 1 / (_K + rank)
    best = sorted(scores, key=lambda place: (-scores[place], place))[:limit]
    return [_hit(passages[place], scores[place]) for place in best]


def _hit(passage: Passage, score: float) -> Hit:
    return Hit(**passage.model_dump(exclude={"score"}), score=score)
