"""Complaints over HTTP against floors measured in the same run: performance rows 1 to 6.

    python -m bench.complaints

Everything is switched on in ours: token, Idempotency-Key per request, validation, clock, outbox, logs, metrics. Rounds
are interleaved; each figure is the median of its rounds. Client, server and database share the processors.
"""

import asyncio
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import orjson

from bench.load import CONNECTIONS, Load, Requests, load
from bench.results import Result, save
from deploy.embedded_postgres import EmbeddedPostgres
from services.complaints.cases import queries
from services.complaints.lists.domain import HEAD_OF_LIST, HEAD_OF_QUEUE, Wanted
from services.complaints.lists.queries.listing import list_page
from services.complaints.lists.queries.queue import queue_page
from shared.auth.principal import ADMIN
from shared.auth.tokens import EmbeddedIssuer
from shared.bus.relay import ensure_partitions
from shared.db import Database
from shared.ids import new_id
from shared.migrations import upgrade
from shared.personal import Vault
from shared.settings import Settings
from shared.statement import Statement

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
MANY = int(os.environ.get("BENCH_MANY", "1000000"))
FEW = 1_000
CUSTOMERS = [new_id() for _ in range(FEW)]
MASTER_KEY = bytes(range(32))
DATABASES = ("ours", "floor", "bare", "few", "many")
ISSUER = EmbeddedIssuer(Settings())


def main() -> None:
    """Starts a durable PostgreSQL and the servers, measures, stops them."""
    with ExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o711)
        postgres = started.enter_context(EmbeddedPostgres(folder / "postgresql"))
        postgres.ensure_databases(DATABASES)
        urls = {name: postgres.socket_url(name) for name in DATABASES}
        samples = asyncio.run(fill(urls))
        results = against_floors(started, folder, urls, samples)
        results += at_any_size(started, folder, urls, samples)
        save("complaints", results)


# ---------------------------------------------------------------------------- rows 1 to 5


def against_floors(started: ExitStack, folder: Path, urls: dict[str, str], samples: Sequence[str]) -> list[Result]:
    """Create, get and list against the bare routes, create also against PostgreSQL alone."""
    ours = started.enter_context(service(folder, urls["ours"]))
    floor = started.enter_context(bare(folder, urls["floor"]))
    taken = Rounds()
    for _ in range(ROUNDS):
        if alone_program():
            taken.add("postgresql", postgresql_alone(folder, urls["bare"]))
        for name, port in (("floor", floor), ("ours", ours)):
            prefix = "/complaints/v1" if name == "ours" else ""
            taken.measure(f"create {name}", creating(port, prefix))
            taken.measure(f"get {name}", getting(port, prefix, samples))
            taken.measure(f"list {name}", Requests(port, [f"{prefix}/complaints"], headers=bearer()))
    create, bare_create = taken.of("create ours"), taken.of("create floor")
    get, bare_get = taken.of("get ours"), taken.of("get floor")
    listed, bare_list = taken.of("list ours"), taken.of("list floor")
    return [
        Result(
            "create / bare FastAPI of four statements", "1", create.per_second, bare_create.per_second, "req/s", 1.0
        ),
        *_against_postgresql(taken, create),
        Result("create: p99 at 32 connections", "3", create.p99, bare_create.p99, "ms", 1.5, smaller_is_better=True),
        Result("get by id / bare FastAPI", "4", get.per_second, bare_get.per_second, "req/s", 0.8),
        Result("list of 50 / bare FastAPI", "5", listed.per_second, bare_list.per_second, "req/s", 0.8),
    ]


def _against_postgresql(taken: "Rounds", create: Load) -> list[Result]:
    if not alone_program():
        print("row 2 is left out: there is no pgbench on this machine")
        return []
    alone = taken.of("postgresql")
    return [Result("create / pgbench, four statements", "2", create.per_second, alone.per_second, "req/s", 0.25)]


class Rounds:
    """Figures of the same name over the rounds."""

    def __init__(self) -> None:
        self._taken: dict[str, list[Load]] = {}

    def measure(self, name: str, requests: Requests) -> None:
        self.add(name, load(requests, SECONDS))

    def add(self, name: str, one: Load) -> None:
        self._taken.setdefault(name, []).append(one)
        print(f"  {name:24} {one.per_second:10,.0f}/s  p50 {one.p50:7.1f} ms  p99 {one.p99:7.1f} ms", flush=True)

    def of(self, name: str) -> Load:
        """The medians."""
        rounds = self._taken[name]
        return Load(
            statistics.median(one.per_second for one in rounds),
            statistics.median(one.p50 for one in rounds),
            statistics.median(one.p99 for one in rounds),
            0,
        )


def creating(port: int, prefix: str) -> Requests:
    headers = {**bearer(), "Content-Type": "application/json", "Idempotency-Key": "%KEY%"}
    bodies = [
        json.dumps(
            {
                "customer_id": str(customer),
                "kind": "complaint",
                "subject": "product",
                "against": {"type": "product", "name": "cream"},
                "text": "It changed its colour a week after it was opened, and the shop would not take it back.",
                "channel": "line",
                "wish": "a new one",
            }
        )
        for customer in CUSTOMERS
    ]
    return Requests(port, [f"{prefix}/complaints"], "POST", headers, bodies)


