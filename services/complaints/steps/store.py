"""Statements about steps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.complaints.cases.domain import Case, tier_of
from services.complaints.response_clocks.domain import Tier
from services.complaints.steps.domain import Step
from shared.db import Connection

_KEEP = """
INSERT INTO case_step (complaint_id, round, step, owner_id, done_at, entry_id) VALUES ($1, $2, $3, $4, $5, $6)
"""
_STEPS = """
SELECT round, step, owner_id, done_at FROM case_step WHERE complaint_id = $1 ORDER BY round, done_at, entry_id
"""


async def done(reader: Connection, case: Case) -> set[str]:
    """The steps that are done in the case's present round."""
    rows = await reader.fetch("SELECT step FROM case_step WHERE complaint_id = $1 AND round = $2", case.id, case.round)
    return {row["step"] for row in rows}


async def keep_step(
    transaction: Connection, case: Case, step: Step, owner_id: UUID, done_at: datetime, entry_id: UUID
) -> None:
    await transaction.execute(_KEEP, case.id, case.round, step, owner_id, done_at, entry_id)


async def steps(reader: Connection, complaint_id: UUID) -> list[Any]:
    rows: list[Any] = await reader.fetch(_STEPS, complaint_id)
    return rows


async def present_tier(transaction: Connection, customer_id: UUID | None) -> Tier | None:
    """The customer's tier now; the row is held so that it does not change before the case is saved."""
    rank = await transaction.fetchval("SELECT tier_rank FROM customer_ref WHERE id = $1 FOR SHARE", customer_id)
    return tier_of(rank) if rank is not None else None
