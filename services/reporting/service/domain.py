"""Touches, and what the month report of service counts: obligations met and missed per role, person and department."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.months import Month

_FOUR_PLACES = Decimal("0.0001")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Touch:
    """One task of one person towards one customer."""

    id: UUID
    kind: str
    role: str
    contact: str
    assignee_id: UUID | None
    state: str
    not_before: datetime | None
    due_at: datetime
    done_at: datetime | None
    missed_at: datetime | None
    minutes: int | None
    recorded_late: bool
    excuse: str | None
    make_good_until: datetime | None
    made_good_at: datetime | None
    make_good_missed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Touches:
    """A customer's touches: how many per state, the last one done, the next one due, and the recent ones."""

    last: Touch | None
    next: Touch | None
    recent: Sequence[Touch]
    open: int = 0
    done: int = 0
    missed: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """Touches whose window ends in the month. A missed one stays missed when it is made good later."""

    met: int = 0
    missed: int = 0
    excused: int = 0
    """Those of `missed` for which nobody is charged: leave, or a closed store."""
    made_good: int = 0
    """Those of `missed` that were made good afterwards."""
    make_good_missed: int = 0
    """Those of `missed` that were to be made good, and were not in time."""
    open: int = 0
    recorded_late: int = 0
    """Those of all that were done which were entered after their day."""

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.met + other.met,
            self.missed + other.missed,
            self.excused + other.excused,
            self.made_good + other.made_good,
            self.make_good_missed + other.make_good_missed,
            self.open + other.open,
            self.recorded_late + other.recorded_late,
        )

    @property
    def share_met(self) -> Decimal | None:
        """The part of what was due that was met, 0 to 1; None when nothing was. What is excused was not due."""
        due = self.met + self.missed - self.excused
        return (Decimal(self.met) / due).quantize(_FOUR_PLACES, ROUND_HALF_UP) if due else None


@dataclass(frozen=True, slots=True)
class PersonInRole:
    """The figures of one person in one role; nobody's when the account team has nobody in it (decision 25)."""

    role: str
    staff_id: UUID | None
    name: str | None
    """None for who is not in the directory, and for nobody; the same for departments."""
    department_id: UUID | None
    department_name: str | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class DepartmentFigures:
    """The figures of the people of one department, in all their roles."""

    department_id: UUID | None
    name: str | None
    figures: Figures


@dataclass(frozen=True, slots=True)
class MonthOfService:
    """Figures of a month, per person and role; the rest are their sums."""

    people: Sequence[PersonInRole]

    @property
    def total(self) -> Figures:
        return sum((person.figures for person in self.people), Figures())

    @property
    def roles(self) -> dict[str, Figures]:
        return _summed((person.role, person.figures) for person in self.people)

    @property
    def departments(self) -> list[DepartmentFigures]:
        sums = _summed(((each.department_id, each.department_name), each.figures) for each in self.people)
        return [DepartmentFigures(*department, figures) for department, figures in sums.items()]


def month_of_window(due_at: datetime, zone: ZoneInfo) -> Month:
    """The month in which a window ends. It is half open: one that ends as a month begins is the month's before."""
    return Month.of(due_at - timedelta(microseconds=1), zone)


def _summed(figures: Iterable[tuple[K, Figures]]) -> dict[K, Figures]:
    """The sum of the figures of each key."""
    sums: dict[K, Figures] = {}
    for key, each in figures:
        sums[key] = sums.get(key, Figures()) + each
    return sums
