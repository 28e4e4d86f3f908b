"""Routes of opportunities."""

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.opportunities import handlers, queries
from services.customers.opportunities.domain import (
    LossWithoutReason,
    OpportunityClosed,
    OpportunityNotFound,
    OpportunityOfOne,
    OpportunityOutcome,
    Past,
    Stage,
    StageTaken,
    UnknownProspect,
    UnknownStage,
)
from services.customers.opportunities.queries import ReadOpportunity, Wanted
from shared.auth.visibility import viewer
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import IN_DIGITS, NO_TEXT, Code, Day, Line, Reason
from shared.http.paging import BY_ID, Order, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.ids import new_id
from shared.money import ZERO, Money, MoneyOrNothing, Sum
from shared.references import UnknownCustomer, UnknownStaff

routes = router("/customers/v1", "opportunities")

OpportunityId = Annotated[UUID, Path(description="the opportunity's id")]
Probability = Annotated[Decimal, Field(ge=0, le=1, max_digits=5, decimal_places=4), IN_DIGITS]
_BY_VERSION: Order[Past, int] = Order(lambda past: (past.version,), int)


class StageIn(BaseModel):
    """A stage to list."""

    model_config = ConfigDict(extra="forbid")

    code: Code = Field(description="its code: lower-case letters, digits and underscores")
    position: Annotated[int, Field(ge=1, le=1_000), NO_TEXT] = Field(
        description="its place among the stages, 1 to 1,000"
    )
    probability: Probability = Field(description="how likely it is from there to be won, 0 to 1")
    name_en: Line = Field(description="what it is called in English")
    name_zh: Line = Field(description="what it is called in Chinese")


class StageOut(BaseModel):
    """A stage of opportunities."""

    model_config = ConfigDict(from_attributes=True)

    code: str = Field(description="its code")
    position: int = Field(description="its place among the stages")
    probability: Decimal = Field(description="how likely it is from there to be won, 0 to 1")
    name_en: str = Field(description="what it is called in English")
    name_zh: str = Field(description="what it is called in Chinese")


class OpportunityIn(BaseModel):
    """An opportunity of a prospect or of a customer."""

    model_config = ConfigDict(extra="forbid")

    prospect_id: UUID | None = Field(default=None, description="whose it is: a prospect who is open")
    customer_id: UUID | None = Field(default=None, description="whose it is: a customer")
    stage: Code = Field(default="contact", description="the code of its stage")
    amount: MoneyOrNothing = Field(description="what it is expected to bring, CNY, 0 or more")
    probability: Probability | None = Field(
        default=None, description="how likely it is, 0 to 1; the stage's unless said"
    )
    owner_id: UUID | None = Field(default=None, description="who pursues it; the caller unless said")
    next_step: Line | None = Field(default=None, description="what is to be done next; sealed where it is kept")
    next_step_on: Day | None = Field(default=None, description="on which day that is due")
    closes_on: Day | None = Field(default=None, description="on which day it is expected to be decided")


class OpportunityPatch(Patch):
    """The fields to change; null empties one that may be empty. What is won or lost is opened again first."""

    stage: Code = Field(default="", description="the code of its stage")
    amount: MoneyOrNothing = Field(default=ZERO, description="what it is expected to bring, CNY, 0 or more")
    probability: Probability | None = Field(default=None, description="how likely it is, 0 to 1; null: the stage's")
    owner_id: UUID = Field(default_factory=new_id, description="who pursues it")
    next_step: Line | None = Field(default=None, description="what is to be done next; sealed where it is kept")
    next_step_on: Day | None = Field(default=None, description="on which day that is due")
    closes_on: Day | None = Field(default=None, description="on which day it is expected to be decided")
    outcome: OpportunityOutcome = Field(default="open", description="how it came out")
    lost_reason: Reason | None = Field(default=None, description="why it was lost, with `outcome` lost; sealed")


