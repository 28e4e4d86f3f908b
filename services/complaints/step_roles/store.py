"""Who had a part in a case, as its rows tell it."""

from dataclasses import dataclass
from uuid import UUID

from shared.statement import Reader, Statement


@dataclass(frozen=True, slots=True)
class Involved:
    """Who recorded a case, who handled or executed it in any of its rounds, and whether it is against a person."""

    recorded_by: UUID
    people: list[UUID]
    against_a_person: bool


_INVOLVED = Statement(
    """
    SELECT c.recorded_by, array_remove(
        ARRAY[c.responsible_id, c.accountable_id] || c.former_handlers
        || ARRAY(SELECT e.entered_by FROM case_entry e
                 WHERE e.complaint_id = c.id
                     AND e.what IN ('answered', 'step:investigate', 'step:propose', 'step:execute'))
        || ARRAY(SELECT s.owner_id FROM case_step s
                 WHERE s.complaint_id = c.id AND s.step IN ('investigate', 'propose', 'execute')), NULL) AS people,
        c.against_type = 'person' AS against_a_person
    FROM complaint c WHERE c.id = :id
    """,
    Involved,
)
"""By hand: it gathers ids from columns, lists and rows alike."""


async def involved(reader: Reader, case_id: UUID) -> Involved:
    found = await _INVOLVED.one(reader, id=case_id)
    if found is None:
        raise LookupError("a case that is held has its row")
    return found
