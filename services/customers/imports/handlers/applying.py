"""Applying what was read, a batch a transaction: purchases two parts at a time, everything else line by line."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson

from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.imports.domain.jobs import Applied, Job, Part
from services.customers.imports.domain.layout import ImportKind
from services.customers.imports.domain.lines import ContactLine, ContractLine, CustomerLine, PaymentLine
from services.customers.imports.domain.preview import Preview
from services.customers.imports.domain.troubles import Fault
from services.customers.imports.handlers import knowing, paying, registering, signing
from services.customers.imports.handlers.reader import frames_of
from services.customers.imports.handlers.reading import read_job
from services.customers.imports.handlers.uploading import stored
from services.customers.imports.store import jobs, parts, reading, recording
from services.customers.tiers.handlers.lifting import lift
from services.customers.worth.store import judging
from shared.db import Connection

LINES_AT_ONCE = {
    ImportKind.CUSTOMERS: 1_000,
    ImportKind.PAYMENTS: 1_000,
    ImportKind.CONTRACTS: 100,
    ImportKind.CONTACTS: 100,
}
"""Rows of a file that are taken in one transaction."""


async def apply(context: Context, job: Job, holder: UUID) -> None:
    if job.layout.kind is not ImportKind.PURCHASES:
        await _apply_lines(context, job, holder)
        return
    async with context.database.transaction() as transaction:
        await jobs.hold(transaction, job.id, holder)
        numbers = await parts.numbers(transaction, job.id, divided=not job.create_customers)
    try:
        async with asyncio.TaskGroup() as side_by_side:
            for number in numbers:
                side_by_side.create_task(_apply_part(context, job, holder, number))
    except ExceptionGroup as faults:
        raise faults.exceptions[0] from faults


async def _apply_part(context: Context, job: Job, holder: UUID, number: int) -> None:
    while await _apply_purchases(context, job, holder, number):
        pass


async def _apply_lines(context: Context, job: Job, holder: UUID) -> None:
    """Reads the file again from the place reached; its faults are listed already."""
    asked = await read_job(context, job, job.at_row, LINES_AT_ONCE[job.kind])
    async with frames_of(asked, stored(context, job.id)) as frames:
        async for frame in frames:
            if isinstance(frame, Preview):
                continue
            async with context.database.ambient_transaction() as transaction:
                place = await jobs.hold(transaction, job.id, holder)
                lines = [orjson.loads(line) for line in frame.good.splitlines()]
                await judging.enters_history(transaction)
                ok, repeated, found = await _take(context, transaction, job, lines)
                await reading.keep_faults(transaction, job.id, found)
                await reading.refuse_noted(transaction, job.id, [fault.row for fault in found])
                reached = replace(place, row_no=frame.last)
                await jobs.advance(transaction, job.id, Applied(ok, repeated, len(found), reached))


async def _take(
    context: Context, transaction: Connection, job: Job, lines: list[list[Any]]
) -> tuple[int, int, list[Fault]]:
    """How many rows are in, how many stand already, and what is wrong with others. A dry run does all of it but leaves
    nothing: it compares with what stands, and rows with each other within a batch."""
    if job.kind is ImportKind.CUSTOMERS:
        rows = [CustomerLine(*line) for line in lines]
        return await registering.register(context, transaction, job, rows)
    work = transaction.transaction()
    await work.start()
    if job.kind is ImportKind.PAYMENTS:
        taken = await paying.take(context, transaction, job, [PaymentLine(*line) for line in lines])
    elif job.kind is ImportKind.CONTACTS:
        taken = await knowing.know(context, transaction, job, [ContactLine(*line) for line in lines])
    else:
        taken = await signing.sign(context, transaction, job, [ContractLine(*line) for line in lines])
    await (work.rollback() if job.dry_run else work.commit())
    return taken


async def _apply_purchases(context: Context, job: Job, holder: UUID, number: int) -> bool:
    """The next batch of a part; False when no row is left."""
    running = context.running_month()
    async with context.database.transaction() as transaction:
        part = await parts.hold(transaction, job.id, number, holder)
        if job.dry_run:
            who = await recording.customers(transaction, job.id, part)
            batch = await recording.check(
                transaction, job.id, part, who,
                creating=job.create_customers, running=running.ordinal, zone=context.zone.key,
            )  # fmt: skip
        else:
            batch = await _record(context, transaction, job, part)
        if batch is not None:
            await parts.advance(transaction, job.id, number, holder, batch)
    return batch is not None


async def _record(context: Context, transaction: Connection, job: Job, part: Part) -> Applied | None:
    running = context.running_month()
    await judging.enters_history(transaction)
    await (locks.enter_many if job.create_customers else locks.enter_beside)(transaction, running)
    who = await recording.customers(transaction, job.id, part)
    if job.create_customers and None in who.values():
        bought = await recording.unregistered_buyers(transaction, job.id, part, who)
        await registering.create_stores(context, transaction, bought)
        who = await recording.customers(transaction, job.id, part)
    await locks.customers(transaction, [customer_id for customer_id in who.values() if customer_id])
    batch = await recording.record(
        transaction, job.id, part, who,
        creating=job.create_customers, running=running.ordinal, at=context.clock.now(),
    )  # fmt: skip
    if batch is not None and batch.entered:
        await lift(context, transaction, batch.entered, historical=True)
    return batch
