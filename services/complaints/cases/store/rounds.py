"""What is kept beside a case: the pauses and breaches of its rounds, and the rounds that have ended."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import BreachNotice, Case
from services.complaints.response_clocks.domain.clock import Pause
from shared.db import Connection

_BREACHES = """
INSERT INTO breach (complaint_id, round, level, staff_id, due_at, noticed_at)
SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::smallint[], $4::uuid[], $5::timestamptz[], $6::timestamptz[])
ON CONFLICT DO NOTHING
"""
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


async def keep_breach_notices(transaction: Connection, notices: Sequence[BreachNotice]) -> None:
    """Keeps who was told; what is kept already stays as it is."""
    await transaction.execute(
        _BREACHES,
        [notice.complaint_id for notice in notices],
        [notice.round for notice in notices],
        [notice.level for notice in notices],
        [notice.staff_id for notice in notices],
        [notice.due_at for notice in notices],
        [notice.noticed_at for notice in notices],
    )


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
