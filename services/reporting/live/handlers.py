"""What happens, as it happens: puts news into the live stream, and says how things stand when one begins to look."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import Record

from services.reporting.complaints import store as cases
from services.reporting.complaints.domain import Standing
from services.reporting.context import Context
from services.reporting.stream import store
from shared.bus.event import Event
from shared.contracts.customers import MonthClosed
from shared.db import Connection


async def show(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Shows events; history is silent (decision 5), but that a month was closed is told whichever month it was."""
    news = [event for event in events if not event.historical or event.type == MonthClosed.TYPE]
    if news:
        await store.show(transaction, news)


SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Board:
    """How things stand at `now` (business time). `shown` is the number of the newest event of the stream."""

    now: datetime
    shown: int
    standing: Standing
    queue: Sequence[Record]


async def board(context: Context, most: int) -> Board:
    """The cases that wait for their answer, at most `most` of them named (domain 5, live)."""
    now = context.clock.now()
    shown = (await store.extent(context.database)).last_id
    async with context.database.connection() as reader:
        return Board(now, shown, await cases.standing(reader, now, now + SOON), await cases.queue(reader, now, most))
