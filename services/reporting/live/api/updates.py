"""GET /reporting/v1/live: what happens, as server-sent events; GET /reporting/v1/live/board: how things stand."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Header, Query
from pydantic import BaseModel, Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from services.reporting.context import InContext
from services.reporting.live import handlers
from services.reporting.stream.queries.tail import LiveTail, Start
from shared.contracts.customers import Tier
from shared.errors import Malformed
from shared.http.routing import router
from shared.months import Month

routes = router("/reporting/v1", "live")

HEARTBEAT_SECONDS = 15
SEND_SECONDS = 20
"""A client that takes nothing for so long is gone."""
_LARGEST = 2**63 - 1

LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", description="the last `id` seen: the stream goes on after it")
]
After = Annotated[
    int | None, Query(ge=0, le=_LARGEST, description="the same for clients that cannot set the header; 0: all kept")
]
DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A stream of events: `id` its number, `event` its type, `data` JSON with `type`, `at`, `data`. "
        "`event: gap` says that some before its id are no longer kept: read the reports again.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


@routes.get("/live", response_class=EventSourceResponse, responses=DESCRIBED)
async def follow_live(
    context: InContext, last_event_id: LastEventId = None, after: After = None
) -> EventSourceResponse:
    """Complaints, tier moves, missed touches, messages and closed months, as they happen; ids and figures only."""
    start = await context.live.start(_seen(last_event_id) if last_event_id is not None else after)
    return EventSourceResponse(
        _sent(context.live, start),
        ping=HEARTBEAT_SECONDS,
        ping_message_factory=lambda: ServerSentEvent(comment="still here", sep="\n"),
        send_timeout=SEND_SECONDS,
        shutdown_event=context.live.ending,
        shutdown_grace_period=1,
        sep="\n",
    )


class QueuedCase(BaseModel):
    """A case that waits for its answer. `answer_due_at` is null while the clock is paused."""

    id: UUID
    number: str
    kind: str
    subject: str
    tier: Tier | None
    customer_id: UUID | None
    customer_name: str | None = Field(description="a store's; persons are not named here")
    responsible_id: UUID | None
    responsible_name: str | None
    round: int
    taken_over: bool
    began_at: datetime | None
    answer_due_at: datetime | None
    overdue: bool
    escalation_level: int


class LiveBoard(BaseModel):
    """How things stand; `now` is business time, `month` the calendar month of it, `shown` the newest `id` streamed."""

    now: datetime
    month: str
    shown: int
    open: int = Field(description="cases that wait for their answer")
    overdue: int
    due_soon: int = Field(description="not late, and due within the hour")
    paused: int
    queue: list[QueuedCase] = Field(description="the first of them: by tier, then by what is left on the clock")


@routes.get("/live/board")
async def read_board(context: InContext, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> LiveBoard:
    """The queue with its clocks: where the live stream goes on from."""
    board = await handlers.board(context, limit)
    queue = [QueuedCase.model_validate(dict(case)) for case in board.queue]
    month = str(Month.of(board.now, context.runtime.zone))
    return LiveBoard(now=board.now, month=month, shown=board.shown, queue=queue, **asdict(board.standing))


def _seen(last_event_id: str) -> int:
    text = last_event_id.strip()
    if text.isascii() and text.isdigit() and int(text) <= _LARGEST:
        return int(text)
    raise Malformed("Last-Event-ID is a number that this stream gave", pointer="header/Last-Event-ID")


async def _sent(live: LiveTail, start: Start) -> AsyncIterator[ServerSentEvent]:
    yield ServerSentEvent(comment="welcome", retry=1_000, sep="\n")
    if start.missed:
        told = orjson.dumps({"missed_until": start.position}).decode()
        yield ServerSentEvent(told, event="gap", id=str(start.position), sep="\n")
    async for shown in live.follow(start.position):
        yield ServerSentEvent(shown.text, event=shown.type.removeprefix("crm."), id=str(shown.id), sep="\n")
