"""Routes of the clocks: pause, resume, policies."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

import orjson
from fastapi import Response as HeadersOf
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.complaints.cases.api.reading import CaseState, state_view
from services.complaints.cases.domain import Case, Said
from services.complaints.context import InContext
from services.complaints.intake.api import JSON, CaseId
from services.complaints.response_clocks import handlers
from services.complaints.response_clocks.domain import ClockPolicy, Tier
from shared.auth.principal import Principal
from shared.http.compiled import compiled
from shared.http.fields import Code, Duration, Line, Moment, Prose
from shared.http.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from shared.http.preconditions import etag
from shared.http.routing import Caller, router

clocks = router("/complaints/v1", "clocks")

LATEST: Final = 2**31 - 1


class Movement(BaseModel):
    """What was said, and when; only cases taken over have a time in the past."""

    model_config = ConfigDict(extra="forbid")

    text: Prose | None = None
    at: Annotated[Moment | None, Field(description="only for cases taken over, and only forward")] = None


class PauseRequest(Movement):
    """Why the clock stands, and for how long at most."""

    at_most: Annotated[
        Duration | None, Field(description="up to P366D, P7D unless said; then the clock runs again by itself")
    ] = None


class NewClockPolicy(BaseModel):
    """How long an answer may take; None as tier or subject means any."""

    model_config = ConfigDict(extra="forbid")

    answer_within: Annotated[Duration, Field(examples=["PT4H"], description="in time of the calendar")]
    tier: Tier | None = None
    subject: Code | None = None
    calendar: Annotated[
        Line | None, Field(examples=["working_hours"], description="always (day and night) unless said")
    ] = None
    starts_at: Moment | None = None


class ClockPolicyView(BaseModel):
    id: UUID
    version: int
    answer_within: Duration
    tier: Tier | None
    subject: str | None
    calendar: str
    starts_at: datetime


@clocks.post("/complaints/{id}/pause", response_model=CaseState)
@compiled
async def pause_clock(id: CaseId, body: PauseRequest, context: InContext, caller: Caller) -> Response:
    """Lets the clock stand while the customer is asked something; only while it runs and before the breach."""
    case = await handlers.pause(context, id, Said(body.text, body.at, caller.id), body.at_most)
    return answer_with(case, context)


@clocks.post("/complaints/{id}/resume", response_model=CaseState)
@compiled
async def resume_clock(id: CaseId, context: InContext, caller: Caller, body: Movement | None = None) -> Response:
    """Ends a pause; the due moment moves by its length."""
    return answer_with(await handlers.resume(context, id, said(body, caller)), context)


@clocks.post("/clock-policies", status_code=201)
async def write_clock_policy(
    body: NewClockPolicy, context: InContext, caller: Caller, response: HeadersOf
) -> ClockPolicyView:
    """A new version: it holds for what is recorded after its start and rewrites no clock that runs or has ended."""
    policy = await handlers.write_policy(context, handlers.NewPolicy(**dict(body)), by=caller.id)
    response.headers["Location"] = f"/complaints/v1/clock-policies?version={policy.version}"
    return _view(policy)


@clocks.get("/clock-policies")
async def list_clock_policies(
    context: InContext, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Page[ClockPolicyView]:
    """Every version, the latest first."""
    after = context.cursors.read(cursor, {"list": "clock-policies"})
    rows = await handlers.list_policies(context, int(after[0]) if after else LATEST, limit + 1)
    items, following = context.cursors.page(rows, limit, {"list": "clock-policies"}, lambda policy: [policy.version])
    return Page(items=[_view(policy) for policy in items], next=following)


def said(body: Movement | None, caller: Principal) -> Said:
    """What a movement's body says, by whom."""
    return Said(body.text if body else None, body.at if body else None, caller.id)


def _view(policy: ClockPolicy) -> ClockPolicyView:
    return ClockPolicyView(
        id=policy.id,
        version=policy.version,
        answer_within=policy.answer_within,
        tier=policy.tier,
        subject=policy.subject,
        calendar=policy.calendar,
        starts_at=policy.starts_at,
    )


def answer_with(case: Case, context: InContext) -> Response:
    """Where a case stands after a movement."""
    answer = orjson.dumps(state_view(case, context.clock.now()), default=str)
    return Response(answer, 200, {"ETag": etag(case.version)}, JSON)
