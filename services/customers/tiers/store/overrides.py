"""Tiers set by hand, and their lines of the tier history, in the database."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.customers.tiers.domain.overrides import Override
from services.customers.tiers.domain.standing import TierChange
from shared.db import Connection, Database

_OVERRIDE = "id, customer_id, tier, reason, until, set_by, set_at"
_STANDING_OVERRIDE = f"SELECT {_OVERRIDE} FROM tier_override WHERE customer_id = $1 AND ended_at IS NULL"  # noqa: S608  constant column list
_ADD_OVERRIDE = f"INSERT INTO tier_override ({_OVERRIDE}) VALUES ($1, $2, $3, $4, $5, $6, $7)"  # noqa: S608  constant column list
_END_OVERRIDES = "UPDATE tier_override SET ended_at = $2 WHERE customer_id = ANY($1::uuid[]) AND ended_at IS NULL"
_DUE_OVERRIDES = """
SELECT customer_id FROM tier_override WHERE ended_at IS NULL AND until <= $1 ORDER BY until LIMIT $2
"""
_ADD_CHANGE = """
INSERT INTO tier_change (customer_id, version, from_tier, to_tier, at, cause, total, policy_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def override(reader: Connection | Database, customer_id: UUID) -> Override | None:
    """The override that stands for a customer."""
    row = await reader.fetchrow(_STANDING_OVERRIDE, customer_id)
    return None if row is None else Override(**row)


async def add_override(transaction: Connection, new: Override) -> None:
    await transaction.execute(
        _ADD_OVERRIDE, new.id, new.customer_id, new.tier, new.reason, new.until, new.set_by, new.set_at
    )


async def add_change(transaction: Connection, customer_id: UUID, change: TierChange) -> None:
    await transaction.execute(
        _ADD_CHANGE,
        customer_id,
        change.version,
        change.from_tier,
        change.to_tier,
        change.at,
        change.cause,
        change.total,
        change.policy_version,
    )


async def end_overrides(transaction: Connection, customers: Sequence[UUID], at: datetime) -> None:
    await transaction.execute(_END_OVERRIDES, customers, at)


async def due_overrides(reader: Connection, now: datetime, limit: int) -> list[UUID]:
    """Customers whose override has run out."""
    return [row["customer_id"] for row in await reader.fetch(_DUE_OVERRIDES, now, limit)]
