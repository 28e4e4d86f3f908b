"""Clock policies in the database: every version stays."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.complaints.rulebook.domain.policies import ClockPolicy
from shared.db import Connection

_POLICY_COLUMNS = "id, version, answer_seconds, tier, subject, calendar, starts_at"
_ADD_POLICY = """
INSERT INTO clock_policy (version, id, answer_seconds, tier, subject, calendar, starts_at, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def every(reader: Connection) -> list[ClockPolicy]:
    """Every version, the latest first."""
    rows = await reader.fetch(f"SELECT {_POLICY_COLUMNS} FROM clock_policy ORDER BY version DESC")  # noqa: S608  constant column list
    return [_policy(row) for row in rows]


async def before(reader: Connection, version: int, limit: int) -> list[ClockPolicy]:
    rows = await reader.fetch(
        f"SELECT {_POLICY_COLUMNS} FROM clock_policy WHERE version < $1 ORDER BY version DESC LIMIT $2",  # noqa: S608  constant column list
        version,
        limit,
    )
    return [_policy(row) for row in rows]


def _policy(row: Any) -> ClockPolicy:
    return ClockPolicy(
        id=row["id"],
        version=row["version"],
        answer_within=timedelta(seconds=row["answer_seconds"]),
        tier=row["tier"],
        subject=row["subject"],
        calendar=row["calendar"],
        starts_at=row["starts_at"],
    )


async def latest_version(reader: Connection) -> int:
    version: int = await reader.fetchval("SELECT max(version) FROM clock_policy")
    return version


async def add(transaction: Connection, policy: ClockPolicy, created_at: datetime, created_by: UUID) -> None:
    await transaction.execute(
        _ADD_POLICY,
        policy.version,
        policy.id,
        int(policy.answer_within.total_seconds()),
        policy.tier,
        policy.subject,
        policy.calendar,
        policy.starts_at,
        created_at,
        created_by,
    )
