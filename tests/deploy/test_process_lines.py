"""What a process says of itself: real processes, whose broker is away, comes late or is killed."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from alembic import command

from deploy.embedded_postgres import EmbeddedPostgres
from deploy.kafka.broker import KafkaBroker
from deploy.process import Role
from shared.migrations import configuration, upgrade
from shared.revisions import newest
from shared.settings import ServiceName
from shared.telemetry import traces_at
from tests.ahead import next_of, one_ahead
from tests.all_in_one import AllInOne
from tests.architecture.source import ROOT
from tests.eventually import eventually
from tests.ports import free_port
from tests.postgres import FreshDatabase, throwaway_folder
from tests.support import MASTER_KEY, database_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

NOBODY = "127.0.0.1:9"
"""Where no broker listens."""
SECRETS = (MASTER_KEY.hex(), "postgresql://")


class Process:
    """`crm serve` on real parts, with what it logs."""

    def __init__(
        self, service: ServiceName, role: Role, url: str, folder: Path, *, bootstrap: str = NOBODY, **settings: str
    ) -> None:
        self.service = service
        self.port = free_port()
        self._log = folder / f"{service}-{role}-{self.port}.log"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CRM_")}
        with self._log.open("wb") as output:
            self._process = psutil.Popen(
                [sys.executable, "-m", "crm", "serve", service, role, "--port", str(self.port)],
                cwd=ROOT,
                env={
                    **environment,
                    f"CRM_DATABASE_URL_{service.upper()}": url,
                    "CRM_KAFKA_BOOTSTRAP": bootstrap,
                    "CRM_MASTER_KEY": MASTER_KEY.hex(),
                    "CRM_JWKS_URL": "file:/nowhere.json",
                    "CRM_DATABASE_POOL": "4",
                    **settings,
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def text(self) -> str:
        return self._log.read_text()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line; each must be JSON, name service and role, and hold no secret."""
        text = self.text
        assert [secret for secret in SECRETS if secret in text] == []
        lines = [json.loads(line) for line in text.splitlines()]
        assert [line for line in lines if not {"service", "role", "timestamp", "level", "logger"} <= line.keys()] == []
        return lines

    def said(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == event]

    async def until_said(self, event: str) -> dict[str, Any]:
        await eventually(lambda: bool(self.said(event)) or not self._process.is_running(), within=60)
        return self.said(event)[0]

    async def ready(self) -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.get(f"http://127.0.0.1:{self.port}/{self.service}/readyz")

    async def becomes_ready(self) -> None:
        async def answers() -> bool:
            assert self._process.is_running(), self.lines
            try:
                return (await self.ready()).status_code == 200
            except httpx.TransportError:
                return False

        await eventually(answers, within=60)

    async def stop(self) -> int:
        self._process.terminate()
        return await self.ended()

    async def ended(self) -> int:
        """Its exit code, when it has ended."""
        code: int = await asyncio.to_thread(self._process.wait, 30)
        return code

    def kill(self) -> None:
        if self._process.is_running():
            self._process.kill()
        self._process.wait(30)


@contextmanager
def running(
    service: ServiceName, role: Role, url: str, folder: Path, *, bootstrap: str = NOBODY, **settings: str
) -> Iterator[Process]:
    process = Process(service, role, url, folder, bootstrap=bootstrap, **settings)
    try:
        yield process
    finally:
        process.kill()


