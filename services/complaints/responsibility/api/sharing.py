"""Routes of who pays what a case costs."""

from typing import Annotated
from uuid import UUID

from fastapi import Body
from pydantic import BaseModel, ConfigDict, Field

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.cases.queries import require_seen
from services.complaints.context import Context
from services.complaints.responsibility import queries
from services.complaints.responsibility.domain.shares import (
    MOST_PARTS,
    MOST_PAYERS,
    OwnPenalty,
    Part,
    SharesRefused,
)
from services.complaints.responsibility.handlers import sharing
from shared.auth.visibility import viewer, viewer_of_money
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import NO_TEXT
from shared.http.paging import Page
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "responsibility")


class CaseShareIn(BaseModel):
    """By how many parts somebody pays."""

    model_config = ConfigDict(extra="forbid")

    staff_id: UUID = Field(description="who pays")
    parts: Annotated[int, Field(ge=1, le=MOST_PARTS, description="by how many parts, whole and more than 0"), NO_TEXT]


class CaseShareOut(BaseModel):
    """By how many parts somebody pays what a case costs."""

    model_config = ConfigDict(from_attributes=True)

    staff_id: UUID = Field(description="who pays")
    parts: int = Field(description="by how many parts")


Shares = Annotated[list[CaseShareIn], Body(min_length=1, max_length=MOST_PAYERS)]


@routes.post("/complaints/{id}/shares")
@raises(ComplaintNotFound, OwnPenalty, SharesRefused)
async def set_shares(id: CaseId, body: Shares, context: Injected[Context], caller: Caller) -> Page[CaseShareOut]:
    """Sets who pays the penalties of a case, in place of whom it is against with their supervisor: administration, the
    general manager where somebody of administration pays, the customer-service manager where both do; never who pays.
    What the customer-service manager alone answers for stays theirs, and what was decided as it was."""
    await sharing.set_shares(context, id, [Part(each.staff_id, each.parts) for each in body], caller)
    return await list_shares(id, context, caller)


@routes.get("/complaints/{id}/shares")
@raises(ComplaintNotFound)
async def list_shares(id: CaseId, context: Injected[Context], caller: Caller) -> Page[CaseShareOut]:
    """The shares that were set for a case, on one page; none: whom it is against pays, with their supervisor. Shown to
    whoever pays a part, those above them, the customer-service manager, the general manager and administration; empty
    for all others."""
    await require_seen(context, id, viewer=viewer(caller))
    found = await queries.shares_of_case(context, id, viewer=viewer_of_money(caller))
    return Page(items=[CaseShareOut.model_validate(each) for each in found])
