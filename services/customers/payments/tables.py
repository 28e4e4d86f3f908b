"""Invoices, and credit limits."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import money


class PaymentRow(CustomersTable, table=True):
    """An invoice, and the day on which it was paid."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="payment_amount"),
        UniqueConstraint("invoice_no", name="payment_invoice_no"),
        Index("payment_customer", "customer_id", "due_on", "id"),
        Index("payment_due", "due_on", "id", postgresql_where=text("paid_on IS NULL AND withdrawn_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    invoice_no: str
    due_on: date
    amount: Decimal = money()
    paid_on: date | None
    told_at: datetime
    withdrawn_at: datetime | None
    updated_at: datetime | None = None
    undone: bool = Field(sa_column_kwargs={"server_default": "false"})


class CreditLimitRow(CustomersTable, table=True):
    """How much a customer may owe, CNY; null when it was removed."""

    __tablename__ = "credit_limit"

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id")
    version: int = Field(sa_column_kwargs={"server_default": "1"})
    amount: Decimal | None = money()
    set_at: datetime
    set_by: UUID
