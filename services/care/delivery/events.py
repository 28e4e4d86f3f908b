"""The events that tell how messages ended. A message is the aggregate; it ends once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.care.messages.domain import MessageState, Outcome
from shared.bus.event import Event
from shared.contracts.care import MessageFailed, MessageSent


def ended(outcomes: Iterable[Outcome], at: datetime) -> list[Event]:
    """Of those that were sent or have failed for good; what is tried again has not ended."""
    return [_event(each, at) for each in outcomes if each.state is not MessageState.PLANNED]


def _event(outcome: Outcome, at: datetime) -> Event:
    message = outcome.message
    fields: dict[str, Any] = {
        "message_id": message.id,
        "customer_id": message.customer_id,
        "staff_id": message.staff_id,
        "occasion": message.occasion,
        "purpose": message.purpose.value,
        "channel": outcome.channel,
        "at": at,
    }
    if outcome.state is MessageState.SENT:
        return Event.of(MessageSent(**fields), aggregate_id=message.id, version=1, at=at)
    return Event.of(MessageFailed(**fields, reason=outcome.reason or ""), aggregate_id=message.id, version=1, at=at)
