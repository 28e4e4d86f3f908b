"""What customers are worth: one purchase until it is told what they are now, and everybody judged anew.

    python -m bench.worth

`BENCH_WORTH` customers (1,000,000 unless given) and a tenth of them, each with four purchases over eighteen months in
the mean, some with invoices and ratings. Ours are the services' own processes: purchases are posted to the `api`, the
`worker` judges and publishes, and this process listens at the broker. Places among all are found once a minute by
design, so what tells of a place alone is counted by itself. Everybody is judged twice: for the first time,
when nearly all are told of, and again, when nothing has changed. The floor of that is one bare statement that sums up
the same facts of everybody. An import is taken with and without the marks that say who is to be judged.
"""

import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import orjson
import uvloop
from aiokafka import AIOKafkaConsumer

from bench.complaints import MASTER_KEY, _running, bearer, free_port, service
from bench.imports import ROWS, _imported, _network, _rows
from bench.results import Result, save
from deploy.embedded_postgres import EmbeddedPostgres
from deploy.kafka.broker import KafkaBroker
from deploy.topics import ensure_topics
from services.customers.context import Context
from shared.auth.tokens import EmbeddedIssuer, TokenVerifier
from shared.bus.relay import ensure_partitions
from shared.clock import Clock
from shared.contracts.customers import FACTS, TierChanged
from shared.contracts.worth import LifecycleChanged, SegmentChanged
from shared.db import Database
from shared.ids import new_id
from shared.migrations import upgrade
from shared.months import Month
from shared.runtime import Runtime
from shared.settings import Settings
from shared.telemetry import configure_logging

MANY: Final = int(os.environ.get("BENCH_WORTH", "1000000"))
FEW: Final = MANY // 10
SECONDS: Final = float(os.environ.get("BENCH_SECONDS", "60"))
A_SECOND: Final = 20
"""Purchases."""
WITHIN: Final = 200.0
"""Milliseconds from the answer to the last event of a purchase, of 99 %."""
A_PASS_MAY_TAKE: Final = 300.0 * MANY / 1_000_000
"""Seconds: five minutes for a million."""
ROUNDS: Final = 3
TOLD: Final = (TierChanged.TYPE, LifecycleChanged.TYPE, SegmentChanged.TYPE)
PLACED: Final = "a place among all"
RUNNING: Final = Month.of(datetime.now(UTC), Settings().zone)


def main() -> None:
    """Fills both databases, starts the services over them, and measures."""
    configure_logging("ERROR")
    with ExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o711)
        postgres = started.enter_context(EmbeddedPostgres(folder / "postgresql"))
        names = ("few", "many", "imports")
        postgres.ensure_databases(names)
        urls = {name: postgres.socket_url(name) for name in names}
        imports = uvloop.run(_imports(urls["imports"]))
        few, _ = _judged(started, folder, urls["few"], FEW)
        many, purchases = _judged(started, folder, urls["many"], MANY)
        save("worth", [purchases, *_passes(few, many), imports])


@dataclass(frozen=True, slots=True)
class Passes:
    """Seconds: everybody judged for the first time, and again; the bare statement."""

    first: float
    again: float
    bare: float


def _passes(few: Passes, many: Passes) -> list[Result]:
    how_many = f"{MANY:,} customers"
    rows = [
        Result(f"{how_many} judged anew / the bare statement", "worth", many.again, many.bare, "s", 30.0, True),
    ]
    for what, of in (("judged anew", "again"), ("judged for the first time", "first")):
        ours, smaller = getattr(many, of), getattr(few, of)
        rows += [
            Result(f"{how_many} {what}", "worth", ours, A_PASS_MAY_TAKE, "s", 1.0, True),
            Result(f"{how_many} {what} / {FEW:,}", "worth", ours, smaller, "s", 12.0, True),
        ]
    return rows


# ---------------------------------------------------------------------------- the services


def _judged(started: ExitStack, folder: Path, url: str, how_many: int) -> tuple[Passes, Result]:
    """Everybody judged twice, then purchases, over a database of so many."""
    with ExitStack() as own:
        at = folder / f"of-{how_many}"
        at.mkdir()
        broker = own.enter_context(KafkaBroker(at / "kafka"))
        asyncio.run(ensure_topics(broker.bootstrap))
        began = time.monotonic()
        asyncio.run(_fill(url, how_many))
        print(f"{how_many:,} customers stand after {time.monotonic() - began:,.0f} s", flush=True)
        port = own.enter_context(service(at, url, "customers", CRM_FILES_DIRECTORY=str(at / "files")))
        own.enter_context(_worker(at, url, broker.bootstrap))
        return uvloop.run(_measured(url, port, broker.bootstrap))


