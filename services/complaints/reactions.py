"""What complaints reacts to: event type -> handler."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from services.complaints.desk import Desk
from shared import directory
from shared.bus.event import Event
from shared.db import Connection

REACTIONS: Mapping[str, Callable[[Desk, Connection, Sequence[Event]], Awaitable[None]]] = {
    **directory.REACTIONS,
}
