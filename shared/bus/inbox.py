"""The inbox: each event has its effect once, whatever the transport repeats.

A batch is one transaction: inbox rows, effects and (in process) the position commit together. When an event fails for
good the batch is rolled back and redone one by one, and only that event is parked with its key's later ones
(decision "batches"). A passing fault is raised to the caller, who waits and offers the same batch again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from shared.bus import parking
from shared.bus.contacts import ContactSeal
from shared.bus.event import Event
from shared.bus.port import Effects, Record, Unreadable
from shared.bus.runs import runs
from shared.clock import real_time
from shared.db import PASSING, Connection, Database
from shared.errors import Busy
from shared.personal import Vault
from shared.statement import Scalar, Statement
from shared.telemetry import EVENT_LAG, EVENTS_TAKEN, log, span

SUPPORTED_MAJOR = 1
BEHIND = "an earlier event of its key is parked"


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the inbox says of an event: new, blocked by a parked one of its key, the newest version taken before it."""

    event_id: UUID
    fresh: bool
    blocked: bool
    seen: int | None
    generation: int


_ACCEPT = Statement(
    """
WITH held AS (
    SELECT generation FROM consumer_generation WHERE consumer = :consumer FOR SHARE
), incoming AS (
    SELECT * FROM unnest(:ids::uuid[], :aggregate_ids::uuid[], :versions::integer[], :keys::text[], :topics::text[],
                         :epochs::integer[])
        WITH ORDINALITY AS t(event_id, aggregate_id, version, key, topic, epoch, n)
), blocked AS (
    SELECT DISTINCT key FROM parked_event
    WHERE consumer = :consumer AND replayed_at IS NULL AND discarded_at IS NULL AND key = ANY(:keys::text[])
), fresh AS (
    INSERT INTO inbox (consumer, event_id, topic, aggregate_id, aggregate_version, epoch)
    SELECT :consumer, event_id, topic, aggregate_id, version, epoch FROM incoming
    WHERE key NOT IN (SELECT key FROM blocked)
    ON CONFLICT DO NOTHING
    RETURNING event_id
)
SELECT i.event_id, f.event_id IS NOT NULL AS fresh,
       b.key IS NOT NULL AND NOT EXISTS (
           SELECT FROM inbox d WHERE d.consumer = :consumer AND d.event_id = i.event_id
       ) AS blocked,
       (SELECT s.aggregate_version FROM inbox s WHERE s.consumer = :consumer AND s.aggregate_id = i.aggregate_id
        AND s.topic = i.topic AND s.epoch = i.epoch ORDER BY s.aggregate_version DESC LIMIT 1) AS seen,
       coalesce((SELECT generation FROM held), 0) AS generation
FROM incoming i LEFT JOIN fresh f USING (event_id) LEFT JOIN blocked b ON b.key = i.key
ORDER BY i.n
    """,
    _Verdict,
)
"""By hand: what is known, blocked and new is told in one round trip, while the consumer's generation is held.

An event that is done is not blocked: when its key is parked and it is offered once more, it need not wait there.
"""
_HOLD = Scalar("SELECT generation FROM consumer_generation WHERE consumer = :consumer FOR SHARE", int)


class Superseded(Busy):
    """What these records were judged by is over: the consumer was set back (a rebuild), or their key is free again."""

    slug = "superseded"
    title = "The consumer begins anew"


