"""Reading the notes of a case."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.queries import read_case
from services.complaints.context import Context
from services.complaints.history.queries import BELOW_EVERY_ID
from services.complaints.history.tables import EntryRow
from services.complaints.notes.domain import NOTE, WrittenNote
from shared.directory_schema import STAFF
from shared.personal import Vault
from shared.statement import Statement, given

_NOTES: Final = Statement(
    select(
        col(EntryRow.id),
        col(EntryRow.round),
        col(EntryRow.entered_at).label("written_at"),
        col(EntryRow.entered_by).label("written_by"),
        STAFF.c.name.label("author"),
        col(EntryRow.words),
    )
    .outerjoin(STAFF, STAFF.c.id == col(EntryRow.entered_by))
    .where(
        col(EntryRow.complaint_id) == given("case_id"),
        col(EntryRow.id) > given("after"),
        col(EntryRow.what) == NOTE,
    )
    .order_by(col(EntryRow.id))
    .limit(given("most"))
)


async def list_notes(
    context: Context, case_id: UUID, after: UUID | None, most: int, *, viewer: UUID | None
) -> list[WrittenNote]:
    """A case's notes in the order in which they were written.

    Raises ComplaintNotFound where the case is not the viewer's to see.
    """
    await read_case(context, case_id, viewer=viewer)
    rows = await _NOTES.all(context.database, case_id=case_id, after=after or BELOW_EVERY_ID, most=most)
    return [_unsealed(context.words, **row) for row in rows]


def _unsealed(vault: Vault, *, words: bytes, **fields: Any) -> WrittenNote:
    return WrittenNote(text=vault.open(words, fields["id"].bytes).decode(), **fields)
