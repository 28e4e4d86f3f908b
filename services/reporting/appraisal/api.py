"""GET /reporting/v1/appraisal, and the versions of its policy."""

from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.reporting.appraisal import handlers, queries
from services.reporting.appraisal.domain import (
    AppraisalPolicy,
    AppraisalPolicyRefused,
    Appraised,
    By,
    NewAppraisalPolicy,
    Part,
)
from services.reporting.context import Context
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT, MonthAsked
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router
from shared.money import Money, SomeMoney, Sum
from shared.months import Month

routes = router("/reporting/v1", "appraisal")

SEE_EVERY_APPRAISAL: Final = ("cs_manager", "general_manager", "admin_dept")
"""All others see their own, those of their people, and of a department that they manage."""
LATEST_FIRST: Order[AppraisalPolicy, int] = Order(lambda policy: (policy.version,), int)
Weight = Annotated[int, Field(ge=0, le=100), NO_TEXT]


class AppraisalPolicyIn(BaseModel):
    """What holds from a month on; what is not named stays as it was."""

    model_config = ConfigDict(extra="forbid")

    answers: Annotated[Weight | None, Field(description="what answers in time weigh, 0 to 100")] = None
    service: Annotated[Weight | None, Field(description="what obligations met weigh")] = None
    satisfaction: Annotated[Weight | None, Field(description="what satisfaction weighs")] = None
    money: Annotated[Weight | None, Field(description="what was booked weighs")] = None
    money_zero: Annotated[
        SomeMoney | None, Field(description="how much booked on somebody in a month leaves nothing of that part, CNY")
    ] = None
    from_month: Annotated[
        Month | None, Field(description="the first month that it judges, YYYY-MM; the running one unless said")
    ] = None

    @model_validator(mode="after")
    def _says_something(self) -> "AppraisalPolicyIn":
        if {self.answers, self.service, self.satisfaction, self.money, self.money_zero} == {None}:
            raise ValueError("say at least one weight, or how much money leaves nothing")
        return self


class AppraisalPolicyOut(BaseModel):
    """A version of what each part weighs."""

    id: UUID
    version: int = Field(description="counts the versions, from 1")
    answers: int = Field(description="what answers in time weigh")
    service: int = Field(description="what obligations met weigh")
    satisfaction: int = Field(description="what satisfaction weighs")
    money: int = Field(description="what was booked weighs")
    money_zero: Money = Field(description="how much booked on somebody in a month leaves nothing of that part, CNY")
    from_month: Month | None = Field(description="the first month that it judges, YYYY-MM; null for all before")

    @classmethod
    def of(cls, policy: AppraisalPolicy) -> "AppraisalPolicyOut":
        own = {name: getattr(policy, name) for name in cls.model_fields.keys() - {"from_month"}}
        return cls(**own, from_month=Month.at(policy.from_month) if policy.from_month else None)


class AppraisalFiguresOut(BaseModel):
    """What is known of them in the month: from these figures each part follows."""

    model_config = ConfigDict(from_attributes=True)

    answered_in_time: int = Field(description="rounds that began in the month and were answered in time")
    answered_late: int = Field(description="rounds that were answered late")
    unanswered_overdue: int = Field(description="rounds that are late and not answered yet")
    met: int = Field(description="obligations met, of those whose window ends in the month")
    missed: int = Field(description="obligations missed")
    excused: int = Field(description="of the missed, those that leave or a closed store excuses")
    ratings: int = Field(description="rounds of which a complainant said how satisfied they are")
    satisfaction: float = Field(description="the sum of perceived ÷ expected of these, each 1 at most")
    bookings: int = Field(description="bookings on them in the month")
    booked: Sum = Field(description="what these come to, CNY: penalties and costs of fault, less rewards")


class AppraisedOut(BaseModel):
    """The score of a person, a manager's people or a department."""

    id: UUID = Field(description="the person, or the department")
    name: str
    people: int = Field(description="how many people's figures these are")
    score: float | None = Field(description="0 to 100: the mean of the parts by their weights; null without data")
    parts: dict[Part, float | None] = Field(description="part → 0 to 100; null without data: it is left out")
    figures: AppraisalFiguresOut

    @classmethod
    def of(cls, appraised: Appraised) -> "AppraisedOut":
        return cls(
            id=appraised.id,
            name=appraised.name,
            people=appraised.people,
            score=None if appraised.score is None else float(appraised.score),
            parts={part: None if value is None else float(value) for part, value in appraised.parts.items()},
            figures=AppraisalFiguresOut.model_validate(appraised.figures),
        )


class AppraisalOut(BaseModel):
    """A month's scores."""

    month: Month = Field(description="the month, YYYY-MM")
    closed: bool = Field(description="whether the month's ledger is closed: until then money may still move")
    policy: AppraisalPolicyOut = Field(description="the policy by which they are judged")
    items: list[AppraisedOut] = Field(description="everybody whom the caller sees, in the order of their ids")


@routes.get("/appraisal")
async def report_appraisal(
    month: MonthAsked,
    context: Injected[Context],
    caller: Caller,
    by: Annotated[By, Query(description="who is appraised; managers by the people whom they supervise")] = "person",
) -> AppraisalOut:
    """Scores of a month with every figure that they are made of. Who is no manager of customer service or
    administration sees their own, those of their people, and of a department that they manage."""
    viewer = None if caller.has(*SEE_EVERY_APPRAISAL) else caller.id
    found = await queries.month_of(context, month, by, viewer=viewer)
    items = [AppraisedOut.of(each) for each in found.rows]
    return AppraisalOut(month=month, closed=found.closed, policy=AppraisalPolicyOut.of(found.policy), items=items)


@routes.post("/appraisal-policies", status_code=201)
@raises(AppraisalPolicyRefused)
async def write_appraisal_policy(
    body: AppraisalPolicyIn, context: Injected[Context], caller: Caller
) -> AppraisalPolicyOut:
    """A new version, for the running month or a later one: what is over stays judged as it was."""
    return AppraisalPolicyOut.of(await handlers.write_policy(context, NewAppraisalPolicy(**dict(body)), by=caller.id))


@routes.get("/appraisal-policies")
async def list_appraisal_policies(context: Injected[Context], paging: Paging) -> Page[AppraisalPolicyOut]:
    """Every version, the latest first."""
    return await paging.page(LATEST_FIRST, {}, partial(queries.list_policies, context), AppraisalPolicyOut.of)
