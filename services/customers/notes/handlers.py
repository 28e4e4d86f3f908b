"""Writing notes, changing and removing them; what each said before stands in the customer's history."""

from dataclasses import replace
from uuid import UUID

from services.customers.archive.handlers import UNMASKED
from services.customers.archive.store import customers as archive
from services.customers.archive.store import own_keys
from services.customers.changes import store as changes_made
from services.customers.changes.domain import Change
from services.customers.context import Context
from services.customers.masking.handlers import fields_of_role, fields_seen
from services.customers.notes import domain, queries, store
from services.customers.notes.domain import FIELD, Note, NoteNotFound
from shared import audit
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.db import Connection
from shared.ids import new_id
from shared.key_ring import Sealer
from shared.references import CustomerNotFound
from shared.versions import check_version


async def show_page(
    context: Context, customer_id: UUID, caller: Principal, before: UUID | None, most: int
) -> list[Note]:
    """A page of notes, the newest first; that they were read is entered. Raises CustomerNotFound, NotesNotRead."""
    domain.check_reader(fields_seen(caller))
    found = await queries.page(context, customer_id, before, most, viewer=viewer(caller))
    if found:
        await audit.enter(context.database, caller.id, UNMASKED, customer_id)
    return found


async def show(context: Context, customer_id: UUID, id_: UUID, caller: Principal) -> Note:
    """One note, likewise. Raises CustomerNotFound, NoteNotFound, NotesNotRead."""
    domain.check_reader(fields_seen(caller))
    found = await queries.read(context, customer_id, id_, viewer=viewer(caller))
    await audit.enter(context.database, caller.id, UNMASKED, customer_id)
    return found


async def write(context: Context, customer_id: UUID, text: str, caller: Principal) -> Note:
    """Adds a note. Raises CustomerNotFound, NotesNotRead."""
    domain.check_reader(fields_of_role(caller))
    note = Note(new_id(), 1, customer_id, text, caller.id, context.clock.now())
    async with context.database.transaction() as transaction:
        sealer = await _hold(context, transaction, customer_id, caller)
        await store.add(transaction, note, sealer)
        await _keep(context, transaction, None, note, sealer, caller)
    return note


async def change(
    context: Context, customer_id: UUID, id_: UUID, text: str | None, expected_version: int | None, caller: Principal
) -> Note:
    """Changes a note. Raises CustomerNotFound, NoteNotFound, NotTheAuthor, PreconditionRequired, Stale."""
    async with context.database.transaction() as transaction:
        sealer = await _hold(context, transaction, customer_id, caller)
        before = await _held(context, transaction, customer_id, id_)
        before.check_author(caller)
        check_version(before.version, expected_version)
        if text in (None, before.text):
            return before
        after = replace(before, version=before.version + 1, text=text, changed_at=context.clock.now())
        await store.save(transaction, after, sealer)
        await _keep(context, transaction, before, after, sealer, caller)
    return after


async def remove(context: Context, customer_id: UUID, id_: UUID, caller: Principal) -> None:
    """Removes a note. Raises CustomerNotFound, NoteNotFound, NotTheAuthor."""
    async with context.database.transaction() as transaction:
        sealer = await _hold(context, transaction, customer_id, caller)
        before = await _held(context, transaction, customer_id, id_)
        before.check_author(caller)
        await store.remove(transaction, id_)
        await _keep(context, transaction, before, None, sealer, caller)


async def _hold(context: Context, transaction: Connection, customer_id: UUID, caller: Principal) -> Sealer:
    customer = await archive.locked(transaction, customer_id, context.personal, viewer=viewer(caller))
    if customer is None:
        raise CustomerNotFound("no customer has this id")
    customer.check_stands()
    return await own_keys.own_sealer(transaction, customer, context.personal)


async def _held(context: Context, transaction: Connection, customer_id: UUID, id_: UUID) -> Note:
    found = await store.locked(transaction, customer_id, id_, context.personal)
    if found is None:
        raise NoteNotFound("the customer has no note with this id")
    return found


async def _keep(
    context: Context,
    transaction: Connection,
    before: Note | None,
    after: Note | None,
    sealer: Sealer,
    caller: Principal,
) -> None:
    note = after or before
    if note is None:
        raise LookupError("one of both is a note")
    said = Change(FIELD, before and before.text, after and after.text, about=note.id, personal=True)
    now = context.clock.now()
    await changes_made.keep(transaction, note.customer_id, [said], at=now, by=caller.id, sealer=sealer)
