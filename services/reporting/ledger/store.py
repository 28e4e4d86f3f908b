"""The ledger in the database."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

from services.reporting.ledger.domain import AfterClose
from services.reporting.ledger.tables import LedgerEntryRow, LedgerMonthRow
from shared.contracts import responsibility
from shared.contracts.responsibility import Booked, LedgerClosed
from shared.db import Connection
from shared.months import Month
from shared.projection import latest
from shared.statement import Statement, by_column, insert_many, upsert_many

Booking: TypeAlias = (
    responsibility.PenaltyBooked
    | responsibility.PenaltyReversed
    | responsibility.RewardGranted
    | responsibility.RewardReversed
    | responsibility.FundWithdrawn
    | responsibility.FundWithdrawalReversed
    | responsibility.FaultCostBooked
)
"""What tells of bookings."""

_COLUMNS = (
    "id", "kind", "account", "fund_department_id", "person_id", "department_id", "supervisor_id", "amount", "month",
    "booked_at", "basis_kind", "basis_id", "rule", "complaint_id", "task_id", "reverses",
)  # fmt: skip
_ENTER = Statement(
    insert_many(LedgerEntryRow, *_COLUMNS, ordered_by=("id",)).on_conflict_do_nothing(index_elements=["id"])
)
"""A booking is what it is: told twice, it stands once."""
_CLOSE = Statement(upsert_many(LedgerMonthRow, "month", "closed_at", key=("month",)))
_AFTER_CLOSE = """
    SELECT e.id, e.month FROM ledger_entry e JOIN ledger_month m ON m.month = e.month
    WHERE {these} AND e.booked_at > m.closed_at ORDER BY e.id
    """
_OF_ENTRIES = Statement(_AFTER_CLOSE, AfterClose, these="e.id = ANY(:ids::uuid[])")
_OF_MONTHS = Statement(_AFTER_CLOSE, AfterClose, these="e.month = ANY(:months::integer[])")
"""By hand, for the join that both share."""


async def enter(transaction: Connection, facts: Sequence[Booking]) -> list[AfterClose]:
    """Enters what was booked; returns those of it that came into a month after it was closed."""
    rows = [row for fact in facts for row in _rows(fact)]
    if not rows:
        return []
    await _ENTER.execute(transaction, **by_column(rows))
    return await _OF_ENTRIES.all(transaction, ids=[row["id"] for row in rows])


async def close(transaction: Connection, facts: Sequence[LedgerClosed]) -> list[AfterClose]:
    """Closes months; returns the bookings that came into them later, where those were heard of before."""
    closed = {Month.parse(fact.month).ordinal: fact.at for fact in latest(facts, lambda fact: fact.month)}
    await _CLOSE.execute(transaction, month=list(closed), closed_at=list(closed.values()))
    return await _OF_MONTHS.all(transaction, months=list(closed))


def _rows(fact: Booking) -> Iterable[Mapping[str, object]]:
    basis = _basis(fact)
    return ({**_row(booked), **basis} for booked in fact.bookings)


def _row(booked: Booked) -> dict[str, object]:
    return {**{name: getattr(booked, name) for name in Booked.model_fields}, "month": Month.parse(booked.month).ordinal}


def _basis(fact: Booking) -> dict[str, object]:
    match fact:
        case responsibility.RewardGranted() | responsibility.RewardReversed():
            return _resting("reward", fact.reward_id)
        case responsibility.FundWithdrawn() | responsibility.FundWithdrawalReversed():
            return _resting("withdrawal", fact.withdrawal_id)
        case responsibility.FaultCostBooked():
            return _resting("internal", fact.internal_id, complaint_id=fact.complaint_id)
        case _:
            why = {"rule": fact.rule, "complaint_id": fact.complaint_id, "task_id": fact.task_id}
            return _resting("penalty", fact.penalty_id, **why)


def _resting(kind: str, id_: UUID, **why: object) -> dict[str, object]:
    return {"basis_kind": kind, "basis_id": id_, "rule": None, "complaint_id": None, "task_id": None, **why}
