"""Statements about cases: recording in one round trip, locking and saving, reading one, a list, the queue."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

from services.complaints.calendars import store as calendars
from services.complaints.calendars.domain import Calendar
from services.complaints.cases.domain import Case, NewCase, Opened, State, rank_of, tier_of
from services.complaints.response_clocks.domain import NEVER, Clock, Pause, next_alarm
from shared.auth.visibility import subordinates
from shared.contracts.complaints import FACTS, ComplaintOpened
from shared.db import Connection
from shared.http.idempotency import CLAIM_EACH, IdempotencyKey
from shared.ids import new_id

# ---------------------------------------------------------------------------- recording


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
    Idempotency-Key is taken. The customer's row is held, so a tier that changes meanwhile is not missed.
    """
    rows = await connection.fetch(_RECORD, revision, *_columns(recordings))
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


async def customer_known(reader: Connection, id_: UUID) -> bool:
    return bool(await reader.fetchval("SELECT EXISTS (SELECT 1 FROM customer_ref WHERE id = $1)", id_))


# ---------------------------------------------------------------------------- moving

CASE_COLUMNS = """
id, number, customer_id, kind, subject, state, tier_rank, responsible_id, taken_over, registered_at, moved_at, round,
policy_version, calendar_version, started_at, answer_seconds, next_alarm_at, warned, escalation_level, breached_at,
stopped_at, answered_at, resolved_at, closed_at, version
"""
_LOCK = f"SELECT {CASE_COLUMNS} FROM complaint WHERE id = $1 FOR UPDATE"  # noqa: S608  constant column list
_PAUSES = """
SELECT p.complaint_id, p.started_at, p.until, p.ended_at
FROM clock_pause p JOIN complaint c ON c.id = p.complaint_id AND c.round = p.round
WHERE p.complaint_id = ANY($1::uuid[]) ORDER BY p.complaint_id, p.started_at
"""
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


async def lock(transaction: Connection, id_: UUID) -> Case | None:
    """The case, held until the transaction ends; None when there is none."""
    row = await transaction.fetchrow(_LOCK, id_)
    return (await with_pauses(transaction, [row]))[0] if row is not None else None


async def with_pauses(transaction: Connection, rows: Sequence[Any]) -> list[Case]:
    """The cases of locked rows; their pauses are read after the lock, so they are the present ones."""
    pauses: dict[UUID, list[Pause]] = {}
    for row in await transaction.fetch(_PAUSES, [row["id"] for row in rows]):
        pauses.setdefault(row["complaint_id"], []).append(Pause(row["started_at"], row["until"], row["ended_at"]))
    known = await _calendars(transaction, rows)
    return [_case(row, tuple(pauses.get(row["id"], ())), known.get(row["calendar_version"])) for row in rows]


async def _calendars(reader: Connection, rows: Iterable[Any]) -> dict[int, Calendar]:
    """The calendars by which the clocks of these cases run; none are read for those that run day and night."""
    versions = {row["calendar_version"] for row in rows} - {None}
    return await calendars.by_version(reader, versions) if versions else {}


def _case(row: Any, pauses: tuple[Pause, ...], calendar: Calendar | None) -> Case:
    return Case(
        id=row["id"],
        number=row["number"],
        customer_id=row["customer_id"],
        kind=row["kind"],
        subject=row["subject"],
        state=State(row["state"]),
        tier=tier_of(row["tier_rank"]),
        responsible_id=row["responsible_id"],
        taken_over=row["taken_over"],
        registered_at=row["registered_at"],
        moved_at=row["moved_at"],
        round=row["round"],
        policy_version=row["policy_version"],
        clock=_clock(row, pauses, calendar),
        answered_at=row["answered_at"],
        resolved_at=row["resolved_at"],
        closed_at=row["closed_at"],
        version=row["version"],
    )


def _clock(row: Any, pauses: tuple[Pause, ...], calendar: Calendar | None) -> Clock:
    return Clock(
        started_at=row["started_at"],
        answer_within=timedelta(seconds=row["answer_seconds"]),
        pauses=pauses,
        warned=row["warned"],
        breached_at=row["breached_at"],
        escalation_level=row["escalation_level"],
        escalates_at=row["next_alarm_at"] if row["breached_at"] is not None else None,
        stopped_at=row["stopped_at"],
        silent_until=row["registered_at"] if row["taken_over"] else None,
        calendar=calendar,
    )


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
    """Writes of locked cases only what a ringing clock moves."""
    rows = [
        (case.id, case.version, case.moved_at, due_at, due_at or NEVER, next_alarm(clock), clock.warned,
         clock.escalation_level, clock.breached_at)
        for case in cases
        for clock in [case.clock]
        for due_at in [clock.due_at]
    ]  # fmt: skip
    await transaction.execute(_SAVE_CLOCKS, *(list(column) for column in zip(*rows, strict=True)))


