"""The routes of absences of staff and closures of stores."""

from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from typing import Annotated, Self
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.care.absences import handlers, queries
from services.care.absences.domain import Absence, AbsenceKind, AbsenceNotFound, ClosureReason, OwnAbsence, Subject
from services.care.absences.handlers import ANYBODYS
from services.care.absences.queries import AbsenceFilters
from services.care.accounts import queries as account_queries
from services.care.context import Context
from services.care.make_good.domain import OwnMiss
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound, UnknownCustomer, UnknownStaff

routes = router("/care/v1", "absences")

OnDay = Annotated[date | None, Query(description="only what holds on this day")]


class DaysIn(BaseModel):
    """Whole days in the company's zone; the last one is included."""

    model_config = ConfigDict(extra="forbid")

    from_: Day = Field(alias="from", description="the first day")
    to: Day = Field(description="the last day")

    @property
    def days(self) -> tuple[date, date]:
        return self.from_, self.to


class AbsenceIn(DaysIn):
    """When a colleague is away."""

    staff_id: UUID = Field(description="who is away")
    kind: AbsenceKind


class ClosureIn(DaysIn):
    """When a store is closed."""

    customer_id: UUID = Field(description="which store is closed")
    reason: ClosureReason


class LastDayPatch(BaseModel):
    """Another last day."""

    model_config = ConfigDict(extra="forbid")

    to: Day = Field(description="the last day")


class EnteredOut(BaseModel):
    """Whole days in the company's zone, both included, and who entered them."""

    id: UUID
    version: int
    from_: date = Field(alias="from", description="the first day")
    to: date = Field(description="the last day")
    entered_at: datetime = Field(description="when it was entered")
    entered_by: UUID = Field(description="the staff member who entered it")

    @classmethod
    def entered(cls, entry: Absence, **about: object) -> Self:
        """The entry with whom it is about, and why."""
        same = {name: getattr(entry, name) for name in ("id", "version", "entered_at", "entered_by")}
        return cls.model_validate({**same, "from": entry.first_day, "to": entry.last_day, **about})


class AbsenceOut(EnteredOut):
    """That a colleague is away."""

    staff_id: UUID = Field(description="who is away")
    kind: AbsenceKind

    @classmethod
    def of(cls, entry: Absence) -> Self:
        return cls.entered(entry, staff_id=entry.whose, kind=entry.reason)


class ClosureOut(EnteredOut):
    """That a store is closed."""

    customer_id: UUID = Field(description="which store is closed")
    reason: ClosureReason

    @classmethod
    def of(cls, entry: Absence) -> Self:
        return cls.entered(entry, customer_id=entry.whose, reason=entry.reason)


@routes.post("/absences", status_code=201)
@raises(OwnAbsence, OwnMiss, UnknownCustomer, UnknownStaff)
async def enter_absence(body: AbsenceIn, context: Injected[Context], caller: Caller, response: Response) -> AbsenceOut:
    """Enters that a colleague is away: administration for everybody, others for their people.

    A miss whose whole window lies in it is excused; one that was told of already is told anew, by
    somebody who is not charged for it.
    """
    entry = await handlers.enter(context, Subject.STAFF, body.staff_id, body.kind, body.days, by=caller)
    set_etag(response, entry.version)
    return AbsenceOut.of(entry)


@routes.get("/absences")
async def list_absences(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    staff_id: Annotated[UUID | None, Query(description="only this colleague's")] = None,
    on: OnDay = None,
) -> Page[AbsenceOut]:
    """Who is away, the newest entry first: oneself and one's people; administration sees all."""
    narrowed = None if caller.has(*ANYBODYS) else caller.id
    filters = AbsenceFilters(subject=Subject.STAFF, viewer=narrowed, whose=staff_id, on=on)
    read = partial(queries.list_absences, context.database, filters)
    return await paging.page(BY_ID, asdict(filters), read, AbsenceOut.of)


@routes.patch("/absences/{absence_id}")
@raises(AbsenceNotFound, OwnAbsence, OwnMiss)
async def move_absence(
    absence_id: UUID,
    body: LastDayPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> AbsenceOut:
    """Another last day: back earlier, or away for longer; misses are judged anew."""
    entry = await handlers.move(
        context, Subject.STAFF, absence_id, body.to, by=caller, expected_version=expected_version
    )
    set_etag(response, entry.version)
    return AbsenceOut.of(entry)


@routes.delete("/absences/{absence_id}", status_code=204)
@raises(AbsenceNotFound, OwnAbsence, OwnMiss)
async def withdraw_absence(absence_id: UUID, context: Injected[Context], caller: Caller) -> None:
    """It was a mistake: what it excused is excused no longer."""
    await handlers.withdraw(context, Subject.STAFF, absence_id, by=caller)


@routes.post("/closures", status_code=201)
@raises(OwnAbsence, OwnMiss, UnknownCustomer, UnknownStaff)
async def enter_closure(body: ClosureIn, context: Injected[Context], caller: Caller, response: Response) -> ClosureOut:
    """Enters that a store is closed: customer service, administration, and whoever serves the store.

    A miss whose whole window lies in it is excused; one that was told of already is told anew, by
    somebody who is not charged for it.
    """
    entry = await handlers.enter(context, Subject.STORE, body.customer_id, body.reason, body.days, by=caller)
    set_etag(response, entry.version)
    return ClosureOut.of(entry)


@routes.get("/closures")
@raises(CustomerNotFound)
async def list_closures(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    customer_id: Annotated[UUID, Query(description="of which store")],
    on: OnDay = None,
) -> Page[ClosureOut]:
    """When a store is closed, the newest entry first."""
    await account_queries.check_visible(context.database, customer_id, viewer=viewer(caller))
    filters = AbsenceFilters(subject=Subject.STORE, whose=customer_id, on=on)
    read = partial(queries.list_absences, context.database, filters)
    return await paging.page(BY_ID, asdict(filters), read, ClosureOut.of)


@routes.patch("/closures/{closure_id}")
@raises(AbsenceNotFound, OwnAbsence, OwnMiss)
async def move_closure(
    closure_id: UUID,
    body: LastDayPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> ClosureOut:
    """Another last day: open again earlier, or closed for longer; misses are judged anew."""
    entry = await handlers.move(
        context, Subject.STORE, closure_id, body.to, by=caller, expected_version=expected_version
    )
    set_etag(response, entry.version)
    return ClosureOut.of(entry)


@routes.delete("/closures/{closure_id}", status_code=204)
@raises(AbsenceNotFound, OwnAbsence, OwnMiss)
async def withdraw_closure(closure_id: UUID, context: Injected[Context], caller: Caller) -> None:
    """It was a mistake: what it excused is excused no longer."""
    await handlers.withdraw(context, Subject.STORE, closure_id, by=caller)
