"""What is done so that cases with alike words are found."""

from collections.abc import Sequence

from services.complaints.context import Context
from services.complaints.similar import store
from shared.bus.event import Event
from shared.contracts.base import CaseFact
from shared.db import Connection


async def on_complaint_opened(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps what stands for the words of what was recorded, once it can be searched."""
    await store.keep(transaction, {event.read(CaseFact).complaint_id for event in events})


on_complaint_corrected = on_complaint_opened
"""What was put right may be what the complainant said."""
