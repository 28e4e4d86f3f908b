"""Opportunities, how they stood before, and their stages."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import money, numeric


class OpportunityStageRow(CustomersTable, table=True):
    """A stage of opportunities, in its place."""

    __tablename__ = "opportunity_stage"
    __table_args__ = (
        UniqueConstraint("position", name="opportunity_stage_place"),
        CheckConstraint("probability >= 0 AND probability <= 1", name="opportunity_stage_probability"),
    )

    code: str = Field(primary_key=True)
    position: int
    probability: Decimal = numeric(5, 4)
    name_en: str
    name_zh: str


class OpportunityRow(CustomersTable, table=True):
    """An opportunity. `words` seals its next step and why it was lost; nothing once the person is erased."""

    __tablename__ = "opportunity"
    __table_args__ = (
        CheckConstraint("prospect_id IS NOT NULL OR customer_id IS NOT NULL", name="opportunity_of_somebody"),
        CheckConstraint("probability >= 0 AND probability <= 1", name="opportunity_probability"),
        CheckConstraint("amount >= 0", name="opportunity_amount"),
        Index("opportunity_prospect", "prospect_id", "id"),
        Index("opportunity_customer", "customer_id", "id"),
        Index("opportunity_steps", "owner_id", "next_step_on", postgresql_where=text("outcome = 'open'")),
    )

    id: UUID = Field(primary_key=True)
    version: int
    prospect_id: UUID | None = Field(foreign_key="prospect.id", ondelete="CASCADE")
    customer_id: UUID | None = Field(foreign_key="customer.id")
    stage: str = Field(foreign_key="opportunity_stage.code")
    amount: Decimal = money()
    probability: Decimal | None = numeric(5, 4, nullable=True)
    owner_id: UUID
    next_step_on: date | None
    closes_on: date | None
    outcome: str
    words: bytes | None
    closed_at: datetime | None
    entered_at: datetime
    entered_by: UUID


class OpportunityVersionRow(CustomersTable, table=True):
    """How an opportunity stood from a moment on."""

    __tablename__ = "opportunity_version"

    opportunity_id: UUID = Field(primary_key=True, foreign_key="opportunity.id", ondelete="CASCADE")
    version: int = Field(primary_key=True)
    stage: str
    amount: Decimal = money()
    probability: Decimal | None = numeric(5, 4, nullable=True)
    owner_id: UUID
    next_step_on: date | None
    closes_on: date | None
    outcome: str
    at: datetime
    changed_by: UUID
