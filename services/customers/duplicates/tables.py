"""By what customers are compared, who waits to be, and the pairs that were found."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable
from shared.tables import texts


class DuplicateKeyRow(CustomersTable, table=True):
    """What a customer is compared by, as a keyed hash: of a phone, of the sound of a name, of an address."""

    __tablename__ = "duplicate_key"
    __table_args__ = (Index("duplicate_key_customer", "customer_id"),)

    reason: str = Field(primary_key=True)
    key: bytes = Field(primary_key=True)
    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id")


class DuplicateDueRow(CustomersTable, table=True):
    """A customer who is new or other than before, and waits to be compared."""

    __tablename__ = "duplicate_due"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_args=[Identity(always=False)])
    customer_id: UUID


class DuplicatePairRow(CustomersTable, table=True):
    """Two customers who may be one; `judged_at` is when somebody said that they are not.

    It refers to nobody: a pair of who was merged into another one stays as it is, and is read again after a split.
    """

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        CheckConstraint("one_id < other_id", name="duplicate_pair_order"),
        Index("duplicate_pair_of", "one_id", "other_id", unique=True),
        Index("duplicate_pair_other", "other_id"),
        Index("duplicate_pair_open", "id", postgresql_where=text("judged_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    one_id: UUID
    other_id: UUID
    reasons: list[str] = texts()
    found_at: datetime
    judged_at: datetime | None
    judged_by: UUID | None
