"""Entering owners, and whose a store is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.customers.changes import store as changes_made
from services.customers.changes.domain import Change
from services.customers.context import Context
from services.customers.heads.store import erasing, locks
from services.customers.masking.domain import check_sent
from services.customers.masking.handlers import fields_seen
from services.customers.owners import domain, events, queries, store
from services.customers.owners.domain import (
    Owner,
    OwnerNotFound,
    Ownership,
    OwnershipNotFound,
    OwnsThemself,
    UnknownOwner,
)
from services.customers.owners.queries import ReadOwner
from services.customers.people import store as people
from services.customers.standing import store as standing
from shared import audit
from shared.auth.principal import Principal
from shared.auth.visibility import viewer as viewer_of
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.months import Month
from shared.references import CustomerNotFound, UnknownCustomer
from shared.versions import check_version

UNMASKED: Final = "owner.unmasked"
"""Somebody was shown what is masked for others."""
AT_ONCE: Final = 50
"""Owners of a transaction."""


async def add(context: Context, asked: Mapping[str, Any], *, by: UUID) -> Owner:
    """Enters an owner. Raises UnknownCustomer, Erased."""
    owner = Owner(id=new_id(), version=1, **asked, updated_at=context.clock.now())
    async with context.database.transaction() as transaction:
        await _check_customer(transaction, owner.customer_id)
        await store.add(transaction, context.personal, context.traces, owner)
        await audit.enter(transaction, by, "owner.added", owner.id)
    return owner


async def change(
    context: Context, id_: UUID, changes: Mapping[str, Any], expected_version: int | None, caller: Principal
) -> Owner:
    """Changes an owner.

    Raises OwnerNotFound, OwnerErased, PreconditionRequired, Stale, MaskedNotChanged, UnknownCustomer, Erased,
    OwnsThemself.
    """
    async with context.database.transaction() as transaction:
        told = changes.get("customer_id")
        owned = await store.stores_of(transaction, id_)
        there = await locks.customers(transaction, sorted(owned | ({told} if told is not None else set())))
        before = await store.locked(transaction, context.personal, id_)
        if before is None:
            raise OwnerNotFound("no owner has this id")
        before.check_stands()
        check_version(before.version, expected_version)
        check_sent(changes, domain.masked(before, fields_seen(caller)).masked)
        if replace(before, **changes) == before:
            return before
        after = replace(before, **{**changes, "version": before.version + 1, "updated_at": context.clock.now()})
        if told is not None and told not in there:
            raise UnknownCustomer("no customer has this id", pointer="#/customer_id")
        if told is not None:
            await erasing.check(transaction, told)
        if told is not None and await store.owns_any_above(transaction, told, owned):
            raise OwnsThemself(
                "this customer is a store of theirs, or of somebody whom they own", pointer="#/customer_id"
            )
        await store.save(transaction, context.personal, context.traces, after)
        await _keep(context, transaction, before, after, there, by=caller.id)
        await audit.enter(transaction, caller.id, "owner.changed", id_)
    return after


async def hand_over(
    context: Context,
    customer_id: UUID,
    owner_id: UUID | None,
    since: datetime | None,
    *,
    changed_hands: bool,
    by: UUID,
    viewer: UUID | None,
) -> Ownership:
    """Says whose a store is from a moment on, now unless said. A store that `changed_hands` keeps its history; who
    consented does so no longer, and its people have left, but for those who were entered after it: they are the new
    owner's. What only puts an entry right says that it did not.

    Raises CustomerNotFound, UnknownOwner, OwnerErased, OwnsThemself, OwnedAlready, OwnershipDateRefused.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        if not await locks.customers(transaction, [customer_id], viewer=viewer):
            raise CustomerNotFound("no customer has this id")
        owner = await store.read(transaction, context.personal, owner_id) if owner_id is not None else None
        if owner_id is not None and owner is None:
            raise UnknownOwner("enter the owner first: POST /customers/v1/owners", pointer="#/owner_id")
        if owner is not None:
            owner.check_stands()
        before = await store.present(transaction, customer_id)
        since = since or now
        domain.check_change(customer_id, owner, before, since, now)
        above = None if owner is None else owner.customer_id
        if above is not None and await store.owns_any_above(transaction, above, [customer_id]):
            raise OwnsThemself("this owner belongs to the customer, over others", pointer="#/owner_id")
        after = Ownership(new_id(), customer_id, owner_id, since, None)
        await store.change(transaction, after.id, before, owner_id, since, customer_id, by=by)
        handed = Change("owner_id", before.owner_id if before is not None else None, owner_id)
        await changes_made.keep(transaction, customer_id, [handed], at=now, by=by)
        moved = changed_hands and before is not None and before.owner_id is not None
        if moved:
            on, late = since.astimezone(context.zone).date(), since if since < now else None
            await people.leave_all(transaction, customer_id, on, late, now)
        await standing.look_again(transaction, customer_id)
        await audit.enter(transaction, by, "customer.owner_changed", customer_id)
        await outbox.append(transaction, [events.owner_changed(after, before, moved, now)])
    return after


