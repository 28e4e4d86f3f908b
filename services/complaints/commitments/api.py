"""Routes of promises to customers, and of what can be promised."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.commitments import domain, handlers, queries
from services.complaints.commitments.domain import (
    CommitmentCode,
    CommitmentCorrection,
    CommitmentEnded,
    CommitmentNotFound,
    CommitmentTime,
    ConfirmationSaid,
    FaultOpened,
    NewCommitment,
    OwnCommitment,
    PromiseBeforeCase,
    PromiseOfAnother,
    UnknownCommitmentCode,
)
from services.complaints.commitments.queries import ReadCommitment
from services.complaints.context import Context
from shared.auth.visibility import viewer
from shared.contracts.commitments import CommitmentState, ConfirmationState
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Code, Day, Line, Moment, Prose, Reason, YesOrNo
from shared.http.paging import Order, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.money import Money, MoneyOrNothing
from shared.references import UnknownCustomer, UnknownStaff

routes = router("/complaints/v1", "commitments")

CommitmentId = Annotated[UUID, Path(description="the promise's id")]
Due = Annotated[
    Day | Moment, Field(description="until when: a day is kept until its end, a moment until just before it")
]
LATEST_FIRST: Order[ReadCommitment, UUID] = Order(lambda read: (read.commitment.id,), UUID)


class CommitmentIn(BaseModel):
    """What was promised, to whom, and until when."""

    model_config = ConfigDict(extra="forbid")

    customer_id: UUID = Field(description="to whom it was promised")
    complaint_id: UUID | None = Field(default=None, description="the case in which it was promised, of this customer")
    touch_id: UUID | None = Field(default=None, description="the visit, stay or call in which it was promised")
    what: Annotated[Prose, Field(description="what was promised, 1 to 10,000 characters; kept sealed")]
    code: Annotated[Code, Field(description="what kind of thing it is, such as `gift`: see `commitment-codes`")]
    due: Due
    outside_rules: Annotated[YesOrNo, Field(description="whether the rules would not have allowed it")] = False
    cost: MoneyOrNothing | None = Field(default=None, description="what it costs the company, CNY, as far as is known")
    made_by: UUID | None = Field(default=None, description="who promised it; the caller unless given")
    made_at: Moment | None = Field(default=None, description="when it was promised; now unless given")


class KeptIn(BaseModel):
    """When it was done."""

    model_config = ConfigDict(extra="forbid")

    at: Moment | None = Field(default=None, description="when what was promised was done; now unless given")


class CommitmentWithdrawalIn(BaseModel):
    """What was agreed with the customer."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Reason, Field(description="why the customer does without it, 1 to 2,000 characters; kept sealed")]


