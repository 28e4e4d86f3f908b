"""What customers reacts to: event type -> handler. Nothing yet: it owns the directory that the others are told."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from services.customers.desk import Desk
from shared.bus.event import Event
from shared.db import Connection

REACTIONS: Mapping[str, Callable[[Desk, Connection, Sequence[Event]], Awaitable[None]]] = {}
