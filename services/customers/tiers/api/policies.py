"""Routes of tier policies."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.tiers import queries
from services.customers.tiers.api.standing import ServiceFiguresOut
from services.customers.tiers.domain.policies import (
    Policy,
    PolicyRefused,
    StartsInClosedMonth,
    Terms,
    TierPolicyNotFound,
)
from services.customers.tiers.domain.standing import Mover
from services.customers.tiers.handlers import policies
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.http.bodies import ANSWERED
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import IN_DIGITS, NO_TEXT, Day, YesOrNo
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import SomeMoney, Sum
from shared.months import Month

routes = router("/customers/v1", "tiers")

BY_VERSION: Order[Policy, int] = Order(lambda policy: (policy.version,), int)
BY_CUSTOMER: Order[Mover, UUID] = Order(lambda earned: (earned.customer_id,), UUID)

Factor = Annotated[Decimal, Field(gt=0, le=100, max_digits=7, decimal_places=4, examples=["0.5"]), IN_DIGITS]


class ThresholdsIn(BaseModel):
    """From which average month total on a customer has the tier; CNY in mid-grade terms. Below C it is D."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    A: SomeMoney = Field(examples=["10000.00"])
    B: SomeMoney = Field(examples=["3000.00"])
    C: SomeMoney = Field(examples=["1000.00"])


class GradeFactorsIn(BaseModel):
    """How much of a purchase counts, by the grade of its brand."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    mid: Factor = Decimal(1)
    high: Factor = Decimal("0.5")


class PolicyIn(BaseModel):
    """A new version of the tier policy, which starts on `starts_on` (default: today).

    A month is judged by the policy with the latest start on or before its first day, among equals by the latest
    version. In the running month purchases lift by the policy that has started.
    """

    model_config = ConfigDict(extra="forbid")
    thresholds: ThresholdsIn
    grade_factors: GradeFactorsIn = GradeFactorsIn()
    window_months: Annotated[int, Field(ge=1, le=12), NO_TEXT] = 1
    starts_on: Day | None = None
    up_at_once: YesOrNo = True

    def on(self, today: date) -> Terms:
        return Terms(
            self.thresholds.A,
            self.thresholds.B,
            self.thresholds.C,
            self.grade_factors.mid,
            self.grade_factors.high,
            self.window_months,
            self.up_at_once,
            self.starts_on or today,
        )


class ThresholdsOut(ThresholdsIn):
    """The thresholds of a policy."""


class GradeFactorsOut(GradeFactorsIn):
    """The grade factors of a policy."""

    model_config = ANSWERED


class PolicyOut(BaseModel):
    """A version of the tier policy. `judges_from` is the first month that it judges when the month closes.

    That is null when another policy has started by then.
    """

    id: UUID
    version: int
    thresholds: ThresholdsOut
    grade_factors: GradeFactorsOut
    window_months: int
    up_at_once: bool
    starts_on: date
    announced_on: date
    judges_from: Month | None

    @classmethod
    def of(cls, policy: Policy) -> "PolicyOut":
        return cls(
            id=policy.id,
            version=policy.version,
            thresholds=ThresholdsOut(A=policy.threshold_a, B=policy.threshold_b, C=policy.threshold_c),
            grade_factors=GradeFactorsOut(mid=policy.factor_mid, high=policy.factor_high),
            window_months=policy.window_months,
            up_at_once=policy.up_at_once,
            starts_on=policy.starts_on,
            announced_on=policy.announced_on,
            judges_from=policy.judges_from,
        )


class MoveOut(BaseModel):
    """A customer that would move; `total` is the average month that judges it, CNY in mid-grade terms."""

    model_config = ConfigDict(from_attributes=True)
    customer_id: UUID
    from_: Tier = Field(validation_alias="standing", serialization_alias="from")
    to: Tier = Field(validation_alias="tier")
    total: Sum
    potential: Sum | None = Field(description="what staff say it could buy a month; null where nobody said")
    service: ServiceFiguresOut = Field(description="how it has been served and pays; it moves no tier")


class PreviewOut(BaseModel):
    """Who would move if the policy held now. `moves` counts all of them ("B>C" -> customers), `items` is a page."""

    policy_id: UUID
    version: int
    customers: int
    moves: dict[str, int]
    items: list[MoveOut]
    next: str | None


@routes.post("/tier-policies", status_code=201)
@raises(PolicyRefused, StartsInClosedMonth)
async def add_tier_policy(body: PolicyIn, context: Injected[Context], caller: Caller, response: Response) -> PolicyOut:
    """A new version of the rule by which tiers are judged. See who would move with its preview.

    A takeover gives it the day of its first month. Closed months keep the policy that judged them.
    """
    policy = await policies.add_policy(context, body.on(context.today()), by=caller.id)
    response.headers["Location"] = f"/customers/v1/tier-policies/{policy.id}"
    return PolicyOut.of(policy)


@routes.get("/tier-policies")
async def list_tier_policies(context: Injected[Context], paging: Paging) -> Page[PolicyOut]:
    """Every version of the tier policy, oldest first."""
    return await paging.page(BY_VERSION, {}, partial(queries.policies, context), PolicyOut.of)


@routes.get("/tier-policies/{policy_id}")
@raises(TierPolicyNotFound)
async def read_tier_policy(policy_id: UUID, context: Injected[Context]) -> PolicyOut:
    """One version of the tier policy."""
    return PolicyOut.of(await queries.policy(context, policy_id))


@routes.get("/tier-policies/{policy_id}/preview")
@raises(TierPolicyNotFound)
async def preview_tier_policy(
    policy_id: UUID, context: Injected[Context], caller: Caller, paging: Paging
) -> PreviewOut:
    """Who would move if this policy held now, judged by the latest closed window and the running month.

    `moves` counts everybody, `items` are the customers whom the caller sees.
    """
    filters = {"policy_id": policy_id}
    policy, moves, found = await queries.preview(
        context, policy_id, paging.after(BY_CUSTOMER, filters), paging.most, viewer=viewer(caller)
    )
    items, following = paging.cut(found, BY_CUSTOMER, filters)
    return PreviewOut(
        policy_id=policy.id,
        version=policy.version,
        customers=sum(moves.values()),
        moves=moves,
        items=[MoveOut.model_validate(earned) for earned in items],
        next=following,
    )
