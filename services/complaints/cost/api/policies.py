"""Routes of the versions of what complaints cost."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from services.complaints.context import Context
from services.complaints.cost import handlers
from services.complaints.cost.domain.model import FIT_FROM, CostPolicyStarted, CurveRefused, NewCostModel, Step
from services.complaints.policies.domain import PolicyVersion
from services.complaints.policies.queries import list_versions
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import IN_DIGITS, NO_TEXT, Moment
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money, SomeMoney

routes = router("/complaints/v1", "cost")

LATEST_FIRST: Order[PolicyVersion, int] = Order(lambda policy: (policy.version,), int)
_AS_TEXT = PlainSerializer(str, return_type=str, when_used="json")

Share = Annotated[Decimal, Field(ge=0, le=1, max_digits=5, decimal_places=4, examples=["0.54"]), IN_DIGITS, _AS_TEXT]
Many = Annotated[Decimal, Field(ge=0, le=1000, max_digits=6, decimal_places=2, examples=["8"]), IN_DIGITS, _AS_TEXT]
OneIn = Annotated[Decimal, Field(ge=1, le=1000, max_digits=6, decimal_places=2, examples=["6"]), IN_DIGITS, _AS_TEXT]
Rate = Annotated[Decimal, Field(gt=0, le=1000, max_digits=8, decimal_places=4, examples=["7.10"]), IN_DIGITS, _AS_TEXT]
Hours = Annotated[int, Field(ge=1, le=100_000), NO_TEXT]


class CurveStepIn(BaseModel):
    """How many customers come back after a case that took so long."""

    model_config = ConfigDict(extra="forbid")

    within_hours: Hours | None = Field(
        description="of cases that took up to so many hours and longer than the step before; null: however long"
    )
    returns: Share = Field(description="the share of customers that comes back, 0 to 1")


class CurveStepOut(BaseModel):
    """How many customers come back after a case that took so long."""

    within_hours: int | None = Field(
        description="of cases that took up to so many hours and longer than the step before; null: however long"
    )
    returns: Decimal = Field(description="the share of customers that comes back, 0 to 1")


class CostPolicyIn(BaseModel):
    """What complaints cost from now on; what is left out stays as it was."""

    model_config = ConfigDict(extra="forbid")

    one_in: OneIn | None = Field(default=None, description="of so many dissatisfied customers one speaks up")
    tells: Many | None = Field(default=None, description="so many people hear of it from each who is dissatisfied")
    delighted_tells: Many | None = Field(default=None, description="so many hear of it from each who is delighted")
    deal_again: Share | None = Field(default=None, description="the share of the solved that deals again, 0 to 1")
    become_loyal: Share | None = Field(
        default=None, description="the share of the well handled that becomes loyal, 0 to 1"
    )
    not_return: Share | None = Field(
        default=None, description="the share of the dissatisfied who say nothing that does not return, 0 to 1"
    )
    usd: SomeMoney | None = Field(default=None, description="what a complaint costs, US dollars")
    rate: Rate | None = Field(default=None, description="CNY for a US dollar")
    margin: Share | None = Field(default=None, description="what is left of a purchase, 0 to 1")
    curve: Annotated[list[CurveStepIn], Field(min_length=1, max_length=24)] | None = Field(
        default=None,
        description="how the share that comes back falls with the hours that a case took, the quickest first",
    )
    fit_from: Annotated[int, Field(ge=20, le=1_000_000), NO_TEXT] | None = Field(
        default=None, description="from so many cases on the curve is learnt from them"
    )
    starts_at: Moment | None = Field(
        default=None, description="from when on it holds for what is recorded; now unless said, never earlier"
    )

    def new(self) -> NewCostModel:
        """The same, in the domain's words."""
        said: dict[str, Any] = dict(self)
        if self.curve is not None:
            said["curve"] = [Step(each.within_hours, each.returns) for each in self.curve]
        return NewCostModel(**said)


class CostPolicyOut(BaseModel):
    """A version of what complaints cost."""

    id: UUID = Field(description="the id of the version (UUIDv7)")
    version: int
    one_in: Decimal = Field(description="of so many dissatisfied customers one speaks up")
    tells: Decimal = Field(description="so many people hear of it from each who is dissatisfied")
    delighted_tells: Decimal = Field(description="so many hear of it from each who is delighted")
    deal_again: Decimal = Field(description="the share of the solved that deals again, 0 to 1")
    become_loyal: Decimal = Field(description="the share of the well handled that becomes loyal, 0 to 1")
    not_return: Decimal = Field(
        description="the share of the dissatisfied who say nothing that does not return, 0 to 1"
    )
    usd: Money = Field(description="what a complaint costs, US dollars")
    rate: Decimal = Field(description="CNY for a US dollar")
    margin: Decimal = Field(description="what is left of a purchase, 0 to 1")
    curve: list[CurveStepOut] = Field(
        description="how the share that comes back falls with the hours that a case took, the quickest first"
    )
    fit_from: int = Field(description="from so many cases on the curve is learnt from them")
    starts_at: datetime = Field(description="from when on it holds for what is recorded")


@routes.post("/cost-policies", status_code=201)
@raises(CostPolicyStarted, CurveRefused)
async def write_cost_policy(
    body: CostPolicyIn, context: Injected[Context], caller: Caller, response: Response
) -> CostPolicyOut:
    """A new version: it holds for cases recorded after its start; what was recorded before keeps its own."""
    policy = await handlers.write(context, body.new(), by=caller.id)
    response.headers["Location"] = "/complaints/v1/cost-policies"
    return _out(policy)


@routes.get("/cost-policies")
async def list_cost_policies(context: Injected[Context], paging: Paging) -> Page[CostPolicyOut]:
    """Every version, the latest first; the last one is what came with this service."""
    return await paging.page(LATEST_FIRST, {}, partial(list_versions, context, "cost"), _out)


def _out(policy: PolicyVersion) -> CostPolicyOut:
    kept: dict[str, Any] = {"id": policy.id, "version": policy.version, "starts_at": policy.starts_at}
    return CostPolicyOut.model_validate({**kept, "fit_from": FIT_FROM, **policy.definition})
