"""Keeping the cases; when a customer has no open case any longer, what was held goes on (decision 23).

A case counts as open from its opening until it is resolved (or closed, where nothing was to be solved): an answer
alone solves nothing, and the steps that go on after the solution concern the company, not the customer **(decided)**.
Reopening holds again.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

from services.care.accounts import store as accounts
from services.care.cases import store
from services.care.context import Context
from services.care.messages import store as messages
from shared import aliases
from shared.bus.event import Event
from shared.contracts.base import CaseFact
from shared.contracts.complaints import (
    ComplaintCorrected,
    ComplaintOpened,
    ComplaintOverdue,
    ComplaintReopened,
)
from shared.db import Connection
from shared.projection import Projection


def _by_case(fact: CaseFact) -> UUID:
    return fact.complaint_id


on_complaint_opened = Projection(
    ComplaintOpened, store.KEEP, lambda fact: store.row(fact, fact.number, is_open=True), _by_case
)
"""Also of a case that is taken over: holding promotion disturbs nobody."""
on_complaint_overdue = Projection(
    ComplaintOverdue,
    store.MARK_OVERDUE,
    lambda fact: store.row(fact, fact.number, is_open=True, overdue=True),
    _by_case,
)
"""The reason shown changes."""
on_complaint_reopened = Projection(ComplaintReopened, store.KEEP, lambda fact: store.row(fact, is_open=True), _by_case)
"""A new round, not overdue yet."""
_corrected = Projection(
    ComplaintCorrected,
    store.KEEP,
    lambda fact: store.row(
        fact, fact.number, is_open=fact.state in ("open", "answered"), overdue=fact.overdue and fact.state == "open"
    ),
    _by_case,
)
_ended = Projection(CaseFact, store.KEEP, lambda fact: store.row(fact, is_open=False), _by_case)


async def on_complaint_resolved(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.resolved."""
    await _end(context, transaction, events)


async def on_complaint_closed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to complaint.closed."""
    await _end(context, transaction, events)


async def _end(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    customers = {id_ for id_ in (event.read(CaseFact).customer_id for event in events) if id_}
    await accounts.lock(transaction, customers)
    await _ended.keep(transaction, events)
    await messages.wake_customers(transaction, await _all_ids(transaction, customers), context.clock.now())


async def _all_ids(transaction: Connection, customers: Collection[UUID]) -> set[UUID]:
    """Of customers who were merged, too: a case of either holds what goes to both."""
    same = await aliases.together(transaction, customers)
    return {each for every in same.values() for each in every}


async def on_complaint_corrected(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """A case moved to another customer holds promotion to that one; what was held from the other goes on."""
    facts = [event.read(ComplaintCorrected) for event in events]
    left = {id_ for fact in facts if (id_ := fact.from_customer_id) is not None and id_ != fact.customer_id}
    await accounts.lock(transaction, left)
    await _corrected.keep(transaction, events)
    await messages.wake_customers(transaction, await _all_ids(transaction, left), context.clock.now())
