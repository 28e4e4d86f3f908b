"""Routes of clock policies."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.context import InContext
from services.complaints.rulebook import handlers, queries
from services.complaints.rulebook.domain.policies import ClockPolicy, NewClockPolicy
from shared.contracts.customers import Tier
from shared.http.fields import Code, Duration, Line, Moment
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "response clocks")

LATEST: Final = 2**31 - 1


class ClockPolicyIn(BaseModel):
    """How long an answer may take; None as tier or subject means any."""

    model_config = ConfigDict(extra="forbid")

    answer_within: Annotated[Duration, Field(examples=["PT4H"], description="in time of the calendar")]
    tier: Tier | None = None
    subject: Code | None = None
    calendar: Annotated[
        Line | None, Field(examples=["working_hours"], description="always (day and night) unless said")
    ] = None
    starts_at: Moment | None = None


class ClockPolicyOut(BaseModel):
    id: UUID
    version: int
    answer_within: Duration
    tier: Tier | None
    subject: str | None
    calendar: str
    starts_at: datetime


@routes.post("/clock-policies", status_code=201)
async def write_clock_policy(
    body: ClockPolicyIn, context: InContext, caller: Caller, response: Response
) -> ClockPolicyOut:
    """A new version: it holds for what is recorded after its start and rewrites no clock that runs or has ended."""
    policy = await handlers.write_policy(context, NewClockPolicy(**dict(body)), by=caller.id)
    response.headers["Location"] = f"/complaints/v1/clock-policies?version={policy.version}"
    return _out(policy)


@routes.get("/clock-policies")
async def list_clock_policies(
    context: InContext, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[ClockPolicyOut]:
    """Every version, the latest first."""
    after = context.cursors.read(cursor, {"list": "clock-policies"})
    rows = await queries.list_policies(context, int(after[0]) if after else LATEST, limit + 1)
    items, following = context.cursors.page(rows, limit, {"list": "clock-policies"}, lambda policy: [policy.version])
    return Page(items=[_out(policy) for policy in items], next=following)


def _out(policy: ClockPolicy) -> ClockPolicyOut:
    return ClockPolicyOut(
        id=policy.id,
        version=policy.version,
        answer_within=policy.answer_within,
        tier=policy.tier,
        subject=policy.subject,
        calendar=policy.calendar,
        starts_at=policy.starts_at,
    )
