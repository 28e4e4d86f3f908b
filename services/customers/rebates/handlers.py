"""Agreeing rebates, and putting agreements right."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg

from services.customers.changes import store as changes_made
from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.organisation.domain import Brand
from services.customers.organisation.store import gateway
from services.customers.rebates import domain, events, store
from services.customers.rebates.domain import NewRebate, Rebate, RebateNotFound, RebateOverlaps
from shared import audit
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.references import UnknownBrand, UnknownCustomer
from shared.versions import check_version


async def agree(context: Context, new: NewRebate, *, by: UUID, viewer: UUID | None) -> Rebate:
    """Enters an agreement. Raises RebateRefused, UnknownCustomer, UnknownBrand, RebateOverlaps."""
    new.check()
    now = context.clock.now()
    rebate = Rebate(
        new_id(), 1, new.customer_id, new.brand_id, new.starts_on, new.ends_on, new.steps, agreed_at=now, agreed_by=by
    )
    async with context.database.transaction() as transaction:
        if not await locks.customers(transaction, [new.customer_id], viewer=viewer):
            raise UnknownCustomer("no customer has this id", pointer="#/customer_id")
        if new.brand_id is not None and await gateway(Brand).get(transaction, new.brand_id) is None:
            raise UnknownBrand("no brand has this id", pointer="#/brand_id")
        async with _refusals(transaction, rebate):
            await store.add(transaction, rebate)
        await _tell(context, transaction, None, rebate, by, "rebate.agreed")
    return rebate


async def change(
    context: Context,
    id_: UUID,
    changes: Mapping[str, Any],
    expected_version: int | None,
    *,
    by: UUID,
    viewer: UUID | None,
) -> Rebate:
    """Changes days or steps, or takes back (`withdrawn`) what was never agreed.

    Raises RebateNotFound, PreconditionRequired, Stale, RebateRefused, RebateOverlaps.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        await locks.customers(transaction, await store.customers_of(transaction, [id_]))
        before = await store.locked(transaction, id_, viewer=viewer)
        if before is None:
            raise RebateNotFound("no agreement has this id")
        check_version(before.version, expected_version)
        said = {name: value for name, value in changes.items() if name != "withdrawn"}
        gone = before.withdrawn_at
        if "withdrawn" in changes:
            gone = (before.withdrawn_at or now) if changes["withdrawn"] else None
        after = replace(before, **said, withdrawn_at=gone)
        if after == before:
            return before
        after.as_agreed().check()
        after = replace(after, version=before.version + 1, updated_at=now)
        async with _refusals(transaction, after):
            await store.save(transaction, after)
        await _tell(context, transaction, before, after, by, "rebate.changed")
    return after


async def _tell(
    context: Context, transaction: Connection, before: Rebate | None, rebate: Rebate, by: UUID, what: str
) -> None:
    now = context.clock.now()
    await changes_made.keep(transaction, rebate.customer_id, domain.history_of(before, rebate), at=now, by=by)
    await audit.enter(transaction, by, what, rebate.id)
    await outbox.append(transaction, [events.agreed(rebate, now)])


@asynccontextmanager
async def _refusals(transaction: Connection, rebate: Rebate) -> AsyncIterator[None]:
    """What the database refuses, with the agreements in the way: they are looked for when the refusal is undone."""
    try:
        async with transaction.transaction():
            yield
    except asyncpg.ExclusionViolationError:
        found = await store.in_the_way(transaction, rebate)
        raise RebateOverlaps("one agreement of a customer and brand holds at a time", found, pointer="#/from") from None
