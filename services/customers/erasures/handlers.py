"""Erasing a person: what customers keeps goes at once, the other services follow, and a certificate ends it.

The transaction that empties the archive tells the others, so whoever is killed in between leaves an erasure that goes
on: as an event that waits, or as one without its certificate.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.customers.archive import events as archive_events
from services.customers.archive.domain import Customer, changed_fields
from services.customers.archive.store import customers as archive
from services.customers.archive.store import emptying
from services.customers.changes import store as changes
from services.customers.context import Context
from services.customers.duplicates import store as duplicates
from services.customers.erasures import events, queries, store
from services.customers.erasures.domain import Confirmation, Erasure, NobodyToErase, NotAPerson, Progress, Subject
from services.customers.heads.store import erasing, locks
from services.customers.key_accounts.store import erasing as key_accounts
from services.customers.merged import store as merged
from services.customers.notes import store as notes
from services.customers.owners import store as owners
from services.customers.owners.domain import Owner
from services.customers.people import store as people
from services.customers.personal_keys import store as personal_keys
from services.customers.prospects import store as prospects
from services.customers.standing import store as standing
from services.customers.tags import store as tags
from services.customers.tags.domain import FIELD
from shared import aliases, audit
from shared.bus import outbox
from shared.bus.contacts import tombstone
from shared.bus.event import Event
from shared.contracts.confirmations import ErasureConfirmed
from shared.db import Connection
from shared.idempotency import forget_answers
from shared.ids import new_id
from shared.references import UnknownCustomer


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose erasure is asked for: one of the three is given."""

    customer_id: UUID | None
    person_id: UUID | None
    complaint_id: UUID | None


@dataclass(frozen=True, slots=True)
class _Found:
    """Who is to be erased, held: the customer and the owners that they are, or somebody `of_store`."""

    subject: Subject
    customer: Customer | None = None
    owners: Sequence[Owner] = ()
    of_store: UUID | None = None


async def erase(context: Context, asked: Asked, reason: str, *, by: UUID) -> Erasure:
    """Erases a person; who is erased already stays so, and that is no second erasure.

    Raises UnknownCustomer, NobodyToErase, NotAPerson.
    """
    async with context.database.transaction() as transaction:
        await store.forget_previews(transaction)
        found = await _found(context, transaction, asked)
        subject = found.subject
        standing = await store.of_person(transaction, subject.person_id)
        if standing is not None:
            return standing
        erasure = Erasure(
            id=new_id(),
            person_id=subject.person_id,
            kind=subject.kind,
            customer_id=subject.customer_id,
            merged_ids=subject.merged_ids,
            asked_at=context.clock.now(),
            asked_by=by,
            removed=await _remove(context, transaction, found),
            told_after=await store.last_sequence(transaction),
            completed_at=None,
            certificate=None,
        )
        if not await store.add(transaction, context.words, erasure, reason):
            earlier = await store.of_person(transaction, subject.person_id)
            assert earlier is not None  # noqa: S101  somebody else has just asked
            return earlier
        await audit.enter(transaction, by, "person.erased", subject.person_id)
        told = [] if found.customer is None else _emptied(found.customer, erasure)
        await outbox.append(transaction, [*told, events.erased(erasure)])
    return erasure


async def _found(context: Context, transaction: Connection, asked: Asked) -> _Found:
    if asked.customer_id is not None:
        return await _customer(context, transaction, asked.customer_id)
    if asked.complaint_id is not None:
        if await store.is_known_otherwise(transaction, asked.complaint_id):
            raise NobodyToErase(
                "this is a customer, an owner, somebody of a store, or a customer's case: name them by customer_id or "
                "person_id",
                pointer="#/complaint_id",
            )
        return _Found(Subject(asked.complaint_id, "complainant"))
    if asked.person_id is None:
        raise NobodyToErase("say whom: customer_id, person_id or complaint_id")
    whose = await store.store_of(transaction, asked.person_id)
    if whose is None:
        return await _owner(context, transaction, asked.person_id)
    await locks.customers(transaction, [whose])
    return _Found(Subject(asked.person_id, "contact"), of_store=whose)


async def _owner(context: Context, transaction: Connection, id_: UUID) -> _Found:
    """The owner; one who is a person among the customers goes as that."""
    known = await owners.read(transaction, context.personal, id_)
    if known is None:
        return await _gone(transaction, id_)
    if known.customer_id is not None and not await _is_left(transaction, known):
        with suppress(NotAPerson):
            return await _customer(context, transaction, known.customer_id)
    owner = await owners.locked(transaction, context.personal, id_)
    if owner is None or owner.customer_id != known.customer_id:
        return await _owner(context, transaction, id_)  # somebody said who they are while they were waited for
    return _Found(Subject(owner.id, "owner"), owners=[owner])


async def _is_left(transaction: Connection, owner: Owner) -> bool:
    """Whether the owner stands although the customer who they are was erased: said of them by an older release."""
    return owner.erased_at is None and await erasing.is_erased(transaction, owner.customer_id or owner.id)


async def _gone(transaction: Connection, id_: UUID) -> _Found:
    """Somebody of a store of whom nothing is left but their erasure."""
    standing = await store.of_person(transaction, id_)
    if standing is None:
        raise NobodyToErase("neither an owner nor anybody of a store has this id", pointer="#/person_id")
    return _Found(Subject(standing.person_id, standing.kind, standing.customer_id))


