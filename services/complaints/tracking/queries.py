"""Where a case stands, for whoever holds its token."""

from typing import Any

from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.context import Context
from services.complaints.tracking.domain import id_in

_TRACKED = """
SELECT number, kind, subject, state, round, recorded_at, due_at AS answer_due_at,
       (breached_at IS NOT NULL OR stopped_at IS NULL AND due_at <= $1) IS TRUE AS overdue, answered_at, resolved_at,
       closed_at
FROM complaint WHERE id = $2
"""


async def track(context: Context, token: str) -> Any:
    """The row of a case for its complainant. Raises ComplaintNotFound for any token not given here."""
    id_ = id_in(token, context.tracking.digest)
    if id_ is None:
        raise ComplaintNotFound("no complaint belongs to this token")
    async with context.database.connection() as reader:
        row = await reader.fetchrow(_TRACKED, context.clock.now(), id_)
    if row is None:
        raise ComplaintNotFound("no complaint belongs to this token")
    return row
