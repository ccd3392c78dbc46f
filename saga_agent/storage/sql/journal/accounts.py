"""What each owner has stored, and what people on trial may spend.

An account's row is locked first, so that writers on one account follow one another.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, literal, or_, select, update

from saga_agent.domain.accounts import (
    Account,
    AccountSpending,
    Hold,
    HoldOutcome,
    OwnerHoldings,
    Reservation,
    StorageLimits,
    check_accounts,
)
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.engine.statements import insert_new, insert_or_replace
from saga_agent.storage.sql.tables.definitions import (
    HOLDINGS,
    HOLDINGS_ITEMS,
    MESSAGES,
    QUOTA_ACCOUNTS,
    QUOTA_RESERVATIONS,
    THREADS,
)

_OPEN_HOLDINGS = insert_new(HOLDINGS, (column.key for column in HOLDINGS.columns))
_PUT = insert_or_replace(HOLDINGS_ITEMS)


class SqlHoldings:
    """Accounts, and the items on them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, owner_id: str) -> OwnerHoldings | None:
        query = select(HOLDINGS).where(HOLDINGS.c.owner_id == owner_id)
        row = await self._database.read(lambda conn: conn.execute(query).first())
        return None if row is None else _account(row)

    async def hold(self, hold: Hold, limits: StorageLimits | None, *, now: float) -> HoldOutcome:
        if limits is None and await self.get(hold.owner_id) is None:
            return "uncounted"
        return await self._database.write(lambda conn: _hold(conn, hold, limits, now))

    async def let_go(self, hold: Hold, *, size: int | None) -> None:
        await self._database.write(lambda conn: _let_go(conn, hold, size))

    async def reassign(self, owner_id: str, new_owner_id: str) -> int:
        return await self._database.write(lambda conn: _reassign(conn, owner_id, new_owner_id))

    async def count_embedded(self, owner_id: str, size: int) -> bool:
        total, most = HOLDINGS.c.embedded_bytes + size, HOLDINGS.c.max_bytes
        has_room = (HOLDINGS.c.owner_id == owner_id, or_(most.is_(None), total <= most))

        def job(conn: Connection) -> bool:
            if conn.execute(update(HOLDINGS).where(*has_room).values(embedded_bytes=total)).rowcount:
                return True
            return conn.execute(select(HOLDINGS.c.owner_id).where(HOLDINGS.c.owner_id == owner_id)).first() is None

        return await self._database.write(job)


def end_holdings(conn: Connection, project_id: str) -> int:
    """Gives back all that is counted of the project; how many items that were."""
    return _end_items(conn, HOLDINGS_ITEMS.c.project_id == project_id)


def end_talk_holdings(conn: Connection, thread_ids: Sequence[str]) -> None:
    """Gives back all that is counted of these threads, while their messages are still there to be named."""
    item, of_threads = HOLDINGS_ITEMS.c.item, THREADS.c.id.in_(thread_ids)
    projects = select(THREADS.c.project_id).where(of_threads)
    threads = select(literal("threads/") + THREADS.c.id).where(of_threads)
    messages = select(literal("messages/") + MESSAGES.c.id).where(MESSAGES.c.thread_id.in_(thread_ids))
    _end_items(conn, and_(HOLDINGS_ITEMS.c.project_id.in_(projects), or_(item.in_(threads), item.in_(messages))))


def _end_items(conn: Connection, ended: ColumnElement[bool]) -> int:
    owners = select(HOLDINGS_ITEMS.c.owner_id).where(ended).distinct()
    _lock_owners(conn, sorted(conn.execute(owners).scalars()))
    counted = select(HOLDINGS_ITEMS.c.owner_id, func.count(), func.sum(HOLDINGS_ITEMS.c.bytes)).where(ended)
    for owner_id, records, size in conn.execute(counted.group_by(HOLDINGS_ITEMS.c.owner_id)).all():
        _book(conn, owner_id, records=-records, size=-int(size))
    return conn.execute(delete(HOLDINGS_ITEMS).where(ended)).rowcount


def _hold(conn: Connection, hold: Hold, limits: StorageLimits | None, now: float) -> HoldOutcome:
    _open(conn, hold.owner_id)
    _lock_owners(conn, [hold.owner_id])
    if limits is not None:
        told = update(HOLDINGS).where(HOLDINGS.c.owner_id == hold.owner_id)
        changed = or_(
            HOLDINGS.c.max_records.is_distinct_from(limits.records), HOLDINGS.c.max_bytes.is_distinct_from(limits.bytes)
        )
        conn.execute(told.where(changed).values(max_records=limits.records, max_bytes=limits.bytes))
    item = conn.execute(select(HOLDINGS_ITEMS).where(*_one(hold)).with_for_update()).first()
    if item is None and hold.bytes is None:
        return "uncounted"
    if item is not None and item.hold_id not in (None, hold.id) and item.until > now:
        return "busy"
    size = max(hold.bytes or 0, item.bytes if item is not None else 0)
    is_mine = item is not None and item.owner_id == hold.owner_id
    records, grows = (0, size - item.bytes) if item is not None and is_mine else (1, size)
    if not _make_room(conn, hold.owner_id, records=records, size=grows):
        return "full"
    if item is not None and not is_mine:
        _book(conn, item.owner_id, records=-1, size=-item.bytes)
    row = {"project_id": hold.project_id, "item": hold.item, "owner_id": hold.owner_id, "bytes": size}
    conn.execute(_PUT, {**row, "hold_id": hold.id, "until": hold.until})
    return "held"


