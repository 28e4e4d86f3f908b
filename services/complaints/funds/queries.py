"""Reading funds: what is in one, what came and went, and what is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.context import Context
from services.complaints.funds import store
from services.complaints.funds.domain import Count, Fund, FundNotFound, FundWithdrawalNotFound, Vote, Withdrawal
from services.complaints.funds.tables import FundWithdrawalRow
from services.complaints.ledger.domain import Booking
from services.complaints.ledger.store import FIELDS as OF_A_BOOKING
from services.complaints.ledger.tables import BookingRow
from shared.auth.principal import Principal
from shared.statement import Statement, given, if_given, table

SEE_EVERY_FUND: Final = ("cs_manager", "general_manager", "admin_dept")
"""Beside the staff of the department and its manager."""
ABOVE_EVERY_ID: Final = UUID(int=2**128 - 1)

_MOVEMENTS = Statement(
    select(*(table(BookingRow).c[name] for name in OF_A_BOOKING))
    .where(col(BookingRow.department_id) == given("department_id"), col(BookingRow.id) < given("before"))
    .order_by(col(BookingRow.id).desc())
    .limit(given("most")),
    Booking,
)
_WITHDRAWALS = (
    select(*(table(FundWithdrawalRow).c[name] for name in (*store.FIELDS, "words", "reason")))
    .where(col(FundWithdrawalRow.department_id) == given("department_id"))
    .order_by(col(FundWithdrawalRow.id).desc())
)
_LIST = Statement(
    _WITHDRAWALS.where(if_given(table(FundWithdrawalRow).c.state), col(FundWithdrawalRow.id) < given("before")).limit(
        given("most")
    )
)
_ONE = Statement(_WITHDRAWALS.where(col(FundWithdrawalRow.id) == given("id")))


_AWAITING = Statement(
    """
    SELECT {columns}, w.words, w.reason
    FROM directory_staff s JOIN fund_withdrawal w ON w.department_id = s.department_id
    WHERE s.id = :staff_id AND s.active AND w.state = 'asked'
        AND NOT EXISTS (SELECT FROM fund_vote v WHERE v.withdrawal_id = w.id AND v.staff_id = s.id)
    ORDER BY w.id LIMIT 100
    """,
    columns=", ".join(f"w.{name}" for name in store.FIELDS),
)
"""By hand: whose word is missing."""


_FUNDS = Statement(
    """
    SELECT d.id AS department_id, d.name, coalesce(b.sum, 0.00) AS balance, coalesce(w.sum, 0.00) AS asked,
        (SELECT count(*) FROM directory_staff s WHERE s.department_id = d.id AND s.active) AS staff
    FROM directory_department d
        LEFT JOIN (SELECT department_id, sum(amount) FROM booking WHERE department_id IS NOT NULL GROUP BY 1) b
            ON b.department_id = d.id
        LEFT JOIN (SELECT department_id, sum(amount) FROM fund_withdrawal WHERE state = 'asked' GROUP BY 1) w
            ON w.department_id = d.id
    WHERE :viewer::uuid IS NULL OR d.manager_id = :viewer
        OR d.id = (SELECT s.department_id FROM directory_staff s WHERE s.id = :viewer AND s.active)
    ORDER BY d.id
    """
)
"""By hand: sums of two tables beside one list."""


@dataclass(frozen=True, slots=True)
class ListedFund:
    """A fund in the list, CNY, with what its department is called and how many are at work there."""

    fund: Fund
    name: str
    staff: int


async def list_funds(context: Context, caller: Principal) -> list[ListedFund]:
    """The funds that the caller may see."""
    rows = await _FUNDS.all(context.database, viewer=None if caller.has(*SEE_EVERY_FUND) else caller.id)
    return [
        ListedFund(Fund(row["department_id"], row["balance"], row["asked"]), row["name"], row["staff"]) for row in rows
    ]


@dataclass(frozen=True, slots=True)
class ReadWithdrawal:
    """What was asked for as it is read: for what, why it was put back, and who said what."""

    withdrawal: Withdrawal
    purpose: str
    reason: str | None
    votes: Sequence[Vote]
    count: Count

    @property
    def id(self) -> UUID:
        return self.withdrawal.id


async def require_seen(context: Context, department_id: UUID, caller: Principal) -> None:
    """Raises FundNotFound where there is no such department, or its fund is not the caller's to see."""
    known, manager = await store.manager(context.database, department_id)
    if known and (
        caller.has(*SEE_EVERY_FUND)
        or caller.id == manager
        or caller.id in await store.staff(context.database, department_id)
    ):
        return
    raise FundNotFound("no fund of this department is there for the caller")


async def read_fund(context: Context, department_id: UUID) -> tuple[Fund, int]:
    """A fund as it stands, and how many are at work in the department."""
    fund = await store.read(context.database, department_id)
    return fund, len(await store.staff(context.database, department_id))


async def list_movements(context: Context, department_id: UUID, before: UUID | None, most: int) -> list[Booking]:
    """What came into a fund and left it, the latest first."""
    return await _MOVEMENTS.all(
        context.database, department_id=department_id, before=before or ABOVE_EVERY_ID, most=most
    )


async def list_withdrawals(
    context: Context, department_id: UUID, state: str | None, before: UUID | None, most: int
) -> list[ReadWithdrawal]:
    """What was asked for of a fund, the latest first; only what stands so, if a state is given."""
    wanted = {"department_id": department_id, "state": state, "before": before or ABOVE_EVERY_ID, "most": most}
    return await _read(context, department_id, [dict(row) for row in await _LIST.all(context.database, **wanted)])


async def read_withdrawal(context: Context, department_id: UUID, id_: UUID) -> ReadWithdrawal:
    """Raises FundWithdrawalNotFound."""
    row = await _ONE.one(context.database, department_id=department_id, id=id_)
    if row is None:
        raise FundWithdrawalNotFound("nothing of this fund was asked for under this id")
    [found] = await _read(context, department_id, [dict(row)])
    return found


async def asked_of(context: Context, staff_id: UUID) -> list[ReadWithdrawal]:
    """What was asked of the fund of somebody's department and awaits their word, the longest waiting first."""
    rows = [dict(row) for row in await _AWAITING.all(context.database, staff_id=staff_id)]
    return await _read(context, rows[0]["department_id"], rows) if rows else []


async def as_asked(context: Context, withdrawal: Withdrawal, purpose: str) -> ReadWithdrawal:
    """What was asked for just now: nobody has said anything yet."""
    staff = await store.staff(context.database, withdrawal.department_id)
    return ReadWithdrawal(withdrawal, purpose, None, [], Count.of([], staff))


async def _read(context: Context, department_id: UUID, rows: Sequence[dict[str, Any]]) -> list[ReadWithdrawal]:
    if not rows:
        return []
    votes = await store.votes_of(context.database, [row["id"] for row in rows])
    staff = await store.staff(context.database, department_id)
    found = []
    for row in rows:
        words, reason = row.pop("words"), row.pop("reason")
        withdrawal = store.withdrawal_of(**row)
        said = votes[withdrawal.id]
        identity = withdrawal.id.bytes
        purpose = context.words.open(words, identity).decode()
        why = context.words.open(reason, identity).decode() if reason is not None else None
        found.append(ReadWithdrawal(withdrawal, purpose, why, said, Count.of(said, staff)))
    return found
