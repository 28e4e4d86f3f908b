"""Statements about clocks: what is due, who is told, breaches, pauses, ended rounds, and the rulebook."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.intake.store import CASE_COLUMNS, with_pauses
from services.complaints.response_clocks.domain import Chain, ClockPolicy, Pause, chain_of
from shared.db import Connection

# ---------------------------------------------------------------------------- what is due

BATCH: Final = 500
"""Clocks that one transaction moves at most."""
_DUE = f"""
SELECT {CASE_COLUMNS} FROM complaint
WHERE next_alarm_at <= $1
ORDER BY next_alarm_at LIMIT {BATCH} FOR UPDATE SKIP LOCKED
"""  # noqa: S608  constant column list
_NEXT_DUE = "SELECT min(next_alarm_at) FROM complaint WHERE next_alarm_at IS NOT NULL"
_BREACHES = """
INSERT INTO breach (complaint_id, round, level, staff_id, due_at, noticed_at)
SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::uuid[], $5::timestamptz[], $6::timestamptz[])
ON CONFLICT DO NOTHING
"""
_CHAINS = """
WITH head AS (
    SELECT (SELECT id FROM directory_staff WHERE role = 'cs_manager' AND active ORDER BY id LIMIT 1) AS cs_manager,
           (SELECT id FROM directory_staff WHERE role = 'general_manager' AND active ORDER BY id LIMIT 1) AS general
), responsible AS (
    SELECT asked, coalesce(CASE WHEN s.id IS NULL OR s.active THEN asked ELSE s.successor_id END, head.cs_manager) AS id
    FROM unnest($1::uuid[]) AS t(asked) LEFT JOIN directory_staff s ON s.id = t.asked CROSS JOIN head
)
SELECT r.asked, r.id AS responsible,
       CASE WHEN boss.id IS NULL OR boss.active THEN s.supervisor_id ELSE boss.successor_id END AS supervisor,
       CASE WHEN chief.id IS NULL OR chief.active THEN d.manager_id ELSE chief.successor_id END AS manager,
       head.cs_manager, head.general
FROM responsible r CROSS JOIN head
LEFT JOIN directory_staff s ON s.id = r.id
LEFT JOIN directory_staff boss ON boss.id = s.supervisor_id
LEFT JOIN directory_department d ON d.id = s.department_id
LEFT JOIN directory_staff chief ON chief.id = d.manager_id
"""


async def lock_due(transaction: Connection, now: datetime) -> list[Case]:
    """The cases whose clock has something to do, oldest first, held; those that another worker holds are left to it."""
    rows = await transaction.fetch(_DUE, now)
    return await with_pauses(transaction, rows) if rows else []


async def next_due(reader: Connection) -> datetime | None:
    """The next moment at which some clock has something to do."""
    moment: datetime | None = await reader.fetchval(_NEXT_DUE)
    return moment


async def chains(reader: Connection, responsible: Iterable[UUID | None]) -> dict[UUID | None, Chain]:
    """The chain of escalation behind each responsible person; who has left is replaced by the successor, if any."""
    rows = await reader.fetch(_CHAINS, list(set(responsible)))
    return {
        row["asked"]: chain_of(
            [row["responsible"], row["supervisor"], row["manager"], row["cs_manager"], row["general"]]
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Told:
    """Who was told of a miss, at which level; kept once per case, round and level."""

    complaint_id: UUID
    round: int
    level: int
    staff_id: UUID | None
    due_at: datetime
    noticed_at: datetime


async def keep_breaches(transaction: Connection, told: Sequence[Told]) -> None:
    await transaction.execute(
        _BREACHES,
        [each.complaint_id for each in told],
        [each.round for each in told],
        [each.level for each in told],
        [each.staff_id for each in told],
        [each.due_at for each in told],
        [each.noticed_at for each in told],
    )


# ---------------------------------------------------------------------------- pauses and rounds

_PAUSE = """
INSERT INTO clock_pause (complaint_id, round, started_at, until, ended_at, entry_id) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (complaint_id, round, started_at) DO UPDATE SET until = EXCLUDED.until, ended_at = EXCLUDED.ended_at,
    entry_id = EXCLUDED.entry_id
