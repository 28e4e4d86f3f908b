"""Keeping promises to customers, and reading those to one who calls."""

from sqlalchemy import select
from sqlmodel import col

from services.customers.heads.store.caller import CALLER
from services.customers.organisation.tables import StaffRow
from services.customers.promises.domain import SHOWN, Promise
from services.customers.promises.tables import PromiseRow
from shared.nested import Nested
from shared.statement import Statement, table, upsert_many

KEEP = Statement(upsert_many(PromiseRow, *table(PromiseRow).c.keys(), key=("commitment_id",)))
"""Keeps promises as they stand by their latest event."""

_SHOWN = ("commitment_id", "complaint_id", "staff_id", "code", "due_at")
OWED = Nested(
    select(*(table(PromiseRow).c[name] for name in _SHOWN), col(StaffRow.name).label("staff_name"))
    .outerjoin(StaffRow, col(StaffRow.id) == col(PromiseRow.staff_id))
    .where(col(PromiseRow.customer_id) == CALLER, col(PromiseRow.owed))
    .order_by(col(PromiseRow.due_at), col(PromiseRow.commitment_id))
    .limit(SHOWN),
    Promise,
)
"""What the caller was promised and nobody has done, the earliest due first."""
