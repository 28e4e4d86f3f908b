"""Statements: made from the SQLModel tables once, when their module is loaded, and run by asyncpg.

SQLAlchemy Core writes the SQL with `$n::TYPE` and says in which order the names come; no request pays for that, and no
position is counted by hand. What is better said in SQL itself (its common table expressions are the point) is given as
text with `:name` for values and `{part}` for parts of SQL that several statements share.

Values that stand in a clause (`state == "open"`) are written into the SQL as literals: as parameters they would hide
partial indexes from a generic plan. Only `given(...)` becomes a parameter. No bind processor of SQLAlchemy runs: JSON
goes through the connection's codec, enums are strings.
"""

import inspect
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from typing import Any, Generic, Protocol, TypeAlias, TypeVar, cast, overload

import asyncpg
from asyncpg.cursor import Cursor
from sqlalchemy import ColumnElement, Executable, Table, Update, bindparam, column, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.dialects.postgresql.asyncpg import PGCompiler_asyncpg, PGDialect_asyncpg
from sqlalchemy.sql.selectable import TableValuedAlias
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from shared.lending import Connection

R = TypeVar("R")
S = TypeVar("S")


class Reader(Protocol):
    """A connection of the pool, or the database itself for a single statement."""

    async def fetch(self, query: str, /, *args: Any) -> list[asyncpg.Record]: ...
    async def fetchrow(self, query: str, /, *args: Any) -> asyncpg.Record | None: ...
    async def fetchval(self, query: str, /, *args: Any, timeout: float | None = None) -> Any: ...
    async def execute(self, query: str, /, *args: Any, timeout: float | None = None) -> str: ...


class Statement(Generic[R]):
    """One statement. `into` makes each row from its columns by name; without it rows stay asyncpg's.

    Every value is given by name; one too many or too few raises TypeError.
    """

    __slots__ = ("_limited", "_made", "into", "names", "sql")

    @overload
    def __init__(self: "Statement[asyncpg.Record]", source: Executable | str, /, **parts: str) -> None: ...

    @overload
    def __init__(self, source: Executable | str, into: Callable[..., R], /, **parts: str) -> None: ...

    def __init__(self, source: Executable | str, into: Callable[..., R] | None = None, /, **parts: str) -> None:
        self.sql, self.names = _written(source, parts) if isinstance(source, str) else _compiled(source)
        self.into = into
        self._made: Callable[[asyncpg.Record], R] | None = None
        self._limited: dict[int, Statement[R]] = {}

    async def all(self, reader: Reader, /, **values: object) -> list[R]:
        """Every row."""
        rows = await reader.fetch(self.sql, *self.arguments(values))
        return list(map(self._made or self._make(rows[0]), rows)) if rows else []

    async def in_batches(self, transaction: Connection, most: int, /, **values: object) -> AsyncIterator[list[R]]:
        """Every row, so many at a time, from a cursor on the server: for what may be more than memory holds."""
        cursor: Cursor[asyncpg.Record] = await transaction.cursor(self.sql, *self.arguments(values))
        while rows := await cursor.fetch(most):
            yield list(map(self._made or self._make(rows[0]), rows))

    async def one(self, reader: Reader, /, **values: object) -> R | None:
        """The first row, or None."""
        row = await reader.fetchrow(self.sql, *self.arguments(values))
        return None if row is None else (self._made or self._make(row))(row)

    def _make(self, row: asyncpg.Record) -> Callable[[asyncpg.Record], R]:
        """How rows like this one become values: by position where names and order agree, which is the quickest."""
        into = self.into
        if into is None:
            self._made = cast(Callable[[asyncpg.Record], R], _as_it_is)
        elif takes_in_order(into, tuple(row.keys())):
            self._made = lambda found: into(*found)
        else:
            self._made = lambda found: into(**dict(found.items()))
        return self._made

    async def execute(self, writer: Reader, seconds: float | None = None, /, **values: object) -> str:
        """Runs it for its effect, for so long at most; returns PostgreSQL's word for that, such as "UPDATE 3"."""
        return await writer.execute(self.sql, *self.arguments(values), timeout=seconds)

    def limited(self, most: int) -> "Statement[R]":
        """The same with the limit as a number in it, not a parameter: else no plan knows how few rows are wanted."""
        if most not in self._limited:
            limited = copy(self)
            limited.sql, limited._limited = f"{self.sql} LIMIT {most:d}", {}
            self._limited[most] = limited
        return self._limited[most]

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        """The values in the order of the SQL's parameters."""
        if len(values) == len(self.names):
            with suppress(KeyError):
                return [values[name] for name in self.names]
        raise TypeError(f"the statement takes {sorted(self.names)}, not {sorted(values)}")


