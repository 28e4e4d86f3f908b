"""Keeping promises to customers."""

from services.customers.promises.tables import PromiseRow
from shared.statement import Statement, table, upsert_many

KEEP = Statement(upsert_many(PromiseRow, *table(PromiseRow).c.keys(), key=("commitment_id",)))
"""Keeps promises as they stand by their latest event."""