def _reassign(conn: Connection, owner_id: str, new_owner_id: str) -> int:
    _open(conn, new_owner_id)
    _lock_owners(conn, [owner_id, new_owner_id])
    mine = HOLDINGS_ITEMS.c.owner_id == owner_id
    records, size = conn.execute(
        select(func.count(), func.coalesce(func.sum(HOLDINGS_ITEMS.c.bytes), 0)).where(mine)
    ).one()
    conn.execute(update(HOLDINGS_ITEMS).where(mine).values(owner_id=new_owner_id))
    _book(conn, owner_id, records=-records, size=-int(size))
    _book(conn, new_owner_id, records=records, size=int(size))
    return int(records)


def _open(conn: Connection, owner_id: str) -> None:
    empty = {"owner_id": owner_id, "records": 0, "bytes": 0, "embedded_bytes": 0}
    conn.execute(_OPEN_HOLDINGS, {**empty, "max_records": None, "max_bytes": None})


def _let_go(conn: Connection, hold: Hold, size: int | None) -> None:
    _lock_owners(conn, [hold.owner_id])
    item = conn.execute(select(HOLDINGS_ITEMS).where(*_one(hold)).with_for_update()).first()
    if item is None or item.hold_id != hold.id:
        return
    if size is None:
        conn.execute(delete(HOLDINGS_ITEMS).where(*_one(hold)))
        _book(conn, item.owner_id, records=-1, size=-item.bytes)
    else:
        conn.execute(update(HOLDINGS_ITEMS).where(*_one(hold)).values(bytes=size, hold_id=None))
        _book(conn, item.owner_id, records=0, size=size - item.bytes)


def _make_room(conn: Connection, owner_id: str, *, records: int, size: int) -> bool:
    """Draws on the account if it has the room; what does not grow needs none."""
    account = update(HOLDINGS).where(HOLDINGS.c.owner_id == owner_id)
    if records > 0:
        most = HOLDINGS.c.max_records
        account = account.where(or_(most.is_(None), HOLDINGS.c.records + records <= most))
    if size > 0:
        most = HOLDINGS.c.max_bytes
        account = account.where(or_(most.is_(None), HOLDINGS.c.bytes + size <= most))
    drawn = account.values(records=HOLDINGS.c.records + records, bytes=HOLDINGS.c.bytes + size)
    return conn.execute(drawn).rowcount == 1


def _book(conn: Connection, owner_id: str, *, records: int, size: int) -> None:
    changed = {"records": HOLDINGS.c.records + records, "bytes": HOLDINGS.c.bytes + size}
    conn.execute(update(HOLDINGS).where(HOLDINGS.c.owner_id == owner_id).values(**changed))


def _lock_owners(conn: Connection, owner_ids: Sequence[str]) -> None:
    wanted = select(HOLDINGS.c.owner_id).where(HOLDINGS.c.owner_id.in_(owner_ids)).order_by(HOLDINGS.c.owner_id)
    conn.execute(wanted.with_for_update())


def _one(hold: Hold) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (HOLDINGS_ITEMS.c.project_id == hold.project_id, HOLDINGS_ITEMS.c.item == hold.item)


def _account(row: Row[tuple[object, ...]]) -> OwnerHoldings:
    limits = StorageLimits(records=row.max_records, bytes=row.max_bytes)
    return OwnerHoldings(records=row.records, bytes=row.bytes, embedded_bytes=row.embedded_bytes, limits=limits)


_OPEN_ACCOUNT = insert_new(QUOTA_ACCOUNTS, (column.key for column in QUOTA_ACCOUNTS.columns))
_ADD = insert_new(QUOTA_RESERVATIONS, (column.key for column in QUOTA_RESERVATIONS.columns))
_TAKEN = QUOTA_ACCOUNTS.c.spent_microusd + QUOTA_ACCOUNTS.c.reserved_microusd


class _Refused(Exception):
    """Undoes the transaction; `by` is the id of what refused the reservation."""

    def __init__(self, by: str) -> None:
        self.by = by


