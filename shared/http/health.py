"""Health, readiness and metrics: without a token, without personal data.

An api is ready when its database answers and its schema serves this code; a broker that is away keeps it from nothing,
because what it has to tell waits in the outbox. A worker is ready when a broker answers, too.
"""

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import asyncpg
from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shared.bus.parking_figures import parked_figures
from shared.db import PASSING, Database
from shared.errors import Busy, NotFound
from shared.limits import address_of
from shared.revisions import newest
from shared.service import Service
from shared.standing import Standing, Verdict, standing_of

PATIENCE = 1.0
"""Seconds for each part to answer."""


def add_health(app: FastAPI, service: Service, *, needs_bus: bool = False) -> None:
    """Adds `/{service}/healthz`, `readyz` and `metrics`; `needs_bus` says that the process is a worker's."""
    name, database, ours = service.name, service.runtime.database, newest(service.name)
    brokers = [broker for broker in service.runtime.settings.kafka_bootstrap.split(",") if broker]

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        there = await _standing(database)
        bus = not (needs_bus and brokers) or await _any_answers(brokers)
        parts = {"database": there is not None, "migration": there and there.revision}
        status, reason = _readiness(there, ours, bus=bus)
        if needs_bus:
            parts["bus"] = bus
        if reason is None:
            return JSONResponse({"status": status, **parts})
        return JSONResponse({"status": status, **parts, "reason": reason}, 503, {"Retry-After": "1"})

    networks = [ip_network(each) for each in service.runtime.settings.metrics_networks]

    one_at_a_time = asyncio.Lock()

    async def metrics(request: Request) -> Response:
        if not _lies_in(address_of(request.scope), networks):
            raise NotFound("metrics are for the monitoring network (CRM_METRICS_NETWORKS)")
        async with one_at_a_time:  # in a thread: all series of a process take tens of milliseconds
            figures = await asyncio.to_thread(generate_latest)
        return Response(figures + await parked_figures(name, database), media_type=CONTENT_TYPE_LATEST)

    app.add_route(f"/{name}/healthz", alive, include_in_schema=False)
    app.add_route(f"/{name}/readyz", ready, include_in_schema=False)
    app.add_route(f"/{name}/metrics", metrics, include_in_schema=False)


def _readiness(there: Standing | None, ours: str, *, bus: bool) -> tuple[str, str | None]:
    """The status, and why it is not "ready"."""
    if there is None:
        return "unavailable", "the database does not answer"
    if reason := there.reason(ours):
        return there.verdict(ours), reason
    return (Verdict.READY, None) if bus else ("unavailable", "no broker answers")


def _lies_in(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        return any(ip_address(address) in network for network in networks)
    except ValueError:  # a Unix socket has no address
        return False


async def _standing(database: Database) -> Standing | None:
    """Where the database stands; None when it does not answer."""
    try:
        async with database.connection(PATIENCE) as connection:
            return await standing_of(connection, PATIENCE)
    except (*PASSING, Busy, asyncpg.PostgresError):
        return None


async def _any_answers(brokers: Sequence[str]) -> bool:
    for broker in brokers:
        host, _, port = broker.strip().rpartition(":")
        try:
            async with asyncio.timeout(PATIENCE):
                _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
        except (OSError, ValueError):
            continue
        writer.close()
        return True
    return False
