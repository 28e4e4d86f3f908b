"""Reading notes, the newest first."""

from typing import Final
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store.visibility import sees
from services.customers.notes.domain import Note, NoteNotFound
from services.customers.notes.store import COLUMNS, opened
from shared.ids import FROM_THE_END
from shared.references import CustomerNotFound
from shared.statement import Statement

_PAGE: Final = Statement(
    """
    SELECT {columns}, s.name AS author, k.sealed_by, k.wrapped
    FROM customer c
    LEFT JOIN LATERAL (
        SELECT * FROM note WHERE customer_id = c.id AND id < :before AND (CAST(:note AS uuid) IS NULL OR id = :note)
        ORDER BY id DESC LIMIT :most
    ) n ON true
    LEFT JOIN staff s ON s.id = n.written_by
    LEFT JOIN personal_key k ON k.subject_id = n.sealed_for
    WHERE c.id = :id AND {seen}
    ORDER BY n.id DESC
    """,
    columns=", ".join(f"n.{name}" for name in COLUMNS),
    seen=sees("c.id"),
)
"""By hand: one row at least tells that the customer is there and seen."""


async def page(
    context: Context, customer_id: UUID, before: UUID | None, most: int, *, viewer: UUID | None
) -> list[Note]:
    """Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    return await _read(context, customer_id, None, before, most, viewer)


async def read(context: Context, customer_id: UUID, id_: UUID, *, viewer: UUID | None) -> Note:
    """Raises CustomerNotFound, NoteNotFound."""
    found = await _read(context, customer_id, id_, None, 1, viewer)
    if not found:
        raise NoteNotFound("the customer has no note with this id")
    return found[0]


async def _read(
    context: Context, customer_id: UUID, note: UUID | None, before: UUID | None, most: int, viewer: UUID | None
) -> list[Note]:
    rows = await _PAGE.all(
        context.database, id=customer_id, note=note, before=before or FROM_THE_END, most=most, viewer=viewer
    )
    if not rows:
        raise CustomerNotFound("no customer has this id")
    read = (opened(row, context.personal, row["author"]) for row in rows if row["id"] is not None)
    return [note for note in read if note is not None]
