"""A case's history in the database; what was said lies sealed."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from services.complaints.history.domain import HistoryEntry
from services.complaints.history.tables import EntryRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Statement, by_column, insert_many, insert_one, table

_APPEND = Statement(insert_one(EntryRow, *table(EntryRow).c.keys()))
_TOLD = ("id", "complaint_id", "round", "what", "at", "entered_at", "changes")
_APPEND_TOLD = Statement(
    insert_many(EntryRow, *_TOLD, ordered_by=("id",)).on_conflict_do_nothing(index_elements=["id"])
)


async def append(transaction: Connection, vault: Vault, case_id: UUID, entry: HistoryEntry) -> None:
    columns = asdict(entry)
    text: str | None = columns.pop("text")
    words = vault.seal(text.encode(), entry.id.bytes) if text is not None else None
    await _APPEND.execute(transaction, **columns, complaint_id=case_id, words=words)


async def append_told(transaction: Connection, entries: Sequence[tuple[UUID, HistoryEntry]]) -> None:
    """Keeps entries without words, each with its case and once by its id, in the order of their ids."""
    rows = [{**asdict(entry), "complaint_id": case_id} for case_id, entry in entries]
    await _APPEND_TOLD.execute(transaction, **by_column({name: row[name] for name in _TOLD} for row in rows))
