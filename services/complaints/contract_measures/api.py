"""Routes of measures by contract, and of what can be done."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.contract_measures import handlers, queries
from services.complaints.contract_measures.domain import (
    ContractMeasureNotFound,
    MeasureCode,
    MeasureDate,
    MeasureWithdrawn,
    NewMeasure,
    NoBreachOfContract,
    NotUpheld,
    UnknownContractMeasure,
)
from services.complaints.internal_cases.api import InternalId
from services.complaints.internal_cases.domain import InternalNotFound
from shared.auth.visibility import viewer
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Code, Day, Line, Reason, YesOrNo
from shared.http.paging import Page
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.references import UnknownStaff

routes = router("/complaints/v1", "contract measures")


class MeasureIn(BaseModel):
    """What was decided against the store."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[Code, Field(description="what is done, such as `warning`: see `contract-measures`")]
    decided_by: UUID | None = Field(default=None, description="who decided it; the caller unless given")
    decided_on: Day | None = Field(default=None, description="on which day it was decided; today unless given")
    text: Annotated[Reason | None, Field(description="what was decided, 1 to 2,000 characters; kept sealed")] = None


class MeasureWithdrawalIn(BaseModel):
    """Why it holds no longer."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Reason, Field(description="why it holds no longer, 1 to 2,000 characters; kept sealed")]


class MeasureOut(BaseModel):
    """A measure by contract."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the measure (UUIDv7)")
    internal_id: UUID = Field(description="the internal case")
    code: str = Field(description="what is done")
    decided_by: UUID = Field(description="who decided it")
    decided_on: date = Field(description="on which day it was decided")
    recorded_at: datetime = Field(description="when it was recorded")
    recorded_by: UUID = Field(description="the staff member who recorded it")
    text: str | None = Field(description="what was decided; null where nothing was said")
    withdrawn_at: datetime | None = Field(description="when it was withdrawn; null while it holds")
    withdrawn_by: UUID | None = Field(description="who withdrew it; null while it holds")
    reason: str | None = Field(description="why it was withdrawn; null while it holds")


class MeasureCodeIn(BaseModel):
    """What it is called, and whether it is in use."""

    model_config = ConfigDict(extra="forbid")

    name_en: Line
    name_zh: Line
    active: YesOrNo = True


class MeasureCodeOut(MeasureCodeIn):
    """What can be done by contract, as it is kept."""

    model_config = ANSWERED
    code: str = Field(description="the code, such as `warning`")
    version: int = Field(description="counts its changes from 1: what was read, for If-Match")


@routes.post("/internal/{id}/measures", status_code=201)
@raises(ComplaintNotFound, MeasureDate, NoBreachOfContract, NotUpheld, UnknownContractMeasure, UnknownStaff)
async def take_measure(id: InternalId, body: MeasureIn, context: Injected[Context], caller: Caller) -> MeasureOut:
    """Records a measure by contract against the store of a case about diversion or price breaking, once that is judged
    valid."""
    measure = await handlers.take(context, id, NewMeasure(**dict(body)), by=caller.id)
    return MeasureOut.model_validate(measure)


@routes.get("/internal/{id}/measures")
@raises(ComplaintNotFound, InternalNotFound)
async def list_measures(id: InternalId, context: Injected[Context], caller: Caller) -> Page[MeasureOut]:
    """Every measure in a case, in order, those withdrawn, too; on one page."""
    measures = await queries.list_measures(context, id, viewer=viewer(caller))
    return Page(items=[MeasureOut.model_validate(each) for each in measures])


@routes.post("/internal/{id}/measures/{measure_id}/withdrawal")
@raises(ComplaintNotFound, ContractMeasureNotFound, MeasureWithdrawn)
async def withdraw_measure(
    id: InternalId,
    measure_id: Annotated[UUID, Path(description="the measure's id")],
    body: MeasureWithdrawalIn,
    context: Injected[Context],
    caller: Caller,
) -> MeasureOut:
    """Takes a measure back, in the audit; it stays to be seen."""
    measure = await handlers.withdraw(context, id, measure_id, body.reason, by=caller.id)
    return MeasureOut.model_validate(measure)


@routes.get("/contract-measures")
async def list_measure_codes(context: Injected[Context]) -> Page[MeasureCodeOut]:
    """What can be done by contract; there are few such codes, so this is one page."""
    return Page(items=[_code_out(code) for code in await queries.list_codes(context)])


@routes.put("/contract-measures/{code}")
async def keep_measure_code(
    code: Annotated[Code, Path(description="the code, such as `warning`")],
    body: MeasureCodeIn,
    context: Injected[Context],
    response: Response,
    expected_version: IfMatch,
) -> MeasureCodeOut:
    """Adds something that can be done, or (with If-Match) renames it or takes it out of use; measures keep it."""
    kept = MeasureCode(code=code, name_en=body.name_en, name_zh=body.name_zh, active=body.active)
    await handlers.keep_code(context, kept, expected_version=expected_version)
    set_etag(response, kept.version)
    return _code_out(kept)


def _code_out(code: MeasureCode) -> MeasureCodeOut:
    return MeasureCodeOut(**asdict(code), version=code.version)
