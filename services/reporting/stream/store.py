"""Puts updates into the live stream: numbers follow the commits, and only the last ones are kept."""

from collections.abc import Sequence

from shared.bus.event import Event
from shared.db import Connection
from shared.statement import Statement, by_column

KEPT = 10_000
"""How many updates a client may have missed before it must look at the reports again."""
TRIMMED_EVERY = 1_000

_APPEND = Statement(
    """
    WITH incoming AS (
        SELECT * FROM unnest(:event_id::uuid[], :type::text[], :at::timestamptz[], :data::json[]) WITH ORDINALITY
            AS t(event_id, type, at, data, n)
    ), fresh AS (
        SELECT i.*, row_number() OVER (ORDER BY n) AS place FROM incoming i
        WHERE event_id > coalesce((SELECT newest_trimmed FROM live_stream), '00000000-0000-0000-0000-000000000000')
          AND NOT EXISTS (SELECT FROM live_event e WHERE e.event_id = i.event_id)
    ), numbers AS (
        UPDATE live_stream SET last_id = last_id + (SELECT count(*) FROM fresh)
        WHERE EXISTS (SELECT FROM fresh)
        RETURNING last_id, last_id - (SELECT count(*) FROM fresh) AS base
    ), added AS (
        INSERT INTO live_event (id, event_id, type, at, data)
        SELECT numbers.base + fresh.place, event_id, type, at, data FROM fresh, numbers
    )
    SELECT base, last_id FROM numbers
    """,
    lambda base, last_id: (base, last_id),
)
"""By hand: what is fresh, its numbers and its rows are one statement, under the lock of the row of numbers."""
_TRIM = Statement(
    """
    WITH gone AS (DELETE FROM live_event WHERE id <= :until RETURNING event_id)
    UPDATE live_stream SET trimmed_to = :until,
        newest_trimmed = greatest(newest_trimmed, (SELECT event_id FROM gone ORDER BY event_id DESC LIMIT 1))
    """
)
"""By hand: what is no longer kept is counted from what this statement takes away."""


async def append(transaction: Connection, events: Sequence[Event]) -> None:
    """Puts events into the stream, but those that stand there already or are older than what is kept.

    The row that gives the numbers out stays locked until the commit, so a reader that has seen a number has seen all
    before it, and a late commit is never skipped.
    """
    base, last_id = await _APPEND.one(transaction, **by_column(map(_row, events))) or (0, 0)
    if last_id > KEPT and base // TRIMMED_EVERY < last_id // TRIMMED_EVERY:
        await _TRIM.execute(transaction, until=last_id - KEPT)


def _row(event: Event) -> dict[str, object]:
    return {"event_id": event.id, "type": event.type, "at": event.time, "data": event.data}
