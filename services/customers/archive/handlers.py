"""Registering customers and keeping their archive; imports register theirs through `register_many` too."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.customers.archive import domain, events, queries
from services.customers.archive.domain import (
    Beside,
    Customer,
    ExternalNoTaken,
    Listed,
    NewCustomer,
    Place,
    Profile,
    Wanted,
)
from services.customers.archive.queries import NOBODY
from services.customers.archive.store import customers as store
from services.customers.archive.store import own_keys, sealing
from services.customers.archive.store.pages import LookUp, look_up
from services.customers.changes import store as changes_made
from services.customers.context import Context
from services.customers.credit.domain import check_rates
from services.customers.entering.domain import NeedsAdministration
from services.customers.heads.store import locks
from services.customers.masking.domain import check_sent, veil
from services.customers.masking.handlers import fields_seen
from services.customers.merged import store as merged
from services.customers.owners.handlers import UNMASKED as OWNER_UNMASKED
from services.customers.standing import store as standing
from services.customers.standing.domain import bits_of
from services.customers.tiers.store import months
from services.customers.tiers.store.months import mark_stale_from
from services.customers.worth.domain.standing import NEW_STAGE
from shared import audit, purposes
from shared.auth.principal import Principal
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.months import Month
from shared.plans import planned_by_values
from shared.references import CustomerNotFound, UnknownRegion
from shared.versions import check_version

Changes = Mapping[str, Any]
REGISTERED_AT = "registered_at"
UNMASKED = "customer.unmasked"
"""Somebody was shown what is masked for others."""
AT_ONCE = 500
"""Customers of one transaction, so that none of them is held for long."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes a customer: whose customers only they see (None: all), whether they are not of administration,
    whether they rate credit, and the personal fields that they see in full."""

    id: UUID
    viewer: UUID | None
    limited: bool
    rates: bool
    seen: frozenset[str]


async def register(
    context: Context, profile: Profile, registered_at: datetime | None, by: UUID, *, limited: bool = False
) -> Customer:
    """Registers one customer; a new one has tier D. `limited` is whoever is not of administration.

    Raises DateRefused, UnknownRegion, ExternalNoTaken or NeedsAdministration.
    """
    now = context.clock.now()
    new = NewCustomer(new_id(), profile, registered_at or now)
    domain.check_dates(profile, new.registered_at, now, context.zone)
    async with context.database.transaction() as transaction:
        await _check_region(transaction, profile)
        if limited:
            month = Month.of(new.registered_at, context.zone)
            closed = await months.closed_month(transaction, month) is not None
            context.entry.check_month(month, context.running_month(), closed=closed)
        if not await register_many(context, transaction, [new], historical=False, by=by):
            raise ExternalNoTaken("another customer has this number", pointer="#/external_no")
        await _check_number(transaction, new)
    bits = bits_of(domain.filled(profile), profile.kind)
    return Customer(new.id, 1, "D", NEW_STAGE, new.registered_at, profile, filled=bits)


async def register_many(
    context: Context,
    transaction: Connection,
    customers: Sequence[NewCustomer],
    *,
    historical: bool,
    by: UUID | None = None,
) -> set[UUID]:
    """Registers customers within the caller's transaction and announces them.

    Returns the ids of those registered; the others' external numbers are taken. Regions must exist. Files hold the
    books alone, as merges do: so no number of theirs is that of somebody who is being merged.
    """
    running = context.running_month()
    earliest = min(Month.of(customer.registered_at, context.zone) for customer in customers)
    if historical or len(customers) > 1:
        await locks.enter_many(transaction, running)
    else:
        await locks.enter(transaction, earliest, running)
    registered = await store.insert_many(
        transaction,
        customers,
        personal=context.personal,
        traces=context.traces,
        zone=context.zone,
        at=context.clock.now(),
        by=by,
    )
    if registered and earliest < running:
        await mark_stale_from(transaction, earliest, context.clock.now())
    entered = [customer for customer in customers if customer.id in registered]
    told = events.registered(entered, at=context.clock.now(), historical=historical)
    await outbox.append(transaction, context.contacts.sealed(told))
    return registered


async def show_whole(
    context: Context, customer_id: UUID, caller: Principal, *, viewer: UUID | None
) -> tuple[Customer, Beside]:
    """The same with names beside ids; who sees the owner's in full is entered under the owner, too.

    Raises CustomerNotFound.
    """
    found = await queries.customer(context, customer_id, viewer=viewer)
    beside = await queries.beside(context, found)
    await _enter_unmasked(context, [found], caller)
    if beside.owner_name and "name" in fields_seen(caller):
        await audit.enter(context.database, caller.id, OWNER_UNMASKED, found.owner_id)
    elif beside.owner_name:
        beside = replace(beside, owner_name=veil("name", beside.owner_name))
    return found, beside


async def show_page(context: Context, wanted: Wanted, caller: Principal) -> list[Listed]:
    """A page; whom the caller sees in full is entered, one entry each.

    Looking for a phone or an e-mail is counted and entered for good, as the screen-pop is; it finds in the order of
    registration. Raises TooMany.
    """
    wanted = replace(wanted, filters=await queries.with_numbers_of_kept(context, wanted.filters))
    seen, query = fields_seen(caller), wanted.filters.query
    sought = sealing.look_up_sought(context.traces, query, seen) if query else None
    if sought is not None:
        return await _look_up(context, wanted, sought, caller)
    found = await _search(context, wanted, seen)
    shown = [each.customer for each in found[: wanted.most - 1]]  # the last tells only that there are more
    await _enter_unmasked(context, shown, caller)
    return found


async def _enter_unmasked(context: Context, found: Sequence[Customer], caller: Principal) -> None:
    seen = fields_seen(caller)
    shown = [each.id for each in found if domain.unmasked(each, seen)]
    await audit.enter_many(context.database, caller.id, UNMASKED, shown)


async def _look_up(context: Context, wanted: Wanted, trace: bytes, caller: Principal) -> list[Listed]:
    context.lookups.count(caller)
    narrowed = queries.narrowed(replace(wanted.filters, query=None, viewer=None), _id(wanted.after))
    asked = LookUp(trace, wanted.filters.viewer, caller.id, wanted.most, purposes.stated())
    found = await context.look_ups.write(look_up, tuple(narrowed.items()), asked)
    return [queries.looked_up(context, each, wanted) for each in found or ()]


async def _search(context: Context, wanted: Wanted, in_full: Collection[str]) -> list[Listed]:
    filters, after, most = wanted.filters, _id(wanted.after), wanted.most
    if filters.query is None and wanted.by_id:
        return await queries.page(context, filters, after, most)
    if filters.query is None:
        async with context.database.connection() as reader:
            return await queries.in_order(context, reader, wanted, in_full)
    async with planned_by_values(context.database) as reader:
        if wanted.by_id:
            return await queries.named(context, reader, filters, in_full, after, most)
        return await queries.in_order(context, reader, wanted, in_full)


def _id(after: Place | None) -> UUID | None:
    """The place in the order of registration."""
    return UUID(after[-1]) if after else None


async def change(
    context: Context, customer_id: UUID, changes: Changes, *, expected_version: int | None, by: Author
) -> Customer:
    """Changes fields of a profile, or when a customer was registered; what stays as it was is no change and no event.

    Raises CustomerNotFound, Erased, PreconditionRequired, Stale, MaskedNotChanged, DateRefused, RatingRefused,
    UnknownRegion, ExternalNoTaken, or NeedsAdministration for the registration.
    """
    now, profile_changes = context.clock.now(), {name: said for name, said in changes.items() if name != REGISTERED_AT}
    async with context.database.transaction() as transaction:
        if REGISTERED_AT in changes:
            await _prepare_registration(context, transaction, changes[REGISTERED_AT], by)
        before = await store.locked(transaction, customer_id, context.personal, viewer=by.viewer)
        if before is None:
            raise CustomerNotFound("no customer has this id")
        before.check_stands()
        check_version(before.version, expected_version)
        check_sent(changes, domain.masked(before, by.seen).masked)
        profile = replace(before.profile, **profile_changes)
        wanted = replace(before, profile=profile, registered_at=changes.get(REGISTERED_AT, before.registered_at))
        changed = domain.changes_of(before, wanted)
        if not changed:
            return before
        check_rates(before.profile.credit_rating, profile.credit_rating, may=by.rates)
        domain.check_days(profile, context.today())
        await _check_region(transaction, profile)
        sealer = await own_keys.sealer_to_write(transaction, wanted, context.personal)
        version = await store.update(transaction, wanted, sealer=sealer, traces=context.traces)
        if profile.external_no != before.profile.external_no:
            await _check_number(transaction, wanted)
        await standing.fill(transaction, customer_id, standing.ARCHIVE_MASK, domain.filled(profile))
        history = domain.history_of(before, wanted, changed)
        await changes_made.keep(transaction, customer_id, history, at=now, by=by.id, sealer=sealer)
        if REGISTERED_AT in changed:
            await _count_from(context, transaction, wanted, by)
        after = replace(wanted, version=version, filled=domain.filled_after(before, profile))
        told = events.updated(after, changed, now)
        await outbox.append(transaction, context.contacts.sealed(told))
        return after


async def _prepare_registration(context: Context, transaction: Connection, at: datetime, by: Author) -> None:
    """It may change closed months, so it is administration's, and the books are held for it."""
    if by.limited:
        raise NeedsAdministration("administration puts right when a customer was registered")
    domain.check_registration(at, context.clock.now(), context.zone)
    await locks.enter_many(transaction, context.running_month())


