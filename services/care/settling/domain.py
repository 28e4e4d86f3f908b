"""When a touch fulfils a task, be it entered on its day or late (domain 2.1 and 4.1, decision 25)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.care.obligations.domain import PerMonth, part_of
from services.care.touches.domain import STILL_WANTED, Entry, Proof, Task, TaskKind, TaskState
from shared.contracts.care import Contact
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


class SameDay(Conflict):
    slug = "task-same-day"
    title = "A touch of that day counts already"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTouch:
    """A touch without a task; `role` in which it was, None for the own."""

    customer_id: UUID
    contact: Contact
    role: str | None
    proof: Proof


def entry_of(proof: Proof, by: UUID, *, now: datetime, zone: ZoneInfo, longest: timedelta) -> Entry:
    """How the touch is entered: by whom, and whether late.

    Raises Invalid for one that lies ahead, or more than `longest` back.
    """
    if proof.at > now:
        raise Invalid("a touch is recorded when it has been done, not before", pointer="#/at")
    if proof.at < now - longest:
        raise Invalid(f"a touch is entered within {longest.days} days", pointer="#/at")
    return Entry(by=by, at=now, late=_day(proof.at, zone) < _day(now, zone))


def check_place(contact: Contact, proof: Proof) -> None:
    """Raises Invalid for a stay or visit that does not say where it was."""
    if contact in ("stay", "visit") and not proof.record.place:
        raise Invalid("a stay or visit says where it was", pointer="#/place")


def counts_from(task: Task, zone: ZoneInfo) -> datetime:
    """From when on a touch counts for the task.

    A part of a month from its beginning. Of several that share a month those that follow another one from the month's
    beginning, because an earlier day may be entered late. A range from the day of its beginning on, after a touch from
    the next day: it only advises when it is welcome. What makes a miss good, from the moment of the order.
    """
    if task.kind is TaskKind.MAKE_GOOD:
        return task.window.not_before
    follows_a_touch = task.window.not_before > task.anchor_at
    if isinstance(task.rule, PerMonth):
        month = part_of(task.rule, task.window.due_at - timedelta.resolution, zone)
        return month.not_before if task.rule.free and follows_a_touch else task.window.not_before
    return datetime.combine(_day(task.anchor_at, zone) + timedelta(days=follows_a_touch), time(), zone)


def check_done(task: Task, at: datetime, done: Collection[datetime], zone: ZoneInfo) -> None:
    """Raises unless a touch of that moment fulfils the task; `done` is when its duty was fulfilled since a touch
    counts for it.

    A miss does not stand against it when the touch was in time and is entered late. What is still wanted (a store is to
    be warned, however late) is fulfilled after its window as well.
    """
    if task.kind in STILL_WANTED and task.state in (TaskState.OPEN, TaskState.MISSED) and at >= task.window.due_at:
        return
    if task.state is TaskState.MISSED and at >= task.window.due_at:
        raise TaskNotOpen(f"it was missed at {written(task.window.due_at)}; the touch counts for the next one")
    if task.state not in (TaskState.OPEN, TaskState.MISSED):
        raise TaskNotOpen(f"it is {task.state}; read the customer's open tasks for what is ahead")
    if at >= task.window.due_at:
        raise WindowEnded(f"it ended at {written(task.window.due_at)}; the touch counts for the next one")
    if at < (begins := counts_from(task, zone)):
        raise TooEarly(f"a touch counts for it from {written(begins)} on")
    if _shares_a_month(task) and _day(at, zone) in {_day(each, zone) for each in done}:
        raise SameDay("those of a month are on days of their own; the next one counts from another day on")


def fits(task: Task, at: datetime, done: Collection[datetime], zone: ZoneInfo) -> bool:
    """Whether a touch of that moment fulfils the task."""
    try:
        check_done(task, at, done, zone)
    except Conflict:
        return False
    return True


def person_in(role: str, team: Mapping[str, UUID], people: Collection[UUID] | None) -> UUID | None:
    """Who has the role towards the customer, when it is one of `people` (None: everybody)."""
    person = team.get(role)
    return person if people is None or person in people else None


def _shares_a_month(task: Task) -> bool:
    return isinstance(task.rule, PerMonth) and task.rule.free


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
