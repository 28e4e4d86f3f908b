"""50,000 clocks due in the same minute: noticed once each, in time, and drained quickly after an outage.

    python -m bench.clocks

One worker on a durable PostgreSQL. First a minute as it comes: lateness is from the due moment to the row that tells
it, by the database's clock. Then a backlog, with a thousand other open cases and with many more.
"""

import asyncio
import os
import statistics
import tempfile
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import uvloop

from bench.results import Result, save
from deploy.embedded_postgres import EmbeddedPostgres
from deploy.network import build_service
from deploy.serving import settle_memory
from services.complaints.context import Context
from services.complaints.watch.handlers.advancing import advance_due
from shared.auth.tokens import EmbeddedIssuer, TokenVerifier
from shared.bus.relay import ensure_partitions
from shared.clock import Clock, real_time
from shared.contracts.complaints import ComplaintOverdue
from shared.db import Database
from shared.ids import new_id
from shared.migrations import upgrade
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import Settings
from shared.telemetry import configure_logging

CLOCKS = int(os.environ.get("BENCH_CLOCKS", "50000"))
OTHERS = int(os.environ.get("BENCH_MANY", "1000000"))
MINUTE = timedelta(minutes=1)
ROUNDS = 3


def main() -> None:
    """Starts a durable PostgreSQL, measures, stops it."""
    configure_logging("ERROR")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        with EmbeddedPostgres(folder / "postgresql") as postgres:
            postgres.ensure_databases(["complaints"])
            save("clocks", uvloop.run(measure(postgres.socket_url("complaints"))))


async def measure(url: str) -> list[Result]:
    await upgrade("complaints", url)
    database = await Database.connect(url)
    await ensure_partitions(database)
    settings = Settings()
    verifier = TokenVerifier(settings, EmbeddedIssuer(settings).public_keys)
    service = build_service("complaints", Runtime(settings, database, Clock(), verifier, bytes(32)))
    context: Context = service.context
    await _people(database)
    settle_memory()  # as a worker does
    try:
        minute = await as_it_comes(service)
        few = await backlog(context)
        await _cases(database, OTHERS, real_time() + timedelta(days=30), MINUTE)
        await database.execute("VACUUM ANALYZE complaint")
        many = await backlog(context)
    finally:
        await database.close()
    return [
        *minute,
        Result("backlog drained", "clocks", few, 5_000, "clocks/s", 1.0),
        Result(f"backlog drained beside {OTHERS:,} open cases / beside few", "clocks", many, few, "clocks/s", 0.75),
    ]


async def as_it_comes(service: Service) -> list[Result]:
    """A minute in which every clock comes due at its own moment."""
    database = service.runtime.database
    starts = real_time() + timedelta(seconds=10)
    await _cases(database, CLOCKS, starts, MINUTE)
    await database.execute("VACUUM ANALYZE complaint")
    running = asyncio.create_task(service.loops[0].run())
    await asyncio.sleep((starts + MINUTE + timedelta(seconds=5) - real_time()).total_seconds())
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    lateness = await _lateness(database)
    p99 = statistics.quantiles(lateness, n=100)[98]
    return [
        Result("breaches told / clocks due in the minute", "clocks", len(lateness), CLOCKS, "breaches", 1.0),
        Result("99 % told within a second", "clocks", p99, 1.0, "s", 1.0, smaller_is_better=True),
    ]


async def backlog(context: Context) -> float:
    """Clocks a second after an outage: all are late already."""
    rates = []
    for _ in range(ROUNDS):
        await _cases(context.database, CLOCKS // 2, real_time() - MINUTE, MINUTE / 2)
        began, drained = time.perf_counter(), 0
        while advanced := await advance_due(context):
            drained += advanced
        rates.append(drained / (time.perf_counter() - began))
        assert drained == CLOCKS // 2
    return statistics.median(rates)


async def _lateness(database: Database) -> list[float]:
    """Seconds from each due moment to the row that tells it, every miss once; raises AssertionError for a double."""
    rows = await database.fetch(
        "SELECT aggregate_id, extract(epoch FROM recorded_at - (data->>'due_at')::timestamptz)::float8 AS late "
        "FROM event_log WHERE type = $1",
        ComplaintOverdue.TYPE,
    )
    assert len({row["aggregate_id"] for row in rows}) == len(rows), "a miss was told twice"
    return [row["late"] for row in rows]


_CASES = """
INSERT INTO complaint (
    id, number, customer_id, kind, subject, channel, recorded_at, registered_at, recorded_by, taken_over, words,
    opened_rank, opened_due_at, state, tier_rank, responsible_id, moved_at, version, round, policy_version, started_at,
    answer_seconds, due_at, queue_at, next_alarm_at, warned, escalation_level)
SELECT uuidv7(), 'C-' || nextval('complaint_number'), customer, 'complaint', 'product', 'line', due - hours,
       due - hours, $4, false, '\\x00', 1 + n % 5, due, 'open', 1 + n % 5, $4, due - hours, 1, 1, 1, due - hours, 14400,
       due, due, due, 75, 0
FROM (SELECT n, gen_random_uuid() AS customer, interval '4 hours' AS hours,
             date_trunc('milliseconds', $2::timestamptz + ($3::interval * n) / $1::integer) AS due
      FROM generate_series(1, $1::integer) AS n) AS made
"""


async def _cases(database: Database, how_many: int, first: datetime, span: timedelta) -> None:
    """Cases whose answers come due evenly over a span; both warnings have been given."""
    someone = await database.fetchval("SELECT id FROM directory_staff WHERE role = 'cs_specialist'")
    async with database.transaction() as transaction:
        await transaction.execute(_CASES, how_many, first, span, someone, timeout=600)


async def _people(database: Database) -> None:
    general, manager, specialist, department = (new_id() for _ in range(4))
    await database.execute("INSERT INTO directory_department VALUES ($1, 'service', $2)", department, manager)
    for id_, role, supervisor in (
        (general, "general_manager", None),
        (manager, "cs_manager", general),
        (specialist, "cs_specialist", manager),
    ):
        await database.execute(
            "INSERT INTO directory_staff VALUES ($1, $2, $2, $3, $4, 'email', NULL, 'en', true, NULL)",
            id_,
            role,
            department,
            supervisor,
        )


if __name__ == "__main__":
    main()
