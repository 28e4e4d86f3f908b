"""Whose dates fall in a period: what was entered as a date, and what the archive says itself: openings of stores and
birthdays of customers who are persons, where no date of that occasion was entered."""

from calendar import isleap
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from services.customers.archive.store import sealing
from services.customers.context import Context
from services.customers.dates import domain
from services.customers.dates.domain import LONGEST, OF_STORES, Calendar, CalendarDay, Falls, Occasion, Period
from services.customers.dates.store import OPENED_NUMBER, day_trace, opened
from services.customers.heads.store.visibility import all_seen
from services.customers.people.store import name_in
from services.customers.personal_keys import store as keys
from services.customers.traces.store import birthday_trace
from shared.statement import Statement, with_parts

NOBODY: Final = UUID(int=0)
_ENTERED: Final = """
    SELECT t.day, d.id, d.id AS date_id, d.version, d.customer_id, d.person_id, d.occasion, d.own_key, d.sealed
    FROM {days} LATERAL (
        SELECT f.date_id FROM date_falls f
        WHERE f.trace = t.trace AND (t.day, f.date_id) > (:after_day::date, :after::uuid) {fence}
    ) AS f
    JOIN important_date d ON d.id = f.date_id LEFT JOIN person p ON p.id = d.person_id
    WHERE p.left_on IS NULL AND (:personal::boolean OR d.occasion = 'opening') AND {seen}
"""
_OF_ARCHIVE: Final = """
    SELECT t.day, d.customer_id, NULL::uuid, NULL::integer, d.customer_id, NULL::uuid, '{occasion}', true, NULL::bytea
    FROM {days} LATERAL (SELECT d.customer_id FROM archive d WHERE {falls} {fence}) AS d
    WHERE (t.day, d.customer_id) > (:after_day::date, :after::uuid) AND {seen} AND NOT EXISTS (
        SELECT FROM important_date o
        WHERE o.customer_id = d.customer_id AND o.person_id IS NULL AND o.occasion = '{occasion}')
"""
_OPENED: Final = with_parts("d.kind = 'store' AND {number} = t.number AND d.opened_on <= t.day", number=OPENED_NUMBER)
_BORN: Final = "d.kind = 'person' AND :personal::boolean AND d.traces @> ARRAY[t.birth]"
_FALL: Final = """
    WITH t AS (
        SELECT * FROM unnest(:days::date[], :traces::bytea[], :numbers::integer[], :births::bytea[])
            AS t(day, trace, number, birth)
    )
    SELECT f.*, a.kind, a.name AS store_name, a.opened_on, a.personal AS archive, p.personal AS person,
        k.sealed_by, k.wrapped
    FROM {found} AS f
    JOIN archive a ON a.customer_id = f.customer_id
    LEFT JOIN person p ON p.id = f.person_id
    LEFT JOIN personal_key k ON k.subject_id = coalesce(f.person_id, f.customer_id)
    ORDER BY f.day, f.id LIMIT :most
"""


def _found(days: str, seen: str, fence: str, bounded: str) -> str:
    """What falls, of all three."""
    each = (
        with_parts(_ENTERED, days=days, seen=seen, fence=fence),
        with_parts(_OF_ARCHIVE, days=days, seen=seen, fence=fence, occasion="opening", falls=_OPENED),
        with_parts(_OF_ARCHIVE, days=days, seen=seen, fence=fence, occasion="birthday", falls=_BORN),
    )
    return " UNION ALL ".join(f"({one} {bounded})" for one in each)


