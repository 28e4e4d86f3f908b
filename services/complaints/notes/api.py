"""Routes of the notes of a case."""

from datetime import datetime
from functools import partial
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from services.complaints.cases.api.standing import CaseId
from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.notes import handlers, queries
from shared.auth.visibility import viewer
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Prose
from shared.http.paging import BY_ID, Page, Paging
from shared.http.routing import Caller, router

routes = router("/complaints/v1", "notes")


class NoteIn(BaseModel):
    """What to note."""

    model_config = ConfigDict(extra="forbid")

    text: Prose


class WrittenOut(BaseModel):
    """A note that was written."""

    id: UUID


class NoteOut(BaseModel):
    """A note of a colleague's."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    round: int
    written_at: datetime
    written_by: UUID
    author: str | None
    text: str


@routes.post("/complaints/{id}/notes", status_code=201)
@raises(ComplaintNotFound)
async def write_note(
    id: CaseId, body: NoteIn, context: Injected[Context], caller: Caller, response: Response
) -> WrittenOut:
    """Writes a note for colleagues: in the history of the case, sealed, never shown to the complainant."""
    written = await handlers.write(context, id, body.text, caller.id, viewer=viewer(caller))
    response.headers["Location"] = f"/complaints/v1/complaints/{id}/notes"
    return WrittenOut(id=written)


@routes.get("/complaints/{id}/notes")
@raises(ComplaintNotFound)
async def list_notes(id: CaseId, context: Injected[Context], caller: Caller, paging: Paging) -> Page[NoteOut]:
    """The notes of a case, in the order in which they were written."""
    read = partial(queries.list_notes, context, id, viewer=viewer(caller))
    return await paging.page(BY_ID, {"complaint_id": id}, read, NoteOut.model_validate)
