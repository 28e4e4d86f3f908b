"""Rows that follow from events: what a service keeps of things that another one owns.

A projection takes a batch of events of one type, the last of each key, and writes their rows by one statement. It is a
reaction itself, so a service's REACTIONS can name it.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from shared.bus.event import Event
from shared.contracts.base import Fact
from shared.db import Connection
from shared.statement import Statement, by_column

F = TypeVar("F", bound=Fact)
T = TypeVar("T")


def latest(facts: Iterable[T], key: Callable[[T], Hashable]) -> list[T]:
    """The last fact of each key: a statement over a batch changes a row only once."""
    return list({key(fact): fact for fact in facts}.values())


def by_customer(fact: Any) -> Hashable:
    """The key of what is kept once per customer."""
    key: Hashable = fact.customer_id
    return key


class Projection(Generic[F]):
    """Keeps the row that `row` makes of each fact, by a statement made with `rows_given`."""

    def __init__(
        self,
        contract: type[F],
        statement: Statement[Any],
        row: Callable[[F], Mapping[str, object]],
        key: Callable[[F], Hashable] = by_customer,
    ) -> None:
        self._contract = contract
        self._statement = statement
        self._row = row
        self._key = key

    async def keep(self, transaction: Connection, events: Sequence[Event]) -> list[F]:
        """Writes the rows; returns every fact, in the order of the events."""
        facts = [event.read(self._contract) for event in events]
        await self._statement.execute(transaction, **by_column(map(self._row, latest(facts, self._key))))
        return facts

    async def __call__(self, _: object, transaction: Connection, events: Sequence[Event]) -> None:
        """The reaction that does this and nothing else."""
        await self.keep(transaction, events)
