"""Routes of a case on its way: answer, resolve, close, reopen, steps."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.complaints.cases.api.reading import CaseState
from services.complaints.context import InContext
from services.complaints.intake.api import CaseId
from services.complaints.response_clocks.api import Movement, answer_with, said
from services.complaints.steps import handlers
from services.complaints.steps.domain import Step
from shared.auth.visibility import viewer
from shared.http.compiled import compiled
from shared.http.preconditions import IfMatch, check_version
from shared.http.routing import Caller, router

steps = router("/complaints/v1", "steps")


class StepRequest(Movement):
    """What the step came to, and whose it was."""

    owner_id: Annotated[UUID | None, Field(description="the responsible person unless said")] = None


class Responsible(BaseModel):
    model_config = ConfigDict(extra="forbid")

    staff_id: UUID


class StepView(BaseModel):
    round: int
    step: Step
    owner_id: UUID
    done_at: datetime


class StepsView(BaseModel):
    """The steps that are done; `record` is done with the case itself."""

    items: list[StepView]
    next: None = None


@steps.post("/complaints/{id}/answer", response_model=CaseState)
@compiled
async def answer_complaint(id: CaseId, body: Movement, context: InContext, caller: Caller) -> Response:
    """A definite answer to the complainant: the clock stops."""
    return answer_with(await handlers.answer(context, id, said(body, caller)), context)


@steps.post("/complaints/{id}/resolve", response_model=CaseState)
@compiled
async def resolve_complaint(id: CaseId, context: InContext, caller: Caller, body: Movement | None = None) -> Response:
    """The matter is solved; stops the clock when nothing answered before."""
    return answer_with(await handlers.resolve(context, id, said(body, caller)), context)


@steps.post("/complaints/{id}/close", response_model=CaseState)
@compiled
async def close_complaint(id: CaseId, context: InContext, caller: Caller, body: Movement | None = None) -> Response:
    """Ends a resolved case when all steps are done."""
    return answer_with(await handlers.close(context, id, said(body, caller)), context)


@steps.post("/complaints/{id}/reopen", response_model=CaseState)
@compiled
async def reopen_complaint(id: CaseId, context: InContext, caller: Caller, body: Movement | None = None) -> Response:
    """The next round with a new clock; the earlier one is kept."""
    return answer_with(await handlers.reopen(context, id, said(body, caller)), context)


@steps.post("/complaints/{id}/steps/{step}", response_model=CaseState)
@compiled
async def do_step(
    id: CaseId,
    step: Annotated[Step, Path(description="one of the seven, in their order")],
    body: StepRequest,
    context: InContext,
    caller: Caller,
) -> Response:
    """Records a step as done; none can be skipped."""
    return answer_with(await handlers.do_step(context, id, step, said(body, caller), body.owner_id), context)


@steps.put("/complaints/{id}/responsible", response_model=CaseState)
async def assign_responsible(
    id: CaseId, body: Responsible, context: InContext, caller: Caller, if_match: IfMatch = None
) -> Response:
    """Names who is responsible from now on: the first in the chain of escalation."""
    check = partial(check_version, if_match)
    return answer_with(await handlers.assign(context, id, body.staff_id, caller.id, check=check), context)


@steps.get("/complaints/{id}/steps")
async def list_steps(id: CaseId, context: InContext, caller: Caller) -> StepsView:
    """What is done, round by round."""
    rows = await handlers.list_steps(context, id, member_id=viewer(caller))
    return StepsView(items=[StepView(**dict(row)) for row in rows])
