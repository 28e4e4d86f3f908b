"""Account teams: for each customer, the person in each role (domain 1)."""

from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.customers.registry import CustomersTable


class SeatRow(CustomersTable, table=True):
    """One seat of a customer's account team."""

    __tablename__ = "account_team"
    __table_args__ = (Index("account_team_staff", "staff_id"),)

    customer_id: UUID = Field(primary_key=True, foreign_key="customer.id")
    role: str = Field(primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id")
