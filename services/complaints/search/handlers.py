"""What is recorded can be found: after the fact, so that recording waits for nothing."""

from collections.abc import Sequence

from services.complaints.context import Context
from services.complaints.search import store
from shared.bus.event import Event
from shared.contracts.base import CaseFact
from shared.db import Connection


async def on_complaint_opened(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps by what new cases are found; history, too, and again where an event comes again."""
    ids = sorted({event.read(CaseFact).complaint_id for event in events})
    await store.keep(transaction, context.words, context.traces, ids)


on_complaint_corrected = on_complaint_opened
"""A name that was put right is a word as well."""
