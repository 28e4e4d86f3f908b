"""Campaigns, and which contracts are in them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.customers.registry import CustomersTable


class CampaignRow(CustomersTable, table=True):
    """A campaign; `reason` is sealed."""

    __tablename__ = "campaign"

    id: UUID = Field(primary_key=True)
    version: int
    name: str
    reason: bytes
    started_at: datetime
    started_by: UUID
    closed_at: datetime | None
    closed_by: UUID | None


class CampaignContractRow(CustomersTable, table=True):
    """A contract in a campaign."""

    __tablename__ = "campaign_contract"
    __table_args__ = (Index("campaign_contract_of", "contract_id"),)

    campaign_id: UUID = Field(primary_key=True, foreign_key="campaign.id")
    contract_id: UUID = Field(primary_key=True, foreign_key="contract.id")
    added_at: datetime
    added_by: UUID
