"""What may be ordered to be made good, until when, and the task by which it is (examples 12).

It is owed once more and on its own: done, it settles the order and no regular window, and the miss stays a miss.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services.care.obligations.domain import Window
from services.care.staffing.domain import Staffing
from services.care.touches.domain import Task, TaskKind, TaskState
from shared.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from shared.moments import day_begins, written

LONGEST: Final = timedelta(days=366)
"""How far ahead the end may lie; beyond is a slip of the pen."""
MOST: Final = 200
"""Misses of one request."""
IN_TIME: Final = "miss withdrawn"
"""Why an order goes with its miss."""


class TaskNotMissed(Conflict):
    slug = "task-not-missed"
    title = "Only a missed obligation is made good"


class MakeGoodStands(Conflict):
    slug = "make-good-stands"
    title = "It has been ordered already"


class MakeGoodEnded(Conflict):
    slug = "make-good-ended"
    title = "The time to make it good has ended"


class MakeGoodNotFound(NotFound):
    """Nothing was ordered to be made good of this task."""

    slug = "make-good-not-found"
    title = "There is no such order"


class OwnMiss(Forbidden):
    """Whoever missed it, and whoever pays for it, sets no time to make it good and enters nothing that excuses it."""

    slug = "own-miss"
    title = "Somebody else decides on one's own miss"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one miss of many: the task by which it is made good, or why it was refused."""

    task_id: UUID
    make_good_id: UUID | None = None
    refusal: DomainError | None = None


def end_of(said: date | datetime, *, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which it is too late: of a date the end of that day in the company's zone, a moment as it is.

    Raises Invalid for one that does not lie ahead, or lies too far.
    """
    until = said
    if not isinstance(until, datetime):
        until = day_begins(until + timedelta(days=1), zone)
    if until <= now:
        raise Invalid(f"it is to lie ahead; {written(until)} has passed", pointer="#/until")
    if until > now + LONGEST:
        raise Invalid(f"it is to lie within {LONGEST.days} days", pointer="#/until")
    return until


def check_missed(task: Task) -> None:
    """Raises TaskNotMissed for anything but an obligation that stands as missed, and is not excused."""
    if task.kind is not TaskKind.OBLIGATION:
        raise TaskNotMissed(f"it is of the kind {task.kind}; only obligations are made good")
    if task.state is not TaskState.MISSED:
        raise TaskNotMissed(f"it is {task.state}; only what is missed is made good")
    if task.excuse is not None:
        raise TaskNotMissed("it is excused: the person was on leave, or the store closed")


def charged(task: Task, people: Staffing) -> UUID | None:
    """The supervisor who is charged for a miss (domain 4.1): whoever it was then, whatever has changed since; of a task
    that nobody has told as missed yet, and of one missed before that was kept, whoever it is now."""
    return task.supervisor_id or people.supervisor(task.assignee_id)


def check_not_own(task: Task, people: Staffing, by: UUID) -> None:
    """Raises OwnMiss for whoever missed it, and for the supervisor who is charged for it (domain 4.1)."""
    if by in (task.assignee_id, charged(task, people)):
        raise OwnMiss("it is your own miss, or you are charged for it; ask administration or your manager")


def check_not_ended(make_good: Task, now: datetime) -> None:
    """Raises MakeGoodEnded when the order is settled, or its time over."""
    if make_good.state is not TaskState.OPEN or make_good.window.due_at <= now:
        raise MakeGoodEnded(f"it is {make_good.state}, and ended at {written(make_good.window.due_at)}")


def ordered(missed: Task, assignee_id: UUID | None, until: datetime, *, now: datetime, task_id: UUID) -> Task:
    """The task by which a miss is made good: the same touch, from now on."""
    return Task(
        id=task_id,
        customer_id=missed.customer_id,
        kind=TaskKind.MAKE_GOOD,
        role=missed.role,
        contact=missed.contact,
        assignee_id=assignee_id,
        window=Window(now, until),
        anchor_at=now,
    )
