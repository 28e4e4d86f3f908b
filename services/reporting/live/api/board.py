"""GET /reporting/v1/live/board: how things stand when somebody begins to follow what happens."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from services.reporting.context import Context
from services.reporting.live import queries
from shared.contracts.customers import Tier
from shared.http.context import Injected
from shared.http.routing import router
from shared.months import Month

routes = router("/reporting/v1", "live")


class QueuedCaseOut(BaseModel):
    """A case that waits for its answer. `answer_due_at` is null while the clock is paused."""

    model_config = ConfigDict(from_attributes=True)
    id: UUID
    number: str
    kind: str
    subject: str
    tier: Tier | None
    customer_id: UUID | None
    customer_name: str | None = Field(description="a store's; persons are not named here")
    responsible_id: UUID | None
    responsible_name: str | None
    accountable_id: UUID | None
    accountable_name: str | None
    notice_number: str | None
    round: int
    taken_over: bool
    began_at: datetime | None
    answer_due_at: datetime | None
    overdue: bool
    escalation_level: int
    unreached: bool


class BoardOut(BaseModel):
    """How things stand; `now` is business time, `month` the calendar month of it, `shown` the newest `id` streamed."""

    now: datetime
    time_zone: str = Field(description="the company's zone: days and months are those of it")
    month: str
    shown: int
    open: int = Field(description="cases that wait for their answer")
    overdue: int
    due_soon: int = Field(description="not late, and due within the hour")
    paused: int
    unreached: int = Field(description="those whose chain reached nobody: administration is alarmed")
    messages_sent: int = Field(description="today, in the company's zone")
    messages_failed: int = Field(description="today, in the company's zone")
    queue: list[QueuedCaseOut] = Field(description="the first of them: by tier, then by what is left on the clock")


@routes.get("/live/board")
async def read_board(context: Injected[Context], limit: Annotated[int, Query(ge=1, le=200)] = 50) -> BoardOut:
    """The queue with its clocks: where the live stream goes on from."""
    board = await queries.board(context, limit)
    queue = [QueuedCaseOut.model_validate(case) for case in board.queue]
    month = str(Month.of(board.now, context.zone))
    return BoardOut(
        now=board.now,
        time_zone=context.zone.key,
        month=month,
        shown=board.last_update,
        messages_sent=board.today.sent,
        messages_failed=board.today.failed,
        queue=queue,
        **asdict(board.standing),
    )
