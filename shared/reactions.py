"""What the reactions of a service have in common: each takes events of one type in batches, with the service's context.

`bind` gives them the context; the bus then knows them as effects.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from shared.bus.event import Event
from shared.bus.port import Effect, Effects
from shared.db import Connection

C = TypeVar("C")

Reaction: TypeAlias = Callable[[C, Connection, Sequence[Event]], Awaitable[None]]
"""Handles consecutive events of one type within the consumer's transaction; all or none of the batch commits."""


def in_turn(*reactions: Reaction[C]) -> Reaction[C]:
    """One reaction that does several, in this order and in the same transaction."""

    async def react(context: C, transaction: Connection, events: Sequence[Event]) -> None:
        for reaction in reactions:
            await reaction(context, transaction, events)

    return react


def bind(context: C, reactions: Mapping[str, Reaction[C]]) -> Effects:
    """Gives the context to each reaction of a service's REACTIONS table."""

    def bound(reaction: Reaction[C]) -> Effect:
        async def effect(transaction: Connection, events: Sequence[Event]) -> None:
            await reaction(context, transaction, events)

        return effect

    return {type_: bound(reaction) for type_, reaction in reactions.items()}
