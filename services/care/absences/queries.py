"""Absences and closures as people read them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Date, Uuid, or_, select
from sqlmodel import col

from services.care.absences import store
from services.care.absences.domain import Absence, Subject
from services.care.absences.tables import AbsenceRow
from shared.auth.visibility import subordinates
from shared.statement import Reader, Statement, condition, given


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceFilters:
    """Which entries are asked for; `viewer` narrows to a person and their people; `on` to what holds on that day."""

    subject: Subject
    viewer: UUID | None = None
    whose: UUID | None = None
    on: date | None = None


_WHOSE, _ON, _BEFORE = given("whose", Uuid), given("on", Date), given("before", Uuid)
_LIST = Statement(
    select(*store.COLUMNS)
    .where(
        store.STANDS,
        col(AbsenceRow.subject) == given("subject"),
        or_(_WHOSE.is_(None), col(AbsenceRow.whose) == _WHOSE),
        or_(_ON.is_(None), _ON.between(col(AbsenceRow.first_day), col(AbsenceRow.last_day))),
        or_(given("viewer", Uuid).is_(None), condition(f"absence.whose IN ({subordinates()})", viewer=Uuid)),
        or_(_BEFORE.is_(None), col(AbsenceRow.id) < _BEFORE),
    )
    .order_by(col(AbsenceRow.id).desc())
    .limit(given("most")),
    store.absence,
)


async def list_absences(reader: Reader, filters: AbsenceFilters, before: UUID | None, most: int) -> Sequence[Absence]:
    """What stands, the newest entry first."""
    return await _LIST.all(reader, **asdict(filters), before=before, most=most)
