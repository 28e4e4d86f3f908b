"""One row per customer. Written from `crm.customers.v1` alone."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlmodel import Field

from services.reporting.registry import ProjectionTable


class CustomerRow(ProjectionTable, table=True):
    """What customers says about one customer: standing facts, and sums over their purchases (CNY)."""

    __tablename__ = "customer"

    id: UUID = Field(primary_key=True)
    kind: str | None = None
    external_no: str | None = None
    region_id: UUID | None = None
    tier: str | None = None
    tier_since: datetime | None = Field(default=None, sa_column=Column(TIMESTAMP(timezone=True)))
    registered_at: datetime | None = Field(default=None, sa_column=Column(TIMESTAMP(timezone=True)))
    team: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False, server_default=text("'{}'"))
    )
    purchases: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    returns: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    purchased: Decimal = Field(
        default=Decimal(), sa_column=Column(Numeric(16, 2), nullable=False, server_default=text("0"))
    )
    first_purchase_at: datetime | None = Field(default=None, sa_column=Column(TIMESTAMP(timezone=True)))
    last_purchase_at: datetime | None = Field(default=None, sa_column=Column(TIMESTAMP(timezone=True)))
