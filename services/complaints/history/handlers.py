"""Reading the history of a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.complaints.context import Context
from services.complaints.history import store
from services.complaints.intake.handlers import read_case


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement with its words."""

    id: UUID
    round: int
    what: str
    at: datetime
    entered_at: datetime
    entered_by: UUID
    text: str | None


async def read_history(
    context: Context, id_: UUID, after: UUID, limit: int, *, member_id: UUID | None
) -> Sequence[Entry]:
    """A case's movements; NoSuchComplaint where the case is not the member's to see."""
    await read_case(context, id_, member_id=member_id)
    async with context.database.connection() as reader:
        rows = await store.entries(reader, id_, after, limit)
    return [_entry(context, row) for row in rows]


def _entry(context: Context, row: Any) -> Entry:
    fields = dict(row)
    words = fields.pop("words")
    return Entry(**fields, text=context.words.open(words, row["id"].bytes).decode() if words is not None else None)
