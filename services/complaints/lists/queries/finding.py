"""Finding cases by what their sealed words say: candidates by the hashes of bigrams, each verified once it is unsealed.

How often its bigrams occur decides how a text is found: where one of them is rare, by the index of hashes; where all
are frequent, by a look at the newest cases, because the index would give every case that has them before the newest
could be chosen. The planner cannot judge that: it takes the bigrams of a word for independent of each other.
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
    listed,
    named,
    one_of_several,
    values_sought,
)
from services.complaints.lists.queries.listing import concerning_page, place_of, place_values
from services.complaints.lists.queries.numbered import is_numbered, numbered_page
from services.complaints.search.queries import are_frequent, grams_sought, verified
from shared.db import Connection
from shared.statement import Statement, with_parts

ROUNDS: Final = 5
"""Pages of candidates that a request looks at; where few of them say what is sought, the cursor goes on from there."""
_SAYS: Final = "EXISTS (SELECT FROM case_trace t WHERE t.complaint_id = c.id AND t.grams @> :grams)"
_AFTER: Final = {"newest": "<", "oldest": ">"}
_DIRECTION: Final = {"newest": "DESC", "oldest": "ASC"}


_SOURCE: Final = "case_trace t"
_NEWEST: Final = """(
    SELECT w.complaint_id, w.at, w.grams FROM case_trace w
    WHERE (w.at, w.complaint_id) {after} (:recorded_at::timestamptz, :after_id::uuid)
    ORDER BY w.at {direction}, w.complaint_id {direction} LIMIT {walked}
) AS t"""
_HAS: Final = "t.grams @> :grams"
_LOOKED_AT: Final = f"coalesce({_HAS}, false)"
"""The same, which no index answers and of which the planner expects nothing."""
WALKED: Final = 30_000
"""Cases that are looked at one by one where every bigram of a text is frequent."""


@lru_cache(KEPT_STATEMENTS)
def _page(conditions: Sequence[str], order: ListOrder, most: int, *, walked: bool) -> Statement[Any]:
    direction = {"after": _AFTER[order], "direction": _DIRECTION[order]}
    return Statement(
        """
        SELECT {columns} FROM (
            SELECT t.complaint_id, t.at FROM {source} {joined}
            WHERE {says} AND {conditions}
                (t.at, t.complaint_id) {after} (:recorded_at::timestamptz, :after_id::uuid)
            ORDER BY t.at {direction}, t.complaint_id {direction} LIMIT {most}
        ) AS found JOIN complaint c ON c.id = found.complaint_id
        ORDER BY found.at {direction}, c.id {direction}
        """,
        columns=FOUND,
        source=with_parts(_NEWEST, walked=f"{WALKED:d}", **direction) if walked else _SOURCE,
        says=_LOOKED_AT if walked else _HAS,
        joined="JOIN complaint c ON c.id = t.complaint_id" if conditions else "",
        conditions="".join(f"{each} AND " for each in conditions),
        most=f"{most:d}",
        **direction,
    )


def found_page(wanted: Wanted, order: ListOrder, most: int, *, walked: bool = False) -> Statement[Any]:
    """The statement of a page of candidates, for who sees every customer: by the index of hashes, or `walked`, by a
    look at the newest cases alone; with a part of the number by that."""
    if is_numbered(wanted):
        return numbered_page(wanted, order, most, columns=FOUND, saying=True)
    return _page((*listed(wanted), *one_of_several(wanted)), order, most, walked=walked)


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
    grams = grams_sought(context, text)
    values: dict[str, Any] = {**values_sought(context, wanted), "grams": grams, "now": context.clock.now()}
    if viewer is None:
        ways = [found_page(wanted, order, limit + 1)]
        if not is_numbered(wanted) and await are_frequent(context, grams):
            ways.insert(0, found_page(wanted, order, limit + 1, walked=True))
    else:
        ways = [concerning_page(wanted, order, limit + 1, columns=FOUND, saying=(_SAYS,))]
        values["viewer"] = viewer
    return await _verified(context, text, partial(_read, reader, ways, values, order, limit + 1), after, limit)


async def _read(
    reader: Connection,
    ways: Sequence[Statement[Any]],
    values: dict[str, Any],
    order: ListOrder,
    most: int,
    after: ListPlace | None,
) -> list[Row]:
    """The candidates by the first way that gives a whole page, else by the last one, which misses none."""
    found: list[Any] = []
    for way in ways:
        found = await way.all(reader, **values, **place_values(order, after))
        if len(found) == most:
            break
    return [dict(row.items()) for row in found]


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
