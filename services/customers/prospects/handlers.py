"""Entering prospects, keeping them, and making customers of them with everything they had."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from services.customers.archive import handlers as archive
from services.customers.archive.domain import Customer, NewCustomer
from services.customers.archive.store import own_keys
from services.customers.changes import store as changes
from services.customers.changes.domain import Change
from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.masking.domain import check_sent
from services.customers.masking.handlers import fields_of_role, fields_seen
from services.customers.notes import store as notes
from services.customers.notes.domain import FIELD, Note, check_reader
from services.customers.opportunities import handlers as opportunities_of
from services.customers.opportunities import store as opportunities
from services.customers.opportunities.domain import UnknownProspect
from services.customers.prospects import domain, queries, store
from services.customers.prospects.domain import (
    Known,
    Prospect,
    ProspectNote,
    ProspectNotFound,
    ReferralRefused,
    Source,
    UnknownSource,
)
from services.customers.prospects.queries import ReadProspect, Wanted
from services.customers.worth.domain.standing import NEW_STAGE
from shared import audit
from shared.auth.principal import Principal
from shared.auth.visibility import viewer
from shared.db import Connection
from shared.idempotency import forget_answers
from shared.ids import new_id
from shared.references import UnknownCustomer
from shared.versions import check_version

SHOWN = "prospect.unmasked"
"""Somebody was shown what is masked for others."""
REFERRED_BY = ("source", "referred_by_customer_id", "referred_by_prospect_id")


async def add_source(context: Context, new: Source, *, by: UUID) -> Source:
    """Lists a further source. Raises SourceTaken."""
    async with context.database.transaction() as transaction:
        await store.add_source(transaction, new)
        await audit.enter(transaction, by, "prospect_source.added")
    return new


async def add(context: Context, said: Mapping[str, Any], caller: Principal) -> tuple[Prospect, list[Known]]:
    """Enters a prospect; it is the caller's unless somebody else's is said. With whoever has one of the phones.

    Raises UnknownSource, ReferralRefused, UnknownCustomer, UnknownProspect, UnknownStaff.
    """
    new = Prospect(
        id=new_id(),
        version=1,
        state="open",
        customer_id=None,
        entered_at=context.clock.now(),
        entered_by=caller.id,
        **{**said, "owner_id": said["owner_id"] or caller.id},
    )
    async with context.database.transaction() as transaction:
        await opportunities_of.check_owner(transaction, said["owner_id"])
        await _check_origin(transaction, new, caller)
        await store.add(transaction, context.personal, context.traces, new)
        await audit.enter(transaction, caller.id, "prospect.added", new.id)
        known = await _known(context, transaction, new, caller)
    return new, known


async def change(
    context: Context, id_: UUID, said: Mapping[str, Any], expected_version: int | None, caller: Principal
) -> tuple[Prospect, list[Known]]:
    """Changes a prospect. Raises ProspectNotFound, PreconditionRequired, Stale, ProspectConverted,
    MaskedNotChanged, ProspectReasonRefused, UnknownSource, ReferralRefused, UnknownCustomer, UnknownProspect,
    UnknownStaff."""
    async with context.database.transaction() as transaction:
        if said.get("referred_by_customer_id") is not None:  # a merge holds customers before what moves with them
            await locks.customers(transaction, [said["referred_by_customer_id"]])
        before = await _held(context, transaction, id_, caller)
        check_version(before.version, expected_version)
        check_sent(said, domain.masked(before, fields_seen(caller)).masked)
        after = domain.changed(before, said)
        if after == before:
            return before, []
        if after.owner_id != before.owner_id:
            await opportunities_of.check_owner(transaction, after.owner_id)
        if any(getattr(after, name) != getattr(before, name) for name in REFERRED_BY):
            await _check_origin(transaction, after, caller)
        after = replace(after, version=before.version + 1, updated_at=context.clock.now())
        await store.save(transaction, context.personal, context.traces, after)
        await audit.enter(transaction, caller.id, "prospect.changed", id_)
        known = await _known(context, transaction, after, caller) if after.phones != before.phones else []
    return after, known


async def remove(context: Context, id_: UUID, caller: Principal) -> None:
    """Erases a prospect with all that is known of them, here alone: nobody else was told. Raises ProspectNotFound,
    ProspectConverted."""
    async with context.database.transaction() as transaction:
        held = await _held(context, transaction, id_, caller)
        held.check_stands()
        await store.remove(transaction, id_)
        await forget_answers(transaction, context.answers, {id_})
        await audit.enter(transaction, caller.id, "prospect.removed", id_)


async def write_note(context: Context, id_: UUID, text: str, caller: Principal) -> ProspectNote:
    """Adds a note. Raises ProspectNotFound, ProspectConverted, NotesNotRead."""
    check_reader(fields_of_role(caller))
    note = ProspectNote(new_id(), id_, text, caller.id, context.clock.now())
    async with context.database.transaction() as transaction:
        held = await _held(context, transaction, id_, caller)
        held.check_stands()
        await store.add_note(transaction, context.personal, note)
    return note


async def convert(context: Context, id_: UUID, caller: Principal) -> UUID:
    """Makes a customer of a prospect, with its contacts, notes and opportunities; again it changes nothing.

    The id of the customer that it became. Raises ProspectNotFound, ProspectLost.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        before = await _held(context, transaction, id_, caller)
        if before.customer_id is not None:
            return before.customer_id
        new = NewCustomer(new_id(), before.profile(), now)
        after = replace(before.converted(new.id), updated_at=now)
        await archive.register_many(context, transaction, [new], historical=False, by=before.owner_id)
        await _take_notes(context, transaction, id_, Customer(new.id, 1, "D", NEW_STAGE, now, new.profile))
        await store.save(transaction, context.personal, context.traces, after)
        await opportunities.go_over(transaction, id_, new.id, at=now, by=caller.id)
        await audit.enter(transaction, caller.id, "prospect.converted", id_)
    return new.id


