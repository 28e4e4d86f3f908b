"""The four services on the bus inside one process: the all-in-one mode and the journeys of the tests."""

import asyncio
import importlib
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.audit_chain import AuditChain
from shared.bus.inbox import Inbox
from shared.bus.inprocess import InProcessPublisher, InProcessSubscription, TakenContacts
from shared.bus.relay import Relay, ensure_partitions
from shared.errors import NotFound
from shared.housekeeping import Housekeeping
from shared.http.app import create_app
from shared.http.middleware import Observed
from shared.http.problems import from_error
from shared.limits import RateLimits
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import SERVICES, ServiceName
from shared.storage.registry import storage_of
from shared.telemetry import context_of


def build_service(name: ServiceName, runtime: Runtime) -> Service:
    """The service as its own composition root builds it."""
    module = importlib.import_module(f"services.{name}.app")
    service: Service = module.build(runtime)
    return service


@dataclass(frozen=True, slots=True)
class Member:
    """One service in the network with its relay and what it listens to."""

    service: Service
    app: ASGIApp
    inbox: Inbox
    relay: Relay
    subscriptions: tuple[InProcessSubscription, ...]

    def parts(self) -> Iterator[Callable[[], Coroutine[Any, Any, None]]]:
        """What runs beside the requests, each until cancelled."""
        yield self.relay.run
        runtime = self.service.runtime
        yield Housekeeping(runtime.database).run
        yield AuditChain(self.service.name, runtime.database, storage_of(runtime.settings)).run
        yield from (subscription.run for subscription in self.subscriptions)
        yield from (loop.run for loop in self.service.loops)


class Network:
    """Runs every service of `runtimes`; each has its own database."""

    def __init__(self, runtimes: Mapping[ServiceName, Runtime], limits: RateLimits | None = None) -> None:
        services = {name: build_service(name, runtime) for name, runtime in runtimes.items()}
        self._limits = limits
        self._contacts = {name: TakenContacts() for name in services}
        self.members = {name: self._member(service, services) for name, service in services.items()}
        self._by_path: dict[str, Member] = {str(name): member for name, member in self.members.items()}
        self._by_path["ops"] = self.members["reporting"]
        self._nowhere = Observed(_nowhere, "network")
        for member in self.members.values():
            member.service.runtime.database.when_committed(member.relay.wake_up.wake)

    def _member(self, service: Service, services: Mapping[ServiceName, Service]) -> Member:
        runtime = service.runtime
        inbox = service.inbox()
        subscriptions = tuple(
            InProcessSubscription(
                inbox, services[source].runtime.database, source, topics, runtime.clock, self._contacts[source]
            )
            for source, topics in service.listens.items()
            if source in services
        )
        relay = Relay(
            service.name,
            runtime.database,
            InProcessPublisher(),
            runtime.clock,
            keep_contacts=True,
            published=lambda: self._ring_readers_of(service.name),
        )
        return Member(service, create_app(service, self._limits), inbox, relay, subscriptions)

    def _ring_readers_of(self, source: ServiceName) -> None:
        for member in self.members.values():
            for subscription in member.subscriptions:
                if subscription.source == source:
                    subscription.wake_up.wake()

    async def run(self) -> None:
        """Relays, subscriptions and loops of all services, until cancelled."""
        for member in self.members.values():
            await ensure_partitions(member.service.runtime.database)
        try:
            async with asyncio.TaskGroup() as tasks:
                for name, member in self.members.items():
                    for run in member.parts():
                        tasks.create_task(run(), context=context_of(name))
        finally:
            for member in self.members.values():
                await member.relay.release()

    async def drain(self) -> None:
        """Runs everything that is due now until nothing moves any more."""
        while await self._round():
            pass

    async def _round(self) -> int:
        moved = 0
        for member in self.members.values():
            while published := await member.relay.step():
                moved += published
            for subscription in member.subscriptions:
                moved += await subscription.drain()
            for loop in member.service.loops:
                while worked := await loop.step():
                    moved += worked
        return moved

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Dispatches by the first part of the path; `/ops` belongs to reporting, and `/` leads there."""
        await self._place_of(scope)(scope, receive, send)

    def _place_of(self, scope: Scope) -> ASGIApp:
        path = scope["path"] if scope["type"] == "http" else ""
        if path == "/" and scope["method"] in ("GET", "HEAD"):
            return RedirectResponse("/ops")
        member = self._by_path.get(path.partition("/")[2].partition("/")[0])
        return member.app if member else self._nowhere


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    docs = ", ".join(f"/{name}/docs" for name in SERVICES)
    await from_error(NotFound(f"this path leads nowhere; see {docs} and /ops"))(scope, receive, send)
