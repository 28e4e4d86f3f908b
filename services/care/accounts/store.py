"""Queries over the customers that care knows.

Whoever changes what belongs to customers locks their rows first, in the order of their ids, and only then tasks or
messages; so nobody waits in a circle.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.care.accounts.domain import Account
from shared.contracts.customers import Tier
from shared.db import Connection, Database

_REGISTER = """
INSERT INTO account AS a (id, kind, tier)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) AS t(id, kind, tier) ORDER BY id
ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind, tier = COALESCE(a.tier, EXCLUDED.tier)
"""
_SET_KINDS = """
INSERT INTO account (id, kind) SELECT * FROM unnest($1::uuid[], $2::text[]) AS t(id, kind) ORDER BY id
ON CONFLICT (id) DO UPDATE SET kind = EXCLUDED.kind
"""
_SET_TIERS = """
INSERT INTO account (id, tier) SELECT * FROM unnest($1::uuid[], $2::text[]) AS t(id, tier) ORDER BY id
ON CONFLICT (id) DO UPDATE SET tier = EXCLUDED.tier
"""
_SET_TEAMS = """
INSERT INTO account (id, team) SELECT * FROM unnest($1::uuid[], $2::jsonb[]) AS t(id, team) ORDER BY id
ON CONFLICT (id) DO UPDATE SET team = EXCLUDED.team
"""
_ENSURE = """
INSERT INTO account (id) SELECT * FROM unnest($1::uuid[]) AS t(id) ORDER BY id ON CONFLICT (id) DO NOTHING
"""
_LOCK = "SELECT id, kind, tier, team FROM account WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE"
_LOCK_FREE = "SELECT id, kind, tier, team FROM account WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED"
_FIND = "SELECT id, kind, tier, team FROM account WHERE id = $1"
_POSTPONE = """
UPDATE account SET plan_due_at = LEAST(plan_due_at, $2)
WHERE id IN (SELECT id FROM account WHERE id = ANY($1::uuid[]) AND team <> '{}' ORDER BY id FOR UPDATE)
"""
_PLANNED = "UPDATE account SET plan_due_at = NULL, matrix_version = $2 WHERE id = ANY($1::uuid[])"
_DUE = """
SELECT id FROM account WHERE plan_due_at <= $1 ORDER BY plan_due_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_OUTDATED = """
SELECT id FROM account WHERE team <> '{}' AND plan_due_at IS NULL AND matrix_version < $1
ORDER BY matrix_version LIMIT $2 FOR UPDATE SKIP LOCKED
"""
_NEXT_DUE = "SELECT min(plan_due_at) FROM account WHERE plan_due_at IS NOT NULL"


async def register(transaction: Connection, customers: Mapping[UUID, tuple[str, Tier]]) -> None:
    """Kind and first tier of new customers; a tier that is known already stays."""
    kinds, tiers = [kind for kind, _ in customers.values()], [tier for _, tier in customers.values()]
    await transaction.execute(_REGISTER, list(customers), kinds, tiers)


async def set_kinds(transaction: Connection, kinds: Mapping[UUID, str]) -> None:
    await transaction.execute(_SET_KINDS, list(kinds), list(kinds.values()))


async def set_tiers(transaction: Connection, tiers: Mapping[UUID, Tier]) -> None:
    await transaction.execute(_SET_TIERS, list(tiers), list(tiers.values()))


async def set_teams(transaction: Connection, teams: Mapping[UUID, Mapping[str, UUID]]) -> None:
    stored = [{role: str(staff) for role, staff in team.items()} for team in teams.values()]
    await transaction.execute(_SET_TEAMS, list(teams), stored)


async def ensure(transaction: Connection, ids: Collection[UUID]) -> None:
    """Makes stubs of customers that no event has told of yet (decision 3)."""
    await transaction.execute(_ENSURE, list(ids))


async def lock(transaction: Connection, ids: Collection[UUID]) -> list[Account]:
    """Locks the rows of known customers among `ids`."""
    return [_account(row) for row in await transaction.fetch(_LOCK, list(ids))] if ids else []


async def lock_free(transaction: Connection, ids: Collection[UUID]) -> list[Account]:
    """Locks those that nobody else holds at the moment."""
    return [_account(row) for row in await transaction.fetch(_LOCK_FREE, list(ids))] if ids else []


async def find(reader: Connection | Database, customer_id: UUID) -> Account | None:
    row = await reader.fetchrow(_FIND, customer_id)
    return _account(row) if row else None


async def plan_at(transaction: Connection, ids: Collection[UUID], moment: datetime) -> None:
    """Has the planning loop look at those of them that have a team, at `moment` or before."""
    if ids:
        await transaction.execute(_POSTPONE, list(ids), moment)


async def planned(transaction: Connection, ids: Collection[UUID], matrix_version: int) -> None:
    """Notes by which matrix they are planned now."""
    await transaction.execute(_PLANNED, list(ids), matrix_version)


async def due_for_planning(transaction: Connection, now: datetime, matrix_version: int, most: int) -> list[UUID]:
    """Customers to be planned now, locked: those whose moment has come, then those planned by an older matrix.

    Those held by others are left to the next look.
    """
    rows = await transaction.fetch(_DUE, now, most)
    if len(rows) < most:
        rows += await transaction.fetch(_OUTDATED, matrix_version, most - len(rows))
    return [row["id"] for row in rows]


async def next_planning(database: Database) -> datetime | None:
    moment: datetime | None = await database.fetchval(_NEXT_DUE)
    return moment


def _account(row: Any) -> Account:
    team = {role: UUID(staff) for role, staff in row["team"].items()}
    return Account(row["id"], row["kind"], row["tier"], team)