class CommitmentCorrectionIn(BaseModel):
    """What is right; what is left out stays as it was entered."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[Code | None, Field(description="what kind of thing was promised")] = None
    due: Annotated[
        Day | Moment | None,
        Field(description="until when: a day is kept until its end, a moment until just before it"),
    ] = None
    outside_rules: Annotated[YesOrNo | None, Field(description="whether the rules would not have allowed it")] = None
    cost: MoneyOrNothing | None = Field(default=None, description="what it costs the company, CNY")
    made_by: UUID | None = Field(default=None, description="who promised it; outside the rules they are asked anew")
    kept: Literal[False] | None = Field(default=None, description="false: it was not done after all; it is owed")
    reason: Annotated[Reason, Field(description="why it is corrected, 1 to 2,000 characters; kept sealed")]


class CommitmentOut(BaseModel):
    """A promise to a customer."""

    id: UUID = Field(description="the id of the promise (UUIDv7)")
    customer_id: UUID = Field(description="to whom it was promised")
    complaint_id: UUID | None = Field(description="the case in which it was promised; null outside of any")
    touch_id: UUID | None = Field(
        description="the visit, stay or call in which it was promised; null where nobody said"
    )
    what: str = Field(description="what was promised")
    code: str = Field(description="what kind of thing it is")
    made_by: UUID = Field(description="who promised it")
    made_at: datetime = Field(description="when it was promised")
    due_at: datetime = Field(description="it is kept by what is done before this moment")
    outside_rules: bool = Field(description="whether the rules would not have allowed it")
    cost: Money | None = Field(description="what it costs the company, CNY; null where nobody knows")
    state: CommitmentState = Field(description="how it stands; what is done after its time stays broken")
    fulfilled_at: datetime | None = Field(description="when what was promised was done; null before")
    ended_at: datetime | None = Field(description="when it was kept, broken or withdrawn; null while it is open")
    ended_by: UUID | None = Field(description="who said so; null while it is open, and for the clock")
    reason: str | None = Field(description="why it was withdrawn, or corrected last; null for most")
    confirmation: ConfirmationState | None = Field(
        description="how who promised it was asked about it, where it is outside the rules; null within them"
    )
    understanding_due_at: datetime | None = Field(
        description="an understanding is reached before this moment, or has failed; null where nobody ever insisted"
    )
    supervisor_id: UUID | None = Field(
        description="who is to reach it beside whoever promised; null before, and where nobody stands above them"
    )
    recorded_at: datetime = Field(description="when it was recorded")
    recorded_by: UUID = Field(description="the staff member who recorded it")

    @classmethod
    def of(cls, read: ReadCommitment) -> "CommitmentOut":
        fields = asdict(read.commitment)
        fields.pop("version")
        said = read.commitment.confirmation
        fields |= {
            "state": fields["state"].value,
            "made_by": fields.pop("staff_id"),
            "confirmation": said.value if said is not None else None,
        }
        return cls(what=read.what, reason=read.reason, **fields)


class CommitmentCodeIn(BaseModel):
    """What it is called, and whether it is in use."""

    model_config = ConfigDict(extra="forbid")

    name_en: Line
    name_zh: Line
    active: YesOrNo = True


class CommitmentCodeOut(CommitmentCodeIn):
    """What can be promised, as it is kept."""

    model_config = ANSWERED
    code: str = Field(description="the code, such as `gift`")
    version: int = Field(description="counts its changes from 1: what was read, for If-Match")


async def _read(context: Context, id_: UUID) -> CommitmentOut:
    return CommitmentOut.of(await queries.read(context, id_, viewer=None))


@routes.post("/commitments", status_code=201)
@raises(
    CommitmentNotFound,
    CommitmentTime,
    ComplaintNotFound,
    PromiseBeforeCase,
    PromiseOfAnother,
    UnknownCommitmentCode,
    UnknownCustomer,
    UnknownStaff,
)
async def make_commitment(
    body: CommitmentIn, context: Injected[Context], caller: Caller, response: Response
) -> CommitmentOut:
    """Records what a customer was promised. It is broken when its time is over and nobody has said that it was kept."""
    made = await handlers.make(context, NewCommitment(**dict(body)), caller)
    response.headers["Location"] = f"/complaints/v1/commitments/{made.id}"
    return await _read(context, made.id)


@routes.get("/commitments")
async def list_commitments(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    customer_id: Annotated[UUID | None, Query(description="only what this customer was promised")] = None,
    complaint_id: Annotated[UUID | None, Query(description="only what was promised in this case")] = None,
    made_by: Annotated[UUID | None, Query(description="only what this colleague promised")] = None,
    state: Annotated[CommitmentState | None, Query(description="only those that stand so")] = None,
    code: Annotated[Code | None, Query(description="only this kind of thing")] = None,
    due_before: Annotated[Moment | None, Query(description="only what is due before this moment")] = None,
    confirmation: Annotated[
        ConfirmationState | None, Query(description="only those outside the rules whose confirmation stands so")
    ] = None,
) -> Page[CommitmentOut]:
    """Promises, the latest first. Who does not see every customer sees their own and their people's, those that they
    recorded, and those to customers of their teams."""
    filters = {
        "customer_id": customer_id,
        "complaint_id": complaint_id,
        "staff_id": made_by,
        "state": state,
        "code": code,
        "due_before": due_before,
        "confirmation": confirmation,
    }
    read = partial(queries.list_commitments, context, filters, viewer=viewer(caller))
    return await paging.page(LATEST_FIRST, filters, read, CommitmentOut.of)


@routes.get("/commitments/{id}")
@raises(CommitmentNotFound)
async def read_commitment(id: CommitmentId, context: Injected[Context], caller: Caller) -> CommitmentOut:
    """One promise."""
    return CommitmentOut.of(await queries.read(context, id, viewer=viewer(caller)))


@routes.post("/commitments/{id}/kept")
@raises(CommitmentEnded, CommitmentNotFound, CommitmentTime, OwnCommitment)
async def keep_commitment(id: CommitmentId, body: KeptIn, context: Injected[Context], caller: Caller) -> CommitmentOut:
    """What was promised was done. After its time it stays broken and nothing more is owed; that it was done in time is
    said of a broken one by somebody else than who promised it."""
    await handlers.keep(context, id, body.at, caller)
    return await _read(context, id)


@routes.post("/commitments/{id}/withdrawal")
@raises(CommitmentEnded, CommitmentNotFound, ConfirmationSaid)
async def withdraw_commitment(
    id: CommitmentId, body: CommitmentWithdrawalIn, context: Injected[Context], caller: Caller
) -> CommitmentOut:
    """The customer agreed to do without it: said while it is open, by who promised it, who stands above them, or
    customer service."""
    await handlers.withdraw(context, id, body.reason, caller)
    return await _read(context, id)


@routes.post("/commitments/{id}/correction")
@raises(
    CommitmentEnded,
    CommitmentNotFound,
    CommitmentTime,
    ConfirmationSaid,
    FaultOpened,
    OwnCommitment,
    PromiseBeforeCase,
    UnknownCommitmentCode,
    UnknownStaff,
)
async def correct_commitment(
    id: CommitmentId, body: CommitmentCorrectionIn, context: Injected[Context], caller: Caller
) -> CommitmentOut:
    """Puts right what was entered wrongly, in the audit, by somebody else than who promised it; whether it is kept or
    broken follows from what is right. Once an internal case settles what it cost, whom that is against says who
    promised it."""
    due_at = domain.due_at(body.due, context.zone) if body.due is not None else None
    correction = CommitmentCorrection(
        code=body.code,
        due_at=due_at,
        outside_rules=body.outside_rules,
        cost=body.cost,
        staff_id=body.made_by,
        kept=body.kept is None,
    )
    await handlers.correct(context, id, correction, body.reason, by=caller.id)
    return await _read(context, id)


@routes.get("/commitment-codes")
async def list_commitment_codes(context: Injected[Context]) -> Page[CommitmentCodeOut]:
    """What can be promised; there are few such codes, so this is one page."""
    return Page(items=[_code_out(code) for code in await queries.list_codes(context)])


@routes.put("/commitment-codes/{code}")
async def keep_commitment_code(
    code: Annotated[Code, Path(description="the code, such as `gift`")],
    body: CommitmentCodeIn,
    context: Injected[Context],
    response: Response,
    expected_version: IfMatch,
) -> CommitmentCodeOut:
    """Adds something that can be promised, or (with If-Match) renames it or takes it out of use; promises keep it."""
    kept = CommitmentCode(code=code, name_en=body.name_en, name_zh=body.name_zh, active=body.active)
    await handlers.keep_code(context, kept, expected_version=expected_version)
    set_etag(response, kept.version)
    return _code_out(kept)


def _code_out(code: CommitmentCode) -> CommitmentCodeOut:
    return CommitmentCodeOut(**asdict(code), version=code.version)
