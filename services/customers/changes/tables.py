"""The history of the archive: a row for each field that was changed, never changed itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb


class ArchiveChangeRow(CustomersTable, table=True):
    """A field that was changed: `said` has `from` and `to` in the open, `sealed` the same where they are personal.

    `sealed_for` is whose key seals it, of the store's people or its owner; null: the customer's. `other_id` is who else
    of stores is told of.
    """

    __tablename__ = "archive_change"
    __table_args__ = (
        CheckConstraint("said IS NULL OR sealed IS NULL", name="archive_change_open_or_sealed"),
        Index("archive_change_customer", "customer_id", "id"),
        Index("archive_change_sealed_for", "sealed_for", postgresql_where=text("sealed_for IS NOT NULL")),
        Index("archive_change_other_id", "other_id", postgresql_where=text("other_id IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID = Field(foreign_key="customer.id")
    at: datetime
    changed_by: UUID | None
    field: str
    about: UUID | None
    said: dict[str, Any] | None = jsonb()
    sealed: bytes | None
    sealed_for: UUID | None
    other_id: UUID | None
