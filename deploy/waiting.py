"""Waiting for what a process cannot do without, instead of ending: it says so, and goes on by itself."""

import asyncio
from typing import Final

from deploy.server_version import check_server
from shared.db import Database
from shared.errors import Busy
from shared.telemetry import Stopwatch, log

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 10.0


async def database_at(url: str, pool_size: int) -> Database:
    """The database, however long it is away; a line says that it is waited for, and one that it has come.

    Raises NotConfigured when its server is too old.
    """
    watch, pause, tries = Stopwatch(), FIRST_PAUSE, 0
    while True:
        try:
            database = await Database.connect(url, pool_size=pool_size)
        except Busy as fault:
            tries += 1
            log("process").warning("waiting for the database", fault=type(fault.__cause__).__name__, again_in=pause)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        else:
            if tries:
                log("process").warning("the database is there", waited=round(watch.seconds, 1))
            await check_server(database)
            return database
