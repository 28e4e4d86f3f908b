"""Reading many cases: the queue, and lists, narrowed by whatever a desk is asked.

Each set of filters has a statement of its own, made when it is first asked for and kept: with a filter that may be left
out inside one statement, no plan could use the index of those that are given. By hand, as the other reads of cases are
(`cases/queries.py`). Every statement reads a bounded number of rows from an index in the order of the page; where one
index cannot give that order (a department is several people, cases of all tiers by their due moment alone), each part
gives its first rows, and these are put together.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import orjson

from services.complaints.cases.domain import CaseState
from services.complaints.cases.queries import DUE, SUMMARY, Row
from services.complaints.context import Context
from services.complaints.lists.domain import (
    HEAD_OF_LIST,
    HEAD_OF_QUEUE,
    ListOrder,
    ListPlace,
    QueueOrder,
    QueuePlace,
    Wanted,
)
from services.complaints.rulebook.domain.calendar import Calendar
from services.complaints.rulebook.store import calendars
from shared.auth.visibility import subordinates
from shared.statement import Reader, Scalar, Statement, with_parts

_LISTED: Final = with_parts(
    """
{summary}, against_type, against_id::text AS against_id,
(SELECT n.name FROM directory_name n WHERE n.id = c.customer_id) AS customer_name,
(SELECT s.name FROM directory_staff s WHERE s.id = c.responsible_id) AS handler_name,
(SELECT s.name FROM directory_staff s WHERE s.id = c.accountable_id) AS accountable_name,
(SELECT s.name_en FROM subject s WHERE s.code = c.subject) AS subject_name_en,
(SELECT s.name_zh FROM subject s WHERE s.code = c.subject) AS subject_name_zh,
CASE WHEN customer_id IS NULL THEN words END AS words
""",
    summary=SUMMARY,
)
"""A case with the names that a list shows; the words only where the complainant is nobody's customer."""
_QUEUED: Final = with_parts(
    """
{listed}, tier_rank, queue_at, calendar_version,
CASE WHEN {due} IS NOT NULL THEN greatest(0, ceil(extract(epoch FROM {due} - :now)))::integer END AS seconds_left
""",
    listed=_LISTED,
    due=DUE,
)
_LATE: Final = with_parts("(breached_at IS NOT NULL OR stopped_at IS NULL AND {due} <= :now) IS TRUE", due=DUE)
_RANK: Final = "(strpos('ABCD', :tier))::smallint"
_CONDITIONS: Final[Mapping[str, str]] = {
    "tier": f"tier_rank = {_RANK}",
    "subject": "subject = :subject",
    "channel": "channel = :channel",
    "kind": "kind = :kind",
    "handler_id": "responsible_id = :handler_id",
    "accountable_id": "accountable_id = :accountable_id",
    "department_id": "responsible_id = colleague.of_it",
    "against_type": "against_type = :against_type",
    "against_id": "against_id = :against_id",
    "due_before": "queue_at < :due_before",
    "recorded_from": "recorded_at >= :recorded_from",
    "recorded_to": "recorded_at < :recorded_to",
    "customer_id": "customer_id = :customer_id",
    "number": "number = :number",
}
"""What a filter asks of a row. Closed values (state, unassigned, overdue) stand in the SQL, where partial indexes and
plans see them."""
_PARTS: Final[Mapping[str, str]] = {
    "department_id": "(SELECT id AS of_it FROM directory_staff WHERE department_id = :department_id) AS colleague",
    "tiers": "generate_series(1, 5) AS tiers (rank)",
}
"""Of what several parts a page is put together."""
_KEPT_STATEMENTS: Final = 2_048
_DEPARTMENT: Final = Scalar("SELECT department_id FROM directory_staff WHERE id = :id", UUID)


def _asked(wanted: Wanted, *, overdue: str) -> tuple[str, ...]:
    """The conditions of what is wanted, as SQL."""
    given = wanted.given()
    conditions = [_CONDITIONS[name] for name in given if name in _CONDITIONS]
    if wanted.state is not None:
        conditions.append(f"state = '{CaseState(wanted.state).value}'")
    if wanted.unassigned is not None:
        conditions.append(f"responsible_id IS {'' if wanted.unassigned else 'NOT '}NULL")
    if wanted.overdue is not None:
        conditions.append(overdue if wanted.overdue else f"NOT {overdue}")
    return tuple(conditions)


