"""What ties customers."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import money


class TieRow(CustomersTable, table=True):
    """What ties a customer until before `ends_on`. `words` are sealed; nothing once the person is erased."""

    __tablename__ = "tie"
    __table_args__ = (
        CheckConstraint("kind IN ('economic', 'technical', 'contractual')", name="tie_known_kind"),
        Index("tie_customer", "customer_id", "id"),
        Index("tie_end", "ends_on", postgresql_where=text("ended_at IS NULL AND ends_on IS NOT NULL")),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    kind: str
    ends_on: date | None
    benefit: Decimal | None = money()
    words: bytes | None
    entered_at: datetime
    entered_by: UUID
    ended_at: datetime | None
    updated_at: datetime | None = None
