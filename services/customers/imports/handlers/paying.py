"""Invoices from a file: told as the ERP tells them, many at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import locks
from services.customers.imports.domain.jobs import Job, Made
from services.customers.imports.domain.lines import PaymentLine
from services.customers.imports.domain.troubles import Fault, Trouble
from services.customers.imports.store import making
from services.customers.payments import domain, events
from services.customers.payments import store as payments
from services.customers.payments.domain import InvoiceReused, Payment, PaymentDatesRefused, Told, UnknownInvoice
from services.customers.standing import store as standing
from shared.bus import outbox
from shared.bus.event import Event
from shared.db import Connection
from shared.ids import new_id


@dataclass(slots=True)
class _Taking:
    """A batch on its way: invoices as they stand by number, and what becomes of them."""

    now: datetime
    today: date
    standing: dict[str, Payment]
    owners: dict[str, UUID]
    new: dict[UUID, Payment] = field(default_factory=dict)
    changed: dict[UUID, Payment] = field(default_factory=dict)
    told: list[Event] = field(default_factory=list)
    revived: set[UUID] = field(default_factory=set)

    def row(self, line: PaymentLine) -> bool:
        """Whether it says something new. Raises InvoiceReused, PaymentDatesRefused, UnknownInvoice."""
        said = _said(line, self.owners[line.customer_no])
        before = self.standing.get(line.invoice_no)
        after = domain.new_payment(new_id(), said, self.now) if before is None else before.told(said)
        if after == before:
            return False
        domain.check_dates(after.due_on, after.paid_on, self.today)
        if before is not None:
            after = replace(after, version=before.version + 1, updated_at=self.now)
            self.revived |= {before.id} if before.undone else set()
        (self.new if before is None or before.id in self.new else self.changed)[after.id] = after
        self.standing[line.invoice_no] = after
        self.told.append(events.recorded(after, self.now, historical=True))
        return True

    def whose(self) -> set[UUID]:
        return {each.customer_id for each in (*self.new.values(), *self.changed.values())}

    def made(self) -> list[Made]:
        """What was not there before, an invoice that an undone import had brought included."""
        new = [Made(each.id, each.version, created=True) for each in self.new.values()]
        return new + [Made(each.id, each.version, created=each.id in self.revived) for each in self.changed.values()]


async def take(
    context: Context, transaction: Connection, job: Job, lines: Sequence[PaymentLine]
) -> tuple[int, int, list[Fault]]:
    """Tells of invoices: how many rows were new, how many said nothing new, and what is wrong with the others."""
    owners = await making.customers(transaction, [line.customer_no for line in lines])
    await locks.customers(transaction, list(owners.values()))
    known = await payments.by_numbers(transaction, [line.invoice_no for line in lines])
    taking = _Taking(context.clock.now(), context.today(), {each.invoice_no: each for each in known}, owners)
    faults: list[Fault] = []
    ok = sum(_took(taking, line, faults) for line in lines)
    await payments.add_many(transaction, list(taking.new.values()))
    await payments.save_many(transaction, list(taking.changed.values()))
    await standing.look_again(transaction, *sorted(taking.whose()))
    await making.keep(transaction, job.id, taking.made())
    await outbox.append(transaction, taking.told)
    return ok, len(lines) - ok - len(faults), faults


def _took(taking: _Taking, line: PaymentLine, faults: list[Fault]) -> bool:
    if line.customer_no not in taking.owners:
        faults.append(Fault(line.row, "customer_no", Trouble.UNKNOWN_CUSTOMER))
        return False
    try:
        return taking.row(line)
    except UnknownInvoice:
        faults.append(Fault(line.row, "invoice_no", Trouble.UNKNOWN_INVOICE))
    except InvoiceReused:
        faults.append(Fault(line.row, "invoice_no", Trouble.INVOICE_REUSED))
    except PaymentDatesRefused:
        faults.append(Fault(line.row, "due_on", Trouble.DAYS))
    return False


def _said(line: PaymentLine, customer_id: UUID) -> Told:
    return Told(
        customer_id,
        line.invoice_no,
        date.fromisoformat(line.due_on) if line.due_on else None,
        Decimal(line.amount) if line.amount else None,
        date.fromisoformat(line.paid_on) if line.paid_on else None,
    )
