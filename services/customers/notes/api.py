"""Routes of notes."""

from datetime import datetime
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from services.customers.context import Context
from services.customers.heads.domain import Erased
from services.customers.notes import handlers
from services.customers.notes.domain import Note, NoteNotFound, NotesNotRead, NotTheAuthor
from shared.http.bodies import Patch
from shared.http.context import Injected
from shared.http.declared import raises
from shared.http.fields import Prose
from shared.http.paging import BY_ID, Page, Paging
from shared.http.preconditions import IfMatch, set_etag
from shared.http.routing import Caller, router
from shared.references import CustomerNotFound

routes = router("/customers/v1/customers/{customer_id}", "notes")

NoteId = Annotated[UUID, Path(description="the note's id")]
NoteText = Annotated[Prose, Field(description="what is noted, 1 to 10,000 characters; sealed where it is kept")]


class NoteIn(BaseModel):
    """A note to write."""

    model_config = ConfigDict(extra="forbid")

    text: NoteText


class NotePatch(Patch):
    """What the note says from now on; what it said before stands in the customer's history."""

    text: NoteText = ""


class NoteOut(BaseModel):
    """A note."""

    id: UUID
    customer_id: UUID
    text: str = Field(description="what is noted")
    written_by: UUID = Field(description="the staff member who wrote it")
    author: str | None = Field(description="what the directory calls them; null for who is not in it")
    written_at: datetime = Field(description="when it was written")
    changed_at: datetime | None = Field(description="when it was last changed; null when never")

    @classmethod
    def of(cls, note: Note) -> "NoteOut":
        return cls(
            id=note.id,
            customer_id=note.customer_id,
            text=note.text,
            written_by=note.written_by,
            author=note.author,
            written_at=note.written_at,
            changed_at=note.changed_at,
        )


def _answer(note: Note, response: Response) -> NoteOut:
    set_etag(response, note.version)
    return NoteOut.of(note)


@routes.post("/notes", status_code=201)
@raises(CustomerNotFound, Erased, NotesNotRead)
async def write_note(
    customer_id: UUID, body: NoteIn, context: Injected[Context], caller: Caller, response: Response
) -> NoteOut:
    """Writes a note of a customer whom the caller sees."""
    note = await handlers.write(context, customer_id, body.text, caller)
    response.headers["Location"] = f"/customers/v1/customers/{customer_id}/notes/{note.id}"
    return _answer(note, response)


@routes.get("/notes")
@raises(CustomerNotFound, NotesNotRead)
async def list_notes(customer_id: UUID, context: Injected[Context], caller: Caller, paging: Paging) -> Page[NoteOut]:
    """Notes of a customer, the newest first; that they were read is entered in the audit."""
    read = partial(handlers.show_page, context, customer_id, caller)
    return await paging.page(BY_ID, {"customer_id": customer_id}, read, NoteOut.of)


@routes.get("/notes/{note_id}")
@raises(CustomerNotFound, NoteNotFound, NotesNotRead)
async def read_note(
    customer_id: UUID, note_id: NoteId, context: Injected[Context], caller: Caller, response: Response
) -> NoteOut:
    """One note."""
    return _answer(await handlers.show(context, customer_id, note_id, caller), response)


@routes.patch("/notes/{note_id}")
@raises(CustomerNotFound, Erased, NoteNotFound, NotTheAuthor)
async def change_note(
    customer_id: UUID,
    note_id: NoteId,
    body: NotePatch,
    context: Injected[Context],
    caller: Caller,
    response: Response,
    expected_version: IfMatch,
) -> NoteOut:
    """Changes a note: who wrote it, and administration."""
    text = body.changes().get("text")
    return _answer(await handlers.change(context, customer_id, note_id, text, expected_version, caller), response)


@routes.delete("/notes/{note_id}", status_code=204)
@raises(CustomerNotFound, Erased, NoteNotFound, NotTheAuthor)
async def remove_note(customer_id: UUID, note_id: NoteId, context: Injected[Context], caller: Caller) -> None:
    """Removes a note: who wrote it, and administration. What it said stays in the customer's history."""
    await handlers.remove(context, customer_id, note_id, caller)
