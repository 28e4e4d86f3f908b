"""Booking into the ledger, and closing its months."""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Uuid, func, select
from sqlmodel import col

from services.complaints.ledger.domain import Booking, ClosedLedgerMonth, Ledger, NewBooking
from services.complaints.ledger.tables import BookingRow, LedgerMonthRow, LedgerRow
from shared.db import Connection
from shared.ids import new_id
from shared.months import Month
from shared.statement import Reader, Scalar, Statement, any_given, given, insert_many, insert_one, table

FIELDS = tuple(field.name for field in fields(Booking))
_SAID = tuple(field.name for field in fields(NewBooking) if field.name != "due_at")
_values = attrgetter(*FIELDS)
MANY = 500
"""From so many on COPY costs less than arrays."""

_LEDGER = select(col(LedgerRow.closed_through), col(LedgerRow.version))
_CLOSED_THROUGH = Scalar(select(col(LedgerRow.closed_through)), int)
_SHARE = Statement(_LEDGER.with_for_update(read=True), Ledger)
_ALONE = Statement(_LEDGER.with_for_update(), Ledger)
_BOOK = Statement(insert_many(BookingRow, *FIELDS))
_OF_BASES = Statement(
    select(*(table(BookingRow).c[name] for name in FIELDS))
    .where(col(BookingRow.basis_id) == any_given("ids", Uuid))
    .order_by(col(BookingRow.id)),
    Booking,
)
_FIRST_MONTH = Scalar(select(func.min(col(BookingRow.month))), int)
_CLOSE = Statement("UPDATE ledger SET closed_through = :closed_through, version = :version")
_ADD_MONTH = Statement(insert_one(LedgerMonthRow, "month", "closed_at", "closed_by"))
_MONTH = Statement(
    select(col(LedgerMonthRow.closed_at), col(LedgerMonthRow.closed_by)).where(
        col(LedgerMonthRow.month) == given("month")
    )
)


async def book(transaction: Connection, entries: Sequence[NewBooking], now: datetime, zone: ZoneInfo) -> list[Booking]:
    """Writes entries into the ledger in their order, and returns them as they stand there.

    Each counts in the month in which it falls due, or in the next open one; no month is closed until the transaction
    ends. Take every other lock before: whoever closes a month waits for this one.
    """
    if not entries:
        return []
    ledger = await _held(transaction, _SHARE)
    booked = [_booking(each, ledger, now, zone) for each in entries]
    rows = [_values(each) for each in booked]
    if len(rows) >= MANY:
        await transaction.copy_records_to_table("booking", records=rows, columns=FIELDS)
    else:
        await _BOOK.execute(transaction, **dict(zip(FIELDS, map(list, zip(*rows, strict=True)), strict=True)))
    return booked


def _booking(entry: NewBooking, ledger: Ledger, now: datetime, zone: ZoneInfo) -> Booking:
    kept = {name: getattr(entry, name) for name in _SAID}
    return Booking(id=new_id(), month=ledger.month_of(entry.due_at or now, zone), booked_at=now, **kept)


async def of_bases(reader: Reader, ids: Collection[UUID]) -> dict[UUID, list[Booking]]:
    """What was booked of each of these penalties, rewards, withdrawals or internal cases, in the order of booking."""
    found: dict[UUID, list[Booking]] = {id_: [] for id_ in ids}
    for booking in await _OF_BASES.all(reader, ids=list(ids)):
        found[booking.basis_id].append(booking)
    return found


async def hold_alone(transaction: Connection) -> Ledger:
    """How far the ledger is closed; nothing is booked and no month closed until the transaction ends."""
    return await _held(transaction, _ALONE)


async def _held(transaction: Connection, lock: Statement[Ledger]) -> Ledger:
    found = await lock.one(transaction)
    if found is None:
        raise LookupError("the ledger's row came with its table")
    return found


async def closed_through(reader: Reader) -> int | None:
    """The last month that is closed, as `Month.ordinal`; None while none is."""
    return await _CLOSED_THROUGH.one(reader)


async def first_month(reader: Reader) -> int | None:
    """The first month with bookings, as `Month.ordinal`."""
    return await _FIRST_MONTH.one(reader)


async def closed_month(reader: Reader, month: Month) -> ClosedLedgerMonth | None:
    """A month that is closed; None for others."""
    row = await _MONTH.one(reader, month=month.ordinal)
    return ClosedLedgerMonth(month, row["closed_at"], row["closed_by"]) if row else None


async def close(transaction: Connection, ledger: Ledger, closed: ClosedLedgerMonth) -> None:
    """Writes down that a month is closed, while the ledger is held alone."""
    await _ADD_MONTH.execute(
        transaction, month=closed.month.ordinal, closed_at=closed.closed_at, closed_by=closed.closed_by
    )
    await _CLOSE.execute(transaction, closed_through=ledger.closed_through, version=ledger.version)
