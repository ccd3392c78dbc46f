"""The ledger: one conditional update draws on all the accounts of a reservation, or the transaction is undone."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, Row, and_, delete, or_, select, update

from saga_agent.domain.accounts import Account, Reservation, Standing, check_accounts
from saga_agent.storage.sql.database import Database
from saga_agent.storage.sql.tables import QUOTA_ACCOUNTS, QUOTA_RESERVATIONS
from saga_agent.storage.sql.upserts import insert_new

_OPEN = insert_new(QUOTA_ACCOUNTS, (column.key for column in QUOTA_ACCOUNTS.columns))
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

    async def get(self, account_id: str) -> Standing:
        query = select(QUOTA_ACCOUNTS).where(QUOTA_ACCOUNTS.c.id == account_id)

        def job(conn: Connection) -> Standing:
            row = conn.execute(query).first()
            if row is None:
                return Standing()
            return Standing(spent_microusd=row.spent_microusd, reserved_microusd=row.reserved_microusd)

        return await self._database.read(job)

    async def forget(self, *, now: float) -> int:
        over = (QUOTA_ACCOUNTS.c.expires_at <= now, QUOTA_ACCOUNTS.c.reserved_microusd == 0)
        return await self._database.write(lambda conn: conn.execute(delete(QUOTA_ACCOUNTS).where(*over)).rowcount)


def _reserve(conn: Connection, reservation: Reservation, accounts: Sequence[Account]) -> None:
    opened = sorted(accounts, key=lambda account: account.id)  # one order for all, so that nobody waits in a ring
    conn.execute(
        _OPEN,
        [
            {"id": each.id, "spent_microusd": 0, "reserved_microusd": 0, "expires_at": each.expires_at}
            for each in opened
        ],
    )
    _lock(conn, reservation.account_ids)
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
    _lock(conn, reservation.account_ids)
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


def _lock(conn: Connection, account_ids: Sequence[str]) -> None:
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
