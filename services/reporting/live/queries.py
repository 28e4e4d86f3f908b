"""How things stand when somebody begins to look: the cases that wait for their answer, and where the stream is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from asyncpg import Record

from services.reporting.complaints.queries import LATE
from services.reporting.context import Context
from services.reporting.live.domain import SOON, Standing
from services.reporting.stream.queries import updates
from shared.db import Connection

_OPEN = """
FROM complaint c JOIN complaint_round r ON r.complaint_id = c.id AND r.round = c.round
LEFT JOIN customer ON customer.id = c.customer_id
LEFT JOIN directory_name stores ON stores.id = c.customer_id
LEFT JOIN directory_staff staff ON staff.id = c.responsible_id
WHERE c.state = 'open' AND c.number IS NOT NULL
"""
_STANDING = f"""
SELECT count(*) AS open,
       count(*) FILTER (WHERE {LATE}) AS overdue,
       count(*) FILTER (WHERE {LATE} IS NOT TRUE AND r.due_at <= $1) AS due_soon,
       count(*) FILTER (WHERE r.due_at IS NULL) AS paused
{_OPEN}
"""
_QUEUE = f"""
SELECT c.id, c.number, c.kind, c.subject, coalesce(customer.tier, c.tier) AS tier, c.customer_id,
       stores.name AS customer_name, c.responsible_id, staff.name AS responsible_name, c.round, c.taken_over,
       r.began_at, r.due_at AS answer_due_at, coalesce({LATE}, false) AS overdue, c.escalation_level
{_OPEN}
ORDER BY coalesce(customer.tier, c.tier) NULLS LAST, r.due_at NULLS LAST, c.id LIMIT $1
"""


@dataclass(frozen=True, slots=True)
class Board:
    """How things stand at `now` (business time). `last_update` is the number of the newest update of the stream."""

    now: datetime
    last_update: int
    standing: Standing
    queue: Sequence[Record]


async def board(context: Context, most: int) -> Board:
    """The cases that wait for their answer, at most `most` of them named (domain 5, live)."""
    now = context.clock.now()
    last_update = (await updates.extent(context.database)).last_id
    async with context.database.connection() as reader:
        return Board(now, last_update, await _standing(reader, now), await _queue(reader, now, most))


async def _standing(reader: Connection, now: datetime) -> Standing:
    row = await reader.fetchrow(_STANDING, now + SOON, now)
    return Standing(**dict(row or {}))


async def _queue(reader: Connection, now: datetime, most: int) -> list[Record]:
    """The first cases that wait for their answer, by the customer's present tier, then by what is left."""
    return await reader.fetch(_QUEUE, most, now)
