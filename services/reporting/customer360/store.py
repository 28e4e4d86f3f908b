"""What customers say of a customer, in the database."""

from collections.abc import Sequence

from services.reporting.timeline import store as timeline
from services.reporting.timeline.domain import NewTimelineEntry
from shared.contracts import customers
from shared.db import Connection

_KEEP_REGISTERED = """
INSERT INTO customer AS c (id, kind, external_no, region_id, tier, tier_since, registered_at)
SELECT id, kind, external_no, region_id, tier, registered_at, registered_at
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::timestamptz[])
    AS t(id, kind, external_no, region_id, tier, registered_at)
ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind, external_no = EXCLUDED.external_no,
    region_id = EXCLUDED.region_id, tier = coalesce(c.tier, EXCLUDED.tier),
    tier_since = coalesce(c.tier_since, EXCLUDED.tier_since), registered_at = EXCLUDED.registered_at
"""
_KEEP_UPDATED = """
INSERT INTO customer (id, kind, external_no, region_id)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[])
ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind, external_no = EXCLUDED.external_no,
    region_id = EXCLUDED.region_id
"""
_KEEP_TEAMS = """
INSERT INTO customer (id, team) SELECT * FROM unnest($1::uuid[], $2::jsonb[])
ON CONFLICT (id) DO UPDATE SET team = EXCLUDED.team
"""
_KEEP_TIERS = """
INSERT INTO customer (id, tier, tier_since) SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[])
ON CONFLICT (id) DO UPDATE SET tier = EXCLUDED.tier, tier_since = EXCLUDED.tier_since
"""
_COUNT_PURCHASES = f"""
WITH added AS ({timeline.ADD} RETURNING customer_id, at, amount)
INSERT INTO customer AS c (id, purchases, purchased, first_purchase_at, last_purchase_at)
SELECT customer_id, count(*), sum(amount), min(at), max(at) FROM added GROUP BY customer_id
ON CONFLICT (id) DO UPDATE SET purchases = c.purchases + EXCLUDED.purchases,
    purchased = c.purchased + EXCLUDED.purchased,
    first_purchase_at = least(c.first_purchase_at, EXCLUDED.first_purchase_at),
    last_purchase_at = greatest(c.last_purchase_at, EXCLUDED.last_purchase_at)
"""  # noqa: S608  put together from constants
_COUNT_RETURNS = f"""
WITH added AS ({timeline.ADD} RETURNING customer_id, amount)
INSERT INTO customer AS c (id, returns, purchased)
SELECT customer_id, count(*), sum(amount) FROM added GROUP BY customer_id
ON CONFLICT (id) DO UPDATE SET returns = c.returns + EXCLUDED.returns,
    purchased = c.purchased + EXCLUDED.purchased
"""  # noqa: S608  put together from constants


async def keep_registered(transaction: Connection, facts: Sequence[customers.CustomerRegistered]) -> None:
    await transaction.execute(
        _KEEP_REGISTERED,
        [fact.customer_id for fact in facts],
        [fact.kind for fact in facts],
        [fact.external_no for fact in facts],
        [fact.region_id for fact in facts],
        [fact.tier for fact in facts],
        [fact.registered_at for fact in facts],
    )


async def keep_updated(transaction: Connection, facts: Sequence[customers.CustomerUpdated]) -> None:
    await transaction.execute(
        _KEEP_UPDATED,
        [fact.customer_id for fact in facts],
        [fact.kind for fact in facts],
        [fact.external_no for fact in facts],
        [fact.region_id for fact in facts],
    )


async def keep_teams(transaction: Connection, facts: Sequence[customers.AccountTeamChanged]) -> None:
    await transaction.execute(
        _KEEP_TEAMS,
        [fact.customer_id for fact in facts],
        [{role: str(staff_id) for role, staff_id in fact.team.items()} for fact in facts],
    )


async def keep_tiers(transaction: Connection, facts: Sequence[customers.TierChanged]) -> None:
    await transaction.execute(
        _KEEP_TIERS,
        [fact.customer_id for fact in facts],
        [fact.to_tier for fact in facts],
        [fact.at for fact in facts],
    )


async def add_purchases(transaction: Connection, type_: str, entries: Sequence[NewTimelineEntry]) -> None:
    """Adds purchases to their timelines; those that did not stand there are counted and summed at their customers."""
    await transaction.execute(_COUNT_PURCHASES, *timeline.arguments(type_, entries))


async def add_returns(transaction: Connection, type_: str, entries: Sequence[NewTimelineEntry]) -> None:
    """The same for returns, whose amounts are negative."""
    await transaction.execute(_COUNT_RETURNS, *timeline.arguments(type_, entries))