def _values(wanted: Wanted) -> dict[str, object]:
    return {name: value for name, value in wanted.given().items() if name in _CONDITIONS}


@lru_cache(_KEPT_STATEMENTS)
def _page(columns: str, conditions: Sequence[str], parts: Sequence[str], order: str, most: int) -> Statement[Any]:
    """A page of cases in an order, from an index that gives it, or from several parts that each do."""
    where, number = " AND ".join(conditions), f"{most:d}"
    if not parts:
        return Statement(
            "SELECT {columns} FROM complaint c WHERE {where} ORDER BY {order} LIMIT {most}",
            columns=columns,
            where=where,
            order=order,
            most=number,
        )
    return Statement(
        """
        SELECT {columns}
        FROM {parts}, LATERAL (SELECT c.* FROM complaint c WHERE {where} ORDER BY {order} LIMIT {most}) AS c
        ORDER BY {order} LIMIT {most}
        """,
        columns=columns,
        parts=", ".join(parts),
        where=where,
        order=order,
        most=number,
    )


# ---------------------------------------------------------------------------- the queue

_AFTER_IN_QUEUE: Final[Mapping[QueueOrder, str]] = {
    "urgency": "(tier_rank, queue_at, c.id) > (:tier_rank::smallint, :queue_at::timestamptz, :after_id::uuid)",
    "due": "(queue_at, c.id) > (:queue_at::timestamptz, :after_id::uuid)",
}
_QUEUE_ORDER: Final[Mapping[QueueOrder, str]] = {"urgency": "tier_rank, queue_at, c.id", "due": "queue_at, c.id"}


def queue_page(wanted: Wanted, order: QueueOrder, most: int) -> Statement[Any]:
    """The statement of a page of the queue."""
    by_tier = order == "due" and wanted.tier is None
    parts = [_PARTS["department_id"]] * (wanted.department_id is not None) + [_PARTS["tiers"]] * by_tier
    conditions = (
        "state = 'open'",
        *(["tier_rank = tiers.rank"] * by_tier),
        *_asked(wanted, overdue="queue_at <= :now"),
        _AFTER_IN_QUEUE[order],
    )
    return _page(_QUEUED, conditions, tuple(parts), _QUEUE_ORDER[order], most)


async def read_queue(
    context: Context, wanted: Wanted, order: QueueOrder, after: QueuePlace | None, most: int
) -> list[Row]:
    """Cases that wait for their answer, after a place in the queue; their place stands beside their fields.

    `seconds_left` counts as the case's clock does: null while paused, 0 when the time is over. Paused clocks have no
    due moment, so they are neither overdue nor due before any.
    """
    tier_rank, queue_at, id_ = after or HEAD_OF_QUEUE
    place: dict[str, object] = {"queue_at": queue_at, "after_id": id_}
    if order == "urgency":
        place["tier_rank"] = tier_rank
    now = context.clock.now()
    page = queue_page(wanted, order, most)
    async with context.database.connection() as reader:
        found = await page.all(reader, now=now, **place, **_values(wanted))
        known = await calendars.by_version(reader, (row["calendar_version"] for row in found))
    return [_counted(row, known, now) for row in _named(context, found)]


def _counted(row: Row, known: Mapping[int | None, Calendar], now: datetime) -> Row:
    calendar = known.get(row.pop("calendar_version"))
    if calendar is not None and row["seconds_left"]:
        row["seconds_left"] = math.ceil(calendar.between(now, row["answer_due_at"]).total_seconds())
    return row


# ---------------------------------------------------------------------------- lists

_AFTER_IN_LIST: Final[Mapping[ListOrder, str]] = {
    "newest": "(recorded_at, c.id) < (:recorded_at::timestamptz, :after_id::uuid)",
    "oldest": "(recorded_at, c.id) > (:recorded_at::timestamptz, :after_id::uuid)",
}
_LIST_ORDER: Final[Mapping[ListOrder, str]] = {
    "newest": "recorded_at DESC, c.id DESC",
    "oldest": "recorded_at, c.id",
}
_CONCERNS: Final = (
    ("person", "responsible_id = person.id"),
    ("person", "accountable_id = person.id"),
    ("person", "recorded_by = person.id AND customer_id IS NULL"),
    ("served", "customer_id = served.id"),
)
"""By what a case concerns somebody who does not see every customer: they or one of their people handle it, are
accountable for it, recorded it for nobody's customer (what is recorded for a customer concerns the customer's team), or
serve its customer."""
_OF_PEOPLE: Final = with_parts(
    """
WITH person (id) AS MATERIALIZED ({people}),
    served (id) AS MATERIALIZED (SELECT r.id FROM customer_ref r WHERE r.team && ARRAY(SELECT p.id FROM person p))
""",
    people=subordinates(),
)


