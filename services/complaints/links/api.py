"""Routes that link cases."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import CaseState, ComplaintNotFound, WrongState
from services.complaints.context import Context
from services.complaints.links import handlers, queries
from services.complaints.links.domain import (
    HasParent,
    LinkedAlready,
    LinkedInARing,
    LinkedToItself,
    LinkNotFound,
    UnknownComplaint,
)
from shared.auth.visibility import viewer
from shared.contracts.complaints import LinkRelation
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.paging import Page
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "links")


class LinkIn(BaseModel):
    """With which case, and how it belongs to it."""

    model_config = ConfigDict(extra="forbid")

    other_id: UUID
    relation: Literal["repeat", "related", "duplicate", "child"]


class LinkOut(BaseModel):
    """A link that was made."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    complaint_id: UUID
    other_id: UUID
    relation: LinkRelation
    made_at: datetime
    made_by: UUID


class ListedLinkOut(BaseModel):
    """A link as the case sees it that was asked for."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    relation: LinkRelation
    other_id: UUID
    other_number: str
    other_state: CaseState
    made_at: datetime
    made_by: UUID


@routes.post("/complaints/{id}/links", status_code=201)
@raises(ComplaintNotFound, HasParent, LinkedAlready, LinkedInARing, LinkedToItself, UnknownComplaint, WrongState)
async def link_complaint(
    id: CaseId, body: LinkIn, context: Injected[Context], caller: Caller, response: Response
) -> LinkOut:
    """Links two cases instead of merging them. A child holds this case open until it is closed itself."""
    made = await handlers.link(context, id, body.other_id, body.relation, by=caller.id)
    response.headers["Location"] = f"/complaints/v1/complaints/{id}/links"
    return LinkOut.model_validate(made)


@routes.delete("/complaints/{id}/links/{link_id}", status_code=204)
@raises(ComplaintNotFound, LinkNotFound)
async def undo_link(
    id: CaseId,
    link_id: Annotated[UUID, Path(description="the link's id")],
    context: Injected[Context],
    caller: Caller,
) -> None:
    """Undoes a link at the case at which it was made; who made and undid it is kept."""
    await handlers.undo(context, id, link_id, by=caller.id)


@routes.get("/complaints/{id}/links")
@raises(ComplaintNotFound)
async def list_links(id: CaseId, context: Injected[Context], caller: Caller) -> Page[ListedLinkOut]:
    """The links of a case, made at it or at the other one, on one page."""
    found = await queries.list_links(context, id, viewer=viewer(caller))
    return Page(items=[ListedLinkOut.model_validate(each) for each in found])
