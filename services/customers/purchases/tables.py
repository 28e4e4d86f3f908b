"""Purchases, and their sums per month that tiers are judged by (domain 2.3)."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import money, numeric, smallint


class PurchaseRow(CustomersTable, table=True):
    """A purchase, or a return: negative, pointing at what it returns.

    `month` (`Month.ordinal`) is the month it counts in: of its moment in the company's zone, and for a return that of
    the purchase it returns (decision 11). `grade` is the brand's when it was recorded. `identity` keeps the same
    purchase from being recorded twice (decision 13); one that was reversed gives the identity of its number back.
    Amounts in CNY.
    """

    __tablename__ = "purchase"
    __table_args__ = (
        CheckConstraint("(returns_id IS NULL) = (amount >= 0)", name="purchase_returns_are_negative"),
        CheckConstraint("returned BETWEEN 0 AND greatest(amount, 0)", name="purchase_returned_within"),
        UniqueConstraint("identity", name="purchase_identity"),
        Index("purchase_customer", "customer_id", "occurred_at", "id"),
        Index("purchase_returns", "returns_id", postgresql_where=text("returns_id IS NOT NULL")),
        Index("purchase_months", "month", postgresql_using="brin"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    brand_id: UUID | None = Field(foreign_key="brand.id")
    grade: str
    amount: Decimal = numeric(12, 2)
    returned: Decimal = numeric(12, 2)
    occurred_at: datetime
    month: int
    external_no: str | None
    order_no: str | None
    receipt_no: str | None
    returns_id: UUID | None = Field(foreign_key="purchase.id")
    identity: bytes
    reversed_at: datetime | None
    import_id: UUID | None
    """The import that it came with; None for one that was entered by itself, or before imports could be undone."""


class PurchaseLineRow(CustomersTable, table=True):
    """What an entry says of one product and batch: of a purchase what was bought, of a return what of it came back.

    `quantity` is pieces; amounts in CNY, null where nobody said.
    """

    __tablename__ = "purchase_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="purchase_line_some"),)

    entry_id: UUID = Field(primary_key=True, foreign_key="purchase.id")
    line_no: int = smallint(primary_key=True)
    product: str
    batch: str | None
    quantity: int
    amount: Decimal | None = numeric(12, 2)
    cost: Decimal | None = numeric(12, 2)


class ReversalRow(CustomersTable, table=True):
    """Who undid an entry that was a mistake, and when; why lies sealed in `words`."""

    __tablename__ = "purchase_reversal"

    purchase_id: UUID = Field(primary_key=True, foreign_key="purchase.id")
    reversed_at: datetime
    reversed_by: UUID
    words: bytes
    replaced_by: UUID | None
    """The entry that was made in its place."""


class MonthTotalRow(CustomersTable, table=True):
    """What a customer bought in a month of brands of one grade, net of returns, in CNY as paid."""

    __tablename__ = "month_total"
    __table_args__ = (Index("month_total_month", "month"),)

    customer_id: UUID = Field(primary_key=True)
    month: int = Field(primary_key=True)
    grade: str = Field(primary_key=True)
    amount: Decimal = money()
