"""Proposals to change consents."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.care.registry import CareTable
from shared.tables import jsonb


class ConsentProposalRow(CareTable, table=True):
    """A proposal until it is decided, and afterwards; its words are sealed."""

    __tablename__ = "consent_proposal"
    __table_args__ = (
        Index("consent_proposal_of_customer", "customer_id", "id"),
        Index("consent_proposal_by", "proposed_by", "id"),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID
    wanted: list[dict[str, Any]] = jsonb()
    source: bytes
    proof: bytes | None
    proposed_at: datetime
    proposed_by: UUID
    state: str
    decided_at: datetime | None
    decided_by: UUID | None
    reason: bytes | None
