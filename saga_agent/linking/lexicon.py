"""A bible that is kept: entries come and go in place, and each text is linked against what its words call up.

Nothing large is ever compiled. An index leads from words to the entries that have one of them in a spelling; the few
that a text calls up make a small bible of their own, which finds in that text exactly what the whole one would: a name
that stands alone there consists of whole words of the text.

What is kept is made of objects that the garbage collector does not walk through, bytes and arrays of numbers: a hundred
thousand entries of tuples or dataclasses would make its full rounds hold up the event loop.
"""

from __future__ import annotations

import marshal
import threading
from array import array
from collections import deque
from typing import Final, TypeAlias

from saga_agent.domain.words import written_words
from saga_agent.linking.bible import Bible, NameClaim, Owner, Spelled, merge, spell
from saga_agent.linking.entries import Entry, Name
from saga_agent.linking.mention import Kind
from saga_agent.linking.titles import Gender
from saga_agent.linking.variants import Form, Rank

_RANKS: Final = tuple(Rank)
_REMEMBERED: Final = 512
"""Further changes back it is not known which words they were about."""

_Names: TypeAlias = tuple[tuple[str, bool, tuple[str, ...]], ...]
"""Text, whether it matches only as written, and what it excludes."""
_Claim: TypeAlias = tuple[str, str, str, str, int, tuple[str, ...], bool]
"""Key word, spelling, name, and the fields of the form."""
_Exclusion: TypeAlias = tuple[str, str, str]
"""Key word, spelling, and the name that it forbids."""
_Packed: TypeAlias = tuple[str, Kind, _Names, Gender | None, str | None, tuple[_Claim, ...], tuple[_Exclusion, ...]]
"""An entry with all its spellings: id, kind, names, and what is known of its owner besides."""


def phrases_of(entry: Entry) -> frozenset[frozenset[str]]:
    """The words of each spelling of an entry: where it is named, all words of one of them stand."""
    spelled = spell(entry)
    return frozenset(frozenset(written_words(each)) for each in (*spelled.claims, *spelled.exclusions))


class Lexicon:
    """The entries of one story, ready for any text; safe to use from several threads."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        """The number of each entry, by its id."""
        self._entries: dict[int, bytes] = {}
        """Each entry as `_pack` makes it, by its number."""
        self._by_word: dict[str, array[int]] = {}
        """By the key word of a spelling, the numbers of the entries that have it."""
        self._last_number = 0
        self._changes: deque[tuple[int, frozenset[str]]] = deque(maxlen=_REMEMBERED)
        self._lock = threading.Lock()
        self.version = 0
        """Grows with each change."""

    def __len__(self) -> int:
        return len(self._numbers)

    def put(self, entry: Entry) -> None:
        """Takes an entry in, in place of an earlier one with its id."""
        if self.find(entry.id) == entry:
            return
        packed = _pack(entry)
        keys = _keys(packed)
        with self._lock:
            gone = self._take_out(entry.id)
            number = self._last_number = self._last_number + 1
            self._numbers[entry.id], self._entries[number] = number, marshal.dumps(packed)
            for key in keys:
                self._by_word.setdefault(key, array("L")).append(number)
            self._note(keys | gone)

    def remove(self, entry_id: str) -> None:
        """Takes an entry out, if it is there."""
        with self._lock:
            if entry_id in self._numbers:
                self._note(self._take_out(entry_id))

    def find(self, entry_id: str) -> Entry | None:
        """The entry with that id, if there is one."""
        held = self._entries.get(self._numbers.get(entry_id, 0))
        return None if held is None else _unpack(marshal.loads(held))

    def bible_for(self, words: frozenset[str]) -> Bible:
        """The bible of the entries that a text of these words may name; see `written_words`."""
        with self._lock:
            called = {number for key in self._called(words) for number in self._by_word[key]}
            held = [self._entries[number] for number in called]
        entries: list[_Packed] = sorted(map(marshal.loads, held))
        return merge(_within(packed, words) for packed in entries)

    def is_unchanged(self, words: frozenset[str], *, since: int) -> bool:
        """Whether a text of these words is linked as it was at that version."""
        with self._lock:
            if since == self.version:
                return True
            known = list(self._changes)
        if not known or known[0][0] > since + 1:
            return False
        return all(words.isdisjoint(keys) and "" not in keys for version, keys in known if version > since)

    def _called(self, words: frozenset[str]) -> list[str]:
        """The words of the text that are in the index, and the key of spellings without any word."""
        found = [word for word in words if word in self._by_word]
        return [*found, ""] if "" in self._by_word else found

    def _take_out(self, entry_id: str) -> frozenset[str]:
        number = self._numbers.pop(entry_id, None)
        if number is None:
            return frozenset()
        keys = _keys(marshal.loads(self._entries.pop(number)))
        for key in keys:
            numbers = self._by_word[key]
            numbers.remove(number)
            if not numbers:
                del self._by_word[key]
        return keys

    def _note(self, keys: frozenset[str]) -> None:
        self.version += 1
        self._changes.append((self.version, keys))


def _pack(entry: Entry) -> _Packed:
    spelled = spell(entry)
    owner = next(iter(spelled.claims.values()))[0].owner
    claims: list[_Claim] = []
    for spelling, own in spelled.claims.items():
        key = _key(spelling)
        for _, form, (_, name) in own:
            titles = tuple(sorted(form.titles))
            claims.append((key, spelling, name, form.text, int(form.rank), titles, form.is_surname))
    exclusions = tuple(
        (_key(spelling), spelling, name) for spelling, keys in spelled.exclusions.items() for _, name in sorted(keys)
    )
    names = tuple((name.text, name.as_written, name.exclude) for name in entry.names)
    return entry.id, entry.kind, names, owner.gender, owner.given, tuple(claims), exclusions


def _unpack(packed: _Packed) -> Entry:
    names = tuple(Name(text, as_written, exclude) for text, as_written, exclude in packed[2])
    return Entry(packed[0], packed[1], names)


def _keys(packed: _Packed) -> frozenset[str]:
    return frozenset([each[0] for each in (*packed[5], *packed[6])])


def _key(spelling: str) -> str:
    """The word without which a spelling cannot stand in a text, the longest; "" for one that has no word at all."""
    return max(written_words(spelling), key=len, default="")


def _within(packed: _Packed, words: frozenset[str]) -> Spelled:
    """The spellings of an entry that may stand in a text of these words."""
    entry_id, kind, _, gender, given, claims, exclusions = packed
    owner, spelled = Owner(entry_id, kind, gender, given), Spelled()
    for key, spelling, name, text, rank, titles, is_surname in claims:
        if key in words or not key:
            form = Form(text, _RANKS[rank], frozenset(titles), is_surname)
            spelled.claims.setdefault(spelling, []).append(NameClaim(owner, form, (entry_id, name)))
    for key, spelling, name in exclusions:
        if key in words or not key:
            spelled.exclusions.setdefault(spelling, set()).add((entry_id, name))
    return spelled
