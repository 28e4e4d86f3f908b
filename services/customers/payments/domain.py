"""Invoices and their payment (domain 2.1): due, paid, overdue, by the company's days; an invoice told twice is one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, Literal, TypeAlias
from uuid import UUID

from services.customers.changes.domain import Change
from shared.errors import Conflict, Invalid, NotFound

_TENTH: Final = Decimal("0.1")
LAST: Final = 6
"""Invoices by which payment behaviour is judged: the last ones (examples 19)."""


class PaymentNotFound(NotFound):
    slug = "no-such-invoice"
    title = "There is no such invoice"


class UnknownInvoice(Invalid):
    slug = "unknown-invoice"
    title = "Nobody has told of this invoice yet"


class InvoiceReused(Conflict):
    slug = "invoice-reused"
    title = "An invoice with this number and another content stands already"


class NoCreditLimit(NotFound):
    slug = "no-credit-limit"
    title = "The customer has no credit limit"


class PaymentDatesRefused(Invalid):
    slug = "payment-dates-refused"
    title = "These dates cannot be"


PaymentFilter: TypeAlias = Literal["open", "overdue", "paid"]
"""What a list of invoices may be narrowed to."""


class PaymentState(StrEnum):
    """`open` until it is due, `overdue` from the day after that, `paid`; `withdrawn` when it was entered by mistake."""

    OPEN = "open"
    OVERDUE = "overdue"
    PAID = "paid"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Told:
    """What the ERP says of an invoice; of one that is known what it leaves out stays."""

    customer_id: UUID
    invoice_no: str
    due_on: date | None
    amount: Decimal | None
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Payment:
    """An invoice. `amount` is CNY; `paid_on` is the day on which it was paid."""

    id: UUID
    version: int
    customer_id: UUID
    invoice_no: str
    due_on: date
    amount: Decimal
    paid_on: date | None
    told_at: datetime
    withdrawn_at: datetime | None = None
    undone: bool = False
    """Whether it was withdrawn because the import that brought it was undone: then its number is free."""
    updated_at: datetime | None = None
    """When it was put right, paid or withdrawn last; None: it is as it was told, or was changed by an older release."""

    def state(self, today: date) -> PaymentState:
        """On this day of the company."""
        if self.withdrawn_at is not None:
            return PaymentState.WITHDRAWN
        if self.paid_on is not None:
            return PaymentState.PAID
        return PaymentState.OVERDUE if today > self.due_on else PaymentState.OPEN

    def days_late(self, today: date) -> int:
        """Whole days after the due day on which it was paid, or has not been until today; 0 in time, and of what never
        was an invoice."""
        if self.withdrawn_at is not None:
            return 0
        return max(0, ((self.paid_on or today) - self.due_on).days)

    def told(self, said: Told) -> "Payment":
        """The invoice after it was told once more: paid now, or the same; or another one under a number that is free.

        Raises InvoiceReused, UnknownInvoice.
        """
        if self.undone:
            return replace(new_payment(self.id, said, self.told_at), version=self.version)
        others = (said.due_on or self.due_on, said.amount if said.amount is not None else self.amount, said.customer_id)
        if others != (self.due_on, self.amount, self.customer_id) or self.withdrawn_at is not None:
            raise InvoiceReused("put it right by PATCH, or check the number", pointer="#/invoice_no")
        if said.paid_on is None or said.paid_on == self.paid_on:
            return self
        if self.paid_on is not None:
            raise InvoiceReused(f"it was paid on {self.paid_on}; put that right by PATCH", pointer="#/paid_on")
        return replace(self, paid_on=said.paid_on)


def history_of(before: Payment, after: Payment) -> list[Change]:
    """What the customer's history keeps of an invoice that was put right."""
    return [
        Change(f"invoice.{name}", getattr(before, name), getattr(after, name), about=after.id)
        for name in ("customer_id", "invoice_no", "due_on", "amount", "paid_on", "withdrawn_at")
        if getattr(before, name) != getattr(after, name)
    ]


@dataclass(frozen=True, slots=True)
class CreditLimit:
    """How much a customer may owe, CNY; None: it was removed. The version goes on rising."""

    customer_id: UUID
    version: int
    amount: Decimal | None
    set_at: datetime
    set_by: UUID

    def removed(self, at: datetime, by: UUID) -> "CreditLimit":
        return replace(self, version=self.version + 1, amount=None, set_at=at, set_by=by)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a customer pays. `mean_days_late` is that of the last six invoices that are due or paid, None without any;
    CNY for `open` and `overdue`, and for the limit, None where nobody has set one."""

    open: Decimal
    overdue: Decimal
    invoices_overdue: int
    mean_days_late: Decimal | None
    credit_limit: Decimal | None

    @property
    def over_limit(self) -> bool:
        """Whether what is owed is more than the limit."""
        return self.credit_limit is not None and self.open + self.overdue > self.credit_limit


def new_payment(id_: UUID, said: Told, now: datetime) -> Payment:
    """An invoice that is told for the first time. Raises UnknownInvoice where it is only said that it was paid."""
    if said.due_on is None or said.amount is None:
        raise UnknownInvoice("say due_on and amount: nobody has told of this invoice before", pointer="#/invoice_no")
    return Payment(id_, 1, said.customer_id, said.invoice_no, said.due_on, said.amount, said.paid_on, now)


def check_dates(due_on: date, paid_on: date | None, today: date) -> None:
    """Raises PaymentDatesRefused for what was paid tomorrow, and for years that cannot be."""
    if paid_on is not None and paid_on > today:
        raise PaymentDatesRefused("nothing has been paid in the future", pointer="#/paid_on")
    if abs(due_on.year - today.year) > 40:
        raise PaymentDatesRefused("check the year", pointer="#/due_on")


def mean_days_late(days_late: Sequence[int]) -> Decimal | None:
    """The mean of the last six, in tenths of a day; None of none (examples 19)."""
    last = days_late[-LAST:]
    if not last:
        return None
    return (Decimal(sum(last)) / len(last)).quantize(_TENTH, ROUND_HALF_UP)
