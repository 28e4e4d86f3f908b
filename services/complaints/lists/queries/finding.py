"""Finding cases by what their sealed words say: candidates by the hashes of bigrams, each verified once it is unsealed.

How often a bigram occurs decides how it is found: a rare one by the index of hashes, one that every tenth case has by
reading the newest cases. The planner knows which ones are frequent, but only while it sees the values; so the plan is
made for each search.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, Final
from uuid import UUID

from services.complaints.cases.queries import Row
from services.complaints.context import Context
from services.complaints.lists.domain import ListOrder, ListPlace, Wanted
from services.complaints.lists.queries.clauses import (
    FOUND,
    KEPT_STATEMENTS,
    LATE,
    asked,
    named,
    one_of_several,
    values_sought,
)
from services.complaints.lists.queries.listing import concerning_page, place_of, place_values
from services.complaints.search.queries import grams_sought, verified
from shared.db import Connection
from shared.statement import Statement

ROUNDS: Final = 5
"""Pages of candidates that a request looks at; where few of them say what is sought, the cursor goes on from there."""
PLANNED_BY_VALUES: Final = "SET LOCAL plan_cache_mode = force_custom_plan"
_SAYS: Final = "EXISTS (SELECT FROM case_trace t WHERE t.complaint_id = c.id AND t.grams @> :grams)"
_AFTER: Final = {"newest": "<", "oldest": ">"}
_DIRECTION: Final = {"newest": "DESC", "oldest": "ASC"}


@lru_cache(KEPT_STATEMENTS)
def _page(conditions: Sequence[str], order: ListOrder, most: int) -> Statement[Any]:
    joined = "JOIN complaint c ON c.id = t.complaint_id" if conditions else ""
    return Statement(
        """
        SELECT {columns} FROM (
            SELECT t.complaint_id, t.at FROM case_trace t {joined}
            WHERE t.grams @> :grams AND {conditions}
                (t.at, t.complaint_id) {after} (:recorded_at::timestamptz, :after_id::uuid)
            ORDER BY t.at {direction}, t.complaint_id {direction} LIMIT {most}
        ) AS found JOIN complaint c ON c.id = found.complaint_id
        ORDER BY found.at {direction}, c.id {direction}
        """,
        columns=FOUND,
        joined=joined,
        conditions="".join(f"{each} AND " for each in conditions),
        after=_AFTER[order],
        direction=_DIRECTION[order],
        most=f"{most:d}",
    )


def found_page(wanted: Wanted, order: ListOrder, most: int) -> Statement[Any]:
    """The statement of a page of candidates, for who sees every customer."""
    return _page((*asked(wanted, overdue=LATE), *one_of_several(wanted)), order, most)


async def find_cases(
    context: Context,
    reader: Connection,
    wanted: Wanted,
    order: ListOrder,
    after: ListPlace | None,
    limit: int,
    *,
    viewer: UUID | None,
) -> tuple[list[Row], ListPlace | None]:
    """Cases whose words contain the text, and the place after which to go on; None when there are no more.

    `reader` is in a transaction that plans by values. A page may hold fewer cases than it was asked for, or none, and
    yet not be the last one. Raises SearchTooShort.
    """
    text = wanted.text or ""
    values = {**values_sought(context, wanted), "grams": grams_sought(context, text), "now": context.clock.now()}
    if viewer is None:
        statement = found_page(wanted, order, limit + 1)
    else:
        statement, values["viewer"] = concerning_page(wanted, order, limit + 1, columns=FOUND, saying=(_SAYS,)), viewer
    return await _verified(context, text, partial(_read, reader, statement, values, order), after, limit)


async def _read(
    reader: Connection, statement: Statement[Any], values: dict[str, object], order: ListOrder, after: ListPlace | None
) -> list[Row]:
    return [dict(row.items()) for row in await statement.all(reader, **values, **place_values(order, after))]


async def _verified(
    context: Context, text: str, read: Callable[[ListPlace | None], Any], after: ListPlace | None, limit: int
) -> tuple[list[Row], ListPlace | None]:
    hits: list[Row] = []
    for _ in range(ROUNDS):
        candidates = await read(after)
        for n, row in enumerate(candidates, start=1):
            after = place_of(row)
            if verified(context, row, text):
                hits.append(row)
            if len(hits) == limit:
                return named(context, hits), after if n < len(candidates) else None
        if len(candidates) <= limit:
            return named(context, hits), None
    return named(context, hits), after
