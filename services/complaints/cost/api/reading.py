"""Routes of what complaints cost."""

from decimal import Decimal
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.cost import queries
from services.complaints.cost.domain.model import UnknownCostPolicy
from services.complaints.cost.domain.returning import Fit, ReturnsFrom
from services.complaints.cost.domain.speed import Speed
from shared.auth.visibility import viewer
from shared.contracts.settlements import CompensationKind
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import MonthAsked
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money, Sum
from shared.months import Month

routes = router("/complaints/v1", "cost")

PolicyAsked = Annotated[
    int | None,
    Query(
        ge=1,
        le=2**31 - 1,
        description="reckoned by this version of the cost policy and its own curve, whatever held then",
    ),
]


class LearntOut(BaseModel):
    """Where the chance that a customer returns comes from."""

    model_config = ConfigDict(from_attributes=True)

    source: ReturnsFrom = Field(description="the policy's curve, or one that was learnt from cases")
    cases: int = Field(description="cases of which it was known in that month whether their customers came back")
    needed: int = Field(description="so many are needed for a curve of their own")


class FitStepOut(BaseModel):
    """Cases that took so long, and how many of their customers came back."""

    model_config = ConfigDict(from_attributes=True)

    within_hours: int | None = Field(
        description="cases that took up to so many hours and longer than those of the step before; null: however long"
    )
    cases: int = Field(description="how many cases")
    returned: int = Field(description="how many of their customers bought again within the three months after")
    returns: Decimal | None = Field(
        description="the share by the curve that was learnt, 0 to 1, which does not rise; null where there were too few"
    )


class FitOut(BaseModel):
    """What was learnt in a month of who comes back; it holds for cases recorded from then on, until the next one."""

    model_config = ConfigDict(from_attributes=True)

    month: Month
    cases: int = Field(description="how many cases it rests on")
    needed: int = Field(description="so many are needed for a curve of their own")
    enough: bool = Field(description="whether there were so many; else the policy's curve holds")
    seen: list[FitStepOut] = Field(description="the steps of the curve, the quickest first")

    @classmethod
    def of(cls, fit: Fit) -> "FitOut":
        return cls(
            month=Month.at(fit.month),
            cases=fit.cases,
            needed=fit.needed,
            enough=fit.enough,
            seen=[FitStepOut.model_validate(each) for each in fit.seen],
        )


LATEST_FIRST: Order[Fit, int] = Order(lambda fit: (fit.month,), int)


class SettledOut(BaseModel):
    """What was granted in a month of one kind."""

    model_config = ConfigDict(from_attributes=True)

    kind: CompensationKind = Field(description="what kind of thing was given")
    times: int = Field(description="how often")
    cost: Sum = Field(description="CNY: what that costs the company, goods and gestures at their cost")


class SpeedOut(BaseModel):
    """The complaints of a month that were solved so fast."""

    model_config = ConfigDict(from_attributes=True)

    speed: Speed = Field(description="how fast, on the wall's clock from recording to resolution")
    cases: int = Field(description="how many")
    share: Decimal = Field(description="of all complaints of the month, 0 to 1 in four places")
    share_so_far: Decimal | None = Field(
        description="the share that was solved so fast or faster, 0 to 1; null for what is not solved"
    )
    given: Sum = Field(description="CNY: what was given in them beyond the answer")
    value_at_risk: Sum = Field(description="CNY a year: what may be lost with their customers, as it stands")


class MonthCostOut(BaseModel):
    """What the complaints that were recorded in a month cost: customers in whole numbers, rounded half up."""

    model_config = ConfigDict(from_attributes=True)

    month: Month
    policy_versions: list[int] = Field(description="the versions of the cost policy by which it is reckoned")
    complaints: int = Field(
        description="complaints and grumbles recorded in the month and not judged invalid or malicious"
    )
    dissatisfied: int = Field(description="customers who are dissatisfied, those who say nothing among them")
    silent: int = Field(description="those of them who say nothing")
    hear_of_it: int = Field(description="people who hear of it from them")
    lost: int = Field(description="those who said nothing and do not return")
    cost: Sum = Field(description="CNY: complaints × what one costs")
    solved: int = Field(description="complaints that are solved")
    deal_again: int = Field(description="customers of solved complaints who deal again")
    loyal: int = Field(description="customers of solved complaints who become loyal")
    delighted: int = Field(description="complaints whose complainant was delighted at last")
    hear_well: int = Field(description="people who hear good of us from those who were delighted")
    given: Sum = Field(description="CNY: what was given in the complaints beyond the answer")
    value_at_risk: Sum = Field(description="CNY a year: what may be lost with the customers, the sum of the cases'")
    without_customer: int = Field(description="complaints of nobody's customer: nobody knows what is at risk in them")
    settled: list[SettledOut] = Field(
        description="what was granted beyond the answer in this month, by its kind, in cases of whichever month"
    )
    settled_cost: Sum = Field(description="CNY: the sum of that")
    learnt: LearntOut = Field(description="where the chances that customers return come from")
    speed: list[SpeedOut] = Field(description="how fast they were solved, the fastest first: all five, always")


class CaseCostOut(BaseModel):
    """What a case costs. What is at risk = yearly purchases × margin × (1 − the chance that the customer returns)."""

    model_config = ConfigDict(from_attributes=True)

    complaint_id: UUID
    policy_version: int = Field(description="the version of the cost policy by which it is reckoned")
    counts: bool = Field(
        description="whether it counts in its month: a complaint or grumble, not judged invalid or malicious"
    )
    cost: Money = Field(description="CNY: what a complaint costs; 0 where it does not count")
    given: Sum = Field(description="CNY: what was given in it beyond the answer")
    yearly_purchases: Sum | None = Field(
        description="CNY: what the customer bought in the month of recording and the eleven before, less what came "
        "back; null for nobody's customer"
    )
    margin: Decimal = Field(description="what is left of a purchase, 0 to 1")
    returns: Decimal = Field(
        description="the chance that the customer comes back after a case that took so long, 0 to 1"
    )
    learnt: LearntOut = Field(description="where that chance comes from")
    value_at_risk: Sum | None = Field(
        description="CNY a year: what may be lost with the customer; null for nobody's customer, and where it does not "
        "count"
    )
    speed: Speed = Field(description="how fast it was solved")
    minutes: int = Field(description="whole minutes from recording until it was solved, or so far")
    minutes_to_answer: int | None = Field(
        description="whole minutes from recording to the answer of this round; null before"
    )


@routes.get("/cost")
@raises(UnknownCostPolicy)
async def read_cost(context: Injected[Context], month: MonthAsked, policy_version: PolicyAsked = None) -> MonthCostOut:
    """What the complaints of a month cost: the company's reckoning by the figures of its cost policy, not a booking."""
    return MonthCostOut.model_validate(await queries.of_month(context, month, policy_version))


@routes.get("/complaints/{id}/cost")
@raises(ComplaintNotFound, UnknownCostPolicy)
async def read_case_cost(
    id: CaseId, context: Injected[Context], caller: Caller, policy_version: PolicyAsked = None
) -> CaseCostOut:
    """What a case costs, and what may be lost with its customer: reckoned, not booked."""
    return CaseCostOut.model_validate(await queries.of_case(context, id, policy_version, viewer=viewer(caller)))


@routes.get("/cost-fits")
async def list_cost_fits(context: Injected[Context], paging: Paging) -> Page[FitOut]:
    """What was learnt each month of who comes back after how long a case, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(queries.list_fits, context), FitOut.of)
