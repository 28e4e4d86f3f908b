"""What reactions that take events in batches have in common."""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from typing import TypeAlias, TypeVar

from services.reporting.context import Context
from shared.bus.event import Event
from shared.db import Connection

Reaction: TypeAlias = Callable[[Context, Connection, Sequence[Event]], Awaitable[None]]
T = TypeVar("T")


def together(*reactions: Reaction) -> Reaction:
    """One reaction that does several, in order and in the same transaction."""

    async def react(context: Context, transaction: Connection, events: Sequence[Event]) -> None:
        for reaction in reactions:
            await reaction(context, transaction, events)

    return react


def latest(facts: Iterable[T], key: Callable[[T], Hashable]) -> list[T]:
    """The last fact of each key: a statement over a whole batch changes a row only once."""
    return list({key(fact): fact for fact in facts}.values())
