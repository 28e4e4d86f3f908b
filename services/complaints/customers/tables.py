"""What complaints keeps of a customer."""

from uuid import UUID

from sqlalchemy import Column, SmallInteger
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable


class CustomerRefRow(ComplaintsTable, table=True):
    """The little that is kept of a customer: tier, who serves them, nobody's name. A stub until all was heard."""

    __tablename__ = "customer_ref"

    id: UUID = Field(sa_column=Column(Uuid, primary_key=True))
    tier_rank: int | None = Field(sa_column=Column(SmallInteger))
    specialist_id: UUID | None = Field(sa_column=Column(Uuid))
    team: list[UUID] = Field(sa_column=Column(ARRAY(Uuid), nullable=False))
