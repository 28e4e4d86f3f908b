"""Reading the links of a case."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.complaints.cases.queries import read_case
from services.complaints.context import Context
from shared.contracts.complaints import LinkRelation
from shared.statement import Statement

MOST: Final = 500


class ListedLink(NamedTuple):
    """A link as one of its cases sees it: `relation` is `parent` where the other one is the parent."""

    id: UUID
    relation: LinkRelation
    other_id: UUID
    other_number: str
    other_state: str
    made_at: datetime
    made_by: UUID


_LINKS = Statement(
    """
    SELECT l.id, CASE WHEN l.relation = 'child' AND l.other_id = :id THEN 'parent' ELSE l.relation END AS relation,
           c.id AS other_id, c.number AS other_number, c.state AS other_state, l.made_at, l.made_by
    FROM case_link l JOIN complaint c ON c.id = CASE WHEN l.complaint_id = :id THEN l.other_id ELSE l.complaint_id END
    WHERE (l.complaint_id = :id OR l.other_id = :id) AND l.undone_at IS NULL
    ORDER BY l.id LIMIT :most
    """,
    ListedLink,
)
"""By hand: from either side."""


async def list_links(context: Context, id_: UUID, *, viewer: UUID | None) -> list[ListedLink]:
    """The links of a case that nobody has undone, in the order in which they were made.

    Raises ComplaintNotFound where the case is not the viewer's to see.
    """
    await read_case(context, id_, viewer=viewer)
    return await _LINKS.all(context.database, id=id_, most=MOST)
