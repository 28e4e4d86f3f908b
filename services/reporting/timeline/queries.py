"""A customer's timeline, newest first."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from services.reporting.timeline.domain import TimelineEntry
from shared.db import Connection

_OLDER = """
SELECT at, event_id, type, data FROM timeline
WHERE customer_id = $1 AND (at, event_id) < ($2, $3)
ORDER BY at DESC, event_id DESC LIMIT $4
"""
_END_OF_TIME = (datetime.max.replace(tzinfo=UTC), UUID(int=2**128 - 1))


async def entries(
    reader: Connection, customer_id: UUID, after: tuple[datetime, UUID] | None, limit: int
) -> list[TimelineEntry]:
    """Entries from newest to oldest, those older than `after`."""
    rows = await reader.fetch(_OLDER, customer_id, *(after or _END_OF_TIME), limit)
    return [TimelineEntry(row["at"], row["event_id"], row["type"], _said(row["data"])) for row in rows]


def _said(data: str) -> dict[str, Any]:
    return {name: value for name, value in orjson.loads(data).items() if name != "customer_id" and value is not None}
