"""Who was erased, in the database."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.reporting.erasures.tables import ErasedRow
from shared.db import Connection
from shared.projection import latest
from shared.statement import Statement, by_column, upsert_many

_COLUMNS = ("person_id", "erasure_id", "at")
_KEEP = Statement(upsert_many(ErasedRow, *_COLUMNS, key=["person_id"]))


async def keep(transaction: Connection, erased: Sequence[tuple[UUID, UUID, datetime]]) -> None:
    """Keeps who was erased, by which erasure and when."""
    rows = [dict(zip(_COLUMNS, each, strict=True)) for each in latest(erased, lambda each: each[0])]
    await _KEEP.execute(transaction, **by_column(rows))