"""
_END_PAUSES = """
UPDATE clock_pause AS p SET ended_at = t.ended_at
FROM unnest($1::uuid[], $2::smallint[], $3::timestamptz[], $4::timestamptz[])
    AS t(complaint_id, round, started_at, ended_at)
WHERE p.complaint_id = t.complaint_id AND p.round = t.round AND p.started_at = t.started_at
"""
_ROUND = """
INSERT INTO complaint_round (complaint_id, round, policy_version, calendar_version, started_at, answer_seconds, due_at,
                             stopped_at, answered_at, resolved_at, closed_at, breached_at, escalation_level,
                             reopened_at)
SELECT id, round, policy_version, calendar_version, started_at, answer_seconds, due_at, stopped_at, answered_at,
       resolved_at, closed_at, breached_at, escalation_level, $2
FROM complaint WHERE id = $1
"""


async def keep_pause(transaction: Connection, case: Case, pause: Pause, entry_id: UUID) -> None:
    """Writes a pause that begins; the entry of the history says why."""
    await transaction.execute(_PAUSE, case.id, case.round, pause.started_at, pause.until, pause.ended_at, entry_id)


async def end_pauses(transaction: Connection, cases: Iterable[Case]) -> None:
    """Writes the end of each case's last pause."""
    ended = [(case, case.clock.pauses[-1]) for case in cases if case.clock.pauses]
    if ended:
        await transaction.execute(
            _END_PAUSES,
            [case.id for case, _ in ended],
            [case.round for case, _ in ended],
            [pause.started_at for _, pause in ended],
            [pause.ended_at for _, pause in ended],
        )


async def keep_round(transaction: Connection, id_: UUID, reopened_at: datetime) -> None:
    """Keeps the round that ends as it stands in the locked case."""
    await transaction.execute(_ROUND, id_, reopened_at)


# ---------------------------------------------------------------------------- the rulebook

_POLICY_COLUMNS = "id, version, answer_seconds, tier, subject, calendar, starts_at"
_ADD_POLICY = """
INSERT INTO clock_policy (version, id, answer_seconds, tier, subject, calendar, starts_at, created_at, created_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""


async def revision(reader: Connection) -> int:
    number: int = await reader.fetchval("SELECT revision FROM rulebook")
    return number


async def next_revision(transaction: Connection) -> None:
    """Takes the rulebook's lock and makes every process read it anew before it records again."""
    await transaction.execute("UPDATE rulebook SET revision = revision + 1")


async def policies(reader: Connection) -> list[ClockPolicy]:
    """Every version, the latest first."""
    rows = await reader.fetch(f"SELECT {_POLICY_COLUMNS} FROM clock_policy ORDER BY version DESC")  # noqa: S608  constant column list
    return [_policy(row) for row in rows]


async def policies_before(reader: Connection, version: int, limit: int) -> list[ClockPolicy]:
    rows = await reader.fetch(
        f"SELECT {_POLICY_COLUMNS} FROM clock_policy WHERE version < $1 ORDER BY version DESC LIMIT $2",  # noqa: S608  constant column list
        version,
        limit,
    )
    return [_policy(row) for row in rows]


def _policy(row: Any) -> ClockPolicy:
    return ClockPolicy(
        id=row["id"],
        version=row["version"],
        answer_within=timedelta(seconds=row["answer_seconds"]),
        tier=row["tier"],
        subject=row["subject"],
        calendar=row["calendar"],
        starts_at=row["starts_at"],
    )


async def latest_version(reader: Connection) -> int:
    version: int = await reader.fetchval("SELECT max(version) FROM clock_policy")
    return version


async def add_policy(transaction: Connection, policy: ClockPolicy, created_at: datetime, created_by: UUID) -> None:
    await transaction.execute(
        _ADD_POLICY,
        policy.version,
        policy.id,
        int(policy.answer_within.total_seconds()),
        policy.tier,
        policy.subject,
        policy.calendar,
        policy.starts_at,
        created_at,
        created_by,
    )


async def subjects(reader: Connection) -> dict[str, bool]:
    """Code -> whether it is still in use."""
    rows = await reader.fetch("SELECT code, active FROM subject")
    return {row["code"]: row["active"] for row in rows}
