"""An import's life: the upload comes in, a worker reads the file, then applies what it read, batch by batch.

Nothing is applied before the whole file was read, so a broken file writes nothing. Each batch is one transaction that
stores rows, sums, events, faults, figures and the place together; a worker that dies leaves a job that any other
takes up at that place once its lease has run out.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import asyncpg

from services.customers.context import Context
from services.customers.imports.domain.jobs import PREVIEW_FOR, Job, JobTaken
from services.customers.imports.domain.troubles import BrokenFile, Trouble
from services.customers.imports.handlers.applying import apply
from services.customers.imports.handlers.reading import read
from services.customers.imports.store import jobs, sweeping
from shared.db import PASSING
from shared.errors import Busy
from shared.ids import new_id
from shared.telemetry import log

MOST_ATTEMPTS = 5
"""A job that ends its worker this often without getting any further is given up."""


async def work(context: Context, lease_seconds: float = jobs.LEASE_SECONDS) -> int:
    """Takes the oldest waiting job to its end, or clears up after an ended one; 0 when there is neither."""
    holder = new_id()
    async with context.database.connection() as writer:
        claimed = await jobs.claim(writer, holder, lease_seconds, context.uploads)
    if claimed is None:
        return await _sweep(context)
    blameless = True
    try:
        async with _heartbeat(context, claimed.id, holder, lease_seconds):
            await _carry_out(context, claimed, holder)
    except JobTaken:
        log("imports").warning("import taken over by another worker", import_id=str(claimed.id))
    except Exception as fault:
        blameless = isinstance(fault, (*PASSING, Busy, asyncpg.UniqueViolationError))
        raise
    finally:
        async with context.database.connection() as writer:
            await jobs.release(writer, claimed.id, holder, blameless=blameless)
    return 1


@asynccontextmanager
async def _heartbeat(context: Context, id_: UUID, holder: UUID, lease_seconds: float) -> AsyncIterator[None]:
    """Keeps the lease while the block runs. Whether it still holds is checked by every transaction of its own."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(lease_seconds / 3)
            with suppress(*PASSING, Busy):
                async with context.database.connection() as writer:
                    await jobs.extend(writer, id_, holder, lease_seconds)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def _carry_out(context: Context, job: Job, holder: UUID) -> None:
    try:
        if job.attempts > MOST_ATTEMPTS:
            raise BrokenFile(Trouble.GIVEN_UP)
        await read(context, job, holder)
        await apply(context, job, holder)
    except BrokenFile as broken:
        await _finish(context, job, holder, broken)
    else:
        await _finish(context, job, holder, None)


async def _finish(context: Context, job: Job, holder: UUID, broken: BrokenFile | None) -> None:
    async with context.database.transaction() as transaction:
        await jobs.hold(transaction, job.id, holder)
        trouble, detail = (broken.trouble, broken.detail) if broken else (None, None)
        await jobs.finish(transaction, job.id, context.clock.now(), trouble, detail)
    log("imports").info("import ended", import_id=str(job.id), trouble=trouble)


async def _sweep(context: Context) -> int:
    async with context.database.transaction() as transaction:
        ended = await sweeping.to_sweep(transaction)
        if ended is None:
            return int(await sweeping.forget_previews(transaction, context.clock.now() - PREVIEW_FOR))
        await sweeping.sweep(transaction, ended)
    return 1
