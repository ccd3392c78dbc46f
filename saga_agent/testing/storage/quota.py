"""What the journal promises of its ledger."""

from __future__ import annotations

from dataclasses import replace

from saga_agent.domain.accounts import Account, AccountSpending, Reservation
from saga_agent.errors import InvalidInput
from saga_agent.storage.adapter import Storage
from saga_agent.testing.storage.expect import expect_raises, expect_same
from saga_agent.testing.storage.racing import race

_NOW = 1_700_000_000.0
_GUEST = Account(id="guest/1", limit_microusd=100)
_DAY = Account(id="day/é", limit_microusd=1_000, expires_at=_NOW + 60)


def _reservation(number: int, *accounts: Account, microusd: int = 60, holder_id: str | None = None) -> Reservation:
    return Reservation(
        id=f"res_{number:03}",
        holder_id=holder_id or f"guest {number}",
        microusd=microusd,
        account_ids=tuple(account.id for account in accounts),
        made_at=_NOW + number,
        starts_until=_NOW + 90,
    )


async def holds_the_amount_until_it_is_settled(storage: Storage) -> None:
    """A reservation is held on all its accounts; settling books the cost and lets go of the rest, once."""
    quota, made = storage.journal.quota, _reservation(1, _GUEST, _DAY)
    expect_same(await quota.reserve(made, [_GUEST, _DAY]), None, "What refused the reservation")
    held = AccountSpending(reserved_microusd=60)
    expect_same([await quota.get(id) for id in made.account_ids], [held, held], "The standings while it is held")
    expect_same(await quota.list(holder_id=made.holder_id), [made], "The reservations of the holder")

    await quota.started(made.id)
    expect_same(await quota.list(), [replace(made, starts_until=0.0)], "The reservations once it started")
    outcomes = [await quota.settle(made.id, spent_microusd=cost) for cost in (45, 99)]

    expect_same(outcomes, [True, False], "The outcomes of settling twice")
    spent = AccountSpending(spent_microusd=45)
    expect_same([await quota.get(id) for id in made.account_ids], [spent, spent], "The standings after it")
    expect_same(await quota.list(), [], "The reservations after it")
    await quota.started(made.id)


async def refuses_what_passes_a_limit(storage: Storage) -> None:
    """A reservation fits up to the limit exactly; what passes one is refused by that account, and held on none."""
    quota = storage.journal.quota
    await quota.reserve(_reservation(1, _GUEST), [_GUEST])
    await quota.settle("res_001", spent_microusd=40)

    refused = await quota.reserve(_reservation(2, _DAY, _GUEST, microusd=61), [_DAY, _GUEST])
    expect_same(refused, _GUEST.id, "What refused the reservation")
    expect_same(await quota.get(_DAY.id), AccountSpending(), "The account that had room")
    expect_same(await quota.list(), [], "The reservations")

    fits = await quota.reserve(_reservation(3, _DAY, _GUEST), [_DAY, _GUEST])
    expect_same(fits, None, "What refused the reservation that fits exactly")


async def books_more_than_was_reserved(storage: Storage) -> None:
    """A turn that cost more than was reserved is booked in full."""
    quota = storage.journal.quota
    await quota.reserve(_reservation(1, _GUEST), [_GUEST])
    await quota.settle("res_001", spent_microusd=5_000_000_000)

    expect_same(await quota.get(_GUEST.id), AccountSpending(spent_microusd=5_000_000_000), "The standing")
    expect_same(await quota.reserve(_reservation(2, _GUEST), [_GUEST]), _GUEST.id, "What refused the next one")


async def gives_a_holder_one_reservation(storage: Storage) -> None:
    """Who holds a reservation gets no second one, on whatever account, until it is settled."""
    quota = storage.journal.quota
    await quota.reserve(_reservation(1, _GUEST, holder_id="ada"), [_GUEST])

    refused = await quota.reserve(_reservation(2, _DAY, holder_id="ada"), [_DAY])
    expect_same(refused, "ada", "What refused the second one")
    expect_same(await quota.get(_DAY.id), AccountSpending(), "The account of the second one")

    await quota.settle("res_001", spent_microusd=0)
    expect_same(await quota.reserve(_reservation(3, _DAY, holder_id="ada"), [_DAY]), None, "What refused the third one")


async def gives_the_last_credit_once(storage: Storage) -> None:
    """Of fifty reservations at the same time, one gets what is left of an account."""
    quota, last = storage.journal.quota, Account(id="day", limit_microusd=60)

    refused, _ = await race(quota.reserve(_reservation(n, last), [last]) for n in range(50))

    expect_same(refused.count(None), 1, "The number of reservations that were made")
    expect_same(await quota.get(last.id), AccountSpending(reserved_microusd=60), "The standing")


async def lets_one_of_several_settle(storage: Storage) -> None:
    """A reservation that several settle at the same time is booked once."""
    quota = storage.journal.quota
    await quota.reserve(_reservation(1, _GUEST), [_GUEST])

    settled, _ = await race(quota.settle("res_001", spent_microusd=10) for _ in range(8))

    expect_same(settled.count(True), 1, "The number of those who settled it")
    expect_same(await quota.get(_GUEST.id), AccountSpending(spent_microusd=10), "The standing")


async def forgets_accounts_that_are_over(storage: Storage) -> None:
    """Accounts whose time is over are forgotten; not those without an end, nor while something is reserved."""
    quota = storage.journal.quota
    await quota.reserve(_reservation(1, _GUEST, _DAY), [_GUEST, _DAY])
    expect_same(await quota.forget(now=_NOW + 60), 0, "The number forgotten while it is held")
    await quota.settle("res_001", spent_microusd=10)
    expect_same(await quota.forget(now=_NOW + 59), 0, "The number forgotten before its time")

    expect_same(await quota.forget(now=_NOW + 60), 1, "The number forgotten at its time")
    standings = [await quota.get(each.id) for each in (_GUEST, _DAY)]
    expect_same(standings, [AccountSpending(spent_microusd=10), AccountSpending()], "The standings")


async def refuses_other_accounts(storage: Storage) -> None:
    """`reserve` on accounts that the reservation does not name raises `InvalidInput` and stores nothing."""
    quota = storage.journal.quota
    for accounts in ([], [_DAY], [_GUEST, _DAY]):
        await expect_raises(InvalidInput, quota.reserve(_reservation(1, _GUEST), accounts), "reserve on other accounts")
    negative = quota.reserve(_reservation(1, _GUEST, microusd=-1), [_GUEST])
    await expect_raises(InvalidInput, negative, "reserve of less than nothing")
    expect_same(await quota.list(), [], "The reservations")
