"""PostgreSQL through asyncpg: one bounded pool per process and service, one transaction per use case.

Statements stand in each capability's `store.py`. A pool that is exhausted or a server that is away raises `Busy`
(503 with Retry-After); a connection lost while committing raises `OutcomeUnknown`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeAlias, TypeVar

import asyncpg
import orjson

from shared import lending
from shared.alias_memory import AliasMemory
from shared.errors import Busy, OutcomeUnknown
from shared.lending import IDLE_SECONDS, Lending, is_lost
from shared.waiting import WaitingRoom

T = TypeVar("T")

PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    asyncpg.DiskFullError,
    ConnectionError,
    TimeoutError,
    OSError,
)
"""Faults that pass by themselves: the same work may succeed a moment later."""

CONNECTION_LOST = (
    asyncpg.PostgresConnectionError,
    ConnectionError,
    TimeoutError,
    OSError,
)


REFUSED = (
    asyncpg.TooManyConnectionsError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)


class _Plain(asyncpg.Connection):
    """A pooled connection that is handed back without a reset query: no session state is ever set on it."""

    def get_reset_query(self) -> str:
        return ""


Connection: TypeAlias = lending.Connection
"""A connection of the pool, in the transaction or reading block that lends it."""


class Database:
    """A service's database."""

    def __init__(self, pool: "asyncpg.Pool[Any]", url: str) -> None:
        self._pool = pool
        self._lending = Lending(pool)
        self._ambient: ContextVar[Connection | None] = ContextVar("ambient transaction", default=None)
        self._after_commit: list[Callable[[], None]] = []
        self._after_this: dict[Connection, set[Callable[[], None]]] = {}
        self.url = url
        self.waiting = WaitingRoom()
        self.aliases = AliasMemory()

    @classmethod
    async def connect(
        cls, url: str, *, pool_size: int = 12, statement_seconds: float = 30, at_once: bool = True
    ) -> "Database":
        """Opens the pool; raises Busy when the server cannot be reached. Not `at_once`: its first use connects."""
        try:
            pool = await asyncpg.create_pool(
                url,
                min_size=int(at_once),
                max_size=pool_size,
                connection_class=_Plain,
                init=_prepare,
                command_timeout=statement_seconds,
                max_inactive_connection_lifetime=IDLE_SECONDS,
                server_settings={"timezone": "UTC", "lock_timeout": "2000", "jit": "off"},
            )
        except (*PASSING, asyncpg.PostgresError) as fault:
            raise Busy("the database cannot be reached") from fault
        return cls(pool, url)

    async def close(self) -> None:
        try:
            await self._lending.close()
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:
            self._pool.terminate()

    def when_committed(self, notify: Callable[[], None]) -> None:
        """Registers a hint to be given after every commit (the relay's notification)."""
        self._after_commit.append(notify)

    def once_committed(self, transaction: Connection, notify: Callable[[], None]) -> None:
        """Has a hint given once, right after this transaction has committed; never when it is rolled back."""
        self._after_this.setdefault(transaction, set()).add(notify)

    def committed(self) -> None:
        """Gives the hints; called by whoever commits outside of `transaction` (single-statement writes)."""
        for notify in self._after_commit:
            notify()

    def connection(self, seconds: float = 5) -> "_Lent":
        """A connection for reading or for a single-statement write, outside of any transaction block."""
        return _Lent(self._lending, self._ambient.get(), seconds)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """One business transaction. Inside `ambient_transaction` it joins that one instead of opening its own."""
        ambient = self._ambient.get()
        if ambient is not None:
            yield ambient
            return
        async with self.connection() as connection:
            work = connection.transaction()
            await _begin(connection, work)
            try:
                yield connection
            except BaseException:
                self._after_this.pop(connection, None)
                if not is_lost(connection):
                    await _finish(work.rollback())
                raise
            hints = self._after_this.pop(connection, ())
            await _commit(work)
        self.committed()
        for notify in hints:
            notify()

    @asynccontextmanager
    async def ambient_transaction(self) -> AsyncIterator[Connection]:
        """A transaction that every `transaction()` of this task joins: the request and its idempotency key."""
        async with self.transaction() as connection:
            token = self._ambient.set(connection)
            try:
                yield connection
            finally:
                self._ambient.reset(token)

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        async with self.connection() as connection:
            return await connection.fetch(sql, *args)

    async def fetchrow(self, sql: str, *args: object) -> asyncpg.Record | None:
        async with self.connection() as connection:
            return await connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: object, timeout: float | None = None) -> Any:
        async with self.connection() as connection:
            return await connection.fetchval(sql, *args, timeout=timeout)

    async def execute(self, sql: str, *args: object, timeout: float | None = None) -> str:
        """A single statement that commits by itself."""
        async with self.connection() as connection:
            return await connection.execute(sql, *args, timeout=timeout)


class _Lent:
    """A connection for the time of a block: the transaction's that it stands in, or one that is lent for it."""

    __slots__ = ("_ambient", "_connection", "_lending", "_seconds")
    _lending: Lending

    def __init__(self, lending: Lending, ambient: Connection | None, seconds: float) -> None:
        self._lending = lending
        self._ambient = ambient
        self._seconds = seconds

    async def __aenter__(self) -> Connection:
        if self._ambient is not None:
            return self._ambient
        try:
            self._connection = await self._lending.take(self._seconds)
        except (*CONNECTION_LOST, *REFUSED, asyncpg.InterfaceError) as fault:
            raise Busy("the database is busy or away for a moment") from fault
        return self._connection

    async def __aexit__(self, _: type[BaseException] | None, fault: BaseException | None, __: object) -> None:
        if self._ambient is not None or (fault is None and self._lending.hand_on(self._connection)):
            return
        try:
            _tell_loss(self._connection, fault)
        finally:
            await self._lending.give_back(self._connection)


def _tell_loss(connection: Connection, fault: BaseException | None) -> None:
    """Raises ConnectionResetError where asyncpg said in other words that the server hung up."""
    if isinstance(fault, asyncpg.InternalClientError):  # what it says when that was between two statements
        if not is_lost(connection):
            connection.terminate()
        raise ConnectionResetError("the database connection was lost") from fault
    if isinstance(fault, asyncpg.InterfaceError) and is_lost(connection):
        raise ConnectionResetError("the database connection was lost") from fault


async def _prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.set_type_codec("jsonb", encoder=_dump, decoder=orjson.loads, schema="pg_catalog", format="text")


def _dump(value: object) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z).decode()


async def _begin(connection: Connection, work: Any) -> None:
    """Starts it whole or not at all: a cancellation meanwhile ends the connection, so none goes back half begun."""
    try:
        await work.start()
    except asyncio.CancelledError:
        with suppress(asyncpg.InterfaceError):
            connection.terminate()
        raise


async def _commit(work: Any) -> None:
    try:
        await _finish(work.commit())
    except (*CONNECTION_LOST, *REFUSED) as fault:
        raise OutcomeUnknown(
            "the connection was lost while committing; repeat with the same Idempotency-Key"
        ) from fault


async def _finish(work: Awaitable[T]) -> T:
    """Awaits to the end even when the task is cancelled meanwhile, then lets the cancellation through."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
