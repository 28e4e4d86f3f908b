"""Waiting for what a process cannot do without, instead of ending: it says so, and goes on by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from aiokafka.errors import KafkaError

from deploy.server_version import check_server
from deploy.topics import ensure_topics
from shared.db import PASSING, Database
from shared.errors import Busy
from shared.repeats import Trouble
from shared.revisions import newest
from shared.settings import ServiceName
from shared.standing import standing_of
from shared.telemetry import log

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 10.0
T = TypeVar("T")


async def database_at(url: str, pool_size: int) -> Database:
    """The database, however long it is away. Raises NotConfigured when its server is too old."""

    async def connect() -> Database:
        database = await Database.connect(url, pool_size=pool_size)
        try:
            await check_server(database)
        except BaseException:
            await database.close()
            raise
        return database

    return await _waited_for("the database", connect, Busy, *PASSING)


async def schema_at(database: Database, service: ServiceName) -> None:
    """Returns when the database's schema serves this code: it was migrated, or the newer release has taken over."""
    ours = newest(service)

    async def look() -> None:
        async with database.connection() as connection:
            there = await standing_of(connection)
        if reason := there.reason(ours):
            raise _OtherSchema(reason)

    await _waited_for("a schema that serves this release", look, _OtherSchema, Busy, *PASSING)


async def broker_at(bootstrap: str) -> None:
    """Returns when a broker answers and has our topics, which are made where they are missing."""
    await _waited_for("Kafka", lambda: ensure_topics(bootstrap), KafkaError, *PASSING)


class _OtherSchema(Exception):
    """The message says which revisions meet."""


async def _waited_for(what: str, attempt: Callable[[], Awaitable[T]], *passing: type[Exception]) -> T:
    """What the attempt returns; a line says that it is waited for, another one each minute, one that it has come."""
    trouble = Trouble(log("process"), waits=f"waiting for {what}", over=f"{what} is there")
    pause = FIRST_PAUSE
    while True:
        try:
            found = await attempt()
        except passing as fault:
            trouble.met(fault.__cause__ or fault, reason=str(fault) if isinstance(fault, _OtherSchema) else None)
        else:
            trouble.over()
            return found
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
