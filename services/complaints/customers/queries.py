"""Who is on a customer's team."""

from uuid import UUID

from shared.auth.visibility import subordinates
from shared.db import Connection
from shared.statement import Scalar

_ON_TEAM = Scalar(
    "SELECT EXISTS (SELECT 1 FROM customer_ref WHERE id = :customer_id AND team && ARRAY({people}))",
    bool,
    people=subordinates(),
)
"""By hand: whom a viewer sees through is a part of SQL that every service shares."""


async def on_team(reader: Connection, customer_id: UUID, viewer: UUID) -> bool:
    """Whether the viewer or one of their people is on the customer's team."""
    return await _ON_TEAM.only(reader, customer_id=customer_id, viewer=viewer)