def list_page(wanted: Wanted, order: ListOrder, most: int) -> Statement[Any]:
    """The statement of a page of a list, for who sees every customer."""
    parts = (_PARTS["department_id"],) if wanted.department_id is not None else ()
    conditions = (*_asked(wanted, overdue=_LATE), _AFTER_IN_LIST[order])
    return _page(_LISTED, conditions, parts, _LIST_ORDER[order], most)


@lru_cache(_KEPT_STATEMENTS)
def _concerning(conditions: Sequence[str], parts: Sequence[str], order: ListOrder, most: int) -> Statement[Any]:
    order_by, number = _LIST_ORDER[order], f"{most:d}"
    places = " UNION ".join(
        with_parts(
            """
            SELECT place.* FROM {source}, LATERAL (
                SELECT c.id, c.recorded_at FROM complaint c WHERE {where} ORDER BY {order} LIMIT {most}
            ) AS place
            """,
            source=", ".join((source, *parts)),
            where=" AND ".join((concerns, *conditions)),
            order=order_by,
            most=number,
        )
        for source, concerns in _CONCERNS
    )
    return Statement(
        """
        {people} SELECT {columns} FROM complaint c
        WHERE c.id IN (SELECT c.id FROM ({places}) AS c ORDER BY {order} LIMIT {most}) ORDER BY {order}
        """,
        people=_OF_PEOPLE,
        columns=_LISTED,
        places=places,
        order=order_by,
        most=number,
    )


def concerning_page(wanted: Wanted, order: ListOrder, most: int) -> Statement[Any]:
    """The statement of a page of a list, for who sees what concerns them."""
    parts = (_PARTS["department_id"],) if wanted.department_id is not None else ()
    conditions = (*_asked(wanted, overdue=_LATE), _AFTER_IN_LIST[order])
    return _concerning(conditions, parts, order, most)


async def list_cases(
    context: Context, wanted: Wanted, order: ListOrder, after: ListPlace | None, most: int, *, viewer: UUID | None
) -> list[Row]:
    """Cases by the moment of recording, after a place in the list; a viewer sees what concerns them."""
    recorded_at, id_ = after or HEAD_OF_LIST[order]
    values = {"recorded_at": recorded_at, "after_id": id_, **_values(wanted), "now": context.clock.now()}
    if viewer is None:
        page = list_page(wanted, order, most)
    else:
        page, values["viewer"] = concerning_page(wanted, order, most), viewer
    return _named(context, await page.all(context.database, **values))


async def department_of(reader: Reader, staff_id: UUID) -> UUID | None:
    """The department in which the directory has somebody."""
    return await _DEPARTMENT.one(reader, id=staff_id)


def _named(context: Context, found: Iterable[Any]) -> list[Row]:
    """Rows with the names as they are answered."""
    return [_with_names(context, dict(row.items())) for row in found]


def _with_names(context: Context, row: Row) -> Row:
    words, type_, against_id = row.pop("words"), row.pop("against_type"), row.pop("against_id")
    row["complainant_name"] = _complainant(context, words, row["id"]) if words is not None else None
    row["handler"] = _colleague(row["responsible_id"], row.pop("handler_name"))
    row["accountable"] = _colleague(row["accountable_id"], row.pop("accountable_name"))
    row["against"] = {"type": type_, "id": against_id} if type_ is not None else None
    return row


def _colleague(id_: str | None, name: str | None) -> Row | None:
    return {"id": id_, "name": name} if id_ is not None else None


def _complainant(context: Context, words: bytes, id_: str) -> str | None:
    complainant = orjson.loads(context.words.open(words, UUID(id_).bytes))["complainant"]
    return complainant["name"] if complainant else None
