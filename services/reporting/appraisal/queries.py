"""What is known of colleagues in a month, from the tables of the other reports, and what it comes to."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Numeric, case, cast, func, select
from sqlmodel import col

from services.reporting.appraisal import store
from services.reporting.appraisal.domain import (
    FIRST,
    AppraisalPolicy,
    Appraised,
    By,
    Department,
    Figures,
    Member,
    Staff,
    appraise,
    policy_of,
)
from services.reporting.complaints.queries import LATE
from services.reporting.complaints.tables import ComplaintRow, RoundRow
from services.reporting.context import Context
from services.reporting.ledger import queries as ledger
from services.reporting.service import queries as service
from shared import directory
from shared.directory_schema import DEPARTMENT, STAFF
from shared.months import Month
from shared.statement import Statement, given

_WHOSE = case((col(ComplaintRow.notice_number).is_not(None), col(ComplaintRow.accountable_id)),
              else_=col(ComplaintRow.responsible_id))  # fmt: skip
"""Whom an answer concerns: who handles the case, from a notice on whom it is against (domain 3.3)."""
_NUMBER = func.count()
_STOPPED, _RUNS = col(RoundRow.stopped_at).is_not(None), col(RoundRow.stopped_at).is_(None)
_RATED = col(RoundRow.perceived).is_not(None)
_RATIO = func.round(func.least(1, cast(col(RoundRow.perceived), Numeric) / col(RoundRow.expected)), 4)


def _figures(person_id: UUID, **figures: Any) -> tuple[UUID, Figures]:
    return person_id, Figures(**figures)


_OF_CASES = Statement(
    select(
        _WHOSE.label("person_id"),
        _NUMBER.filter(_STOPPED, col(RoundRow.in_time).is_(True)).label("answered_in_time"),
        _NUMBER.filter(_STOPPED, col(RoundRow.in_time).is_(False)).label("answered_late"),
        _NUMBER.filter(_RUNS, LATE).label("unanswered_overdue"),
        _NUMBER.filter(_RATED).label("ratings"),
        func.coalesce(func.sum(_RATIO).filter(_RATED), Decimal(0)).label("satisfaction"),
    )
    .join_from(RoundRow, ComplaintRow, col(ComplaintRow.id) == col(RoundRow.complaint_id))
    .where(col(RoundRow.month) == given("month"), col(ComplaintRow.taken_over).is_(False), _WHOSE.is_not(None))
    .group_by(_WHOSE),
    _figures,
)
"""What was taken over judges nobody (decision 15)."""
_MEMBERS = Statement(
    select(STAFF.c.id, STAFF.c.name, STAFF.c.department_id, STAFF.c.supervisor_id, STAFF.c.active).order_by(STAFF.c.id),
    Member,
)
_DEPARTMENTS = Statement(
    select(DEPARTMENT.c.id, DEPARTMENT.c.name, DEPARTMENT.c.manager_id).order_by(DEPARTMENT.c.id), Department
)
OBLIGATIONS = "obligation"


@dataclass(frozen=True, slots=True)
class MonthOfAppraisal:
    """The scores of a month, the policy that they follow, and whether the month's ledger is closed."""

    policy: AppraisalPolicy
    closed: bool
    rows: list[Appraised]


async def month_of(context: Context, month: Month, by: By, *, viewer: UUID | None) -> MonthOfAppraisal:
    """Scores as of now, of whom the viewer sees: themselves and their people, and a department that they manage."""
    staff = await _staff(context, viewer)
    figures = await _figures_of(context, month)
    policy = policy_of(await store.every(context.database), month)
    closed = await ledger.is_closed(context.database, month)
    return MonthOfAppraisal(policy, closed, appraise(staff, figures, by, policy))


async def list_policies(context: Context, below: int | None, most: int) -> list[AppraisalPolicy]:
    """Versions, the latest first; those below one, if it is given. The first of all was written by nobody."""
    written = [*await store.every(context.database), FIRST]
    return [policy for policy in written if below is None or policy.version < below][:most]


async def _staff(context: Context, viewer: UUID | None) -> Staff:
    seen = None if viewer is None else await directory.subordinates(context.database, viewer)
    members, departments = await _MEMBERS.all(context.database), await _DEPARTMENTS.all(context.database)
    return Staff(members, departments, viewer, seen)


async def _figures_of(context: Context, month: Month) -> dict[UUID, Figures]:
    """By person, from cases, touches and the ledger."""
    of_cases = await _OF_CASES.all(context.database, month=str(month), now=context.clock.now())
    touches = (await service.month_of(context, month, OBLIGATIONS)).people
    of_touches = (
        (each.staff_id, Figures(met=each.figures.met, missed=each.figures.missed, excused=each.figures.excused))
        for each in touches
        if each.staff_id is not None
    )
    booked = await ledger.booked_on_people(context.database, month)
    of_money = ((id_, Figures(bookings=total.bookings, booked=total.amount)) for id_, total in booked.items())
    return _together([*of_cases, *of_touches, *of_money])


def _together(figures: Iterable[tuple[UUID, Figures]]) -> dict[UUID, Figures]:
    found: dict[UUID, Figures] = {}
    for id_, each in figures:
        found[id_] = found.get(id_, Figures()) + each
    return found
