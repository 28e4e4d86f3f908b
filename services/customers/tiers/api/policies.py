"""Routes of tier policies."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import InContext
from services.customers.texts import Day
from services.customers.tiers import queries
from services.customers.tiers.domain.policies import NewPolicy, Policy
from services.customers.tiers.handlers import policies
from shared.auth.visibility import viewer
from shared.contracts.customers import Tier
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.routing import Caller, router
from shared.money import Money, Sum

routes = router("/customers/v1", "tiers")

Factor = Annotated[Decimal, Field(gt=0, le=100, max_digits=7, decimal_places=4, examples=["0.5"])]
Threshold = Annotated[Money, Field(gt=0)]


class Thresholds(BaseModel):
    """From which average month total on a customer has the tier; CNY in mid-grade terms. Below C it is D."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    A: Threshold = Field(examples=["10000.00"])
    B: Threshold = Field(examples=["3000.00"])
    C: Threshold = Field(examples=["1000.00"])


class GradeFactors(BaseModel):
    """How much of a purchase counts, by the grade of its brand."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    mid: Factor = Decimal(1)
    high: Factor = Decimal("0.5")


class PolicyIn(BaseModel):
    """A new version of the tier policy; it supersedes the earlier ones from `starts_on` (default: today)."""

    model_config = ConfigDict(extra="forbid")
    thresholds: Thresholds
    grade_factors: GradeFactors = GradeFactors()
    window_months: Annotated[int, Field(ge=1, le=12)] = 1
    starts_on: Day | None = None
    up_at_once: bool = True

    def on(self, today: date) -> NewPolicy:
        return NewPolicy(
            self.thresholds.A,
            self.thresholds.B,
            self.thresholds.C,
            self.grade_factors.mid,
            self.grade_factors.high,
            self.window_months,
            self.up_at_once,
            self.starts_on or today,
        )


class PolicyOut(BaseModel):
    id: UUID
    version: int
    thresholds: Thresholds
    grade_factors: GradeFactors
    window_months: int
    up_at_once: bool
    starts_on: date
    announced_on: date

    @classmethod
    def of(cls, policy: Policy) -> "PolicyOut":
        return cls(
            id=policy.id,
            version=policy.version,
            thresholds=Thresholds(A=policy.threshold_a, B=policy.threshold_b, C=policy.threshold_c),
            grade_factors=GradeFactors(mid=policy.factor_mid, high=policy.factor_high),
            window_months=policy.window_months,
            up_at_once=policy.up_at_once,
            starts_on=policy.starts_on,
            announced_on=policy.announced_on,
        )


class MoveOut(BaseModel):
    """A customer that would move; `total` is the average month that judges it, CNY in mid-grade terms."""

    model_config = ConfigDict(populate_by_name=True)
    customer_id: UUID
    from_: Tier = Field(alias="from")
    to: Tier
    total: Sum


class PreviewOut(BaseModel):
    """Who would move if the policy held now. `moves` counts all of them ("B>C" -> customers), `items` is a page."""

    policy_id: UUID
    version: int
    customers: int
    moves: dict[str, int]
    items: list[MoveOut]
    next: str | None


@routes.post("/tier-policies", status_code=201)
async def add_tier_policy(body: PolicyIn, context: InContext, response: Response) -> PolicyOut:
    """A new version of the rule by which tiers are judged. See who would move with its preview."""
    policy = await policies.add_policy(context, body.on(context.today()))
    response.headers["Location"] = f"/customers/v1/tier-policies/{policy.id}"
    return PolicyOut.of(policy)


@routes.get("/tier-policies")
async def list_tier_policies(
    context: InContext, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[PolicyOut]:
    after = context.cursors.read(cursor, {"list": "tier-policies"}) or [0]
    found = await queries.policies_after(context, int(after[0]), limit + 1)
    items, following = context.cursors.page(found, limit, {"list": "tier-policies"}, lambda p: [p.version])
    return Page(items=[PolicyOut.of(policy) for policy in items], next=following)


@routes.get("/tier-policies/{policy_id}")
async def read_tier_policy(policy_id: UUID, context: InContext) -> PolicyOut:
    return PolicyOut.of(await queries.policy(context, policy_id))


@routes.get("/tier-policies/{policy_id}/preview")
async def preview_tier_policy(
    policy_id: UUID, context: InContext, caller: Caller, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> PreviewOut:
    """Who would move if this policy held now, judged by the latest closed window and the running month.

    `moves` counts everybody, `items` are the customers whom the caller sees.
    """
    filters = {"preview": policy_id}
    after = context.cursors.read(cursor, filters)
    place = UUID(after[0]) if after else None
    policy, moves, rows = await queries.preview(context, policy_id, place, limit + 1, viewer=viewer(caller))
    items, following = context.cursors.page(rows, limit, filters, lambda row: [row.customer_id])
    return PreviewOut(
        policy_id=policy.id,
        version=policy.version,
        customers=sum(moves.values()),
        moves=moves,
        items=[MoveOut(customer_id=m.customer_id, from_=m.standing, to=m.tier, total=m.total) for m in items],
        next=following,
    )
