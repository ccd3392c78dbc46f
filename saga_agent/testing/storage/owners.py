"""What the journal promises of each owner's default project."""

from __future__ import annotations

from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_same
from saga_agent.testing.storage.racing import race


async def keeps_one_default_project_an_owner(storage: Storage) -> None:
    """The first claim stands, and owners whose ids differ by case or accent alone are two."""
    owners = storage.journal.owners
    expect_same(await owners.find_default_project("ada"), None, "The default of an owner without one")

    expect_same(await owners.claim_default_project("ada", "p1", instead_of=None), "p1", "The first claim")
    expect_same(await owners.claim_default_project("ada", "p2", instead_of=None), "p1", "A claim that came late")
    for other in ("ADA", "adá", "ada "):
        expect_same(await owners.find_default_project(other), None, f"The default of {other!r}")
    expect_same(await owners.find_default_project("ada"), "p1", "The stored default")


async def replaces_the_default_project_it_was_told(storage: Storage) -> None:
    """A claim in place of another takes effect while that other one stands, or none does."""
    owners = storage.journal.owners
    await owners.claim_default_project("ada", "p1", instead_of=None)

    expect_same(await owners.claim_default_project("ada", "p3", instead_of="p2"), "p1", "In place of what is not there")
    expect_same(await owners.claim_default_project("ada", "p2", instead_of="p1"), "p2", "In place of what is there")
    expect_same(await owners.find_default_project("ada"), "p2", "The stored default")
    expect_same(await owners.claim_default_project("bea", "p4", instead_of="p1"), "p4", "In place of none")


async def tells_racing_claims_the_same(storage: Storage) -> None:
    """Of claims at the same time one wins, and all are told its project."""
    owners = storage.journal.owners
    told, _ = await race(owners.claim_default_project("ada", f"p{n}", instead_of=None) for n in range(8))
    expect_same(len(set(told)), 1, "The number of default projects that eight claims were told")
    expect_same(await owners.find_default_project("ada"), told[0], "The stored default")
