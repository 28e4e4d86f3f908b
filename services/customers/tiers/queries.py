"""Reads of policies, months and tiers that answer requests, and when what is due by itself is due next."""

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from services.customers.context import Context
from services.customers.heads.store import rows
from services.customers.heads.store.visibility import sees
from services.customers.tiers.domain.months import ClosedMonth
from services.customers.tiers.domain.overrides import Override, OverrideNotFound
from services.customers.tiers.domain.policies import Policy, TierPolicyNotFound
from services.customers.tiers.domain.standing import Earned, Rules, TierChange
from services.customers.tiers.store import months, overrides, policies, standing
from services.customers.tiers.store.judging import UNPINNED, earned_tables, rules_arguments

_POLICY = f"SELECT {policies.COLUMNS} FROM tier_policy WHERE id = $1"  # noqa: S608  constant column list
_POLICIES = f"SELECT {policies.COLUMNS} FROM tier_policy WHERE version > $1 ORDER BY version LIMIT $2"  # noqa: S608  constant column list
_NEXT_START = "SELECT min(starts_on) FROM tier_policy WHERE NOT applied"
_CLOSED_MONTHS = f"SELECT {months.COLUMNS} FROM closed_month WHERE month > $1 ORDER BY month LIMIT $2"  # noqa: S608  constant column list
_CHANGES = """
SELECT version, from_tier, to_tier, at, cause, total, policy_version, month FROM tier_change
WHERE customer_id = $1 AND version > $2 ORDER BY version LIMIT $3
"""
_NEXT_OVERRIDE_END = "SELECT min(until) FROM tier_override WHERE ended_at IS NULL"

_PREVIEW_FROM = f"""
WITH {earned_tables("", "true", 1)},
moving AS MATERIALIZED (SELECT * FROM both_judged b WHERE b.tier <> b.standing AND {UNPINNED.format("b")})
"""  # noqa: S608  parts of this file
_PREVIEW_COUNTS = f"""{_PREVIEW_FROM}
SELECT standing, tier, count(*) AS customers FROM moving GROUP BY standing, tier
"""  # noqa: S608  parts of this file
_PREVIEW_LIST = f"""{_PREVIEW_FROM}
SELECT id AS customer_id, standing, tier, total, policy_version FROM moving m
WHERE ($5::uuid IS NULL OR id > $5) AND {sees("$7", "m.id")} ORDER BY id LIMIT $6
"""  # noqa: S608  parts of this file


async def policy(context: Context, id_: UUID) -> Policy:
    """Raises TierPolicyNotFound."""
    row = await context.database.fetchrow(_POLICY, id_)
    if row is None:
        raise TierPolicyNotFound("no tier policy has this id")
    return Policy(**row)


async def policies_after(context: Context, version: int, limit: int) -> list[Policy]:
    return [Policy(**row) for row in await context.database.fetch(_POLICIES, version, limit)]


async def preview(
    context: Context, id_: UUID, after: UUID | None, limit: int, *, viewer: UUID | None
) -> tuple[Policy, dict[str, int], Sequence[Earned]]:
    """Who would move, from where to where, if the policy held now: for the latest closed window and the running month.

    Customers whose tier is set by hand would not move. Counted is everybody ("B>C" -> customers), listed by id whom the
    viewer sees. Raises TierPolicyNotFound.
    """
    asked = await policy(context, id_)
    now = await standing.rules_now(context, context.database)
    then = rules_arguments(Rules(now.closed, asked.version, now.running, asked.version))
    counts = await context.database.fetch(_PREVIEW_COUNTS, *then)
    moving = await context.database.fetch(_PREVIEW_LIST, *then, after, limit, viewer)
    moves = {f"{row['standing']}>{row['tier']}": row["customers"] for row in counts}
    return asked, moves, [Earned(**row) for row in moving]


async def closed_after(context: Context, ordinal: int, limit: int) -> list[ClosedMonth]:
    """Closed months after the one with that ordinal, oldest first."""
    return [months.closed_of(row) for row in await context.database.fetch(_CLOSED_MONTHS, ordinal, limit)]


async def history(
    context: Context, customer_id: UUID, after: int, limit: int, *, viewer: UUID | None
) -> list[TierChange]:
    """A customer's changes of tier after a version, oldest first. Raises CustomerNotFound."""
    await rows.head(context.database, customer_id, viewer=viewer)
    found = await context.database.fetch(_CHANGES, customer_id, after, limit)
    return [TierChange(**{**row, "month": months.month_of(row["month"])}) for row in found]


async def override(context: Context, customer_id: UUID, *, viewer: UUID | None) -> tuple[Override, int]:
    """The override that stands and the customer's version. Raises CustomerNotFound or OverrideNotFound."""
    head = await rows.head(context.database, customer_id, viewer=viewer)
    found = await overrides.override(context.database, customer_id)
    if found is None:
        raise OverrideNotFound("nothing is set by hand for this customer")
    return found, head.version


async def next_policy_start(context: Context) -> datetime | None:
    """When the next announced policy starts: the first moment of its day in the company's zone."""
    day = await context.database.fetchval(_NEXT_START)
    return None if day is None else datetime.combine(day, time(), context.runtime.zone)


async def next_override_end(context: Context) -> datetime | None:
    """When the next override runs out."""
    moment: datetime | None = await context.database.fetchval(_NEXT_OVERRIDE_END)
    return moment
