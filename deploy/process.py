"""One service as processes of its own: `api` answers requests, `worker` relays, consumes and keeps the time."""

import asyncio
import os
import socket
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Literal

from fastapi import FastAPI

from deploy.configuration import Configuration, configured
from deploy.network import build_service
from deploy.serving import bound, listening, settle_memory, stop_signals
from deploy.topics import ensure_topics
from deploy.waiting import database_at
from shared.auth.tokens import TokenVerifier
from shared.bus.kafka import KafkaPublisher
from shared.bus.kafka_subscription import KafkaSubscription
from shared.bus.notification import CommitNotifier, listen
from shared.bus.relay import Relay, ensure_partitions
from shared.clock import Clock
from shared.db import Database
from shared.housekeeping import Housekeeping
from shared.http.app import create_app
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import ServiceName
from shared.telemetry import configure_logging, configure_tracing, log

Role = Literal["api", "worker"]

GATHER_STAMPS = timedelta(milliseconds=20)
"""Consumers are told by Kafka; the stamp is for the event feed, and at 200 events a second a few share one commit."""


def runtime_on(configuration: Configuration, database: Database) -> Runtime:
    """What a service is given when it runs distributed."""
    settings = configuration.settings
    clock = Clock(offset=settings.clock_offset)
    return Runtime(settings, database, clock, TokenVerifier(settings), configuration.master_key)


async def serve(service: ServiceName, role: Role, *, host: str, port: int | None) -> None:
    """Runs until SIGTERM or SIGINT; what is under way is finished, what is not committed is done again later."""
    configuration = configured(service, needs_bus=role == "worker", needs_keys=role == "api")
    settings = configuration.settings
    configure_logging(settings.log_level)
    configure_tracing(settings, f"{service}-{role}")
    runtime = runtime_on(configuration, await database_at(configuration.database_url, settings.database_pool))
    built = build_service(service, runtime)
    try:
        if role == "api":
            await _serve_api(built, host, port or 8000)
        else:
            await _serve_worker(built, host, port)
    finally:
        await runtime.database.close()


async def _serve_api(service: Service, host: str, port: int) -> None:
    await _until_signal(
        [CommitNotifier(service.runtime.database).run(), _serve_app(service, create_app(service), host, port)]
    )


async def _serve_app(service: Service, app: FastAPI, host: str, port: int) -> None:
    with bound(host, port) as held:
        async with listening(app, held, service.runtime.settings.trusted_proxies) as serving:
            await asyncio.wait([serving])


async def _serve_worker(service: Service, host: str, port: int | None) -> None:
    runtime = service.runtime
    await ensure_topics(runtime.settings.kafka_bootstrap)
    await ensure_partitions(runtime.database)
    publisher = KafkaPublisher(runtime.settings.kafka_bootstrap, service.name)
    relay = Relay(service.name, runtime.database, publisher, runtime.clock, gather_stamps=GATHER_STAMPS)
    runtime.database.when_committed(relay.wake_up.wake)
    work: list[Coroutine[Any, Any, None]] = [
        relay.run(),
        Housekeeping(service.name, runtime.database).run(),
        listen(runtime.database.url, relay.wake_up.wake),
        *(loop.run() for loop in service.loops),
    ]
    if service.listens:
        work.append(_subscription(service).run())
    if port is not None:
        work.append(_serve_app(service, _health_only(service), host, port))
    settle_memory()
    try:
        await _until_signal(work)
    finally:
        await relay.release()
        await publisher.close()


def _subscription(service: Service) -> KafkaSubscription:
    topics = [topic for topics in service.listens.values() for topic in topics]
    member = service.runtime.settings.member or f"{service.name}-{socket.gethostname()}-{os.getpid()}"
    return KafkaSubscription(service.inbox(), service.runtime.settings.kafka_bootstrap, topics, member)


def _health_only(service: Service) -> FastAPI:
    app = create_app(service, needs_bus=True)
    app.router.routes = [route for route in app.router.routes if not hasattr(route, "operation_id")]
    return app


async def _until_signal(work: list[Coroutine[Any, Any, None]]) -> None:
    stop = stop_signals()
    tasks = [asyncio.create_task(each) for each in work]
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    for ended in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(ended, Exception):
            log("process").error("a part of the process ended", fault=type(ended).__name__)
            raise ended
