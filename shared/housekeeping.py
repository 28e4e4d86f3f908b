"""What every service's database needs now and then: partitions ahead of time, and nothing kept beyond its day."""

import asyncio

from shared.bus.relay import ensure_partitions
from shared.db import Database
from shared.idempotency import FORGET
from shared.retry import retry_forever
from shared.telemetry import log

EVERY_SECONDS = 600.0
AT_ONCE = 2_000
"""Rows of one statement, so that none of them holds locks for long."""


class Housekeeping:
    """Runs beside a service's relay; any number of processes may do it at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._log = log("housekeeping")

    async def run(self) -> None:
        """Every ten minutes until cancelled, sooner after a fault of the database."""
        await retry_forever(self._turn, self._log)

    async def _turn(self) -> None:
        await self.step()
        await asyncio.sleep(EVERY_SECONDS)

    async def step(self) -> int:
        """Makes the partitions of this month and the next; forgets idempotency keys after a day; returns how many."""
        await ensure_partitions(self._database)
        forgotten = 0
        while gone := await FORGET.only(self._database, most=AT_ONCE):
            forgotten += gone
        return forgotten
