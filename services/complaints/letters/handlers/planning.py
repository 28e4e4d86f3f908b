"""Planning letters: each waits in the database until the sender's loop has it judged."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from services.complaints.context import Context
from services.complaints.letters import store
from services.complaints.letters.domain.letters import FIRST_REPLY
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintOpened
from shared.contracts.customers import ContactListed
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


async def on_contact_listed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Reaction to customer.contact: letters that waited for one go on."""
    customers = {event.read(ContactListed).customer_id for event in events}
    await store.wake(transaction, customers, context.clock.now())
    context.database.once_committed(transaction, context.post.wake)
