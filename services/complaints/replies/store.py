"""Statements about satisfaction."""

from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case
from shared.db import Connection

_KEEP = """
INSERT INTO satisfaction (complaint_id, round, perceived, expected, at, entered_by) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING RETURNING true
"""


async def keep_satisfaction(
    transaction: Connection, case: Case, perceived: int, expected: int, at: datetime, by: UUID
) -> bool:
    """Whether it was kept: a round is judged once."""
    return bool(await transaction.fetchval(_KEEP, case.id, case.round, perceived, expected, at, by))
