"""Versions of the assignment policy."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.assignment.domain.policies import FIRST, AssignmentPolicy
from services.complaints.assignment.tables import AssignmentPolicyRow
from shared.db import Connection
from shared.statement import Reader, Statement, insert_one, table


def _policy(version: int, most_open: int, silent_seconds: int) -> AssignmentPolicy:
    return AssignmentPolicy(version, most_open, timedelta(seconds=silent_seconds))


_versions = select(
    col(AssignmentPolicyRow.version), col(AssignmentPolicyRow.most_open), col(AssignmentPolicyRow.silent_seconds)
).order_by(col(AssignmentPolicyRow.version).desc())
_LATEST = Statement(_versions.limit(1), _policy)
_ALL = Statement(_versions, _policy)
_ADD = Statement(insert_one(AssignmentPolicyRow, *table(AssignmentPolicyRow).c.keys()))
_LOCK = Statement("SELECT pg_advisory_xact_lock(4018, 22)")
"""By hand: a lock that no row stands for, so that two versions written at once have two numbers."""


async def in_force(reader: Reader) -> AssignmentPolicy:
    return await _LATEST.one(reader) or FIRST


async def versions(reader: Reader) -> list[AssignmentPolicy]:
    """Every version, the latest first; the first one is there before anything is written."""
    return [*await _ALL.all(reader), FIRST]


async def add(
    transaction: Connection, most_open: int, silent_after: timedelta, at: datetime, by: UUID
) -> AssignmentPolicy:
    """The next version."""
    await _LOCK.execute(transaction)
    before = await in_force(transaction)
    policy = replace(before, version=before.version + 1, most_open=most_open, silent_after=silent_after)
    await _ADD.execute(
        transaction,
        version=policy.version,
        most_open=most_open,
        silent_seconds=int(silent_after.total_seconds()),
        created_at=at,
        created_by=by,
    )
    return policy
