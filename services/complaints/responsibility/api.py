"""Routes of penalties and of what they cost."""

from datetime import datetime
from functools import partial
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.responsibility import handlers, queries
from services.complaints.responsibility.domain.penalties import PenaltyState
from services.complaints.responsibility.domain.policies import NewPenaltyPolicy, PenaltyOutOfBounds, PenaltyPolicy
from services.complaints.responsibility.queries import ListedPenalty
from shared.contracts.responsibility import PenaltyReason, PenaltyRule
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Moment
from shared.http.paging import BY_ID, Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money, SomeMoney
from shared.months import MONTH_PATTERN, Month

routes = router("/complaints/v1", "responsibility")

SEE_EVERY_PENALTY: Final = ("cs_manager", "general_manager", "admin_dept")
"""Who confirms, supervises and follows; all others see what is proposed against themselves and their people."""
LATEST_FIRST: Order[PenaltyPolicy, int] = Order(lambda policy: (policy.version,), int)


class BasisOut(BaseModel):
    """What a penalty rests on."""

    type: Literal["case"] = Field(description="what it rests on: a case")
    id: UUID = Field(description="the id of the case")
    number: str = Field(description="the number of the case")
    round: int = Field(description="the round of the case")


class PenaltyShareOut(BaseModel):
    """What one person pays of a penalty."""

    staff_id: UUID = Field(description="who pays")
    amount: Money = Field(description="their part, CNY")


class PenaltyOut(BaseModel):
    """A penalty."""

    id: UUID = Field(description="the id of the penalty (UUIDv7)")
    rule: PenaltyRule = Field(description="which rule was broken")
    state: PenaltyState = Field(description="how it stands")
    amount: Money = Field(description="CNY: what the bound of the case leaves of what the rule costs")
    rule_amount: Money = Field(description="CNY: what the rule costs")
    person_id: UUID | None = Field(description="whom it is against; null while nobody answers for the case")
    department_id: UUID | None = Field(
        description="the department of that person at that time; null when there is none"
    )
    shares: list[PenaltyShareOut] = Field(
        description="who pays how much of it; empty while nobody answers for the case"
    )
    basis: BasisOut = Field(description="what it rests on")
    month: Month = Field(description="the month in which the rule was broken, YYYY-MM")
    at: datetime = Field(description="when the rule was broken")
    proposed_at: datetime
    ended_at: datetime | None = Field(description="when it was withdrawn; null while it stands")
    reason: PenaltyReason | None = Field(description="why it was withdrawn; null while it stands")
    policy_version: int = Field(description="the version of the penalty policy by which it was made")

    @classmethod
    def of(cls, penalty: ListedPenalty) -> "PenaltyOut":
        fields = penalty._asdict()
        basis = BasisOut(type="case", id=fields.pop("complaint_id"), number=fields.pop("number"), round=fields["round"])
        person_id, amount = penalty.person_id, penalty.amount
        shares = [PenaltyShareOut(staff_id=person_id, amount=amount)] if person_id is not None else []
        return cls(**{**fields, "month": Month.at(penalty.month)}, basis=basis, shares=shares)


class PenaltyPolicyIn(BaseModel):
    """What rules cost from now on; a rule that is not named costs what it did."""

    model_config = ConfigDict(extra="forbid")

    amounts: dict[PenaltyRule, SomeMoney] = Field(
        min_length=1, examples=[{"repeat": "300.00"}], description="rule → what it costs, CNY, 50.00 to 500.00"
    )
    starts_at: Annotated[
        Moment | None, Field(description="from when on it holds for what happens; now unless said")
    ] = None


class PenaltyPolicyOut(BaseModel):
    """A version of what rules cost."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    amounts: dict[PenaltyRule, Money] = Field(description="rule → what it costs, CNY")
    starts_at: datetime = Field(description="from when on it holds for what happens")


@routes.get("/penalties")
async def list_penalties(
    context: Injected[Context],
    caller: Caller,
    paging: Paging,
    month: Annotated[
        str | None, Query(pattern=MONTH_PATTERN, examples=["2026-11"], description="only of rules broken in this month")
    ] = None,
    person_id: Annotated[UUID | None, Query(description="only those against this person")] = None,
    department_id: Annotated[UUID | None, Query(description="only those of this department")] = None,
    state: Annotated[PenaltyState | None, Query(description="only those that stand so")] = None,
    rule: Annotated[PenaltyRule | None, Query(description="only those by this rule")] = None,
) -> Page[PenaltyOut]:
    """Penalties, the latest first. Who is no manager of customer service or administration sees those against
    themselves and their people."""
    filters = {
        "month": Month.parse(month) if month else None,
        "person_id": person_id,
        "department_id": department_id,
        "state": state,
        "rule": rule,
    }
    viewer = None if caller.has(*SEE_EVERY_PENALTY) else caller.id
    read = partial(queries.list_penalties, context, filters, viewer=viewer)
    return await paging.page(BY_ID, filters, read, PenaltyOut.of)


@routes.post("/penalty-policies", status_code=201)
@raises(PenaltyOutOfBounds)
async def write_penalty_policy(
    body: PenaltyPolicyIn, context: Injected[Context], caller: Caller, response: Response
) -> PenaltyPolicyOut:
    """A new version: it holds for what happens after its start; what was proposed before keeps its amount."""
    policy = await handlers.write_policy(context, NewPenaltyPolicy(body.amounts, body.starts_at), by=caller.id)
    response.headers["Location"] = f"/complaints/v1/penalty-policies?version={policy.version}"
    return PenaltyPolicyOut.model_validate(policy)


@routes.get("/penalty-policies")
async def list_penalty_policies(context: Injected[Context], paging: Paging) -> Page[PenaltyPolicyOut]:
    """Every version, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(queries.list_policies, context), PenaltyPolicyOut.model_validate)
