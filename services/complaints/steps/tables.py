"""The steps of a case that are done."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import smallint


class StepRow(ComplaintsTable, table=True):
    """A step of the seven that is done in a round: who owned it and when.

    The entry says who did it and, sealed, what it came to.

    `policy_version` is the table of step roles by which it was done; older steps and those of the past have none.
    """

    __tablename__ = "case_step"

    complaint_id: UUID = Field(primary_key=True, foreign_key="complaint.id")
    round: int = smallint(primary_key=True)
    step: str = Field(primary_key=True)
    owner_id: UUID
    done_at: datetime
    policy_version: int | None
    entry_id: UUID = Field(foreign_key="case_entry.id")
