"""Routes that read penalties."""

from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal, TypeAlias
from uuid import UUID

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.responsibility import queries
from services.complaints.responsibility.domain.deciding import EntryKind, PenaltyNotFound
from services.complaints.responsibility.domain.penalties import PenaltyState
from services.complaints.responsibility.queries import ListedPenalty, ReadPenalty
from shared.auth.visibility import viewer_of_money
from shared.contracts.responsibility import PenaltyReason, PenaltyRule
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money
from shared.months import MONTH_PATTERN, Month

routes = router("/complaints/v1", "responsibility")

PenaltyId = Annotated[UUID, Path(description="the penalty's id")]


PenaltyBasis: TypeAlias = Literal["case", "task", "scheme"]


class BasisOut(BaseModel):
    """What a penalty rests on: a case, a missed task of care, or the scheme of a department."""

    type: PenaltyBasis = Field(description="what it rests on")
    id: UUID = Field(description="the id of the case or task, or of the department whose scheme it is")
    number: str | None = Field(description="the number of the case; null for all else")
    round: int = Field(description="the round of the case; 1 for all else")


class PenaltyShareOut(BaseModel):
    """What one person pays of a penalty."""

    staff_id: UUID = Field(description="who pays")
    name: str | None = Field(description="their work name; null for who is not listed")
    parts: int = Field(description="by how many parts")
    amount: Money = Field(description="their part, CNY")
    department_id: UUID | None = Field(description="their department, of a decided penalty at that time")
    supervisor_id: UUID | None = Field(description="who supervises them, of a decided penalty at that time")


class PenaltyOut(BaseModel):
    """A penalty."""

    id: UUID = Field(description="the id of the penalty (UUIDv7)")
    rule: PenaltyRule = Field(description="which rule was broken")
    state: PenaltyState = Field(description="how it stands")
    amount: Money = Field(
        description="CNY: what was decided; before that, what the bound of the case leaves of the rule's"
    )
    rule_amount: Money = Field(description="CNY: what the rule costs")
    person_id: UUID | None = Field(description="whom it is against; null while nobody answers for the case")
    person_name: str | None = Field(description="that person's work name; null for nobody, and who is not listed")
    department_id: UUID | None = Field(
        description="the department of that person at that time; null when there is none"
    )
    department_name: str | None = Field(description="what that department is called")
    shares: list[PenaltyShareOut] = Field(
        description="who pays how much of it, whom it is against first; empty while nobody answers for the case"
    )
    basis: BasisOut = Field(description="what it rests on")
    month: Month = Field(description="the month in which the rule was broken, YYYY-MM")
    at: datetime = Field(description="when the rule was broken")
    proposed_at: datetime
    decided_by: UUID | None = Field(description="who decided or waived it last; null before")
    decided_at: datetime | None = Field(description="when that was; null before")
    on_appeal: bool = Field(description="whether it was decided on appeal: that is final")
    appeal_until: datetime | None = Field(
        description="until when who pays may appeal; at this moment it is booked. Null when there is nothing to appeal"
    )
    appealed_by: UUID | None = Field(description="who appealed; null while nobody did")
    appealed_at: datetime | None = Field(description="when it was appealed; null while nobody did")
    booked_at: datetime | None = Field(description="when it was booked; null before")
    ended_at: datetime | None = Field(description="when it was waived, withdrawn or reversed; null while it stands")
    reason: PenaltyReason | None = Field(description="why it was withdrawn or reversed; null for all others")
    violation: str | None = Field(
        description="what the department's scheme calls it; null for a penalty of the company"
    )
    scheme_version: int | None = Field(
        description="the version of the department's scheme by which it was made; null for a penalty of the company"
    )
    policy_version: int = Field(description="the version of the penalty policy by which it was made")

    @classmethod
    def of(cls, listed: ListedPenalty) -> "PenaltyOut":
        return cls(**_fields(listed))


