"""One service as processes of its own: `api` answers requests, `worker` relays, consumes and keeps the time."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import Any, Literal

from fastapi import FastAPI

from deploy.configuration import Configuration, configured
from deploy.network import build_service
from deploy.serving import bound, listening, settle_memory, until_stopped
from deploy.waiting import broker_at, database_in_order, until_outdated
from shared.audit_chain import AuditChain
from shared.auth.tokens import TokenVerifier
from shared.bus.kafka import KafkaPublisher
from shared.bus.kafka_subscription import KafkaSubscription
from shared.bus.kept_contacts import KeptByKafka
from shared.bus.notification import CommitNotifier, listen
from shared.bus.relay import Relay
from shared.clock import Clock
from shared.db import Database
from shared.housekeeping import Housekeeping
from shared.http.app import create_app
from shared.revisions import newest
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import ServiceName
from shared.storage.registry import storage_of
from shared.telemetry import configure_logging, configure_tracing, log

Role = Literal["api", "worker"]

GATHER_STAMPS = timedelta(milliseconds=20)
"""Consumers are told by Kafka; the stamp is for the event feed, and at 200 events a second a few share one commit."""


def runtime_on(configuration: Configuration, database: Database) -> Runtime:
    """What a service is given when it runs distributed."""
    settings = configuration.settings
    clock = Clock(offset=settings.clock_offset)
    kept = KeptByKafka(settings.kafka_bootstrap)
    return Runtime(settings, database, clock, TokenVerifier(settings), configuration.master_key, kept)


async def serve(service: ServiceName, role: Role, *, host: str, port: int | None) -> None:
    """Runs until SIGTERM or SIGINT; what is under way is finished, what is not committed is done again later."""
    configuration = configured(service, needs_bus=role == "worker", needs_keys=role == "api")
    configure_logging(configuration.settings.log_level, service=service, role=role)
    configure_tracing(configuration.settings, f"{service}-{role}")
    says = log("process")
    if role == "api" and port is None:
        port = 8000
    address = None if port is None else f"http://{host}:{port}"
    says.info("starting", version=version("crm"), revision=newest(service), address=address)
    try:
        await until_stopped(_serve(configuration, service, role, host, port))
    finally:
        says.info("stopped")


async def _serve(configuration: Configuration, service: ServiceName, role: Role, host: str, port: int | None) -> None:
    """Listens at once, so that whoever watches it is told what it waits for."""
    pool, url = configuration.settings.database_pool, configuration.database_url
    runtime = runtime_on(configuration, await Database.connect(url, pool_size=pool, at_once=False))
    try:
        built = build_service(service, runtime)
        async with _begun(database_in_order(runtime.database, service)) as order:
            if role == "api" and port is not None:
                await _serve_api(built, order, host, port)
            else:
                await _serve_worker(built, order, host, port)
    finally:
        await runtime.database.close()


async def _serve_api(service: Service, order: "asyncio.Task[None]", host: str, port: int) -> None:
    notifier = CommitNotifier(service.runtime.database)
    await _together([_after([order], notifier.run), _serve_app(service, create_app(service), host, port)])


async def _serve_app(service: Service, app: FastAPI, host: str, port: int) -> None:
    with bound(host, port) as held:
        async with listening(app, held, service.runtime.settings.trusted_proxies) as serving:
            await asyncio.wait([serving])


async def _serve_worker(service: Service, order: "asyncio.Task[None]", host: str, port: int | None) -> None:
    """Nothing is touched before the schema serves this code, nor long after it no longer does.

    What needs no broker does not wait for one.
    """
    runtime = service.runtime
    publisher = KafkaPublisher(runtime.settings.kafka_bootstrap, service.name)
    relay = Relay(service.name, runtime.database, publisher, runtime.clock, gather_stamps=GATHER_STAMPS)
    runtime.database.when_committed(relay.wake_up.wake)
    audit_chain = AuditChain(service.name, runtime.database, storage_of(runtime.settings))
    settle_memory()
    try:
        async with _begun(broker_at(runtime.settings.kafka_bootstrap)) as broker:
            work: list[Coroutine[Any, Any, None]] = [
                _after([order, broker], relay.run),
                _after([order], partial(until_outdated, runtime.database, service.name)),
                _after([order], Housekeeping(runtime.database).run),
                _after([order], audit_chain.run),
                _after([order], partial(listen, runtime.database.url, relay.wake_up.wake)),
                *(_after([order], loop.run) for loop in service.loops),
            ]
            if service.listens:
                work.append(_after([order, broker], _subscription(service).run))
            if port is not None:
                work.append(_serve_app(service, _health_only(service), host, port))
            await _together(work)
    finally:
        await relay.release()
        await publisher.close()


@asynccontextmanager
async def _begun(work: Coroutine[Any, Any, None]) -> AsyncIterator["asyncio.Task[None]"]:
    """A task that the block may wait for; it does not outlive it."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _after(begun: Sequence["asyncio.Task[None]"], run: Callable[[], Awaitable[None]]) -> None:
    """Runs when these have ended well; raises what one of them raises."""
    for task in begun:
        await asyncio.shield(task)
    await run()


def _subscription(service: Service) -> KafkaSubscription:
    topics = [topic for topics in service.listens.values() for topic in topics]
    member = service.runtime.settings.member or f"{service.name}-{socket.gethostname()}-{os.getpid()}"
    return KafkaSubscription(service.inbox(), service.runtime.settings.kafka_bootstrap, topics, member)


def _health_only(service: Service) -> FastAPI:
    app = create_app(service, needs_bus=True)
    app.router.routes = [route for route in app.router.routes if not hasattr(route, "operation_id")]
    return app


async def _together(work: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Runs them all until one ends, which ends the others; raises the fault that one ended with."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    for fault in ended:
        if isinstance(fault, Exception):
            log("process").error("a part of the process ended", fault=type(fault).__name__)
            raise fault