async def put_earlier(
    context: Context,
    customer_id: UUID,
    id_: UUID,
    since: datetime,
    expected_version: int | None,
    *,
    by: UUID,
    viewer: UUID | None,
) -> Ownership:
    """Puts right when a store became somebody's, where that was entered too late; consents stay as they are.

    Raises CustomerNotFound, OwnershipNotFound, PreconditionRequired, Stale, OwnershipDateRefused.
    """
    async with context.database.transaction() as transaction:
        if not await locks.customers(transaction, [customer_id], viewer=viewer):
            raise CustomerNotFound("no customer has this id")
        history = await store.history(transaction, customer_id)
        place = next((place for place, each in enumerate(history) if each.id == id_), None)
        if place is None:
            raise OwnershipNotFound("read whose it was: GET /customers/v1/customers/{id}/ownership")
        entry, before = history[place], next(iter(history[place + 1 :]), None)
        check_version(entry.version, expected_version)
        moved = entry.begun_at(since, before)
        if moved == entry:
            return entry
        after = replace(moved, version=entry.version + 1)
        await store.move(transaction, after, before)
        moved_back = Change("ownership.since", entry.since, since, about=id_)
        await changes_made.keep(transaction, customer_id, [moved_back], at=context.clock.now(), by=by)
        await audit.enter(transaction, by, "ownership.corrected", customer_id)
        told = events.owner_changed(after, before, changed_hands=False, at=context.clock.now())
        await outbox.append(transaction, [told])
    return after


async def trace(context: Context) -> int:
    """Due work: owners whom an older release has written are made found by their numbers; 0 when all are."""
    async with context.database.transaction() as transaction:
        return await store.trace_some(transaction, context.personal, context.traces, AT_ONCE)


async def show(context: Context, id_: UUID, month: Month | None, caller: Principal) -> ReadOwner:
    """An owner with their stores; that they are shown in full is entered. Raises OwnerNotFound."""
    found = await queries.read(context, id_, month, viewer=viewer_of(caller))
    await enter_unmasked(context, [found.owner], caller)
    return found


async def show_page(context: Context, caller: Principal, before: UUID | None, most: int) -> list[ReadOwner]:
    """A page of owners of stores that the caller sees; whom they see in full is entered, one entry each."""
    found = await queries.page(context, before, most, viewer=viewer_of(caller))
    await enter_unmasked(context, [each.owner for each in found[: most - 1]], caller)  # the last tells of more
    return found


async def enter_unmasked(context: Context, found: Sequence[Owner], caller: Principal) -> None:
    """Enters which owners are shown in full to the caller."""
    seen = fields_seen(caller)
    shown = [each.id for each in found if domain.unmasked(each, seen)]
    await audit.enter_many(context.database, caller.id, UNMASKED, shown)


async def _keep(
    context: Context, transaction: Connection, before: Owner, after: Owner, held: set[UUID], *, by: UUID
) -> None:
    """What the histories of an owner's stores keep, of those that are held."""
    history, now = domain.history_of(before, after), context.clock.now()
    sealer = await store.sealer(transaction, context.personal, after.id)
    for store_id in sorted(held & await store.stores_of(transaction, after.id)):
        await changes_made.keep(transaction, store_id, history, at=now, by=by, sealer=sealer, sealed_for=after.id)


async def _check_customer(transaction: Connection, customer_id: UUID | None) -> None:
    if customer_id is not None and not await locks.customers(transaction, [customer_id]):
        raise UnknownCustomer("no customer has this id", pointer="#/customer_id")
    if customer_id is not None:
        await erasing.check(transaction, customer_id)
