"""The head of a customer: a narrow row that tiers move; what is known of it stands beside it (domain 2.1)."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.customers.registry import CustomersTable


class CustomerRow(CustomersTable, table=True):
    """The aggregate's head: version and tier. Narrow, because the close of a month may rewrite every one of them.

    Months are ordinals (`Month.ordinal`). `counts_from` is the month of registration or first purchase, whichever is
    earlier; `team_version` is the version at which the account team last changed.
    """

    __tablename__ = "customer"
    __table_args__ = (
        CheckConstraint("tier IN ('A', 'B', 'C', 'D')", name="customer_known_tier"),
        CheckConstraint("counts_from <= first_purchase", name="customer_counts_from_first"),
        Index("customer_tier", "tier", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    tier: str
    counts_from: int
    first_purchase: int | None = None
    team_version: int | None = None
