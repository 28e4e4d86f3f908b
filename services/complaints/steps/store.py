"""Statements about steps."""

from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.steps.domain import Step
from shared.db import Connection

_KEEP = """
INSERT INTO case_step (complaint_id, round, step, owner_id, done_at, entry_id) VALUES ($1, $2, $3, $4, $5, $6)
"""


async def done(reader: Connection, case: Case) -> set[str]:
    """The steps that are done in the case's present round."""
    rows = await reader.fetch("SELECT step FROM case_step WHERE complaint_id = $1 AND round = $2", case.id, case.round)
    return {row["step"] for row in rows}


async def keep_step(
    transaction: Connection, case: Case, step: Step, owner_id: UUID, done_at: datetime, entry_id: UUID
) -> None:
    await transaction.execute(_KEEP, case.id, case.round, step, owner_id, done_at, entry_id)
