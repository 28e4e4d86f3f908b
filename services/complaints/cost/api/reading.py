"""Routes of what complaints cost."""

from decimal import Decimal
from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.cost import queries
from services.complaints.cost.domain.model import UnknownCostPolicy
from services.complaints.cost.domain.speed import Speed
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import MonthAsked
from shared.http.routing import router
from shared.money import Sum
from shared.months import Month

routes = router("/complaints/v1", "cost")

PolicyAsked = Annotated[
    int | None,
    Query(ge=1, le=2**31 - 1, description="reckoned by this version of the cost policy, whatever held then"),
]


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
    speed: list[SpeedOut] = Field(description="how fast they were solved, the fastest first: all five, always")


@routes.get("/cost")
@raises(UnknownCostPolicy)
async def read_cost(context: Injected[Context], month: MonthAsked, policy_version: PolicyAsked = None) -> MonthCostOut:
    """What the complaints of a month cost: the company's reckoning by the figures of its cost policy, not a booking."""
    return MonthCostOut.model_validate(await queries.of_month(context, month, policy_version))
