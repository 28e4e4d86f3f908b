"""Erasures, and who has confirmed them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb, uuids


class ErasureRow(CustomersTable, table=True):
    """An erasure, one for each person; why lies sealed in `words`."""

    __tablename__ = "erasure"
    __table_args__ = (
        CheckConstraint("kind IN ('customer', 'owner', 'contact', 'complainant')", name="erasure_kind"),
        UniqueConstraint("person_id", name="erasure_once"),
        Index("erasure_waiting", "id", postgresql_where=text("completed_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    person_id: UUID
    kind: str
    customer_id: UUID | None
    merged_ids: list[UUID] = uuids()
    asked_at: datetime
    asked_by: UUID
    words: bytes
    removed: dict[str, int] = jsonb()
    told_after: int = Field(sa_type=BigInteger)
    completed_at: datetime | None
    certificate: dict[str, Any] | None = jsonb()


class ErasureConfirmationRow(CustomersTable, table=True):
    """That a service keeps nothing of the person any more."""

    __tablename__ = "erasure_confirmation"

    erasure_id: UUID = Field(primary_key=True)
    service: str = Field(primary_key=True)
    at: datetime
    removed: dict[str, int] = jsonb()
