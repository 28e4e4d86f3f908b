"""Account teams in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.customers.heads.store.visibility import sees
from services.customers.teams.domain import Team
from shared.contracts.customers import AccountTeamChanged
from shared.db import Connection, Database
from shared.telemetry import current_traceparent

_TEAM = f"""
SELECT c.version, c.team_version,
       coalesce((SELECT jsonb_object_agg(t.role, t.staff_id ORDER BY t.role) FROM account_team t
                 WHERE t.customer_id = c.id), '{{}}') AS team
FROM customer c WHERE c.id = $1 AND {sees("$2", "c.id")}
"""  # noqa: S608  names of ours
_AT_WORK = "SELECT id, role FROM staff WHERE id = ANY($1::uuid[]) AND active ORDER BY id FOR SHARE"
_REPLACE = """
WITH gone AS (DELETE FROM account_team WHERE customer_id = $1 AND role <> ALL($2::varchar[])), seated AS (
    INSERT INTO account_team (customer_id, role, staff_id)
    SELECT $1, role, staff_id FROM unnest($2::varchar[], $3::uuid[]) AS s(role, staff_id)
    ON CONFLICT (customer_id, role) DO UPDATE SET staff_id = EXCLUDED.staff_id
)
UPDATE customer SET version = version + 1, team_version = version + 1 WHERE id = $1 RETURNING version
"""
_REASSIGN = "UPDATE account_team SET staff_id = $2 WHERE staff_id = $1 RETURNING customer_id"
_EMPTY = "DELETE FROM account_team WHERE staff_id = $1 RETURNING customer_id"
_ANNOUNCE = f"""
WITH changed AS (
    UPDATE customer SET version = version + 1, team_version = version + 1 WHERE id = ANY($1::uuid[])
    RETURNING id, version
)
INSERT INTO event_log (event_id, topic, key, type, time, aggregate_id, aggregate_version, traceparent, data)
SELECT uuidv7(), '{AccountTeamChanged.TOPIC}', c.id::varchar, '{AccountTeamChanged.TYPE}', $2, c.id, c.version, $3,
       json_build_object('customer_id', c.id, 'team', coalesce(
           (SELECT json_object_agg(t.role, t.staff_id) FROM account_team t WHERE t.customer_id = c.id), '{{}}'))
FROM changed c
"""  # noqa: S608  constants of the contract


async def team(reader: Connection | Database, customer_id: UUID, *, viewer: UUID | None) -> Team | None:
    """None for a customer who is unknown or whom the viewer does not see."""
    row = await reader.fetchrow(_TEAM, customer_id, viewer)
    if row is None:
        return None
    return Team(row["team_version"], {role: UUID(staff_id) for role, staff_id in row["team"].items()})


async def roles_at_work(transaction: Connection, staff: Sequence[UUID]) -> dict[UUID, str]:
    """Staff id -> role of those who are at work, and stay so until the transaction ends."""
    return {row["id"]: row["role"] for row in await transaction.fetch(_AT_WORK, staff)}


async def replace(transaction: Connection, customer_id: UUID, seats: Mapping[str, UUID]) -> int:
    """Seats a whole team for a locked customer; returns the new version."""
    version: int = await transaction.fetchval(_REPLACE, customer_id, list(seats), list(seats.values()))
    return version


async def reassign(transaction: Connection, staff_id: UUID, successor_id: UUID | None) -> list[UUID]:
    """Gives every seat of somebody to the successor, or empties it; returns the customers it touches."""
    if successor_id is None:
        rows = await transaction.fetch(_EMPTY, staff_id)
    else:
        rows = await transaction.fetch(_REASSIGN, staff_id, successor_id)
    return sorted({row["customer_id"] for row in rows})


async def announce(transaction: Connection, customers: Sequence[UUID], at: datetime) -> None:
    """Counts the customers' versions up and announces their teams as they are now."""
    await transaction.execute(_ANNOUNCE, customers, at, current_traceparent())
