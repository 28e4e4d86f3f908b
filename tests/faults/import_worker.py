"""A worker of imports as a process of its own, to be killed.

Small transactions and a short lease, so that there is much to be killed in. Workers fork from a server that has loaded
everything: otherwise loading would be most of the test.
"""

import asyncio
import multiprocessing
from multiprocessing.process import BaseProcess

from services.customers.context import Context
from services.customers.imports.domain.layout import ImportKind
from services.customers.imports.handlers import applying, reading
from services.customers.imports.handlers.working import work
from services.customers.imports.store import parts, recording
from shared.auth.tokens import TokenVerifier
from shared.clock import ManualClock
from shared.db import PASSING, Database
from shared.errors import Busy
from shared.runtime import Runtime
from shared.telemetry import configure_logging
from tests.support import ISSUER, MASTER_KEY, SETTINGS, START

LEASE_SECONDS = 1.0


async def main(url: str) -> None:
    """Works until killed."""
    reading.READ_AT_ONCE, recording.BATCH = 500, 150
    applying.LINES_AT_ONCE[ImportKind.CUSTOMERS] = 50
    parts.WORTH = 1_000
    database = await Database.connect(url, pool_size=4)
    verifier = TokenVerifier(SETTINGS, ISSUER.public_keys)
    context = Context.of(Runtime(SETTINGS, database, ManualClock(START), verifier, MASTER_KEY))
    while True:
        try:
            worked = await work(context, LEASE_SECONDS)
        except (*PASSING, Busy):
            worked = 0
        if not worked:
            await asyncio.sleep(0.05)


def run(url: str) -> None:
    configure_logging("ERROR")
    asyncio.run(main(url))


def start(url: str) -> BaseProcess:
    """A new worker on the database of customers at `url`."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=run, args=(url,), daemon=True)
    process.start()
    return process
