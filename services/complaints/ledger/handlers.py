"""Closing a month of the ledger."""

from uuid import UUID

from services.complaints.context import Context
from services.complaints.ledger import domain, events, store
from services.complaints.ledger.domain import ClosedLedgerMonth
from shared import audit
from shared.bus import outbox
from shared.months import Month


async def close_month(context: Context, month: Month, *, by: UUID) -> ClosedLedgerMonth:
    """Closes a month: what is booked later counts in the next open one. Closing it again changes nothing.

    Raises LedgerMonthNotOver, LedgerMonthEmpty, LedgerMonthSkipped.
    """
    async with context.database.transaction() as transaction:
        before = await store.hold_alone(transaction)
        standing = await store.closed_month(transaction, month)
        if standing is not None:
            return standing
        now = context.clock.now()
        first = await store.first_month(transaction)
        ledger = domain.closed(before, month, first, Month.of(now, context.zone))
        closed = ClosedLedgerMonth(month, now, by)
        await store.close(transaction, ledger, closed)
        await audit.enter(transaction, by, "ledger_month.closed")
        await outbox.append(transaction, [events.closed(ledger, month, now)])
    return closed
