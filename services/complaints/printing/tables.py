"""Print jobs, and the parts in which their letters are set."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.complaints.registry import ComplaintsTable
from shared.tables import smallint, uuids


class PrintJobRow(ComplaintsTable, table=True):
    """Letters that somebody wants on paper; removed some days after, with its parts."""

    __tablename__ = "print_job"
    __table_args__ = (Index("print_job_asked", "asked_at"),)

    id: UUID = Field(primary_key=True)
    state: str
    total: int
    done: int = Field(sa_column_kwargs={"server_default": "0"})
    asked_at: datetime
    asked_by: UUID
    ended_at: datetime | None


class PrintPartRow(ComplaintsTable, table=True):
    """Some letters of a job; `sealed` is their PDF once it is set. A lease runs on real time."""

    __tablename__ = "print_part"
    __table_args__ = (
        Index("print_part_open", "job_id", "part", postgresql_where=text("sealed IS NULL AND tries < 3")),
    )

    job_id: UUID = Field(primary_key=True)
    part: int = smallint(primary_key=True)
    letters: list[UUID] = uuids()
    sealed: bytes | None
    tries: int = smallint(sa_column_kwargs={"server_default": "0"})
    lease_until: datetime | None
    lease_holder: UUID | None
