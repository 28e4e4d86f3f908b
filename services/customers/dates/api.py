"""Routes of important dates."""

from datetime import date
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.dates import domain, handlers
from services.customers.dates.domain import (
    Calendar,
    CalendarDay,
    DateNotFound,
    DateStands,
    ImportantDate,
    NoSuchDay,
    Occasion,
    OccasionRefused,
    Period,
    PeriodRefused,
)
from services.customers.dates.queries.coming import Coming
from services.customers.heads.domain import Erased
from services.customers.masking.handlers import fields_seen
from services.customers.people.domain import UnknownPerson
from services.customers.people.handlers import Author
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, Day, YesOrNo
from shared.http.paging import BY_ID, Order, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound

routes = router("/customers/v1", "dates")

DateId = Annotated[UUID, Path(description="the date's id")]
MonthNo = Annotated[int, Field(ge=1, le=12, description="1 to 12, of a lunar date likewise"), NO_TEXT]
DayNo = Annotated[int, Field(ge=1, le=31, description="1 to 31, of a lunar date 1 to 30"), NO_TEXT]
Leap = Annotated[YesOrNo, Field(description="whether it lies in the leap month after the lunar month of this number")]
Year = Annotated[
    int | None,
    Field(ge=1, le=9999, description="the year in which it was, lunar for a lunar date; null where nobody said"),
    NO_TEXT,
]
BY_DAY: Order[Coming, tuple[date, UUID]] = Order(
    lambda each: (each.falls.on, each.id), lambda on, id_: (date.fromisoformat(on), UUID(id_))
)


class DateIn(BaseModel):
    """A date that comes again each year. A lunar one is given as the lunar calendar has it."""

    model_config = ConfigDict(extra="forbid")

    occasion: Occasion
    person_id: UUID | None = Field(
        default=None, description="whose it is, of the store's people; null: the customer's own"
    )
    calendar: Calendar = "solar"
    month: MonthNo
    day: DayNo
    leap: Leap = False
    year: Year = None


class DatePatch(Patch):
    """What to put right of a date."""

    calendar: Calendar = "solar"
    month: MonthNo = 1
    day: DayNo = 1
    leap: Leap = False
    year: Year = None


class DateOut(BaseModel):
    """A date of a customer's, or of somebody of theirs."""

    id: UUID = Field(description="the date's id (UUIDv7)")
    version: int
    customer_id: UUID
    person_id: UUID | None = Field(description="whose it is, of the store's people; null: the customer's own")
    occasion: Occasion
    calendar: Calendar
    month: int = Field(description="the month in its calendar")
    day: int = Field(description="the day of the month")
    leap: bool = Field(description="whether it lies in the leap month after the lunar month of this number")
    year: int | None = Field(description="the year in which it was, lunar for a lunar date; null where nobody said")
    next_on: Day = Field(description="the day on which it falls next, today or later")

    @classmethod
    def of(cls, important: ImportantDate, today: date) -> "DateOut":
        day = important.day
        return cls(
            id=important.id,
            version=important.version,
            customer_id=important.customer_id,
            person_id=important.person_id,
            occasion=important.occasion,
            calendar=day.calendar,
            month=day.month,
            day=day.day,
            leap=day.leap,
            year=day.year,
            next_on=domain.next_from(day, today).on,
        )


class ComingOut(BaseModel):
    """A date that falls in a period, and whose it is."""

    on: Day = Field(description="the day on which it falls")
    years: int | None = Field(description="how many years it is then; null where its first year is not known")
    date_id: UUID | None = Field(description="the date; null where the archive of the customer says it")
    occasion: Occasion
    calendar: Calendar
    customer_id: UUID
    customer_name: str = Field(description="what the customer is called")
    person_id: UUID | None = Field(description="whose it is, of the store's people; null: the customer's own")
    person_name: str | None = Field(description="what they are called; null for the customer's own")

    @classmethod
    def of(cls, coming: Coming) -> "ComingOut":
        return cls(
            on=coming.falls.on,
            years=coming.falls.years,
            date_id=coming.date_id,
            occasion=coming.occasion,
            calendar=coming.calendar,
            customer_id=coming.customer_id,
            customer_name=coming.customer_name,
            person_id=coming.person_id,
            person_name=coming.person_name,
        )


@routes.post("/customers/{customer_id}/dates", status_code=201)
@raises(CustomerNotFound, DateStands, Erased, NoSuchDay, OccasionRefused, UnknownPerson)
async def add_date(
    customer_id: UUID, body: DateIn, context: Injected[Context], caller: Caller, response: Response
) -> DateOut:
    """Enters a birthday or a wedding day of somebody, or the opening of a store."""
    day = CalendarDay(body.calendar, body.month, body.day, body.leap, body.year)
    added = await handlers.add(context, customer_id, body.person_id, body.occasion, day, Author.of(caller))
    set_etag(response, added.version)
    return DateOut.of(added, context.today())


@routes.get("/customers/{customer_id}/dates")
@raises(CustomerNotFound)
async def list_dates(customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging) -> Page[DateOut]:
    """The dates of a customer and its people; of people only for those who see birthdays."""
    read = partial(handlers.show_page, context, customer_id, fields_seen(caller), Author.of(caller))
    return await paging.page(BY_ID, {"customer_id": customer_id}, read, lambda each: DateOut.of(each, context.today()))


@routes.patch("/customers/{customer_id}/dates/{date_id}")
@raises(CustomerNotFound, DateNotFound, NoSuchDay)
async def change_date(
    customer_id: UUID,
    date_id: DateId,
    body: DatePatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> DateOut:
    """Puts a date right; whose it is and its occasion never change."""
    after = await handlers.change(context, customer_id, date_id, body.changes(), expected_version, Author.of(caller))
    set_etag(response, after.version)
    return DateOut.of(after, context.today())


@routes.delete("/customers/{customer_id}/dates/{date_id}", status_code=204)
@raises(CustomerNotFound, DateNotFound)
async def remove_date(customer_id: UUID, date_id: DateId, context: Injected[Context], caller: Caller) -> None:
    """Removes a date that is none."""
    await handlers.remove(context, customer_id, date_id, Author.of(caller))


@routes.get("/dates")
@raises(PeriodRefused)
async def list_coming_dates(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    from_: Annotated[Day, Query(alias="from", description="the first day of the period")],
    to: Annotated[Day, Query(description="the last day of the period, up to 366 days later, of next year at most")],
) -> Page[ComingOut]:
    """Whose dates fall in a period, of the customers whom the caller sees, the earliest first.

    Openings and birthdays that the archive says are listed, too, where no date of that occasion was entered. Dates of
    people are listed for those who see birthdays. The period lies in this year and the next.
    """
    read = partial(handlers.show_coming, context, Period(from_, to), fields_seen(caller), Author.of(caller))
    return await paging.page(BY_DAY, {"from": from_, "to": to}, read, ComingOut.of)
