"""Losses, and the causes for which customers leave."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import money


class ChurnCauseRow(CustomersTable, table=True):
    """A cause for which customers leave; the table grows. A finer one may be `of` one of the main causes."""

    __tablename__ = "churn_cause"

    code: str = Field(primary_key=True)
    name_en: str
    name_zh: str
    active: bool
    of: str | None = Field(default=None, foreign_key="churn_cause.code")


class LossRow(CustomersTable, table=True):
    """That a customer is lost, or was. `words` are sealed; nothing once the person is erased."""

    __tablename__ = "loss"
    __table_args__ = (
        CheckConstraint("kind IN ('disappointed', 'competitor', 'malicious', 'natural')", name="loss_known_kind"),
        Index(
            "loss_standing",
            "customer_id",
            unique=True,
            postgresql_where=text("returned_on IS NULL AND withdrawn_at IS NULL"),
        ),
        Index("loss_customer", "customer_id", "id"),
        Index("loss_day", "lost_on", postgresql_where=text("withdrawn_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    lost_on: date
    tier: str
    yearly: Decimal = money()
    cost: Decimal = money()
    found_at: datetime
    kind: str | None
    cause: str | None = Field(foreign_key="churn_cause.code")
    words: bytes | None
    said_at: datetime | None
    said_by: UUID | None
    returned_on: date | None
    withdrawn_at: datetime | None
    historical: bool = Field(sa_column_kwargs={"server_default": "false"})
