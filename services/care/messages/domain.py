"""A message to a customer or a colleague: its purpose, its states, and how handing it to a provider ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.contracts.care import Channel
from shared.errors import NotFound


class Purpose(StrEnum):
    """`service`: tasks, call-backs, replies; `relationship`: greetings; `promotion`: offers."""

    # unsubscribe links carry a purpose by its place, so that a new one is added at the end
    SERVICE = "service"
    RELATIONSHIP = "relationship"
    PROMOTION = "promotion"


class MessageState(StrEnum):
    """`planned` waits for a moment, `held` for something to change; `sent`, `failed` and `refused` are final."""

    PLANNED = "planned"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to a customer or to a staff member. `urgent` ones serve somebody who waits and know no quiet hours."""

    id: UUID
    customer_id: UUID | None = None
    staff_id: UUID | None = None
    occasion: str
    occasion_key: str
    template: str
    variables: Mapping[str, str]
    purpose: Purpose
    urgent: bool = False
    expires_at: datetime
    channel: Channel | None = None
    reason: str | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Postponed:
    """A message that does not go now: why, and when it is judged again (None: never, it is refused)."""

    message: Message
    state: MessageState
    reason: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How delivering a message ended; `next_at` is set when it is tried again."""

    message: Message
    channel: Channel
    state: MessageState
    reason: str | None = None
    next_at: datetime | None = None
    provider: str | None = None
    reference: str | None = None


class MessagesNotFound(NotFound):
    """Whose messages are asked for is nobody whom the caller sees."""
