"""The outbox: events are written in the business transaction, without a sequence; the relay publishes and stamps them.

The table is the service's permanent event log (decision "the log"). The aggregate's row must be locked before its
event is appended, so that ids follow commits per aggregate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from operator import attrgetter

from sqlalchemy import BigInteger, Integer, Text, cast, func, or_, select

from shared.bus.contacts import CONTACTS_TOPIC, forgets, is_sealed
from shared.bus.epoch import BITS
from shared.bus.event import Event
from shared.db import Connection
from shared.kernel_schema import EVENT_LOG
from shared.statement import Reader, Statement, any_given, given, insert_many

_NAMES = {"id": "event_id"}
"""Fields of an Event that the table calls otherwise."""
_FIELDS = tuple(field.name for field in fields(Event))
_EPOCH = cast(func.coalesce(EVENT_LOG.c.sequence, 0).bitwise_rshift(BITS), Integer)
EVENT_COLUMNS = tuple(
    (_EPOCH if name == "epoch" else EVENT_LOG.c[_NAMES.get(name, name)]).label(name) for name in _FIELDS
)
"""What an Event is made from, under the names and in the order of its fields."""
_GIVEN = tuple(name for name in _FIELDS if name not in {"sequence", "epoch"})
APPENDED = tuple(_NAMES.get(name, name) for name in _GIVEN)
"""What is written of an event; the relay stamps its sequence."""
_values = attrgetter(*_GIVEN)

LAST = (1 << 63) - 1
"""No sequence is above it."""
MANY = 50
"""From so many on, COPY costs less than arrays: asyncpg looks at each element of an array for further ones."""

_APPEND = Statement(insert_many(EVENT_LOG, *APPENDED))
_NEXT_PUBLISHED = (
    EVENT_LOG.c.sequence > given("sequence"),
    EVENT_LOG.c.sequence <= given("until", BigInteger),
    EVENT_LOG.c.topic == any_given("topics", Text),
)
_LAST_OF_THEM = select(func.max(EVENT_LOG.c.sequence)).where(*_NEXT_PUBLISHED).scalar_subquery()
_PUBLISHED_AFTER = Statement(
    select(*EVENT_COLUMNS)
    .where(
        *_NEXT_PUBLISHED,
        or_(EVENT_LOG.c.type.like(any_given("types", Text)), EVENT_LOG.c.sequence == _LAST_OF_THEM),
    )
    .order_by(EVENT_LOG.c.sequence)
    .limit(given("most")),
    Event,
)


async def append(transaction: Connection, events: Iterable[Event]) -> None:
    """Writes events into the log within the business transaction, in their order, in one round trip.

    Raises ValueError for a contact in the open: no log keeps one (`shared.bus.contacts`).
    """
    given_events = list(events)
    if any(event.topic == CONTACTS_TOPIC and not (is_sealed(event) or forgets(event)) for event in given_events):
        raise ValueError("a contact is sealed before it is written")
    rows = list(map(_values, given_events))
    if len(rows) >= MANY:
        await transaction.copy_records_to_table("event_log", records=rows, columns=APPENDED)
    elif rows:
        await _APPEND.execute(transaction, **dict(zip(APPENDED, zip(*rows, strict=True), strict=True)))


async def published_after(
    reader: Reader, sequence: int, limit: int, topics: Sequence[str], types: Sequence[str]
) -> list[Event]:
    """The next published events of `topics` with a sequence above the given one, in order: some if there are any.

    Those whose type is like none of `types` are passed over, but for the last one, which tells how far that was.

    It looks at so many sequences first, and at all only when none of those is there (another topic's, a new epoch):
    what the planner knows of the log's end is always old, so it would sort whatever is left, for every batch anew.
    """
    wanted = {"sequence": sequence, "topics": topics, "types": types, "most": limit}
    near = await _PUBLISHED_AFTER.all(reader, **wanted, until=sequence + limit)
    return near or await _PUBLISHED_AFTER.all(reader, **wanted, until=LAST)
