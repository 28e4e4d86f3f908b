"""One row per customer. Written from `crm.customers.v1` alone."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Field

from services.reporting.registry import ProjectionTable
from shared.tables import jsonb, money


class CustomerRow(ProjectionTable, table=True):
    """What customers says about one customer: standing facts, and sums over their purchases (CNY)."""

    __tablename__ = "customer"

    id: UUID = Field(primary_key=True)
    kind: str | None
    external_no: str | None
    region_id: UUID | None
    tier: str | None
    tier_since: datetime | None
    registered_at: datetime | None
    team: dict[str, UUID] = jsonb(sa_column_kwargs={"server_default": "{}"})
    """Role -> who serves this customer."""
    purchases: int = Field(sa_column_kwargs={"server_default": "0"})
    returns: int = Field(sa_column_kwargs={"server_default": "0"})
    purchased: Decimal = money(sa_column_kwargs={"server_default": "0"})
    first_purchase_at: datetime | None
    last_purchase_at: datetime | None
    withdrawn_at: datetime | None = None
    """When it turned out to be none: the import that had registered it was undone."""
