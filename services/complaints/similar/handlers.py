"""What is done so that cases with alike words are found."""

from collections.abc import Sequence

from services.complaints.context import Context
from services.complaints.similar import store
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintOpened
from shared.db import Connection


async def on_complaint_opened(_: Context, transaction: Connection, events: Sequence[Event]) -> None:
    """Keeps what stands for the words of what was recorded, once it can be searched."""
    await store.keep(transaction, {event.read(ComplaintOpened).complaint_id for event in events})
