"""Reading the file of an import: its good rows are kept for applying, its bad ones are listed."""

from uuid import UUID

from services.customers.context import Context
from services.customers.imports.domain.jobs import Job
from services.customers.imports.domain.layout import ImportKind
from services.customers.imports.domain.preview import Preview
from services.customers.imports.domain.reading import Frame, ReadJob
from services.customers.imports.handlers.reader import frames_of
from services.customers.imports.handlers.uploading import stored
from services.customers.imports.store import jobs, reading
from shared.db import Connection
from shared.money import MOST

READ_AT_ONCE = 5_000
"""Rows of a file that are stored in one transaction while reading; the reader is a frame ahead, more would wait."""


async def read(context: Context, job: Job, holder: UUID) -> None:
    """Reads what is not read yet; raises BrokenFile."""
    async with context.database.transaction() as transaction:
        await jobs.hold(transaction, job.id, holder)
        far = await reading.reading(transaction, job.id) or await reading.begin_reading(transaction, job.id)
    if far.whole:
        return
    async with frames_of(await read_job(context, job, far.last_row, READ_AT_ONCE), stored(context, job.id)) as frames:
        async for frame in frames:
            async with context.database.transaction() as transaction:
                await jobs.hold(transaction, job.id, holder)
                if isinstance(frame, Preview):
                    await jobs.keep_preview(transaction, job.id, frame, context.uploads)
                else:
                    await _keep(transaction, job, frame)
    async with context.database.transaction() as transaction:
        await jobs.hold(transaction, job.id, holder)
        await reading.end_reading(transaction, job.id)


async def _keep(transaction: Connection, job: Job, frame: Frame) -> None:
    """Rows of purchases are kept for applying; customers are read again then, their data stay sealed until they are."""
    if job.layout.kind is ImportKind.PURCHASES:
        await reading.keep_rows(transaction, frame.good)
    await reading.keep_faults(transaction, job.id, frame.faults)
    await reading.advance_reading(transaction, job.id, frame)


async def read_job(context: Context, job: Job, skip: int, batch: int) -> ReadJob:
    """What the reader is to do from the row after `skip` on, `batch` rows at a time."""
    async with context.database.connection() as reader:
        names = await reading.names(reader, job.layout.kind)
    now = context.clock.now()
    return ReadJob(job.id, job.layout, job.size, skip, batch, context.zone.key, now, MOST, names, job.form)