@contextmanager
def _worker(folder: Path, url: str, bootstrap: str) -> Iterator[None]:
    """The `worker` of customers as a process of its own."""
    environment = {
        "CRM_DATABASE_URL_CUSTOMERS": url,
        "CRM_MASTER_KEY": MASTER_KEY.hex(),
        "CRM_JWKS_URL": (folder / "jwks.json").as_uri(),
        "CRM_KAFKA_BOOTSTRAP": bootstrap,
        "CRM_FILES_DIRECTORY": str(folder / "files"),
    }
    port = free_port()
    command = [sys.executable, "-m", "crm", "serve", "customers", "worker", "--port", str(port)]
    with _running(folder, command, environment, f"http://127.0.0.1:{port}/customers/readyz"):
        yield


async def _measured(url: str, port: int, bootstrap: str) -> tuple[Passes, Result]:
    database = await Database.connect(url, pool_size=2, statement_seconds=1_800)
    address = f"http://127.0.0.1:{port}/customers/v1"
    async with httpx.AsyncClient(base_url=address, headers=bearer(), timeout=60) as http:
        first = await _pass(http)
        print(f"  judged for the first time in {first:.1f} s", flush=True)
        await _until(database, _FITTED)
        await _until(database, _PLACED)
        await _until(database, _PUBLISHED)
        await database.execute("VACUUM ANALYZE", timeout=1_800)
        again = await _pass(http)
        await _until(database, _PUBLISHED)
        began = time.perf_counter()
        await database.fetchval(_BARE, timeout=1_800)
        taken = Passes(first, again, time.perf_counter() - began)
        print(f"  again in {again:.1f} s, the bare statement in {taken.bare:.1f} s", flush=True)
        purchases = await _purchases(http, database, bootstrap)
    await database.close()
    return taken, purchases


async def _pass(http: httpx.AsyncClient) -> float:
    """Seconds until everybody is judged."""
    began = time.perf_counter()
    asked = await http.post("/worth-passes", headers={"Idempotency-Key": str(new_id())})
    assert asked.status_code == 202, asked.text
    async for _ in _looks():
        if (await http.get(f"/worth-passes/{asked.json()['id']}")).json()["done_at"]:
            break
    return time.perf_counter() - began


_FITTED: Final = """
SELECT EXISTS (SELECT FROM churn_fit WHERE finished_at IS NOT NULL)
    AND NOT EXISTS (SELECT FROM worth_pass WHERE done_at IS NULL)
    AND NOT EXISTS (
        SELECT FROM churn_fit f WHERE f.outcome = 'converged'
            AND NOT EXISTS (SELECT FROM worth_pass p WHERE p.fit_id = f.id)
    )
"""
"""The first fit of the model judges everybody once more, by itself."""
_PLACED: Final = "SELECT NOT stale AND placed_at IS NOT NULL FROM value_placing"
_PUBLISHED: Final = "SELECT NOT EXISTS (SELECT FROM event_log WHERE sequence IS NULL)"


async def _until(database: Database, holds: str) -> None:
    async for _ in _looks():
        if await database.fetchval(holds):
            return


async def _looks() -> AsyncIterator[None]:
    """Again and again: what is waited for happens in other processes."""
    while True:
        yield
        await asyncio.sleep(0.1)


# ---------------------------------------------------------------------------- purchases


