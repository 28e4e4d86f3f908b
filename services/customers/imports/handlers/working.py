"""An import's life: the upload comes in, a worker reads the file, then applies what it read, batch by batch.

Nothing is applied before the whole file was read, so a broken file writes nothing. Each batch is one transaction that
stores rows, sums, events, faults, figures and the place together; a worker that dies leaves a job that any other
takes up at that place once its lease has run out.
"""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from uuid import UUID

import asyncpg
import orjson

from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.imports.domain.cells import (
    BrokenFile,
    CustomerRow,
    Fault,
    ImportKind,
    Layout,
    Trouble,
)
from services.customers.imports.handlers import registering
from services.customers.imports.handlers.reader import Frame, Orders, reading
from services.customers.imports.store import jobs as store
from services.customers.imports.store import recording
from services.customers.imports.store.jobs import Applied, Job, LeaseLost, Place
from services.customers.tiers.handlers.lifting import lift
from shared.db import PASSING, Connection
from shared.errors import Busy, Invalid, NotFound
from shared.http.idempotency import IdempotencyKey, KeyInProgress, claim_for, stored_resource
from shared.ids import new_id
from shared.money import MOST
from shared.telemetry import log

CHUNK = 1 << 20
"""Bytes of the upload that are sealed and stored together."""
CUSTOMERS_AT_ONCE = 1_000
"""Rows of a customers file that are registered in one transaction."""
READ_AT_ONCE = 20_000
"""Rows of a file that are stored in one transaction while reading."""
FAULTS_AT_ONCE = 5_000
MOST_ATTEMPTS = 5
"""A job that ends its worker this often without getting any further is given up."""


class EmptyUpload(Invalid):
    slug = "empty-file"
    title = "The file is empty"


class UnknownImport(NotFound):
    slug = "unknown-import"
    title = "There is no such import"


class SameRequest(Exception):
    """The Idempotency-Key came before."""


# ------------------------------------------------------------------------------------------------ coming in


async def submit(
    context: Context,
    layout: Layout,
    content: AsyncIterator[bytes],
    *,
    dry_run: bool,
    create_customers: bool,
    by: UUID,
    key: IdempotencyKey | None = None,
) -> UUID:
    """Stores the upload, sealed, and queues the job; answers the id, of the first one when the key came before.

    Raises EmptyUpload, KeyReused or KeyInProgress.
    """
    id_ = new_id()
    digest = hashlib.sha256(repr((layout, dry_run, create_customers)).encode())
    try:
        async with context.database.transaction() as transaction:
            await store.insert(
                transaction,
                id_,
                layout,
                dry_run=dry_run,
                create_customers=create_customers,
                by=by,
                at=context.clock.now(),
            )
            await _store_upload(context, transaction, id_, content, digest)
            if key is not None:
                key = key.with_content(digest.digest())
                if not await claim_for(transaction, key, id_):
                    raise SameRequest
    except SameRequest:
        return await _earlier(context, key)
    return id_


async def _store_upload(
    context: Context, transaction: Connection, id_: UUID, content: AsyncIterator[bytes], digest: "hashlib._Hash"
) -> None:
    number = size = 0
    async for piece in content:
        digest.update(piece)
        sealed = context.runtime.vault(_PURPOSE).seal(piece, _identity(id_, number))
        await store.insert_chunk(transaction, id_, number, sealed)
        number, size = number + 1, size + len(piece)
    if not size:
        raise EmptyUpload("the file has no content", pointer="#/file")
    await store.set_size(transaction, id_, size)


async def _earlier(context: Context, key: IdempotencyKey | None) -> UUID:
    assert key is not None  # noqa: S101  only a key can have come before
    async with context.database.connection() as reader:
        earlier = await stored_resource(reader, key)
    if earlier is None:
        raise KeyInProgress("the same Idempotency-Key has just ended; ask again")
    return earlier


async def _upload(context: Context, id_: UUID) -> AsyncIterator[bytes]:
    """The uploaded bytes, piece by piece."""
    vault = context.runtime.vault(_PURPOSE)
    for number in itertools.count():
        async with context.database.connection() as reader:
            sealed = await store.chunk(reader, id_, number)
        if sealed is None:
            return
        yield vault.open(sealed, _identity(id_, number))


_PURPOSE = "customers:imports"


def _identity(id_: UUID, number: int) -> bytes:
    return id_.bytes + number.to_bytes(4, "big")


# ------------------------------------------------------------------------------------------------ asked for


async def job(context: Context, id_: UUID) -> Job:
    """The import with its figures; raises UnknownImport."""
    async with context.database.connection() as reader:
        found = await store.job(reader, id_)
    if found is None:
        raise UnknownImport("no import has this id")
    return found


async def jobs(context: Context, before: UUID | None, limit: int) -> list[Job]:
    """Imports, the latest first."""
    async with context.database.connection() as reader:
        return await store.page(reader, before, limit)


async def faults(context: Context, id_: UUID) -> AsyncIterator[Sequence[Fault]]:
    """Bad rows in the order of the file, page by page: no connection is held between pages."""
    after = (0, "")
    while True:
        async with context.database.connection() as reader:
            found = await store.faults_after(reader, id_, after, FAULTS_AT_ONCE)
        if not found:
            return
        yield found
        after = (found[-1].row, found[-1].column)


# ------------------------------------------------------------------------------------------------ worked on


