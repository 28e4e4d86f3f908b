"""Health, readiness and metrics: without a token, without personal data.

Ready means that the database answers, its migrations are the newest ones and the bus can be reached (contract).
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

PATIENCE = 1.0
"""Seconds for each part to answer."""


def add_health(app: FastAPI, service: Service) -> None:
    """Adds `/{service}/healthz`, `readyz` and `metrics`."""
    name, database, wanted = service.name, service.runtime.database, newest(service.name)
    brokers = [broker for broker in service.runtime.settings.kafka_bootstrap.split(",") if broker]

    async def alive(_: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(_: Request) -> Response:
        migration = await _migration(database)
        bus = not brokers or await _any_answers(brokers)
        parts = {"database": migration is not None, "migration": migration, "bus": bus}
        if migration is None or not bus:
            return JSONResponse({"status": "unavailable", **parts}, 503, {"Retry-After": "1"})
        if migration != wanted:
            return JSONResponse({"status": "migrating", **parts}, 503, {"Retry-After": "1"})
        return JSONResponse({"status": "ready", **parts})

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


def _lies_in(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        return any(ip_address(address) in network for network in networks)
    except ValueError:  # a Unix socket has no address
        return False


async def _migration(database: Database) -> str | None:
    """The migration that the database stands at, empty before the first; None when it does not answer."""
    try:
        async with database.connection(PATIENCE) as connection:
            return str(await connection.fetchval("SELECT version_num FROM alembic_version", timeout=PATIENCE) or "")
    except asyncpg.UndefinedTableError:
        return ""
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