# ---------------------------------------------------------------------------- reading

_SUMMARY = """
id::text AS id, number, state, nullif(substr('ABCD', tier_rank, 1), '') AS tier, round, due_at AS answer_due_at,
due_at IS NULL AS paused, (breached_at IS NOT NULL OR stopped_at IS NULL AND due_at <= $1) IS TRUE AS overdue,
answered_at, escalation_level, responsible_id::text AS responsible_id, taken_over, customer_id::text AS customer_id,
kind, subject, channel, recorded_at
"""
"""The fields of a case in a list, as they are answered; late by the times themselves, $1 being now."""
_WHOLE = f"""
{_SUMMARY}, against_type, against_id::text AS against_id, words, purchase_id::text AS purchase_id, happened_at,
resolved_at, closed_at, started_at, version
"""
_EARLIER_ROUNDS = """
SELECT round, started_at, due_at AS answer_due_at, answered_at, resolved_at, closed_at,
       breached_at IS NOT NULL AS overdue, escalation_level
FROM complaint_round WHERE complaint_id = $1 AND round < $2 ORDER BY round
"""
_PEOPLE = subordinates("$3")
ONE = f"SELECT {_WHOLE} FROM complaint c WHERE c.id = $2"  # noqa: S608  constant column list
ONE_OF_TEAM = f"""
SELECT {_WHOLE} FROM complaint c
WHERE c.id = $2 AND (ARRAY[recorded_by, responsible_id] && ARRAY({_PEOPLE})
                     OR EXISTS (SELECT 1 FROM customer_ref r WHERE r.id = c.customer_id AND r.team && ARRAY({_PEOPLE})))
"""  # noqa: S608  constant column list
_TRACKED = """
SELECT number, kind, subject, state, round, recorded_at, due_at AS answer_due_at,
       (breached_at IS NOT NULL OR stopped_at IS NULL AND due_at <= $1) IS TRUE AS overdue, answered_at, resolved_at,
       closed_at
FROM complaint WHERE id = $2
"""
QUEUE = f"""
SELECT {_SUMMARY}, tier_rank, queue_at, calendar_version,
       CASE WHEN due_at IS NOT NULL THEN greatest(0, ceil(extract(epoch FROM due_at - $1)))::integer END AS seconds_left
FROM complaint c
WHERE state = 'open' AND (tier_rank, queue_at, c.id) > ($2::smallint, $3::timestamptz, $4::uuid)
ORDER BY tier_rank, queue_at, c.id
"""  # noqa: S608  constant column list
_FILTERS = ("customer_id", "state", "number")


def _list_by(filters: Sequence[str]) -> str:
    narrowed = "".join(f" AND c.{name} = ${place}" for place, name in enumerate(filters, start=3))
    return f"SELECT {_SUMMARY} FROM complaint c WHERE c.id < $2{narrowed} ORDER BY c.id DESC"  # noqa: S608  names of ours


LISTS = {filters: _list_by(filters) for many in range(len(_FILTERS) + 1) for filters in combinations(_FILTERS, many)}
"""By the filters that are given, in their order."""
_ON_TEAM = f"SELECT EXISTS (SELECT 1 FROM customer_ref WHERE id = $1 AND team && ARRAY({subordinates('$2')}))"  # noqa: S608  names of ours


def limited(sql: str, limit: int) -> str:
    """With the limit as a number in it, not a parameter: else no plan can be kept, because none knows how few it is."""
    return f"{sql} LIMIT {limit:d}"


async def one(reader: Connection, id_: UUID, now: datetime, *, member_id: UUID | None) -> Any:
    """The row of a case, or None; with `member_id` only what concerns that person or their people, by the customer's
    team, as the responsible one, or by intake."""
    if member_id is None:
        return await reader.fetchrow(ONE, now, id_)
    return await reader.fetchrow(ONE_OF_TEAM, now, id_, member_id)


async def earlier_rounds(reader: Connection, id_: UUID, present: int) -> list[Any]:
    """The rounds before the present one; few cases have any, so it is a statement of its own."""
    return await reader.fetch(_EARLIER_ROUNDS, id_, present) if present > 1 else []


async def tracked(reader: Connection, id_: UUID, now: datetime) -> Any:
    return await reader.fetchrow(_TRACKED, now, id_)


