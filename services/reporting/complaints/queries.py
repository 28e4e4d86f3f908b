"""Cases and rounds as they stand, and what became of a month's."""

from datetime import datetime
from uuid import UUID

from asyncpg import Record

from services.reporting.complaints.domain import MonthOfComplaints
from services.reporting.context import Context
from shared.db import Connection
from shared.months import Month

LATE = "(r.breached_at IS NOT NULL OR r.in_time IS FALSE OR (r.stopped_at IS NULL AND r.due_at <= $2))"
"""Whether a round r is late as of $2: the breach was published, or the times say so (decision 15, taken-over cases)."""

_CASES = f"""
SELECT c.id, c.number, c.kind, c.subject, c.channel, c.tier, c.responsible_id, c.state, c.round, c.taken_over,
       c.opened_at, c.escalation_level, r.due_at AS answer_due_at, r.stopped_at AS answered_at,
       coalesce({LATE}, false) AS overdue
FROM complaint c LEFT JOIN complaint_round r ON r.complaint_id = c.id AND r.round = c.round
WHERE c.customer_id = $1
ORDER BY c.opened_at DESC NULLS LAST, c.id DESC
"""  # noqa: S608  put together from constants
_MONTH = f"""
SELECT count(*) AS opened,
       count(*) FILTER (WHERE r.round > 1) AS reopened,
       count(*) FILTER (WHERE r.stopped_at IS NOT NULL AND r.in_time) AS answered_in_time,
       count(*) FILTER (WHERE r.stopped_at IS NOT NULL AND NOT r.in_time) AS answered_late,
       count(*) FILTER (WHERE r.stopped_at IS NULL AND {LATE}) AS unanswered_overdue,
       count(*) FILTER (WHERE r.stopped_at IS NULL AND {LATE} IS NOT TRUE) AS open
FROM complaint_round r WHERE r.month = $1
"""  # noqa: S608  put together from constants


async def cases_of(reader: Connection, customer_id: UUID, now: datetime) -> list[Record]:
    """All cases of a customer, newest first, each with the clock of its present round."""
    return await reader.fetch(_CASES, customer_id, now)


async def month_of(context: Context, month: Month) -> MonthOfComplaints:
    """What became of the rounds that began in a month, as of now."""
    row = await context.database.fetchrow(_MONTH, str(month), context.clock.now())
    return MonthOfComplaints(**dict(row or {}))
