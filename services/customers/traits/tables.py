"""Traits of customers, and the kinds that are added to them."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import jsonb, money, numeric


class TraitKindRow(CustomersTable, table=True):
    """A kind of trait; `of` is a store, a person, or both."""

    __tablename__ = "trait_kind"
    __table_args__ = (
        CheckConstraint("of IN ('store', 'person', 'both')", name="trait_kind_of"),
        CheckConstraint("type IN ('text', 'number', 'yes_no', 'day')", name="trait_kind_type"),
    )

    code: str = Field(primary_key=True)
    of: str
    type: str
    name_zh: str
    name_en: str
    unit: str | None
    added_at: datetime


class TraitsRow(CustomersTable, table=True):
    """What a customer is like. `more` are values by kind, but those in words: these are `sealed`, as are preferences
    and needs."""

    __tablename__ = "traits"
    __table_args__ = (
        CheckConstraint("size_m2 > 0", name="traits_size"),
        CheckConstraint("staff_count >= 0", name="traits_staff"),
        CheckConstraint("funds >= 0", name="traits_funds"),
        CheckConstraint("shelf_share BETWEEN 0 AND 100", name="traits_shelf_share"),
    )

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id")
    version: int
    size_m2: Decimal | None = numeric(8, 1)
    staff_count: int | None
    funds: Decimal | None = money()
    shelf_share: Decimal | None = numeric(5, 2)
    more: dict[str, Any] = jsonb()
    sealed: bytes
    changed_at: datetime
    changed_by: UUID
