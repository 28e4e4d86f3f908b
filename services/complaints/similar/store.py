"""Keeping what stands for the words of cases."""

from collections.abc import Collection
from uuid import UUID

from services.complaints.similar.domain import STAND_FOR_IT
from shared.db import Connection
from shared.statement import Statement

_KEEP = Statement(
    """
    INSERT INTO case_sketch (gram, complaint_id)
    SELECT smallest.gram, t.complaint_id
    FROM case_trace t, LATERAL (SELECT gram FROM unnest(t.grams) AS gram ORDER BY gram LIMIT :most) AS smallest
    WHERE t.complaint_id = ANY(:ids::uuid[])
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING
    """
)
"""By hand: the smallest of each array, without its coming here."""


async def keep(transaction: Connection, ids: Collection[UUID]) -> None:
    """Keeps what stands for these cases, from what they are found by."""
    await _KEEP.execute(transaction, ids=list(ids), most=STAND_FOR_IT)
