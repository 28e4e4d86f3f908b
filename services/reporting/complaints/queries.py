"""Cases and rounds as they stand, and what became of a month's."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, case, false, func, null, or_, select
from sqlmodel import col

from services.reporting.complaints.domain import Case, MonthOfComplaints
from services.reporting.complaints.tables import CompensationRow, ComplaintRow, RoundRow
from services.reporting.context import Context
from shared.money import ZERO
from shared.months import Month
from shared.statement import Reader, Statement, any_given, given, table

PRESENT_ROUND = and_(col(RoundRow.complaint_id) == col(ComplaintRow.id), col(RoundRow.round) == col(ComplaintRow.round))
DUE = func.coalesce(
    col(RoundRow.due_at),
    case((col(RoundRow.paused_until) <= given("now"), col(RoundRow.due_after_pause)), else_=null()),
)
"""When an answer is or was due as of `now`, null while paused: a pause is over at its longest end, told of or not."""
LATE = or_(
    col(RoundRow.breached_at).is_not(None),
    col(RoundRow.in_time).is_(False),
    and_(col(RoundRow.stopped_at).is_(None), given("now") >= DUE),
)
"""Whether it is late as of `now`: the breach was published, or the times say so (decision 15: taken-over cases)."""
OVERDUE = func.coalesce(LATE, false()).label("overdue")

NEVER_COUNT = ("suggestion", "enquiry")
"""Kinds of which nothing is a repeat (domain 3.4), so that nobody tells of their count."""
_OF_CASE = (
    "id", "number", "kind", "subject", "channel", "tier", "responsible_id", "state", "round", "taken_over", "opened_at",
    "escalation_level", "accountable_id", "notice_number", "notice_deadline", "notice_acknowledged_at",
)  # fmt: skip
_CASES = Statement(
    select(
        *(table(ComplaintRow).c[name] for name in _OF_CASE),
        case((col(ComplaintRow.kind).in_(NEVER_COUNT), 0), else_=col(ComplaintRow.repeat_count)).label("repeat_count"),
        DUE.label("answer_due_at"),
        col(RoundRow.stopped_at).label("answered_at"),
        OVERDUE,
    )
    .outerjoin_from(ComplaintRow, RoundRow, PRESENT_ROUND)
    .where(col(ComplaintRow.customer_id) == any_given("ids", Uuid))
    .order_by(col(ComplaintRow.opened_at).desc().nulls_last(), col(ComplaintRow.id).desc()),
    Case,
)

_ROUNDS = func.count()
_STOPPED, _RUNS = col(RoundRow.stopped_at).is_not(None), col(RoundRow.stopped_at).is_(None)
_MISSED = col(RoundRow.accepting_missed_at)


def _given(figure: Any) -> Any:
    """A figure of what was given in the month."""
    stands = col(CompensationRow.withdrawn).is_(False)
    return select(figure).where(col(CompensationRow.month) == given("month"), stands).scalar_subquery()


_MONTH = Statement(
    select(
        _ROUNDS.label("opened"),
        _ROUNDS.filter(col(RoundRow.round) > 1).label("reopened"),
        _ROUNDS.filter(_STOPPED, col(RoundRow.in_time).is_(True)).label("answered_in_time"),
        _ROUNDS.filter(_STOPPED, col(RoundRow.in_time).is_(False)).label("answered_late"),
        _ROUNDS.filter(_RUNS, LATE).label("unanswered_overdue"),
        _ROUNDS.filter(_RUNS, LATE.is_not(True)).label("open"),
        _ROUNDS.filter(col(RoundRow.accepted_at).is_not(None), _MISSED.is_(None)).label("accepted_in_time"),
        _ROUNDS.filter(_MISSED.is_not(None)).label("not_accepted_in_time"),
        _given(func.count()).label("compensations"),
        _given(func.coalesce(func.sum(col(CompensationRow.cost)), ZERO)).label("compensated"),
    ).where(col(RoundRow.month) == given("month")),
    MonthOfComplaints,
)


async def cases_of(reader: Reader, ids: Sequence[UUID], now: datetime) -> list[Case]:
    """All cases of a customer, who has these ids, newest first."""
    return await _CASES.all(reader, ids=ids, now=now)


async def month_of(context: Context, month: Month) -> MonthOfComplaints:
    """What became of the rounds that began in a month, as of now."""
    [found] = await _MONTH.all(context.database, month=str(month), now=context.clock.now())
    return found
