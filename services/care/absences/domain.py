"""Absences of staff and closures of stores: whole days in the company's zone, both named ones included.

A miss is excused when one of them, or several that follow each other without a gap, cover its whole window; leave and
closure do not add up. A part of the window excuses nothing (examples 12).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from services.care.make_good.domain import OwnMiss, charged
from services.care.obligations.domain import Window
from services.care.staffing.domain import Staffing
from services.care.touches.domain import Task, TaskKind
from shared.contracts.care import Excuse
from shared.errors import Forbidden, Invalid, NotFound
from shared.moments import day_begins

AbsenceKind: TypeAlias = Literal["leave", "sick", "training", "other"]
ClosureReason: TypeAlias = Literal["holiday", "renovation", "owner_away", "other"]
Span: TypeAlias = tuple[datetime, datetime]
"""From a moment on, and before another."""

LONGEST: Final = 366
"""Days of one entry."""
FARTHEST: Final = 366
"""Days that an entry may begin back, or end ahead."""
EXCUSED: Final = "miss excused"
"""Why an order to make good goes."""


class Subject(StrEnum):
    """Who is not there: a colleague, or a store."""

    STAFF = "staff"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class Absence:
    """From the first day to the last one; `reason` is an AbsenceKind of a colleague, a ClosureReason of a store."""

    id: UUID
    subject: Subject
    whose: UUID
    reason: str
    first_day: date
    last_day: date
    entered_at: datetime
    entered_by: UUID
    version: int = 1

    def span(self, zone: ZoneInfo) -> Span:
        return span(self.first_day, self.last_day, zone)


class AbsenceNotFound(NotFound):
    """There is no such entry, or none about somebody whom the caller sees."""

    slug = "absence-not-found"
    title = "There is no such entry"


class OwnAbsence(Forbidden):
    slug = "own-absence"
    title = "Somebody else enters one's own absence"


def span(first_day: date, last_day: date, zone: ZoneInfo) -> Span:
    """The days as moments."""
    return day_begins(first_day, zone), day_begins(last_day + timedelta(days=1), zone)


def check_first(first_day: date, today: date) -> None:
    """Raises Invalid for a first day too far back."""
    if (today - first_day).days > FARTHEST:
        raise Invalid(f"an entry begins at most {FARTHEST} days back", pointer="#/from")


def check_last(first_day: date, last_day: date, today: date) -> None:
    """Raises Invalid for a last day before the first one, or too far from it or ahead."""
    if last_day < first_day:
        raise Invalid("the last day is not before the first one", pointer="#/to")
    if (last_day - first_day).days >= LONGEST:
        raise Invalid(f"an entry has at most {LONGEST} days", pointer="#/to")
    if (last_day - today).days > FARTHEST:
        raise Invalid(f"an entry ends at most {FARTHEST} days ahead", pointer="#/to")


def check_judge(judged: Iterable[Task], people: Staffing, by: UUID) -> None:
    """Raises OwnMiss for whoever missed one of these, or is charged for it: they do not decide what excuses it."""
    if any(by in (task.assignee_id, charged(task, people)) for task in judged):
        raise OwnMiss("these days decide about a miss of yours, or one that you are charged for; ask administration")


def excuse_of(task: Task, leave: Iterable[Span], closed: Iterable[Span]) -> Excuse | None:
    """What excuses a missed obligation, where anything does."""
    if task.kind is not TaskKind.OBLIGATION:
        return None
    if is_covered(task.window, leave):
        return "leave"
    return "closed" if is_covered(task.window, closed) else None


def is_covered(window: Window, spans: Iterable[Span]) -> bool:
    """Whether the window lies in the spans as a whole, without a gap."""
    reached = window.not_before
    for begins, ends in sorted(spans):
        if begins <= reached:
            reached = max(reached, ends)
    return reached >= window.due_at and window.due_at > window.not_before
