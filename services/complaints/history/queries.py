"""Reading the history of a case."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, func, select
from sqlmodel import col

from services.complaints.cases.queries import read_case
from services.complaints.cases.tables import ComplaintRow
from services.complaints.context import Context
from services.complaints.history.domain import OPENED, SHARES, HistoryEntry, without_shares
from services.complaints.history.tables import EntryRow
from shared import directory
from shared.personal import Vault
from shared.statement import Statement, given, table

BELOW_EVERY_ID: Final = UUID(int=0)

_READ = ("id", "round", "what", "at", "entered_at", "words", "changes")
_RECORDER = case((col(EntryRow.what) == OPENED, col(ComplaintRow.recorded_by)))
"""Who recorded a case has opened it, which is written by what was told of it."""
_ENTRIES = Statement(
    select(
        *(table(EntryRow).c[name] for name in _READ),
        func.coalesce(col(EntryRow.entered_by), _RECORDER).label("entered_by"),
    )
    .join_from(table(EntryRow), table(ComplaintRow), col(ComplaintRow.id) == col(EntryRow.complaint_id))
    .where(col(EntryRow.complaint_id) == given("case_id"), col(EntryRow.id) > given("after"))
    .order_by(col(EntryRow.id))
    .limit(given("most"))
)


async def read_history(
    context: Context,
    case_id: UUID,
    after: UUID | None,
    most: int,
    *,
    viewer: UUID | None,
    viewer_of_money: UUID | None,
) -> list[HistoryEntry]:
    """A case's movements in the order in which they were entered; who pays by how many parts as `viewer_of_money` and
    their people do.

    Raises ComplaintNotFound where the case is not the viewer's to see.
    """
    await read_case(context, case_id, viewer=viewer)
    rows = await _ENTRIES.all(context.database, case_id=case_id, after=after or BELOW_EVERY_ID, most=most)
    entries = [_unsealed(context.words, **row) for row in rows]
    if viewer_of_money is None or all(entry.what != SHARES for entry in entries):
        return entries
    people = await directory.subordinates(context.database, viewer_of_money)
    return [without_shares(entry, people) for entry in entries]


def _unsealed(vault: Vault, *, words: bytes | None, **fields: Any) -> HistoryEntry:
    text = vault.open(words, fields["id"].bytes).decode() if words is not None else None
    return HistoryEntry(text=text, **fields)
