"""The interface that both transports implement: what a service says to the bus, and what the bus hands to it."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from shared.bus.event import Event
from shared.db import Connection

Effect = Callable[[Connection, Sequence[Event]], Awaitable[None]]
"""Handles consecutive events of one type within the consumer's transaction; all or none of the batch commits."""

Effects = Mapping[str, Effect]
"""Event type -> effect: a service's reactions with its context given (`shared.reactions.bind`)."""

KeptContacts: TypeAlias = Callable[[Collection[str]], Awaitable[Collection[str]]]
"""Those of the keys under which the topic of contacts has a value still, beside the producer's log."""


async def kept_nowhere(_: Collection[str]) -> Collection[str]:
    """In process: what is told stands in the log alone."""
    return ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that is no event of ours: what is known of it, kept for the parking."""

    headers: dict[str, str]
    body: bytes | None
    error: str


@dataclass(frozen=True, slots=True)
class Record:
    """An event at its place in a topic. `position` is Kafka's offset or, in process, the producer's sequence."""

    topic: str
    partition: int
    position: int
    key: str
    content: Event | Unreadable


class Publisher(Protocol):
    """Where the relay puts events, in order per key also when it puts a batch before the one before has arrived."""

    async def publish(self, events: Sequence[Event]) -> None:
        """Returns when all are stored durably; raises whatever keeps them from it, and then they are offered again."""

    def begin_anew(self) -> None:
        """Called after a fault, when no batch is under way any more and the first that failed is offered again.

        Until then a batch that follows the one that failed must not be taken: it would arrive before it.
        """

    def is_too_large(self, event: Event) -> bool:
        """Whether the broker can never take this event."""
