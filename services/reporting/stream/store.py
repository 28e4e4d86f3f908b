"""Puts updates into the live stream: numbers follow the commits, and only the last ones are kept."""

from collections.abc import Sequence

from shared.bus.event import Event
from shared.db import Connection

KEPT = 10_000
"""How many updates a client may have missed before it must look at the reports again."""
TRIMMED_EVERY = 1_000

_APPEND = """
WITH incoming AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::json[]) WITH ORDINALITY
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
"""
_TRIM = """
WITH gone AS (DELETE FROM live_event WHERE id <= $1 RETURNING event_id)
UPDATE live_stream SET trimmed_to = $1,
    newest_trimmed = greatest(newest_trimmed, (SELECT event_id FROM gone ORDER BY event_id DESC LIMIT 1))
"""


async def append(transaction: Connection, events: Sequence[Event]) -> None:
    """Puts events into the stream, but those that stand there already or are older than what is kept.

    The row that gives the numbers out stays locked until the commit, so a reader that has seen a number has seen all
    before it, and a late commit is never skipped.
    """
    given = await transaction.fetchrow(
        _APPEND,
        [event.id for event in events],
        [event.type for event in events],
        [event.time for event in events],
        [event.data for event in events],
    )
    if given is not None and _time_to_trim(given["base"], given["last_id"]):
        await transaction.execute(_TRIM, given["last_id"] - KEPT)


def _time_to_trim(base: int, last_id: int) -> bool:
    return last_id > KEPT and base // TRIMMED_EVERY < last_id // TRIMMED_EVERY
