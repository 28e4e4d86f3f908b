"""Tier policies in the database."""

from datetime import date
from uuid import UUID

from services.customers.tiers.domain.policies import NewPolicy, Policy
from shared.db import Connection, Database

COLUMNS = """version, id, threshold_a, threshold_b, threshold_c, factor_mid, factor_high, window_months, up_at_once,
starts_on, announced_on, applied"""
_LOCK_POLICIES = "LOCK TABLE tier_policy IN SHARE ROW EXCLUSIVE MODE"
_ADD_POLICY = f"""
INSERT INTO tier_policy ({COLUMNS})
SELECT max(version) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, false FROM tier_policy
RETURNING {COLUMNS}
"""  # noqa: S608  constant column list
_IN_FORCE = "SELECT version FROM tier_policy WHERE starts_on <= $1 ORDER BY version DESC LIMIT 1"
_FOR_MONTH = (
    "SELECT version FROM tier_policy WHERE starts_on <= greatest($1, announced_on) ORDER BY version DESC LIMIT 1"
)
_APPLY = "UPDATE tier_policy SET applied = true WHERE NOT applied AND starts_on <= $1 RETURNING version"


async def add_policy(transaction: Connection, id_: UUID, new: NewPolicy, announced_on: date) -> Policy:
    await transaction.execute(_LOCK_POLICIES)
    row = await transaction.fetchrow(
        _ADD_POLICY,
        id_,
        new.threshold_a,
        new.threshold_b,
        new.threshold_c,
        new.factor_mid,
        new.factor_high,
        new.window_months,
        new.up_at_once,
        new.starts_on,
        announced_on,
    )
    assert row is not None  # noqa: S101  an aggregate always has a row
    return Policy(**row)


async def version_in_force(reader: Connection | Database, day: date) -> int:
    """The policy of a day; a later version supersedes an earlier one once it has started."""
    version: int = await reader.fetchval(_IN_FORCE, day)
    return version


async def version_for_month(reader: Connection, last_day: date) -> int:
    """The policy that judges a month at its first close.

    A policy announced for a later day judges months that end on that day or after. One that held from the day it was
    recorded, or from before, judges every month closed since: so a takeover is judged by the policy made for it.
    """
    version: int = await reader.fetchval(_FOR_MONTH, last_day)
    return version


async def apply_started(transaction: Connection, day: date) -> list[int]:
    """Marks policies that have started by `day`; returns their versions."""
    return [row["version"] for row in await transaction.fetch(_APPLY, day)]