class PenaltyEntryOut(BaseModel):
    """What happened to a penalty."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="the id of the entry (UUIDv7)")
    what: EntryKind = Field(description="what happened")
    at: datetime = Field(description="when it happened")
    by: UUID | None = Field(description="who did it; null for what happened by itself or by a rule")
    amount: Money | None = Field(description="CNY: what was decided or booked; null for all else")
    reason: str | None = Field(description="why, in words; null where nobody gave a reason")
    cause: PenaltyReason | None = Field(
        description="why it was taken back, as a code; null for all else, and for what an earlier release took back"
    )


class DeciderOut(BaseModel):
    """Somebody who may decide, by work name."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID = Field(description="their staff id")
    name: str
    role: str = Field(description="the role by which they decide")


class PenaltyDetailsOut(PenaltyOut):
    """A penalty with what happened to it."""

    history: list[PenaltyEntryOut] = Field(description="what happened to it since it was proposed, in order")
    deciders: list[DeciderOut] = Field(
        description="who may decide it now, or its appeal; empty where nothing is to be decided, and where a system "
        "administrator enters it because nobody else is left"
    )


def _fields(listed: ListedPenalty) -> dict[str, Any]:
    penalty = listed.penalty
    called = listed.names
    shares = [PenaltyShareOut(**{**asdict(each), "name": called.get(each.staff_id)}) for each in listed.shares]
    names = PenaltyOut.model_fields.keys() - {"basis", "shares", "month", "person_name", "department_name"}
    own = {name: getattr(penalty, name) for name in names}
    of_whom = {
        "person_name": called.get(penalty.person_id),
        "department_name": called.get(penalty.department_id),
        "shares": shares,
    }
    return {**own, **of_whom, "basis": _basis(listed), "month": Month.at(penalty.month)}


def _basis(listed: ListedPenalty) -> BasisOut:
    penalty = listed.penalty
    if penalty.complaint_id is not None:
        return BasisOut(type="case", id=penalty.complaint_id, number=listed.number, round=penalty.round)
    if penalty.fund_id is not None:
        return BasisOut(type="scheme", id=penalty.fund_id, number=None, round=penalty.round)
    return BasisOut(type="task", id=penalty.task_id or penalty.id, number=None, round=penalty.round)


def details_of(read: ReadPenalty) -> PenaltyDetailsOut:
    entries = [PenaltyEntryOut.model_validate(each) for each in read.history]
    deciders = [DeciderOut.model_validate(each) for each in read.deciders]
    return PenaltyDetailsOut.model_validate({**_fields(read.listed), "history": entries, "deciders": deciders})


@routes.get("/penalties")
async def list_penalties(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    month: Annotated[
        str | None, Query(pattern=MONTH_PATTERN, examples=["2026-11"], description="only of rules broken in this month")
    ] = None,
    person_id: Annotated[UUID | None, Query(description="only those that this person pays, or a part of")] = None,
    department_id: Annotated[UUID | None, Query(description="only those that people of this department pay")] = None,
    state: Annotated[PenaltyState | None, Query(description="only those that stand so")] = None,
    rule: Annotated[PenaltyRule | None, Query(description="only those by this rule")] = None,
    complaint_id: Annotated[UUID | None, Query(description="only those of this case")] = None,
    task_id: Annotated[UUID | None, Query(description="only those of this missed task")] = None,
    without_payer: Annotated[
        bool | None, Query(description="true: only those that nobody pays yet; false: only the others")
    ] = None,
) -> Page[PenaltyOut]:
    """Penalties, the latest first. Who is no manager of customer service or administration sees those that they and
    their people pay."""
    filters = {
        "month": Month.parse(month) if month else None,
        "person_id": person_id,
        "department_id": department_id,
        "state": state,
        "rule": rule,
        "complaint_id": complaint_id,
        "task_id": task_id,
        "without_payer": without_payer,
    }
    read = partial(queries.list_penalties, context, filters, viewer=viewer_of_money(caller))
    return await paging.page(BY_ID, filters, read, PenaltyOut.of)


@routes.get("/penalties/{penalty_id}")
@raises(PenaltyNotFound)
async def read_penalty(penalty_id: PenaltyId, context: Injected[Context], caller: Caller) -> PenaltyDetailsOut:
    """A penalty with what happened to it, and the reasons that people gave."""
    return details_of(await queries.read_penalty(context, penalty_id, viewer=viewer_of_money(caller)))
