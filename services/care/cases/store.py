"""Open complaints per customer, and the numbers of cases."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from services.care.cases.domain import Case
from shared.db import Connection, Database

_KEEP = """
INSERT INTO complaint_case AS c (complaint_id, customer_id, number, open, overdue)
SELECT id, customer_id, number, open, false
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::boolean[]) AS t(id, customer_id, number, open) ORDER BY id
ON CONFLICT (complaint_id) DO UPDATE SET customer_id = COALESCE(EXCLUDED.customer_id, c.customer_id),
    number = COALESCE(EXCLUDED.number, c.number), open = EXCLUDED.open, overdue = EXCLUDED.overdue
"""
_OVERDUE = """
INSERT INTO complaint_case AS c (complaint_id, customer_id, number, open, overdue)
SELECT id, customer_id, number, true, true
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS t(id, customer_id, number) ORDER BY id
ON CONFLICT (complaint_id) DO UPDATE SET overdue = true, number = COALESCE(c.number, EXCLUDED.number)
"""
_HOLDS = """
SELECT customer_id, bool_or(overdue) AS overdue FROM complaint_case
WHERE customer_id = ANY($1::uuid[]) AND open GROUP BY customer_id
"""
_NUMBERS = "SELECT complaint_id, number FROM complaint_case WHERE complaint_id = ANY($1::uuid[]) AND number IS NOT NULL"


async def keep(transaction: Connection, cases: Sequence[Case]) -> None:
    """Stores the last word on each case; whoever opens, ends or reopens one ends its being overdue."""
    last = {case.complaint_id: case for case in cases}
    await transaction.execute(
        _KEEP,
        list(last),
        [case.customer_id for case in last.values()],
        [case.number for case in last.values()],
        [case.open for case in last.values()],
    )


async def mark_overdue(transaction: Connection, cases: Mapping[UUID, tuple[UUID | None, str]]) -> None:
    """Complaint -> customer and number. A late answer may tell of breach and end at once, so this opens no case."""
    customers, numbers_ = [customer for customer, _ in cases.values()], [number for _, number in cases.values()]
    await transaction.execute(_OVERDUE, list(cases), customers, numbers_)


async def holds(reader: Connection | Database, customers: Collection[UUID]) -> Mapping[UUID, str]:
    """Why promotion to these customers is held: `open_complaint` or `overdue_complaint`; the others are not in it."""
    rows = await reader.fetch(_HOLDS, list(customers))
    return {row["customer_id"]: "overdue_complaint" if row["overdue"] else "open_complaint" for row in rows}


async def numbers(reader: Connection, complaints: Collection[UUID]) -> Mapping[UUID, str]:
    """The numbers that are known."""
    return {row["complaint_id"]: row["number"] for row in await reader.fetch(_NUMBERS, list(complaints))}