def getting(port: int, prefix: str, ids: Sequence[str]) -> Requests:
    return Requests(port, [f"{prefix}/complaints/{id_}" for id_ in ids], headers=bearer())


def bearer() -> dict[str, str]:
    return {"Authorization": "Bearer " + ISSUER.issue(UUID(int=1), [ADMIN])}


# ---------------------------------------------------------------------------- PostgreSQL alone

_ALONE = """
BEGIN;
INSERT INTO complaint (
    id, number, customer_id, kind, subject, channel, against_type, recorded_at, registered_at, recorded_by, taken_over,
    words, opened_rank, opened_due_at, state, tier_rank, responsible_id, moved_at, version, round, policy_version,
    started_at, answer_seconds, due_at, queue_at, next_alarm_at, warned, escalation_level)
SELECT uuidv7(), 'P-' || nextval('complaint_number'), gen_random_uuid(), 'complaint', 'product', 'line', 'product', at,
       at, gen_random_uuid(), false, convert_to(repeat('x', 110), 'UTF8'), 4, at + interval '4 hours', 'open', 4, NULL,
       at, 1, 1, 1, at, 14400, at + interval '4 hours', at + interval '4 hours', at + interval '2 hours', 0, 0
FROM clock_timestamp() AS at;
INSERT INTO event_log (event_id, topic, key, type, time, aggregate_id, aggregate_version, data)
VALUES (uuidv7(), 'crm.complaints.v1', gen_random_uuid()::text, 'crm.complaint.opened', clock_timestamp(), uuidv7(), 1,
        json_build_object('text', repeat('x', 250)));
COMMIT;
"""


