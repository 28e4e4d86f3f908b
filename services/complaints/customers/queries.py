"""Who is on a customer's team."""

from uuid import UUID

from shared.auth.visibility import subordinates
from shared.db import Connection

_ON_TEAM = f"SELECT EXISTS (SELECT 1 FROM customer_ref WHERE id = $1 AND team && ARRAY({subordinates('$2')}))"  # noqa: S608  names of ours


async def on_team(reader: Connection, customer_id: UUID, viewer: UUID) -> bool:
    """Whether the viewer or one of their people is on the customer's team."""
    return bool(await reader.fetchval(_ON_TEAM, customer_id, viewer))
