"""Reading the queue: cases that wait for their answer, by tier and what is left on the clock, or by that alone."""

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from services.complaints.cases.queries import Row
from services.complaints.context import Context
from services.complaints.lists.domain import HEAD_OF_QUEUE, QueueOrder, QueuePlace, Wanted
from services.complaints.lists.queries.clauses import QUEUED, asked, named, page, several_of, values_of
from services.complaints.rulebook.domain.calendar import Calendar
from services.complaints.rulebook.store import calendars
from shared.statement import Statement

_AFTER_IN_QUEUE: Final[Mapping[QueueOrder, str]] = {
    "urgency": "(tier_rank, queue_at, c.id) > (:tier_rank::smallint, :queue_at::timestamptz, :after_id::uuid)",
    "due": "(queue_at, c.id) > (:queue_at::timestamptz, :after_id::uuid)",
}
_TIERS: Final = "generate_series(1, 5) AS tiers (rank)"
_QUEUE_ORDER: Final[Mapping[QueueOrder, str]] = {"urgency": "tier_rank, queue_at, c.id", "due": "queue_at, c.id"}


def queue_page(wanted: Wanted, order: QueueOrder, most: int) -> Statement[Any]:
    """The statement of a page of the queue."""
    by_tier = order == "due" and wanted.tier is None
    parts, of_parts = several_of(wanted)
    if by_tier:
        parts.append(_TIERS)
        of_parts.append("tier_rank = tiers.rank")
    conditions = (
        "state = 'open'",
        *of_parts,
        *asked(wanted, overdue="queue_at <= :now"),
        _AFTER_IN_QUEUE[order],
    )
    return page(QUEUED, conditions, tuple(parts), _QUEUE_ORDER[order], most)


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
    statement = queue_page(wanted, order, most)
    async with context.database.connection() as reader:
        found = await statement.all(reader, now=now, **place, **values_of(wanted))
        known = await calendars.by_version(reader, (row["calendar_version"] for row in found))
    return [_counted(row, known, now) for row in named(context, found)]


def _counted(row: Row, known: Mapping[int | None, Calendar], now: datetime) -> Row:
    calendar = known.get(row.pop("calendar_version"))
    if calendar is not None and row["seconds_left"]:
        row["seconds_left"] = math.ceil(calendar.between(now, row["answer_due_at"]).total_seconds())
    return row
