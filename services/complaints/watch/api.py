"""Routes that let a clock stand and run again."""

from typing import Annotated

from pydantic import Field
from starlette.responses import Response

from services.complaints.cases.api.standing import CaseId, CaseOut, MovementIn, answer_with, said
from services.complaints.cases.domain import ComplaintNotFound, TextMissing, TimeNotAllowed, WrongState
from services.complaints.clocks.domain import AlreadyAccepted
from services.complaints.context import Context
from services.complaints.response_clocks.domain.advancing import ClockBreached, ClockNotRunning, PauseTooLong
from services.complaints.watch.handlers import accepting, pausing
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Duration
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "watch")


class PauseIn(MovementIn):
    """Why the clock stands, and for how long at most."""

    at_most: Annotated[
        Duration | None,
        Field(description="how long at most: up to P366D, P7D unless said; then the clock runs by itself"),
    ] = None


@routes.post("/complaints/{id}/accept", response_model=CaseOut)
@raises(AlreadyAccepted, ComplaintNotFound, TimeNotAllowed, WrongState)
@compiled
async def accept_complaint(
    id: CaseId, context: Injected[Context], caller: Caller, body: MovementIn | None = None
) -> Response:
    """Somebody of customer service takes the case: the clock for accepting stops. Who records or works on one has."""
    return answer_with(await accepting.accept(context, id, said(body, caller)), context)


@routes.post("/complaints/{id}/pause", response_model=CaseOut)
@raises(ClockBreached, ClockNotRunning, ComplaintNotFound, PauseTooLong, TextMissing, TimeNotAllowed, WrongState)
@compiled
async def pause_clock(id: CaseId, body: PauseIn, context: Injected[Context], caller: Caller) -> Response:
    """Lets the clock stand while the customer is asked something; only while it runs and before the breach."""
    return answer_with(await pausing.pause(context, id, said(body, caller), body.at_most), context)


@routes.post("/complaints/{id}/resume", response_model=CaseOut)
@raises(ClockNotRunning, ComplaintNotFound, TimeNotAllowed, WrongState)
@compiled
async def resume_clock(
    id: CaseId, context: Injected[Context], caller: Caller, body: MovementIn | None = None
) -> Response:
    """Ends a pause; the due moment moves by its length."""
    return answer_with(await pausing.resume(context, id, said(body, caller)), context)
