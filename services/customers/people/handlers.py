"""Entering, changing and removing the people of a store; showing them is entered for good."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.customers.changes import store as changes_made
from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.masking.domain import check_sent
from services.customers.masking.handlers import fields_seen
from services.customers.people import domain, queries, store
from services.customers.people.domain import Person, PersonNotFound, StoresAlone
from services.customers.standing import store as standing
from shared import audit
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.db import Connection
from shared.ids import new_id
from shared.references import CustomerNotFound
from shared.versions import check_version

UNMASKED = "person.unmasked"
"""Somebody was shown what is masked for others."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, whose customers only they see (None: all), and the personal fields that they see in full."""

    id: UUID
    viewer: UUID | None
    seen: frozenset[str]

    @classmethod
    def of(cls, caller: Principal) -> "Author":
        return cls(caller.id, viewer(caller), fields_seen(caller))


async def add(context: Context, customer_id: UUID, said: Mapping[str, Any], by: Author) -> Person:
    """Enters somebody of a store. Raises CustomerNotFound, StoresAlone."""
    nobody = Person(new_id(), 1, customer_id, name="", job="other", updated_at=context.clock.now())
    person = domain.changed(nobody, said)
    async with context.database.transaction() as transaction:
        await _hold(transaction, customer_id, by)
        if not await store.is_store(transaction, customer_id):
            raise StoresAlone("people are entered with a store")
        await enter(context, transaction, person, by=by.id)
        await standing.look_again(transaction, customer_id)
        await audit.enter(transaction, by.id, "person.added", person.id)
    return person


async def change(
    context: Context, customer_id: UUID, id_: UUID, said: Mapping[str, Any], expected_version: int | None, by: Author
) -> Person:
    """Changes what is known of somebody. Raises CustomerNotFound, PersonNotFound, PreconditionRequired, Stale,
    MaskedNotChanged, LeavingRefused."""
    async with context.database.transaction() as transaction:
        before = await _held(context, transaction, customer_id, id_, by)
        check_version(before.version, expected_version)
        check_sent(said, domain.masked_fields(before, by.seen))
        after = domain.changed(before, said)
        domain.check(after, context.today())
        if after == before:
            return before
        after = replace(after, version=before.version + 1, updated_at=context.clock.now())
        await store.save(transaction, context.personal, context.traces, after)
        await _keep(context, transaction, before, after, by=by.id)
        await standing.look_again(transaction, customer_id)
        await audit.enter(transaction, by.id, "person.changed", id_)
    return after


async def remove(context: Context, customer_id: UUID, id_: UUID, by: Author) -> None:
    """Removes somebody with all that is known of them; their key is destroyed. Raises CustomerNotFound,
    PersonNotFound."""
    async with context.database.transaction() as transaction:
        await _held(context, transaction, customer_id, id_, by)
        await take_away(context, transaction, [id_], by=by.id)
        await standing.look_again(transaction, customer_id)
        await audit.enter(transaction, by.id, "person.removed", id_)


async def enter(context: Context, transaction: Connection, person: Person, *, by: UUID) -> None:
    """Writes somebody new of a held store, and keeps it in the store's history."""
    now = context.clock.now()
    await store.add(transaction, context.personal, context.traces, replace(person, updated_at=now), now)
    await _keep(context, transaction, None, person, by=by)


async def take_away(context: Context, transaction: Connection, ids: Sequence[UUID], *, by: UUID) -> set[UUID]:
    """Removes people of held stores; who was there. That they were there stays in the histories, and nothing else."""
    stores, now = await store.with_stores(transaction, ids), context.clock.now()
    gone = await store.erase(transaction, ids)
    for id_ in sorted(gone):
        await changes_made.keep(transaction, stores[id_], [domain.removal_of(id_, now)], at=now, by=by)
    return gone


async def show(context: Context, customer_id: UUID, id_: UUID, seen: Collection[str], by: Author) -> Person:
    """Somebody of a store; what the reader sees of them in full is entered. Raises CustomerNotFound, PersonNotFound."""
    found = await queries.read(context, customer_id, id_, viewer=by.viewer)
    await enter_unmasked(context, [found], seen, by.id)
    return found


async def show_page(
    context: Context,
    customer_id: UUID,
    seen: Collection[str],
    by: Author,
    after: UUID | None,
    most: int,
    *,
    left: bool,
) -> list[Person]:
    """A page of a store's people; whom the reader sees in full is entered, one entry each. Raises CustomerNotFound."""
    found = await queries.page(context, customer_id, after, most, left=left, viewer=by.viewer)
    await enter_unmasked(context, found[: most - 1], seen, by.id)  # the last tells only that there are more
    return found


async def enter_unmasked(context: Context, found: Sequence[Person], seen: Collection[str], by: UUID) -> None:
    """Enters of whom something is shown in full to somebody who sees these personal fields so."""
    shown = [each.id for each in found if domain.unmasked(each, seen)]
    await audit.enter_many(context.database, by, UNMASKED, shown)


async def _keep(context: Context, transaction: Connection, before: Person | None, after: Person, *, by: UUID) -> None:
    """What the store's history keeps of somebody."""
    sealer, now = await store.sealer(transaction, context.personal, after.id), context.clock.now()
    history = domain.history_of(before, after)
    await changes_made.keep(transaction, after.customer_id, history, at=now, by=by, sealer=sealer, sealed_for=after.id)


async def _hold(transaction: Connection, customer_id: UUID, by: Author) -> None:
    if not await locks.customers(transaction, [customer_id], viewer=by.viewer):
        raise CustomerNotFound("no customer has this id")


async def _held(context: Context, transaction: Connection, customer_id: UUID, id_: UUID, by: Author) -> Person:
    await _hold(transaction, customer_id, by)
    found = await store.locked(transaction, context.personal, customer_id, id_)
    if found is None:
        raise PersonNotFound("the store has nobody with this id")
    return found
