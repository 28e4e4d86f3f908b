"""Registering customers and keeping their archive; imports register theirs through `register_many` too."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.customers.archive import domain
from services.customers.archive.domain import (
    Customer,
    ExternalNoTaken,
    NewCustomer,
    Profile,
    UnknownRegion,
    folded,
    words_sought,
)
from services.customers.archive.store import customers as store
from services.customers.archive.store import sealing
from services.customers.archive.store.customers import Filters
from services.customers.context import Context
from services.customers.heads.domain import CustomerNotFound
from services.customers.heads.store import locks
from services.customers.tiers.store.months import mark_stale_from
from shared.bus import outbox
from shared.bus.event import Event
from shared.contracts.customers import ContactListed, CustomerRegistered, CustomerUpdated, StoreListed
from shared.db import Connection
from shared.http.preconditions import check_version
from shared.ids import new_id
from shared.months import Month


async def register(context: Context, profile: Profile, registered_at: datetime | None, by: UUID) -> Customer:
    """Registers one customer; a new one has tier D. Raises DateRefused, UnknownRegion or ExternalNoTaken."""
    now = context.clock.now()
    new = NewCustomer(new_id(), profile, registered_at or now)
    domain.check_dates(profile, new.registered_at, now)
    async with context.database.transaction() as transaction:
        await _check_region(transaction, profile)
        if not await register_many(context, transaction, [new], historical=False, by=by):
            raise ExternalNoTaken("another customer has this number", pointer="#/external_no")
    return Customer(new.id, 1, "D", None, new.registered_at, profile)


async def register_many(
    context: Context,
    transaction: Connection,
    customers: Sequence[NewCustomer],
    *,
    historical: bool,
    by: UUID | None = None,
) -> set[UUID]:
    """Registers customers within the caller's transaction and announces them.

    Returns the ids of those registered; the others' external numbers are taken. Regions must exist.
    """
    running = context.running_month()
    earliest = min(Month.of(customer.registered_at, context.runtime.zone) for customer in customers)
    if len(customers) > 1:
        await locks.enter_many(transaction, running)
    else:
        await locks.enter(transaction, earliest, running)
    registered = await store.insert_many(context, transaction, customers, by)
    if registered and earliest < running:
        await mark_stale_from(transaction, earliest)
    now = context.clock.now()
    events = [event for new in customers if new.id in registered for event in _registration(new, now, historical)]
    await outbox.append(transaction, events)
    return registered


def _registration(new: NewCustomer, now: datetime, historical: bool) -> Iterator[Event]:
    profile = new.profile
    registered = CustomerRegistered(
        customer_id=new.id,
        kind=profile.kind,
        external_no=profile.external_no,
        region_id=profile.region_id,
        registered_at=new.registered_at,
    )
    yield Event.of(registered, aggregate_id=new.id, version=1, at=now, historical=historical)
    everything = domain.IN_DIRECTORY | domain.IN_CONTACTS
    yield from _listings(new.id, profile, everything, version=1, at=now, historical=historical)


def _listings(
    customer_id: UUID, profile: Profile, changed: frozenset[str], *, version: int, at: datetime, historical: bool
) -> Iterator[Event]:
    """What the directory and the contacts are told when these fields changed. A person is in no directory."""
    if profile.kind == "store" and changed & domain.IN_DIRECTORY:
        listed = StoreListed(
            customer_id=customer_id,
            name=profile.name,
            external_no=profile.external_no,
            region_id=profile.region_id,
        )
        yield Event.of(listed, aggregate_id=customer_id, version=version, at=at, historical=historical)
    if changed & domain.IN_CONTACTS:
        contact = ContactListed(
            customer_id=customer_id,
            kind=profile.kind,
            name=profile.name,
            phones=list(profile.phones),
            emails=list(profile.emails),
            language=profile.language,
            time_zone=profile.time_zone,
            birthday=profile.birthday,
        )
        yield Event.of(contact, aggregate_id=customer_id, version=version, at=at, historical=historical)


async def change(
    context: Context, customer_id: UUID, changes: dict[str, Any], if_match: str | None, *, viewer: UUID | None
) -> Customer:
    """Changes fields of a profile; what stays as it was is no change and no event.

    Raises CustomerNotFound, Stale, DateRefused, UnknownRegion or ExternalNoTaken.
    """
    async with context.database.transaction() as transaction:
        before = await store.locked(context, transaction, customer_id, viewer)
        if before is None:
            raise CustomerNotFound("no customer has this id")
        check_version(if_match, before.version)
        profile = replace(before.profile, **changes)
        changed = domain.changed_fields(before.profile, profile)
        if not changed:
            return before
        domain.check_birthday(profile, context.clock.now())
        await _check_region(transaction, profile)
        version = await store.update(context, transaction, before, profile)
        await outbox.append(transaction, _update(context, customer_id, profile, changed, version))
        return replace(before, version=version, profile=profile)


def _update(context: Context, customer_id: UUID, profile: Profile, changed: list[str], version: int) -> list[Event]:
    now = context.clock.now()
    updated = CustomerUpdated(
        customer_id=customer_id,
        kind=profile.kind,
        external_no=profile.external_no,
        region_id=profile.region_id,
        changed=changed,
    )
    return [
        Event.of(updated, aggregate_id=customer_id, version=version, at=now),
        *_listings(customer_id, profile, frozenset(changed), version=version, at=now, historical=False),
    ]


async def _check_region(transaction: Connection, profile: Profile) -> None:
    if profile.region_id and await store.unknown_regions(transaction, {profile.region_id}):
        raise UnknownRegion("no region has this id", pointer="#/region_id")


async def customer(context: Context, customer_id: UUID, *, viewer: UUID | None) -> Customer:
    """Raises CustomerNotFound, also for a customer whom the viewer does not see."""
    found = await store.customer(context, context.database, customer_id, viewer)
    if found is None:
        raise CustomerNotFound("no customer has this id")
    return found


def searching(context: Context, filters: Filters, query: str | None) -> Filters:
    """The filters with a query: part of a store's name, or a number, phone, e-mail or person's name exactly."""
    if query is None:
        return filters
    return replace(
        filters,
        query=query,
        words=words_sought(query),
        folded=folded(query),
        traces=sealing.traces_sought(context.traces, query),
    )
