"""Saving what moves of cases that are held, and their place in the queue."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.customers.domain import rank_of
from services.complaints.response_clocks.domain.clock import NEVER, next_alarm
from shared.db import Connection

_SAVE = """
UPDATE complaint AS c SET
    state = t.state, tier_rank = t.tier_rank, responsible_id = t.responsible_id, moved_at = t.moved_at,
    round = t.round, policy_version = t.policy_version, started_at = t.started_at, answer_seconds = t.answer_seconds,
    due_at = t.due_at, queue_at = t.queue_at, next_alarm_at = t.next_alarm_at, warned = t.warned,
    escalation_level = t.escalation_level, breached_at = t.breached_at, stopped_at = t.stopped_at,
    answered_at = t.answered_at, resolved_at = t.resolved_at, closed_at = t.closed_at, version = t.version,
    calendar_version = t.calendar_version
FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::uuid[], $5::timestamptz[], $6::smallint[], $7::integer[],
            $8::timestamptz[], $9::integer[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[],
            $13::smallint[], $14::smallint[], $15::timestamptz[], $16::timestamptz[], $17::timestamptz[],
            $18::timestamptz[], $19::timestamptz[], $20::integer[], $21::integer[])
    AS t(id, state, tier_rank, responsible_id, moved_at, round, policy_version, started_at, answer_seconds, due_at,
         queue_at, next_alarm_at, warned, escalation_level, breached_at, stopped_at, answered_at, resolved_at,
         closed_at, version, calendar_version)
WHERE c.id = t.id
"""
_SAVE_CLOCKS = """
UPDATE complaint AS c SET
    version = t.version, moved_at = t.moved_at, due_at = t.due_at, queue_at = t.queue_at,
    next_alarm_at = t.next_alarm_at, warned = t.warned, escalation_level = t.escalation_level,
    breached_at = t.breached_at
FROM unnest($1::uuid[], $2::integer[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
            $7::smallint[], $8::smallint[], $9::timestamptz[])
    AS t(id, version, moved_at, due_at, queue_at, next_alarm_at, warned, escalation_level, breached_at)
WHERE c.id = t.id
"""
_REORDER = """
UPDATE complaint AS c SET tier_rank = t.rank
FROM unnest($1::uuid[], $2::smallint[]) AS t(id, rank)
WHERE c.customer_id = t.id AND c.state = 'open' AND c.tier_rank <> t.rank
"""


async def save(transaction: Connection, cases: Sequence[Case]) -> None:
    """Writes what moves of locked cases, as many as there are, in one statement."""
    rows = [_moving(case) for case in cases]
    await transaction.execute(_SAVE, *(list(column) for column in zip(*rows, strict=True)))


def _moving(case: Case) -> tuple[Any, ...]:
    clock = case.clock
    return (
        case.id,
        case.state.value,
        rank_of(case.tier),
        case.responsible_id,
        case.moved_at,
        case.round,
        case.policy_version,
        clock.started_at,
        int(clock.answer_within.total_seconds()),
        clock.due_at,
        clock.queued_at,
        next_alarm(clock),
        clock.warned,
        clock.escalation_level,
        clock.breached_at,
        clock.stopped_at,
        case.answered_at,
        case.resolved_at,
        case.closed_at,
        case.version,
        clock.calendar.version if clock.calendar is not None else None,
    )


async def save_clocks(transaction: Connection, cases: Sequence[Case]) -> None:
    """Writes of locked cases only what an advancing clock moves."""
    rows = [
        (case.id, case.version, case.moved_at, due_at, due_at or NEVER, next_alarm(clock), clock.warned,
         clock.escalation_level, clock.breached_at)
        for case in cases
        for clock in [case.clock]
        for due_at in [clock.due_at]
    ]  # fmt: skip
    await transaction.execute(_SAVE_CLOCKS, *(list(column) for column in zip(*rows, strict=True)))


async def reorder(transaction: Connection, ranks: dict[UUID, int]) -> None:
    """Puts the open cases of these customers into the place of their tier."""
    await transaction.execute(_REORDER, list(ranks), list(ranks.values()))
