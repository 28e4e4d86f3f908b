"""Routes of competitors."""

from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.customers.competitors import handlers, queries
from services.customers.competitors.domain import (
    AlreadyWithdrawn,
    Competitor,
    CompetitorNotFound,
    CompetitorTaken,
    ElsewhereReportNotFound,
    SightingNotFound,
    SightingRefused,
    UnknownCompetitor,
)
from services.customers.context import Context
from services.customers.heads.domain import Erased
from shared.auth.visibility import viewer
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Day, Line, Reason
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import Money, SomeMoney
from shared.references import CustomerNotFound, UnknownCustomer, UnknownStaff

routes = router("/customers/v1", "competitors")

CompetitorId = Annotated[UUID, Path(description="the competitor's id")]
Brands = Annotated[list[Line], Field(max_length=50), AfterValidator(lambda names: list(dict.fromkeys(names)))]


class CompetitorIn(BaseModel):
    """A competitor whose file is opened."""

    model_config = ConfigDict(extra="forbid")

    name: Line = Field(description="what it is called")
    brands: Brands = Field(default=[], description="the names of its brands, up to 50")
    strengths: Reason | None = Field(default=None, description="what it is strong at; sealed where it is kept")
    note: Reason | None = Field(default=None, description="what else is known of it; sealed where it is kept")


class CompetitorPatch(Patch):
    """The fields to change; null empties one that may be empty."""

    name: Line = Field(default="", description="what it is called")
    brands: Brands = Field(default=[], description="the names of its brands, up to 50, all of them")
    strengths: Reason | None = Field(default=None, description="what it is strong at")
    note: Reason | None = Field(default=None, description="what else is known of it")


class CompetitorOut(BaseModel):
    """A competitor's file."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the competitor's id (UUIDv7)")
    version: int = Field(description="counts its changes, from 1")
    name: str = Field(description="what it is called")
    brands: list[str] = Field(description="the names of its brands")
    strengths: str | None = Field(description="what it is strong at; null where nobody said")
    note: str | None = Field(description="what else is known of it; null where nothing is")
    entered_at: datetime = Field(description="when its file was opened")
    entered_by: UUID = Field(description="who opened it")


class SightingWithdrawalIn(BaseModel):
    """Why what was entered was a mistake."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason = Field(description="why it was a mistake, 1 to 2,000 characters; sealed where it is kept")


class SightingWithdrawalOut(BaseModel):
    """That what was entered was a mistake."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime = Field(description="when it was withdrawn")
    by: UUID = Field(description="who withdrew it")
    reason: str | None = Field(description="why; null once the person is erased")


class SightingIn(BaseModel):
    """What was seen of a competitor in a store: a price, an offer, or both."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID = Field(description="the store in which it was seen")
    brand: Line = Field(description="the brand or product of theirs")
    price: SomeMoney | None = Field(default=None, description="what they ask for it, CNY")
    offer: Reason | None = Field(default=None, description="what they offer; sealed where it is kept")
    seen_on: Day | None = Field(default=None, description="on which day; today unless said")
    touch_id: UUID | None = Field(default=None, description="the visit in which it was seen")
    seen_by: UUID | None = Field(default=None, description="who saw it; the caller unless said")


class SightingOut(BaseModel):
    """What was seen of a competitor in a store."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="its id (UUIDv7)")
    competitor_id: UUID = Field(description="whose brand it is")
    competitor_name: str | None = Field(description="what the competitor is called")
    customer_id: UUID = Field(description="the store in which it was seen")
    customer_name: str | None
    brand: str = Field(description="the brand or product of theirs")
    price: Money | None = Field(description="what they ask for it, CNY; null where nobody said")
    offer: str | None = Field(description="what they offer; null where nobody said")
    seen_on: date = Field(description="on which day")
    touch_id: UUID | None = Field(description="the visit in which it was seen; null where nobody said")
    seen_by: UUID = Field(description="who saw it")
    entered_at: datetime = Field(description="when it was entered")
    entered_by: UUID = Field(description="who entered it")
    withdrawn: SightingWithdrawalOut | None = Field(description="that it was a mistake; null: it stands")


class ElsewhereReportIn(BaseModel):
    """That a store orders elsewhere."""

    model_config = ConfigDict(extra="forbid")

    competitor_id: UUID | None = Field(default=None, description="from whom, where that is known")
    told_on: Day | None = Field(default=None, description="on which day it was heard or seen; today unless said")
    note: Reason | None = Field(default=None, description="what was heard or seen; sealed where it is kept")
    touch_id: UUID | None = Field(default=None, description="the visit or call in which it came out")


class ElsewhereReportOut(BaseModel):
    """That a store orders elsewhere."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="its id (UUIDv7)")
    customer_id: UUID
    competitor_id: UUID | None = Field(description="from whom; null where nobody knows")
    competitor_name: str | None
    told_on: date = Field(description="on which day it was heard or seen")
    note: str | None = Field(description="what was heard or seen; null where nobody said")
    touch_id: UUID | None = Field(description="the visit or call in which it came out; null where nobody said")
    reported_at: datetime = Field(description="when it was entered")
    reported_by: UUID = Field(description="who entered it")
    withdrawn: SightingWithdrawalOut | None = Field(
        description="that it was a mistake, and counts no more; null: it stands"
    )


