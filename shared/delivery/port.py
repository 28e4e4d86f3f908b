"""The interface of every provider. Never twice: each message has a key that the provider gets too (domain 4.3)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.contracts.care import Channel
from shared.robots import GroupRobot

__all__ = [
    "CHANNELS",
    "Channel",
    "DeliveryFault",
    "Outgoing",
    "PermanentFailure",
    "Provider",
    "Receipt",
    "TransientFailure",
]

CHANNELS: tuple[Channel, ...] = ("email", "sms", "webhook")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready to be sent.

    `key` stays the same however often it is sent again: 1 to 120 letters, digits, dots, dashes or underscores.
    `address` is an e-mail address, a phone number or a URL, as the channel asks; `at` is business time.
    `robot` says of a webhook whose group robot it is; None: as its host tells, or nobody's.
    """

    key: str
    channel: Channel
    address: str
    subject: str
    body: str
    language: str
    at: datetime
    unsubscribe_url: str | None = None
    robot: GroupRobot | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a provider has taken a message, and the name it gave it."""

    provider: str
    reference: str


class DeliveryFault(Exception):
    """A provider did not take a message. `reason` is a code without personal data."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TransientFailure(DeliveryFault):
    """A passing fault: the same message may be taken a moment later."""


class PermanentFailure(DeliveryFault):
    """The provider will never take this message: a wrong address, a refused content."""


class Provider(Protocol):
    """Something that takes messages of one or more channels."""

    name: str

    async def send(self, message: Outgoing) -> Receipt:
        """Hands the message over; a key that was taken before has no second effect.

        Raises TransientFailure or PermanentFailure.
        """
