"""Cases by a part of their number: read in the order of the page from an index, and only a page of them looked up.

A part may stand at several places of a count. Each place has an index in the order of lists (`search/tables.py`); what
these give is put in order before anything of a case is read, so that the number of cases that have a part costs next to
nothing. Filters are asked of the candidates one by one: what few of them meet is found by reading them all.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from services.complaints.cases.domain import CaseState
from services.complaints.lists.domain import ListOrder, Wanted
from services.complaints.lists.queries.clauses import KEPT_STATEMENTS, LISTED, listed, one_of_several
from services.complaints.lists.queries.concerns import CONCERNS, OF_PEOPLE
from services.complaints.search.domain import places_of, where_sought
from services.complaints.search.tables import digits_at, has_digits_at
from shared.statement import Statement, with_parts

_AFTER: Final[Mapping[ListOrder, str]] = {"newest": "<", "oldest": ">"}
_DIRECTION: Final[Mapping[ListOrder, str]] = {"newest": "DESC", "oldest": "ASC"}
_PLACE: Final = "(:recorded_at::timestamptz, :after_id::uuid)"
_IN_COUNT: Final = """
SELECT complaint_id, at FROM case_trace
WHERE {digits} = {sought} AND coalesce(strpos(number_reversed, :part) = {place}, false) AND {exists}
    AND (at, complaint_id) {after} {head}
"""
"""The first place counts, so that none comes twice. What is coalesced no plan expects to keep next to nothing."""
_BEGINNING: Final = """
SELECT id AS complaint_id, recorded_at AS at FROM complaint
WHERE number >= :lowest AND number < :highest AND (recorded_at, id) {after} {head}
"""
_SINCE: Final = " AND at >= (SELECT min(o.recorded_at) FROM complaint o WHERE o.state = '{state}')"
"""None that is not closed is older than the oldest of its state, mostly one of the newest cases."""
_SAYS: Final = "coalesce((SELECT t.grams @> :grams FROM case_trace t WHERE t.complaint_id = c.id), false)"
"""Asked of each candidate, and never by the index of hashes."""
_CONCERNING: Final = " OR ".join(f"EXISTS (SELECT FROM {source} WHERE {concerns})" for source, concerns in CONCERNS)


def is_numbered(wanted: Wanted) -> bool:
    """Whether a page is read by a part of the number. That of a day is a filter as others are."""
    return wanted.number_part is not None and where_sought(wanted.number_part) != "day"


def numbered_page(
    wanted: Wanted,
    order: ListOrder,
    most: int,
    *,
    columns: str = LISTED,
    concerning: bool = False,
    saying: bool = False,
) -> Statement[Any]:
    """The statement of a page: of all, or of what concerns a viewer; `saying` those that may say a text, too."""
    conditions = (*listed(wanted), *one_of_several(wanted), *((_SAYS,) if saying else ()))
    return _page(columns, conditions, _source(wanted, order), order, most, concerning=concerning)


def _source(wanted: Wanted, order: ListOrder) -> str:
    part = wanted.number_part or ""
    after = {"after": _AFTER[order], "head": _PLACE}
    if where_sought(part) == "beginning":
        return with_parts(_BEGINNING, **after)
    state = CaseState.OPEN if wanted.due_before is not None else wanted.state
    since = with_parts(_SINCE, state=state.value) if state not in (None, CaseState.CLOSED) else ""
    places, endings = places_of(part)
    return " UNION ALL ".join(
        with_parts(
            _IN_COUNT,
            digits=digits_at(place),
            sought=f":digits::text || '{ending}'" if ending else ":digits",
            place=f"{place:d}",
            exists=has_digits_at(place) or "true",
            **after,
        )
        + since
        for place in places
        for ending in endings
    )


@lru_cache(KEPT_STATEMENTS)
def _page(
    columns: str, conditions: Sequence[str], source: str, order: ListOrder, most: int, *, concerning: bool
) -> Statement[Any]:
    asked = (*conditions, f"({_CONCERNING})") if concerning else conditions
    return Statement(
        """
        {people} SELECT {columns} FROM (
            SELECT complaint_id, at FROM ({source}) AS placed ORDER BY at {direction}, complaint_id {direction}
        ) AS found JOIN complaint c ON c.id = found.complaint_id
        {where} ORDER BY found.at {direction}, found.complaint_id {direction} LIMIT {most}
        """,
        people=OF_PEOPLE if concerning else "",
        columns=columns,
        source=source,
        where=f"WHERE {' AND '.join(asked)}" if asked else "",
        direction=_DIRECTION[order],
        most=f"{most:d}",
    )
