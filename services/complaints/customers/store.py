"""What is kept of customers: that they exist, their tier, and who serves them."""

from uuid import UUID

from services.complaints.customers.domain import tier_of
from shared.contracts.customers import Tier
from shared.db import Connection

_STUBS = """
INSERT INTO customer_ref AS c (id, tier_rank, team)
SELECT id, rank, '{}' FROM unnest($1::uuid[], $2::smallint[]) AS t(id, rank) ORDER BY id
ON CONFLICT (id) DO UPDATE SET tier_rank = EXCLUDED.tier_rank
WHERE c.tier_rank IS NULL AND EXCLUDED.tier_rank IS NOT NULL
"""
_TIERS = """
INSERT INTO customer_ref (id, tier_rank, team)
SELECT id, rank, '{}' FROM unnest($1::uuid[], $2::smallint[]) AS t(id, rank) ORDER BY id
ON CONFLICT (id) DO UPDATE SET tier_rank = EXCLUDED.tier_rank
"""
_TEAMS = """
INSERT INTO customer_ref (id, specialist_id, team)
SELECT id, specialist_id, team::uuid[]
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS t(id, specialist_id, team) ORDER BY id
ON CONFLICT (id) DO UPDATE SET specialist_id = EXCLUDED.specialist_id, team = EXCLUDED.team
"""


async def keep_customers(transaction: Connection, ranks: dict[UUID, int | None]) -> None:
    """Hears of customers; a tier that a later event has said already stays."""
    await transaction.execute(_STUBS, list(ranks), list(ranks.values()))


async def keep_tiers(transaction: Connection, ranks: dict[UUID, int]) -> None:
    await transaction.execute(_TIERS, list(ranks), list(ranks.values()))


async def keep_teams(transaction: Connection, teams: dict[UUID, dict[str, UUID]]) -> None:
    """Keeps who serves the customers."""
    await transaction.execute(
        _TEAMS,
        list(teams),
        [team.get("cs_specialist") for team in teams.values()],
        ["{" + ",".join(str(member) for member in team.values()) + "}" for team in teams.values()],
    )


async def known(reader: Connection, id_: UUID) -> bool:
    """Whether the customer has been heard of."""
    return bool(await reader.fetchval("SELECT EXISTS (SELECT 1 FROM customer_ref WHERE id = $1)", id_))


async def present_tier(transaction: Connection, id_: UUID | None) -> Tier | None:
    """The customer's tier now; the row is held so that it does not change before the case is saved."""
    rank = await transaction.fetchval("SELECT tier_rank FROM customer_ref WHERE id = $1 FOR SHARE", id_)
    return tier_of(rank) if rank is not None else None
