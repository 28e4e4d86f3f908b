"""The live stream's table: numbers follow the commits, and only the last ones are kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from asyncpg import Record

from shared.bus.event import Event
from shared.db import Connection, Database

KEPT = 10_000
"""How many events a client may have missed before it must look at the reports again."""
TRIMMED_EVERY = 1_000

_SHOW = """
WITH incoming AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::json[]) WITH ORDINALITY
        AS t(event_id, type, at, data, n)
), news AS (
    SELECT i.*, row_number() OVER (ORDER BY n) AS place FROM incoming i
    WHERE event_id > coalesce((SELECT newest_trimmed FROM live_stream), '00000000-0000-0000-0000-000000000000')
      AND NOT EXISTS (SELECT FROM live_event e WHERE e.event_id = i.event_id)
), numbers AS (
    UPDATE live_stream SET last_id = last_id + (SELECT count(*) FROM news)
    WHERE EXISTS (SELECT FROM news)
    RETURNING last_id, last_id - (SELECT count(*) FROM news) AS base
), shown AS (
    INSERT INTO live_event (id, event_id, type, at, data)
    SELECT numbers.base + news.place, event_id, type, at, data FROM news, numbers
)
SELECT base, last_id FROM numbers
"""
_TRIM = """
WITH gone AS (DELETE FROM live_event WHERE id <= $1 RETURNING event_id)
UPDATE live_stream SET trimmed_to = $1,
    newest_trimmed = greatest(newest_trimmed, (SELECT event_id FROM gone ORDER BY event_id DESC LIMIT 1))
"""
_AFTER = "SELECT id, type, at, data FROM live_event WHERE id > $1 ORDER BY id LIMIT $2"


@dataclass(frozen=True, slots=True)
class Shown:
    """An event of the live stream under its number; `text` is what a client gets, JSON."""

    id: int
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class Extent:
    """From where to where the stream is kept: numbers above `trimmed_to`, up to `last_id`."""

    trimmed_to: int
    last_id: int


async def show(transaction: Connection, events: Sequence[Event]) -> None:
    """Puts news into the stream. What was shown already, or is older than what is kept, is no news.

    The row that gives the numbers out stays locked until the commit, so a reader that has seen a number has seen all
    before it, and a late commit is never skipped.
    """
    given = await transaction.fetchrow(
        _SHOW,
        [event.id for event in events],
        [event.type for event in events],
        [event.time for event in events],
        [event.data for event in events],
    )
    if given is not None and _time_to_trim(given["base"], given["last_id"]):
        await transaction.execute(_TRIM, given["last_id"] - KEPT)


def _time_to_trim(base: int, last_id: int) -> bool:
    return last_id > KEPT and base // TRIMMED_EVERY < last_id // TRIMMED_EVERY


async def extent(database: Database) -> Extent:
    row = await database.fetchrow("SELECT trimmed_to, last_id FROM live_stream")
    assert row is not None  # noqa: S101  the migration made the one row
    return Extent(row["trimmed_to"], row["last_id"])


async def shown_after(database: Database, id_: int, limit: int) -> list[Shown]:
    """What was shown after a number, in order."""
    return [_shown(row) for row in await database.fetch(_AFTER, id_, limit)]


def _shown(row: Record) -> Shown:
    content = {"type": row["type"], "at": row["at"], "data": orjson.Fragment(row["data"])}
    return Shown(row["id"], row["type"], orjson.dumps(content).decode())
