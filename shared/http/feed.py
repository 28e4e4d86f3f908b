"""The event feed: a service's published events by cursor, as CloudEvents in JSON.

Contacts and penalties are never in it, closed months only for those who may see what the company sells.
"""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from sqlalchemy import BigInteger, Boolean, or_, select
from starlette.responses import Response

from shared.auth.visibility import SEE_TURNOVER
from shared.bus.contacts import CONTACTS_TOPIC
from shared.bus.epoch import LogRestored, check_place
from shared.bus.event import Event
from shared.bus.outbox import EVENT_COLUMNS
from shared.contracts.customers import MonthClosed
from shared.contracts.responsibility import RESPONSIBILITY
from shared.db import Database
from shared.http.answers import json_answer
from shared.http.declared import raises
from shared.http.envelopes import page_of
from shared.http.paging import DEFAULT_LIMIT, Limit
from shared.http.routing import Caller, router
from shared.kernel_schema import EVENT_LOG
from shared.service import Service
from shared.statement import Statement, given

LARGEST = 2**63 - 1
NEVER: Final = (CONTACTS_TOPIC, RESPONSIBILITY)
"""Topics that no feed shows: personal data, and what colleagues are to pay (decision 22)."""
NEAR = 4
"""Times a page: among so many events that follow there may be those that nobody is shown."""

_FEED = Statement(
    select(*EVENT_COLUMNS)
    .where(
        EVENT_LOG.c.sequence > given("after"),
        EVENT_LOG.c.topic.not_in(NEVER),
        EVENT_LOG.c.sequence <= given("until", BigInteger),
        or_(given("turnover", Boolean), EVENT_LOG.c.type != MonthClosed.TYPE),
    )
    .order_by(EVENT_LOG.c.sequence)
    .limit(given("most")),
    Event,
)


def feed_router(name: str) -> APIRouter:
    """The feed's route for one service."""
    feed = router(f"/{name}/v1", "events")

    @feed.get("/events", response_model=page_of(name))
    @raises(LogRestored)
    async def read_events(
        request: Request,
        caller: Caller,
        after: Annotated[int, Query(ge=0, le=LARGEST, description="`next` of the page before, or 0")] = 0,
        limit: Limit = DEFAULT_LIMIT,
    ) -> Response:
        """Events in the order of their sequence; `next` is the sequence to continue after, null when none is left."""
        service: Service = request.app.state.service
        await check_place(service.runtime.database, after)
        events = await _page(service.runtime.database, after, limit, turnover=caller.has(*SEE_TURNOVER))
        source = f"/crm/{service.name}"
        items = [event.as_cloudevent(source) for event in events]
        following = events[-1].sequence if len(events) == limit else None
        return json_answer({"items": items, "next": following})

    return feed


async def _page(database: Database, after: int, limit: int, *, turnover: bool) -> list[Event]:
    """The next events; those that follow closely are looked at first, see `shared.bus.outbox.published_after`."""
    asked = {"after": after, "most": limit, "turnover": turnover}
    near = await _FEED.all(database, **asked, until=min(after + NEAR * limit, LARGEST))
    return near if len(near) == limit else await _FEED.all(database, **asked, until=LARGEST)