async def listed(reader: Connection, filters: dict[str, Any], now: datetime, before: UUID, limit: int) -> list[Any]:
    """The newest cases first, below the id `before`."""
    given = {name: filters[name] for name in _FILTERS if filters[name] is not None}
    rows: list[Any] = await reader.fetch(limited(LISTS[tuple(given)], limit), now, before, *given.values())
    return rows


async def queued(reader: Connection, now: datetime, after: tuple[int, datetime, UUID], limit: int) -> list[Any]:
    """Open cases in the order of the queue, after a place in it; their place stands beside their fields.

    `seconds_left` counts as the case's clock does: null while paused, 0 when the time is over.
    """
    rows = await reader.fetch(limited(QUEUE, limit), now, *after)
    known = await _calendars(reader, rows)
    return [_counted(dict(row), known, now) for row in rows]


def _counted(row: dict[str, Any], known: Mapping[int, Calendar], now: datetime) -> dict[str, Any]:
    calendar = known.get(row.pop("calendar_version"))
    if calendar is not None and row["seconds_left"]:
        row["seconds_left"] = math.ceil(calendar.between(now, row["answer_due_at"]).total_seconds())
    return row


async def on_team(reader: Connection, customer_id: UUID, member_id: UUID) -> bool:
    """Whether the member or one of their people is on the customer's team."""
    return bool(await reader.fetchval(_ON_TEAM, customer_id, member_id))


# ---------------------------------------------------------------------------- subjects

_SUBJECTS = "SELECT code, name_en, name_zh, active FROM subject ORDER BY code"
_KEEP_SUBJECT = """
INSERT INTO subject (code, name_en, name_zh, active) VALUES ($1, $2, $3, $4)
ON CONFLICT (code) DO UPDATE SET name_en = EXCLUDED.name_en, name_zh = EXCLUDED.name_zh, active = EXCLUDED.active
"""


async def subjects(reader: Connection) -> list[Any]:
    rows: list[Any] = await reader.fetch(_SUBJECTS)
    return rows


async def keep_subject(transaction: Connection, code: str, name_en: str, name_zh: str, active: bool) -> None:
    await transaction.execute(_KEEP_SUBJECT, code, name_en, name_zh, active)


# ---------------------------------------------------------------------------- customers

_STUBS = """
INSERT INTO customer_ref AS c (id, tier_rank, team)
SELECT id, rank, '{}' FROM unnest($1::uuid[], $2::smallint[]) AS t(id, rank) ORDER BY id
ON CONFLICT (id) DO UPDATE SET tier_rank = EXCLUDED.tier_rank
WHERE c.tier_rank IS NULL AND EXCLUDED.tier_rank IS NOT NULL
"""
_TIERS = """
INSERT INTO customer_ref (id, tier_rank, team)
SELECT id, rank, '{}' FROM unnest($1::uuid[], $2::smallint[]) AS t(id, rank) ORDER BY id
ON CONFLICT (id) DO UPDATE SET tier_rank = EXCLUDED.tier_rank
"""
_REORDER = """
UPDATE complaint AS c SET tier_rank = t.rank
FROM unnest($1::uuid[], $2::smallint[]) AS t(id, rank)
WHERE c.customer_id = t.id AND c.state = 'open' AND c.tier_rank <> t.rank
"""
_TEAMS = """
INSERT INTO customer_ref (id, specialist_id, team)
SELECT id, specialist_id, team::uuid[]
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS t(id, specialist_id, team) ORDER BY id
ON CONFLICT (id) DO UPDATE SET specialist_id = EXCLUDED.specialist_id, team = EXCLUDED.team
"""


async def keep_customers(transaction: Connection, ranks: dict[UUID, int | None]) -> None:
    """Hears of customers; a tier that a later event has said already stays."""
    await transaction.execute(_STUBS, list(ranks), list(ranks.values()))


async def keep_tiers(transaction: Connection, ranks: dict[UUID, int]) -> None:
    """Keeps the customers' tiers, then puts their open cases in place: two statements, so that the second also sees
    what was recorded while the first waited for a customer's row."""
    await transaction.execute(_TIERS, list(ranks), list(ranks.values()))
    await transaction.execute(_REORDER, list(ranks), list(ranks.values()))


async def keep_teams(transaction: Connection, teams: dict[UUID, dict[str, UUID]]) -> None:
    """Keeps who serves the customers."""
    await transaction.execute(
        _TEAMS,
        list(teams),
        [team.get("cs_specialist") for team in teams.values()],
        ["{" + ",".join(str(member) for member in team.values()) + "}" for team in teams.values()],
    )
