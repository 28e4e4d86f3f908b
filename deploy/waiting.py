"""Waiting for what a process cannot do without, instead of ending: it says so, and goes on by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final

import asyncpg
from aiokafka.errors import KafkaError

from deploy.server_version import check_server
from deploy.topics import ensure_topics
from shared.db import PASSING, Database
from shared.errors import Busy
from shared.repeats import Trouble
from shared.revisions import newest
from shared.settings import ServiceName
from shared.standing import SchemaTooNew, Verdict, standing_of
from shared.telemetry import log

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 10.0
LOOK_EVERY: Final = 3.0
"""Seconds between two looks at the schema."""


async def database_in_order(database: Database, service: ServiceName) -> None:
    """Returns when the database answers and its schema serves this code.

    Raises NotConfigured when its server is too old.
    """
    away = (Busy, *PASSING, asyncpg.PostgresError)
    await _waited_for("the database", partial(check_server, database), *away)
    await _waited_for(
        "a schema that serves this release", partial(_look, database, newest(service)), _OtherSchema, *away
    )


async def until_outdated(database: Database, service: ServiceName) -> None:
    """Until cancelled; raises SchemaTooNew soon after a newer release made a schema that serves this code no longer."""
    ours = newest(service)
    while True:
        await asyncio.sleep(LOOK_EVERY)
        with suppress(Busy, *PASSING):
            async with database.connection() as connection:
                there = await standing_of(connection)
            if there.verdict(ours) is Verdict.OUTDATED:
                raise SchemaTooNew(f"{service}: {there.reason(ours)}")


async def _look(database: Database, ours: str) -> None:
    async with database.connection() as connection:
        there = await standing_of(connection)
    if reason := there.reason(ours):
        raise _OtherSchema(reason)


async def broker_at(bootstrap: str) -> None:
    """Returns when a broker answers and has our topics, which are made where they are missing."""
    await _waited_for("Kafka", lambda: ensure_topics(bootstrap), KafkaError, *PASSING)


class _OtherSchema(Exception):
    """The message says which revisions meet."""


async def _waited_for(what: str, attempt: Callable[[], Awaitable[None]], *passing: type[Exception]) -> None:
    """Returns when the attempt succeeds.

    A line says that it is waited for, another one each minute, and one that it has come.
    """
    trouble = Trouble(log("process"), waits=f"waiting for {what}", over=f"{what} is there")
    pause = FIRST_PAUSE
    while True:
        try:
            await attempt()
        except passing as fault:
            trouble.met(fault.__cause__ or fault, reason=str(fault) if isinstance(fault, _OtherSchema) else None)
        else:
            trouble.over()
            return
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
