"""Routes of what is given in a case: given, asked for, approved, taken back."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound, TextMissing, WrongState
from services.complaints.compensations import queries
from services.complaints.compensations.domain import (
    AboveLimit,
    Authority,
    CompensationDecided,
    CompensationNotFound,
    CompensationState,
    NewCompensation,
    OwnCompensation,
)
from services.complaints.compensations.handlers import giving
from services.complaints.compensations.queries import ReadCompensation
from services.complaints.context import Context
from shared.auth.visibility import viewer
from shared.contracts.settlements import CompensationKind
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Prose, Reason, YesOrNo
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money, MoneyOrNothing

routes = router("/complaints/v1", "compensations")

CompensationId = Annotated[UUID, Path(description="the compensation's id")]
LONGEST_WAITING_FIRST: Order[ReadCompensation, UUID] = Order(lambda read: (read.compensation.id,), UUID)


class CompensationIn(BaseModel):
    """What is given beyond the answer."""

    model_config = ConfigDict(extra="forbid")

    kind: Annotated[CompensationKind, Field(description="what kind of thing it is")]
    cost: Annotated[MoneyOrNothing, Field(description="what it costs the company, CNY; goods at their cost")]
    text: Annotated[Prose, Field(description="what it is, 1 to 10,000 characters; kept sealed")]


class CompensationDecisionIn(BaseModel):
    """Whether it is approved, and why."""

    model_config = ConfigDict(extra="forbid")

    approve: YesOrNo
    reason: Annotated[Reason | None, Field(description="why; a refusal needs it")] = None


class TakenBackIn(BaseModel):
    """Why something is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Reason, Field(description="why it is taken back, 1 to 2,000 characters")]


class ApproverOut(BaseModel):
    """Somebody who may approve."""

    id: UUID = Field(description="the id of the colleague")
    name: str = Field(description="the colleague's name")


class AskedOut(BaseModel):
    """Who is asked to approve."""

    role: Authority = Field(description="as what they may approve it")
    persons: Sequence[ApproverOut] = Field(description="whose limit suffices; empty where there is nobody")


class CompensationOut(BaseModel):
    """What is given in a case, or asked for."""

    id: UUID = Field(description="the id of the compensation (UUIDv7)")
    complaint_id: UUID = Field(description="the case in which it is given")
    round: int = Field(description="the round in which it was given")
    kind: CompensationKind = Field(description="what kind of thing it is")
    cost: Money = Field(description="what it costs the company, CNY")
    text: str | None = Field(description="what it is")
    state: CompensationState = Field(description="how it stands")
    by: AskedOut | None = Field(description="who was asked to approve it; null where nobody had to be")
    asked_by: UUID = Field(description="the staff member who asked for it, or gave it")
    asked_at: datetime = Field(description="when it was asked for, or given at once")
    granted_by: UUID | None = Field(description="on whose limit it counts; null while it is not granted")
    granted_at: datetime | None = Field(description="when it was granted; null while it is not")
    decided_by: UUID | None = Field(description="who approved, refused or took it back; null before")
    decided_at: datetime | None
    policy_version: int = Field(description="the version of the settlement limits that it was asked under")


def _out(read: ReadCompensation) -> CompensationOut:
    given = read.compensation
    persons = [ApproverOut(id=id_, name=name) for id_, name in read.by.items()]
    return CompensationOut(
        id=given.id,
        complaint_id=given.complaint_id,
        round=given.round,
        kind=given.kind,
        cost=given.cost,
        text=read.text,
        state=given.state,
        by=AskedOut(role=given.by_role, persons=persons) if given.by_role is not None else None,
        asked_by=given.asked_by,
        asked_at=given.asked_at,
        granted_by=given.granted_by,
        granted_at=given.granted_at,
        decided_by=given.decided_by,
        decided_at=given.decided_at,
        policy_version=given.policy_version,
    )


_AWAITS: dict[int | str, dict[str, Any]] = {
    202: {"model": CompensationOut, "description": "It awaits approval: `by` says whose. The clock runs on."}
}


@routes.post("/complaints/{id}/compensations", status_code=201, responses=_AWAITS)
@raises(ComplaintNotFound, WrongState)
async def give_compensation(
    id: CaseId, body: CompensationIn, context: Injected[Context], caller: Caller, response: Response
) -> CompensationOut:
    """Gives something within the caller's limit for customer and month, else asks the first in line who may (202)."""
    given = await giving.give(context, id, NewCompensation(**dict(body)), caller)
    if given.state is CompensationState.AWAITS_APPROVAL:
        response.status_code = 202
    return _out(await queries.read(context, given.id))


@routes.post("/complaints/{id}/compensations/{compensation_id}/approval", responses=_AWAITS)
@raises(
    AboveLimit,
    CompensationDecided,
    CompensationNotFound,
    ComplaintNotFound,
    OwnCompensation,
    TextMissing,
    WrongState,
)
async def decide_compensation(
    id: CaseId,
    compensation_id: CompensationId,
    body: CompensationDecisionIn,
    context: Injected[Context],
    caller: Caller,
    response: Response,
) -> CompensationOut:
    """Approves or refuses what awaits it: somebody else than who asked, who is asked or whose limit suffices; it counts
    on theirs. Where the limit of who is asked does not suffice any longer, it goes up (202)."""
    decided = await giving.decide(context, id, compensation_id, approve=body.approve, reason=body.reason, caller=caller)
    if decided.state is CompensationState.AWAITS_APPROVAL:
        response.status_code = 202
    return _out(await queries.read(context, decided.id))


@routes.post("/complaints/{id}/compensations/{compensation_id}/withdrawal")
@raises(CompensationDecided, CompensationNotFound, ComplaintNotFound)
async def withdraw_compensation(
    id: CaseId, compensation_id: CompensationId, body: TakenBackIn, context: Injected[Context], caller: Caller
) -> CompensationOut:
    """Takes back what was entered wrongly or is not given after all; what is right is given anew. Both stay."""
    return _out(
        await queries.read(context, (await giving.withdraw(context, id, compensation_id, body.reason, caller)).id)
    )


@routes.get("/complaints/{id}/compensations")
@raises(ComplaintNotFound)
async def list_case_compensations(id: CaseId, context: Injected[Context], caller: Caller) -> Page[CompensationOut]:
    """What is given in a case or was asked for, on one page."""
    found = await queries.list_of_case(context, id, viewer=viewer(caller))
    return Page(items=[_out(each) for each in found])


@routes.get("/compensations/waiting")
async def list_waiting_compensations(context: Injected[Context], paging: Paging) -> Page[CompensationOut]:
    """What awaits approval in all cases, the longest waiting first."""
    return await paging.page(LONGEST_WAITING_FIRST, {}, partial(queries.list_waiting, context), _out)