class Inbox:
    """One consumer's way of taking records."""

    def __init__(
        self, consumer: str, database: Database, effects: Effects, parked: Vault, contacts: ContactSeal | None = None
    ) -> None:
        """`parked` seals contacts that have to be parked; `contacts` opens those that it reads, if it reads any."""
        self.consumer = consumer
        self.contacts = contacts
        self.parked = parked
        self.database = database
        self.effects = effects
        self.kinds = {kind_of(type_) for type_ in effects}
        """Of what it takes events; those of anything else leave no trace, whatever their transport brings."""
        self._taken = EVENTS_TAKEN.labels(consumer, "done")
        self._lag = EVENT_LAG.labels(consumer)
        self._log = log("inbox").bind(consumer=consumer)

    async def take(
        self,
        records: Sequence[Record],
        *,
        advance: Callable[[Connection], Awaitable[None]] | None = None,
        generation: int | None = None,
    ) -> None:
        """Gives every record its effect once; `advance` commits the position in the same transaction.

        `generation` is the consumer's when the records were read. Raises only passing faults, `Superseded` among
        them when the generation is another one by now; then nothing of the batch has happened.
        """
        try:
            await self._take_together(records, advance, generation)
        except (*PASSING, Busy):
            raise
        except Exception as fault:
            if len(records) > 1:
                self._log.warning("batch redone one by one", events=len(records), fault=type(fault).__name__)
            for record in records:
                await self._take_alone(record, generation)
            if advance is not None:
                async with self.database.transaction() as transaction:
                    await self.hold(transaction, generation)
                    await advance(transaction)

    async def hold(self, transaction: Connection, generation: int | None = None) -> None:
        """Keeps a rebuild of this consumer waiting until the transaction is over; raises `Superseded`."""
        self._same(generation, await _HOLD.one(transaction, consumer=self.consumer) or 0)

    def _same(self, generation: int | None, present: int) -> None:
        if generation is not None and generation != present:
            raise Superseded(f"{self.consumer} is at generation {present} now")

    async def _take_together(
        self,
        records: Sequence[Record],
        advance: Callable[[Connection], Awaitable[None]] | None,
        generation: int | None,
    ) -> None:
        readable = [record for record in records if why_not(record) is None]
        if len(readable) < len(records):
            raise NotUnderstoodError
        async with self.database.transaction() as transaction:
            behind = await self.apply(transaction, readable, generation)
            if advance is not None:
                await advance(transaction)
        self._tell_parked(behind, BEHIND)
        self._count(readable, len(behind))

    async def _take_alone(self, record: Record, generation: int | None) -> None:
        if why := why_not(record):
            await self._park(record, why, generation)
            return
        try:
            await self._take_together([record], None, generation)
        except (*PASSING, Busy):
            raise
        except Exception as fault:
            await self._park(record, error_of(fault), generation, fault)

    async def _park(
        self, record: Record, error: str, generation: int | None, fault: BaseException | None = None
    ) -> None:
        async with self.database.transaction() as transaction:
            await self.hold(transaction, generation)
            parked = await self.park(transaction, [record], error)
        self._tell_parked(parked, error, fault)

    async def park(self, transaction: Connection, records: Sequence[Record], error: str) -> list[Record]:
        """Has records wait in the parking until a person decides; returns those that did not wait there already."""
        return await parking.park(transaction, self.consumer, records, error, self.parked)

    async def _park_behind(self, transaction: Connection, records: Sequence[Record]) -> list[Record]:
        """The same for records whose key is parked; a replay may have freed it since that was seen."""
        parked = await self.park(transaction, records, BEHIND)
        if len(parked) > await parking.count_behind(transaction, self.consumer, parked):
            raise Superseded(f"a key of {self.consumer} was replayed meanwhile")
        return parked

    def _tell_parked(self, records: Sequence[Record], error: str, fault: BaseException | None = None) -> None:
        parking.tell(self.consumer, records, error, fault)
        EVENTS_TAKEN.labels(self.consumer, "parked").inc(len(records))

    async def apply(
        self, transaction: Connection, records: Sequence[Record], generation: int | None = None
    ) -> list[Record]:
        """Accepts records into the inbox and runs the reactions of those that are new and not stale.

        Returns those that were parked, because an earlier one of their key is.
        """
        records = [record for record in records if kind_of(_event(record).type) in self.kinds]
        if not records:
            await self.hold(transaction, generation)
            return []
        events = [_event(record) for record in records]
        verdicts = await _ACCEPT.all(
            transaction,
            consumer=self.consumer,
            ids=[event.id for event in events],
            aggregate_ids=[event.aggregate_id for event in events],
            versions=[event.aggregate_version for event in events],
            keys=[event.key for event in events],
            topics=[event.topic for event in events],
            epochs=[event.epoch for event in events],
        )
        if verdicts:
            self._same(generation, verdicts[0].generation)
        blocked = [record for record, verdict in zip(records, verdicts, strict=True) if verdict.blocked]
        behind = await self._park_behind(transaction, blocked) if blocked else []
        await self._react(transaction, self._fresh(events, verdicts))
        return behind

    def _fresh(self, events: Sequence[Event], verdicts: Sequence[_Verdict]) -> list[Event]:
        done: set[UUID] = set()
        seen: dict[tuple[UUID, str, int], int] = {}
        fresh: list[Event] = []
        for event, verdict in zip(events, verdicts, strict=True):
            if not verdict.fresh or event.id in done:
                continue
            done.add(event.id)
            aggregate = (event.aggregate_id, event.topic, event.epoch)
            last = seen.get(aggregate, verdict.seen or 0)
            if event.aggregate_version < last:
                self._log.info(
                    "stale event ignored",
                    type=event.type,
                    version=event.aggregate_version,
                    seen=last,
                )
                continue
            if last and event.aggregate_version > last + 1:
                self._log.info("gap applied", type=event.type, version=event.aggregate_version, seen=last)
            seen[aggregate] = event.aggregate_version
            fresh.append(event)
        return fresh

    async def _react(self, transaction: Connection, events: Sequence[Event]) -> None:
        known = [self._opened(event) for event in events if event.type in self.effects]
        for type_, same in runs(known):
            with span(f"{self.consumer} {type_}", parent=same[0].traceparent):
                await self.effects[type_](transaction, same)

    def _opened(self, event: Event) -> Event:
        return event if self.contacts is None else self.contacts.opened(event)

    def _count(self, records: Sequence[Record], parked: int) -> None:
        self._taken.inc(len(records) - parked)
        if records:
            made = _event(records[-1]).id.int >> 80
            self._lag.observe(max(0.0, real_time().timestamp() - made / 1000))


class NotUnderstoodError(Exception):
    """A record in the batch is no event of a version that this consumer knows."""


def why_not(record: Record) -> str | None:
    """Why this release cannot take a record, in words without any of its content; None when it can."""
    if isinstance(record.content, Unreadable):
        return f"not understood: {record.content.error}"
    if record.content.major > SUPPORTED_MAJOR:
        return f"not understood: major version {record.content.major}"
    return None


def kind_of(type_: str) -> str:
    """What an event of this type is about: `crm.purchase` for `crm.purchase.recorded`."""
    return type_.rpartition(".")[0]


def error_of(fault: BaseException) -> str:
    """The class of a fault: its text may have content of the event in it."""
    return f"{type(fault).__module__}.{type(fault).__qualname__}"


def _event(record: Record) -> Event:
    assert isinstance(record.content, Event)  # noqa: S101  narrowed by why_not before
    return record.content
