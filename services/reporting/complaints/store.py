"""Cases and rounds in the database. Events of one case come in order, so a later one simply goes over the earlier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.reporting.complaints.domain import MonthOfComplaints, Standing
from shared.contracts import complaints
from shared.db import Connection
from shared.months import Month

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

_LATE = "(r.breached_at IS NOT NULL OR r.in_time IS FALSE OR (r.stopped_at IS NULL AND r.due_at <= $2))"
"""Whether a round r is late as of $2: the breach was told, or the times say so (decision 15, taken-over cases)."""

_CASES = f"""
SELECT c.id, c.number, c.kind, c.subject, c.channel, c.tier, c.responsible_id, c.state, c.round, c.taken_over,
       c.opened_at, c.escalation_level, r.due_at AS answer_due_at, r.stopped_at AS answered_at,
       coalesce({_LATE}, false) AS overdue
FROM complaint c LEFT JOIN complaint_round r ON r.complaint_id = c.id AND r.round = c.round
WHERE c.customer_id = $1
ORDER BY c.opened_at DESC NULLS LAST, c.id DESC
"""  # noqa: S608  put together from constants
_OPEN = """
FROM complaint c JOIN complaint_round r ON r.complaint_id = c.id AND r.round = c.round
LEFT JOIN customer ON customer.id = c.customer_id
LEFT JOIN directory_name stores ON stores.id = c.customer_id
LEFT JOIN directory_staff staff ON staff.id = c.responsible_id
WHERE c.state = 'open' AND c.number IS NOT NULL
"""
_MONTH = f"""
SELECT count(*) AS opened,
       count(*) FILTER (WHERE r.round > 1) AS reopened,
       count(*) FILTER (WHERE r.stopped_at IS NOT NULL AND r.in_time) AS answered_in_time,
       count(*) FILTER (WHERE r.stopped_at IS NOT NULL AND NOT r.in_time) AS answered_late,
       count(*) FILTER (WHERE r.stopped_at IS NULL AND {_LATE}) AS unanswered_overdue,
       count(*) FILTER (WHERE r.stopped_at IS NULL AND {_LATE} IS NOT TRUE) AS open
FROM complaint_round r WHERE r.month = $1
"""  # noqa: S608  put together from constants
_STANDING = f"""
SELECT count(*) AS open,
       count(*) FILTER (WHERE {_LATE}) AS overdue,
       count(*) FILTER (WHERE {_LATE} IS NOT TRUE AND r.due_at <= $1) AS due_soon,
       count(*) FILTER (WHERE r.due_at IS NULL) AS paused
{_OPEN}
"""
_QUEUE = f"""
SELECT c.id, c.number, c.kind, c.subject, coalesce(customer.tier, c.tier) AS tier, c.customer_id,
       stores.name AS customer_name, c.responsible_id, staff.name AS responsible_name, c.round, c.taken_over,
       r.began_at, r.due_at AS answer_due_at, coalesce({_LATE}, false) AS overdue, c.escalation_level
{_OPEN}
ORDER BY coalesce(customer.tier, c.tier) NULLS LAST, r.due_at NULLS LAST, c.id LIMIT $1
"""


@dataclass(frozen=True, slots=True)
class Began:
    """A round begins: with the case, or when it is reopened."""

    complaint_id: UUID
    round: int
    month: Month
    began_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Stopped:
    """A round's clock was stopped."""

    complaint_id: UUID
    round: int
    stopped_at: datetime
    in_time: bool


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


async def begin(transaction: Connection, rounds: Sequence[Began]) -> None:
    await transaction.execute(
        _BEGIN,
        [each.complaint_id for each in rounds],
        [each.round for each in rounds],
        [str(each.month) for each in rounds],
        [each.began_at for each in rounds],
        [each.due_at for each in rounds],
    )


async def stop(transaction: Connection, rounds: Sequence[Stopped]) -> None:
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


async def cases_of(reader: Connection, customer_id: UUID, now: datetime) -> list[Record]:
    """All cases of a customer, newest first, each with the clock of its present round."""
    return await reader.fetch(_CASES, customer_id, now)


async def month_of(reader: Connection, month: Month, now: datetime) -> MonthOfComplaints:
    """The figures of the rounds that began in a month, as of `now`."""
    row = await reader.fetchrow(_MONTH, str(month), now)
    return MonthOfComplaints(**dict(row or {}))


async def standing(reader: Connection, now: datetime, soon: datetime) -> Standing:
    """How many cases wait for their answer as of `now`, and how many of them are due until `soon`."""
    row = await reader.fetchrow(_STANDING, soon, now)
    return Standing(**dict(row or {}))


async def queue(reader: Connection, now: datetime, most: int) -> list[Record]:
    """The first cases that wait for their answer, by the customer's present tier, then by what is left."""
    return await reader.fetch(_QUEUE, most, now)
