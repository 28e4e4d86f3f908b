"""What complaints keeps of a customer."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import smallint, uuids


class CustomerRefRow(ComplaintsTable, table=True):
    """The little that is kept of a customer: tier, who serves them, nobody's name. A stub until all was heard."""

    __tablename__ = "customer_ref"
    __table_args__ = (Index("customer_ref_team", "team", postgresql_using="gin"),)

    id: UUID = Field(primary_key=True)
    tier_rank: int | None = smallint()
    specialist_id: UUID | None
    team: list[UUID] = uuids()
    registered_at: datetime | None = None
    """None where nobody has told since it is kept."""
    erased_at: datetime | None = None
    """When the person was erased: nothing is recorded of them from then on, whatever is told later."""
