"""Answering calls in the database: one statement reads who calls and what to know of them, and enters it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record
from sqlalchemy import select
from sqlmodel import col

from services.customers.archive.store.customers import CUSTOMERS
from services.customers.archive.store.numbers import with_number
from services.customers.cases.store import OPEN
from services.customers.heads.store.caller import CALLER
from services.customers.heads.store.visibility import sees
from services.customers.heads.tables import CustomerRow
from services.customers.last_touches.store import LAST as LAST_TOUCHES
from services.customers.offers.store import BRANDS, EARNING
from services.customers.organisation.tables import StaffRow
from services.customers.owners.store import CALLING, CALLING_IDS
from services.customers.people.store import CALLERS, CONTACTS, SHOWN_IN_CALL
from services.customers.promises.store import OWED
from services.customers.purchases.store.entries import LAST as LAST_PURCHASES
from services.customers.teams.domain import Colleague
from services.customers.teams.tables import SeatRow
from shared.db import Connection
from shared.nested import Nested
from shared.statement import Statement, by_column, condition, part, with_parts


@dataclass(frozen=True, slots=True)
class Call:
    """A call: the trace of its number, whose customers only are shown, who asks, when, on which of the company's days,
    for what if that is said, and whether who asks sees phones and names in full."""

    trace: bytes
    viewer: UUID | None
    by: UUID
    now: datetime
    today: date
    purpose: str | None
    sees_phones: bool
    sees_names: bool


def _seat(role: str, id: UUID, name: str) -> tuple[str, Colleague]:
    return role, Colleague(id, name)


_TEAM = Nested(
    select(col(SeatRow.role), col(StaffRow.id), col(StaffRow.name))
    .join(StaffRow, col(StaffRow.id) == col(SeatRow.staff_id))
    .where(col(SeatRow.customer_id) == CALLER)
    .order_by(col(SeatRow.role)),
    _seat,
)
SHOWN: Final[Mapping[str, Nested[Any]]] = {
    "team": _TEAM,
    "callers": CALLERS,
    "owners": CALLING,
    "contacts": CONTACTS,
    "purchases": LAST_PURCHASES,
    "cases": OPEN,
    "promises": OWED,
    "touches": LAST_TOUCHES,
    "earning": EARNING,
    "brands": BRANDS,
}
"""What is read of who calls: the one place for whatever a screen-pop shows beside the archive."""
ANSWER = Statement(
    """
    WITH asked AS (
        SELECT t.*
        FROM unnest((SELECT :trace::bytea[]), (SELECT :viewer::uuid[]), (SELECT :by::uuid[]),
                    (SELECT :now::timestamptz[]), (SELECT :today::date[]), (SELECT :purpose::text[]),
                    (SELECT :sees_phones::boolean[]), (SELECT :sees_names::boolean[]))
            WITH ORDINALITY AS t(trace, viewer, by, now, today, purpose, sees_phones, sees_names, place)
    ), found AS MATERIALIZED (
        SELECT asked.place, asked.by, asked.now, asked.today, asked.trace, asked.purpose, asked.sees_phones,
               asked.sees_names, f.*,
               row_number() OVER (PARTITION BY asked.place ORDER BY f.tier, f.id) AS rank
        FROM asked CROSS JOIN LATERAL ({customers}) AS f
    ), entered AS (
        INSERT INTO audit_entry (made_by, what, subject, digest, purpose)
        SELECT asked.by, 'caller.looked_up', found.id, asked.trace, asked.purpose
        FROM asked LEFT JOIN found ON found.place = asked.place AND found.rank = 1
        UNION ALL SELECT found.by, 'customer.unmasked', found.id, NULL, found.purpose FROM found
        WHERE found.rank > 1 AND (found.sees_phones OR found.sees_names AND found.kind = 'person')
        UNION ALL SELECT caller.by, 'person.unmasked', p.id, NULL, caller.purpose
        FROM found AS caller CROSS JOIN LATERAL ({people}) AS p WHERE caller.rank = 1 AND caller.sees_names
        UNION ALL SELECT caller.by, 'owner.unmasked', o.id, NULL, caller.purpose
        FROM found AS caller CROSS JOIN LATERAL ({owners}) AS o WHERE caller.rank = 1 AND caller.sees_names
    )
    SELECT caller.*, {shown} FROM found AS caller ORDER BY caller.place, caller.rank
    """,
    customers=part(
        CUSTOMERS.where(
            condition(
                with_parts("customer.id = ANY (ARRAY({numbered}))", numbered=with_number("asked.trace")),
            ),
            condition(sees("customer.id", "asked.viewer")),
        )
        .order_by(col(CustomerRow.tier), col(CustomerRow.id))
        .limit(20)
    ),
    people=part(SHOWN_IN_CALL),
    owners=part(CALLING_IDS),
    shown=", ".join(f"CASE WHEN caller.rank = 1 THEN {each.sql} END AS {name}" for name, each in SHOWN.items()),
)
"""By hand: reading and entering are one round trip and one commit, for all calls of the same moment.

The arrays stand in selects of their own: so nobody plans by how long they are, and the plan is kept.
"""


async def answer(writer: Connection, _: None, calls: Sequence[Call]) -> list[list[Record]]:
    """Of each call those who have its number, the highest tier first, with what is shown of the first.

    All of them are entered: who was looked up, and that nobody was found; who else was shown in full, and who of its
    people and of their owners, as far as who asks sees them so.
    """
    rows = by_column({field.name: getattr(call, field.name) for field in fields(Call)} for call in calls)
    found: list[list[Record]] = [[] for _ in calls]
    for row in await ANSWER.all(writer, **rows):
        found[row["place"] - 1].append(row)
    return found