async def work(context: Context, lease_seconds: float = store.LEASE_SECONDS) -> int:
    """Takes the oldest waiting job to its end, or clears up after an ended one; 0 when there is neither."""
    holder = new_id()
    async with context.database.connection() as writer:
        claimed = await store.claim(writer, holder, lease_seconds)
    if claimed is None:
        return await _sweep(context)
    blameless = True
    try:
        async with _heartbeat(context, claimed.id, holder, lease_seconds):
            await _carry_out(context, claimed, holder)
    except LeaseLost:
        log("imports").warning("import taken over by another worker", import_id=str(claimed.id))
    except Exception as fault:
        blameless = isinstance(fault, (*PASSING, Busy, asyncpg.UniqueViolationError))
        raise
    finally:
        async with context.database.connection() as writer:
            await store.release(writer, claimed.id, holder, blameless=blameless)
    return 1


@asynccontextmanager
async def _heartbeat(context: Context, id_: UUID, holder: UUID, lease_seconds: float) -> AsyncIterator[None]:
    """Keeps the lease while the block runs. Whether it still holds is checked by every transaction of its own."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(lease_seconds / 3)
            with suppress(*PASSING, Busy):
                async with context.database.connection() as writer:
                    await store.extend(writer, id_, holder, lease_seconds)

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
        await _read(context, job, holder)
        await _apply(context, job, holder)
    except BrokenFile as broken:
        await _finish(context, job, holder, broken)
    else:
        await _finish(context, job, holder, None)


async def _finish(context: Context, job: Job, holder: UUID, broken: BrokenFile | None) -> None:
    async with context.database.transaction() as transaction:
        await store.hold(transaction, job.id, holder)
        trouble, detail = (broken.trouble, broken.detail) if broken else (None, None)
        await store.finish(transaction, job.id, context.clock.now(), trouble, detail)
    log("imports").info("import ended", import_id=str(job.id), trouble=trouble)


async def _sweep(context: Context) -> int:
    async with context.database.transaction() as transaction:
        ended = await store.to_sweep(transaction)
        if ended is None:
            return 0
        await store.sweep(transaction, ended)
    return 1


# ------------------------------------------------------------------------------------------------ reading


async def _read(context: Context, job: Job, holder: UUID) -> None:
    """Reads what is not read yet; raises BrokenFile."""
    async with context.database.transaction() as transaction:
        await store.hold(transaction, job.id, holder)
        read = await store.reading(transaction, job.id) or await store.begin_reading(transaction, job.id)
    if read.whole:
        return
    async with reading(await _orders(context, job, read.last_row), _upload(context, job.id)) as frames:
        async for frame in frames:
            async with context.database.transaction() as transaction:
                await store.hold(transaction, job.id, holder)
                await _keep(transaction, job, frame)
    async with context.database.transaction() as transaction:
        await store.hold(transaction, job.id, holder)
        await store.end_reading(transaction, job.id)


async def _keep(transaction: Connection, job: Job, frame: Frame) -> None:
    """Rows of purchases are kept for applying; customers are read again then, their data stay sealed until they are."""
    if job.layout.kind is ImportKind.PURCHASES:
        await store.keep_rows(transaction, frame.good)
    await store.keep_faults(transaction, job.id, frame.faults)
    await store.advance_reading(
        transaction, job.id, last_row=frame.last, rows=frame.rows, bad=frame.bad, bytes_read=frame.at
    )


async def _orders(context: Context, job: Job, skip: int, batch: int = READ_AT_ONCE) -> Orders:
    async with context.database.connection() as reader:
        names = await store.names(reader, job.layout.kind)
    return Orders(
        job.id,
        job.layout,
        job.size,
        skip,
        batch,
        context.runtime.settings.timezone,
        context.clock.now(),
        MOST,
        names,
    )


# ------------------------------------------------------------------------------------------------ applying


async def _apply(context: Context, job: Job, holder: UUID) -> None:
    if job.layout.kind is ImportKind.CUSTOMERS:
        await _apply_customers(context, job, holder)
        return
    while await _apply_purchases(context, job, holder):
        pass


async def _apply_customers(context: Context, job: Job, holder: UUID) -> None:
    """Reads the file again from the place reached; its faults are listed already."""
    orders = await _orders(context, job, job.at_row, CUSTOMERS_AT_ONCE)
    async with reading(orders, _upload(context, job.id)) as frames:
        async for frame in frames:
            async with context.database.transaction() as transaction:
                place = await store.hold(transaction, job.id, holder)
                rows = [CustomerRow(*orjson.loads(line)) for line in frame.good.splitlines()]
                ok, repeated, found = await registering.register(context, transaction, rows, dry_run=job.dry_run)
                await store.keep_faults(transaction, job.id, found)
                reached = replace(place, row_no=frame.last)
                await store.advance(transaction, job.id, Applied(ok, repeated, len(found), reached))


async def _apply_purchases(context: Context, job: Job, holder: UUID) -> bool:
    """The next batch; False when no row is left."""
    running = context.running_month()
    async with context.database.transaction() as transaction:
        place = await store.hold(transaction, job.id, holder)
        if job.dry_run:
            who = await recording.customers(transaction, job.id, place)
            batch = await recording.check(
                transaction, job.id, place, who, creating=job.create_customers, running=running.ordinal
            )
        else:
            batch = await _record(context, transaction, job, place)
        if batch is not None:
            await store.advance(transaction, job.id, batch)
    return batch is not None


async def _record(context: Context, transaction: Connection, job: Job, place: Place) -> Applied | None:
    running = context.running_month()
    await locks.enter_many(transaction, running)
    who = await recording.customers(transaction, job.id, place)
    missing = [number for number, customer_id in who.items() if customer_id is None]
    if missing and job.create_customers:
        await registering.create_stores(context, transaction, missing)
        who = await recording.customers(transaction, job.id, place)
    await locks.customers(transaction, [customer_id for customer_id in who.values() if customer_id])
    batch = await recording.record(transaction, job.id, place, who, running=running.ordinal, at=context.clock.now())
    if batch is not None and batch.entered:
        await lift(context, transaction, batch.entered, historical=True)
    return batch
