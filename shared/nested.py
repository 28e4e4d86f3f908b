"""Rows within a row: what a statement that reads much at once says of each of its rows."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import Select

from shared.statement import part, takes_in_order, with_parts

R = TypeVar("R")


class Nested(Generic[R]):
    """Rows within a row, as one column of a statement that reads much at once; `into` makes each of them.

    `source` is a select that takes no values: what it depends on are columns of the statement around it. Written by
    hand its columns stand in the order of what `into` takes.
    """

    __slots__ = ("_into", "_names", "_ordered", "sql")

    def __init__(self, source: Select[*tuple[Any, ...]] | str, into: Callable[..., R], /) -> None:
        rows = source if isinstance(source, str) else part(source)
        self._names = () if isinstance(source, str) else tuple(source.selected_columns.keys())
        self._ordered = isinstance(source, str) or takes_in_order(into, self._names)
        self._into = into
        self.sql = with_parts("ARRAY(SELECT each FROM ({rows}) AS each)", rows=rows)

    def all(self, column: Sequence[Sequence[Any]]) -> list[R]:
        """Every row, as asyncpg gave the column."""
        if self._ordered:
            return [self._into(*row) for row in column]
        return [self._into(**dict(zip(self._names, row, strict=True))) for row in column]