def _as_it_is(row: asyncpg.Record) -> asyncpg.Record:
    return row


def takes_in_order(into: Callable[..., Any], names: tuple[str, ...]) -> bool:
    """Whether its first parameters are called like that, and may be given by position."""
    try:
        parameters = list(inspect.signature(into).parameters.values())[: len(names)]
    except ValueError:  # a built-in such as dict
        return False
    return tuple(each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD) == names


class Scalar(Statement[R]):
    """A statement of a single column; `kind` says of what type, for readers and mypy."""

    __slots__ = ()

    def __init__(self, source: Executable | str, kind: type[R], /, **parts: str) -> None:
        super().__init__(source, kind, **parts)

    async def all(self, reader: Reader, /, **values: object) -> list[R]:
        """The column of every row."""
        return [row[0] for row in await reader.fetch(self.sql, *self.arguments(values))]

    async def one(self, reader: Reader, /, **values: object) -> R | None:
        """The first row's value; None also for a null."""
        return cast(R | None, await reader.fetchval(self.sql, *self.arguments(values)))

    async def only(self, reader: Reader, seconds: float | None = None, /, **values: object) -> R:
        """The value of a statement that always has one, such as a count; it may take so long at most."""
        return cast(R, await reader.fetchval(self.sql, *self.arguments(values), timeout=seconds))


# ---------------------------------------------------------------------------- building clauses


Rows: TypeAlias = type[SQLModel] | Table
"""A row's class, or a table that has none (the kernel's, the directory's)."""


def table(rows: Rows) -> Table:
    """The table of a row's class."""
    return rows if isinstance(rows, Table) else cast(Table, vars(rows)["__table__"])


def given(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]] | None = None) -> Any:
    """A value that each call gives by this name; compared with a column it takes the column's type."""
    return bindparam(name, type_=kind)


def any_given(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]]) -> ColumnElement[Any]:
    """For `column == any_given("ids", Uuid)`: one of a list of values, as one parameter however long it is."""
    return cast(ColumnElement[Any], func.any(bindparam(name, type_=ARRAY(kind))))


def if_given(column: Any) -> Any:
    """A filter that may be left out: the column has the value given by its name, or null is given."""
    value = given(column.name, column.type)
    return or_(value.is_(None), column == value)


def rows_given(row: Rows, *names: str) -> TableValuedAlias:
    """The rows that a call gives as one list per column (see `by_column`), as something to select from.

    Columns that are arrays themselves cannot be given so: unnest would flatten them.
    """
    columns = [table(row).c[name] for name in names]
    lists = [bindparam(each.name, type_=ARRAY(each.type)) for each in columns]
    return func.unnest(*lists).table_valued(*(column(each.name, each.type) for each in columns)).render_derived("given")


def excluded(row: Rows) -> Any:
    """The columns of the row that a conflict kept out, in what an upsert keeps: `excluded(AccountRow).tier`."""
    return insert(table(row)).excluded


