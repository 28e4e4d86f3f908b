"""A worker of complaints as a process of its own, to be killed: `python -m tests.faults.clock_worker URL OFFSET`."""

import asyncio
import sys
from datetime import timedelta

from deploy.network import build_service
from shared.auth.tokens import TokenVerifier
from shared.clock import ManualClock
from shared.db import Database
from shared.runtime import Runtime
from shared.telemetry import configure_logging
from tests.support import ISSUER, MASTER_KEY, SETTINGS, START


async def main(url: str, seconds: str) -> None:
    """Runs the service's timers until killed."""
    database = await Database.connect(url, pool_size=4)
    clock = ManualClock(START + timedelta(seconds=float(seconds)))
    runtime = Runtime(SETTINGS, database, clock, TokenVerifier(SETTINGS, ISSUER.public_keys), MASTER_KEY)
    await asyncio.gather(*(loop.run() for loop in build_service("complaints", runtime).loops))


if __name__ == "__main__":
    configure_logging("ERROR")
    asyncio.run(main(*sys.argv[1:]))
