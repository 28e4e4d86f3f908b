"""Account teams in the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from services.customers.heads.store.visibility import sees
from services.customers.teams.domain import SEAT, Team
from shared.bus.sql_events import SqlEvent
from shared.contracts.customers import AccountTeamChanged
from shared.db import Connection
from shared.ids import SQL as NEW_ID
from shared.statement import Reader, Scalar, Statement
from shared.telemetry import current_traceparent


def _team(version: int | None, seats: Mapping[str, str]) -> Team:
    return Team(version, {role: UUID(staff_id) for role, staff_id in seats.items()})


_TEAM = Statement(
    """
    SELECT c.team_version AS version,
           coalesce((SELECT jsonb_object_agg(t.role, t.staff_id ORDER BY t.role) FROM account_team t
                     WHERE t.customer_id = c.id), '{}') AS seats
    FROM customer c WHERE c.id = :customer_id AND {seen}
    """,
    _team,
    seen=sees("c.id"),
)
"""By hand: the seats of one customer come as one value."""
_AT_WORK = Statement("SELECT id, role FROM staff WHERE id = ANY(:staff::uuid[]) AND active ORDER BY id FOR SHARE")
"""By hand: the directory, whose table this is, lies above the teams that it has somebody leave."""
_REPLACE = Scalar(
    """
    WITH gone AS (
        DELETE FROM account_team WHERE customer_id = :customer_id AND role <> ALL(:roles::text[])
    ), seated AS (
        INSERT INTO account_team (customer_id, role, staff_id)
        SELECT :customer_id, role, staff_id FROM unnest(:roles::text[], :staff::uuid[]) AS s(role, staff_id)
        ON CONFLICT (customer_id, role) DO UPDATE SET staff_id = EXCLUDED.staff_id
    )
    UPDATE customer SET version = version + 1, team_version = version + 1 WHERE id = :customer_id RETURNING version
    """,
    int,
)
"""By hand: the seats and the head of their customer in one round trip."""
_LEAVE = """
    WITH left_seats AS ({left_seats} RETURNING customer_id, role), kept AS (
        INSERT INTO archive_change (id, customer_id, at, changed_by, field, said)
        SELECT {id}, customer_id, :at::timestamptz, :by::uuid, '{seat}' || role,
            jsonb_build_object('from', :leaver_id::uuid, 'to', :successor_id::uuid)
        FROM left_seats
    )
    SELECT customer_id FROM left_seats
    """
"""By hand: the seats, and what the history keeps of them, in one round trip."""
_EMPTY = Scalar(_LEAVE, UUID, left_seats="DELETE FROM account_team WHERE staff_id = :leaver_id", id=NEW_ID, seat=SEAT)
_REASSIGN = Scalar(
    _LEAVE,
    UUID,
    left_seats="UPDATE account_team SET staff_id = :successor_id WHERE staff_id = :leaver_id",
    id=NEW_ID,
    seat=SEAT,
)
_CHANGED = SqlEvent(
    contract=AccountTeamChanged,
    fields={
        "customer_id": "id",
        "team": """coalesce((SELECT json_object_agg(t.role, t.staff_id) FROM account_team t
                             WHERE t.customer_id = changed.id), '{}')""",
    },
    key="id",
    aggregate_id="id",
    version="version",
    at=":at",
)
_ANNOUNCE = Statement(
    """
    WITH changed AS (
        UPDATE customer SET version = version + 1, team_version = version + 1 WHERE id = ANY(:customers::uuid[])
        RETURNING id, version
    )
    {append}
    """,
    append=_CHANGED.append_from("changed"),
)
"""By hand: each customer's new version stands in its event."""


async def team(reader: Reader, customer_id: UUID, *, viewer: UUID | None) -> Team | None:
    """None for a customer who is unknown or whom the viewer does not see."""
    return await _TEAM.one(reader, customer_id=customer_id, viewer=viewer)


async def roles_at_work(transaction: Connection, staff: Sequence[UUID]) -> dict[UUID, str]:
    """Staff id -> role of those who are at work, and stay so until the transaction ends."""
    return {row["id"]: row["role"] for row in await _AT_WORK.all(transaction, staff=staff)}


async def replace(transaction: Connection, customer_id: UUID, seats: Mapping[str, UUID]) -> int:
    """Seats a whole team for a locked customer; returns the new version."""
    return await _REPLACE.only(transaction, customer_id=customer_id, roles=list(seats), staff=list(seats.values()))


async def reassign(
    transaction: Connection, leaver_id: UUID, successor_id: UUID | None, *, at: datetime, by: UUID
) -> list[UUID]:
    """Gives every seat of somebody to the successor, or empties it; returns the customers it touches."""
    leave = _EMPTY if successor_id is None else _REASSIGN
    touched = await leave.all(transaction, leaver_id=leaver_id, successor_id=successor_id, at=at, by=by)
    return sorted(set(touched))


async def announce(transaction: Connection, customers: Sequence[UUID], at: datetime) -> None:
    """Counts the customers' versions up and announces their teams as they are now."""
    await _ANNOUNCE.execute(transaction, customers=customers, at=at, traceparent=current_traceparent())
