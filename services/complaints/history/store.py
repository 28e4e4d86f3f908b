"""A case's history in the database; what was said lies sealed."""

from dataclasses import asdict
from uuid import UUID

from services.complaints.history.domain import HistoryEntry
from services.complaints.history.tables import EntryRow
from shared.db import Connection
from shared.personal import Vault
from shared.statement import Statement, insert_one, table

_APPEND = Statement(insert_one(EntryRow, *table(EntryRow).c.keys()))


async def append(transaction: Connection, vault: Vault, case_id: UUID, entry: HistoryEntry) -> None:
    columns = asdict(entry)
    text: str | None = columns.pop("text")
    words = vault.seal(text.encode(), entry.id.bytes) if text is not None else None
    await _APPEND.execute(transaction, **columns, complaint_id=case_id, words=words)
