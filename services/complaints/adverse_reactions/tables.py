"""Adverse reactions, and what they show."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class SymptomRow(ComplaintsTable, table=True):
    """What a reaction can show."""

    __tablename__ = "symptom"

    code: str = Field(primary_key=True)
    version: int
    name_en: str
    name_zh: str
    active: bool


class AdverseReactionRow(ComplaintsTable, table=True):
    """A case's adverse reaction, as it is counted and reported; what it shows lies sealed in the case's details.

    `product_key` is empty where nobody has said the product; `next_at` is when the next is told of its report.
    """

    __tablename__ = "adverse_reaction"
    __table_args__ = (
        Index(
            "adverse_reaction_batch",
            "batch_key",
            "product_key",
            "reacted_on",
            postgresql_where=text("batch_key IS NOT NULL"),
        ),
        Index("adverse_reaction_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    )

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    number: str
    customer_id: UUID | None
    severity: str
    product: str | None
    batch: str | None
    product_key: str
    batch_key: str | None
    reacted_on: date
    counts: bool
    silent: bool
    settled: bool
    known_at: datetime
    report_due_at: datetime
    policy_version: int
    warn_at: datetime
    warned_at: datetime | None
    missed_at: datetime | None
    reported_at: datetime | None
    reported_by: UUID | None
    report_no: str | None
    next_at: datetime | None
