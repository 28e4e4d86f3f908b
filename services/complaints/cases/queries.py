"""Reading cases: one, a list, the queue."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any
from uuid import UUID

import orjson

from services.complaints.cases.domain import ComplaintNotFound, Words
from services.complaints.cases.store.holding import calendars_of
from services.complaints.context import Context
from services.complaints.customers.queries import on_team
from services.complaints.rulebook.domain.calendar import Calendar
from shared.auth.visibility import subordinates
from shared.db import Connection
from shared.errors import Forbidden

_SUMMARY = """
id::text AS id, number, state, nullif(substr('ABCD', tier_rank, 1), '') AS tier, round, due_at AS answer_due_at,
due_at IS NULL AS paused, (breached_at IS NOT NULL OR stopped_at IS NULL AND due_at <= $1) IS TRUE AS overdue,
answered_at, escalation_level, responsible_id::text AS responsible_id, taken_over, customer_id::text AS customer_id,
kind, subject, channel, recorded_at
"""
"""The fields of a case in a list, as they are answered; late by the times themselves, $1 being now."""
_WHOLE = f"""
{_SUMMARY}, against_type, against_id::text AS against_id, words, purchase_id::text AS purchase_id, happened_at,
resolved_at, closed_at, started_at, version
"""
_EARLIER_ROUNDS = """
SELECT round, started_at, due_at AS answer_due_at, answered_at, resolved_at, closed_at,
       breached_at IS NOT NULL AS overdue, escalation_level
FROM complaint_round WHERE complaint_id = $1 AND round < $2 ORDER BY round
"""
_PEOPLE = subordinates("$3")
ONE = f"SELECT {_WHOLE} FROM complaint c WHERE c.id = $2"  # noqa: S608  constant column list
ONE_OF_TEAM = f"""
SELECT {_WHOLE} FROM complaint c
WHERE c.id = $2 AND (ARRAY[recorded_by, responsible_id] && ARRAY({_PEOPLE})
                     OR EXISTS (SELECT 1 FROM customer_ref r WHERE r.id = c.customer_id AND r.team && ARRAY({_PEOPLE})))
"""  # noqa: S608  constant column list
QUEUE = f"""
SELECT {_SUMMARY}, tier_rank, queue_at, calendar_version,
       CASE WHEN due_at IS NOT NULL THEN greatest(0, ceil(extract(epoch FROM due_at - $1)))::integer END AS seconds_left
FROM complaint c
WHERE state = 'open' AND (tier_rank, queue_at, c.id) > ($2::smallint, $3::timestamptz, $4::uuid)
ORDER BY tier_rank, queue_at, c.id
"""  # noqa: S608  constant column list
_FILTERS = ("customer_id", "state", "number")


def _list_by(filters: Sequence[str]) -> str:
    narrowed = "".join(f" AND c.{name} = ${place}" for place, name in enumerate(filters, start=3))
    return f"SELECT {_SUMMARY} FROM complaint c WHERE c.id < $2{narrowed} ORDER BY c.id DESC"  # noqa: S608  names of ours


LISTS = {filters: _list_by(filters) for many in range(len(_FILTERS) + 1) for filters in combinations(_FILTERS, many)}
"""By the filters that are given, in their order."""


def limited(sql: str, limit: int) -> str:
    """With the limit as a number in it, not a parameter: else no plan can be kept, because none knows how few it is."""
    return f"{sql} LIMIT {limit:d}"


async def read_case(context: Context, id_: UUID, *, viewer: UUID | None) -> tuple[Any, Sequence[Any]]:
    """The row of a case and its earlier rounds. Raises ComplaintNotFound.

    With a viewer only what concerns that person or their people, by the customer's team, as the responsible one, or by
    intake; anything else is as if it were not there.
    """
    async with context.database.connection() as reader:
        row = await _one(reader, id_, context.clock.now(), viewer)
        if row is None:
            raise ComplaintNotFound("no complaint has this id")
        return row, await _earlier_rounds(reader, id_, row["round"])


async def _one(reader: Connection, id_: UUID, now: datetime, viewer: UUID | None) -> Any:
    if viewer is None:
        return await reader.fetchrow(ONE, now, id_)
    return await reader.fetchrow(ONE_OF_TEAM, now, id_, viewer)


async def _earlier_rounds(reader: Connection, id_: UUID, present: int) -> list[Any]:
    """The rounds before the present one; few cases have any, so it is a statement of its own."""
    return await reader.fetch(_EARLIER_ROUNDS, id_, present) if present > 1 else []


def words_of(context: Context, row: Any) -> Words:
    """What people said, unsealed."""
    return Words(**orjson.loads(context.words.open(row["words"], UUID(row["id"]).bytes)))


async def list_cases(
    context: Context, filters: dict[str, Any], before: UUID, limit: int, *, viewer: UUID | None
) -> Sequence[Any]:
    """Rows of cases below the id `before`, the newest first; a viewer sees those of a customer whose team they are on.

    Raises Forbidden when a viewer names no customer.
    """
    given = {name: filters[name] for name in _FILTERS if filters[name] is not None}
    async with context.database.connection() as reader:
        if viewer is not None and not await _concerns(reader, filters["customer_id"], viewer):
            return []
        return await reader.fetch(limited(LISTS[tuple(given)], limit), context.clock.now(), before, *given.values())


async def _concerns(reader: Connection, customer_id: UUID | None, viewer: UUID) -> bool:
    if customer_id is None:
        raise Forbidden("name a customer you serve: customer_id")
    return await on_team(reader, customer_id, viewer)


async def read_queue(context: Context, after: tuple[int, datetime, UUID], limit: int) -> Sequence[Any]:
    """Rows of open cases by tier and what is left on the clock, after a place in the queue; their place stands beside
    their fields.

    `seconds_left` counts as the case's clock does: null while paused, 0 when the time is over.
    """
    async with context.database.connection() as reader:
        now = context.clock.now()
        rows = await reader.fetch(limited(QUEUE, limit), now, *after)
        known = await calendars_of(reader, rows)
    return [_counted(dict(row), known, now) for row in rows]


def _counted(row: dict[str, Any], known: Mapping[int, Calendar], now: datetime) -> dict[str, Any]:
    calendar = known.get(row.pop("calendar_version"))
    if calendar is not None and row["seconds_left"]:
        row["seconds_left"] = math.ceil(calendar.between(now, row["answer_due_at"]).total_seconds())
    return row
