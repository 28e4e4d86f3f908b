"""Which versions of policies have been told of."""

from uuid import UUID

from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import smallint


class PolicyToldRow(ComplaintsTable, table=True):
    """A version that was told of: `change` 1 that it was written, 2 that it was taken back."""

    __tablename__ = "policy_told"

    policy_id: UUID = Field(primary_key=True)
    change: int = smallint(primary_key=True, sa_column_kwargs={"autoincrement": False})
