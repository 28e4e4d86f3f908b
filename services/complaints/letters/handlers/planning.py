"""Planning letters: each waits in the database until the sender's loop has it judged."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.context import Context
from services.complaints.letters import store
from services.complaints.letters.domain.letters import FIRST_REPLY, QUESTION, LetterState
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintOpened, ComplaintPaused
from shared.contracts.customers import ContactListed
from shared.contracts.merging import CustomerMerged
from shared.db import Connection
from shared.ids import new_id

FOUR_HOURS: Final = timedelta(hours=4)


async def on_complaint_opened(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to our own complaint.opened: a first reply is due, once, until the answer itself is (domain 3.2).

    History is silent, and so are the cases of releases that sent none (`first_reply` is false there).
    """
    facts = [event.read(ComplaintOpened) for event in events if not event.historical]
    planned: list[dict[str, object]] = [
        {
            "id": new_id(),
            "complaint_id": fact.complaint_id,
            "occasion": FIRST_REPLY,
            "expires_at": fact.answer_due_at or fact.at + FOUR_HOURS,
        }
        for fact in facts
        if fact.first_reply
    ]
    await store.plan(transaction, planned, context.clock.now())
    context.database.once_committed(transaction, context.post.wake)


async def plan_anew(transaction: Connection, context: Context, case: Case, generation: int) -> None:
    """A first reply to whom a correction of a held case names: with the link that is good from now on.

    One that waits still goes there by itself. Where none was planned (a takeover, an internal case) none is.
    """
    found = await store.lock_first_reply(transaction, case.id)
    if found is None or found[1] in (LetterState.PLANNED, LetterState.HELD):
        return
    now = context.clock.now()
    letter: dict[str, object] = {
        "id": new_id(),
        "complaint_id": case.id,
        "occasion": f"{FIRST_REPLY}:{generation}",
        "expires_at": case.clock.due_at or case.clock.due_after_pause or now,
    }
    await store.plan(transaction, [letter], now)
    context.database.once_committed(transaction, context.post.wake)


async def on_complaint_paused(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to our own complaint.paused: the complainant is sent what they are asked, once, while the clock stands.

    What older releases paused was written for colleagues: it asks nobody (`asks` is false there).
    """
    facts = [event.read(ComplaintPaused) for event in events if not event.historical]
    asking: list[dict[str, object]] = [
        {"complaint_id": fact.complaint_id, "round": fact.round, "started_at": fact.at} for fact in facts if fact.asks
    ]
    planned: list[dict[str, object]] = [
        {
            "id": new_id(),
            "complaint_id": each["complaint_id"],
            "occasion": f"{QUESTION}:{each['entry_id']}",
            "expires_at": each["until"],
        }
        for each in await store.questions(transaction, asking)
    ]
    await store.plan(transaction, planned, context.clock.now())
    context.database.once_committed(transaction, context.post.wake)


async def on_contact_listed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.contact: letters that waited for one go on."""
    await _go_on(context, transaction, {event.read(ContactListed).customer_id for event in events})


async def on_customer_merged(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.merged: so do those to who was merged, since the kept one's contact is theirs."""
    await _go_on(context, transaction, {event.read(CustomerMerged).merged_id for event in events})


async def _go_on(context: Context, transaction: Connection, customers: Collection[UUID]) -> None:
    await store.wake(transaction, customers, context.clock.now())
    context.database.once_committed(transaction, context.post.wake)
