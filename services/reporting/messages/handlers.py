"""Messages: fills them from their events."""

from collections.abc import Sequence

from services.reporting.context import Context
from services.reporting.messages import store
from shared.bus.event import Event
from shared.contracts.care import MessageFailed, MessageSent
from shared.db import Connection


async def on_message_sent(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.keep(transaction, [event.read(MessageSent) for event in events], context.zone)


async def on_message_failed(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
    await store.keep(transaction, [event.read(MessageFailed) for event in events], context.zone)
