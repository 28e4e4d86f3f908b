"""Undoing an import as a whole: asked for once, while nobody has built on it, then done batch by batch.

A batch is one transaction with its place; whoever is killed leaves the next one to any other worker. Events of it are
historical, closed months that had taken it up are revised once more, and the running month gives back at once.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.customers.context import Context
from services.customers.contracts import store as contracts
from services.customers.contracts.handlers import undo_signed
from services.customers.heads.store import locks
from services.customers.imports.domain.jobs import ImportBuiltOn, ImportNotFound, Job, Made, Undoing
from services.customers.imports.domain.layout import ImportKind
from services.customers.imports.store import making, undoing
from services.customers.merged import store as merged
from services.customers.network import store as network
from services.customers.payments import events as payment_events
from services.customers.payments import store as payments
from services.customers.payments.domain import Payment
from services.customers.people import store as people
from services.customers.people.handlers import take_away
from services.customers.purchases import events as purchase_events
from services.customers.purchases.domain import Purchase
from services.customers.purchases.store import lines
from services.customers.purchases.store import undoing as purchases
from services.customers.standing import store as standing
from services.customers.tiers.handlers.lifting import give_back
from services.customers.withdrawing.handlers import withdraw
from services.customers.worth.store import judging
from shared import audit
from shared.bus import outbox
from shared.db import Connection
from shared.telemetry import log

AT_ONCE = {
    ImportKind.CUSTOMERS: 250,
    ImportKind.PURCHASES: 1_000,
    ImportKind.PAYMENTS: 500,
    ImportKind.CONTRACTS: 100,
    ImportKind.CONTACTS: 100,
}
"""What is looked at in one transaction."""
BEFORE = 3_600_000
"""Milliseconds by which the clocks of application and database may differ: ids are made by both."""


async def ask(context: Context, id_: UUID, *, by: UUID) -> Job:
    """From now on the import is undone; asked again it changes nothing.

    Raises ImportNotFound, ImportNotUndoable, ImportBuiltOn.
    """
    async with context.database.transaction() as transaction:
        await locks.enter_many(transaction, context.running_month())
        job = await _locked(context, transaction, id_)
        if job.undo_asked_at is not None:
            return job
        job.check_undoable()
        place = _before(id_) if job.kind is ImportKind.PURCHASES else UUID(int=0)
        built = await undoing.built_on(transaction, job, place)
        if built:
            stands = await undoing.standing(transaction, job, built)
            raise ImportBuiltOn("take back first what was built on it, or put single entries right", built, stands)
        await undoing.ask(transaction, id_, at=context.clock.now(), by=by, place=place)
        await audit.enter(transaction, by, "import.undone", id_)
        return await _locked(context, transaction, id_)


async def _locked(context: Context, transaction: Connection, id_: UUID) -> Job:
    kept = await undoing.locked(transaction, id_)
    if kept is None:
        raise ImportNotFound("no import has this id")
    return kept.opened(context.uploads)


def _before(id_: UUID) -> UUID:
    """Before the id of any purchase that the import can have made: ids begin with their milliseconds."""
    return UUID(int=max(0, (id_.int >> 80) - BEFORE) << 80)


async def undo_next(context: Context) -> int:
    """The next batch of the import that was asked for first; 0 when there is none to undo."""
    if not await undoing.waits(context.database):
        return 0
    async with context.database.transaction() as transaction:
        await locks.enter_many(transaction, context.running_month())
        job = await undoing.following(transaction)
        if job is None:
            return 0
        await judging.enters_history(transaction)
        if job.kind is ImportKind.PURCHASES:
            place = await _undo_purchases(context, transaction, job)
        else:
            place = await _undo_made(context, transaction, job)
        if place is None:
            await undoing.finish(transaction, job.id, context.clock.now())
            log("imports").info("import undone", import_id=str(job.id))
    return 1


async def _undo_purchases(context: Context, transaction: Connection, job: Undoing) -> UUID | None:
    found = await purchases.following(transaction, job.place, AT_ONCE[job.kind]) if job.left > 0 else []
    if not found:
        return None
    ours = [each for each in found if each.import_id == job.id]
    await locks.customers(transaction, sorted({each.customer_id for each in ours}))
    entries = await purchases.standing(transaction, [each.id for each in ours])
    if entries:
        await _reverse(context, transaction, job, entries)
    place = found[-1].id
    await undoing.advance(transaction, job.id, place, undone=len(entries), left=len(ours) - len(entries))
    return place


async def _reverse(context: Context, transaction: Connection, job: Undoing, entries: list[Purchase]) -> None:
    now, reason = context.clock.now(), f"import {job.id} undone".encode()
    sealed = {each.id: context.words.seal(reason, each.id.bytes) for each in entries}
    await purchases.reverse(transaction, sealed, at=now, by=job.by, zone=context.zone)
    running = context.running_month()
    bought = sorted({each.customer_id for each in entries if each.month == running})
    if bought:
        await give_back(context, transaction, bought, running, historical=True)
    first_told = await merged.told_as_many(transaction, "purchase", [each.id for each in entries])
    goods = await lines.of_entries(transaction, [each.id for each in entries])
    told = [
        purchase_events.undone(
            replace(each, customer_id=first_told.get(each.id, each.customer_id), lines=goods.get(each.id, ())),
            version=each.version + 1,
            at=now,
            historical=True,
        )
        for each in entries
    ]
    await outbox.append(transaction, told)


async def _undo_made(context: Context, transaction: Connection, job: Undoing) -> UUID | None:
    found = await making.following(transaction, job.id, job.place, AT_ONCE[job.kind])
    if not found:
        return None
    undone = await _BY_KIND[job.kind](context, transaction, job, found)
    await undoing.advance(transaction, job.id, found[-1].id, undone=undone, left=len(found) - undone)
    return found[-1].id


async def _undo_payments(context: Context, transaction: Connection, _: Undoing, made: list[Made]) -> int:
    """Invoices that it brought were none, and their numbers are free; those that it said were paid are not."""
    now, ids = context.clock.now(), [each.id for each in made]
    await locks.customers(transaction, await payments.customers_of(transaction, ids))
    held = {each.id: each for each in await payments.locked_many(transaction, ids)}
    ours = [each for each in made if each.id in held and held[each.id].version == each.version]
    after = [replace(_undone(held[each.id], each, now), updated_at=now) for each in ours]
    await payments.save_many(transaction, after)
    await standing.look_again(transaction, *sorted({each.customer_id for each in after}))
    await outbox.append(transaction, [payment_events.recorded(each, now, historical=True) for each in after])
    return len(after)


def _undone(payment: Payment, made: Made, now: datetime) -> Payment:
    if made.created:
        return replace(payment, version=payment.version + 1, withdrawn_at=now, undone=True)
    return replace(payment, version=payment.version + 1, paid_on=None)


async def _undo_contracts(context: Context, transaction: Connection, job: Undoing, made: list[Made]) -> int:
    """Contracts are withdrawn, and their numbers are free."""
    await network.hold(transaction)
    whose = await contracts.customers_of(transaction, [each.id for each in made])
    await locks.customers(transaction, whose)
    await standing.hold(transaction, whose)
    undone = 0
    for each in made:
        contract = await contracts.locked(transaction, each.id, viewer=None)
        if contract is not None and contract.version == each.version:
            await undo_signed(context, transaction, contract, by=job.by)
            undone += 1
    return undone


async def _undo_contacts(context: Context, transaction: Connection, job: Undoing, made: list[Made]) -> int:
    """People are removed with all that is known of them, and their keys destroyed; of whom more became known since,
    a date or a relation, stay."""
    ids = [each.id for each in made]
    stores = await people.stores_of(transaction, ids)
    await locks.customers(transaction, stores)
    versions = await people.versions(transaction, ids)
    known = await making.known_otherwise(transaction, ids)
    unknown = [each.id for each in made if versions.get(each.id) == each.version and each.id not in known]
    gone = await take_away(context, transaction, unknown, by=job.by)
    await standing.look_again(transaction, *stores)
    await audit.enter_many(transaction, job.by, "person.removed", sorted(gone))
    return len(gone)


async def _undo_customers(context: Context, transaction: Connection, job: Undoing, made: list[Made]) -> int:
    """Customers are removed with their keys; those of whom more is known by now, taken back or not, stay."""
    gone = await withdraw(context, transaction, [(each.id, each.version) for each in made])
    await audit.enter_many(transaction, job.by, "customer.withdrawn", sorted(gone))
    return len(gone)


_BY_KIND = {
    ImportKind.CUSTOMERS: _undo_customers,
    ImportKind.PAYMENTS: _undo_payments,
    ImportKind.CONTRACTS: _undo_contracts,
    ImportKind.CONTACTS: _undo_contacts,
}
