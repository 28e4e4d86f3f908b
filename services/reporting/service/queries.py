"""What was owed to a customer, and what was met and missed in a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from services.reporting.context import Context
from services.reporting.service.domain import Figures, PersonInRole, summed
from shared import directory
from shared.db import Connection
from shared.directory import StaffMember
from shared.months import Month

RECENT = 20

_COUNTS = "SELECT state, count(*) AS touches FROM touch WHERE customer_id = $1 GROUP BY state"
_LAST = "SELECT * FROM touch WHERE customer_id = $1 AND done_at IS NOT NULL ORDER BY done_at DESC, id DESC LIMIT 1"
_NEXT = "SELECT * FROM touch WHERE customer_id = $1 AND state = 'open' ORDER BY due_at, id LIMIT 1"
_RECENT = "SELECT * FROM touch WHERE customer_id = $1 ORDER BY due_at DESC, id DESC LIMIT $2"
_MONTH = """
SELECT t.role, t.assignee_id, s.department_id,
       count(*) FILTER (WHERE t.done_at IS NOT NULL AND t.missed_at IS NULL) AS met,
       count(*) FILTER (WHERE t.missed_at IS NOT NULL) AS missed,
       count(*) FILTER (WHERE t.missed_at IS NOT NULL AND t.done_at IS NOT NULL) AS made_good,
       count(*) FILTER (WHERE t.state = 'open') AS open
FROM touch t LEFT JOIN directory_staff s ON s.id = t.assignee_id
WHERE t.month = $1 AND t.kind = $2
GROUP BY 1, 2, 3 ORDER BY 1, 2 NULLS LAST
"""


@dataclass(frozen=True, slots=True)
class Touches:
    """A customer's touches: how many per state, the last one done, the next one due, and the recent ones."""

    counts: dict[str, int]
    last: Record | None
    next: Record | None
    recent: Sequence[Record]


@dataclass(frozen=True, slots=True)
class MonthOfService:
    """Figures of a month with what is needed to name people."""

    people: dict[PersonInRole, Figures]
    staff: dict[UUID, StaffMember]
    departments: dict[UUID, str]

    @property
    def total(self) -> Figures:
        return sum(self.people.values(), Figures())

    @property
    def roles(self) -> dict[str, Figures]:
        return summed((person.role, figures) for person, figures in self.people.items())

    @property
    def by_department(self) -> dict[UUID | None, Figures]:
        return summed((person.department_id, figures) for person, figures in self.people.items())


async def touches_of(reader: Connection, customer_id: UUID) -> Touches:
    """What was owed to one customer and what became of it."""
    counts = await reader.fetch(_COUNTS, customer_id)
    return Touches(
        counts={row["state"]: row["touches"] for row in counts},
        last=await reader.fetchrow(_LAST, customer_id),
        next=await reader.fetchrow(_NEXT, customer_id),
        recent=await reader.fetch(_RECENT, customer_id, RECENT),
    )


async def month_of(context: Context, month: Month, kind: str) -> MonthOfService:
    """What was met and missed of the touches of a kind whose window ends in the month."""
    async with context.database.connection() as reader:
        people = await _people(reader, month, kind)
        staff = await directory.staff(reader, [person.staff_id for person in people if person.staff_id])
        return MonthOfService(people, staff, await _departments(reader))


async def _people(reader: Connection, month: Month, kind: str) -> dict[PersonInRole, Figures]:
    """Figures per role and person of the touches of a kind whose window ends in the month."""
    rows = await reader.fetch(_MONTH, str(month), kind)
    return {
        PersonInRole(row["role"], row["assignee_id"], row["department_id"]): Figures(
            row["met"], row["missed"], row["made_good"], row["open"]
        )
        for row in rows
    }


async def _departments(reader: Connection) -> dict[UUID, str]:
    """The names of all departments."""
    return {row["id"]: row["name"] for row in await reader.fetch("SELECT id, name FROM directory_department")}
