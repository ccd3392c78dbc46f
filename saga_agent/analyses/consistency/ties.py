"""Ties between entities: loops where none can be, ties to oneself, and offices held by two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from saga_agent.analyses.consistency.canon import Canon
from saga_agent.analyses.consistency.kinship import descents
from saga_agent.analyses.consistency.spans import clash
from saga_agent.analyses.findings import finding
from saga_agent.domain.entity import Relationship
from saga_agent.domain.finding import Finding
from saga_agent.domain.relations import RelationType, RelationTypes

_TYPES = RelationTypes()
_IN_CUSTODY = frozenset({"owns", "carries"})
"""Who holds an item is the business of another family."""


@dataclass(frozen=True, slots=True)
class _Tie:
    """A tie told from its source, with its type where it is a known one."""

    record: Relationship
    kind: RelationType | None
    source_id: str
    target_id: str


def check_ties(canon: Canon) -> Iterator[Finding]:
    """Loops, self-ties and functional ties that overlap."""
    for tie in canon.relationships:
        if tie.source_id == tie.target_id:
            yield finding(
                "tie.self",
                f"{canon.name(tie.source_id)} {tie.type} themselves.",
                subjects=[tie.source_id],
                data={"record_id": tie.id},
            )
    yield from _cycles(canon)
    yield from _functional(canon)


def find_cycle(edges: Mapping[str, set[str]]) -> list[str] | None:
    """A loop of the directed graph, as the nodes along it, from its least one on; None when there is none."""
    done: set[str] = set()
    for root in sorted(edges):
        path: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = [(root, iter(sorted(edges.get(root, ()))))] if root not in done else []
        path += [root] if stack else []
        while stack:
            node, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                stack.pop()
                path.pop()
                done.add(node)
            elif following in path:
                loop = path[path.index(following) :]
                turn = loop.index(min(loop))
                return loop[turn:] + loop[:turn]
            elif following not in done:
                stack.append((following, iter(sorted(edges.get(following, ())))))
                path.append(following)
    return None


def _read(tie: Relationship) -> _Tie:
    found = _TYPES.find(tie.type)
    if found is None:
        return _Tie(tie, None, tie.source_id, tie.target_id)
    kind, is_inverse = found
    ends = (tie.target_id, tie.source_id) if is_inverse and not kind.symmetric else (tie.source_id, tie.target_id)
    return _Tie(tie, kind, *ends)


def _cycles(canon: Canon) -> Iterator[Finding]:
    graphs: defaultdict[str, dict[str, set[str]]] = defaultdict(dict)
    for descent in descents(canon):
        graphs["parent_of"].setdefault(descent.parent.id, set()).add(descent.child.id)
    for tie in map(_read, canon.relationships):
        if tie.kind and tie.kind.acyclic:
            graphs[tie.kind.name].setdefault(tie.source_id, set()).add(tie.target_id)
    for kind, edges in graphs.items():
        yield from _loops_of(canon, kind, {node: targets - {node} for node, targets in edges.items()})


def _loops_of(canon: Canon, kind: str, edges: dict[str, set[str]]) -> Iterator[Finding]:
    while loop := find_cycle(edges):
        names = " → ".join(canon.name(each) for each in [*loop, loop[0]])
        yield finding("tie.cycle", f"{kind.replace('_', ' ')} runs in a circle: {names}.", subjects=loop)
        edges[loop[-1]].discard(loop[0])  # so that the next loop is found


def _functional(canon: Canon) -> Iterator[Finding]:
    groups: defaultdict[tuple[str, str, str], list[_Tie]] = defaultdict(list)
    for tie in map(_read, canon.relationships):
        if tie.kind and tie.kind.one_source and not _is_custody(canon, tie):
            groups[tie.kind.name, "target", tie.target_id].append(tie)
        if tie.kind and tie.kind.one_target:
            groups[tie.kind.name, "source", tie.source_id].append(tie)
    for ties in groups.values():
        for one, other in combinations(ties, 2):
            ends = [one.source_id, one.target_id, other.source_id, other.target_id]
            certainty = None if len(set(ends)) < 3 else clash(one.record.valid, other.record.valid)
            if certainty:
                yield finding(
                    "tie.functional",
                    f"{_told(canon, one)}, and {_told(canon, other)}, at one time.",
                    subjects=ends,
                    data={"records": [one.record.id, other.record.id]},
                    certainty=certainty,
                )


def _is_custody(canon: Canon, tie: _Tie) -> bool:
    held = canon.by_id.get(tie.target_id)
    return tie.kind is not None and tie.kind.name in _IN_CUSTODY and held is not None and held.type == "item"


def _told(canon: Canon, tie: _Tie) -> str:
    kind = tie.kind.name if tie.kind else tie.record.type
    return f"{canon.name(tie.source_id)} {kind.replace('_', ' ')} {canon.name(tie.target_id)}"
