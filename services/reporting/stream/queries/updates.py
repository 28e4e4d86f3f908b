"""What is kept of the live stream."""

import orjson
from asyncpg import Record

from services.reporting.stream.domain import Extent, LiveUpdate
from shared.db import Database

_AFTER = "SELECT id, type, at, data FROM live_event WHERE id > $1 ORDER BY id LIMIT $2"


async def extent(database: Database) -> Extent:
    """From where to where the stream is kept."""
    row = await database.fetchrow("SELECT trimmed_to, last_id FROM live_stream")
    assert row is not None  # noqa: S101  the migration made the one row
    return Extent(row["trimmed_to"], row["last_id"])


async def after(database: Database, position: int, limit: int) -> list[LiveUpdate]:
    """The updates after a number, in order."""
    return [_update(row) for row in await database.fetch(_AFTER, position, limit)]


def _update(row: Record) -> LiveUpdate:
    content = {"type": row["type"], "at": row["at"], "data": orjson.Fragment(row["data"])}
    return LiveUpdate(row["id"], row["type"], orjson.dumps(content).decode())
