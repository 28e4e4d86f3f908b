"""Which contact is owed how often, and when the next one is due (domain 4.1, decision 25).

All calendar rules run in the company's zone. A window is half open: a touch counts from `not_before` on and before
`due_at`; at `due_at` it is missed. Of several a month, visits and stays come one in each part of the month; calls and
messages on any days of it, each on another one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.care import Contact
from shared.contracts.customers import Tier
from shared.moments import day_begins
from shared.months import Month

HALF = Decimal("0.5")
HALF_A_MONTH = timedelta(days=15)
LONGEST = Decimal(60)
MOST_PER_MONTH = 28
CUT = frozenset({"visit", "stay"})
"""The contacts that are spread over the parts of a month."""
NOTICE = timedelta(days=7)
"""A change of tier or matrix never makes anybody late at once: so much time is left at least."""


@dataclass(frozen=True, slots=True)
class PerMonth:
    """`times` in each calendar month, one in each of as many equal parts: two mean one in each half. Those that are
    `free` come on any days of the month instead."""

    times: int
    free: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.times <= MOST_PER_MONTH:
            raise ValueError(f"1 to {MOST_PER_MONTH} times a month")

    def owed_by(self, contact: Contact) -> "PerMonth":
        """The same for a contact; once a month is once, cut or not."""
        return PerMonth(self.times, free=self.times > 1 and contact not in CUT)


@dataclass(frozen=True, slots=True)
class Every:
    """Once every so many months: due `within` the longer, welcome from the shorter one on (in steps of half a month).

    One number, such as "every 2 months", is welcome from its half on **(decided)**.
    """

    welcome: Decimal
    within: Decimal

    def __post_init__(self) -> None:
        if any(months % HALF for months in (self.welcome, self.within)):
            raise ValueError("months are counted in steps of half a month")
        if not Decimal(0) <= self.welcome <= self.within or not HALF <= self.within <= LONGEST:
            raise ValueError(f"0 <= welcome <= within, and within is {HALF} to {LONGEST} months")

    @classmethod
    def months(cls, within: Decimal | int) -> "Every":
        """Every so many months, welcome from half of it on, rounded down to half a month."""
        return cls((Decimal(within) / 2 // HALF) * HALF, Decimal(within))


@dataclass(frozen=True, slots=True)
class OnDemand:
    """Nothing stands planned: somebody decides when it is needed, or a sample is drawn."""

    how: Literal["as_needed", "sampled"]


Interval: TypeAlias = PerMonth | Every | OnDemand
Duty: TypeAlias = tuple[str, Contact]
"""A role and the kind of contact it owes."""
Matrix: TypeAlias = Mapping[tuple[Tier, str, Contact], Interval]


@dataclass(frozen=True, slots=True)
class MatrixVersion:
    """The matrix as one version says it; `set_at` and `set_by` are None for the one the service came with."""

    version: int
    matrix: Matrix
    set_at: datetime | None = None
    set_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """From when a touch counts, and when it is missed; `occurrence` counts those of a month that share it, from 1."""

    not_before: datetime
    due_at: datetime
    occurrence: int = 1


@dataclass(frozen=True, slots=True)
class Served:
    """When a duty was last fulfilled, and how many times in the running month."""

    at: datetime
    times: int


def as_json(interval: Interval) -> dict[str, Any]:
    """An interval as it is shown and stored with the matrix, and as it is stored with each task."""
    match interval:
        case PerMonth(times, free):
            return {"kind": "per_month", "times": times, **({"free": True} if free else {})}
        case Every(welcome, within):
            return {"kind": "every", "welcome": f"{welcome.normalize():f}", "within": f"{within.normalize():f}"}
        case OnDemand(how):
            return {"kind": how}


def from_json(said: Mapping[str, Any]) -> Interval:
    """The interval that is written so; raises ValueError for one that cannot be."""
    match said["kind"]:
        case "per_month":
            return PerMonth(said["times"], said.get("free", False))
        case "every" if said["welcome"] is None:
            return Every.months(Decimal(said["within"]))
        case "every":
            return Every(Decimal(said["welcome"]), Decimal(said["within"]))
        case how:
            return OnDemand(how)


def listed(matrix: Matrix) -> list[dict[str, Any]]:
    """The matrix as it is shown and stored: one obligation after the other."""
    return [
        {"tier": tier, "role": role, "contact": contact, "interval": as_json(interval)}
        for (tier, role, contact), interval in matrix.items()
    ]


def matrix_of(obligations: Iterable[Mapping[str, Any]]) -> Matrix:
    """The matrix that is written so."""
    return {(each["tier"], each["role"], each["contact"]): from_json(each["interval"]) for each in obligations}


def owed(matrix: Matrix, tier: Tier) -> dict[Duty, PerMonth | Every]:
    """What a customer of this tier is owed on a schedule."""
    return {
        (role, contact): interval.owed_by(contact) if isinstance(interval, PerMonth) else interval
        for (of, role, contact), interval in matrix.items()
        if of == tier and not isinstance(interval, OnDemand)
    }


def begin(
    interval: PerMonth | Every,
    *,
    now: datetime,
    zone: ZoneInfo,
    since: datetime | None = None,
    served: Served | None = None,
) -> Window:
    """The window of an obligation that is owed from now on: a new team, another tier, another matrix.

    `since` is from when an interval counts when nothing was done yet (the present task's beginning), otherwise it
    counts from now.
    """
    if isinstance(interval, PerMonth):
        return _begin_free(interval, now, zone, served) if interval.free else _begin_part(interval, now, zone, served)
    counted_from = served.at if served else since
    if counted_from is None:
        return Window(now, day_begins(_plus(_day(now, zone), interval.within) + timedelta(days=1), zone))
    window = _after(interval, _day(counted_from, zone), zone)
    grace = day_begins(_day(now, zone) + NOTICE, zone)
    return Window(max(window.not_before, now), max(window.due_at, grace))


def follow_done(interval: PerMonth | Every, at: datetime, zone: ZoneInfo) -> Window:
    """The window after a touch that was done at `at`; of several free ones, the first of the next month."""
    if isinstance(interval, PerMonth):
        return part_of(interval, part_of(interval, at, zone).due_at, zone)
    return _after(interval, _day(at, zone), zone)


def follow_missed(interval: PerMonth | Every, due_at: datetime, zone: ZoneInfo) -> Window:
    """The window after one that ended unmet at `due_at`: welcome at once, due a whole interval later."""
    if isinstance(interval, PerMonth):
        return part_of(interval, due_at, zone)
    return Window(due_at, day_begins(_plus(_day(due_at, zone), interval.within), zone))


def follow_free(interval: PerMonth, window: Window, done_at: datetime | None, zone: ZoneInfo) -> Window | None:
    """The next of the same month after a free one that was done at `done_at`, or missed when that is None.

    None when the month asks for no more. After one that was done it is welcome from the next day on; what is left is
    missed one by one when the month is over.
    """
    if not interval.free or window.occurrence >= interval.times:
        return None
    next_day = day_begins(_day(done_at, zone) + timedelta(days=1), zone) if done_at else window.not_before
    return replace(window, not_before=min(next_day, window.due_at), occurrence=window.occurrence + 1)


def part_of(interval: PerMonth, moment: datetime, zone: ZoneInfo) -> Window:
    """The part of the calendar month in which a moment lies; for free ones it is the month."""
    return _part(1 if interval.free else interval.times, moment, zone)[0]


def _part(parts: int, moment: datetime, zone: ZoneInfo) -> tuple[Window, int]:
    """The part of the month in which a moment lies, and how many parts of the month lie before it."""
    month = Month.of(moment, zone)
    days = (month.plus(1).first_day - month.first_day).days
    ordinal = _day(moment, zone).day - 1
    starts = [days * part // parts for part in range(parts + 1)]
    part = max(index for index, start in enumerate(starts[:-1]) if start <= ordinal)
    first = month.first_day
    window = Window(
        day_begins(first + timedelta(days=starts[part]), zone),
        day_begins(first + timedelta(days=starts[part + 1]), zone),
    )
    return window, part


def _begin_part(interval: PerMonth, now: datetime, zone: ZoneInfo, served: Served | None) -> Window:
    """The part of now, unless it is served already, or less than a third of it is left **(decided)**."""
    part = part_of(interval, now, zone)
    is_served = served is not None and served.at >= part.not_before
    if is_served or _is_nearly_over(part, now):
        return part_of(interval, part.due_at, zone)
    return Window(now, part.due_at)


def _begin_free(interval: PerMonth, now: datetime, zone: ZoneInfo, served: Served | None) -> Window:
    """In the rest of the month as many as if they were cut, less those that are done **(decided)**."""
    part, before = _part(interval.times, now, zone)
    gone = before + _is_nearly_over(part, now)
    occurrence = max(gone, served.times if served else 0) + 1
    month = part_of(interval, now, zone)
    if occurrence > interval.times:
        return part_of(interval, month.due_at, zone)
    return Window(now, month.due_at, occurrence)


def _is_nearly_over(part: Window, now: datetime) -> bool:
    return (part.due_at - now) * 3 < part.due_at - part.not_before


def _after(interval: Every, day: date, zone: ZoneInfo) -> Window:
    """Due by the end of the day that lies the longer interval after `day`."""
    return Window(
        day_begins(_plus(day, interval.welcome) + timedelta(days=0 if interval.welcome else 1), zone),
        day_begins(_plus(day, interval.within) + timedelta(days=1), zone),
    )


def _plus(day: date, months: Decimal) -> date:
    """So many months later, at most the month's last day; half a month is 15 days."""
    month = Month(day.year, day.month).plus(int(months))
    last = (month.plus(1).first_day - timedelta(days=1)).day
    later = month.first_day.replace(day=min(day.day, last))
    return later + HALF_A_MONTH if months % 1 else later


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
