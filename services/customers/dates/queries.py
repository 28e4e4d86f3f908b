"""Reading important dates: of one customer, and whose fall in a period."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import orjson
from asyncpg import Record

from services.customers.context import Context
from services.customers.dates import domain
from services.customers.dates.domain import Falls, ImportantDate, Period
from services.customers.dates.store import DATES, opened, traces_between
from services.customers.heads.store.visibility import all_seen
from services.customers.people.queries import check_seen
from services.customers.personal_keys import store as keys
from shared.statement import Statement

NOBODY: Final = UUID(int=0)
_PAGE: Final = Statement(
    DATES
    + """ WHERE d.customer_id = :customer_id AND d.id > :after AND (:personal::boolean OR d.occasion = 'opening')
    ORDER BY d.id LIMIT :most"""
)
_FALL: Final = """
    SELECT t.day, d.id, d.version, d.customer_id, d.person_id, d.occasion, d.sealed, k.sealed_by, k.wrapped,
        a.name AS customer_name, p.personal AS person
    FROM unnest(:days::date[], :traces::bytea[]) AS t(day, trace)
    {found}
    JOIN archive a ON a.customer_id = d.customer_id
    LEFT JOIN person p ON p.id = d.person_id
    LEFT JOIN personal_key k ON d.own_key AND k.subject_id = coalesce(d.person_id, d.customer_id)
    WHERE (t.day, d.id) > (:after_day::date, :after::uuid) AND (:personal::boolean OR d.occasion = 'opening')
        AND p.left_on IS NULL AND {seen}
    ORDER BY t.day, d.id LIMIT :most
"""
_ALL: Final = Statement(
    _FALL,
    found="""CROSS JOIN LATERAL (
        SELECT d.* FROM date_falls f JOIN important_date d ON d.id = f.date_id LEFT JOIN person p ON p.id = d.person_id
        WHERE f.trace = t.trace AND (t.day, f.date_id) > (:after_day::date, :after::uuid) AND p.left_on IS NULL
            AND (:personal::boolean OR d.occasion = 'opening')
        ORDER BY f.date_id LIMIT :most
    ) AS d""",
    seen="true",
)
"""By hand: of each day at most a page is read, by its trace; so a page costs the same however many dates there are."""
_SEEN_BY: Final = Statement(
    _FALL,
    found="JOIN date_falls f ON f.trace = t.trace JOIN important_date d ON d.id = f.date_id",
    seen=all_seen("d.customer_id"),
)
"""By hand: the customers of the viewer are found first, and of these the dates."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A date that falls on a day, and whose it is; a person's name is None where it is the customer's own."""

    important: ImportantDate
    falls: Falls
    customer_name: str | None
    person_name: str | None

    @property
    def id(self) -> UUID:
        return self.important.id


async def page(
    context: Context, customer_id: UUID, after: UUID | None, most: int, *, personal: bool, viewer: UUID | None
) -> list[ImportantDate]:
    """The dates of a customer and its people, in the order in which they were entered; `personal`: not the store's
    alone. Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    await check_seen(context, customer_id, viewer=viewer)
    rows = await _PAGE.all(
        context.database, customer_id=customer_id, after=after or NOBODY, most=most, personal=personal
    )
    return [opened(row, context.personal) for row in rows]


async def coming(
    context: Context,
    period: Period,
    after: tuple[date, UUID] | None,
    most: int,
    *,
    personal: bool,
    viewer: UUID | None,
) -> list[Coming]:
    """Which dates of the viewer's customers fall in a period, the earliest first. Who has left is nobody's any more.

    Raises PeriodRefused.
    """
    domain.check_period(period, context.today())
    after_day, after_id = after or (date.min, NOBODY)
    traces = traces_between(context.traces, max(period.first, after_day), period.last)
    values: dict[str, Any] = {
        "days": list(traces), "traces": list(traces.values()), "after_day": after_day, "after": after_id,
        "personal": personal, "most": most,
    }  # fmt: skip
    if viewer is None:
        rows = await _ALL.all(context.database, **values)
    else:
        rows = await _SEEN_BY.all(context.database, **values, viewer=viewer)
    return [_coming(context, row) for row in rows]


def _coming(context: Context, row: Record) -> Coming:
    important = opened(row, context.personal)
    on: date = row["day"]
    name: str | None = None
    if row["person"] is not None:
        sealer = context.personal.of(row["person_id"], keys.key_in(row))
        name = orjson.loads(sealer.open(row["person"], row["person_id"].bytes))["name"]
    found = next(each for each in domain.falls(important.day, on.year) if each.on == on)
    return Coming(important, found, row["customer_name"], name)
