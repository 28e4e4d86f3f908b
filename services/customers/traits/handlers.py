"""Saying what a customer is like, and adding kinds of traits."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from services.customers.archive.domain import Customer
from services.customers.archive.handlers import UNMASKED
from services.customers.archive.store import customers as archive
from services.customers.archive.store import own_keys
from services.customers.changes import store as changes_made
from services.customers.changes.domain import Said
from services.customers.context import Context
from services.customers.masking.domain import check_sent
from services.customers.masking.handlers import fields_seen
from services.customers.standing import store as standing
from services.customers.traits import domain, queries, store
from services.customers.traits.domain import ReadTraits, TraitKind, TraitKindTaken, Traits
from shared import audit
from shared.auth.principal import Principal
from shared.db import Connection
from shared.references import CustomerNotFound
from shared.versions import check_version


async def show(context: Context, customer_id: UUID, caller: Principal, *, viewer: UUID | None) -> ReadTraits:
    """Traits; that the caller sees in full what is said in words is entered. Raises CustomerNotFound."""
    found = await queries.read(context, customer_id, viewer=viewer)
    if "words" in fields_seen(caller) and domain.in_words(found.traits, found.kinds):
        await audit.enter(context.database, caller.id, UNMASKED, customer_id)
    return found


async def change(
    context: Context,
    customer_id: UUID,
    changes: Mapping[str, Any],
    expected_version: int | None,
    caller: Principal,
    *,
    viewer: UUID | None,
) -> ReadTraits:
    """Changes some traits; what stays as it was is no change.

    Raises CustomerNotFound, Erased, PreconditionRequired, Stale, MaskedNotChanged, TraitRefused.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        customer = await archive.locked(transaction, customer_id, context.personal, viewer=viewer)
        if customer is None:
            raise CustomerNotFound("no customer has this id")
        customer.check_stands()
        kinds = await store.kinds_by_code(transaction)
        sealer = await own_keys.own_sealer(transaction, customer, context.personal)
        before = await store.read(transaction, customer_id, sealer, kinds)
        check_version(before.version, expected_version)
        check_sent({*changes, *(changes.get("more") or {})}, domain.seen_by(before, fields_seen(caller), kinds).masked)
        after = domain.changed(before, changes, kinds, customer.profile.kind)
        history = domain.history_of(before, after, kinds)
        if history:
            after = replace(after, version=before.version + 1, changed_at=now)
            await store.save(transaction, customer_id, after, sealer, kinds, at=now, by=caller.id)
            await standing.fill(transaction, customer_id, standing.TRAITS_MASK, domain.filled(after))
            await changes_made.keep(transaction, customer_id, history, at=now, by=caller.id, sealer=sealer)
    return ReadTraits(customer_id, after, kinds)


async def of_held(context: Context, transaction: Connection, customer: Customer) -> Traits:
    """The traits of a held customer."""
    sealer = await own_keys.own_sealer(transaction, customer, context.personal)
    return await store.read(transaction, customer.id, sealer, await store.kinds_by_code(transaction))


async def fill_from(
    context: Context, transaction: Connection, kept: Customer, of_merged: Traits, now: datetime, *, by: UUID
) -> None:
    """What is said of one who was merged, where nothing is said of the held one who is kept."""
    await _keep(context, transaction, kept, partial(domain.filled_from, of=of_merged), now, by)


async def take_back(
    context: Context, transaction: Connection, kept: Customer, brought: Mapping[str, Said], now: datetime, *, by: UUID
) -> None:
    """Takes what a merged one brought from the held one who was kept, unless it was changed since."""
    await _keep(context, transaction, kept, partial(domain.without, brought=brought), now, by)


async def add_kind(context: Context, kind: TraitKind, *, by: UUID) -> TraitKind:
    """Adds a kind of trait. Raises TraitKindTaken."""
    async with context.database.transaction() as transaction:
        free = kind.code not in domain.RESERVED
        if not (free and await store.add_kind(transaction, kind, context.clock.now())):
            raise TraitKindTaken("take another code", pointer="#/code")
        await audit.enter(transaction, by, "trait_kind.added")
    return kind


async def _keep(
    context: Context,
    transaction: Connection,
    customer: Customer,
    moved: Callable[[Traits], Traits],
    now: datetime,
    by: UUID,
) -> None:
    """Writes what is other of a customer's traits since a merge. The history does not say what is personal: it is the
    other one's, and would stay when they are erased."""
    sealer = await own_keys.own_sealer(transaction, customer, context.personal)
    kinds = await store.kinds_by_code(transaction)
    before = await store.read(transaction, customer.id, sealer, kinds)
    after = moved(before)
    history = [replace(each, withheld=each.personal) for each in domain.history_of(before, after, kinds)]
    if history:
        after = replace(after, version=before.version + 1, changed_at=now)
        await store.save(transaction, customer.id, after, sealer, kinds, at=now, by=by)
        await standing.fill(transaction, customer.id, standing.TRAITS_MASK, domain.filled(after))
        await changes_made.keep(transaction, customer.id, history, at=now, by=by, sealer=sealer)
