"""The scheme: keeping its parts, making its versions, and who has acknowledged them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.customers.context import Context
from services.customers.organisation.domain import Staff
from services.customers.organisation.store import gateway
from services.customers.scheme import domain, store
from services.customers.scheme.domain import (
    NotOfTheStaff,
    SchemeHolds,
    SchemeSuperseded,
    SchemeUnchanged,
    SchemeVersion,
    SchemeVersionNotFound,
)
from shared import audit
from shared.bus.event import Event
from shared.contracts.scheme import PolicyVersioned
from shared.db import Connection
from shared.ids import new_id
from shared.projection import latest


async def announce(context: Context, transaction: Connection, *, historical: bool = False) -> int:
    """Tells of every version of a policy of this service that nobody has been told of, and keeps it as a part of the
    scheme: whoever writes one calls this; how many."""
    told = await store.ANNOUNCER.announce(transaction, historical=historical, zone=context.zone.key)
    if told:
        await store.keep(transaction, map(store.row_of, told))
    return len(told)


async def announce_left(context: Context) -> int:
    """Due work: the same for what came with the service, or an earlier release has written."""
    async with context.database.transaction() as transaction:
        return await announce(context, transaction, historical=True)


async def on_policy_versioned(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps the parts of other services; history, too. What was taken back in the same batch is taken back."""
    facts = sorted((event.read(PolicyVersioned) for event in events), key=lambda fact: fact.withdrawn)
    await store.keep(transaction, [store.row_of(fact) for fact in latest(facts, lambda fact: fact.policy_id)])


async def make(context: Context, title: str, holds_from: datetime | None, *, by: UUID) -> SchemeVersion:
    """Makes the next version of the scheme from its parts as they stand for `holds_from`, now unless said.

    Raises SchemeStartRefused, SchemeUnchanged.
    """
    now = context.clock.now()
    start = holds_from or now
    async with context.database.transaction() as transaction:
        await store.hold(transaction)
        before = await store.versions(transaction)
        standing = [each for each in before if each.withdrawn_at is None]
        latest_one = standing[-1] if standing else None
        domain.check_start(start, latest_one, now)
        parts = domain.standing(await store.parts(transaction), start)
        if latest_one is not None and not domain.changes(latest_one.parts, parts):
            raise SchemeUnchanged(f"version {latest_one.version} says the same of every part")
        number = before[-1].version + 1 if before else 1
        made = SchemeVersion(number, new_id(), title, start, now, by, parts)
        await store.add(transaction, made)
        await audit.enter(transaction, by, "scheme.versioned", made.id)
    return made


async def withdraw(context: Context, id_: UUID, *, by: UUID) -> SchemeVersion:
    """Takes back a version that does not hold yet; the one before it goes on.

    Raises SchemeVersionNotFound, SchemeSuperseded, SchemeHolds.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        await store.hold(transaction)
        found = _one(await store.versions(transaction), id_)
        if found.withdrawn_at is not None:
            raise SchemeSuperseded("it has been withdrawn")
        if found.holds_from <= now:
            raise SchemeHolds("make another version from what holds now")
        await store.withdraw(transaction, found.version, now, by)
        await audit.enter(transaction, by, "scheme.withdrawn", id_)
    return replace(found, withdrawn_at=now, withdrawn_by=by)


async def acknowledge(context: Context, id_: UUID, *, by: UUID) -> tuple[SchemeVersion, datetime]:
    """That somebody has read a version; once: again changes nothing. The version, and when they did.

    Raises SchemeVersionNotFound, SchemeSuperseded, NotOfTheStaff.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        versions = await store.versions(transaction)
        found = _one(versions, id_)
        if found not in domain.to_acknowledge(versions, now):
            raise SchemeSuperseded("acknowledge the one that holds: GET /customers/v1/scheme")
        if await gateway(Staff).get(transaction, by) is None:
            raise NotOfTheStaff("the caller is not in the directory of staff")
        return found, await store.acknowledge(transaction, found.version, by, now)


def _one(versions: Sequence[SchemeVersion], id_: UUID) -> SchemeVersion:
    for each in versions:
        if each.id == id_:
            return each
    raise SchemeVersionNotFound("versions are listed by GET /customers/v1/scheme-versions")