async def _count_from(context: Context, transaction: Connection, customer: Customer, by: Author) -> None:
    """A revision takes up the months in which the customer counts now, or counts no more."""
    registered = Month.of(customer.registered_at, context.zone)
    first = await store.count_from(transaction, customer.id, registered)
    if first is not None:
        await mark_stale_from(transaction, first, context.clock.now())
    await audit.enter(transaction, by.id, "customer.registration_corrected", customer.id)


async def tell_contacts_again(context: Context) -> int:
    """Tells every customer's contact as it is now, sealed under the present key; how many. Nothing else changes.

    A broker forgets the value before once it has a newer one of the key, so what older releases told in the open, or
    was sealed under an older key, goes.
    """
    told, after = 0, NOBODY
    while True:
        async with context.database.transaction() as transaction:
            customers = await store.locked_after(transaction, after, AT_ONCE, context.personal)
            again = [events.contact_again(customer, context.clock.now()) for customer in customers]
            await outbox.append(transaction, context.contacts.sealed(again))
        if not customers:
            return told
        told, after = told + len(customers), customers[-1].id


async def give_keys(context: Context) -> int:
    """Seals persons whom older releases registered under keys of their own; how many. Nothing else changes.

    A batch is one transaction, so it may be stopped and run again, and holds nobody for long.
    """
    given, after = 0, NOBODY
    while True:
        async with context.database.transaction() as transaction:
            ids = await own_keys.give_keys(transaction, after, AT_ONCE, context.personal)
        if not ids:
            return given
        given, after = given + len(ids), ids[-1]


async def _check_number(transaction: Connection, written: Customer | NewCustomer) -> None:
    """Numbers of customers who were merged find the ones they were merged into. Raises ExternalNoTaken.

    It looks after the number was written: whoever writes the one of a customer that is being merged waits for that.
    """
    number = written.profile.external_no
    if number is not None and await merged.held_numbers(transaction, [number], written.id):
        raise ExternalNoTaken("a customer who was merged has this number", pointer="#/external_no")


async def _check_region(transaction: Connection, profile: Profile) -> None:
    if profile.region_id is not None and not await store.is_region(transaction, profile.region_id):
        raise UnknownRegion("no region has this id", pointer="#/region_id")
