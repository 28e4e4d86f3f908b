"""Taking what the ERP tells of invoices, putting it right, and setting credit limits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.customers.changes import store as changes_made
from services.customers.changes.domain import Change
from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.payments import domain, events, store
from services.customers.payments.domain import InvoiceReused, Payment, PaymentNotFound, Told
from services.customers.standing import store as standing
from shared import audit
from shared.bus import outbox
from shared.db import Connection
from shared.ids import new_id
from shared.references import CustomerNotFound, UnknownCustomer
from shared.versions import check_version


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of what was told; `repeated`: it was known as it is."""

    payment: Payment
    repeated: bool


async def take(context: Context, said: Told) -> Taken:
    """Takes what is said of an invoice: a new one, that one was paid, or nothing new.

    Raises UnknownCustomer, UnknownInvoice, PaymentDatesRefused, InvoiceReused.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        if not await locks.customers(transaction, [said.customer_id]):
            raise UnknownCustomer("no customer has this id", pointer="#/customer_id")
        before = await store.by_number(transaction, said.invoice_no)
        if before is None:
            after = domain.new_payment(new_id(), said, now)
            domain.check_dates(after.due_on, after.paid_on, context.today())
            if await store.add(transaction, after):
                await standing.look_again(transaction, after.customer_id)
                await outbox.append(transaction, [events.recorded(after, now)])
                return Taken(after, repeated=False)
            before = await _known(transaction, said.invoice_no)
        after = before.told(said)
        if after == before:
            return Taken(before, repeated=True)
        domain.check_dates(after.due_on, after.paid_on, context.today())
        return Taken(await _kept(context, transaction, after), repeated=False)


async def correct(
    context: Context, id_: UUID, changes: Mapping[str, Any], expected_version: int | None, *, by: UUID
) -> Payment:
    """Puts right what was told wrongly of an invoice; `withdrawn` takes back one that never was.

    Raises PaymentNotFound, PreconditionRequired, Stale, PaymentDatesRefused.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        before = await _held(transaction, id_)
        check_version(before.version, expected_version)
        said = {name: value for name, value in changes.items() if name != "withdrawn"}
        gone = before.withdrawn_at
        if "withdrawn" in changes:
            gone = (before.withdrawn_at or now) if changes["withdrawn"] else None
        after = replace(before, **said, withdrawn_at=gone, undone=before.undone and gone is not None)
        if after == before:
            return before
        domain.check_dates(after.due_on, after.paid_on, context.today())
        await audit.enter(transaction, by, "payment.corrected", id_)
        kept = await _kept(context, transaction, after)
        await standing.look_again(transaction, kept.customer_id)
        return kept


async def set_limit(context: Context, customer_id: UUID, amount: Decimal, *, by: UUID, viewer: UUID | None) -> None:
    """Sets how much a customer may owe, CNY. Raises CustomerNotFound."""
    async with context.database.transaction() as transaction:
        if not await locks.customers(transaction, [customer_id], viewer=viewer):
            raise CustomerNotFound("no customer has this id")
        now, before = context.clock.now(), await store.limit(transaction, customer_id)
        if before == amount:
            return
        await store.set_limit(transaction, customer_id, amount, at=now, by=by)
        await standing.look_again(transaction, customer_id)
        await changes_made.keep(transaction, customer_id, [Change("credit_limit", before, amount)], at=now, by=by)
        await audit.enter(transaction, by, "credit_limit.set", customer_id)


async def _kept(context: Context, transaction: Connection, payment: Payment) -> Payment:
    """The invoice in its next version, written and told."""
    after = replace(payment, version=payment.version + 1)
    await store.save(transaction, after)
    await outbox.append(transaction, [events.recorded(after, context.clock.now())])
    return after


async def _held(transaction: Connection, id_: UUID) -> Payment:
    found = await store.locked(transaction, id_)
    if found is None:
        raise PaymentNotFound("no invoice has this id")
    return found


async def _known(transaction: Connection, invoice_no: str) -> Payment:
    """An invoice that somebody else has told of a moment ago."""
    found = await store.by_number(transaction, invoice_no)
    if found is None:
        raise InvoiceReused("it is being told of by somebody else; try again", pointer="#/invoice_no")
    return found
