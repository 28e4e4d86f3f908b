"""A message to a customer or a colleague: its purpose, its states, and how handing it to a provider ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from shared.contracts.care import Channel
from shared.errors import NotFound

CONFIDENTIAL: Final = "confidential"
"""The occasion of whatever concerns a colleague alone: what is published and listed of it says no more."""
NEWER: Final = "newer_message"
"""Why a message was replaced: another one tells what holds now."""


class Purpose(StrEnum):
    """`service`: tasks, call-backs, replies; `relationship`: greetings; `promotion`: offers."""

    # unsubscribe links carry a purpose by its place, so that a new one is added at the end
    SERVICE = "service"
    RELATIONSHIP = "relationship"
    PROMOTION = "promotion"


class MessageState(StrEnum):
    """`planned` waits for a moment, `held` for something to change; `sent`, `failed`, `refused` and `replaced` (by a
    newer message about the same) are final."""

    PLANNED = "planned"
    HELD = "held"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    REFUSED = "refused"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to a customer or to a staff member. `urgent` ones serve somebody who waits and know no quiet hours.

    Two messages to one recipient with the same `about` tell of one thing at two moments: the newer one replaces the
    older one as long as it has not gone (domain 4.3). `outdated` is one that was in a sender's hands at that moment.
    """

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
    about: str | None = None
    outdated: bool = False
    channel: Channel | None = None
    reason: str | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A recipient has something newer to hear `about` something: message `id`, or nothing at all (None)."""

    id: UUID | None
    about: str
    customer_id: UUID | None = None
    staff_id: UUID | None = None
    reason: str = NEWER


def replacements(messages: Sequence[Message]) -> list[Replacement]:
    """What messages replace, in the order of their planning: only the newest of each recipient and subject stays."""
    newest = {(each.about, each.customer_id, each.staff_id): each for each in messages if each.about}
    return [
        Replacement(id=each.id, about=each.about, customer_id=each.customer_id, staff_id=each.staff_id)
        for each in newest.values()
        if each.about
    ]


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
