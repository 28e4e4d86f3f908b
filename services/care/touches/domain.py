"""A touch: the task of one person towards one customer, its states, and who sees it."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from services.care.obligations.domain import Duty, Every, PerMonth, Window
from shared.auth.principal import Principal
from shared.contracts.care import Contact, Excuse
from shared.errors import NotFound

OVERSEERS = frozenset({"cs_manager", "general_manager", "admin_dept", "admin"})
"""Who sees and may settle everybody's tasks."""


class TaskKind(StrEnum):
    """Why the task exists."""

    OBLIGATION = "obligation"
    APOLOGY_CALL = "apology_call"
    CALL_BACK = "call_back"
    MAKE_GOOD = "make_good"
    """Ordered because an obligation was missed; it fulfils no other one."""
    BATCH_WARNING = "batch_warning"
    """A store is told of a batch that it bought, whose alarm was raised (domain 3.8)."""
    SALE_STOP = "sale_stop"
    """An alarmed batch is not to be sold any longer; no customer's."""
    AFTERCARE = "aftercare"
    """Owed after a contract has ended: an errand of a table (domain 2.2)."""
    WINBACK = "winback"
    """What a tier's terms ask for to win somebody back who has left (domain 2.6)."""
    UNPLANNED = "unplanned"
    """Recorded without a task: it was done and fulfilled no obligation."""


STILL_WANTED: Final = (
    TaskKind.APOLOGY_CALL,
    TaskKind.CALL_BACK,
    TaskKind.BATCH_WARNING,
    TaskKind.SALE_STOP,
    TaskKind.AFTERCARE,
    TaskKind.WINBACK,
)
"""Kinds with a reason of their own, after which no other one comes: missed, they are to be done nevertheless."""


class TaskState(StrEnum):
    """`done` stays whatever changes; `missed` too, unless it was done in time and is entered late, or was still wanted
    and is done afterwards; `dropped` is not owed any longer."""

    OPEN = "open"
    DONE = "done"
    MISSED = "missed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A touch. `rule` is the obligation's interval, `anchor_at` the moment from which its window was counted,
    `assigned_by` who gave it to its person by hand. Of a miss: `excuse` why nobody is charged for it, `supervisor_id`
    who supervised its person then. `round` is that of the case, or which alarm of the batch it was; `errand` is what is
    done after the contract `contract_id` has ended; `winback_id` is the case by which somebody is to be won back,
    `loss_id` the loss because of which that was opened."""

    id: UUID
    customer_id: UUID | None
    kind: TaskKind
    role: str
    contact: Contact
    assignee_id: UUID | None
    window: Window
    anchor_at: datetime
    rule: PerMonth | Every | None = None
    complaint_id: UUID | None = None
    batch_id: UUID | None = None
    round: int | None = None
    contract_id: UUID | None = None
    errand: str | None = None
    winback_id: UUID | None = None
    loss_id: UUID | None = None
    assigned_by: UUID | None = None
    state: TaskState = TaskState.OPEN
    excuse: Excuse | None = None
    supervisor_id: UUID | None = None
    version: int = 1

    @property
    def duty(self) -> Duty:
        return self.role, self.contact

    def next_version(self, **changes: Any) -> "Task":
        """The same task after a change."""
        return replace(self, version=self.version + 1, **changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchRecord:
    """What a touch was about, what the customer said, and where it was; sealed wherever it is stored."""

    content: str
    said: str
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A touch that was done (domain 4.1): when it ended, how long it took, and what is recorded of it."""

    at: datetime
    minutes: int
    cost: Decimal | None
    record: TouchRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who entered a touch, and when; `late` is after the day of the touch (domain 2.1)."""

    by: UUID
    at: datetime
    late: bool


class TaskNotFound(NotFound):
    """There is no such task, or none that the caller sees."""


def viewer_of_tasks(caller: Principal) -> UUID | None:
    """Whose tasks the caller sees: their own and those of their people; None: everybody's."""
    return None if caller.has(*OVERSEERS) else caller.id
