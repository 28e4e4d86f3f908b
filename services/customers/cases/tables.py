"""Cases of customers, as complaints told of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable


class CaseRow(CustomersTable, table=True):
    """A customer's case; of one that is solved the row stays, because it may be opened again."""

    __tablename__ = "customer_case"
    __table_args__ = (
        Index("customer_case_open", "customer_id", postgresql_where=text("state IN ('open', 'answered')")),
    )

    complaint_id: UUID = Field(primary_key=True)
    customer_id: UUID
    number: str
    kind: str
    subject: str
    state: str
    recorded_at: datetime
    answer_due_at: datetime | None
    """None also while the clock is paused."""
    paused_until: datetime | None
    due_after_pause: datetime | None
    """When the answer is due if the pause lasts to its longest end."""
    unfounded: bool = Field(sa_column_kwargs={"server_default": "false"})
    """Judged not valid, or not meant in good faith, whether solved or not."""
