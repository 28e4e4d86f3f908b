"""Touches, and what the month report of service counts: obligations met and missed per role, person and department."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.care import TouchFact
from shared.months import Month

_FOUR_PLACES = Decimal("0.0001")
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Touch:
    """A touch as an event leaves it."""

    fact: TouchFact
    state: str
    month: Month
    due_at: datetime
    not_before: datetime | None = None
    done_at: datetime | None = None
    missed_at: datetime | None = None
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Touches whose window ends in the month. A missed one stays missed when it is made good later."""

    met: int = 0
    missed: int = 0
    made_good: int = 0
    """Those of `missed` that were done afterwards."""
    open: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.met + other.met,
            self.missed + other.missed,
            self.made_good + other.made_good,
            self.open + other.open,
        )

    @property
    def share_met(self) -> Decimal | None:
        """The part of what was due that was met, 0 to 1; None when nothing was."""
        due = self.met + self.missed
        return (Decimal(self.met) / due).quantize(_FOUR_PLACES, ROUND_HALF_UP) if due else None


@dataclass(frozen=True, slots=True)
class PersonInRole:
    """Whose touches they are; None when nobody has the role in the account team (decision 25)."""

    role: str
    staff_id: UUID | None
    department_id: UUID | None


def month_of_window(due_at: datetime, zone: ZoneInfo) -> Month:
    """The month in which a window ends. It is half open: one that ends as a month begins is the month's before."""
    return Month.of(due_at - timedelta(microseconds=1), zone)


def summed(figures: Iterable[tuple[K, Figures]]) -> dict[K, Figures]:
    """The sum of the figures of each key."""
    sums: dict[K, Figures] = {}
    for key, each in figures:
        sums[key] = sums.get(key, Figures()) + each
    return sums
