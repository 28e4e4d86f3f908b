"""Penalty policies in the database: every version stays."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.complaints.responsibility.domain.policies import PenaltyPolicy
from services.complaints.responsibility.tables import PenaltyPolicyRow
from shared.db import Connection
from shared.statement import Reader, Statement, given, insert_one, table

_KEPT = ("id", "version", "amounts", "payer_parts", "supervisor_parts", "appeal_days", "starts_at")
_LATEST_FIRST = select(*(table(PenaltyPolicyRow).c[name] for name in _KEPT)).order_by(
    col(PenaltyPolicyRow.version).desc()
)
_EVERY = Statement(_LATEST_FIRST, PenaltyPolicy.kept)
_BELOW = Statement(
    _LATEST_FIRST.where(col(PenaltyPolicyRow.version) < given("version")).limit(given("most")), PenaltyPolicy.kept
)
_LOCK = Statement("LOCK TABLE penalty_policy IN SHARE ROW EXCLUSIVE MODE")
_ADD = Statement(insert_one(PenaltyPolicyRow, *_KEPT, "created_at", "created_by"))


async def every(reader: Reader) -> list[PenaltyPolicy]:
    """Every version, the latest first."""
    return await _EVERY.all(reader)


async def below(reader: Reader, version: int, most: int) -> list[PenaltyPolicy]:
    """So many versions below one, the latest first."""
    return await _BELOW.all(reader, version=version, most=most)


async def hold(transaction: Connection) -> None:
    """Lets nobody else write a version until the transaction ends."""
    await _LOCK.execute(transaction)


async def add(transaction: Connection, policy: PenaltyPolicy, now: datetime, by: UUID) -> None:
    amounts = {rule: str(amount) for rule, amount in policy.amounts.items()}
    await _ADD.execute(transaction, **{**asdict(policy), "amounts": amounts}, created_at=now, created_by=by)
