"""Where a case stands, for whoever holds its token."""

from typing import Any

from services.complaints.cases.domain import ComplaintNotFound
from services.complaints.cases.queries import DUE
from services.complaints.context import Context
from services.complaints.tracking.domain import id_in
from shared.statement import Statement

_TRACKED = Statement(
    """
    SELECT number, kind, subject, state, round, recorded_at, {due} AS answer_due_at,
           (breached_at IS NOT NULL OR stopped_at IS NULL AND {due} <= :now) IS TRUE AS overdue, answered_at,
           resolved_at, closed_at
    FROM complaint WHERE id = :id
    """,
    due=DUE,
)
"""By hand, as the other reads of a case are (`cases/queries.py`)."""


async def track(context: Context, token: str) -> dict[str, Any]:
    """A case as its complainant sees it, ready for JSON. Raises ComplaintNotFound for any token not given here."""
    id_ = id_in(token, context.tracking.digest)
    row = await _TRACKED.one(context.database, now=context.clock.now(), id=id_) if id_ is not None else None
    if row is None:
        raise ComplaintNotFound("no complaint belongs to this token")
    return dict(row.items())