class OpportunityOut(BaseModel):
    """An opportunity."""

    id: UUID = Field(description="the opportunity's id (UUIDv7)")
    version: int = Field(description="counts its changes, from 1")
    prospect_id: UUID | None = Field(description="the prospect whose it is or was; null: never a prospect's")
    customer_id: UUID | None = Field(description="the customer whose it is; null: still a prospect's")
    customer_name: str | None = Field(
        description="the store's trading name; null of a person, and of one whom the caller does not see"
    )
    stage: str = Field(description="the code of its stage")
    amount: Money = Field(description="what it is expected to bring, CNY")
    probability: Decimal | None = Field(
        description="what somebody put in the stead of the stage's, 0 to 1; null: nobody has"
    )
    likely: Decimal = Field(description="how likely it is to be won, 0 to 1: 1 once it is, 0 once it is lost")
    weighted: Money = Field(description="the amount times how likely it is, CNY")
    owner_id: UUID = Field(description="who pursues it")
    owner_name: str | None = Field(description="what the directory calls them; null where it does not say")
    next_step: str | None = Field(description="what is to be done next; null where nobody said")
    next_step_on: date | None = Field(description="on which day that is due; null where nobody said")
    closes_on: date | None = Field(description="on which day it is expected to be decided; null where nobody said")
    outcome: OpportunityOutcome = Field(description="how it came out")
    lost_reason: str | None = Field(description="why it was lost; null unless it was")
    closed_at: datetime | None = Field(description="when it was won or lost; null before")
    entered_at: datetime = Field(description="when it was entered")
    entered_by: UUID = Field(description="who entered it")
    updated_at: datetime = Field(description="when it last changed")

    @classmethod
    def of(cls, found: ReadOpportunity) -> "OpportunityOut":
        stands = asdict(found)
        del stands["usual"]
        return cls(**stands, likely=found.likely, weighted=found.weighted)


class OpportunityPastOut(BaseModel):
    """How an opportunity stood from a moment on."""

    model_config = ConfigDict(from_attributes=True)

    version: int = Field(description="counts its changes, from 1")
    stage: str = Field(description="the code of its stage")
    amount: Money = Field(description="what it was expected to bring, CNY")
    probability: Decimal | None = Field(description="what stood in the stead of the stage's, 0 to 1; null: nothing")
    owner_id: UUID = Field(description="who pursued it")
    next_step_on: date | None = Field(description="on which day the next step was due")
    closes_on: date | None = Field(description="on which day it was expected to be decided")
    outcome: OpportunityOutcome = Field(description="how it had come out")
    at: datetime = Field(description="from when on it stood so")
    changed_by: UUID = Field(description="who changed it")


class PipelineGroupOut(BaseModel):
    """Open opportunities that have something in common."""

    model_config = ConfigDict(from_attributes=True)

    key: str | None = Field(description="what they have in common; null: they have no such thing")
    opportunities: int = Field(description="how many there are")
    amount: Sum = Field(description="what they are expected to bring, CNY")
    weighted: Sum = Field(description="each amount times how likely it is, CNY")


class PipelineOut(BaseModel):
    """What is open, put together in four ways."""

    stages: list[PipelineGroupOut] = Field(description="by stage (its code), in the order of stages")
    owners: list[PipelineGroupOut] = Field(description="by who pursues them (an id)")
    sources: list[PipelineGroupOut] = Field(
        description="by where the prospect comes from (a code); null: a customer who was no prospect"
    )
    ages: list[PipelineGroupOut] = Field(description="by days since the entry: from 000, 030, 090, 180 on")
    total: PipelineGroupOut = Field(description="all of them")


def _answer(found: ReadOpportunity, response: Response) -> OpportunityOut:
    set_etag(response, found.version)
    return OpportunityOut.of(found)


@routes.post("/opportunity-stages", status_code=201)
@raises(StageTaken)
async def add_opportunity_stage(body: StageIn, context: Injected[Context], caller: Caller) -> StageOut:
    """Lists a further stage."""
    return StageOut.model_validate(await handlers.add_stage(context, Stage(**body.model_dump()), by=caller.id))


