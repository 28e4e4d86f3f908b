"""Recording cases in one round trip."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import select
from sqlmodel import col

from services.complaints.cases.tables import ComplaintRow
from services.complaints.customers.domain import tier_of
from services.complaints.intake.domain import NewCase, Opened
from shared.bus.sql_events import SqlEvent
from shared.contracts.complaints import ComplaintOpened
from shared.db import Connection
from shared.idempotency import CLAIM_EACH, IdempotencyKey, in_progress
from shared.statement import Reader, Statement, given, table


@dataclass(frozen=True, slots=True)
class ClockStart:
    """How a case's clock starts, by the policy for one tier."""

    due_at: datetime
    next_alarm_at: datetime | None
    answer_seconds: int
    policy_version: int
    calendar_version: int | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A case with what it needs to be written: its clock for every tier that the customer may turn out to have."""

    case: NewCase
    day: str
    words: bytes
    details: bytes | None
    starts: Sequence[ClockStart]
    """By rank: A, B, C, D, unknown."""
    key: IdempotencyKey | None
    fact: str
    """The JSON of complaint.opened up to what only the database knows; without its closing brace."""
    event_id: UUID
    answers_id: UUID | None
    """Who answers for the product that it is against."""
    traceparent: str | None


_OPENED: Final = SqlEvent(
    contract=ComplaintOpened,
    begun="fact",
    fields={
        "number": "number",
        "tier": "nullif(substr('ABCD', rank, 1), '')",
        "responsible_id": "responsible_id",
        "accountable_id": "accountable_id",
        "answer_due_at": "due_at",
    },
    event_id="event_id",
    key="coalesce(customer_id, id)",
    at="registered_at",
    aggregate_id="id",
    version="1",
    historical="taken_over",
    traceparent="traceparent",
)
_CASE: Final = {
    "id": "uuid", "customer_id": "uuid", "kind": "text", "subject": "text", "channel": "text", "against_type": "text",
    "against_id": "uuid", "purchase_id": "uuid", "happened_at": "timestamptz", "recorded_at": "timestamptz",
    "registered_at": "timestamptz", "recorded_by": "uuid", "taken_over": "boolean",
    "accepted_at": "timestamptz", "accepted_by": "uuid", "touch_id": "uuid", "batch": "text",
}  # fmt: skip
_BESIDE: Final = {
    "words": "bytea",
    "details": "bytea",
    "day": "text",
    "fact": "text",
    "event_id": "uuid",
    "answers_id": "uuid",
    "traceparent": "text",
}
_KEY: Final = {"caller": "text", "key": "text", "operation": "text", "fingerprint": "bytea"}
_START: Final = [field.name for field in fields(ClockStart)]
_GIVEN: Final = _CASE | _BESIDE | _KEY
"""What is given of each case, by the names that it has in NewCase, Recording and IdempotencyKey -> its type."""
_RECORD = Statement(
    """
    WITH incoming AS (
        SELECT given.* FROM unnest({lists}) WITH ORDINALITY AS given({names}, n)
        WHERE EXISTS (SELECT 1 FROM rulebook WHERE revision = :revision)
    ), customer AS (
        SELECT id, tier_rank, specialist_id, team FROM customer_ref
        WHERE id = ANY(:customer_id::uuid[]) AND erased_at IS NULL
        ORDER BY id FOR SHARE
    ), known AS (
        SELECT i.*, coalesce(c.tier_rank, 5) AS rank,
               coalesce(nullif(c.specialist_id, a.accountable_id),
                        (SELECT s.id FROM directory_staff s
                         WHERE s.role = 'cs_manager' AND s.active AND s.id IS DISTINCT FROM a.accountable_id
                         ORDER BY s.id = ANY(c.team) DESC NULLS LAST, s.id LIMIT 1),
                        (SELECT s.id FROM directory_staff s
                         WHERE s.role = 'admin_dept' AND s.active AND s.id IS DISTINCT FROM a.accountable_id
                         ORDER BY s.id LIMIT 1)) AS responsible_id,
               a.accountable_id
        FROM incoming i LEFT JOIN customer c ON c.id = i.customer_id
             CROSS JOIN LATERAL (SELECT CASE i.against_type
                   WHEN 'person' THEN i.against_id
                   WHEN 'department' THEN (SELECT d.manager_id FROM directory_department d WHERE d.id = i.against_id)
                   ELSE i.answers_id
               END AS accountable_id) a
        WHERE i.customer_id IS NULL OR c.id IS NOT NULL
    ), claims AS (
        SELECT caller, key, operation, fingerprint, id AS resource_id FROM known WHERE key IS NOT NULL
    ), claimed AS (
        {claim_each}
    ), numbered AS MATERIALIZED (
        SELECT k.*, serial.number, (:due_at::timestamptz[])[n][rank] AS due_at,
               (:next_alarm_at::timestamptz[])[n][rank] AS next_alarm_at,
               (:answer_seconds::integer[])[n][rank] AS answer_seconds,
               (:policy_version::integer[])[n][rank] AS policy_version,
               (:calendar_version::integer[])[n][rank] AS calendar_version
        FROM known k,
             LATERAL (SELECT 'C' || k.day || '-' || lpad(taken, greatest(6, length(taken)), '0') AS number
                      FROM (SELECT nextval('complaint_number')::text AS taken WHERE k.n > 0) AS next) AS serial
        WHERE k.key IS NULL OR k.id IN (SELECT resource_id FROM claimed)
        ORDER BY k.n
    ), opened AS (
        INSERT INTO complaint ({case}, words, details, number,
            opened_rank, opened_due_at, state, tier_rank, responsible_id,
            moved_at, version, round, policy_version, calendar_version, started_at, answer_seconds, due_at, queue_at,
            next_alarm_at, warned, escalation_level, accountable_id)
        SELECT {case}, words, details, number, rank, due_at, 'open', rank, responsible_id,
            recorded_at, 1, 1, policy_version, calendar_version, recorded_at, answer_seconds, due_at, due_at,
            next_alarm_at, 0, 0, accountable_id
        FROM numbered
    ), logged AS (
        {append_opened}
    )
    SELECT n, number, rank, due_at FROM numbered
    """,
    lists=", ".join(f":{name}::{kind}[]" for name, kind in _GIVEN.items()),
    names=", ".join(_GIVEN),
    case=", ".join(_CASE),
    claim_each=CLAIM_EACH,
    append_opened=_OPENED.append_from("numbered"),
)
"""By hand: its common table expressions make one round trip and one commit of what would be five."""


def _first_opened(id: UUID, number: str, opened_rank: int, opened_due_at: datetime) -> Opened:
    return Opened(id, number, tier_of(opened_rank), opened_due_at)


_FIRST_ANSWER = Statement(
    select(*(table(ComplaintRow).c[name] for name in ("id", "number", "opened_rank", "opened_due_at"))).where(
        col(ComplaintRow.id) == given("id")
    ),
    _first_opened,
)


async def record(connection: Connection, revision: int, recordings: Sequence[Recording]) -> list[Opened | None]:
    """Writes the cases with clock, key and event, all in one statement.

    None for a case that was not written: the rulebook has another revision, its customer is unknown, or its
    Idempotency-Key is taken. The customer's row is held, so a tier that changes meanwhile is not missed. Raises
    KeyInProgress for a case that is written alone.
    """
    try:
        rows = await _RECORD.all(connection, revision=revision, **_columns(recordings))
    except asyncpg.LockNotAvailableError as fault:
        if len(recordings) == 1 and "idempotency_key" in (fault.context or ""):
            raise in_progress() from None
        raise
    opened: list[Opened | None] = [None] * len(recordings)
    for n, number, rank, due_at in rows:
        opened[n - 1] = Opened(recordings[n - 1].case.id, number, tier_of(rank), due_at)
    return opened


_of_case, _beside, _of_key, _of_start = (attrgetter(*names) for names in (_CASE, _BESIDE, _KEY, _START))
_NO_KEY: Final = (None,) * len(_KEY)


def _columns(recordings: Sequence[Recording]) -> dict[str, Sequence[Any]]:
    """A sequence for each column, without a dict for each case, because this is the hottest write."""
    return {
        **_by_name(_CASE, (_of_case(each.case) for each in recordings)),
        **_by_name(_BESIDE, map(_beside, recordings)),
        **_by_name(_KEY, (_of_key(each.key) if each.key else _NO_KEY for each in recordings)),
        **_by_name(_START, (map(list, zip(*map(_of_start, each.starts), strict=True)) for each in recordings)),
    }


def _by_name(names: Iterable[str], rows: Iterable[Iterable[Any]]) -> dict[str, Sequence[Any]]:
    return dict(zip(names, zip(*rows, strict=True), strict=True))


async def first_answer(reader: Reader, id_: UUID) -> Opened | None:
    """What was said when the case was recorded, from columns that never change."""
    return await _FIRST_ANSWER.one(reader, id=id_)
