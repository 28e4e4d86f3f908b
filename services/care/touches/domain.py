"""A touch: the task of one person towards one customer, its states, and who sees it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.care.obligations.domain import Every, PerMonth, Window
from shared.auth.principal import Principal
from shared.contracts.care import Contact
from shared.errors import NotFound

OVERSEERS = frozenset({"cs_manager", "general_manager", "admin_dept", "admin"})
"""Who sees and may settle everybody's tasks."""


class TaskKind(StrEnum):
    """Why the task exists."""

    OBLIGATION = "obligation"
    APOLOGY_CALL = "apology_call"


class TaskState(StrEnum):
    """`done` and `missed` are final and stay whatever changes; `dropped` is not owed any longer."""

    OPEN = "open"
    DONE = "done"
    MISSED = "missed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A touch. `rule` is the obligation's interval, `anchor_at` the moment from which its window was counted."""

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
    round: int | None = None
    state: TaskState = TaskState.OPEN
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The record of a touch that was done (domain 4.1). `minutes` is its length, `place` where it was."""

    at: datetime
    minutes: int
    content: str
    said: str
    place: str | None
    cost: Decimal | None


class TaskNotFound(NotFound):
    """There is no such task, or none that the caller sees."""


def viewer_of_tasks(caller: Principal) -> UUID | None:
    """Whose tasks the caller sees: their own and those of their people; None: everybody's."""
    return None if caller.has(*OVERSEERS) else caller.id
