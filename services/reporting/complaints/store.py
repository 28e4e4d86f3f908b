"""Cases and rounds in the database. Events of one case come in order, so a later one simply goes over the earlier."""

from collections.abc import Sequence
from datetime import datetime

from services.reporting.complaints.domain import RoundStart, RoundStop
from shared.contracts import complaints
from shared.db import Connection

_KEEP_CASES = """
INSERT INTO complaint (id, customer_id, number, kind, subject, against_type, against_id, channel, tier,
                       responsible_id, taken_over, opened_at)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[],
                     $9::text[], $10::uuid[], $11::boolean[], $12::timestamptz[])
ON CONFLICT (id) DO UPDATE SET customer_id = EXCLUDED.customer_id, number = EXCLUDED.number, kind = EXCLUDED.kind,
    subject = EXCLUDED.subject, against_type = EXCLUDED.against_type, against_id = EXCLUDED.against_id,
    channel = EXCLUDED.channel, tier = EXCLUDED.tier, responsible_id = EXCLUDED.responsible_id,
    taken_over = EXCLUDED.taken_over, opened_at = EXCLUDED.opened_at
"""
_MOVE = """
INSERT INTO complaint AS c (id, customer_id, state, round)
SELECT id, customer_id, $1, round FROM unnest($2::uuid[], $3::uuid[], $4::integer[]) AS t(id, customer_id, round)
ON CONFLICT (id) DO UPDATE SET state = EXCLUDED.state, round = EXCLUDED.round,
    escalation_level = CASE WHEN EXCLUDED.round > c.round THEN 0 ELSE c.escalation_level END
"""
_ESCALATE = """
INSERT INTO complaint AS c (id, customer_id, round, escalation_level)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::integer[], $4::integer[])
ON CONFLICT (id) DO UPDATE SET escalation_level = greatest(c.escalation_level, EXCLUDED.escalation_level)
"""
_BEGIN = """
INSERT INTO complaint_round (complaint_id, round, month, began_at, due_at)
SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::timestamptz[], $5::timestamptz[])
ON CONFLICT (complaint_id, round) DO UPDATE SET month = EXCLUDED.month, began_at = EXCLUDED.began_at,
    due_at = EXCLUDED.due_at
"""
_STOP = """
INSERT INTO complaint_round AS r (complaint_id, round, stopped_at, in_time)
SELECT * FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::boolean[])
ON CONFLICT (complaint_id, round) DO UPDATE SET in_time = coalesce(r.in_time, EXCLUDED.in_time),
    stopped_at = coalesce(r.stopped_at, EXCLUDED.stopped_at)
"""
_BREACH = """
INSERT INTO complaint_round AS r (complaint_id, round, due_at, breached_at)
SELECT id, round, due_at, due_at FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[]) AS t(id, round, due_at)
ON CONFLICT (complaint_id, round) DO UPDATE SET due_at = EXCLUDED.due_at,
    breached_at = coalesce(r.breached_at, EXCLUDED.breached_at)
"""
_RESCHEDULE = """
INSERT INTO complaint_round (complaint_id, round, due_at)
SELECT * FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[])
ON CONFLICT (complaint_id, round) DO UPDATE SET due_at = EXCLUDED.due_at
"""


async def keep_cases(transaction: Connection, facts: Sequence[complaints.ComplaintOpened]) -> None:
    await transaction.execute(
        _KEEP_CASES,
        [fact.complaint_id for fact in facts],
        [fact.customer_id for fact in facts],
        [fact.number for fact in facts],
        [fact.kind for fact in facts],
        [fact.subject for fact in facts],
        [fact.against_type for fact in facts],
        [fact.against_id for fact in facts],
        [fact.channel for fact in facts],
        [fact.tier for fact in facts],
        [fact.responsible_id for fact in facts],
        [fact.taken_over for fact in facts],
        [fact.at for fact in facts],
    )


async def move(transaction: Connection, state: str, facts: Sequence[complaints.CaseFact]) -> None:
    """Puts cases into a state, in the round that the fact names; a new round starts at the foot of the chain."""
    await transaction.execute(
        _MOVE,
        state,
        [fact.complaint_id for fact in facts],
        [fact.customer_id for fact in facts],
        [fact.round for fact in facts],
    )


async def escalate(transaction: Connection, facts: Sequence[complaints.CaseFact], levels: Sequence[int]) -> None:
    """Raises cases to at least these levels of the chain."""
    await transaction.execute(
        _ESCALATE,
        [fact.complaint_id for fact in facts],
        [fact.customer_id for fact in facts],
        [fact.round for fact in facts],
        levels,
    )


async def begin(transaction: Connection, rounds: Sequence[RoundStart]) -> None:
    await transaction.execute(
        _BEGIN,
        [each.complaint_id for each in rounds],
        [each.round for each in rounds],
        [str(each.month) for each in rounds],
        [each.began_at for each in rounds],
        [each.due_at for each in rounds],
    )


async def stop(transaction: Connection, rounds: Sequence[RoundStop]) -> None:
    """Stops clocks; the first stop of a round holds."""
    await transaction.execute(
        _STOP,
        [each.complaint_id for each in rounds],
        [each.round for each in rounds],
        [each.stopped_at for each in rounds],
        [each.in_time for each in rounds],
    )


async def breach(transaction: Connection, facts: Sequence[complaints.ComplaintOverdue]) -> None:
    await transaction.execute(
        _BREACH,
        [fact.complaint_id for fact in facts],
        [fact.round for fact in facts],
        [fact.due_at for fact in facts],
    )


async def reschedule(
    transaction: Connection, facts: Sequence[complaints.CaseFact], due: Sequence[datetime | None]
) -> None:
    """Sets when rounds are due; None while they are paused."""
    await transaction.execute(_RESCHEDULE, [fact.complaint_id for fact in facts], [fact.round for fact in facts], due)
