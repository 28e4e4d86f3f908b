"""A touch: the task of one person towards one customer, its states, and who may see and do it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from services.care.obligations.domain import Every, PerMonth, Window
from shared.contracts.care import Contact
from shared.errors import Conflict, Invalid


class Kind(StrEnum):
    """Why the task exists."""

    OBLIGATION = "obligation"
    APOLOGY_CALL = "apology_call"


class State(StrEnum):
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
    kind: Kind
    role: str
    contact: Contact
    assignee_id: UUID | None
    window: Window
    anchor_at: datetime
    rule: PerMonth | Every | None = None
    complaint_id: UUID | None = None
    round: int | None = None
    state: State = State.OPEN
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


class TaskNotOpen(Conflict):
    slug = "task-not-open"
    title = "The task is not open"


class WindowEnded(Conflict):
    slug = "task-window-ended"
    title = "The task's window has ended"


class TooEarly(Conflict):
    slug = "task-too-early"
    title = "The task's window has not begun"


def check_done(task: Task, proof: Proof, now: datetime, zone: ZoneInfo) -> None:
    """Raises unless the touch fulfils the task.

    It was today (every touch is recorded the same day, domain 2.1), before the window's end; of several a month each
    belongs into its own part of it; a stay or visit says where it was.
    """
    if task.state is not State.OPEN:
        raise TaskNotOpen(f"it is {task.state}; read the customer's open tasks for what is ahead")
    _check_moment(proof.at, now, zone)
    if proof.at >= task.window.due_at:
        raise WindowEnded(f"it ended at {task.window.due_at.isoformat()}; the touch counts for the next one")
    if isinstance(task.rule, PerMonth) and proof.at < task.window.not_before:
        raise TooEarly(f"this part of the month begins at {task.window.not_before.isoformat()}")
    if task.contact in ("stay", "visit") and not proof.place:
        raise Invalid("a stay or visit says where it was", pointer="#/place")


def _check_moment(at: datetime, now: datetime, zone: ZoneInfo) -> None:
    if at > now:
        raise Invalid("a touch is recorded when it has been done, not before", pointer="#/at")
    if at.astimezone(zone).date() != now.astimezone(zone).date():
        raise Invalid("a touch is recorded on the day it was done", pointer="#/at")


OVERSEERS = frozenset({"cs_manager", "general_manager", "admin_dept", "admin"})
"""Who sees and may settle everybody's tasks."""
