"""Recording cases in one round trip."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.complaints.customers.domain import tier_of
from services.complaints.intake.domain import NewCase, Opened
from shared.contracts.complaints import FACTS, ComplaintOpened
from shared.db import Connection
from shared.http.idempotency import CLAIM_EACH, IdempotencyKey, KeyInProgress
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Start:
    """How a case's clock starts, by the policy for one tier."""

    due_at: datetime
    alarm_at: datetime | None
    seconds: int
    policy_version: int
    calendar_version: int | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A case with what it needs to be written: its clock for every tier that the customer may turn out to have."""

    case: NewCase
    day: str
    words: bytes
    starts: Sequence[Start]
    """By rank: A, B, C, D, unknown."""
    key: IdempotencyKey | None
    fact: str
    """The JSON of complaint.opened up to what only the database knows; without its closing brace."""
    traceparent: str | None


_RECORD = f"""
WITH incoming AS (
    SELECT t.*
    FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::uuid[],
                $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::uuid[], $14::boolean[], $15::bytea[],
                $16::text[], $17::text[], $18::uuid[], $19::text[], $20::text[], $21::text[], $22::text[], $23::bytea[])
        WITH ORDINALITY AS t(id, customer_id, kind, subject, channel, against_type, against_id, purchase_id,
                             happened_at, recorded_at, registered_at, recorded_by, taken_over, words,
                             day, fact, event_id, traceparent, caller, key, operation, fingerprint, n)
    WHERE EXISTS (SELECT 1 FROM rulebook WHERE revision = $1)
), customer AS (
    SELECT id, tier_rank, specialist_id FROM customer_ref WHERE id = ANY($3::uuid[]) ORDER BY id FOR SHARE
), known AS (
    SELECT i.*, coalesce(c.tier_rank, 5) AS rank,
           coalesce(c.specialist_id,
                    (SELECT s.id FROM directory_staff s WHERE s.role = 'cs_manager' AND s.active ORDER BY s.id LIMIT 1)
           ) AS responsible_id
    FROM incoming i LEFT JOIN customer c ON c.id = i.customer_id
    WHERE i.customer_id IS NULL OR c.id IS NOT NULL
), claims AS (
    SELECT caller, key, operation, fingerprint, id AS resource_id FROM known WHERE key IS NOT NULL
), claimed AS (
    {CLAIM_EACH}
), numbered AS MATERIALIZED (
    SELECT k.*, serial.number, ($24::timestamptz[])[n][rank] AS due_at, ($25::timestamptz[])[n][rank] AS alarm_at,
           ($26::integer[])[n][rank] AS seconds, ($27::integer[])[n][rank] AS policy_version,
           ($28::integer[])[n][rank] AS calendar_version
    FROM known k,
         LATERAL (SELECT 'C' || k.day || '-' || lpad(taken, greatest(6, length(taken)), '0') AS number
                  FROM (SELECT nextval('complaint_number')::text AS taken WHERE k.n > 0) AS next) AS serial
    WHERE k.key IS NULL OR k.id IN (SELECT resource_id FROM claimed)
    ORDER BY k.n
), opened AS (
    INSERT INTO complaint (
        id, number, customer_id, kind, subject, channel, against_type, against_id, purchase_id, happened_at,
        recorded_at, registered_at, recorded_by, taken_over, words, opened_rank, opened_due_at,
        state, tier_rank, responsible_id, moved_at, version, round, policy_version, calendar_version, started_at,
        answer_seconds, due_at, queue_at, next_alarm_at, warned, escalation_level)
    SELECT id, number, customer_id, kind, subject, channel, against_type, against_id, purchase_id, happened_at,
           recorded_at, registered_at, recorded_by, taken_over, words, rank, due_at,
           'open', rank, responsible_id, recorded_at, 1, 1, policy_version, calendar_version, recorded_at,
           seconds, due_at, due_at, alarm_at, 0, 0
    FROM numbered
), logged AS (
    INSERT INTO event_log (event_id, topic, key, type, time, aggregate_id, aggregate_version, historical, traceparent,
                           data)
    SELECT event_id, '{FACTS}', coalesce(customer_id, id)::text, '{ComplaintOpened.TYPE}', registered_at, id, 1,
           taken_over, traceparent,
           (fact || ',"number":"' || number
               || '","tier":' || CASE WHEN rank < 5 THEN '"' || substr('ABCD', rank, 1) || '"' ELSE 'null' END
               || ',"responsible_id":' || coalesce('"' || responsible_id::text || '"', 'null')
               || ',"answer_due_at":' || to_json(due_at)::text || '}}')::json
    FROM numbered
)
SELECT n, number, rank, due_at FROM numbered
"""  # noqa: S608  constants of ours only


async def record(connection: Connection, revision: int, recordings: Sequence[Recording]) -> list[Opened | None]:
    """Writes the cases with clock, key and event, all in one statement.

    None for a case that was not written: the rulebook has another revision, its customer is unknown, or its
    Idempotency-Key is taken. The customer's row is held, so a tier that changes meanwhile is not missed. Raises
    KeyInProgress for a case that is written alone.
    """
    try:
        rows = await connection.fetch(_RECORD, revision, *_columns(recordings))
    except asyncpg.LockNotAvailableError as fault:
        if len(recordings) == 1 and "idempotency_key" in (fault.context or ""):
            raise KeyInProgress("the same Idempotency-Key is in progress; ask again in a moment") from None
        raise
    opened: list[Opened | None] = [None] * len(recordings)
    for n, number, rank, due_at in rows:
        opened[n - 1] = Opened(recordings[n - 1].case.id, number, tier_of(rank), due_at)
    return opened


def _columns(recordings: Sequence[Recording]) -> list[list[Any]]:
    flat = [list(column) for column in zip(*map(_row, recordings), strict=True)]
    return [
        *flat,
        [[start.due_at for start in recording.starts] for recording in recordings],
        [[start.alarm_at for start in recording.starts] for recording in recordings],
        [[start.seconds for start in recording.starts] for recording in recordings],
        [[start.policy_version for start in recording.starts] for recording in recordings],
        [[start.calendar_version for start in recording.starts] for recording in recordings],
    ]


def _row(recording: Recording) -> tuple[Any, ...]:
    case, against, key = recording.case, recording.case.against, recording.key
    return (
        case.id,
        case.customer_id,
        case.kind,
        case.subject,
        case.channel,
        against.type if against else None,
        against.id if against else None,
        case.purchase_id,
        case.happened_at,
        case.recorded_at,
        case.registered_at,
        case.recorded_by,
        case.taken_over,
        recording.words,
        recording.day,
        recording.fact,
        new_id(),
        recording.traceparent,
        key.caller if key else None,
        key.key if key else None,
        key.operation if key else None,
        key.fingerprint if key else None,
    )


async def first_answer(reader: Connection, id_: UUID) -> Opened | None:
    """What was said when the case was recorded, from columns that never change."""
    row = await reader.fetchrow("SELECT number, opened_rank, opened_due_at FROM complaint WHERE id = $1", id_)
    return Opened(id_, row["number"], tier_of(row["opened_rank"]), row["opened_due_at"]) if row else None
