"""Reading which cases repeat each other."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from services.complaints.cases.queries import require_seen
from services.complaints.context import Context
from shared.statement import Statement

MOST: Final = 500


@dataclass(frozen=True, slots=True)
class ListedRepeat:
    """A case of a group: the how-manieth it is, 0 where it does not count, and which case was before it."""

    id: UUID
    number: str
    state: str
    recorded_at: datetime
    count: int
    of: UUID | None


_OF_GROUP = Statement(
    """
    SELECT c.id, c.number, c.state, c.recorded_at, coalesce(c.repeat_count, 1)::integer AS count, c.repeat_of AS of
    FROM repeat_case mine JOIN repeat_case r USING (party, subject, month) JOIN complaint c ON c.id = r.complaint_id
    WHERE mine.complaint_id = :id ORDER BY c.recorded_at, c.id LIMIT :most
    """,
    ListedRepeat,
)
"""By hand: a group has no row of its own."""


async def list_repeats(context: Context, id_: UUID, *, viewer: UUID | None) -> list[ListedRepeat]:
    """The cases about the same subject against the same party in the month of this one, which is among them, in the
    order in which they were recorded; none where nothing can repeat it.

    Raises ComplaintNotFound where the case is not the viewer's to see.
    """
    await require_seen(context, id_, viewer=viewer)
    return await _OF_GROUP.all(context.database, id=id_, most=MOST)
