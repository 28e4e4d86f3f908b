"""Touches in the database."""

from collections.abc import Sequence

from services.reporting.service.domain import Touch
from shared.db import Connection

_KEEP = """
INSERT INTO touch AS t (id, customer_id, kind, role, contact, assignee_id, state, month, not_before, due_at, done_at,
                        missed_at, minutes)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::text[], $8::text[],
                     $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::integer[])
ON CONFLICT (id) DO UPDATE SET assignee_id = EXCLUDED.assignee_id, state = EXCLUDED.state,
"""
_PLAN = f"""{_KEEP}
    customer_id = EXCLUDED.customer_id, kind = EXCLUDED.kind, role = EXCLUDED.role, contact = EXCLUDED.contact,
    month = EXCLUDED.month, not_before = EXCLUDED.not_before, due_at = EXCLUDED.due_at
"""
_SETTLE = f"""{_KEEP}
    done_at = coalesce(EXCLUDED.done_at, t.done_at), missed_at = coalesce(EXCLUDED.missed_at, t.missed_at),
    minutes = coalesce(EXCLUDED.minutes, t.minutes)
"""


async def plan(transaction: Connection, touches: Sequence[Touch]) -> None:
    """Keeps touches as planned, or as planned anew."""
    await _keep(transaction, _PLAN, touches)


async def settle(transaction: Connection, touches: Sequence[Touch]) -> None:
    """Keeps what became of touches; their window stays as it was planned."""
    await _keep(transaction, _SETTLE, touches)


async def _keep(transaction: Connection, sql: str, touches: Sequence[Touch]) -> None:
    facts = [touch.fact for touch in touches]
    await transaction.execute(
        sql,
        [fact.task_id for fact in facts],
        [fact.customer_id for fact in facts],
        [fact.kind for fact in facts],
        [fact.role for fact in facts],
        [fact.contact for fact in facts],
        [fact.assignee_id for fact in facts],
        [touch.state for touch in touches],
        [str(touch.month) for touch in touches],
        [touch.not_before for touch in touches],
        [touch.due_at for touch in touches],
        [touch.done_at for touch in touches],
        [touch.missed_at for touch in touches],
        [touch.minutes for touch in touches],
    )
