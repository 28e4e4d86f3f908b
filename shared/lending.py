"""Connections as they are lent: whoever gives one back hands it to who waits, or leaves it at hand for the next.

asyncpg's pool makes a task for each return and a time-out for each loan, which costs as much as half a statement. It
still opens, replaces and closes the connections: one goes back to it after a minute, and after any fault.
"""

import asyncio
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

if TYPE_CHECKING:
    Connection: TypeAlias = PoolConnectionProxy[asyncpg.Record]
else:  # the class takes no parameter at run time, and annotations such as `Connection | Database` are evaluated
    Connection = PoolConnectionProxy

KEPT_SECONDS: Final = 60.0
"""After so long the pool looks after it: it replaces those that have done too much."""
IDLE_SECONDS: Final = 300.0
"""What nobody used for so long is closed: firewalls forget such connections."""


def is_lost(connection: Connection) -> bool:
    """Whether it is closed, or the pool has taken it back because the server hung up."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True


class Lending:
    """The connections of a pool, each lent to one at a time, in the order in which they were asked for."""

    def __init__(self, pool: "asyncpg.Pool[Any]") -> None:
        self._pool = pool
        self._places = pool.get_max_size()
        """How many more the pool may be asked for."""
        self._since: dict[Connection, float] = {}
        self._at_hand: deque[tuple[Connection, float]] = deque()
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._closing = False

    async def take(self, seconds: float) -> Connection:
        """One that nobody else has. Raises TimeoutError after so long, and what the pool raises."""
        if self._closing:
            raise asyncpg.InterfaceError("the pool is closing")
        connection = self._last_used()
        if connection is not None:
            return connection
        if self._places:
            self._places -= 1
        else:
            connection = await self._turn(seconds)
        return connection or await self._from_pool(seconds)

    def hand_on(self, connection: Connection) -> bool:
        """Lends it to who waits, or keeps it at hand. False: it is to be given back to the pool."""
        now = time.monotonic()
        if self._closing or is_lost(connection) or connection.is_in_transaction():
            return False
        if now - self._since[connection] > KEPT_SECONDS:
            return False
        waiting = self._next_waiting()
        if waiting is not None:
            waiting.set_result(connection)
        else:
            self._at_hand.append((connection, now))
            self._close_idle(now)
        return True

    async def give_back(self, connection: Connection) -> None:
        """Lets the pool have it again, whatever has become of it."""
        self._since.pop(connection, None)
        try:
            with suppress(asyncpg.InternalClientError):  # lost in this very moment: the pool has it back already
                await self._pool.release(connection)
        finally:
            self._leave_place()

    async def close(self) -> None:
        """Gives back what is at hand; from now on nothing is lent."""
        self._closing = True
        while waiting := self._next_waiting():
            waiting.set_exception(asyncpg.InterfaceError("the pool is closing"))
        while self._at_hand:
            await self.give_back(self._at_hand.pop()[0])

    def _last_used(self) -> Connection | None:
        now = time.monotonic()
        while self._at_hand:
            connection, used = self._at_hand.pop()
            if now - used <= IDLE_SECONDS and not is_lost(connection):
                return connection
            self._drop(connection)
        return None

    async def _turn(self, seconds: float) -> Connection | None:
        """Waits for one; None where a place with the pool has become free instead."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Connection | None] = loop.create_future()
        timer = loop.call_later(seconds, _give_up, waiting)
        self._waiting.append(waiting)
        try:
            return await waiting
        except asyncio.CancelledError:
            if not waiting.cancelled() and waiting.exception() is None:  # it came in the same moment
                self._pass(waiting.result())
            raise
        finally:
            timer.cancel()

    def _pass(self, connection: Connection | None) -> None:
        if connection is None:
            self._leave_place()
        elif not self.hand_on(connection):
            self._drop(connection)

    async def _from_pool(self, seconds: float) -> Connection:
        try:
            connection: Connection = await self._pool.acquire(timeout=seconds)
        except BaseException:
            self._leave_place()
            raise
        self._since[connection] = time.monotonic()
        return connection

    def _next_waiting(self) -> "asyncio.Future[Connection | None] | None":
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                return waiting
        return None

    def _leave_place(self) -> None:
        waiting = self._next_waiting()
        if waiting is None:
            self._places += 1
        else:
            waiting.set_result(None)

    def _close_idle(self, now: float) -> None:
        while self._at_hand and now - self._at_hand[0][1] > IDLE_SECONDS:
            self._drop(self._at_hand.popleft()[0])

    def _drop(self, connection: Connection) -> None:
        """Closes it at once; the pool hears of that by itself."""
        self._since.pop(connection, None)
        with suppress(asyncpg.InterfaceError):
            connection.terminate()
        self._leave_place()


def _give_up(waiting: "asyncio.Future[Connection | None]") -> None:
    if not waiting.done():
        waiting.set_exception(TimeoutError())
