"""Routes that let a clock stand and run again."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.complaints.cases.api.standing import CaseId, CaseOut, MovementIn, answer_with, said
from services.complaints.cases.domain import ComplaintNotFound, OwnCase, TextMissing, TimeNotAllowed, WrongState
from services.complaints.clocks.domain.rounds import AlreadyAccepted
from services.complaints.context import Context
from services.complaints.response_clocks.domain.advancing import ClockBreached, ClockNotRunning, PauseTooLong
from services.complaints.watch.handlers import accepting, pausing, recalculating
from shared.contracts.complaints import ClockKind
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Duration, Prose, Reason, YesOrNo
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "watch")


class PauseIn(MovementIn):
    """What the complainant is asked while the clock stands, and for how long at most."""

    text: Annotated[
        Prose | None,
        Field(description="what the complainant is asked: they read it on their page, and it is sent to them"),
    ] = None
    at_most: Annotated[
        Duration | None,
        Field(description="how long at most: up to P366D, P7D unless said; then the clock runs by itself"),
    ] = None


class RecalculationIn(BaseModel):
    """Why the clocks are to follow the policies of now."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[Reason, Field(description="why, 1 to 2,000 characters; kept sealed in the case's history")]
    dry_run: Annotated[YesOrNo, Field(description="true: shows what would change, and changes nothing")] = False


class RecalculatedClockOut(BaseModel):
    """A clock that follows another policy, or would."""

    kind: ClockKind
    allowed_before: Duration | None = Field(description="how long it might take before; null: no deadline")
    allowed: Duration | None = Field(description="how long it may take; null: no deadline")
    due_before: datetime | None = Field(description="when it was to be missed; null without deadline or beginning")
    due_at: datetime | None = Field(description="when it will be missed; null without deadline or beginning")
    policy_version_before: int | None = Field(description="the policy's version before; null where none said anything")
    policy_version: int | None = Field(description="the policy's version; null where none says anything")


class RecalculationOut(BaseModel):
    """What was recalculated, or would be."""

    dry_run: bool = Field(description="whether nothing was changed")
    clocks: list[RecalculatedClockOut] = Field(description="the clocks that change; none where all is as it should be")


@routes.post("/complaints/{id}/accept", response_model=CaseOut)
@raises(AlreadyAccepted, ComplaintNotFound, OwnCase, TimeNotAllowed, WrongState)
@compiled
async def accept_complaint(
    id: CaseId, context: Injected[Context], caller: Caller, body: MovementIn | None = None
) -> Response:
    """Somebody of customer service takes the case, of administration an internal one: the clock for accepting stops.
    Who records or works on one has."""
    return answer_with(await accepting.accept(context, id, said(body, caller), caller), context)


@routes.post("/complaints/{id}/clocks/recalculation")
@raises(ClockNotRunning, ComplaintNotFound)
async def recalculate_clocks(
    id: CaseId, body: RecalculationIn, context: Injected[Context], caller: Caller
) -> RecalculationOut:
    """Gives the clocks that run what policies and calendars say now of their beginning; a dry run shows it only.

    Clocks that have ended, or would have ended already, stay as they are; none begins by this. It is audited.
    """
    done = await recalculating.recalculate(context, id, body.reason, caller.id, dry_run=body.dry_run)
    return RecalculationOut(
        dry_run=body.dry_run,
        clocks=[
            RecalculatedClockOut(
                kind=after.kind,
                allowed_before=before.allowed,
                allowed=after.allowed,
                due_before=before.due_at,
                due_at=after.due_at,
                policy_version_before=before.policy_version,
                policy_version=after.policy_version,
            )
            for before, after in done.clocks
        ],
    )


@routes.post("/complaints/{id}/pause", response_model=CaseOut)
@raises(
    ClockBreached, ClockNotRunning, ComplaintNotFound, OwnCase, PauseTooLong, TextMissing, TimeNotAllowed, WrongState
)
@compiled
async def pause_clock(id: CaseId, body: PauseIn, context: Injected[Context], caller: Caller) -> Response:
    """Lets the clock stand while the complainant is asked something; only while it runs and before the breach.

    It runs again as soon as they add words or a file. The question goes to them by their channel, once."""
    return answer_with(await pausing.pause(context, id, said(body, caller), body.at_most), context)


@routes.post("/complaints/{id}/resume", response_model=CaseOut)
@raises(ClockNotRunning, ComplaintNotFound, TimeNotAllowed, WrongState)
@compiled
async def resume_clock(
    id: CaseId, context: Injected[Context], caller: Caller, body: MovementIn | None = None
) -> Response:
    """Ends a pause; the due moment moves by its length."""
    return answer_with(await pausing.resume(context, id, said(body, caller)), context)
