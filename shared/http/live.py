"""A live stream as server-sent events: heartbeats, Last-Event-ID, a bound for each caller, an end when they leave."""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from fastapi import Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.types import Receive, Scope, Send

from shared.departed import HasLeft
from shared.errors import Malformed
from shared.http.routing import Presence
from shared.live.seats import Seat
from shared.live.tail import LiveTail
from shared.live.updates import StreamStart

HEARTBEAT_SECONDS = 15
SEND_SECONDS = 20
"""A client that takes nothing for so long is gone."""
_LARGEST = 2**63 - 1
_NUMBER = re.compile("[0-9]{1,19}")  # more digits would cost time, and Python refuses thousands of them

LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", description="the last `id` seen: the stream goes on after it")
]
After = Annotated[
    int | None,
    Query(ge=0, le=_LARGEST, description="Last-Event-ID for clients that cannot set it; 0: all that is kept"),
]
DESCRIBED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "A stream of events: `id` its number, `event` its type, `data` JSON with `type`, `at`, `data`. "
        "`event: gap` says that some before its id are no longer kept: read the reports again.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


class _Followed(EventSourceResponse):
    """A stream whose seat is free again when it ends, however that happens."""

    def __init__(self, seat: Seat, content: AsyncIterator[ServerSentEvent], **how: Any) -> None:
        super().__init__(content, **how)
        self._seat = seat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._seat.leave()


async def followed(
    live: LiveTail, follower: UUID, still_here: Presence, last_event_id: str | None, after: int | None
) -> EventSourceResponse:
    """The answer that follows a live stream. Raises Malformed, TooManyFollowers, TooManyStreams."""
    seen = _seen(last_event_id) if last_event_id is not None else after
    seat = live.seats.admit(follower)
    with seat.left_on_failure():
        start = await live.start(seen)
    return _Followed(
        seat,
        _sent(live, follower, start, still_here),
        ping=HEARTBEAT_SECONDS,
        ping_message_factory=lambda: ServerSentEvent(comment="still here", sep="\n"),
        send_timeout=SEND_SECONDS,
        shutdown_event=live.ending,
        shutdown_grace_period=1,
        sep="\n",
    )


def _seen(last_event_id: str) -> int:
    text = last_event_id.strip()
    if _NUMBER.fullmatch(text) and int(text) <= _LARGEST:
        return int(text)
    raise Malformed("Last-Event-ID is a number that this stream gave", pointer="header/Last-Event-ID")


async def _sent(
    live: LiveTail, follower: UUID, start: StreamStart, still_here: Presence
) -> AsyncIterator[ServerSentEvent]:
    """Ends before the first update that comes after the caller has left."""
    yield ServerSentEvent(comment="welcome", retry=1_000, sep="\n")
    if start.missed:
        gap = orjson.dumps({"missed_until": start.position}).decode()
        yield ServerSentEvent(gap, event="gap", id=str(start.position), sep="\n")
    async for update in live.follow(start.position, follower):
        try:
            await still_here()
        except HasLeft:
            return
        yield ServerSentEvent(update.text, event=update.type.removeprefix("crm."), id=str(update.id), sep="\n")