OF_ALL: Final = Statement(
    _FALL, found=f"t CROSS JOIN LATERAL ({_found('', 'true', 'OFFSET 0', 'ORDER BY 2 LIMIT :most')})"
)
"""By hand: of each day at most a page is read, by its trace or its number.

The fence has the day's index asked first: PostgreSQL would rather walk through all dates or customers in the order of
the page, as far as their end where the day is nobody's.
"""
OF_VIEWER: Final = Statement(_FALL, found=f"({_found('t CROSS JOIN', all_seen('d.customer_id'), '', '')})")
"""By hand: the customers of the viewer are found first, and of these the dates."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A date that falls on a day, and whose it is; `date_id` is None where the archive says it."""

    id: UUID
    date_id: UUID | None
    customer_id: UUID
    person_id: UUID | None
    occasion: Occasion
    calendar: Calendar
    falls: Falls
    customer_name: str
    person_name: str | None

    @property
    def personal(self) -> bool:
        return self.occasion not in OF_STORES


async def coming(
    context: Context,
    period: Period,
    seen: Collection[str],
    after: tuple[date, UUID] | None,
    most: int,
    *,
    viewer: UUID | None,
) -> list[Coming]:
    """Which dates of the viewer's customers fall in a period, the earliest first; of people for who sees birthdays.

    Who has left is nobody's any more. Raises PeriodRefused.
    """
    domain.check_period(period, context.today())
    after_day, after_id = after or (date.min, NOBODY)
    asked = {"after_day": after_day, "after": after_id, "personal": sees_personal(seen)}
    found: list[Coming] = []
    for part in _parts(max(period.first, after_day), period.last, at_once=viewer is not None):
        values = {**asked, **days_asked(context, part), "most": most - len(found)}
        if viewer is None:
            rows = await OF_ALL.all(context.database, **values)
        else:
            rows = await OF_VIEWER.all(context.database, **values, viewer=viewer)
        found += [_coming(context, row) for row in rows]
        if len(found) == most:
            break
    return found


def sees_personal(seen: Collection[str]) -> bool:
    """Whether birthdays are among what is seen in full, and so all dates of people; others see those of stores."""
    return "birthday" in seen


def _parts(first: date, last: date, *, at_once: bool) -> Iterator[Period]:
    """A period in parts, each twice as long as the one before: where many dates fall the first ones fill a page."""
    days = LONGEST.days + 1 if at_once else 1
    while first <= last:
        end = min(last, first + timedelta(days=days - 1))
        yield Period(first, end)
        first, days = end + timedelta(days=1), days * 2


def days_asked(context: Context, part: Period) -> dict[str, Any]:
    """The days of a period as the statements ask for them; on the 28th of February of most years the 29th, too."""
    rows: list[tuple[date, bytes | None, int, bytes]] = []
    for n in range((part.last - part.first).days + 1):
        day = part.first + timedelta(days=n)
        rows.append((day, day_trace(context.traces, day), *_number(context, day.month, day.day)))
        if (day.month, day.day) == (2, 28) and not isleap(day.year):
            rows.append((day, None, *_number(context, 2, 29)))
    return dict(zip(("days", "traces", "numbers", "births"), map(list, zip(*rows, strict=True)), strict=True))


def _number(context: Context, month: int, day: int) -> tuple[int, bytes]:
    return month * 100 + day, birthday_trace(context.traces, month, day)


def _coming(context: Context, row: Record) -> Coming:
    key, customer_id, person_id = keys.key_in(row), row["customer_id"], row["person_id"]
    said: dict[str, Any] = {"name": row["store_name"]}
    if row["kind"] == "person":
        said = sealing.unseal(context.personal.of(customer_id, key), customer_id, row["archive"])
    if row["date_id"] is not None:
        day = opened(row, context.personal).day
    else:
        first: date = said.get("birthday") or row["opened_on"]
        day = CalendarDay("solar", first.month, first.day, year=first.year)
    on: date = row["day"]
    return Coming(
        row["id"],
        row["date_id"],
        customer_id,
        person_id,
        row["occasion"],
        day.calendar,
        next(each for each in domain.falls(day, on.year) if each.on == on),
        said["name"],
        None if person_id is None else name_in(context.personal.of(person_id, key), person_id, row["person"]),
    )
