"""Routes of promises outside the rules: confirming them, insisting on them, reaching an understanding."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.commitments.api import CommitmentId
from services.complaints.commitments.domain import CommitmentEnded, CommitmentNotFound, ConfirmationSaid
from services.complaints.confirmations import handlers, queries
from services.complaints.confirmations.domain import (
    ConfirmationStep,
    NotDenied,
    NotOfUnderstanding,
    NotWhoPromised,
    NoUnderstandingDue,
    UnderstandingOver,
    WithinRules,
)
from services.complaints.confirmations.queries import ReadConfirmation
from services.complaints.context import Context
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.queries import list_versions
from services.complaints.rulebook.domain.calendar import WORKING_HOURS, UnknownCalendar
from shared.auth.visibility import viewer
from shared.contracts.commitments import ConfirmationState
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, Code, Moment, Reason, YesOrNo
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "confirmations")

LATEST_FIRST: Order[PolicyVersion, int] = Order(lambda policy: (policy.version,), int)


class ConfirmationIn(BaseModel):
    """Whether somebody made the promise."""

    model_config = ConfigDict(extra="forbid")

    confirmed: Annotated[YesOrNo, Field(description="whether the promise was made as it is recorded")]
    text: Annotated[Reason | None, Field(description="what they say of it, 1 to 2,000 characters; kept sealed")] = None


class InsistenceIn(BaseModel):
    """What the customer says."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[Reason | None, Field(description="what the customer says, 1 to 2,000 characters; kept sealed")] = (
        None
    )


class UnderstandingIn(BaseModel):
    """What came of it."""

    model_config = ConfigDict(extra="forbid")

    reached: Annotated[YesOrNo, Field(description="whether the customer agrees")]
    text: Annotated[Reason, Field(description="what was agreed, or why nothing was, 1 to 2,000 characters; sealed")]


class ConfirmationEntryOut(BaseModel):
    """What was said of it, or came about."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the entry (UUIDv7)")
    what: ConfirmationStep = Field(description="what was said, or came about")
    at: datetime = Field(description="when that was; of a deadline that was over, the deadline")
    by: UUID | None = Field(description="who said it; null for the clock")
    text: str | None = Field(description="the words; null where there were none")


class ConfirmationOut(BaseModel):
    """How the confirmation of a promise stands, and how it came to that."""

    commitment_id: UUID = Field(description="the promise")
    confirmation: ConfirmationState | None = Field(description="how it stands; null for a promise within the rules")
    made_by: UUID = Field(description="who promised it")
    understanding_due_at: datetime | None = Field(
        description="an understanding is reached before this moment, or has failed; null where nobody ever insisted"
    )
    supervisor_id: UUID | None = Field(
        description="who is to reach it beside whoever promised; null before, and where nobody stands above them"
    )
    internal_id: UUID | None = Field(
        description="the internal case that settles what it costs; null while there is none"
    )
    entries: list[ConfirmationEntryOut] = Field(description="all that was said, in its order")

    @classmethod
    def of(cls, read: ReadConfirmation) -> "ConfirmationOut":
        commitment = read.commitment
        return cls(
            commitment_id=commitment.id,
            confirmation=commitment.confirmation.value if commitment.confirmation is not None else None,
            made_by=commitment.staff_id,
            understanding_due_at=commitment.understanding_due_at,
            supervisor_id=commitment.supervisor_id,
            internal_id=read.internal_id,
            entries=[ConfirmationEntryOut.model_validate(each) for each in read.entries],
        )


class UnderstandingPolicyIn(BaseModel):
    """How long there is to reach an understanding from now on."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[int, Field(ge=1, le=30, description="working days after the customer has insisted"), NO_TEXT]
    calendar: Annotated[Code, Field(description="the calendar whose working days count; `always`: every day")] = (
        WORKING_HOURS
    )
    starts_at: Annotated[Moment | None, Field(description="from when on it holds; now unless said")] = None


class UnderstandingPolicyOut(BaseModel):
    """A version of how long there is to reach an understanding."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int
    days: int = Field(description="working days after the customer has insisted")
    calendar: str = Field(description="the calendar whose working days count; `always`: every day")
    starts_at: Annotated[datetime, Field(description="from when on it holds for customers who insist")]


async def _read(context: Context, id_: UUID) -> ConfirmationOut:
    return ConfirmationOut.of(await queries.read(context, id_, viewer=None))


@routes.post("/commitments/{id}/confirmation")
@raises(
    CommitmentEnded,
    CommitmentNotFound,
    ComplaintNotFound,
    ConfirmationSaid,
    NotWhoPromised,
    UnderstandingOver,
    WithinRules,
)
async def confirm_commitment(
    id: CommitmentId, body: ConfirmationIn, context: Injected[Context], caller: Caller
) -> ConfirmationOut:
    """Who made a promise outside the rules confirms or denies it; administration enters it for somebody who has left.
    Confirmed, it is honoured without conditions, and an internal case with a notice of fault settles what it costs."""
    await handlers.confirm(context, id, confirmed=body.confirmed, text=body.text, caller=caller)
    return await _read(context, id)


@routes.get("/commitments/{id}/confirmation")
@raises(CommitmentNotFound)
async def read_confirmation(id: CommitmentId, context: Injected[Context], caller: Caller) -> ConfirmationOut:
    """How the confirmation of a promise stands, and all that was said of it."""
    return ConfirmationOut.of(await queries.read(context, id, viewer=viewer(caller)))


@routes.post("/commitments/{id}/insistence")
@raises(CommitmentEnded, CommitmentNotFound, NotDenied)
async def insist_on_commitment(
    id: CommitmentId, body: InsistenceIn, context: Injected[Context], caller: Caller
) -> ConfirmationOut:
    """The customer insists on a promise that was denied, or of which nobody has said anything: who is said to have made
    it and their supervisor are to reach an understanding with them before a deadline."""
    await handlers.insist(context, id, text=body.text, caller=caller)
    return await _read(context, id)


@routes.post("/commitments/{id}/understanding")
@raises(CommitmentNotFound, ComplaintNotFound, NotOfUnderstanding, NoUnderstandingDue, UnderstandingOver)
async def settle_commitment(
    id: CommitmentId, body: UnderstandingIn, context: Injected[Context], caller: Caller
) -> ConfirmationOut:
    """Whether an understanding was reached. Reached, nobody is at fault and nothing more is owed; failed, or over
    without a word, an internal case with a notice of fault settles responsibility."""
    await handlers.settle(context, id, reached=body.reached, text=body.text, caller=caller)
    return await _read(context, id)


@routes.post("/understanding-policies", status_code=201)
@raises(UnknownCalendar)
async def write_understanding_policy(
    body: UnderstandingPolicyIn, context: Injected[Context], caller: Caller, response: Response
) -> UnderstandingPolicyOut:
    """A new version: it holds for customers who insist after its start."""
    policy = await handlers.write_policy(context, body.days, body.calendar, body.starts_at, by=caller.id)
    response.headers["Location"] = "/complaints/v1/understanding-policies"
    return _out(policy)


@routes.get("/understanding-policies")
async def list_understanding_policies(context: Injected[Context], paging: Paging) -> Page[UnderstandingPolicyOut]:
    """Every version, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(list_versions, context, "understandings"), _out)


def _out(policy: PolicyVersion) -> UnderstandingPolicyOut:
    days: int = policy.definition["days"]
    calendar: str = policy.definition["calendar"]
    return UnderstandingPolicyOut(
        id=policy.id, version=policy.version, days=days, calendar=calendar, starts_at=policy.starts_at
    )