def alone_program() -> str | None:
    """pgbench, from the path or where Debian puts it."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pgbench"))
    return shutil.which("pgbench") or (str(found[-1]) if found else None)


def postgresql_alone(folder: Path, url: str) -> Load:
    """The same rows by four plain statements from 32 clients, with nothing above PostgreSQL."""
    script = folder / "alone.sql"
    script.write_text(_ALONE)
    command = [alone_program() or "pgbench", "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2"]
    command += ["-T", f"{SECONDS:g}", "-f", str(script), url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures = dict(line.split(" = ") for line in done.stdout.splitlines() if " = " in line)
    return Load(float(figures["tps"].split()[0]), float(figures["latency average"].split()[0]), 0.0, 0)


# ---------------------------------------------------------------------------- row 6


def at_any_size(started: ExitStack, folder: Path, urls: dict[str, str], samples: Sequence[str]) -> list[Result]:
    """The same reads over a thousand and over a million open cases."""
    ports = {name: started.enter_context(service(folder, urls[name])) for name in ("few", "many")}
    taken = Rounds()
    for _ in range(ROUNDS):
        for name, port in ports.items():
            taken.measure(f"get {name}", getting(port, "/complaints/v1", samples))
            taken.measure(f"list {name}", Requests(port, ["/complaints/v1/complaints"], headers=bearer()))
            taken.measure(f"queue {name}", Requests(port, ["/complaints/v1/queue"], headers=bearer()))
    buffers = {name: asyncio.run(buffers_touched(urls[name], samples)) for name in ports}
    results = []
    for what in ("get", "list", "queue"):
        many, few = taken.of(f"{what} many"), taken.of(f"{what} few")
        what_at = f"{what} at {MANY:,} / at {FEW:,}"
        results.append(Result(what_at, "6", many.per_second, few.per_second, "req/s", 0.75))
        results.append(
            Result(what_at, "6", buffers["many"][what], buffers["few"][what], "buffers", 1.5, smaller_is_better=True)
        )
    return results


async def buffers_touched(url: str, samples: Sequence[str]) -> dict[str, int]:
    """Buffers that each read's statement touches, by explain."""
    now = datetime(1999, 6, 1, tzinfo=UTC)
    head = dict(zip(("tier_rank", "queue_at", "after_id"), HEAD_OF_QUEUE, strict=True))
    newest = dict(zip(("recorded_at", "after_id"), HEAD_OF_LIST["newest"], strict=True))
    connection: Any = await asyncpg.connect(url)
    try:
        await connection.execute("VACUUM ANALYZE complaint")
        return {
            "get": await buffers_of(connection, queries.ONE, now=now, id=UUID(samples[len(samples) // 2])),
            "list": await buffers_of(connection, list_page(Wanted(), "newest", 51), now=now, **newest),
            "queue": await buffers_of(connection, queue_page(Wanted(), "urgency", 51), now=now, **head),
        }
    finally:
        await connection.close()


async def buffers_of(connection: Any, statement: Statement[Any], **values: object) -> int:
    """Buffers that a statement touches once its plan and its pages are known."""
    explain, args = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement.sql}", statement.arguments(values)
    await connection.fetchval(explain, *args)
    plan = await connection.fetchval(explain, *args)
    top = json.loads(plan)[0]["Plan"]
    return int(top["Shared Hit Blocks"]) + int(top["Shared Read Blocks"])


# ---------------------------------------------------------------------------- what is filled in


async def fill(urls: dict[str, str]) -> list[str]:
    """Schemas everywhere, known customers, and cases to read; returns ids that every database has."""
    ids = [new_id() for _ in range(FEW)]
    for name, url in urls.items():
        await upgrade("complaints", url)
        database = await Database.connect(url, pool_size=2)
        await ensure_partitions(database)
        await database.execute(
            "INSERT INTO customer_ref (id, tier_rank, specialist_id, team) "
            "SELECT id, 1 + n % 4, $2, '{}' FROM unnest($1::uuid[]) WITH ORDINALITY AS t(id, n)",
            CUSTOMERS,
            UUID(int=1),
        )
        await database.execute(  # stores, as nearly all customers are: a list need not unseal who complains
            "INSERT INTO directory_name (id, kind, name) SELECT id, 'store', '门店' FROM unnest($1::uuid[]) AS t(id)",
            CUSTOMERS,
        )
        await _fill_cases(database, ids, MANY if name == "many" else FEW)
        await database.close()
    return [str(id_) for id_ in ids]


_CASES = """
INSERT INTO complaint (
    id, number, customer_id, kind, subject, channel, against_type, recorded_at, registered_at, recorded_by, taken_over,
    words, opened_rank, opened_due_at, state, tier_rank, responsible_id, moved_at, version, round, policy_version,
    started_at, answer_seconds, due_at, queue_at, next_alarm_at, warned, escalation_level)
SELECT id, 'C19990101-' || row_number() OVER (), customer, 'complaint', 'product', 'line', 'product', at, at, customer,
       false, words, rank, at + interval '4 hours', 'open', rank, customer, at, 1, 1, 1, at, 14400,
       at + interval '4 hours', at + interval '4 hours', NULL, 75, 1
"""
_SAMPLES = """
FROM (SELECT t.*, 1 + n % 5 AS rank, timestamptz '1999-01-01Z' + n * interval '1 second' AS at
      FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) WITH ORDINALITY AS t(id, customer, words, n)) AS made
"""
_OTHERS = """
FROM (SELECT uuidv7(interval '-10 years' + n * interval '1 second') AS id, ($1::uuid[])[1 + n % 1000] AS customer,
             $3::bytea AS words, 1 + n % 5 AS rank, timestamptz '1999-02-01Z' + n * interval '1 second' AS at
      FROM generate_series(1, $2) AS n) AS made
"""


async def _fill_cases(database: Database, ids: Sequence[UUID], how_many: int) -> None:
    words = orjson.dumps({"text": "It changed its colour. " * 8, "wish": None, "complainant": None, "against": "cream"})
    vault = Vault(MASTER_KEY, "complaints:words")
    sealed = [vault.seal(words, id_.bytes) for id_ in ids]
    async with database.transaction() as transaction:
        await transaction.execute(_CASES + _SAMPLES, ids, CUSTOMERS, sealed)
    others = how_many - len(ids)
    if others:
        others_sql = _CASES.replace("C19990101", "C19990201") + _OTHERS
        async with database.transaction() as transaction:
            await transaction.execute(others_sql, CUSTOMERS, others, sealed[0], timeout=600)
    await database.execute("VACUUM ANALYZE complaint")


# ---------------------------------------------------------------------------- what is measured


@contextmanager
def service(folder: Path, url: str, name: str = "complaints", **settings: str) -> Iterator[int]:
    """A service of ours as its own `api` process; its port."""
    keys = folder / "jwks.json"
    keys.write_text(json.dumps(ISSUER.public_keys.as_dict(private=False)))
    environment = {
        f"CRM_DATABASE_URL_{name.upper()}": url,
        "CRM_MASTER_KEY": MASTER_KEY.hex(),
        "CRM_JWKS_URL": keys.as_uri(),
        "CRM_REQUESTS_PER_SECOND_PER_TOKEN": "1000000",
        **settings,
    }
    port = free_port()
    command = [sys.executable, "-m", "crm", "serve", name, "api", "--port", str(port)]
    with _running(folder, command, environment, f"http://127.0.0.1:{port}/{name}/readyz"):
        yield port


@contextmanager
def bare(folder: Path, url: str) -> Iterator[int]:
    """The floor as its own process; its port."""
    port = free_port()
    command = [sys.executable, "-m", "bench.floor", str(port), url]
    with _running(folder, command, {}, f"http://127.0.0.1:{port}/openapi.json"):
        yield port


@contextmanager
def _running(folder: Path, command: list[str], environment: dict[str, str], ready: str) -> Iterator[None]:
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
        try:
            _await(ready, process)
            yield
        finally:
            process.terminate()
            process.wait(20)


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            assert process.poll() is None, "the server has ended"
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
