"""Tasks: one open one per customer, role and contact; one apology call and one call-back per complaint and round
(decision 25); one order to make good per miss; one warning per store, batch and alarm; one errand of a kind
per ended contract, beside what was dropped."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from services.care.registry import CareTable
from shared.tables import jsonb, numeric, smallint

_OPEN = text("state = 'open'")
_OPEN_OBLIGATION = text("state = 'open' AND kind = 'obligation'")
_DONE_OBLIGATION = text("state = 'done' AND kind = 'obligation'")
_APOLOGY = text("kind = 'apology_call'")
_CALL_BACK = text("kind = 'call_back'")
_WARNING = text("kind = 'batch_warning'")
_SALE_STOP = text("kind = 'sale_stop'")
_AFTERCARE = text("kind = 'aftercare' AND state <> 'dropped'")
_WINBACK = text("kind = 'winback'")
_OF_LOSS = text("loss_id IS NOT NULL")
_UNASSIGNED = text("state = 'open' AND assignee_id IS NULL")


class TaskRow(CareTable, table=True):
    """A touch from planning to its end. `record` holds what was said and done, sealed."""

    __tablename__ = "task"
    __table_args__ = (
        Index("task_one_open", "customer_id", "role", "contact", unique=True, postgresql_where=_OPEN_OBLIGATION),
        Index("task_one_apology", "complaint_id", "round", unique=True, postgresql_where=_APOLOGY),
        Index("task_one_call_back", "complaint_id", "round", unique=True, postgresql_where=_CALL_BACK),
        Index("task_one_warning", "batch_id", "round", "customer_id", unique=True, postgresql_where=_WARNING),
        Index("task_one_sale_stop", "batch_id", "round", unique=True, postgresql_where=_SALE_STOP),
        Index("task_one_errand_owed", "contract_id", "errand", unique=True, postgresql_where=_AFTERCARE),
        Index("task_one_winback", "winback_id", "contact", unique=True, postgresql_where=_WINBACK),
        Index("task_of_loss", "loss_id", postgresql_where=_OF_LOSS),
        Index("task_due", "due_at", postgresql_where=_OPEN),
        Index("task_unassigned", "role", postgresql_where=_UNASSIGNED),
        Index("task_done", "customer_id", "role", "contact", "settled_at", postgresql_where=_DONE_OBLIGATION),
        Index("task_of_assignee", "assignee_id", "due_at", "id"),
        Index("task_of_customer", "customer_id", "due_at", "id"),
        Index("task_in_order", "due_at", "id"),
    )

    id: UUID = Field(primary_key=True)
    customer_id: UUID | None
    kind: str
    role: str
    contact: str
    assignee_id: UUID | None
    state: str
    not_before: datetime
    due_at: datetime
    occurrence: int = smallint(sa_column_kwargs={"server_default": "1"})
    """Which of those of a month that share its window."""
    anchor_at: datetime
    rule: dict[str, Any] | None = jsonb()
    complaint_id: UUID | None
    batch_id: UUID | None
    """The alarmed batch because of which it was planned; `round` is then which alarm of it."""
    round: int | None
    contract_id: UUID | None
    """The contract after whose end it is owed; `errand` says what it is, by the code of a table."""
    errand: str | None
    winback_id: UUID | None
    """The case by which somebody is to be won back."""
    loss_id: UUID | None
    """The loss because of which that case was opened; none: before there was one."""
    planned_at: datetime
    settled_at: datetime | None
    settled_by: UUID | None
    reason: str | None
    excuse: str | None
    """Why nobody is charged for the miss: leave of the person, or a closed store."""
    supervisor_id: UUID | None
    """Who supervised its person when it was missed, and is charged for it."""
    minutes: int | None
    cost: Decimal | None = numeric(14, 2)
    record: bytes | None
    recorded_at: datetime | None
    """When a touch was entered that was done at `settled_at`."""
    recorded_late: bool = Field(sa_column_kwargs={"server_default": "false"})
    """Entered after its day."""
    assigned_by: UUID | None
    """Who gave it to its person, where the team had nobody; empty when it follows from the team."""
    version: int = Field(sa_column_kwargs={"server_default": "1"})


class BatchAlarmRow(CareTable, table=True):
    """What a batch is called whose alarm was raised, the how-manieth that is, and whether it was lifted."""

    __tablename__ = "batch_alarm"

    batch_id: UUID = Field(primary_key=True)
    alarm: int
    product: str | None
    batch: str
    lifted: bool


class MakeGoodRow(CareTable, table=True):
    """That a missed task is to be made good, by which task of its own; until when, that one's window says."""

    __tablename__ = "make_good"
    __table_args__ = (Index("make_good_once", "task_id", unique=True, postgresql_where=text("dropped_at IS NULL")),)

    make_good_id: UUID = Field(primary_key=True)
    task_id: UUID
    ordered_at: datetime
    ordered_by: UUID
    dropped_at: datetime | None
    """When the miss turned out to be none; it may be ordered anew should it be one after all."""
