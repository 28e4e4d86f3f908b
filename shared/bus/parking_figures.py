"""How much waits in the parking, for the metrics: read from the database when asked, so every process says the same."""

import asyncpg
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from sqlalchemy import func, select

from shared.bus.parking import WAITS
from shared.db import PASSING, Database
from shared.errors import Busy
from shared.kernel_schema import PARKED_EVENT
from shared.settings import ServiceName
from shared.statement import Statement

PATIENCE = 1.0
"""Seconds for the database to answer."""

_COUNT = Statement(
    select(PARKED_EVENT.c.consumer, func.count().label("events")).where(WAITS).group_by(PARKED_EVENT.c.consumer)
)


async def parked_figures(service: ServiceName, database: Database) -> bytes:
    """`crm_parked_events` by service and consumer, zeros included; nothing while the database does not answer."""
    try:
        async with database.connection(PATIENCE) as connection:
            counted = {row["consumer"]: row["events"] for row in await _COUNT.all(connection)}
    except (*PASSING, Busy, asyncpg.PostgresError):
        return b""
    registry = CollectorRegistry()
    gauge = Gauge("crm_parked_events", "Events that wait in the parking", ["service", "consumer"], registry=registry)
    for consumer in {service, "relay", *counted}:
        gauge.labels(service, consumer).set(counted.get(consumer, 0))
    return generate_latest(registry)
