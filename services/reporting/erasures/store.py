"""Who was erased, in the database."""

from services.reporting.erasures.tables import ErasedRow
from shared.statement import Statement, upsert_many

KEEP = Statement(upsert_many(ErasedRow, "person_id", "erasure_id", "at", key=["person_id"]))
