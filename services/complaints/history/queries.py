"""Reading the history of a case."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.complaints.cases.queries import read_case
from services.complaints.context import Context
from services.complaints.history.domain import HistoryEntry

_ENTRIES = """
SELECT id, round, what, at, entered_at, entered_by, words FROM case_entry
WHERE complaint_id = $1 AND id > $2 ORDER BY id LIMIT $3
"""


async def read_history(
    context: Context, id_: UUID, after: UUID, limit: int, *, viewer: UUID | None
) -> Sequence[HistoryEntry]:
    """A case's movements in the order in which they were entered.

    Raises ComplaintNotFound where the case is not the viewer's to see.
    """
    await read_case(context, id_, viewer=viewer)
    async with context.database.connection() as reader:
        rows = await reader.fetch(_ENTRIES, id_, after, limit)
    return [_entry(context, row) for row in rows]


def _entry(context: Context, row: Any) -> HistoryEntry:
    fields = dict(row)
    words = fields.pop("words")
    text = context.words.open(words, row["id"].bytes).decode() if words is not None else None
    return HistoryEntry(**fields, text=text)
