"""Group commit: what comes in at the same time is written by one statement and one commit.

What comes alone is written alone, at once; while both writers are busy the next ones gather. Nobody waits for a group
to fill.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, TypeVar

from shared.db import CONNECTION_LOST, Connection, Database
from shared.errors import Busy, OutcomeUnknown

K = TypeVar("K")
T = TypeVar("T")
R = TypeVar("R")

WRITERS: Final = 2
LARGEST_GROUP: Final = 64

Write: TypeAlias = Callable[[Connection, K, Sequence[T]], Awaitable[Sequence[R | None]]]
"""One statement that commits by itself: the outcomes of its items in their order, None for one that was not written."""


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """An item, how it is written, and who waits for its outcome."""

    write: Write[Any, Any, Any]
    together: Any
    item: Any
    ended: "asyncio.Future[Any]"

    def goes_with(self, other: "Waiting") -> bool:
        return self.write == other.write and self.together == other.together


class GroupCommit:
    """Writes for one process."""

    def __init__(self, database: Database, *, tells: bool = True) -> None:
        """`tells`: whether it changes something, of which events tell; what is only entered may be asked for again."""
        self._database = database
        self._tells = tells
        self._waiting: deque[Waiting] = deque()
        self._writers: set[asyncio.Task[None]] = set()

    async def write(self, write: Write[K, T, R], together: K, item: T) -> R | None:
        """Writes the item, alone or with others that wait for the same statement with the same `together`.

        A group that is refused is written again one by one, so that no item fails because of another. Raises what
        `write` raises for the item alone, Busy, and OutcomeUnknown when the connection was lost while it changed
        something.
        """
        ended: asyncio.Future[R | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(write, together, item, ended))
        if len(self._writers) < WRITERS:
            # In a context of its own: a writer works for many requests and joins the transaction of none.
            writer = asyncio.create_task(self._work(), context=Context())
            self._writers.add(writer)
            writer.add_done_callback(self._writers.discard)
        return await ended

    async def _work(self) -> None:
        while self._waiting:
            group = self._next_group()
            try:
                await self._write_group(group)
            except Exception as fault:
                for one in group:
                    _fail(one, fault)

    def _next_group(self) -> list[Waiting]:
        """What waits now, as far as it goes with the first."""
        group = [self._waiting.popleft()]
        while self._waiting and len(group) < LARGEST_GROUP and self._waiting[0].goes_with(group[0]):
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
            for one, outcome in zip(group, outcomes, strict=True):
                if not one.ended.done():
                    one.ended.set_result(outcome)

    async def _write_alone(self, one: Waiting) -> None:
        """Again by itself, when the group was refused because of one of them."""
        try:
            await self._write_group([one])
        except Exception as fault:
            _fail(one, fault)

    async def _statement(self, group: list[Waiting]) -> Sequence[Any]:
        first = group[0]
        try:
            async with self._database.connection() as connection:
                outcomes = await first.write(connection, first.together, [one.item for one in group])
        except CONNECTION_LOST as fault:
            if not self._tells:
                raise Busy("the database was away for a moment; ask again") from fault
            raise OutcomeUnknown("the database connection was lost; repeat with the same Idempotency-Key") from fault
        if self._tells and any(outcome is not None for outcome in outcomes):
            self._database.committed()
        return outcomes


def _fail(one: Waiting, fault: Exception) -> None:
    if not one.ended.done():
        one.ended.set_exception(fault)
