"""Plans that answer signals, and their measures."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.customers.registry import CustomersTable


class SignalPlanRow(CustomersTable, table=True):
    """A plan; its words are sealed, and gone once the person is erased."""

    __tablename__ = "signal_plan"
    __table_args__ = (
        CheckConstraint("(outcome IS NULL) = (closed_at IS NULL)", name="signal_plan_closes_with_an_outcome"),
        Index("signal_plan_open", "signal_id", unique=True, postgresql_where=text("outcome IS NULL")),
        Index("signal_plan_signal", "signal_id", "id"),
        Index("signal_plan_customer", "customer_id", "id"),
        Index("signal_plan_assignee", "assignee_id", "id"),
    )

    id: UUID = Field(primary_key=True)
    version: int
    signal_id: UUID = Field(foreign_key="signal.id")
    customer_id: UUID = Field(foreign_key="customer.id")
    assignee_id: UUID
    words: bytes | None
    opened_at: datetime
    opened_by: UUID
    outcome: str | None
    end_words: bytes | None
    closed_at: datetime | None
    updated_at: datetime | None = None
    closed_by: UUID | None


class SignalMeasureRow(CustomersTable, table=True):
    """A measure of a plan; its words are sealed likewise."""

    __tablename__ = "signal_measure"
    __table_args__ = (
        Index("signal_measure_plan", "plan_id", "due_on", "id"),
        Index("signal_measure_due", "due_on", postgresql_where=text("done_at IS NULL")),
    )

    id: UUID = Field(primary_key=True)
    plan_id: UUID = Field(foreign_key="signal_plan.id")
    due_on: date
    staff_id: UUID
    words: bytes | None
    done_at: datetime | None
    done_by: UUID | None
    done_words: bytes | None
