"""What customers reacts to: event type -> handler. Nothing yet: it owns the directory that the others are told."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from services.customers.context import Context
from shared.bus.event import Event
from shared.db import Connection

REACTIONS: Mapping[str, Callable[[Context, Connection, Sequence[Event]], Awaitable[None]]] = {}