@routes.get("/opportunity-stages")
async def list_opportunity_stages(context: Injected[Context]) -> Page[StageOut]:
    """All stages in their order, on one page."""
    return Page(items=[StageOut.model_validate(each) for each in await queries.stages(context)])


@routes.post("/opportunities", status_code=201)
@raises(Erased, OpportunityOfOne, UnknownCustomer, UnknownProspect, UnknownStaff, UnknownStage)
async def add_opportunity(
    body: OpportunityIn, context: Injected[Context], caller: Caller, response: Response
) -> OpportunityOut:
    """Enters an opportunity of a prospect or a customer whom the caller sees."""
    added = await handlers.add(context, body.model_dump(), by=caller.id, viewer=viewer(caller))
    response.headers["Location"] = f"/customers/v1/opportunities/{added.id}"
    return _answer(await queries.written(context, added.id, viewer=viewer(caller)), response)


@routes.get("/opportunities")
async def list_opportunities(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    stage: Annotated[Code | None, Query(description="the code of a stage")] = None,
    outcome: Annotated[OpportunityOutcome | None, Query(description="how they came out")] = None,
    owner_id: Annotated[UUID | None, Query(description="who pursues them")] = None,
    customer_id: Annotated[UUID | None, Query(description="whose they are: a customer")] = None,
    prospect_id: Annotated[UUID | None, Query(description="whose they are or were: a prospect")] = None,
) -> Page[OpportunityOut]:
    """Opportunities that the caller sees, the latest first."""
    wanted = Wanted(stage, outcome, owner_id, customer_id, prospect_id)
    read = partial(queries.page, context, wanted, viewer=viewer(caller))
    return await paging.page(BY_ID, asdict(wanted), read, OpportunityOut.of)


@routes.get("/opportunities/{opportunity_id}")
@raises(OpportunityNotFound)
async def read_opportunity(
    opportunity_id: OpportunityId, context: Injected[Context], caller: Caller, response: Response
) -> OpportunityOut:
    """One opportunity."""
    return _answer(await queries.read(context, opportunity_id, viewer=viewer(caller)), response)


@routes.patch("/opportunities/{opportunity_id}")
@raises(Erased, LossWithoutReason, OpportunityClosed, OpportunityNotFound, UnknownStaff, UnknownStage)
async def change_opportunity(
    opportunity_id: OpportunityId,
    body: OpportunityPatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> OpportunityOut:
    """Moves an opportunity on: stage, amount, next step, and how it came out."""
    sees = viewer(caller)
    await handlers.change(context, opportunity_id, body.changes(), expected_version, by=caller.id, viewer=sees)
    return _answer(await queries.written(context, opportunity_id, viewer=sees), response)


@routes.get("/opportunities/{opportunity_id}/history")
@raises(OpportunityNotFound)
async def list_opportunity_history(
    opportunity_id: OpportunityId, context: Injected[Context], caller: Caller, paging: Paging
) -> Page[OpportunityPastOut]:
    """How an opportunity stood, the latest first."""
    read = partial(queries.past, context, opportunity_id, viewer=viewer(caller))
    return await paging.page(_BY_VERSION, {"id": opportunity_id}, read, OpportunityPastOut.model_validate)


@routes.get("/pipeline")
async def read_pipeline(context: Injected[Context], caller: Caller) -> PipelineOut:
    """What is open of what the caller sees, by stage, owner, source and age."""
    found = await queries.pipeline(context, viewer=viewer(caller))
    groups = {
        by: [PipelineGroupOut.model_validate(each) for each in found if each.by == by]
        for by in ("stage", "owner", "source", "age", "total")
    }
    return PipelineOut(
        stages=groups["stage"],
        owners=groups["owner"],
        sources=groups["source"],
        ages=groups["age"],
        total=groups["total"][0],
    )
