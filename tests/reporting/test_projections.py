"""Projections are functions of the events: however these arrive, and after a rebuild, the same rows stand there."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest

from services.reporting.schema import METADATA, PROJECTIONS
from shared.bus import outbox, parking
from shared.bus.event import Event
from shared.bus.inbox import Inbox
from shared.bus.inprocess import InProcessPublisher, InProcessSubscription
from shared.bus.port import Effect, Record
from shared.bus.relay import Relay
from shared.bus.replay import replay
from shared.contracts import complaints, customers, merging
from shared.contracts.base import CaseFact
from shared.db import Connection, Database
from shared.kernel_schema import KERNEL
from shared.months import Month
from shared.rebuild import rebuild
from shared.settings import ServiceName
from tests.postgres import FreshDatabase
from tests.reporting.network import Network, arrivals, batches
from tests.support import OneService, one_service, runtime_of

Rows = dict[str, list[str]]


async def rows_of(database: Database) -> Rows:
    """All rows of all projections, as text; when a merge was heard of is no part of what it says."""
    rows = dict.fromkeys(PROJECTIONS, "t::text") | {"customer_alias": "(to_jsonb(t) - 'mark')::text"}
    return {
        table: [row["row"] for row in await database.fetch(f"SELECT {said} AS row FROM {table} t ORDER BY 1")]
        for table, said in rows.items()
    }


async def rows_after(fresh_database: FreshDatabase, records: Sequence[Sequence[Event]]) -> Rows:
    async with one_service(fresh_database, "reporting") as reporting:
        for batch in records:
            await reporting.deliver(batch)
        return await rows_of(reporting.database)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_same_rows_however_the_events_arrive(fresh_database: FreshDatabase, seed: int) -> None:
    events = Network(seed).events
    random = Random(seed)

    in_order = await rows_after(fresh_database, [events])

    left_empty = [table for table, rows in in_order.items() if not rows]
    assert left_empty == [], "tests/reporting/network.py tells of nothing that fills them"
    for most in (1, 7, 60, 1_000):
        arrived = arrivals(events, random)
        assert await rows_after(fresh_database, list(batches(arrived, random, most))) == in_order, f"batches of {most}"


async def test_topics_taken_at_the_same_time_give_the_same_rows(fresh_database: FreshDatabase) -> None:
    """Each topic by a consumer of its own, at once: no deadlock, no lost update, numbers of the live page in a row."""
    events = Network(8, customers=12).events
    in_order = await rows_after(fresh_database, [events])
    async with one_service(fresh_database, "reporting") as reporting:

        async def take(topic: str) -> None:
            own = [event for event in events if event.topic == topic]
            for batch in batches(own, Random(topic), 20):
                await reporting.inbox.take([Record(topic, 0, 0, event.key, event) for event in batch])

        await asyncio.gather(*(take(topic) for topic in {event.topic for event in events}))

        assert await rows_of(reporting.database) == in_order
        shown = [row["id"] for row in await reporting.database.fetch("SELECT id FROM live_event ORDER BY id")]
        assert shown == list(range(1, len(shown) + 1))


def test_every_table_of_reporting_is_a_projection_but_the_live_stream_and_what_people_write_here() -> None:
    others = METADATA.tables.keys() - KERNEL.tables.keys() - set(PROJECTIONS)
    assert others == {"live_event", "live_stream", "appraisal_policy"}
    assert set(PROJECTIONS) <= METADATA.tables.keys()


class Logs:
    """Reporting on the in-process bus, behind the logs of producers that do nothing of their own."""

    def __init__(self, reporting: OneService, producers: dict[ServiceName, Relay], databases: list[Database]) -> None:
        self.reporting = reporting
        self._relays = producers
        self._databases = dict(zip(producers, databases, strict=True))
        service = reporting.service
        self.subscriptions = [
            InProcessSubscription(reporting.inbox, self._databases[source], source, topics, reporting.clock)
            for source, topics in service.listens.items()
        ]

    async def publish(self, events: Sequence[Event]) -> None:
        for source, topics in self.reporting.service.listens.items():
            async with self._databases[source].transaction() as transaction:
                await outbox.append(transaction, [event for event in events if event.topic in topics])
            while await self._relays[source].step():
                pass

    async def drain(self) -> None:
        for subscription in self.subscriptions:
            await subscription.drain()


@asynccontextmanager
async def behind_logs(fresh_database: FreshDatabase) -> AsyncIterator[Logs]:
    async with AsyncExitStack() as stack:
        reporting = await stack.enter_async_context(one_service(fresh_database, "reporting"))
        relays: dict[ServiceName, Relay] = {}
        databases: list[Database] = []
        for source in reporting.service.listens:
            runtime = await stack.enter_async_context(runtime_of(fresh_database, source, reporting.clock))
            relays[source] = Relay(source, runtime.database, InProcessPublisher(), reporting.clock)
            databases.append(runtime.database)
        yield Logs(reporting, relays, databases)


async def test_a_rebuild_gives_the_same_rows(fresh_database: FreshDatabase) -> None:
    async with behind_logs(fresh_database) as logs:
        database = logs.reporting.database
        await logs.publish(Network(4, customers=20).events)
        await logs.drain()
        before = await rows_of(database)
        shown = await database.fetch("SELECT * FROM live_event ORDER BY id")

        assert (await rebuild(database, "reporting", PROJECTIONS, "a person")).generation == 1
        assert not any((await rows_of(database)).values())
        await logs.drain()

        assert await rows_of(database) == before
        assert await database.fetch("SELECT * FROM live_event ORDER BY id") == shown, "history was shown again"
        assert (await rebuild(database, "reporting", PROJECTIONS, "a person")).generation == 2


async def test_what_was_parked_is_tried_again_by_a_rebuild(fresh_database: FreshDatabase) -> None:
    async with behind_logs(fresh_database) as logs:
        database = logs.reporting.database
        broken, *_ = (event for event in Network(7).events if event.type == customers.CustomerRegistered.TYPE)
        await logs.publish([replace(broken, data="{}")])
        await logs.drain()
        assert [row["key"] for row in await parking.waiting(database)] == [broken.key]

        await rebuild(database, "reporting", PROJECTIONS, "a person")
        assert await parking.waiting(database) == []
        await logs.drain()

        assert [row["key"] for row in await parking.waiting(database)] == [broken.key]


async def test_a_rebuild_beside_parked_keys_gives_the_same_rows(fresh_database: FreshDatabase) -> None:
    """Twice while the fault lasts: nothing is parked twice. Once it is gone, a rebuild or a replay makes it good."""
    events = Network(4, customers=20).events
    async with behind_logs(fresh_database) as well, behind_logs(fresh_database) as troubled:
        database = troubled.reporting.database
        [(key, _)] = Counter(event.key for event in events).most_common(1)
        poison = _Poison(key, troubled.reporting.inbox)
        for logs in (well, troubled):
            await logs.publish(events)
            await logs.drain()
        parked = len(await parking.waiting(database))
        assert parked > 3
        for _ in range(2):
            rebuilt = await rebuild(database, "reporting", PROJECTIONS, "a person")
            assert (rebuilt.events, rebuilt.keys) == (parked, 1)
            await troubled.drain()
            assert len(await parking.waiting(database)) == parked

        poison.key = ""
        assert sum(outcome.events for outcome in await replay(troubled.reporting.inbox, "a person")) == parked
        assert await rows_of(database) == await rows_of(well.reporting.database)
        poison.key = key
        await rebuild(database, "reporting", PROJECTIONS, "a person")
        await troubled.drain()
        poison.key = ""
        await rebuild(database, "reporting", PROJECTIONS, "a person")
        await troubled.drain()
        assert await rows_of(database) == await rows_of(well.reporting.database)
        assert await parking.waiting(database) == []


class _Poison:
    """A fault in the reactions of an inbox, at the events of one key."""

    def __init__(self, key: str, inbox: Inbox) -> None:
        self.key = key
        inbox.effects = {type_: self._poisoned(effect) for type_, effect in inbox.effects.items()}

    def _poisoned(self, effect: Effect) -> Effect:
        async def react(transaction: Connection, events: Sequence[Event]) -> None:
            if any(event.key == self.key for event in events):
                raise KeyError("this one is poison")
            await effect(transaction, events)

        return react


async def test_figures_equal_an_independent_count(fresh_database: FreshDatabase) -> None:
    events = Network(6, customers=15).events
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.deliver(events)
        zone = reporting.service.runtime.zone
        now = max(event.time for event in events)
        reporting.clock.move_to(now)

        months, taken = rounds_by_month(events, zone), taken_by_month(events, zone)
        assert sum(sum(month.values()) for month in months.values()) > 20
        for month, outcomes in months.items():
            answer = (await reporting.http.get("/reporting/v1/complaints", params={"month": str(month)})).json()
            found = {name: answer[name] for name in outcomes}
            assert found == dict(outcomes)
            assert answer["opened"] == sum(outcomes.values())
            how = taken[month]
            assert (answer["accepted_in_time"], answer["not_accepted_in_time"]) == (
                how["accepted_in_time"],
                how["not_accepted_in_time"],
            )

        for customer_id, spent in spent_by_customer(events).items():
            answer = (await reporting.http.get(f"/reporting/v1/customers/{customer_id}")).json()
            assert Decimal(answer["purchases"]["sum"]) == spent


def rounds_by_month(events: Sequence[Event], zone: ZoneInfo) -> dict[Month, Counter[str]]:
    """What became of each round, by the month in which it began, by the facts alone."""
    end = max(event.time for event in events)
    began: dict[tuple[UUID, int], Month] = {}
    due: dict[tuple[UUID, int], datetime | None] = {}
    outcome: dict[tuple[UUID, int], str] = {}
    for fact in case_facts(events):
        this = fact.complaint_id, fact.round
        match fact:
            case complaints.ComplaintOpened() | complaints.ComplaintReopened():
                began[this], due[this] = Month.of(fact.at, zone), fact.answer_due_at
            case complaints.ComplaintClockRecalculated() if fact.clock == "answer":
                due[this] = fact.due_at
            case complaints.ComplaintResumed():
                due[this] = fact.answer_due_at
            case complaints.ComplaintPaused():
                due[this] = fact.due_after_pause if fact.until <= end else None
            case complaints.ComplaintAnswered() | complaints.ComplaintResolved():
                outcome.setdefault(this, "answered_in_time" if fact.in_time else "answered_late")
    months: dict[Month, Counter[str]] = {month: Counter() for month in began.values()}
    for this, month in began.items():
        moment = due[this]
        left = "unanswered_overdue" if moment is not None and moment <= end else "open"
        months[month][outcome.get(this, left)] += 1
    return months


def taken_by_month(events: Sequence[Event], zone: ZoneInfo) -> dict[Month, Counter[str]]:
    """How many cases were taken in time, and how many were not, by the month in which they were recorded."""
    month: dict[UUID, Month] = {}
    taken: dict[UUID, str] = {}
    for fact in case_facts(events):
        match fact:
            case complaints.ComplaintOpened():
                month[fact.complaint_id] = Month.of(fact.at, zone)
            case complaints.ComplaintAccepted():
                taken[fact.complaint_id] = "accepted_in_time" if fact.in_time else "not_accepted_in_time"
            case complaints.ComplaintClockMissed():
                taken[fact.complaint_id] = "not_accepted_in_time"
    found: defaultdict[Month, Counter[str]] = defaultdict(Counter)
    for complaint_id, how in taken.items():
        found[month[complaint_id]][how] += 1
    return found


def case_facts(events: Sequence[Event]) -> Iterator[CaseFact]:
    contracts = {contract.TYPE: contract for contract in CaseFact.__subclasses__()}
    return (event.read(contracts[event.type]) for event in events if event.type in contracts)


def spent_by_customer(events: Sequence[Event]) -> dict[UUID, Decimal]:
    spent: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for event in events:
        if event.type in (
            customers.PurchaseRecorded.TYPE,
            customers.PurchaseReturned.TYPE,
            customers.PurchaseReversed.TYPE,
        ):
            data = orjson.loads(event.data)
            spent[UUID(data["customer_id"])] += Decimal(data["amount"])
    kept = kept_by_merged(events)
    together: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    for customer_id, amount in spent.items():
        together[kept.get(customer_id, customer_id)] += amount
    return together | {merged: together[into] for merged, into in kept.items()}


def kept_by_merged(events: Sequence[Event]) -> dict[UUID, UUID]:
    """Who is somebody else now: the last word on each, and on who is kept in turn."""
    kept: dict[UUID, UUID] = {}
    for event in events:
        if event.type == merging.CustomerMerged.TYPE:
            fact = event.read(merging.CustomerMerged)
            kept[fact.merged_id] = fact.into_id
        elif event.type == merging.CustomerUnmerged.TYPE:
            kept.pop(event.read(merging.CustomerUnmerged).merged_id, None)

    def end(id_: UUID) -> UUID:
        return end(kept[id_]) if id_ in kept else id_

    return {merged: end(merged) for merged in kept}
