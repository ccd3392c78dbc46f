"""Lore entries: one text of a lorebook with the keys that call it, in the two spellings files use."""

from __future__ import annotations

import re
from typing import Literal, get_args

from pydantic import Field, JsonValue

from saga_agent.domain.record import JsonObject, Model
from saga_agent.formats.jsonfile import as_json, flag_of, text_of, texts_of

Dialect = Literal["world_info", "card"]
SecondaryLogic = Literal["and_any", "not_all", "not_any", "and_all"]

_LOGICS: tuple[SecondaryLogic, ...] = get_args(SecondaryLogic)
_MAX_DIGITS = 16
_REGEX_KEY = re.compile(r"/.+/[a-z]*", re.DOTALL)
_SPELLINGS: dict[Dialect, dict[str, str]] = {
    "world_info": {
        "title": "comment", "keys": "key", "secondary_keys": "keysecondary", "content": "content",
        "selective": "selective", "secondary_logic": "selectiveLogic", "constant": "constant", "enabled": "disable",
        "order": "order",
    },
    "card": {
        "title": "name", "keys": "keys", "secondary_keys": "secondary_keys", "content": "content",
        "selective": "selective", "constant": "constant", "enabled": "enabled", "order": "insertion_order",
        "use_regex": "use_regex",
    },
}  # fmt: skip
_KINDS: dict[str, type[object]] = {
    "title": str, "keys": list, "secondary_keys": list, "content": str, "selective": bool, "secondary_logic": int,
    "constant": bool, "enabled": bool, "order": int, "use_regex": bool,
}  # fmt: skip


class LoreEntry(Model):
    """A text of a lorebook and when it is called."""

    uid: str
    """Its key among the entries, or its place in the list."""
    title: str = ""
    keys: tuple[str, ...] = ()
    """Any of them calls it."""
    secondary_keys: tuple[str, ...] = ()
    secondary_logic: SecondaryLogic = "and_any"
    selective: bool = False
    """Whether the secondary keys count."""
    content: str = ""
    constant: bool = False
    """Whether it is there without being called."""
    enabled: bool = True
    order: int = 100
    use_regex: bool = False
    """Whether all keys are regular expressions; the other spelling of that is `/key/flags`."""
    raw: JsonObject = Field(default_factory=dict[str, JsonValue])
    """The entry as it was read; its unknown fields are written back."""
    unread: tuple[str, ...] = ()
    """Fields of a kind that was not expected; they stay as they are while their value here is not changed."""

    @property
    def regex_keys(self) -> tuple[str, ...]:
        """The keys that are regular expressions: never run here, for a hostile one never ends."""
        keys = (*self.keys, *self.secondary_keys)
        return keys if self.use_regex else tuple(key for key in keys if _REGEX_KEY.fullmatch(key))

    def without_place(self, source: Dialect, target: Dialect) -> tuple[str, ...]:
        """The names of its fields in the one spelling that say something and do not exist in the other."""
        known = {*_SPELLINGS[source].values(), "uid", "id"}
        unknown = [key for key, value in self.raw.items() if key not in known and value not in (None, "", [], {})]
        missing = _SPELLINGS[source].keys() - _SPELLINGS[target].keys()
        default = LoreEntry(uid=self.uid)
        said = [_SPELLINGS[source][field] for field in missing if getattr(self, field) != getattr(default, field)]
        return (*unknown, *said)


def read_entry(uid: str, raw: JsonObject, *, dialect: Dialect) -> LoreEntry:
    """The entry in a JSON object; what is missing or of the wrong kind counts as its default."""
    names = _SPELLINGS[dialect]
    order = raw.get(names["order"])
    return LoreEntry(
        uid=uid,
        title=text_of(raw, names["title"]),
        keys=texts_of(raw, names["keys"]),
        secondary_keys=texts_of(raw, names["secondary_keys"]),
        secondary_logic=_logic(raw.get(names.get("secondary_logic", ""))),
        selective=flag_of(raw, "selective"),
        content=text_of(raw, "content"),
        constant=flag_of(raw, "constant"),
        enabled=not flag_of(raw, "disable") if dialect == "world_info" else flag_of(raw, "enabled", default=True),
        order=order if isinstance(order, int) else 100,
        use_regex=flag_of(raw, names.get("use_regex", "")),
        raw=raw,
        unread=tuple(key for field, key in names.items() if not _is_understood(field, raw.get(key))),
    )


def spell_entry(entry: LoreEntry, *, dialect: Dialect) -> JsonObject:
    """The entry as a JSON object: as it was read, but for the fields that have changed."""
    before = read_entry(entry.uid, entry.raw, dialect=dialect)
    spelled = dict(entry.raw)
    for field, key in _SPELLINGS[dialect].items():
        if not entry.raw or getattr(entry, field) != getattr(before, field):
            spelled[key] = _spell(entry, field, key)
    if not entry.raw and dialect == "world_info":
        spelled["uid"] = int(entry.uid) if entry.uid.isdecimal() and len(entry.uid) < _MAX_DIGITS else entry.uid
    elif not entry.raw:
        spelled["extensions"] = {}
    return spelled


def _spell(entry: LoreEntry, field: str, key: str) -> JsonValue:
    if key == "disable":
        return not entry.enabled
    if field == "keys":
        return as_json(entry.keys)
    if field == "secondary_keys":
        return as_json(entry.secondary_keys)
    if field == "secondary_logic":
        return _LOGICS.index(entry.secondary_logic)
    value: JsonValue = getattr(entry, field)
    return value


def _logic(value: JsonValue) -> SecondaryLogic:
    for number, logic in enumerate(_LOGICS):
        if value == number:
            return logic
    return "and_any"


def _is_understood(field: str, value: JsonValue) -> bool:
    if isinstance(value, list):
        return _KINDS[field] is list and all(isinstance(item, str) for item in value)
    if isinstance(value, bool):
        return _KINDS[field] is bool
    return value is None or isinstance(value, _KINDS[field])
