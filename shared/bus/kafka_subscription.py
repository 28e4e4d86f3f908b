"""A consumer group's member: one task reads, one gives events their effect, offsets follow.

Reading never waits for an effect: aiokafka asks a broker for more only when everything that it fetched was taken, so a
reader that worked in between would leave new events lying there for one or two effects longer. What was read and has
no effect yet waits here, by partition; a partition with too much of it is paused, which does not exceed the poll
interval (decision 7), and one whose effect fails for a passing reason waits without stopping the others.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import islice
from typing import TypeAlias

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from aiokafka.structs import ConsumerRecord

from shared.bus.binary_mode import is_tombstone, record_of
from shared.bus.inbox import Inbox
from shared.bus.kafka import BrokerAway
from shared.db import PASSING
from shared.errors import Busy
from shared.repeats import Trouble
from shared.retry import retry_forever
from shared.statement import Scalar
from shared.telemetry import log

BATCH = 500
MOST_WAITING = 1_000
"""Records of a partition that wait for their effect before it is paused."""
POLL_MILLISECONDS = 250
FETCH_WAIT_MILLISECONDS = 100
"""How long a broker holds a fetch that finds nothing; a resumed partition waits for the end of the fetch under way."""
COMMIT_EVERY = 0.2
COMMIT_WITHIN = 2.0
WATCH_EVERY = 30.0
REPEAT_AFTER = 0.5
GENERATION_EVERY = 1.0

KafkaMessage: TypeAlias = "ConsumerRecord[bytes, bytes]"
Batches: TypeAlias = "dict[TopicPartition, list[KafkaMessage]]"


class KafkaSubscription:
    """A member of a consumer group: effects first, offsets afterwards."""

    def __init__(self, inbox: Inbox, bootstrap: str, topics: Sequence[str], member: str) -> None:
        """`member` is unique per process and stable over its restarts (static membership)."""
        self._inbox = inbox
        self._bootstrap = bootstrap
        self._topics = list(topics)
        self._member = member
        self._log = log("subscription").bind(consumer=inbox.consumer)
        self._trouble = Trouble(self._log)

    async def run(self) -> None:
        """Consumes until cancelled; a lost broker or a changed generation builds the consumer anew."""
        await retry_forever(self._consume, self._log, passing=(KafkaError,), trouble=self._trouble)

    async def _consume(self) -> None:
        """Until the consumer is set back to the beginning (its generation changes)."""
        generation = await generation_of(self._inbox)
        consumer = self._build(generation)
        reading = _Reading(consumer, self._inbox, generation)
        consumer.subscribe(self._topics, listener=_Rebalanced(reading.give_up))
        try:
            await consumer.start()
            self._trouble.over()
            await self._until_superseded(reading)
        finally:
            with contextlib.suppress(KafkaError, TimeoutError, OSError):
                async with asyncio.timeout(COMMIT_WITHIN):
                    await reading.commit()
            await leave(consumer)

    async def _until_superseded(self, reading: "_Reading") -> None:
        works = (reading.read(), reading.take(), reading.commit_forever(), reading.watch())
        tasks = [asyncio.create_task(work) for work in works]
        try:
            while not await self._superseded(reading):
                ended, _ = await asyncio.wait(tasks, timeout=GENERATION_EVERY, return_when=asyncio.FIRST_COMPLETED)
                for task in ended:
                    task.result()  # none of them ends without a fault
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _superseded(self, reading: "_Reading") -> bool:
        """Whether it is known that the consumer begins anew; while the database is away, it is not."""
        try:
            return await generation_of(self._inbox) != reading.generation
        except (Busy, *PASSING):
            return False

    def _build(self, generation: int) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            client_id=f"crm-{self._member}",
            group_id=f"crm.{self._inbox.consumer}" + (f".{generation}" if generation else ""),
            group_instance_id=self._member,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=FETCH_WAIT_MILLISECONDS,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            max_poll_interval_ms=300_000,
            request_timeout_ms=20_000,
            retry_backoff_ms=100,
        )


class _Reading:
    """What one consumer has read, by partition, on its way to its effect and its offset."""

    def __init__(self, consumer: AIOKafkaConsumer, inbox: Inbox, generation: int) -> None:
        self._consumer = consumer
        self._inbox = inbox
        self.generation = generation
        self._waiting: dict[TopicPartition, deque[KafkaMessage]] = {}
        self._not_before: dict[TopicPartition, float] = {}
        self._done: dict[TopicPartition, int] = {}
        self._arrived = asyncio.Event()
        self._taking = asyncio.Lock()
        self._trouble = Trouble(log("subscription").bind(consumer=inbox.consumer), waits="partitions wait")

    async def read(self) -> None:
        """Fetches until cancelled; a partition with much waiting is paused."""
        while True:
            batches: Batches = await self._consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=BATCH)
            for place, records in batches.items():
                waiting = self._waiting.setdefault(place, deque())
                waiting.extend(records)
                if len(waiting) >= MOST_WAITING and place in self._consumer.assignment():
                    self._consumer.pause(place)
            if batches:
                self._arrived.set()

    async def take(self) -> None:
        """Gives what waits its effect, until cancelled."""
        while True:
            async with self._taking:
                batches = self._next()
                if batches:
                    await self._take_together(batches)
            if not batches:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._seconds_until_repeat()):
                        await self._arrived.wait()
                self._arrived.clear()

    def _next(self) -> Batches:
        """At most BATCH records that may be taken now, in order per partition."""
        now = asyncio.get_running_loop().time()
        self._not_before = {place: moment for place, moment in self._not_before.items() if moment > now}
        batches: Batches = {}
        room = BATCH
        for place, waiting in self._waiting.items():
            if waiting and room and place not in self._not_before:
                batches[place] = list(islice(waiting, room))
                room -= len(batches[place])
        return batches

    def _seconds_until_repeat(self) -> float | None:
        if not self._not_before:
            return None
        return max(0.0, min(self._not_before.values()) - asyncio.get_running_loop().time())

    async def _take_together(self, batches: Batches) -> None:
        """All partitions in one transaction; when it fails, each on its own, so that one waits alone."""
        try:
            await self._give(batches)
        except (Busy, *PASSING) as fault:
            if len(batches) == 1:
                self._let_wait(batches, fault)
            else:
                for place, records in batches.items():
                    await self._take_together({place: records})

    async def _give(self, batches: Batches) -> None:
        records = [
            record_of(message) for messages in batches.values() for message in messages if not is_tombstone(message)
        ]
        await self._inbox.take(records, generation=self.generation)
        if not self._not_before:
            self._trouble.over()
        for place, messages in batches.items():
            waiting = self._waiting.pop(place)
            self._waiting[place] = waiting  # the last now: a partition with much waiting keeps no other from its turn
            for _ in messages:
                waiting.popleft()
            self._done[place] = messages[-1].offset + 1
            if len(waiting) < MOST_WAITING and place in self._consumer.paused():
                self._consumer.resume(place)

    def _let_wait(self, places: Iterable[TopicPartition], fault: BaseException) -> None:
        for place in places:
            self._not_before[place] = asyncio.get_running_loop().time() + REPEAT_AFTER
            self._trouble.met(fault, topic=place.topic, partition=place.partition, partitions=len(self._not_before))

    async def give_up(self, places: Iterable[TopicPartition]) -> None:
        """Another member may have these partitions now: ends what is under way and forgets what waits."""
        async with self._taking:
            with contextlib.suppress(KafkaError, TimeoutError):
                async with asyncio.timeout(COMMIT_WITHIN):
                    await self.commit()
            for place in places:
                self._waiting.pop(place, None)
                self._not_before.pop(place, None)
                self._done.pop(place, None)

    async def commit_forever(self) -> None:
        """Commits offsets now and then, until cancelled."""
        while True:
            await asyncio.sleep(COMMIT_EVERY)
            await self.commit()

    async def commit(self) -> None:
        """Offsets follow the effects; what is lost of them is delivered again and found in the inbox."""
        done, self._done = self._done, {}
        mine = {place: offset for place, offset in done.items() if place in self._consumer.assignment()}
        if mine:
            with contextlib.suppress(CommitFailedError, IllegalStateError):  # another member has the partition now
                await self._consumer.commit(mine)

    async def watch(self) -> None:
        """Until cancelled; raises BrokerAway for a consumer whose position stands while the end moves."""
        watched: dict[TopicPartition, int] = {}
        while True:
            await asyncio.sleep(WATCH_EVERY)
            places = list(self._consumer.assignment() - self._consumer.paused())
            ends = await self._consumer.end_offsets(places) if places else {}
            for place, end in ends.items():
                position = await self._consumer.position(place)
                if position < end and watched.get(place) == position:
                    raise BrokerAway(f"{place.topic} {place.partition} stands at {position} of {end}")
                watched[place] = position


class _Rebalanced(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    def __init__(self, give_up: Callable[[Iterable[TopicPartition]], Awaitable[None]]) -> None:
        self._give_up = give_up

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        await self._give_up(revoked)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        return None


async def leave(consumer: AIOKafkaConsumer) -> None:
    """Stops the consumer within 10 s, whatever its state.

    In a task of its own: while the broker is away aiokafka's stop raises CancelledError, which must not pass for a
    cancellation of ours and end the subscription, and it leaves its connections open.
    """
    stopping = asyncio.ensure_future(consumer.stop())
    done, _ = await asyncio.wait({stopping}, timeout=10)
    if not done:
        stopping.cancel()
        await asyncio.wait({stopping}, timeout=1)
    if stopping.cancelled() or (stopping.done() and stopping.exception()):
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                await consumer._client.close()


_GENERATION = Scalar("SELECT generation FROM consumer_generation WHERE consumer = :consumer", int)


async def generation_of(inbox: Inbox) -> int:
    """How often this consumer was rebuilt; every rebuild reads as a new group from the beginning."""
    return await _GENERATION.one(inbox.database, consumer=inbox.consumer) or 0