async def show(context: Context, id_: UUID, caller: Principal) -> ReadProspect:
    """A prospect; what the caller sees in full is entered. Raises ProspectNotFound."""
    found = await queries.read(context, id_, viewer=viewer(caller))
    await _enter(context, [found], caller)
    return found


async def show_page(
    context: Context, wanted: Wanted, caller: Principal, before: UUID | None, most: int
) -> list[ReadProspect]:
    """A page of prospects, the latest first, likewise."""
    found = await queries.page(context, wanted, before, most, viewer=viewer(caller))
    await _enter(context, found[: most - 1], caller)  # the last tells only that there are more
    return found


async def show_notes(
    context: Context, id_: UUID, caller: Principal, before: UUID | None, most: int
) -> list[ProspectNote]:
    """A page of notes; that they were read is entered. Raises ProspectNotFound, NotesNotRead."""
    check_reader(fields_seen(caller))
    found = await queries.notes(context, id_, before, most, viewer=viewer(caller))
    if found:
        await audit.enter(context.database, caller.id, SHOWN, id_)
    return found


async def _enter(context: Context, found: Sequence[Prospect], caller: Principal) -> None:
    seen = fields_seen(caller)
    shown = [each.id for each in found if domain.unmasked(each, seen)]
    await audit.enter_many(context.database, caller.id, SHOWN, shown)


async def _take_notes(context: Context, transaction: Connection, id_: UUID, customer: Customer) -> None:
    """Gives a prospect's notes to the customer, with who wrote them and when."""
    sealer = await own_keys.sealer_to_write(transaction, customer, context.personal)
    for said in await store.notes(transaction, context.personal, id_):
        note = Note(said.id, 1, customer.id, said.text, said.written_by, said.written_at)
        kept = Change(FIELD, None, said.text, about=note.id, personal=True)
        await notes.add(transaction, note, sealer)
        await changes.keep(transaction, customer.id, [kept], at=said.written_at, by=said.written_by, sealer=sealer)


async def _check_origin(transaction: Connection, prospect: Prospect, caller: Principal) -> None:
    source = await store.source(transaction, prospect.source)
    if source is None:
        raise UnknownSource("GET /customers/v1/prospect-sources lists them", pointer="#/source")
    domain.check_referral(prospect, source)
    sees, customer, other = viewer(caller), prospect.referred_by_customer_id, prospect.referred_by_prospect_id
    if customer is not None and not await locks.customers(transaction, [customer], viewer=sees):
        raise UnknownCustomer("no customer has this id", pointer="#/referred_by_customer_id")
    if other is not None and not await store.is_seen(transaction, other, viewer=sees):
        raise UnknownProspect("no prospect has this id", pointer="#/referred_by_prospect_id")
    if other is not None:
        await store.hold_referrals(transaction)
        if await store.was_referred(transaction, other, prospect.id):
            raise ReferralRefused("they referred the other one themselves", pointer="#/referred_by_prospect_id")


async def _known(context: Context, transaction: Connection, prospect: Prospect, caller: Principal) -> list[Known]:
    """Who has one of the phones, for who sees phones in full; that the caller learnt it is entered."""
    if "phones" not in fields_seen(caller):
        return []
    found = await store.known(transaction, context.traces, prospect, viewer=viewer(caller))
    met = [each.customer_id or each.prospect_id for each in found]
    await audit.enter_many(transaction, caller.id, "prospect.compared", [each for each in met if each is not None])
    return found


async def _held(context: Context, transaction: Connection, id_: UUID, caller: Principal) -> Prospect:
    found = await store.locked(transaction, context.personal, id_, viewer=viewer(caller))
    if found is None:
        raise ProspectNotFound("no prospect has this id")
    return found