async def test_an_api_says_when_it_starts_and_stops_and_is_ready_without_a_broker(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    url = await database_of(fresh_database, "complaints")
    with running("complaints", "api", url, tmp_path) as api:
        await api.becomes_ready()
        starting = api.said("starting")[0]
        assert {name: starting[name] for name in ("service", "role", "version", "revision", "address")} == {
            "service": "complaints",
            "role": "api",
            "version": version("crm"),
            "revision": newest("complaints"),
            "address": f"http://127.0.0.1:{api.port}",
        }
        assert (await api.until_said("listening"))["address"] == f"http://127.0.0.1:{api.port}"
        assert await api.stop() == 0
        assert [line["event"] for line in api.lines] == ["starting", "listening", "stopping", "stopped"]


async def test_a_worker_without_a_broker_waits_says_so_in_a_few_lines_and_keeps_its_timers(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    url = await database_of(fresh_database, "complaints")
    with running("complaints", "worker", url, tmp_path) as worker:
        waits = await worker.until_said("waiting for Kafka")
        assert (waits["service"], waits["role"], waits["fault"]) == ("complaints", "worker", "KafkaConnectionError")
        await worker.until_said("listening")
        unready = await worker.ready()
        assert (unready.status_code, unready.json()["reason"]) == (503, "no broker answers")
        await eventually(lambda: listens(url), within=30)
        await asyncio.sleep(8)

        assert len(worker.lines) <= 5, worker.lines
        assert await worker.stop() == 0
        assert [line["event"] for line in worker.lines][-2:] == ["stopping", "stopped"]


async def listens(url: str) -> bool:
    """Whether the parts that need no broker are at work: one of them listens for hints."""
    connection: asyncpg.Connection = await asyncpg.connect(url)
    try:
        return bool(
            await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )
        )
    finally:
        await connection.close()


@pytest.mark.parametrize("role", ["api", "worker"])
async def test_a_process_that_waits_for_its_database_says_so_and_stops_when_told(tmp_path: Path, role: Role) -> None:
    with running("care", role, "postgresql://care@127.0.0.1:9/care", tmp_path) as worker:
        assert (await worker.until_said("waiting for the database"))["fault"] == "ConnectionRefusedError"
        await worker.until_said("listening")
        unready = await worker.ready()
        assert (unready.status_code, unready.json()["reason"]) == (503, "the database does not answer")
        assert await worker.stop() == 0
        assert worker.said("stopped")


async def test_a_database_that_comes_late_goes_and_comes_again_is_told_in_a_few_lines(tmp_path: Path) -> None:
    """Of a worker whose parts all need it: relay, timers, housekeeping, listening."""
    with throwaway_folder() as folder:
        with EmbeddedPostgres(folder / "postgresql", durable=False) as server:
            server.ensure_databases(["care"])
            url = server.url("care")
            await upgrade("care", url)
        port = urlsplit(url).port
        with running("care", "worker", url, tmp_path) as worker:
            await worker.until_said("waiting for the database")
            with EmbeddedPostgres(folder / "postgresql", port=port, durable=False):
                await worker.until_said("the database is there")
                await eventually(lambda: listens(url), within=30)
            before = len(worker.lines)
            await asyncio.sleep(8)
            away = worker.lines[before:]
            with EmbeddedPostgres(folder / "postgresql", port=port, durable=False):
                await worker.until_said("listening again")
                assert await worker.stop() == 0
            assert worker.said("waits")
            assert len(away) <= 12, [(line["logger"], line["event"], line.get("fault")) for line in away]


async def test_a_worker_waits_for_the_migration_and_ends_when_another_one_serves_it_no_longer(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    """On a schema that is not its own it would park what it cannot store."""
    url = await database_of(fresh_database, "care")
    await asyncio.to_thread(command.downgrade, configuration("care", url), "-1")
    with running("care", "worker", url, tmp_path) as worker:
        waits = await worker.until_said("waiting for a schema that serves this release")
        assert waits["reason"].endswith(f"this release needs revision {newest('care')}: run crm migrate")
        assert not await listens(url)
        await upgrade("care", url)
        await eventually(lambda: listens(url), within=30)

        ahead = await one_ahead("care", url, tmp_path / "next", serves=next_of("care"))
        assert await worker.ended() == 2
        assert f"crm: care: the database is at revision {ahead} and serves releases from {ahead} on" in worker.text
        assert "a part of the process ended" in worker.text


@pytest.mark.parametrize("role", ["api", "worker"])
async def test_a_process_on_a_schema_that_serves_it_no_longer_says_why_it_waits(
    fresh_database: FreshDatabase, tmp_path: Path, role: Role
) -> None:
    url = await database_of(fresh_database, "care")
    ahead = await one_ahead("care", url, tmp_path / "next", serves=next_of("care"))
    with running("care", role, url, tmp_path) as process:
        waits = await process.until_said("waiting for a schema that serves this release")
        assert f"revision {ahead}" in waits["reason"]
        await process.until_said("listening")
        assert ((await process.ready()).status_code, await listens(url)) == (503, False)
        assert await process.stop() == 0


def test_all_in_one_says_it_too_and_each_line_names_its_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The terminal is for people; at the level INFO it has the lines of the others."""
    monkeypatch.setenv("CRM_LOG_LEVEL", "INFO")
    file = tmp_path / "purchases.csv"
    file.write_text("customer_no,amount,purchased_on\nnobody,1.00,2026-11-01\n")
    with AllInOne(tmp_path / "data") as everything:
        where = ("--url", everything.url, "--data", str(everything.folder))
        subprocess.run([sys.executable, "-m", "crm", "import", str(file), *where], cwd=ROOT, check=False, timeout=60)
        assert everything.stop() == 0
        lines = [json.loads(line) for line in everything.output.splitlines() if line.startswith("{")]
    events = {line["event"]: line for line in lines}

    assert {line["role"] for line in lines} == {"all-in-one"}
    assert {"starting", "listening", "stopping", "stopped"} <= events.keys()
    assert events["starting"]["revisions"]["care"] == newest("care")
    assert events["listening"]["address"] == everything.url
    assert (events["starting"]["service"], events["import ended"]["service"]) == ("crm", "customers")


@pytest.mark.kafka
async def test_a_worker_goes_on_when_its_broker_comes_and_tells_little_when_it_goes(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    url, port = await database_of(fresh_database, "care"), free_port()
    with running("care", "worker", url, tmp_path, bootstrap=f"127.0.0.1:{port}") as worker:
        await worker.until_said("waiting for Kafka")
        broker = KafkaBroker(tmp_path / "broker", port=port)
        await asyncio.to_thread(broker.start)
        try:
            await worker.until_said("Kafka is there")
            await worker.becomes_ready()
            await eventually(lambda: joined(broker), within=60)
            before = len(worker.lines)
            await asyncio.to_thread(broker.kill)
            await asyncio.sleep(15)
            told = worker.lines[before:]
        finally:
            await asyncio.to_thread(broker.kill)
        assert any(line["logger"] == "aiokafka" for line in told), "the outage is told"
        assert len(told) <= 10, [line["event"] for line in told]
        assert (await worker.ready()).status_code == 503
        assert await worker.stop() == 0


async def joined(broker: KafkaBroker) -> bool:
    """Whether the worker is a member of its group, with partitions of its own."""
    admin = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap)
    await admin.start()
    try:
        [answer] = await admin.describe_consumer_groups(["crm.care"])
        return bool(answer.groups[0][2] == "Stable")
    finally:
        await admin.close()


async def test_what_nobody_expected_ends_with_its_place_and_without_its_text(fresh_database: FreshDatabase) -> None:
    url = await database_of(fresh_database, "care")
    connection: asyncpg.Connection = await asyncpg.connect(url)
    await connection.execute("ALTER TABLE parked_event RENAME TO secrets_of_a_person")
    await connection.close()
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "crm", "parking", "list", "care"],
        cwd=ROOT,
        env=os.environ | {"CRM_DATABASE_URL_CARE": url, "CRM_MASTER_KEY": MASTER_KEY.hex()},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ended.returncode == 1
    [line] = [json.loads(line) for line in ended.stderr.splitlines()]
    assert (line["event"], line["fault"], line["service"]) == ("ended by a fault", "UndefinedTableError", "care")
    assert any("parking.py" in place for place in line["stack"])
    assert "does not exist" not in ended.stderr


@pytest.mark.parametrize(
    "given",
    [
        "http://collector:4318",
        "http://collector:4318/",
        "http://collector:4318/v1/traces",
        "http://collector:4318/v1/traces/",
    ],
)
def test_a_collector_is_named_by_its_address_or_by_the_whole_path(given: str) -> None:
    assert traces_at(given) == "http://collector:4318/v1/traces"
    assert traces_at("https://gate/otlp") == "https://gate/otlp/v1/traces"


class Collector(BaseHTTPRequestHandler):
    """Keeps the paths that spans were posted to."""

    paths: list[str]

    def do_POST(self) -> None:
        self.paths.append(self.path)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return None


@contextmanager
def collecting() -> Iterator[tuple[str, list[str]]]:
    """A collector's address, and what was posted to it."""
    paths: list[str] = []
    server = HTTPServer(("127.0.0.1", 0), type("Kept", (Collector,), {"paths": paths}))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", paths
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("suffix", ["", "/v1/traces"])
async def test_spans_reach_a_collector_named_by_host_and_port(
    fresh_database: FreshDatabase, tmp_path: Path, suffix: str
) -> None:
    url = await database_of(fresh_database, "care")
    with (
        collecting() as (address, paths),
        running("care", "api", url, tmp_path, CRM_OTLP_ENDPOINT=address + suffix, CRM_TRACE_RATIO="1") as api,
    ):
        await api.becomes_ready()
        assert await api.stop() == 0
        assert set(paths) == {"/v1/traces"}
