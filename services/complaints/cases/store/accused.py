"""Whom a case is against, in person: they do not handle it (domain 3.2)."""

from collections.abc import Sequence
from uuid import UUID

from services.complaints.cases.domain import Accused
from services.complaints.response_clocks.store import people_around
from shared.statement import Reader, Statement
from shared.succession import at_work

_ACCUSED = Statement(
    """
    SELECT c.id, array_remove(ARRAY[c.accountable_id, CASE c.against_type
            WHEN 'person' THEN c.against_id
            WHEN 'department' THEN (SELECT d.manager_id FROM directory_department d WHERE d.id = c.against_id)
        END], NULL) AS people
    FROM complaint c WHERE c.id = ANY(:ids::uuid[])
    """
)
"""By hand: it gathers ids from columns and the directory alike."""


async def accused_of(reader: Reader, ids: Sequence[UUID]) -> dict[UUID, Accused]:
    """Whom each of these cases is against: the accountable person, the person or the department's manager it was
    recorded against, and who does the work of those of them who left."""
    rows = await _ACCUSED.all(reader, ids=list(ids))
    named = {row["id"]: frozenset(row["people"]) for row in rows}
    everybody: frozenset[UUID] = frozenset().union(*named.values())
    around = await people_around(reader, everybody) if everybody else {}
    instead = {id_: at_work(around, id_) or id_ for id_ in everybody}
    return {id_: Accused(people.union(instead[each] for each in people)) for id_, people in named.items()}


async def accused_in(reader: Reader, id_: UUID) -> Accused:
    """The same of one case."""
    return (await accused_of(reader, [id_])).get(id_, Accused(frozenset()))
