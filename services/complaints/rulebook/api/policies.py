"""Routes of clock policies."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import Context
from services.complaints.policy import TAKE_OVER
from services.complaints.rulebook import handlers, queries
from services.complaints.rulebook.domain.calendar import CalendarYearMissing, UnknownCalendar
from services.complaints.rulebook.domain.policies import (
    AbsurdDuration,
    ClockPolicy,
    NewClockPolicy,
    PolicyNotFound,
    PolicyWithdrawn,
    StartsInThePast,
)
from services.complaints.rulebook.domain.subjects import UnknownSubject
from shared.contracts.complaints import ClockKind
from shared.contracts.customers import Tier
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Code, Duration, Line, Moment, Reason
from shared.http.paging import Order, Page, Paging
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "response clocks")


class ClockPolicyIn(BaseModel):
    """How long an answer, or what else `kind` names, may take; None as tier or subject means any."""

    model_config = ConfigDict(extra="forbid")

    answer_within: Annotated[
        Duration, Field(examples=["PT4H"], description="how long an answer may take, in time of the calendar")
    ]
    tier: Tier | None = None
    subject: Code | None = None
    calendar: Annotated[
        Line | None,
        Field(examples=["working_hours"], description="by which the clock runs: always (day and night) unless said"),
    ] = None
    starts_at: Moment | None = None
    kind: Annotated[
        ClockKind,
        Field(description="for which of a case's clocks it is said: the answer's unless another one is named"),
    ] = "answer"


class ClockPolicyOut(BaseModel):
    """A version of how long an answer, or what else `kind` names, may take."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    version: int
    answer_within: Duration
    tier: Tier | None
    subject: str | None
    calendar: str
    starts_at: datetime
    kind: ClockKind
    withdrawn_at: datetime | None = Field(
        description="when it was taken back: it holds for nothing recorded since; null unless it was"
    )


class WithdrawalIn(BaseModel):
    """Why a policy is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Reason


LATEST_FIRST: Order[ClockPolicy, int] = Order(lambda policy: (policy.version,), int)


@routes.post("/clock-policies", status_code=201)
@raises(AbsurdDuration, CalendarYearMissing, StartsInThePast, UnknownCalendar, UnknownSubject)
async def write_clock_policy(
    body: ClockPolicyIn, context: Injected[Context], caller: Caller, response: Response
) -> ClockPolicyOut:
    """A new version: it holds for what is recorded after its start and rewrites no clock that runs or has ended.

    Only administration dates one back, for old cases that are still to be taken over.
    """
    new = NewClockPolicy(**dict(body))
    policy = await handlers.write_policy(context, new, by=caller.id, may_date_back=caller.has(*TAKE_OVER))
    response.headers["Location"] = f"/complaints/v1/clock-policies?version={policy.version}"
    return ClockPolicyOut.model_validate(policy)


@routes.post("/clock-policies/{policy_id}/withdrawal")
@raises(PolicyNotFound, PolicyWithdrawn)
async def withdraw_clock_policy(
    policy_id: UUID, body: WithdrawalIn, context: Injected[Context], caller: Caller
) -> ClockPolicyOut:
    """Takes a policy back; what was recorded under it keeps its clock. Who, when and why is kept."""
    return ClockPolicyOut.model_validate(await handlers.withdraw_policy(context, policy_id, body.reason, by=caller.id))


@routes.get("/clock-policies")
async def list_clock_policies(context: Injected[Context], paging: Paging) -> Page[ClockPolicyOut]:
    """Every version, the latest first."""
    read = partial(queries.list_policies, context)
    return await paging.page(LATEST_FIRST, {}, read, ClockPolicyOut.model_validate)
