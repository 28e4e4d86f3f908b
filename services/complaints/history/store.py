"""Writing a case's history."""

from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case, Said
from services.complaints.context import Context
from shared.db import Connection
from shared.ids import new_id

_APPEND = """
INSERT INTO case_entry (id, complaint_id, round, what, at, entered_at, entered_by, words)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def append(
    transaction: Connection, context: Context, case: Case, what: str, said: Said, moment: datetime
) -> UUID:
    """Writes a movement into the history, its words sealed; returns the entry's id."""
    id_ = new_id()
    words = context.words.seal(said.text.encode(), id_.bytes) if said.text is not None else None
    await transaction.execute(_APPEND, id_, case.id, case.round, what, moment, context.clock.now(), said.by, words)
    return id_
