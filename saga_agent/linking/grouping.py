"""Which unknown names are one: "Holmes", "Mr. Holmes" and "Sherlock Holmes"."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from saga_agent.linking.gazetteer import is_known_place
from saga_agent.linking.given_names import given_name_gender, is_given_name, is_short_form, other_forms
from saga_agent.linking.heads import head_kind
from saga_agent.linking.titles import title_gender, titles_clash

Name = tuple[tuple[str, ...], tuple[str, ...]]
"""Canonical titles, and the words of the name in small letters."""

_RARE = 10
"""A name this many times rarer than another does not decide about it."""
_CROWD = 50
"""Further namesakes are not looked at: by then nothing tells them apart, and the time stays linear."""


@dataclass(slots=True, eq=False)
class Cluster:
    """Names of one bearer; the fullest gives the key."""

    words: tuple[str, ...]
    count: int
    """How often its fullest name stands in the text."""
    titles: set[str] = field(default_factory=set[str])
    is_married_name: bool = False
    """Holds another's full name, as "Mrs. John Ard" does."""
    is_bare: bool = False
    """Its words stand alone, too, without a title."""

    @property
    def key(self) -> str:
        """The fullest name; a surname alone goes with its title."""
        if self.is_bare or (len(self.words) > 1 and not self.is_married_name):
            return " ".join(self.words)
        return " ".join([*sorted(self.titles), *self.words])

    def may_bear(self, titles: Iterable[str]) -> bool:
        """Whether the titles fit what is known of the bearer."""
        told = given_name_gender(self.words[0]) if len(self.words) > 1 and not self.is_married_name else None
        for title in titles:
            gender = title_gender(title)
            if (gender and told and gender != told) or any(titles_clash(title, own) for own in self.titles):
                return False
        return True


def group_names(names: Iterable[Name]) -> dict[Name, str]:
    """A key for each name, equal for names of one bearer; a short form joins a full one only if one alone fits."""
    counts = Counter(names)
    by_word: defaultdict[str, list[Cluster]] = defaultdict(list)
    found: dict[Name, Cluster] = {}
    for name in sorted(counts, key=lambda name: (-len(name[1]), -len(name[0]), name)):
        titles, words = name
        cluster = _home(name, counts[name], by_word)
        if cluster is None:
            cluster = Cluster(words, counts[name], is_married_name=_is_married_name(titles, words))
            for word in {words[0], words[-1]}:
                by_word[word].append(cluster)
        cluster.titles.update(titles)
        cluster.is_bare |= words == cluster.words and not titles
        found[name] = cluster
    return {name: cluster.key for name, cluster in found.items()}


def _is_married_name(titles: Sequence[str], words: Sequence[str]) -> bool:
    return "mrs" in titles and len(words) > 1 and given_name_gender(words[0]) != "f"


def _home(name: Name, count: int, by_word: Mapping[str, Sequence[Cluster]]) -> Cluster | None:
    """The one cluster that the name belongs to."""
    titles, words = name
    married = _is_married_name(titles, words)
    near = dict.fromkeys([*by_word.get(words[0], ())[:_CROWD], *by_word.get(words[-1], ())[:_CROWD]])
    fits: Sequence[Cluster] = [
        cluster
        for cluster in near
        if cluster.is_married_name == married and cluster.may_bear(titles) and _is_short_for(words, cluster, count)
    ]
    if not titles and len(words) == 1:
        fits = _plainly_called(fits)
        if not fits:
            forms = sorted(other_forms(words[0]))
            fits = [cluster for form in forms for cluster in by_word.get(form, ())[:_CROWD] if cluster.words[0] == form]
    return fits[0] if len(fits) == 1 else None


def _is_short_for(words: Sequence[str], cluster: Cluster, count: int) -> bool:
    """Whether words are the beginning or the end of the cluster's ("Tom Ard" is for "Thomas Ard", too)."""
    full = cluster.words
    if len(full) == 1:
        return words == full
    # Words that once stood beside a name are no reason to rename somebody met on every page.
    is_firm = cluster.count * _RARE > count or is_given_name(full[0])
    if len(words) > 1:
        if words in {full[: len(words)], full[-len(words) :]}:
            return is_firm
        return words[-1] == full[-1] and (words[0] == full[0] or is_short_form(words[0], full[0]))
    if words[0] != full[0] and (words[0] != full[-1] or "of" in full):
        return False
    return is_firm and not is_known_place(words[0]) and not (head_kind(full[-1]) and is_given_name(words[0]))


def _plainly_called(fits: Sequence[Cluster]) -> Sequence[Cluster]:
    """Those who go by a bare surname: full names first, and no lady or passing namesake where there is another."""
    full = [cluster for cluster in fits if len(cluster.words) > 1]
    if full:
        return full
    fits = [cluster for cluster in fits if not any(title_gender(title) == "f" for title in cluster.titles)] or fits
    most = max((cluster.count for cluster in fits), default=0)
    return [cluster for cluster in fits if cluster.count * _RARE > most]
