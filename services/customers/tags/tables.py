"""Tags, how many customers have each, and which customer has which."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.customers.registry import CustomersTable


class TagRow(CustomersTable, table=True):
    """A tag, and how many customers have it: a trigger of the database counts, whoever sets one or takes it away."""

    __tablename__ = "tag"
    __table_args__ = (CheckConstraint("customers >= 0", name="tag_customers"),)

    name: str = Field(primary_key=True)
    customers: int


class CustomerTagRow(CustomersTable, table=True):
    """That a customer has a tag."""

    __tablename__ = "customer_tag"
    __table_args__ = (Index("customer_tag_tag", "tag", "customer_id"),)

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id")
    tag: str = Field(primary_key=True)
    tagged_by: UUID
    tagged_at: datetime
