"""Agreements on rebates."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb

_BRAND = text("coalesce(brand_id, CAST('00000000-0000-0000-0000-000000000000' AS uuid))")


class RebateRow(CustomersTable, table=True):
    """An agreement from `starts_on` to `ends_on`, both included; `steps` are [[from_amount, rate]] as texts, rising.

    No two of one customer hold for the same brand (or both for all) on one day.
    """

    __tablename__ = "rebate"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="rebate_has_a_day"),
        ExcludeConstraint(
            (text("customer_id"), "="),
            (_BRAND, "="),
            (func.daterange(text("starts_on"), text("ends_on"), text("'[]'")), "&&"),
            name="rebate_apart",
            where=text("withdrawn_at IS NULL"),
        ),
        Index("rebate_customer", "customer_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    customer_id: UUID = Field(foreign_key="customer.id")
    brand_id: UUID | None = Field(foreign_key="brand.id")
    starts_on: date
    ends_on: date
    steps: list[list[str]] = jsonb()
    agreed_at: datetime
    agreed_by: UUID
    withdrawn_at: datetime | None
    updated_at: datetime | None = None