class SqlQuota:
    """Accounts and the reservations on them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def reserve(self, reservation: Reservation, accounts: Sequence[Account]) -> str | None:
        check_accounts(reservation, accounts)
        try:
            await self._database.write(lambda conn: _reserve(conn, reservation, accounts))
        except _Refused as refused:
            return refused.by
        return None

    async def started(self, reservation_id: str) -> None:
        one = QUOTA_RESERVATIONS.c.id == reservation_id

        def job(conn: Connection) -> None:
            conn.execute(update(QUOTA_RESERVATIONS).where(one).values(starts_until=0.0))

        await self._database.write(job)

    async def settle(self, reservation_id: str, *, spent_microusd: int) -> bool:
        return await self._database.write(lambda conn: _settle(conn, reservation_id, spent_microusd))

    async def list(self, *, holder_id: str | None = None, limit: int = 1000) -> Sequence[Reservation]:
        query = select(QUOTA_RESERVATIONS).order_by(QUOTA_RESERVATIONS.c.made_at, QUOTA_RESERVATIONS.c.id).limit(limit)
        if holder_id is not None:
            query = query.where(QUOTA_RESERVATIONS.c.holder_id == holder_id)
        return await self._database.read(lambda conn: [_reservation(row) for row in conn.execute(query)])

    async def get(self, account_id: str) -> AccountSpending:
        query = select(QUOTA_ACCOUNTS).where(QUOTA_ACCOUNTS.c.id == account_id)

        def job(conn: Connection) -> AccountSpending:
            row = conn.execute(query).first()
            if row is None:
                return AccountSpending()
            return AccountSpending(spent_microusd=row.spent_microusd, reserved_microusd=row.reserved_microusd)

        return await self._database.read(job)

    async def forget(self, *, now: float) -> int:
        over = (QUOTA_ACCOUNTS.c.expires_at <= now, QUOTA_ACCOUNTS.c.reserved_microusd == 0)
        return await self._database.write(lambda conn: conn.execute(delete(QUOTA_ACCOUNTS).where(*over)).rowcount)


def _reserve(conn: Connection, reservation: Reservation, accounts: Sequence[Account]) -> None:
    opened = sorted(accounts, key=lambda account: account.id)  # one order for all, so that nobody waits in a ring
    conn.execute(
        _OPEN_ACCOUNT,
        [
            {"id": each.id, "spent_microusd": 0, "reserved_microusd": 0, "expires_at": each.expires_at}
            for each in opened
        ],
    )
    _lock_accounts(conn, reservation.account_ids)
    if conn.execute(_ADD, _row(reservation)).rowcount == 0:
        raise _Refused(reservation.holder_id)
    has_room = [
        and_(QUOTA_ACCOUNTS.c.id == each.id, _TAKEN + reservation.microusd <= each.limit_microusd) for each in opened
    ]
    draw = update(QUOTA_ACCOUNTS).where(or_(*has_room))
    drawn = conn.execute(
        draw.values(reserved_microusd=QUOTA_ACCOUNTS.c.reserved_microusd + reservation.microusd).returning(
            QUOTA_ACCOUNTS.c.id
        )
    )
    held = set(drawn.scalars())
    for account in accounts:
        if account.id not in held:
            raise _Refused(account.id)


def _settle(conn: Connection, reservation_id: str, spent_microusd: int) -> bool:
    found = conn.execute(select(QUOTA_RESERVATIONS).where(QUOTA_RESERVATIONS.c.id == reservation_id)).first()
    if found is None:
        return False
    reservation = _reservation(found)
    _lock_accounts(conn, reservation.account_ids)
    gone = conn.execute(delete(QUOTA_RESERVATIONS).where(QUOTA_RESERVATIONS.c.id == reservation_id))
    if gone.rowcount == 0:  # another process was faster
        return False
    book = update(QUOTA_ACCOUNTS).where(QUOTA_ACCOUNTS.c.id.in_(reservation.account_ids))
    conn.execute(
        book.values(
            reserved_microusd=QUOTA_ACCOUNTS.c.reserved_microusd - reservation.microusd,
            spent_microusd=QUOTA_ACCOUNTS.c.spent_microusd + spent_microusd,
        )
    )
    return True


def _lock_accounts(conn: Connection, account_ids: Sequence[str]) -> None:
    wanted = select(QUOTA_ACCOUNTS.c.id).where(QUOTA_ACCOUNTS.c.id.in_(account_ids))
    conn.execute(wanted.order_by(QUOTA_ACCOUNTS.c.id).with_for_update())


def _row(reservation: Reservation) -> dict[str, object]:
    return {
        "id": reservation.id,
        "holder_id": reservation.holder_id,
        "account_ids": json.dumps(reservation.account_ids),
        "microusd": reservation.microusd,
        "made_at": reservation.made_at,
        "starts_until": reservation.starts_until,
    }


def _reservation(row: Row[tuple[object, ...]]) -> Reservation:
    return Reservation(
        id=row.id,
        holder_id=row.holder_id,
        account_ids=tuple(json.loads(row.account_ids)),
        microusd=row.microusd,
        made_at=row.made_at,
        starts_until=row.starts_until,
    )
