"""The event feed: a service's published events by cursor, as CloudEvents in JSON. Contacts are never in it."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from shared.bus.outbox import CONTACTS_TOPIC, EVENT_COLUMNS, from_row
from shared.http.paging import DEFAULT_LIMIT, Limit
from shared.http.routing import router
from shared.service import Service

LARGEST = 2**63 - 1

_FEED = f"""
SELECT {EVENT_COLUMNS} FROM event_log WHERE sequence > $1 AND topic <> $2 ORDER BY sequence LIMIT $3
"""  # noqa: S608  constant column list


class EventPage(BaseModel):
    """Published events; each item is a CloudEvent in its JSON form."""

    items: list[dict[str, Any]]
    next: int | None


def feed_router(name: str) -> APIRouter:
    """The feed's route for one service."""
    feed = router(f"/{name}/v1", "events")

    @feed.get("/events", response_model=EventPage)
    async def read_events(
        request: Request,
        after: Annotated[int, Query(ge=0, le=LARGEST, description="`next` of the page before, or 0")] = 0,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Response:
        """Events in the order of their sequence; `next` is the sequence to continue after, null when none is left."""
        service: Service = request.app.state.service
        rows = await service.runtime.database.fetch(_FEED, after, CONTACTS_TOPIC, limit)
        source = f"/crm/{service.name}"
        items = [from_row(row).as_cloudevent(source) for row in rows]
        following = rows[-1]["sequence"] if len(rows) == limit else None
        return Response(orjson.dumps({"items": items, "next": following}), media_type="application/json")

    return feed
