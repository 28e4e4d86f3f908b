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
from services.customers.payments.domain import CreditLimit, InvoiceReused, NoCreditLimit, Payment, PaymentNotFound, Told
from services.customers.standing import store as standing
from shared import audit
from shared.bus import outbox
from shared.db import Connection
from shared.errors import Stale
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
        kept = await _kept(context, transaction, after)
        await standing.look_again(transaction, after.customer_id)
        return Taken(kept, repeated=False)


async def correct(
    context: Context, id_: UUID, changes: Mapping[str, Any], expected_version: int | None, *, by: UUID
) -> Payment:
    """Puts right what was told wrongly of an invoice, also whose it is; `withdrawn` takes back one that never was.

    Raises PaymentNotFound, PreconditionRequired, Stale, PaymentDatesRefused, UnknownCustomer.
    """
    now = context.clock.now()
    async with context.database.transaction() as transaction:
        before = await _held_with_whose(transaction, id_, changes.get("customer_id"))
        check_version(before.version, expected_version)
        said = {name: value for name, value in changes.items() if name != "withdrawn"}
        gone = before.withdrawn_at
        if "withdrawn" in changes:
            gone = (before.withdrawn_at or now) if changes["withdrawn"] else None
        after = replace(before, **said, withdrawn_at=gone, undone=before.undone and gone is not None)
        if after == before:
            return before
        domain.check_dates(after.due_on, after.paid_on, context.today())
        moved = after.customer_id != before.customer_id
        await audit.enter(transaction, by, "payment.corrected", id_)
        if moved:
            await audit.enter_many(transaction, by, "payment.moved", [before.customer_id, after.customer_id])
        kept = await _kept(context, transaction, after, before.customer_id if moved else None)
        for whose in sorted({before.customer_id, after.customer_id}):
            await changes_made.keep(transaction, whose, domain.history_of(before, after), at=now, by=by)
        await standing.look_again(transaction, before.customer_id, after.customer_id)
        return kept


async def set_limit(
    context: Context,
    customer_id: UUID,
    amount: Decimal,
    expected_version: int | None,
    *,
    by: UUID,
    viewer: UUID | None,
) -> CreditLimit:
    """Sets how much a customer may owe, CNY; the first needs no version that was read, the same again changes nothing.

    Raises CustomerNotFound, PreconditionRequired, Stale.
    """
    async with context.database.transaction() as transaction:
        before = await _limit_of(transaction, customer_id, viewer)
        if before is not None and (before.amount is not None or expected_version is not None):
            check_version(before.version, expected_version)
            if before.amount == amount:
                return before
        version = before.version + 1 if before is not None else 1
        after = CreditLimit(customer_id, version, amount, context.clock.now(), by)
        await _keep_limit(transaction, before, after)
        await audit.enter(transaction, by, "credit_limit.set", customer_id)
    return after


async def remove_limit(
    context: Context, customer_id: UUID, expected_version: int | None, *, by: UUID, viewer: UUID | None
) -> None:
    """A customer has no limit any more. Raises CustomerNotFound, NoCreditLimit, PreconditionRequired, Stale."""
    async with context.database.transaction() as transaction:
        before = await _limit_of(transaction, customer_id, viewer)
        if before is None or before.amount is None:
            raise NoCreditLimit("there is none to remove")
        check_version(before.version, expected_version)
        await _keep_limit(transaction, before, before.removed(context.clock.now(), by))
        await audit.enter(transaction, by, "credit_limit.removed", customer_id)


async def _limit_of(transaction: Connection, customer_id: UUID, viewer: UUID | None) -> CreditLimit | None:
    """The limit of a customer, who is held until the transaction ends."""
    if not await locks.customers(transaction, [customer_id], viewer=viewer):
        raise CustomerNotFound("no customer has this id")
    return await store.limit(transaction, customer_id)


async def _keep_limit(transaction: Connection, before: CreditLimit | None, after: CreditLimit) -> None:
    """Writes it, and what the customer's history keeps of it."""
    await store.keep_limit(transaction, after)
    await standing.look_again(transaction, after.customer_id)
    change = Change("credit_limit", before.amount if before is not None else None, after.amount)
    await changes_made.keep(transaction, after.customer_id, [change], at=after.set_at, by=after.set_by)


async def _kept(
    context: Context, transaction: Connection, payment: Payment, from_customer_id: UUID | None = None
) -> Payment:
    """The invoice in its next version, written and told; also whose it was taken for."""
    now = context.clock.now()
    after = replace(payment, version=payment.version + 1, updated_at=now)
    await store.save(transaction, after)
    await outbox.append(transaction, [events.recorded(after, now, from_customer_id)])
    return after


async def _held_with_whose(transaction: Connection, id_: UUID, told: UUID | None) -> Payment:
    """An invoice, held with the customer whose it is and the one whose it is told to be, both in one order.

    Raises PaymentNotFound, UnknownCustomer, Stale where it became somebody else's meanwhile.
    """
    whose = next(iter(await store.customers_of(transaction, [id_])), None)
    if whose is None:
        raise PaymentNotFound("no invoice has this id")
    held = await locks.customers(transaction, [whose, told or whose])
    if told is not None and told not in held:
        raise UnknownCustomer("no customer has this id", pointer="#/customer_id")
    found = await _held(transaction, id_)
    if found.customer_id != whose:
        raise Stale("it has become another customer's meanwhile; read it again")
    return found


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
