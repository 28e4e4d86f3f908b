"""Payrolls in the database: what the bookings come to, and what was handed over."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Integer, and_, case, func, or_, select
from sqlmodel import col

from services.complaints.ledger.tables import BookingRow
from services.complaints.payroll.domain.figures import Charge, Item, Line
from services.complaints.payroll.domain.payroll import PayrollMonth
from services.complaints.payroll.tables import PayrollLineRow, PayrollMonthRow, StatementSignatureRow
from shared.db import Connection
from shared.months import Month
from shared.personal import Vault
from shared.statement import (
    Reader,
    Scalar,
    Statement,
    by_column,
    given,
    if_given,
    insert_many,
    insert_one,
    table,
    upsert_many,
)

BEFORE_EVERY_MONTH: Final = -1
_LINE: Final = ("month", "staff_id", "charged", "rewards", "carried_in", "bound", "deducted", "carried_out")
_AMOUNT, _IS_REWARD = col(BookingRow.amount), col(BookingRow.kind) == "reward"
_NOTHING = Decimal("0.00")

_BOOKED = (
    select(
        col(BookingRow.person_id),
        col(BookingRow.month),
        func.sum(case((_IS_REWARD, _NOTHING), else_=_AMOUNT)).label("charged"),
        func.sum(case((_IS_REWARD, -_AMOUNT), else_=_NOTHING)).label("rewards"),
    )
    .where(
        and_(col(BookingRow.month) > given("after", Integer), col(BookingRow.month) <= given("through", Integer)),
        col(BookingRow.person_id).is_not(None),
    )
    .group_by(col(BookingRow.person_id), col(BookingRow.month))
)
_CHARGES = Statement(_BOOKED, Charge)
_CHARGES_OF = Statement(_BOOKED.where(col(BookingRow.person_id) == given("person_id")), Charge)
_HAS_BOOKINGS = Scalar(
    select(select(col(BookingRow.id)).where(col(BookingRow.person_id) == given("id")).exists()), bool
)
_ITEMS_OF = Statement(
    """
    SELECT b.id, b.kind, b.amount, b.booked_at, b.basis_type, b.basis_id, p.rule, p.violation, c.number,
        c.id AS complaint_id, p.task_id, coalesce(p.month, r.month) AS month, p.at, v.name_zh, v.name_en
    FROM booking b
        LEFT JOIN penalty p ON b.basis_type = 'penalty' AND p.id = b.basis_id
        LEFT JOIN department_scheme s ON s.department_id = p.fund_id AND s.version = p.scheme_version
        LEFT JOIN LATERAL jsonb_to_recordset(s.violations) AS v (code text, name_zh text, name_en text)
            ON v.code = p.violation
        LEFT JOIN reward r ON b.basis_type = 'reward' AND r.id = b.basis_id
        LEFT JOIN complaint c ON c.id = coalesce(
            p.complaint_id, r.complaint_id, CASE b.basis_type WHEN 'internal' THEN b.basis_id END)
    WHERE b.person_id = :person_id AND b.month = :month
    ORDER BY b.id
    """,
    Item,
)
"""By hand: each kind of basis has its own table."""
_CLOSED_THROUGH = Scalar(select(func.max(col(PayrollMonthRow.month))), int)
_MONTH = Statement(
    select(col(PayrollMonthRow.closed_at), col(PayrollMonthRow.closed_by)).where(
        col(PayrollMonthRow.month) == given("month")
    )
)
_LINES = Statement(
    select(*(table(PayrollLineRow).c[name] for name in _LINE))
    .where(
        col(PayrollLineRow.month) >= given("since", Integer),
        col(PayrollLineRow.month) <= given("through", Integer),
        if_given(table(PayrollLineRow).c.staff_id),
    )
    .order_by(col(PayrollLineRow.month), col(PayrollLineRow.staff_id))
)
_HOLD = Statement("LOCK TABLE payroll_month IN SHARE ROW EXCLUSIVE MODE")
_CLOSE = Statement(insert_one(PayrollMonthRow, "month", "closed_at", "closed_by"))
_HAND_OVER = Statement(insert_many(PayrollLineRow, *_LINE))
_SIGN = Statement(
    upsert_many(
        StatementSignatureRow,
        "staff_id",
        "month",
        "digest",
        "signed_at",
        key=("staff_id", "month", "digest"),
        keep={"signed_at": col(StatementSignatureRow.signed_at)},
    )
)
_SIGNATURES = Statement(
    select(
        col(StatementSignatureRow.staff_id),
        col(StatementSignatureRow.month),
        col(StatementSignatureRow.digest),
        col(StatementSignatureRow.signed_at),
    )
    .where(
        or_(given("month", Integer).is_(None), col(StatementSignatureRow.month) == given("month", Integer)),
        if_given(table(StatementSignatureRow).c.staff_id),
    )
    .order_by(col(StatementSignatureRow.signed_at))
)


async def charges(reader: Reader, after: int, through: int, person_id: UUID | None) -> list[Charge]:
    """What was booked of everybody, or of one person, in the months after one and through another."""
    if person_id is None:
        return await _CHARGES.all(reader, after=after, through=through)
    return await _CHARGES_OF.all(reader, after=after, through=through, person_id=person_id)


async def has_bookings(reader: Reader, person_id: UUID) -> bool:
    """Whether anything was ever booked of somebody."""
    return await _HAS_BOOKINGS.only(reader, id=person_id)


async def items_of(reader: Reader, person_id: UUID, month: int) -> list[Item]:
    """What was booked of somebody in a month and what for, in order."""
    return await _ITEMS_OF.all(reader, person_id=person_id, month=month)


async def closed_through(reader: Reader) -> int | None:
    """The last month whose payroll was handed over."""
    return await _CLOSED_THROUGH.one(reader)


async def closed_month(reader: Reader, month: Month) -> PayrollMonth | None:
    """A payroll that was handed over; None for others."""
    row = await _MONTH.one(reader, month=month.ordinal)
    return PayrollMonth(month, row["closed_at"], row["closed_by"]) if row else None


async def handed_over(
    reader: Reader, vault: Vault, since: int, through: int, staff_id: UUID | None = None
) -> list[Line]:
    """Lines of payrolls that were handed over, of everybody or of one person, month by month."""
    rows = await _LINES.all(reader, since=since, through=through, staff_id=staff_id)
    return [_opened(vault, **row) for row in rows]


async def hold(transaction: Connection) -> None:
    """Lets nobody else close a payroll until the transaction ends."""
    await _HOLD.execute(transaction)


async def close(transaction: Connection, vault: Vault, closed: PayrollMonth, lines: Sequence[Line]) -> None:
    """Keeps a payroll as it is handed over."""
    await _CLOSE.execute(
        transaction, month=closed.month.ordinal, closed_at=closed.closed_at, closed_by=closed.closed_by
    )
    if lines:
        await _HAND_OVER.execute(transaction, **by_column(_sealed(vault, each) for each in lines))


async def sign(transaction: Connection, line: Line, at: datetime) -> None:
    """Keeps that somebody signed their line's figures; again it changes nothing."""
    await _SIGN.execute(transaction, staff_id=[line.staff_id], month=[line.month], digest=[line.digest], signed_at=[at])


async def signatures(
    reader: Reader, *, month: int | None = None, staff_id: UUID | None = None
) -> dict[tuple[UUID, int], dict[str, datetime]]:
    """By person and month: which figures were signed, and when; of one month or one person, if they are given."""
    found: dict[tuple[UUID, int], dict[str, datetime]] = {}
    for row in await _SIGNATURES.all(reader, month=month, staff_id=staff_id):
        found.setdefault((row["staff_id"], row["month"]), {})[row["digest"]] = row["signed_at"]
    return found


def _sealed(vault: Vault, line: Line) -> dict[str, Any]:
    kept = {name: getattr(line, name) for name in _LINE}
    if line.bound is not None:
        kept["bound"] = vault.seal(str(line.bound).encode(), _identity(line.staff_id, line.month))
    return kept


def _opened(vault: Vault, *, bound: bytes | None, **kept: Any) -> Line:
    most = (
        Decimal(vault.open(bound, _identity(kept["staff_id"], kept["month"])).decode()) if bound is not None else None
    )
    return Line(bound=most, **kept)


def _identity(staff_id: UUID, month: int) -> bytes:
    return b"payroll" + staff_id.bytes + month.to_bytes(4, "big")
