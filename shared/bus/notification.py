"""The hint between an `api` process that commits events and the `worker` whose relay publishes them.

A NOTIFY inside the business transaction would make all commits queue behind one lock, so it is sent afterwards, on its
own, at most once in a few milliseconds. It is only a hint: the relay's short poll is the truth.
"""

import asyncio
import contextlib
from collections.abc import Callable

import asyncpg

from shared.db import PASSING, Database
from shared.errors import Busy
from shared.repeats import Trouble
from shared.retry import retry_forever
from shared.telemetry import log

CHANNEL = "crm_outbox"
AT_MOST_EVERY = 0.002


class CommitNotifier:
    """Notifies the workers after commits of this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._called = asyncio.Event()
        database.when_committed(self._called.set)

    async def run(self) -> None:
        """Sends the hints until cancelled."""
        while True:
            await self._called.wait()
            self._called.clear()
            with contextlib.suppress(Busy, *PASSING):
                await self._database.execute(f"NOTIFY {CHANNEL}")
            await asyncio.sleep(AT_MOST_EVERY)


async def listen(url: str, notify: Callable[[], None]) -> None:
    """Calls `notify` at every hint, until cancelled; connects again when the connection is lost."""
    trouble = Trouble(log("notification"), waits="not listening", over="listening again")

    async def attempt() -> None:
        connection: asyncpg.Connection[asyncpg.Record] = await asyncpg.connect(url)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            await connection.add_listener(CHANNEL, lambda *_: notify())
            trouble.over()
            notify()
            await lost.wait()
        finally:
            connection.terminate()

    await retry_forever(
        attempt, log("notification"), passing=(asyncpg.PostgresError, asyncpg.InterfaceError), trouble=trouble
    )
