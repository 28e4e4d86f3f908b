"""What tests of services speak with: one service alone, or the whole network, on real databases and a still clock."""

import asyncio
import functools
import socket
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import uvicorn
from sqlalchemy import select

from deploy.network import Network, build_service
from shared.auth.principal import ADMIN
from shared.auth.tokens import EmbeddedIssuer, TokenVerifier
from shared.bus import parking
from shared.bus.event import Event
from shared.bus.outbox import EVENT_COLUMNS
from shared.bus.port import Record
from shared.clock import Clock, ManualClock
from shared.contracts.base import Fact
from shared.db import Database
from shared.http.app import create_app
from shared.ids import new_id
from shared.kernel_schema import EVENT_LOG
from shared.migrations import upgrade
from shared.partitions import ENSURE_PARTITION
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import SERVICES, ServiceName, Settings
from shared.statement import Statement
from shared.telemetry import configure_logging
from tests.eventually import eventually
from tests.postgres import FreshDatabase

configure_logging("ERROR")

START = datetime(2026, 11, 4, 1, 0, tzinfo=UTC)
"""A Wednesday morning, nine o'clock in Shanghai."""

MASTER_KEY = bytes(range(32))
SETTINGS = Settings(
    requests_per_second_per_token=1_000_000,
    requests_per_second_per_address=1_000_000,
    database_pool=4,
)
ISSUER = EmbeddedIssuer(SETTINGS)
ADMIN_ID = UUID("01900000-0000-7000-8000-000000000001")


@functools.cache
def token(role: str = ADMIN, subject: UUID = ADMIN_ID) -> str:
    """A valid token of a staff member (or the administrator) in a role."""
    return ISSUER.issue(subject, [role])


def bearer(role: str = ADMIN, subject: UUID = ADMIN_ID) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(role, subject)}"}


def client_of(app: Any) -> httpx.AsyncClient:
    """A client that calls as the administrator unless headers say otherwise."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=bearer())


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """The application behind a real server on a loopback port; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=5))
        serving = asyncio.create_task(server.serve([listening]))
        await eventually(lambda: server.started)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


async def database_of(fresh_database: FreshDatabase, service: ServiceName) -> str:
    """The URL of a fresh, migrated database of a service."""

    async def build(url: str) -> None:
        await upgrade(service, url)
        database = await Database.connect(url, pool_size=1)
        await database.execute(ENSURE_PARTITION)
        await database.close()

    return await fresh_database(service, build)


@asynccontextmanager
async def runtime_of(
    fresh_database: FreshDatabase,
    service: ServiceName,
    clock: Clock,
    settings: Settings = SETTINGS,
) -> AsyncIterator[Runtime]:
    """What a service is given, on a fresh database."""
    database = await Database.connect(await database_of(fresh_database, service), pool_size=settings.database_pool)
    try:
        verifier = TokenVerifier(settings, ISSUER.public_keys)
        yield Runtime(settings, database, clock, verifier, MASTER_KEY)
    finally:
        await database.close()


AT_FIRST = ("customers.scheme", "complaints.scheme", "care scheme", "complaints.cost")
"""Loops that find something to do on any fresh database; a service alone runs them when they are named."""
_LOGGED = Statement(select(*EVENT_COLUMNS).order_by(EVENT_LOG.c.id), Event)


class OneService:
    """A service alone: events are handed to it, its own are read from its log."""

    def __init__(self, service: Service, clock: ManualClock) -> None:
        self.service = service
        self.clock = clock
        self.app = create_app(service)
        self.http = client_of(self.app)
        self.database = service.runtime.database
        self.inbox = service.inbox()
        self._position = 0
        self._own: set[UUID] = set()

    async def given(self, *facts: Fact, version: int = 1, historical: bool = False) -> list[Event]:
        """Delivers facts as events of the other services, each as its own aggregate at `version`."""
        events = [
            Event.of(
                fact,
                aggregate_id=fact.partition_key() or new_id(),
                version=version,
                at=self.clock.now(),
                historical=historical,
            )
            for fact in facts
        ]
        await self.deliver(events)
        return events

    async def deliver(self, events: Iterable[Event]) -> None:
        """Delivers events in one batch."""
        records = []
        for event in events:
            self._position += 1
            records.append(Record(event.topic, 0, self._position, event.key, event))
        await self.inbox.take(records)
        parked = await parking.waiting(self.database)
        assert not parked, f"parked instead of taken: {parked}"

    async def hear_own(self) -> int:
        """Delivers what the service has told itself since it was last asked, until there is no more; how many."""
        topics = self.service.listens.get(self.service.name, ())
        total = 0
        while new := [each for each in await self.events() if each.topic in topics and each.id not in self._own]:
            self._own.update(each.id for each in new)
            await self.deliver(new)
            total += len(new)
        return total

    async def run_loops(self, only: str | None = None) -> int:
        """Runs the service's timers and jobs (or the one of a name) until nothing is due; returns how much was done."""
        total = 0
        for loop in self.service.loops:
            if only != loop.name and (only is not None or loop.name in AT_FIRST):
                continue
            while worked := await loop.step():
                total += worked
        return total

    async def events(self, *types: type[Fact]) -> list[Event]:
        """What the service has recorded in its log (of these types), in order."""
        wanted = {fact.TYPE for fact in types}
        opened = map(self.service.runtime.contacts.opened, await _LOGGED.all(self.database))
        return [event for event in opened if not wanted or event.type in wanted]

    async def facts(self, *types: type[Any]) -> list[Any]:
        """The same, read as their contracts."""
        contracts = {fact.TYPE: fact for fact in types}
        return [event.read(contracts[event.type]) for event in await self.events(*types)]


@asynccontextmanager
async def one_service(
    fresh_database: FreshDatabase,
    name: ServiceName,
    start: datetime = START,
    settings: Settings = SETTINGS,
) -> AsyncIterator[OneService]:
    """A service alone on a fresh database and a clock that stands at `start`."""
    clock = ManualClock(start)
    async with runtime_of(fresh_database, name, clock, settings) as runtime:
        alone = OneService(build_service(name, runtime), clock)
        async with alone.http:
            yield alone


class WholeNetwork:
    """The four services on the in-process bus."""

    def __init__(self, network: Network, clock: ManualClock) -> None:
        self.network = network
        self.clock = clock
        self.http = client_of(network)

    async def drain(self) -> None:
        """Until every event has had its effect everywhere and nothing is due."""
        await self.network.drain()

    def database(self, service: ServiceName) -> Database:
        return self.network.members[service].service.runtime.database


@asynccontextmanager
async def whole_network(
    fresh_database: FreshDatabase, start: datetime = START, settings: Settings = SETTINGS
) -> AsyncIterator[WholeNetwork]:
    """All four services on fresh databases."""
    clock = ManualClock(start)
    async with AsyncExitStack() as stack:
        runtimes: Mapping[ServiceName, Runtime] = {
            name: await stack.enter_async_context(runtime_of(fresh_database, name, clock, settings))
            for name in SERVICES
        }
        network = WholeNetwork(Network(runtimes), clock)
        async with network.http:
            yield network