def insert_many(row: Rows, *names: str, ordered_by: Sequence[str] = (), **constants: Any) -> Insert:
    """Inserts given rows; `constants` are further columns: a value for all of them, or an expression.

    Identity columns and those with a default of the server's are left out: a null would defeat the default.
    """
    rows = rows_given(row, *names)
    target = table(row)
    further = {
        name: value if isinstance(value, ColumnElement) else bindparam(name, value, target.c[name].type)
        for name, value in constants.items()
    }
    chosen = select(*(rows.c[name] for name in names), *further.values())
    if ordered_by:
        chosen = chosen.order_by(*(rows.c[name] for name in ordered_by))
    return insert(target).from_select([*names, *further], chosen)


def upsert_many(row: Rows, *names: str, key: Sequence[str] = ("id",), keep: Mapping[str, Any] | None = None) -> Insert:
    """Inserts given rows in the order of their key; where one stands already, each further column takes the new value.

    `keep` says otherwise for some of them, for instance `coalesce(present, new)`.
    """
    rule = insert_many(row, *names, ordered_by=key)
    changes = {name: rule.excluded[name] for name in names if name not in key} | dict(keep or {})
    if not changes:
        return rule.on_conflict_do_nothing(index_elements=list(key))
    return rule.on_conflict_do_update(index_elements=list(key), set_=changes)


def update_many(row: Rows, *names: str, key: Sequence[str] = ("id",), **constants: Any) -> Update:
    """Updates the given rows by their key; `names` are the key's columns and those that change."""
    rows, target = rows_given(row, *names), table(row)
    changes = {name: rows.c[name] for name in names if name not in key}
    return update(target).values({**changes, **constants}).where(*(target.c[name] == rows.c[name] for name in key))


def insert_one(row: Rows, *names: str) -> Insert:
    """Inserts one row of given values."""
    columns = table(row).c
    return insert(table(row)).values({name: bindparam(name, type_=columns[name].type) for name in names})


def by_column(rows: Iterable[Mapping[str, S]]) -> dict[str, list[S]]:
    """Rows as one list per column: the values of a statement that was made with `rows_given`. At least one row."""
    found = list(rows)
    return {name: [row[name] for row in found] for name in found[0]}


def condition(sql: str, **kinds: TypeEngine[Any] | type[TypeEngine[Any]]) -> Any:
    """A condition in SQL of its own within a clause; its `:names` are parameters of these kinds.

    A cast is written CAST(:name AS type), because `:name::type` is not seen as a parameter here.
    """
    return text(sql).bindparams(*(bindparam(name, type_=kind) for name, kind in kinds.items()))


# ---------------------------------------------------------------------------- writing SQL


class _Compiler(PGCompiler_asyncpg):
    def visit_bindparam(self, bindparam: Any, *args: Any, **options: Any) -> str:
        if not bindparam.required:
            options["literal_binds"] = True
        return str(super().visit_bindparam(bindparam, *args, **options))  # type: ignore[no-untyped-call]  # as it comes


class _Dialect(PGDialect_asyncpg):
    statement_compiler = _Compiler


_DIALECT = _Dialect()  # type: ignore[no-untyped-call]  # as it comes
_PART = re.compile(r"\{([a-z_]+)\}")
_VALUE = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")


def _compiled(clause: Executable) -> tuple[str, tuple[str, ...]]:
    compiled = cast(Any, clause).compile(dialect=_DIALECT)
    return str(compiled), tuple(compiled.positiontup or ())


def part(clause: Executable) -> str:
    """A clause that takes no values, as SQL within another statement. Raises ValueError for one that takes some."""
    sql, names = _compiled(clause)
    if names:
        raise ValueError(f"it takes values of its own: {sorted(names)}")
    return sql


def _written(template: str, parts: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${names.setdefault(found[1], len(names) + 1)}"

    return _VALUE.sub(number, with_parts(template, **parts)), tuple(names)


def with_parts(template: str, **parts: str) -> str:
    """The SQL with each `{part}` in its place; raises KeyError for one that is not given, ValueError for one too many.

    Parts are SQL that stands in the code, never anything that came from outside.
    """
    unused = parts.keys() - set(_PART.findall(template))
    if unused:
        raise ValueError(f"the statement has no place for {sorted(unused)}")
    return _PART.sub(lambda found: parts[found[1]], template)
