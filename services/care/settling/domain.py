"""When a touch fulfils its task."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from services.care.obligations.domain import PerMonth
from services.care.touches.domain import Proof, Task, TaskState
from shared.errors import Conflict, Invalid
from shared.moments import written


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
    if task.state is not TaskState.OPEN:
        raise TaskNotOpen(f"it is {task.state}; read the customer's open tasks for what is ahead")
    _check_moment(proof.at, now, zone)
    if proof.at >= task.window.due_at:
        raise WindowEnded(f"it ended at {written(task.window.due_at)}; the touch counts for the next one")
    if isinstance(task.rule, PerMonth) and proof.at < task.window.not_before:
        raise TooEarly(f"this part of the month begins at {written(task.window.not_before)}")
    if task.contact in ("stay", "visit") and not proof.record.place:
        raise Invalid("a stay or visit says where it was", pointer="#/place")


def _check_moment(at: datetime, now: datetime, zone: ZoneInfo) -> None:
    if at > now:
        raise Invalid("a touch is recorded when it has been done, not before", pointer="#/at")
    if at < datetime.combine(now.astimezone(zone).date(), time(), zone):
        raise Invalid("a touch is recorded on the day it was done", pointer="#/at")