@routes.post("/competitors", status_code=201)
@raises(CompetitorTaken)
async def add_competitor(
    body: CompetitorIn, context: Injected[Context], caller: Caller, response: Response
) -> CompetitorOut:
    """Opens a competitor's file."""
    added = await handlers.add(context, body.model_dump(), by=caller.id)
    response.headers["Location"] = f"/customers/v1/competitors/{added.id}"
    return _answer(added, response)


@routes.get("/competitors")
async def list_competitors(
    context: Injected[Context],
    paging: Paging,
    name: Annotated[Line | None, Query(description="only those with this in their name or in a brand's")] = None,
) -> Page[CompetitorOut]:
    """Competitors, the latest first."""
    return await paging.page(BY_ID, {"name": name}, partial(queries.page, context, name), CompetitorOut.model_validate)


@routes.get("/competitors/{competitor_id}")
@raises(CompetitorNotFound)
async def read_competitor(competitor_id: CompetitorId, context: Injected[Context], response: Response) -> CompetitorOut:
    """One competitor's file."""
    return _answer(await queries.read(context, competitor_id), response)


@routes.patch("/competitors/{competitor_id}")
@raises(CompetitorNotFound, CompetitorTaken)
async def change_competitor(
    competitor_id: CompetitorId,
    body: CompetitorPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> CompetitorOut:
    """Changes a competitor's file."""
    changed = await handlers.change(context, competitor_id, body.changes(), expected_version, by=caller.id)
    return _answer(changed, response)


@routes.post("/competitors/{competitor_id}/sightings", status_code=201)
@raises(CompetitorNotFound, Erased, SightingRefused, UnknownCustomer, UnknownStaff)
async def add_sighting(
    competitor_id: CompetitorId, body: SightingIn, context: Injected[Context], caller: Caller
) -> SightingOut:
    """Enters what was seen of a competitor in a store that the caller sees."""
    seen = await handlers.see(context, competitor_id, body.model_dump(), by=caller.id, viewer=viewer(caller))
    return SightingOut.model_validate(await queries.written_sighting(context, seen.id))


@routes.get("/competitors/{competitor_id}/sightings")
@raises(CompetitorNotFound)
async def list_sightings(
    competitor_id: CompetitorId, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[SightingOut]:
    """What was seen of a competitor, the latest first, in stores that the caller sees."""
    read = partial(queries.of_competitor, context, competitor_id, viewer=viewer(caller))
    return await paging.page(BY_ID, {"id": competitor_id}, read, SightingOut.model_validate)


@routes.get("/customers/{customer_id}/sightings")
@raises(CustomerNotFound)
async def list_customer_sightings(
    customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[SightingOut]:
    """What was seen of competitors in a store, the latest first."""
    read = partial(queries.at_customer, context, customer_id, viewer=viewer(caller))
    return await paging.page(BY_ID, {"customer_id": customer_id}, read, SightingOut.model_validate)


@routes.post("/sightings/{sighting_id}/withdrawal")
@raises(AlreadyWithdrawn, SightingNotFound)
async def withdraw_sighting(
    sighting_id: Annotated[UUID, Path(description="the id of what was seen")],
    body: SightingWithdrawalIn,
    context: Injected[Context],
    caller: Caller,
) -> SightingOut:
    """Withdraws what was not seen so; it stays where it stood, with the reason."""
    seen = await handlers.withdraw_sighting(context, sighting_id, body.reason, by=caller.id, viewer=viewer(caller))
    return SightingOut.model_validate(await queries.written_sighting(context, seen.id))


@routes.post("/orders-elsewhere/{report_id}/withdrawal")
@raises(AlreadyWithdrawn, ElsewhereReportNotFound)
async def withdraw_orders_elsewhere(
    report_id: Annotated[UUID, Path(description="the id of the report")],
    body: SightingWithdrawalIn,
    context: Injected[Context],
    caller: Caller,
) -> ElsewhereReportOut:
    """Withdraws that a store orders elsewhere; it stays where it stood, with the reason, and counts no more: a signal
    that rests on it alone ends."""
    told = await handlers.withdraw_report(context, report_id, body.reason, by=caller.id, viewer=viewer(caller))
    return ElsewhereReportOut.model_validate(await queries.written_report(context, told.id))


@routes.post("/customers/{customer_id}/orders-elsewhere", status_code=201)
@raises(CustomerNotFound, Erased, SightingRefused, UnknownCompetitor)
async def report_orders_elsewhere(
    customer_id: UUID, body: ElsewhereReportIn, context: Injected[Context], caller: Caller
) -> ElsewhereReportOut:
    """Enters that a store orders elsewhere, as somebody heard or saw."""
    reported = await handlers.report(context, customer_id, body.model_dump(), by=caller.id, viewer=viewer(caller))
    return ElsewhereReportOut.model_validate(await queries.written_report(context, reported.id))


@routes.get("/customers/{customer_id}/orders-elsewhere")
@raises(CustomerNotFound)
async def list_orders_elsewhere(
    customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[ElsewhereReportOut]:
    """What was said of a store that orders elsewhere, the latest first."""
    read = partial(queries.reports, context, customer_id, viewer=viewer(caller))
    return await paging.page(BY_ID, {"customer_id": customer_id}, read, ElsewhereReportOut.model_validate)


def _answer(found: Competitor, response: Response) -> CompetitorOut:
    set_etag(response, found.version)
    return CompetitorOut(**asdict(found))
