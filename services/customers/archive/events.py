"""What is published of the archive: registrations, changes, and what the directory and the contacts list."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.customers.archive.domain import IN_CONTACTS, IN_DIRECTORY, Customer, NewCustomer, Profile
from shared.bus.contacts import tombstone
from shared.bus.event import Event
from shared.contracts.customers import (
    ContactListed,
    CustomerRegistered,
    CustomerUpdated,
    StoreListed,
)
from shared.contracts.withdrawing import CustomerWithdrawn


def registered(customers: Iterable[NewCustomer], *, at: datetime, historical: bool) -> Iterator[Event]:
    """What announces new customers, each in its first version."""
    for new in customers:
        profile = new.profile
        fact = CustomerRegistered(
            customer_id=new.id,
            kind=profile.kind,
            external_no=profile.external_no,
            region_id=profile.region_id,
            registered_at=new.registered_at,
        )
        yield Event.of(fact, aggregate_id=new.id, version=1, at=at, historical=historical)
        everything = IN_DIRECTORY | IN_CONTACTS
        yield from _listings(new.id, profile, everything, version=1, at=at, historical=historical)


def updated(customer: Customer, changed: Sequence[str], at: datetime) -> Iterator[Event]:
    """What announces a customer's new version, in which these fields are other than before."""
    profile = customer.profile
    fact = CustomerUpdated(
        customer_id=customer.id,
        kind=profile.kind,
        external_no=profile.external_no,
        region_id=profile.region_id,
        changed=list(changed),
        registered_at=customer.registered_at,
    )
    yield Event.of(fact, aggregate_id=customer.id, version=customer.version, at=at)
    yield from _listings(customer.id, profile, frozenset(changed), version=customer.version, at=at, historical=False)


def _listings(
    customer_id: UUID, profile: Profile, changed: frozenset[str], *, version: int, at: datetime, historical: bool
) -> Iterator[Event]:
    """What the directory and the contacts list when these fields changed. A person is in no directory."""
    if profile.kind == "store" and changed & IN_DIRECTORY:
        listed = StoreListed(
            customer_id=customer_id, name=profile.name, external_no=profile.external_no, region_id=profile.region_id
        )
        yield Event.of(listed, aggregate_id=customer_id, version=version, at=at, historical=historical)
    if changed & IN_CONTACTS:
        contact = _contact(customer_id, profile)
        yield Event.of(contact, aggregate_id=customer_id, version=version, at=at, historical=historical)


def withdrawn(customer: Customer, at: datetime) -> Iterator[Event]:
    """What announces that a customer was none, and that the contact is to be forgotten."""
    fact = CustomerWithdrawn(customer_id=customer.id, at=at)
    yield Event.of(fact, aggregate_id=customer.id, version=customer.version + 1, at=at, historical=True)
    yield tombstone(contact_again(replace(customer, version=customer.version + 1), at))


def emptied(customer: Customer, changed: Sequence[str], at: datetime) -> Iterator[Event]:
    """What announces that a person was erased: the new version, and that their contact is to be forgotten."""
    yield next(updated(customer, changed, at))
    yield tombstone(contact_again(customer, at))


def contact_again(customer: Customer, at: datetime) -> Event:
    """What tells a customer's contact once more; nothing of the customer has changed."""
    contact = _contact(customer.id, customer.profile)
    return Event.of(contact, aggregate_id=customer.id, version=customer.version, at=at, historical=True)


def _contact(customer_id: UUID, profile: Profile) -> ContactListed:
    return ContactListed(
        customer_id=customer_id,
        kind=profile.kind,
        name=profile.name,
        phones=list(profile.phones),
        emails=list(profile.emails),
        language=profile.language,
        time_zone=profile.time_zone,
        birthday=profile.birthday,
    )
