"""What is published of invoices."""

from datetime import datetime
from uuid import UUID

from services.customers.payments.domain import Payment
from shared.bus.event import Event
from shared.contracts.payments import PaymentRecorded


def recorded(
    payment: Payment, at: datetime, from_customer_id: UUID | None = None, *, historical: bool = False
) -> Event:
    """An invoice as it stands; `from_customer_id` is whose it was taken for till now."""
    fact = PaymentRecorded(
        customer_id=payment.customer_id,
        payment_id=payment.id,
        invoice_no=payment.invoice_no,
        due_on=payment.due_on,
        amount=payment.amount,
        paid_on=payment.paid_on,
        withdrawn=payment.withdrawn_at is not None,
        from_customer_id=from_customer_id,
        at=at,
    )
    return Event.of(fact, aggregate_id=payment.id, version=payment.version, at=at, historical=historical)
