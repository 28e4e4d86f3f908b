"""Keeping the open cases of a process up to date with what happens to them."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from services.complaints.counters.domain import CountedCase, OpenCases
from shared.contracts.complaints import FACTS
from shared.db import Connection, Database
from shared.live.log import last_sequence
from shared.statement import Scalar, Statement

PART: Final = 2_000
"""Cases that are read at a time when all open ones are, so that neither the database nor this process is held up."""
AT_MOST_EVERY: Final = 0.5
"""Seconds between looks at the log; who asks in between gets the figures of the last one."""
ANEW_EVERY: Final = 300.0
"""Seconds after which all open cases are read anew, so that nothing missed stays missed."""
FARTHEST: Final = 5_000
"""Events behind which it is cheaper to read all open cases anew."""
_BEGINNING: Final = datetime(1900, 1, 1, tzinfo=UTC)

_COUNTED: Final = """
c.id, c.state = 'open' AS open, c.responsible_id AS handler_id, c.tier_rank,
coalesce(c.due_at, CASE WHEN c.next_alarm_at <= :now THEN c.due_after_pause END) AS due_at
"""
_OPEN: Final = Statement(
    """
    SELECT {counted} FROM complaint c
    WHERE c.state = 'open' AND (c.recorded_at, c.id) > (:recorded_at::timestamptz, :after_id::uuid)
    ORDER BY c.recorded_at, c.id LIMIT :most
    """,
    counted=f"c.recorded_at, {_COUNTED}",
)
_MOVED: Final = Statement(
    """
    SELECT {counted} FROM complaint c
    WHERE c.id IN (SELECT e.aggregate_id FROM event_log e
                   WHERE e.sequence > :position AND e.sequence <= :last AND e.topic = :topic)
    """,
    CountedCase,
    counted=_COUNTED,
)
_AS_OF: Final = Scalar("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint", int)
"""What transactions before this one have done is seen from now on; what others have done, perhaps not yet."""
_OTHER_TIER: Final = Statement(
    """
    SELECT {counted} FROM complaint c
    WHERE c.id IN (SELECT m.complaint_id FROM tier_move m WHERE m.moved_in >= :since)
    """,
    CountedCase,
    counted=_COUNTED,
)


class Counters:
    """The open cases of this process; nothing is read unless somebody asks."""

    def __init__(self, database: Database, seconds: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._seconds = seconds
        self._cases = OpenCases()
        self._position: int | None = None
        self._since = 0
        self._looked = self._read_all = float("-inf")
        self._looking = asyncio.Lock()

    async def cases(self, now: datetime) -> OpenCases:
        """The open cases, as of half a second ago at most."""
        if self._seconds() - self._looked >= AT_MOST_EVERY:
            async with self._looking:
                if self._seconds() - self._looked >= AT_MOST_EVERY:
                    await self._look(now)
                    self._looked = self._seconds()
        return self._cases

    async def _look(self, now: datetime) -> None:
        async with self._database.connection() as reader:
            last, as_of = await last_sequence(reader), await _AS_OF.only(reader)
            if self._position is None or self._is_far_from(last):
                await self._begin_anew(reader, now)
            else:
                await self._follow(reader, now, self._position, last)
            self._position, self._since = last, as_of

    async def _follow(self, reader: Connection, now: datetime, position: int, last: int) -> None:
        """Counts what has happened since; a tier that moves is no event of ours, and is told by itself."""
        if last > position:
            self._cases.count(await _MOVED.all(reader, now=now, position=position, last=last, topic=FACTS))
        self._cases.count(await _OTHER_TIER.all(reader, now=now, since=self._since))

    def _is_far_from(self, last: int) -> bool:
        behind = last - (self._position or 0)
        return not 0 <= behind <= FARTHEST or self._seconds() - self._read_all >= ANEW_EVERY

    async def _begin_anew(self, reader: Connection, now: datetime) -> None:
        """Reads all open cases part by part; what happens meanwhile lies behind the position and is looked at next."""
        cases = OpenCases()
        place: dict[str, Any] = {"recorded_at": _BEGINNING, "after_id": UUID(int=0)}
        while rows := await _OPEN.all(reader, now=now, most=PART, **place):
            cases.count(CountedCase(*row[1:]) for row in rows)
            place = {"recorded_at": rows[-1]["recorded_at"], "after_id": rows[-1]["id"]}
            await asyncio.sleep(0)
        self._cases, self._read_all = cases, self._seconds()
