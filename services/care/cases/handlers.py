"""Keeping the cases; when a customer has no open case any longer, what was held goes on (decision 23).

A case counts as open from its opening until it is resolved (or closed, where nothing was to be solved): an answer
alone solves nothing, and the steps that go on after the solution concern the company, not the customer **(decided)**.
Reopening holds again.
"""

from collections.abc import Sequence

from services.care.accounts import store as accounts
from services.care.cases import store
from services.care.cases.domain import Case
from services.care.context import Context
from services.care.messages import store as messages
from shared.bus.event import Event
from shared.contracts.complaints import (
    CaseFact,
    ComplaintClosed,
    ComplaintOpened,
    ComplaintOverdue,
    ComplaintReopened,
    ComplaintResolved,
)
from shared.db import Connection


async def on_complaint_opened(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.opened, also of a case that is taken over: holding promotion disturbs nobody."""
    facts = [event.read(ComplaintOpened) for event in events]
    await store.keep(
        transaction, [Case(fact.complaint_id, fact.customer_id, open=True, number=fact.number) for fact in facts]
    )


async def on_complaint_overdue(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.overdue: the reason shown changes."""
    facts = [event.read(ComplaintOverdue) for event in events]
    await store.mark_overdue(transaction, {fact.complaint_id: (fact.customer_id, fact.number) for fact in facts})


async def on_complaint_reopened(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.reopened: a new round, not overdue yet."""
    facts = [event.read(ComplaintReopened) for event in events]
    await store.keep(transaction, [Case(fact.complaint_id, fact.customer_id, open=True) for fact in facts])


async def on_complaint_resolved(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.resolved."""
    await _end(context, transaction, [event.read(ComplaintResolved) for event in events])


async def on_complaint_closed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.closed."""
    await _end(context, transaction, [event.read(ComplaintClosed) for event in events])


async def _end(context: Context, transaction: Connection, facts: Sequence[CaseFact]) -> None:
    customers = {fact.customer_id for fact in facts if fact.customer_id}
    await accounts.lock(transaction, customers)
    await store.keep(transaction, [Case(fact.complaint_id, fact.customer_id, open=False) for fact in facts])
    await messages.wake_customers(transaction, customers, context.clock.now())
