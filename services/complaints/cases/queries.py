"""Reading cases: one, a list, the queue.

Rows are dicts whose values are JSON already, made so by the columns of the statements (by hand for that reason): they
go to orjson as they are, and nothing is done per row that PostgreSQL can do.
"""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import combinations
from typing import Any, Final, TypeAlias
from uuid import UUID

import orjson

from services.complaints.cases.domain import ComplaintNotFound, Words
from services.complaints.context import Context
from services.complaints.customers.queries import on_team
from services.complaints.rulebook.domain.calendar import Calendar
from services.complaints.rulebook.store import calendars
from shared.auth.visibility import subordinates
from shared.db import Connection
from shared.errors import Forbidden
from shared.statement import Statement, with_parts

Row: TypeAlias = dict[str, Any]
QueuePlace: TypeAlias = tuple[int, datetime, UUID]
"""Of a case in the queue: its tier's rank, what orders it within the tier, its id."""

HEAD_OF_QUEUE: Final[QueuePlace] = (0, datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
ABOVE_EVERY_ID: Final = UUID(int=2**128 - 1)

DUE = "coalesce(due_at, CASE WHEN next_alarm_at <= :now THEN due_after_pause END)"
"""When an answer is or was due: a pause is over at its longest end, whether or not a timer has noticed; else null."""
_SUMMARY = with_parts(
    """
id::text AS id, number, state, nullif(substr('ABCD', tier_rank, 1), '') AS tier, round, {due} AS answer_due_at,
{due} IS NULL AS paused, (breached_at IS NOT NULL OR stopped_at IS NULL AND {due} <= :now) IS TRUE AS overdue,
answered_at, escalation_level, responsible_id::text AS responsible_id,
accountable_id::text AS accountable_id, taken_over, customer_id::text AS customer_id,
kind, subject, channel, recorded_at
""",
    due=DUE,
)
"""The fields of a case in a list, as they are answered; late by the times themselves."""
_WHOLE = with_parts(
    """
{summary}, against_type, against_id::text AS against_id, words, purchase_id::text AS purchase_id, happened_at,
resolved_at, closed_at, started_at, version, valid, good_faith,
(SELECT name FROM directory_staff WHERE id = c.responsible_id) AS handler_name,
(SELECT name FROM directory_staff WHERE id = c.accountable_id) AS accountable_name
""",
    summary=_SUMMARY,
)
ONE = Statement("SELECT {whole} FROM complaint c WHERE c.id = :id", whole=_WHOLE)
_ONE_OF_TEAM = Statement(
    """
    SELECT {whole} FROM complaint c
    WHERE c.id = :id
        AND (ARRAY[recorded_by, responsible_id, accountable_id] && ARRAY({people})
             OR EXISTS (SELECT 1 FROM customer_ref r WHERE r.id = c.customer_id AND r.team && ARRAY({people})))
    """,
    whole=_WHOLE,
    people=subordinates(),
)
_EARLIER_ROUNDS = Statement(
    """
    SELECT round, started_at, due_at AS answer_due_at, answered_at, resolved_at, closed_at,
           breached_at IS NOT NULL AS overdue, escalation_level
    FROM complaint_round WHERE complaint_id = :id AND round < :present ORDER BY round
    """
)
QUEUE = Statement(
    """
    SELECT {summary}, tier_rank, queue_at, calendar_version,
           CASE WHEN {due} IS NOT NULL THEN greatest(0, ceil(extract(epoch FROM {due} - :now)))::integer END
               AS seconds_left
    FROM complaint c
    WHERE state = 'open'
        AND (tier_rank, queue_at, c.id) > (:tier_rank::smallint, :queue_at::timestamptz, :after_id::uuid)
    ORDER BY tier_rank, queue_at, c.id
    """,
    summary=_SUMMARY,
    due=DUE,
)
_FILTERS = ("customer_id", "state", "number")
LISTS = {
    given: Statement(
        "SELECT {summary} FROM complaint c WHERE c.id < :before{narrowed} ORDER BY c.id DESC",
        summary=_SUMMARY,
        narrowed="".join(f" AND c.{name} = :{name}" for name in given),
    )
    for many in range(len(_FILTERS) + 1)
    for given in combinations(_FILTERS, many)
}
"""By the filters that are given, in their order."""


async def read_case(context: Context, id_: UUID, *, viewer: UUID | None) -> tuple[Row, list[Row]]:
    """The row of a case and its earlier rounds. Raises ComplaintNotFound.

    With a viewer only what concerns that person or their people, by the customer's team, as handler or accountable
    person, or by intake; anything else is as if it were not there.
    """
    async with context.database.connection() as reader:
        now = context.clock.now()
        if viewer is None:
            row = await ONE.one(reader, now=now, id=id_)
        else:
            row = await _ONE_OF_TEAM.one(reader, now=now, id=id_, viewer=viewer)
        if row is None:
            raise ComplaintNotFound("no complaint has this id")
        present = row["round"]  # few cases have earlier ones, so these are a statement of their own
        earlier = await _EARLIER_ROUNDS.all(reader, id=id_, present=present) if present > 1 else []
    return dict(row.items()), _rows(earlier)


def words_of(context: Context, row: Row) -> Words:
    """What people said, unsealed."""
    return Words(**orjson.loads(context.words.open(row["words"], UUID(row["id"]).bytes)))


async def list_cases(
    context: Context, filters: Mapping[str, Any], before: UUID | None, most: int, *, viewer: UUID | None
) -> list[Row]:
    """Cases below the id `before`, the newest first; a viewer sees those of a customer whose team they are on.

    Raises Forbidden when a viewer names no customer.
    """
    given = {name: filters[name] for name in _FILTERS if filters[name] is not None}
    listed = LISTS[tuple(given)].limited(most)
    async with context.database.connection() as reader:
        if viewer is not None and not await _concerns(reader, filters["customer_id"], viewer):
            return []
        return _rows(await listed.all(reader, now=context.clock.now(), before=before or ABOVE_EVERY_ID, **given))


async def _concerns(reader: Connection, customer_id: UUID | None, viewer: UUID) -> bool:
    if customer_id is None:
        raise Forbidden("name a customer you serve: customer_id")
    return await on_team(reader, customer_id, viewer)


async def read_queue(context: Context, after: QueuePlace | None, most: int) -> list[Row]:
    """Open cases by tier and what is left on the clock, after a place in the queue; their place stands beside their
    fields.

    `seconds_left` counts as the case's clock does: null while paused, 0 when the time is over.
    """
    tier_rank, queue_at, id_ = after or HEAD_OF_QUEUE
    now = context.clock.now()
    async with context.database.connection() as reader:
        found = await QUEUE.limited(most).all(reader, now=now, tier_rank=tier_rank, queue_at=queue_at, after_id=id_)
        known = await calendars.by_version(reader, (row["calendar_version"] for row in found))
    return [_counted(row, known, now) for row in _rows(found)]


def _counted(row: Row, known: Mapping[int | None, Calendar], now: datetime) -> Row:
    calendar = known.get(row.pop("calendar_version"))
    if calendar is not None and row["seconds_left"]:
        row["seconds_left"] = math.ceil(calendar.between(now, row["answer_due_at"]).total_seconds())
    return row


def _rows(found: Iterable[Any]) -> list[Row]:
    return [dict(row.items()) for row in found]
