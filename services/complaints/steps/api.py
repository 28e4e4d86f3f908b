"""Routes of a case on its way: answer, resolve, close, reopen, steps."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.complaints.cases.api.standing import CaseId, CaseOut, MovementIn, answer_with, said
from services.complaints.cases.domain import ComplaintNotFound, OwnCase, TextMissing, TimeNotAllowed, WrongState
from services.complaints.context import Context
from services.complaints.links.domain import ChildrenOpen, ParentClosed
from services.complaints.solutions.domain import SolutionNotApproved
from services.complaints.step_roles.domain import Doer
from services.complaints.steps import handlers, queries
from services.complaints.steps.domain import (
    ApprovalMissing,
    OwnerNotAllowed,
    ReadStep,
    Step,
    StepDone,
    StepSkipped,
    StepsMissing,
)
from shared.http.compiled import compiled
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Page
from shared.http.routing import Caller, router
from shared.references import UnknownStaff

routes = router("/complaints/v1", "steps")


class StepIn(MovementIn):
    """What the step came to, and whose it was."""

    owner_id: Annotated[
        UUID | None,
        Field(
            description="whose step it was; unless said: the handler's (investigate), the accountable "
            "person's (propose, execute), else that of who records it; another owner is named by customer service and "
            "administration, and not by whom the case is against"
        ),
    ] = None


class StepOut(BaseModel):
    """A step that is done."""

    round: int
    step: Step
    owner_id: UUID
    done_at: datetime
    done_by: UUID = Field(description="the staff member who did it")
    text: str | None = Field(description="what it came to; null when nothing was said")
    policy_version: int | None = Field(
        description="the version of the step roles by which it was done; null for what was done before a takeover"
    )

    @classmethod
    def of(cls, read: ReadStep) -> "StepOut":
        done = read.step
        return cls(
            round=done.round,
            step=done.step,
            owner_id=done.owner_id,
            done_at=done.done_at,
            done_by=read.done_by,
            text=read.text,
            policy_version=done.policy_version,
        )


class StepAheadOut(BaseModel):
    """A step that is still to be done."""

    model_config = ConfigDict(from_attributes=True)

    step: Step
    doers: list[Doer] = Field(description="the roles and parts in the case that may do it, by the table in force")
    may: bool = Field(description="whether the caller may do it when it is its turn")
    needed: bool = Field(description="whether the case cannot be closed without it")
    awaits_approval: bool = Field(description="whether somebody is to approve the solution first")


@routes.post("/complaints/{id}/answer", response_model=CaseOut)
@raises(ComplaintNotFound, OwnCase, TextMissing, TimeNotAllowed, WrongState)
@compiled
async def answer_complaint(id: CaseId, body: MovementIn, context: Injected[Context], caller: Caller) -> Response:
    """A definite answer to the complainant: the clock stops. Whom the case is against does not give it."""
    return answer_with(await handlers.answer(context, id, said(body, caller)), context)


@routes.post("/complaints/{id}/resolve", response_model=CaseOut)
@raises(ComplaintNotFound, OwnCase, TimeNotAllowed, WrongState)
@compiled
async def resolve_complaint(
    id: CaseId, context: Injected[Context], caller: Caller, body: MovementIn | None = None
) -> Response:
    """The matter is solved; stops the clock when nothing answered before."""
    return answer_with(await handlers.resolve(context, id, said(body, caller)), context)


@routes.post("/complaints/{id}/close", response_model=CaseOut)
@raises(ApprovalMissing, ChildrenOpen, ComplaintNotFound, OwnCase, StepsMissing, TimeNotAllowed, WrongState)
@compiled
async def close_complaint(
    id: CaseId, context: Injected[Context], caller: Caller, body: MovementIn | None = None
) -> Response:
    """Ends a resolved case when all steps are done; child cases hold it open, and so does what awaits approval."""
    return answer_with(await handlers.close(context, id, said(body, caller)), context)


@routes.post("/complaints/{id}/reopen", response_model=CaseOut)
@raises(ComplaintNotFound, ParentClosed, TimeNotAllowed, WrongState)
@compiled
async def reopen_complaint(
    id: CaseId, context: Injected[Context], caller: Caller, body: MovementIn | None = None
) -> Response:
    """The next round with a new clock; the earlier one is kept. A child is opened again after its parent."""
    return answer_with(await handlers.reopen(context, id, said(body, caller)), context)


@routes.post("/complaints/{id}/steps/{step}", response_model=CaseOut)
@raises(
    ComplaintNotFound,
    OwnCase,
    OwnerNotAllowed,
    SolutionNotApproved,
    StepDone,
    StepSkipped,
    TextMissing,
    TimeNotAllowed,
    UnknownStaff,
    WrongState,
)
@compiled
async def do_step(
    id: CaseId,
    step: Annotated[Step, Path(description="one of the seven, in their order")],
    body: StepIn,
    context: Injected[Context],
    caller: Caller,
) -> Response:
    """Records a step as done; none can be skipped. Who may, the table of step roles says."""
    return answer_with(await handlers.do_step(context, id, step, said(body, caller), body.owner_id, caller), context)


@routes.get("/complaints/{id}/steps")
@raises(ComplaintNotFound)
async def list_steps(id: CaseId, context: Injected[Context], caller: Caller) -> Page[StepOut]:
    """What is done, round by round, on one page; `record` is done with the case itself."""
    done = await queries.list_steps(context, id, caller)
    return Page(items=[StepOut.of(step) for step in done])


@routes.get("/complaints/{id}/steps/ahead")
@raises(ComplaintNotFound)
async def list_steps_ahead(id: CaseId, context: Injected[Context], caller: Caller) -> Page[StepAheadOut]:
    """What is still to be done in the present round, on one page: the first is the next one. None once it is closed."""
    found = await queries.list_ahead(context, id, caller)
    return Page(items=[StepAheadOut.model_validate(each) for each in found])
