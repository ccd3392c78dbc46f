"""What the journal promises of its deny-list."""

from __future__ import annotations

from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_same

_NOW = 1_700_000_000.0


async def denies_until_the_end(storage: Storage) -> None:
    """A key is denied until its moment, not at it; others never were."""
    denials = storage.journal.denials
    await denials.add("session/é", until=_NOW + 60, now=_NOW)

    expect_same(await denials.find(["user/1", "session/é"], now=_NOW + 59), "session/é", "The denied key")
    expect_same(await denials.find(["user/1"], now=_NOW), None, "A key that was never denied")
    expect_same(await denials.find(["session/é"], now=_NOW + 60), None, "A key whose end has come")
    expect_same(await denials.find([], now=_NOW), None, "No keys")


async def keeps_the_later_end(storage: Storage) -> None:
    """The same key again may be denied longer, never shorter; forgetting takes only those that are over."""
    denials = storage.journal.denials
    for until in (_NOW + 60, _NOW + 20, _NOW + 40):
        await denials.add("a", until=until, now=_NOW)
    await denials.add("b", until=_NOW + 90, now=_NOW + 50)

    expect_same(await denials.find(["a"], now=_NOW + 59), "a", "The key with the later end")
    await denials.add("c", until=_NOW + 200, now=_NOW + 100)
    expect_same(await denials.find(["a", "b"], now=_NOW + 50), None, "Keys that were forgotten")
