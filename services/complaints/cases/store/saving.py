"""Saving what moves of cases that are held, and their place in the queue."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, func, literal_column, null, select, update
from sqlalchemy import case as sql_case
from sqlmodel import col

from services.complaints.cases.domain import Case, CaseState
from services.complaints.cases.tables import ComplaintRow
from services.complaints.customers.domain import rank_of
from services.complaints.customers.tables import CustomerRefRow
from services.complaints.response_clocks.domain.clock import NEVER, next_moment
from shared.db import Connection
from shared.statement import Scalar, Statement, any_given, by_column, rows_given, table, update_many

_ADVANCED = (
    "id", "version", "moved_at", "due_at", "due_after_pause", "queue_at", "next_alarm_at", "warned", "escalation_level",
    "breached_at",
)  # fmt: skip
_MOVED = (
    *_ADVANCED, "state", "tier_rank", "responsible_id", "round", "policy_version", "calendar_version", "started_at",
    "answer_seconds", "stopped_at", "answered_at", "resolved_at", "closed_at", "accountable_id", "noticed_at",
    "valid", "good_faith",
    "accepted_at", "accepted_by",
)  # fmt: skip
_HANDLER = col(ComplaintRow.responsible_id)
_FORMER = sql_case(
    (
        _HANDLER.is_distinct_from(literal_column("given.responsible_id", table(ComplaintRow).c.responsible_id.type)),
        func.array_remove(func.array_append(col(ComplaintRow.former_handlers), _HANDLER), null()),
    ),
    else_=col(ComplaintRow.former_handlers),
)
"""Whoever hands a case over has handled it, whichever use case does it."""
_SAVE = Statement(update_many(ComplaintRow, *_MOVED, former_handlers=_FORMER))
_SAVE_CLOCKS = Statement(update_many(ComplaintRow, *_ADVANCED))
_RANKS = rows_given(CustomerRefRow, "id", "tier_rank")
_HOLD_OPEN = Scalar(
    select(col(ComplaintRow.id))
    .where(col(ComplaintRow.customer_id) == any_given("ids", Uuid), col(ComplaintRow.state) == CaseState.OPEN.value)
    .order_by(col(ComplaintRow.id))
    .with_for_update(key_share=True),
    UUID,
)
_REORDER = Scalar(
    update(table(ComplaintRow))
    .values(tier_rank=_RANKS.c.tier_rank)
    .where(
        col(ComplaintRow.customer_id) == _RANKS.c.id,
        col(ComplaintRow.state) == CaseState.OPEN.value,
        col(ComplaintRow.tier_rank) != _RANKS.c.tier_rank,
    )
    .returning(col(ComplaintRow.id)),
    UUID,
)


async def save(transaction: Connection, cases: Sequence[Case]) -> None:
    """Writes what moves of locked cases, as many as there are, in one statement."""
    await _SAVE.execute(transaction, **by_column(map(_row, cases)))


async def save_clocks(transaction: Connection, cases: Sequence[Case]) -> None:
    """Writes of locked cases only what an advancing clock moves."""
    await _SAVE_CLOCKS.execute(transaction, **by_column(map(_advanced, cases)))


async def reorder(transaction: Connection, ranks: Mapping[UUID, int]) -> list[UUID]:
    """Puts the open cases of these customers into the place of their tier: held in the order of their ids, as
    everybody holds several. Gives those that had another tier."""
    await _HOLD_OPEN.all(transaction, ids=list(ranks))
    return await _REORDER.all(transaction, id=list(ranks), tier_rank=list(ranks.values()))


def _row(case: Case) -> dict[str, Any]:
    clock = case.clock
    return {
        **_advanced(case),
        "state": case.state,
        "tier_rank": rank_of(case.tier),
        "responsible_id": case.responsible_id,
        "round": case.round,
        "policy_version": case.policy_version,
        "calendar_version": clock.calendar.version if clock.calendar is not None else None,
        "started_at": clock.started_at,
        "answer_seconds": int(clock.answer_within.total_seconds()),
        "stopped_at": clock.stopped_at,
        "answered_at": case.answered_at,
        "resolved_at": case.resolved_at,
        "closed_at": case.closed_at,
        "accountable_id": case.accountable_id,
        "noticed_at": case.noticed_at,
        "valid": case.valid,
        "good_faith": case.good_faith,
        "accepted_at": case.accepted_at,
        "accepted_by": case.accepted_by,
    }


def _advanced(case: Case) -> dict[str, Any]:
    """What an advancing clock moves."""
    clock = case.clock
    due_at = clock.due_at
    return {
        "id": case.id,
        "version": case.version,
        "moved_at": case.moved_at,
        "due_at": due_at,
        "due_after_pause": clock.due_after_pause,
        "queue_at": due_at or NEVER,
        "next_alarm_at": next_moment(clock),
        "warned": clock.warned,
        "escalation_level": clock.escalation_level,
        "breached_at": clock.breached_at,
    }