async def _customer(context: Context, transaction: Connection, named: UUID) -> _Found:
    """The customer who is kept, whichever of their ids is named, with all who were merged into them; held as a merge
    holds them, and then who they are among the owners."""
    id_ = await merged.goes_on_as(transaction, named)
    customer = await archive.locked(transaction, id_, context.personal, viewer=None)
    if await merged.goes_on_as(transaction, named) != id_:
        return await _customer(context, transaction, named)  # merged, or unmerged, while it was waited for
    if customer is None:
        raise UnknownCustomer("no customer has this id", pointer="#/customer_id")
    if customer.profile.kind == "store":
        raise NotAPerson("a store is no person; erase its people one by one", pointer="#/customer_id")
    behind = (await aliases.all_ids(transaction, id_))[1:]
    ids = await owners.as_customer(transaction, id_)
    held = [await owners.locked(transaction, context.personal, each) for each in ids]
    return _Found(Subject(id_, "customer", id_, behind), customer, [each for each in held if each is not None])


async def _remove(context: Context, transaction: Connection, found: _Found) -> dict[str, int]:
    """What customers keeps of the person goes; what it was, and how many of it."""
    now, subject = context.clock.now(), found.subject
    removed, of_merged = {}, 0
    if found.customer is not None:
        removed = await _remove_customer(context, transaction, found.customer, subject.merged_ids, now)
        await merged.forget(transaction, subject.merged_ids)
        of_merged = await personal_keys.destroy(transaction, subject.merged_ids)
    for owner in found.owners:
        await owners.empty(transaction, context.personal, owner.emptied(now), now)
    gone = await people.erase(transaction, [subject.person_id]) if subject.kind == "contact" else ()
    if found.of_store is not None:
        await standing.look_again(transaction, found.of_store)
    ids = {*subject.ids, *(owner.id for owner in found.owners)}
    if found.customer is not None:
        ids.update(await prospects.of_customer(transaction, found.customer.id))
    answers = await forget_answers(transaction, context.answers, ids)
    keys = len(found.owners) + len(gone) + (found.customer is not None) + of_merged
    return {"keys": keys, **removed, "answers": answers}


async def _remove_customer(
    context: Context, transaction: Connection, customer: Customer, behind: Sequence[UUID], now: datetime
) -> dict[str, int]:
    await emptying.empty(transaction, customer.emptied(now), at=now, personal=context.personal)
    await changes.forget(transaction, customer.id, [FIELD])
    tagged = await tags.forget(transaction, customer.id)
    await notes.forget(transaction, customer.id)
    await duplicates.forget(transaction, [customer.id])
    await standing.fill(transaction, customer.id, standing.ARCHIVE_MASK | standing.TRAITS_MASK, ())
    words = await store.empty_words(transaction, context.words, customer.id, behind)
    words += await key_accounts.forget(transaction, customer.id)
    forgotten = await store.forget_traits(transaction, customer.id)
    await standing.look_again(transaction, customer.id)
    return {"profiles": 1 + len(behind), "words": words, "tags": tagged, **forgotten}


def _emptied(customer: Customer, erasure: Erasure) -> list[Event]:
    after = customer.emptied(erasure.asked_at)
    changed = changed_fields(customer.profile, after.profile)
    told = list(archive_events.emptied(after, changed, erasure.asked_at))
    behind = [archive_events.contact_again(replace(after, id=each), erasure.asked_at) for each in erasure.merged_ids]
    return [*told, *map(tombstone, behind)]


async def on_erasure_confirmed(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps what a service has confirmed."""
    for fact in (event.read(ErasureConfirmed) for event in events):
        await store.confirm(transaction, fact.erasure_id, Confirmation(fact.service, fact.at, fact.removed))


async def complete_due(context: Context) -> int:
    """Due work: writes the certificates of erasures of which nothing is left anywhere; how many."""
    return sum([await _complete(context, each) for each in await _forgotten(context, await queries.ready(context))])


async def _forgotten(context: Context, ready: Sequence[Progress]) -> list[Progress]:
    """Those of whom no contact is left in the topic of contacts; one process at a time looks through that."""
    without = [each for each in ready if not each.contacts_left]
    told = [each.erasure for each in ready if each.contacts_left]
    if not told:
        return without
    async with context.database.transaction() as transaction:
        if not await store.take_turn(transaction):
            return without
        published = await store.published(transaction, told)
        keys = {each.id: {str(id_) for id_ in each.ids} for each in told if each.id in published}
        kept = set(await context.kept_contacts(set().union(*keys.values()))) if keys else set()
    return [*without, *(each for each in ready if each.erasure.id in keys and not keys[each.erasure.id] & kept)]


async def _complete(context: Context, progress: Progress) -> bool:
    """Writes the certificate; none for a case of which complaints has found nobody."""
    erasure, now = progress.erasure, context.clock.now()
    nobody = erasure.concerns_nobody(progress.confirmations)
    certificate = None if nobody else queries.signed(context, erasure.certified(progress.confirmations, now))
    async with context.database.transaction() as transaction:
        completed = await store.complete(transaction, erasure.id, certificate, now)
        if completed and not nobody:
            await audit.enter(transaction, erasure.asked_by, "person.erasure_certified", erasure.person_id)
    return completed
