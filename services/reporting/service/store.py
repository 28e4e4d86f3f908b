"""Touches in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.reporting.service.domain import Figures, PersonInRole
from shared.contracts.care import TouchFact
from shared.db import Connection
from shared.months import Month

RECENT = 20

_KEEP = """
INSERT INTO touch AS t (id, customer_id, kind, role, contact, assignee_id, state, month, not_before, due_at, done_at,
                        missed_at, minutes)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[],
                     $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::integer[])
ON CONFLICT (id) DO UPDATE SET assignee_id = EXCLUDED.assignee_id, state = EXCLUDED.state,
"""
_PLAN = f"""{_KEEP}
    customer_id = EXCLUDED.customer_id, kind = EXCLUDED.kind, role = EXCLUDED.role, contact = EXCLUDED.contact,
    month = EXCLUDED.month, not_before = EXCLUDED.not_before, due_at = EXCLUDED.due_at
"""
_SETTLE = f"""{_KEEP}
    done_at = coalesce(EXCLUDED.done_at, t.done_at), missed_at = coalesce(EXCLUDED.missed_at, t.missed_at),
    minutes = coalesce(EXCLUDED.minutes, t.minutes)
"""
_COUNTS = "SELECT state, count(*) AS touches FROM touch WHERE customer_id = $1 GROUP BY state"
_LAST = "SELECT * FROM touch WHERE customer_id = $1 AND done_at IS NOT NULL ORDER BY done_at DESC, id DESC LIMIT 1"
_NEXT = "SELECT * FROM touch WHERE customer_id = $1 AND state = 'open' ORDER BY due_at, id LIMIT 1"
_RECENT = "SELECT * FROM touch WHERE customer_id = $1 ORDER BY due_at DESC, id DESC LIMIT $2"
_MONTH = """
SELECT t.role, t.assignee_id, s.department_id,
       count(*) FILTER (WHERE t.done_at IS NOT NULL AND t.missed_at IS NULL) AS met,
       count(*) FILTER (WHERE t.missed_at IS NOT NULL) AS missed,
       count(*) FILTER (WHERE t.missed_at IS NOT NULL AND t.done_at IS NOT NULL) AS made_good,
       count(*) FILTER (WHERE t.state = 'open') AS open
FROM touch t LEFT JOIN directory_staff s ON s.id = t.assignee_id
WHERE t.month = $1 AND t.kind = $2
GROUP BY 1, 2, 3 ORDER BY 1, 2 NULLS LAST
"""


@dataclass(frozen=True, slots=True)
class Kept:
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
class Touches:
    """A customer's touches: how many per state, the last one done, the next one due, and the recent ones."""

    counts: dict[str, int]
    last: Record | None
    next: Record | None
    recent: Sequence[Record]


async def plan(transaction: Connection, touches: Sequence[Kept]) -> None:
    """Keeps touches as planned, or as planned anew."""
    await _keep(transaction, _PLAN, touches)


async def settle(transaction: Connection, touches: Sequence[Kept]) -> None:
    """Keeps what became of touches; their window stays as it was planned."""
    await _keep(transaction, _SETTLE, touches)


async def _keep(transaction: Connection, sql: str, touches: Sequence[Kept]) -> None:
    facts = [touch.fact for touch in touches]
    await transaction.execute(
        sql,
        [fact.task_id for fact in facts],
        [fact.customer_id for fact in facts],
        [fact.kind for fact in facts],
        [fact.role for fact in facts],
        [fact.contact for fact in facts],
        [fact.assignee_id for fact in facts],
        [touch.state for touch in touches],
        [str(touch.month) for touch in touches],
        [touch.not_before for touch in touches],
        [touch.due_at for touch in touches],
        [touch.done_at for touch in touches],
        [touch.missed_at for touch in touches],
        [touch.minutes for touch in touches],
    )


async def touches_of(reader: Connection, customer_id: UUID) -> Touches:
    """What was owed to one customer and what became of it."""
    counts = await reader.fetch(_COUNTS, customer_id)
    return Touches(
        counts={row["state"]: row["touches"] for row in counts},
        last=await reader.fetchrow(_LAST, customer_id),
        next=await reader.fetchrow(_NEXT, customer_id),
        recent=await reader.fetch(_RECENT, customer_id, RECENT),
    )


async def month_of(reader: Connection, month: Month, kind: str) -> list[tuple[PersonInRole, Figures]]:
    """Figures per role and person of the touches of a kind whose window ends in the month."""
    rows = await reader.fetch(_MONTH, str(month), kind)
    return [
        (
            PersonInRole(row["role"], row["assignee_id"], row["department_id"]),
            Figures(row["met"], row["missed"], row["made_good"], row["open"]),
        )
        for row in rows
    ]


async def departments(reader: Connection) -> dict[UUID, str]:
    """The names of all departments."""
    return {row["id"]: row["name"] for row in await reader.fetch("SELECT id, name FROM directory_department")}
