"""What was owed to a customer, and what was met and missed in a month."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, and_, func, or_, select
from sqlmodel import col

from services.reporting.context import Context
from services.reporting.service.domain import Figures, MonthOfService, PersonInRole, Touch, Touches
from services.reporting.service.tables import TouchRow
from shared.directory_schema import DEPARTMENT, STAFF
from shared.months import Month
from shared.statement import Reader, Statement, any_given, given, table

RECENT = 20

_ID, _DUE_AT, _DONE_AT = col(TouchRow.id), col(TouchRow.due_at), col(TouchRow.done_at)
_OF_CUSTOMER = col(TouchRow.customer_id) == any_given("ids", Uuid)
_TOUCHES = select(*(table(TouchRow).c[field.name] for field in fields(Touch))).where(_OF_CUSTOMER)
_LAST = Statement(_TOUCHES.where(_DONE_AT.is_not(None)).order_by(_DONE_AT.desc(), _ID.desc()).limit(1), Touch)
_NEXT = Statement(_TOUCHES.where(col(TouchRow.state) == "open").order_by(_DUE_AT, _ID).limit(1), Touch)
_RECENT = Statement(_TOUCHES.order_by(_DUE_AT.desc(), _ID.desc()).limit(given("most")), Touch)
_COUNTS = Statement(
    select(col(TouchRow.state), func.count().label("touches")).where(_OF_CUSTOMER).group_by(col(TouchRow.state)),
    lambda state, touches: (state, touches),
)

_MISSED = and_(col(TouchRow.missed_at).is_not(None), col(TouchRow.state) != "dropped")
_DONE = _DONE_AT.is_not(None)
_MADE_GOOD = col(TouchRow.made_good_at).is_not(None)
_NUMBER = func.count()
_FIGURES = (
    select(
        col(TouchRow.role),
        col(TouchRow.assignee_id),
        _NUMBER.filter(_DONE, col(TouchRow.missed_at).is_(None)).label("met"),
        _NUMBER.filter(_MISSED).label("missed"),
        _NUMBER.filter(_MISSED, col(TouchRow.excuse).is_not(None)).label("excused"),
        _NUMBER.filter(_MISSED, or_(_DONE, _MADE_GOOD)).label("made_good"),
        _NUMBER.filter(_MISSED, col(TouchRow.make_good_missed_at).is_not(None)).label("make_good_missed"),
        _NUMBER.filter(col(TouchRow.state) == "open").label("open"),
        _NUMBER.filter(col(TouchRow.recorded_late)).label("recorded_late"),
    )
    .where(col(TouchRow.month) == given("month"), col(TouchRow.kind) == given("kind"))
    .group_by(col(TouchRow.role), col(TouchRow.assignee_id))
    .subquery("figures")
)


_COUNTED = tuple(field.name for field in fields(Figures))


def _person(**row: Any) -> PersonInRole:
    figures = Figures(**{name: row.pop(name) for name in _COUNTED})
    return PersonInRole(figures=figures, **row)


_MONTH = Statement(
    select(
        _FIGURES.c.role,
        _FIGURES.c.assignee_id.label("staff_id"),
        STAFF.c.name,
        STAFF.c.department_id,
        DEPARTMENT.c.name.label("department_name"),
        *(_FIGURES.c[name] for name in _COUNTED),
    )
    .select_from(
        _FIGURES.outerjoin(STAFF, STAFF.c.id == _FIGURES.c.assignee_id).outerjoin(
            DEPARTMENT, DEPARTMENT.c.id == STAFF.c.department_id
        )
    )
    .order_by(_FIGURES.c.role, _FIGURES.c.assignee_id.nulls_last()),
    _person,
)


async def touches_of(reader: Reader, ids: Sequence[UUID]) -> Touches:
    """What was owed to one customer, who has these ids, and what became of it."""
    return Touches(
        **dict(await _COUNTS.all(reader, ids=ids)),
        last=await _LAST.one(reader, ids=ids),
        next=await _NEXT.one(reader, ids=ids),
        recent=await _RECENT.all(reader, ids=ids, most=RECENT),
    )


async def month_of(context: Context, month: Month, kind: str) -> MonthOfService:
    """What was met and missed of the touches of a kind whose window ends in the month."""
    return MonthOfService(await _MONTH.all(context.database, month=str(month), kind=kind))
