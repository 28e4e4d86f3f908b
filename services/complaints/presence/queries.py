"""Who of customer service is there, and how much each has in hand."""

from uuid import UUID

from services.complaints.context import Context
from services.complaints.presence.domain import Presence
from shared.statement import Reader, Statement

_EVERYBODY = Statement(
    """
    SELECT s.id AS staff_id, s.name, s.role, coalesce(p.skills, ARRAY[]::text[]) AS skills, p.away_since,
           p.away_until, p.said_by,
           (SELECT count(*) FROM complaint c WHERE c.responsible_id = s.id AND c.state = 'open') AS open_cases
    FROM directory_staff s LEFT JOIN staff_presence p ON p.staff_id = s.id
    WHERE s.active AND s.role IN ('cs_specialist', 'cs_manager')
    ORDER BY s.id
    """,
    lambda skills, **fields: Presence(skills=tuple(skills), **fields),
)
"""By hand: the count of each, by the index of open cases."""


async def everybody(context: Context) -> list[Presence]:
    """Specialists and managers of customer service at work, in the order they joined."""
    return await _EVERYBODY.all(context.database)


async def one(reader: Reader, staff_id: UUID) -> Presence | None:
    """Somebody of customer service at work."""
    return next((each for each in await _EVERYBODY.all(reader) if each.staff_id == staff_id), None)
