"""Who serves the caller."""

from dataclasses import dataclass
from uuid import UUID

from shared.db import Database

_COLLEAGUES = """
SELECT t.role, s.id, s.name FROM account_team t JOIN staff s ON s.id = t.staff_id
WHERE t.customer_id = $1 ORDER BY t.role
"""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the account team, by work name."""

    id: UUID
    name: str


async def colleagues(reader: Database, customer_id: UUID) -> dict[str, Colleague]:
    """Role in the customer's team -> who sits there."""
    rows = await reader.fetch(_COLLEAGUES, customer_id)
    return {row["role"]: Colleague(row["id"], row["name"]) for row in rows}
