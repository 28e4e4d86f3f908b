"""What waits in the log to be published, and the lease under which one relay at a time takes it from there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, exists, literal_column, not_, select

from shared.bus.epoch import BITS
from shared.bus.event import Event
from shared.bus.outbox import EVENT_COLUMNS, LAST
from shared.bus.parking import WAITS, tell
from shared.bus.port import Record
from shared.db import Database
from shared.kernel_schema import EVENT_LOG, PARKED_EVENT
from shared.statement import Scalar, Statement, any_given, by_column, given, insert_many

LEASE_SECONDS = 10.0
NEAR = 4
"""Times a batch: among so many ids that follow there may be those of transactions that have not ended."""
TOO_LARGE = "larger than the broker takes"

_HOLD = Scalar(
    """
    UPDATE relay SET holder = :holder, held_until = clock_timestamp() + make_interval(secs => :seconds)
    WHERE holder IS NULL OR holder = :holder OR held_until < clock_timestamp()
    RETURNING last_sequence >> {bits}
    """,
    int,
    bits=str(BITS),
)
_RELEASE = Statement("UPDATE relay SET holder = NULL WHERE holder = :holder")
_STAMP = Scalar(
    """
    WITH lease AS (
        UPDATE relay SET last_sequence = last_sequence + :events,
                         held_until = clock_timestamp() + make_interval(secs => :seconds)
        WHERE holder = :holder AND held_until > clock_timestamp()
        RETURNING last_sequence - :events AS base
    ), place AS (
        SELECT * FROM unnest(:ids::bigint[], :recorded_at::timestamptz[], :removed::boolean[]) WITH ORDINALITY
            AS t(id, recorded_at, removed, n)
    ), removed AS (
        DELETE FROM event_log USING lease, place
        WHERE place.removed AND event_log.id = place.id AND event_log.recorded_at = place.recorded_at
        RETURNING 1
    ), stamped AS (
        UPDATE event_log SET sequence = lease.base + place.n
        FROM lease, place
        WHERE NOT place.removed AND event_log.id = place.id AND event_log.recorded_at = place.recorded_at
          AND event_log.sequence IS NULL
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM removed) + (SELECT count(*) FROM stamped)
    """,
    int,
)
"""By hand: lease, stamps and removals are one statement, so that a lost lease stamps nothing."""


@dataclass(frozen=True, slots=True)
class Unpublished:
    """An event with its place in the log."""

    log_id: int
    recorded_at: datetime
    event: Event


_KEY_PARKED = exists().where(PARKED_EVENT.c.consumer == "relay", PARKED_EVENT.c.key == EVENT_LOG.c.key, WAITS)
_DISCARDED = exists().where(
    PARKED_EVENT.c.consumer == "relay",
    PARKED_EVENT.c.position == EVENT_LOG.c.id,
    PARKED_EVENT.c.discarded_at.is_not(None),
)
_NEXT = Statement(
    select(EVENT_LOG.c.id.label("log_id"), EVENT_LOG.c.recorded_at, *EVENT_COLUMNS)
    .where(
        EVENT_LOG.c.sequence.is_(None),
        EVENT_LOG.c.id <= given("until", BigInteger),
        not_(EVENT_LOG.c.id == any_given("moving", BigInteger)),
        not_(_KEY_PARKED),
        not_(_DISCARDED),
    )
    .order_by(EVENT_LOG.c.id)
    .limit(given("most"))
)
_PARK = Statement(
    insert_many(
        PARKED_EVENT, "key", "event_id", "type", "topic", "position",
        consumer="relay", partition=0, headers=literal_column("'{}'::json"), error=TOO_LARGE,
    )
)  # fmt: skip


async def hold(database: Database, holder: UUID) -> int | None:
    """Takes or renews the lease, and tells the log's epoch; None while another relay has the lease."""
    return await _HOLD.one(database, holder=holder, seconds=LEASE_SECONDS)


async def release(database: Database, holder: UUID) -> None:
    """Gives the lease back, so that another relay starts at once."""
    await _RELEASE.execute(database, holder=holder)


async def next_rows(database: Database, moving: Collection[int], most: int) -> list[Unpublished]:
    """The first unpublished events in id order: some if there are any.

    Left out are those on their way (`moving`), those of parked keys, and those that a person discarded. Beside those on
    their way it looks at the ids that follow them first, as `published_after` does: a backlog is sorted by nobody.
    """
    near = max(moving) + NEAR * most if moving else LAST
    rows = await _NEXT.all(database, moving=list(moving), most=most, until=near)
    if not rows and moving:
        rows = await _NEXT.all(database, moving=list(moving), most=most, until=LAST)
    return [Unpublished(log_id, recorded_at, Event(*event)) for log_id, recorded_at, *event in rows]


async def stamp(database: Database, holder: UUID, rows: Sequence[Unpublished], removed: Sequence[bool]) -> int:
    """Gives published events the next sequences, or removes them; how many, none of them when the lease was lost."""
    return await _STAMP.only(
        database,
        holder=holder,
        seconds=LEASE_SECONDS,
        events=len(rows),
        ids=[row.log_id for row in rows],
        recorded_at=[row.recorded_at for row in rows],
        removed=removed,
    )


async def park(database: Database, rows: Sequence[Unpublished]) -> None:
    """Parks events that the broker can never take; the later ones of their keys wait with them."""
    await _PARK.execute(database, **by_column(map(_parked, rows)))
    tell("relay", [Record(row.event.topic, 0, row.log_id, row.event.key, row.event) for row in rows], TOO_LARGE)


def _parked(row: Unpublished) -> dict[str, object]:
    event = row.event
    return {
        "key": event.key,
        "event_id": event.id,
        "type": event.type,
        "topic": event.topic,
        "position": row.log_id,
    }
