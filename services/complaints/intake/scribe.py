"""Recording in groups: cases that come in at the same time are written by one statement and one commit.

A case that comes alone is written alone, at once; while both writers are busy the next ones gather. Nobody waits for a
group to fill.
"""

import asyncio
from collections import deque
from contextvars import Context
from typing import Final, TypeAlias

import asyncpg

from services.complaints.cases.domain import Opened
from services.complaints.intake import store
from services.complaints.intake.store import Recording
from shared.db import CONNECTION_LOST, Database
from shared.errors import Busy, OutcomeUnknown
from shared.http.idempotency import KeyInProgress

WRITERS: Final = 2
LARGEST_GROUP: Final = 64

Outcome: TypeAlias = Opened | None
Waiting: TypeAlias = tuple[int, Recording, "asyncio.Future[Outcome]"]


class Scribe:
    """Writes recordings for one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[Waiting] = deque()
        self._writers: set[asyncio.Task[None]] = set()

    async def record(self, revision: int, recording: Recording) -> Outcome:
        """Writes the recording, alone or with others; None as `store.record` says.

        Raises KeyInProgress, Busy, and OutcomeUnknown when the connection was lost meanwhile.
        """
        ended: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((revision, recording, ended))
        if len(self._writers) < WRITERS:
            writer = asyncio.create_task(self._write(), context=Context())
            self._writers.add(writer)
            writer.add_done_callback(self._writers.discard)
        return await ended

    async def _write(self) -> None:
        while self._waiting:
            group = self._next_group()
            try:
                await self._write_group(group)
            except Exception as fault:
                for _, _, ended in group:
                    _fail(ended, fault)

    def _next_group(self) -> list[Waiting]:
        """What waits now, as far as it was made from the same rulebook."""
        group = [self._waiting.popleft()]
        while self._waiting and len(group) < LARGEST_GROUP and self._waiting[0][0] == group[0][0]:
            group.append(self._waiting.popleft())
        return group

    async def _write_group(self, group: list[Waiting]) -> None:
        try:
            outcomes = await self._statement(group)
        except Exception as fault:
            if len(group) == 1 or isinstance(fault, Busy):
                raise
            await asyncio.gather(*(self._write_alone(one) for one in group))
        else:
            for (_, _, ended), outcome in zip(group, outcomes, strict=True):
                if not ended.done():
                    ended.set_result(outcome)

    async def _write_alone(self, one: Waiting) -> None:
        """Again by itself, when the group was refused because of one of them."""
        try:
            await self._write_group([one])
        except Exception as fault:
            _fail(one[2], fault)

    async def _statement(self, group: list[Waiting]) -> list[Outcome]:
        try:
            async with self._database.connection() as connection:
                outcomes = await store.record(connection, group[0][0], [recording for _, recording, _ in group])
        except asyncpg.LockNotAvailableError as fault:
            if len(group) == 1 and "idempotency_key" in (fault.context or ""):
                raise KeyInProgress("the same Idempotency-Key is in progress; ask again in a moment") from None
            raise
        except CONNECTION_LOST as fault:
            raise OutcomeUnknown("the database connection was lost; repeat with the same Idempotency-Key") from fault
        if any(outcomes):
            self._database.committed()
        return outcomes


def _fail(ended: "asyncio.Future[Outcome]", fault: Exception) -> None:
    if not ended.done():
        ended.set_exception(fault)
