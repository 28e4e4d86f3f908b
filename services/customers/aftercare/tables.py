"""Tasks of care after the end of contracts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.customers.registry import CustomersTable


class AftercareTaskRow(CustomersTable, table=True):
    """A task of care after the end of a contract, as it was told last."""

    __tablename__ = "aftercare_task"
    __table_args__ = (Index("aftercare_task_of", "contract_id", "due_at"),)

    task_id: UUID = Field(primary_key=True)
    contract_id: UUID
    errand: str
    role: str
    assignee_id: UUID | None
    not_before: datetime
    due_at: datetime
    state: str = Field(sa_column_kwargs={"server_default": "open"})
    settled_at: datetime | None
