"""Reading lists of cases by the moment of recording, for who sees every customer and for whom they concern."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from services.complaints.cases.queries import Row
from services.complaints.context import Context
from services.complaints.lists.domain import HEAD_OF_LIST, ListOrder, ListPlace, Wanted
from services.complaints.lists.queries.clauses import (
    KEPT_STATEMENTS,
    LISTED,
    listed,
    named,
    page,
    several_of,
    values_sought,
)
from services.complaints.lists.queries.concerns import CONCERNS, OF_PEOPLE
from services.complaints.lists.queries.numbered import is_numbered, numbered_page
from shared.statement import Statement, with_parts

_AFTER_IN_LIST: Final[Mapping[ListOrder, str]] = {
    "newest": "(recorded_at, c.id) < (:recorded_at::timestamptz, :after_id::uuid)",
    "oldest": "(recorded_at, c.id) > (:recorded_at::timestamptz, :after_id::uuid)",
}
_LIST_ORDER: Final[Mapping[ListOrder, str]] = {
    "newest": "recorded_at DESC, c.id DESC",
    "oldest": "recorded_at, c.id",
}


def list_page(wanted: Wanted, order: ListOrder, most: int) -> Statement[Any]:
    """The statement of a page of a list, for who sees every customer."""
    if is_numbered(wanted):
        return numbered_page(wanted, order, most)
    parts, of_parts = several_of(wanted)
    conditions = (*of_parts, *listed(wanted), _AFTER_IN_LIST[order])
    return page(LISTED, conditions, tuple(parts), _LIST_ORDER[order], most)


@lru_cache(KEPT_STATEMENTS)
def _concerning(
    columns: str, conditions: Sequence[str], parts: Sequence[str], order: ListOrder, most: int
) -> Statement[Any]:
    order_by, number = _LIST_ORDER[order], f"{most:d}"
    places = " UNION ".join(
        with_parts(
            """
            SELECT place.* FROM {source}, LATERAL (
                SELECT c.id, c.recorded_at FROM complaint c WHERE {where} ORDER BY {order} LIMIT {most}
            ) AS place
            """,
            source=", ".join((source, *parts)),
            where=" AND ".join((concerns, *conditions)),
            order=order_by,
            most=number,
        )
        for source, concerns in CONCERNS
    )
    return Statement(
        """
        {people} SELECT {columns} FROM complaint c
        WHERE c.id IN (SELECT c.id FROM ({places}) AS c ORDER BY {order} LIMIT {most}) ORDER BY {order}
        """,
        people=OF_PEOPLE,
        columns=columns,
        places=places,
        order=order_by,
        most=number,
    )


def concerning_page(
    wanted: Wanted, order: ListOrder, most: int, *, columns: str = LISTED, saying: Sequence[str] = ()
) -> Statement[Any]:
    """The statement of a page of a list, for who sees what concerns them; `saying` are conditions on the words."""
    if is_numbered(wanted):
        return numbered_page(wanted, order, most, columns=columns, concerning=True, saying=bool(saying))
    parts, of_parts = several_of(wanted)
    conditions = (*of_parts, *listed(wanted), *saying, _AFTER_IN_LIST[order])
    return _concerning(columns, conditions, tuple(parts), order, most)


async def list_cases(
    context: Context, wanted: Wanted, order: ListOrder, after: ListPlace | None, most: int, *, viewer: UUID | None
) -> list[Row]:
    """Cases by the moment of recording, after a place in the list; a viewer sees what concerns them.

    Raises SearchTooShort.
    """
    values = {**place_values(order, after), **values_sought(context, wanted), "now": context.clock.now()}
    if viewer is None:
        statement = list_page(wanted, order, most)
    else:
        statement, values["viewer"] = concerning_page(wanted, order, most), viewer
    return named(context, await statement.all(context.database, **values))


def place_values(order: ListOrder, after: ListPlace | None) -> dict[str, object]:
    """A place in a list as statements take it; the head of the list where there is none."""
    recorded_at, id_ = after or HEAD_OF_LIST[order]
    return {"recorded_at": recorded_at, "after_id": id_}


def place_of(row: Row) -> ListPlace:
    """Where a case stands in a list."""
    return row["recorded_at"], UUID(row["id"])
