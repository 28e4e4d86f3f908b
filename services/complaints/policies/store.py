"""Versions of policies in the database: every one stays."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.policies.domain import PolicyName, PolicyVersion
from services.complaints.policies.tables import CasePolicyRow
from shared.db import Connection
from shared.statement import Reader, Statement, given, insert_one, table

_KEPT = ("policy", "version", "id", "definition", "starts_at")
_OF_ONE = col(CasePolicyRow.policy) == given("policy")
_LATEST_FIRST = (
    select(*(table(CasePolicyRow).c[name] for name in _KEPT)).where(_OF_ONE).order_by(col(CasePolicyRow.version).desc())
)
_IN_FORCE = Statement(_LATEST_FIRST.where(col(CasePolicyRow.starts_at) <= given("at")).limit(1), PolicyVersion)
_BELOW = Statement(
    _LATEST_FIRST.where(col(CasePolicyRow.version) < given("version")).limit(given("most")), PolicyVersion
)
_OF_VERSION = Statement(_LATEST_FIRST.where(col(CasePolicyRow.version) == given("version")), PolicyVersion)
_LATEST = Statement(_LATEST_FIRST.limit(1), PolicyVersion)
_HOLD = Statement(select(col(CasePolicyRow.version)).where(_OF_ONE, col(CasePolicyRow.version) == 1).with_for_update())
"""The first version stands for the policy: who holds it writes the next one alone."""
_ADD = Statement(insert_one(CasePolicyRow, *_KEPT, "created_at", "created_by"))


async def in_force(reader: Reader, policy: PolicyName, at: datetime) -> PolicyVersion:
    """The latest version that has started by then; the first one has always been in force."""
    found = await _IN_FORCE.one(reader, policy=policy, at=at)
    if found is None:
        raise LookupError(f"the first version of {policy} came with its table")
    return found


async def of_version(reader: Reader, policy: PolicyName, version: int) -> PolicyVersion:
    """A version that is there."""
    found = await _OF_VERSION.one(reader, policy=policy, version=version)
    if found is None:
        raise LookupError(f"{policy} has no version {version}")
    return found


async def below(reader: Reader, policy: PolicyName, version: int, most: int) -> list[PolicyVersion]:
    """So many versions below one, the latest first."""
    return await _BELOW.all(reader, policy=policy, version=version, most=most)


async def hold_latest(transaction: Connection, policy: PolicyName) -> PolicyVersion:
    """The latest version; nobody else writes one until the transaction ends."""
    await _HOLD.execute(transaction, policy=policy)
    found = await _LATEST.one(transaction, policy=policy)
    if found is None:
        raise LookupError(f"the first version of {policy} came with its table")
    return found


async def add(transaction: Connection, policy: PolicyVersion, created_at: datetime, created_by: UUID) -> None:
    await _ADD.execute(transaction, **asdict(policy), created_at=created_at, created_by=created_by)
