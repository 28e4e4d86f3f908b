"""What the reactions of a service have in common: each takes events of one type in batches, with the service's context.

`shared.service.bind` gives them the context; the bus then knows them as `shared.bus.port.Reaction`.
"""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import TypeAlias, TypeVar

from shared.bus.event import Event
from shared.db import Connection

C = TypeVar("C")
T = TypeVar("T")

Reaction: TypeAlias = Callable[[C, Connection, Sequence[Event]], Awaitable[None]]
"""Handles consecutive events of one type within the consumer's transaction; all or none of the batch commits."""


def in_turn(*reactions: Reaction[C]) -> Reaction[C]:
    """One reaction that does several, in this order and in the same transaction."""

    async def react(context: C, transaction: Connection, events: Sequence[Event]) -> None:
        for reaction in reactions:
            await reaction(context, transaction, events)

    return react


def latest(facts: Iterable[T], key: Callable[[T], Hashable]) -> list[T]:
    """The last fact of each key: a statement over a whole batch changes a row only once."""
    return list({key(fact): fact for fact in facts}.values())