async def _purchases(http: httpx.AsyncClient, database: Database, bootstrap: str) -> Result:
    """p99 in milliseconds from the answer to a purchase until the last event that it led to can be read."""
    count = max(1, int(SECONDS * A_SECOND))
    chosen = await database.fetch("SELECT id FROM customer ORDER BY random() LIMIT $1", count)
    before = await database.fetchval("SELECT coalesce(max(id), 0) FROM event_log")
    answered: dict[UUID, float] = {}
    chance = random.Random(20)
    async with _listening(bootstrap) as heard, asyncio.TaskGroup() as group:
        began = time.perf_counter()
        for n, row in enumerate(chosen):
            await asyncio.sleep(max(0.0, began + n / A_SECOND - time.perf_counter()))
            group.create_task(_buy(http, row["id"], chance, answered))
        await asyncio.sleep(3)
        await _until(database, _PLACED)
        await _until(database, _PUBLISHED)
        written = await database.fetchval(_WRITTEN, before, list(TOLD), list(answered))
        await _heard(heard, answered, written)
    at_once = {id_: [at for at, kind in heard.get(id_, ()) if kind != PLACED] for id_ in answered}
    last = {id_: max(moments) for id_, moments in at_once.items() if moments}
    kinds = [kind for id_ in answered for _, kind in heard.get(id_, ())]
    assert written == len(kinds), f"{written} events were written, {len(kinds)} came"
    took = sorted(max(0.0, last[id_] - answered[id_]) * 1_000 for id_ in last)
    told = ", ".join(f"{kinds.count(kind):,} {kind}" for kind in (*TOLD, PLACED))
    print(f"  {len(answered):,} purchases, {len(last):,} led to something: {told}", flush=True)
    middle, most = statistics.median(took), took[len(took) * 99 // 100]
    print(f"  told within {middle:.0f} ms (median), {most:.0f} ms (99 %), {took[-1]:.0f} ms (all)", flush=True)
    return Result("a purchase until its last event is told, p99", "worth", most, WITHIN, "ms", 1.0, True)


_WRITTEN: Final = """
SELECT count(*) FROM event_log
WHERE id > $1 AND type = ANY ($2) AND (data::json->>'customer_id')::uuid = ANY ($3)
"""


async def _heard(heard: Mapping[UUID, Sequence[Any]], answered: Iterable[UUID], written: int) -> None:
    """Waits half a minute at most until as much is heard as was written."""
    for _ in range(300):
        if sum(len(heard.get(id_, ())) for id_ in answered) >= written:
            return
        await asyncio.sleep(0.1)


async def _buy(http: httpx.AsyncClient, customer_id: UUID, chance: random.Random, answered: dict[UUID, float]) -> None:
    """Now, or by a third last month: such are entered late, and move segments too."""
    body: dict[str, Any] = {"customer_id": str(customer_id), "amount": f"{chance.randrange(1_000, 15_000)}.00"}
    if not chance.randrange(3):
        body["occurred_at"] = f"{RUNNING.plus(-1)}-15T10:00:00+08:00"
    answer = await http.post("/purchases", json=body, headers={"Idempotency-Key": str(new_id())})
    answered[customer_id] = time.perf_counter()
    assert answer.status_code == 201, answer.text


@asynccontextmanager
async def _listening(bootstrap: str) -> AsyncIterator[dict[UUID, list[tuple[float, str]]]]:
    """When and what is told of each customer, from now on."""
    heard: dict[UUID, list[tuple[float, str]]] = defaultdict(list)
    consumer = AIOKafkaConsumer(FACTS, bootstrap_servers=bootstrap, auto_offset_reset="latest", fetch_max_wait_ms=100)
    await consumer.start()
    await consumer.seek_to_end()

    async def hear() -> None:
        async for message in consumer:
            kind = next(value for name, value in message.headers if name == "ce_type").decode()
            if kind in TOLD:
                fact = orjson.loads(message.value)
                told = PLACED if fact.get("value") != fact.get("was_value") else kind
                heard[UUID(fact["customer_id"])].append((time.perf_counter(), told))

    hearing = asyncio.create_task(hear())
    try:
        yield heard
    finally:
        hearing.cancel()
        await consumer.stop()


# ---------------------------------------------------------------------------- imports


async def _imports(url: str) -> Result:
    """Rows a second of an import, with the marks and without them, in turns."""
    await upgrade("customers", url)
    database = await Database.connect(url, pool_size=6, statement_seconds=120)
    await ensure_partitions(database)
    settings = Settings()
    verifier = TokenVerifier(settings, EmbeddedIssuer(settings).public_keys)
    context = Context.of(Runtime(settings, database, Clock(), verifier, bytes(32)))
    await _network(context)
    chance = random.Random(10)
    taken: dict[str, list[float]] = {"ENABLE": [], "DISABLE": []}
    for turn in range(ROUNDS + 1):
        for word, seconds in taken.items():
            await _marks(database, word)
            took = await _imported(context, _rows(chance))
            if turn:  # the first turn warms both up
                seconds.append(ROWS / took)
    await database.close()
    marked, unmarked = (statistics.median(each) for each in taken.values())
    return Result("import with marks / without", "worth", marked, unmarked, "rows/s", 0.9)


async def _marks(database: Database, word: str) -> None:
    """Switches the marks of purchases on or off."""
    names: Sequence[Any] = await database.fetch(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = 'purchase'::regclass AND tgname LIKE 'purchase_worth_%'"
    )
    assert names
    for row in names:
        await database.execute(f"ALTER TABLE purchase {word} TRIGGER {row['tgname']}")


# ---------------------------------------------------------------------------- what is filled in

_FILL: Final = (
    "SELECT setseed(0.5)",
    """
    CREATE TEMP TABLE shop AS
    SELECT uuidv7() AS id, floor(-ln(1 - random()) * 3.7)::integer + (random() < 0.9)::integer AS purchases,
        random() * interval '548 days' AS known, 100 + 900 * random() AS usual, random() < 0.3 AS on_invoice
    FROM generate_series(1, {how_many})
    """,
    """
    CREATE TEMP TABLE bought AS
    SELECT s.id AS customer_id, s.on_invoice, (now() - random() * s.known) AS at,
        round((s.usual * (0.5 + random()))::numeric, 2) AS amount
    FROM shop s, generate_series(1, s.purchases)
    """,
    "CREATE TEMP TABLE told AS SELECT *, {month} AS month FROM bought ORDER BY customer_id",
    """
    INSERT INTO customer (id, version, tier, counts_from, first_purchase)
    SELECT s.id, 1, 'D', coalesce(f.month, {running}), f.month
    FROM shop s LEFT JOIN (SELECT customer_id, min(month) AS month FROM told GROUP BY customer_id) f
        ON f.customer_id = s.id
    """,
    "ALTER TABLE purchase DISABLE TRIGGER USER",
    """
    INSERT INTO purchase (id, version, customer_id, grade, amount, returned, occurred_at, month, identity)
    SELECT uuidv7(), 1, customer_id, 'mid', amount, 0, at, month, uuid_send(uuidv7()) FROM told
    """,
    "ALTER TABLE purchase ENABLE TRIGGER USER",
    """
    INSERT INTO month_total (customer_id, month, grade, amount)
    SELECT customer_id, month, 'mid', sum(amount) FROM told GROUP BY customer_id, month
    """,
    "ALTER TABLE payment DISABLE TRIGGER USER",
    """
    INSERT INTO payment (id, version, customer_id, invoice_no, due_on, amount, paid_on, told_at)
    SELECT uuidv7(), 1, customer_id, 'I-' || row_number() OVER (), at::date + 30, amount,
        CASE WHEN random() < 0.9 AND at < now() - interval '30 days'
            THEN least(current_date, at::date + 20 + floor(random() * 40)::integer) END, at
    FROM told WHERE on_invoice AND random() < 0.7
    """,
    "ALTER TABLE payment ENABLE TRIGGER USER",
    "ALTER TABLE loyalty_rating DISABLE TRIGGER USER",
    """
    INSERT INTO loyalty_rating (customer_id, version, criteria, rated_at, rated_by)
    SELECT id, 1, jsonb_build_object('price', 1 + floor(random() * 5), 'share', 1 + floor(random() * 5)), now(),
        '01900000-0000-7000-8000-000000000001'
    FROM shop WHERE random() < 0.05
    """,
    "ALTER TABLE loyalty_rating ENABLE TRIGGER USER",
    "VACUUM ANALYZE",
)
_MONTH: Final = "(extract(year FROM at AT TIME ZONE '{zone}') * 12 + extract(month FROM at AT TIME ZONE '{zone}') - 1)"
_BARE: Final = """
SELECT count(*), sum(b.times), sum(s.counted), sum(p.late), sum(r.rated)
FROM customer c
LEFT JOIN (
    SELECT customer_id, count(DISTINCT (occurred_at AT TIME ZONE 'Asia/Shanghai')::date) AS times FROM purchase
    WHERE reversed_at IS NULL AND returns_id IS NULL AND amount > returned GROUP BY customer_id
) b ON b.customer_id = c.id
LEFT JOIN (SELECT customer_id, sum(amount) AS counted FROM month_total GROUP BY customer_id) s ON s.customer_id = c.id
LEFT JOIN (
    SELECT customer_id, sum(greatest(0, coalesce(paid_on, current_date) - due_on)) AS late FROM payment
    WHERE withdrawn_at IS NULL GROUP BY customer_id
) p ON p.customer_id = c.id
LEFT JOIN (
    SELECT customer_id, sum(e.value::integer) AS rated FROM loyalty_rating, jsonb_each_text(criteria) AS e
    GROUP BY customer_id
) r ON r.customer_id = c.id
"""


async def _fill(url: str, how_many: int) -> None:
    """The schema and so many customers with their histories, whom nobody has judged."""
    await upgrade("customers", url)
    database = await Database.connect(url, pool_size=1, statement_seconds=1_800)
    await ensure_partitions(database)
    month = f"{_MONTH.format(zone=Settings().timezone)}::integer"
    async with database.connection() as connection:
        for statement in _FILL:
            await connection.execute(statement.format(how_many=how_many, month=month, running=RUNNING.ordinal))
    await database.close()


if __name__ == "__main__":
    main()
