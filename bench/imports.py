"""An import, from the upload to the last row recorded, against a bare COPY into the same table: performance row 10.

    python -m bench.imports

Ours stores the upload, parses and checks each row in a process of its own, dedupes, records purchases, sums and events
and keeps its place. The floor copies as many ready rows into `purchase`, with the same indexes and foreign keys, in one
transaction. Both take turns on one durable server; the table grows by both.
"""

import csv
import io
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import uvloop

from bench.results import Result, save
from deploy.embedded_postgres import EmbeddedPostgres
from services.customers.archive.domain import NewCustomer, Profile
from services.customers.archive.handlers import register_many
from services.customers.context import Context
from services.customers.imports import queries
from services.customers.imports.domain.jobs import ImportAsked
from services.customers.imports.domain.layout import ImportKind, Layout
from services.customers.imports.handlers.uploading import CHUNK, submit
from services.customers.imports.handlers.working import work
from shared.auth.tokens import EmbeddedIssuer, TokenVerifier
from shared.clock import Clock
from shared.db import Database
from shared.ids import new_id
from shared.migrations import upgrade
from shared.partitions import ENSURE_PARTITION
from shared.runtime import Runtime
from shared.settings import Settings
from shared.telemetry import configure_logging

ROUNDS = 5
ROWS = 60_000
CUSTOMERS = 20_000
FIRST_DAY = datetime(2024, 1, 1, tzinfo=UTC)

Row = tuple[str, datetime, str]
"""Customer's number, day, amount."""


async def measure(url: str) -> Result:
    """Rows a second of both, on the database of customers at `url`, which is empty and migrated."""
    database = await Database.connect(url, pool_size=6, statement_seconds=120)
    settings = Settings()
    verifier = TokenVerifier(settings, EmbeddedIssuer(settings).public_keys)
    context = Context.at(Runtime(settings, database, Clock(), verifier, bytes(32)))
    customers = await _network(context)
    chance = random.Random(10)
    ours, floor = [], []
    for turn in range(ROUNDS + 1):
        took = await _imported(context, _rows(chance)), await _copied(database, customers, _rows(chance))
        if turn:  # the first turn warms both up
            ours.append(ROWS / took[0])
            floor.append(ROWS / took[1])
    await database.close()
    ratios = sorted(mine / bare for mine, bare in zip(ours, floor, strict=True))
    print(f"ratio of each turn: {', '.join(f'{ratio:.3f}' for ratio in ratios)}")
    return Result(
        "import against COPY into the same table",
        "10",
        statistics.median(ours),
        statistics.median(floor),
        "rows/s",
        0.12,
    )


async def _network(context: Context) -> dict[str, UUID]:
    """Stores by their number."""
    stores = [
        NewCustomer(new_id(), Profile("store", f"店{n}", external_no=f"S-{n:05}"), FIRST_DAY) for n in range(CUSTOMERS)
    ]
    for start in range(0, CUSTOMERS, 1000):
        async with context.database.transaction() as transaction:
            await register_many(context, transaction, stores[start : start + 1000], historical=True)
    await context.database.execute("ANALYZE")
    return {str(store.profile.external_no): store.id for store in stores}


def _rows(chance: random.Random) -> list[Row]:
    """As an order system writes them: by day, customers mixed."""
    days = sorted(FIRST_DAY + timedelta(days=chance.randrange(600)) for _ in range(ROWS))
    return [(f"S-{chance.randrange(CUSTOMERS):05}", day, f"{chance.expovariate(0.002):.2f}") for day in days]


async def _imported(context: Context, rows: Sequence[Row]) -> float:
    """Seconds from the upload to the end of the job."""
    text = io.StringIO()
    csv.writer(text).writerows(
        [("number", "date", "amount"), *((no, f"{day:%Y-%m-%d}", amount) for no, day, amount in rows)]
    )
    content = text.getvalue().encode()

    async def upload() -> AsyncIterator[bytes]:
        for start in range(0, len(content), CHUNK):
            yield content[start : start + CHUNK]

    layout = Layout.of(ImportKind.PURCHASES, {"customer_no": "number", "occurred_at": "date"}, {})
    began = time.perf_counter()
    id_ = await submit(context, ImportAsked(layout, False, False, new_id()), upload())
    await work(context)
    took = time.perf_counter() - began
    job = await queries.job(context, id_)
    assert (job.state, job.rows_ok + job.rows_repeated) == ("done", len(rows)), job
    while await work(context):
        pass
    return took


_COPIED = (
    "id", "version", "customer_id", "grade", "amount", "returned", "occurred_at", "month", "identity",
)  # fmt: skip


async def _copied(database: Database, customers: dict[str, UUID], rows: Sequence[Row]) -> float:
    """Seconds of one COPY of ready lines."""
    lines = "".join(_line(customers[number], day, amount) for number, day, amount in rows).encode()
    began = time.perf_counter()
    async with database.transaction() as transaction:
        await transaction.copy_to_table("purchase", source=io.BytesIO(lines), columns=_COPIED, format="text")
    return time.perf_counter() - began


def _line(customer_id: UUID, day: datetime, amount: str) -> str:
    month = day.year * 12 + day.month - 1
    return f"{new_id()}\t1\t{customer_id}\tmid\t{amount}\t0\t{day.isoformat()}\t{month}\t\\\\x{new_id().hex}\n"


def main() -> None:
    configure_logging("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        with EmbeddedPostgres(Path(folder) / "postgresql") as postgres:
            postgres.ensure_databases(["customers"])
            save("imports", [uvloop.run(_measure_at(postgres.socket_url("customers")))])


async def _measure_at(url: str) -> Result:
    await upgrade("customers", url)
    database = await Database.connect(url, pool_size=1)
    await database.execute(ENSURE_PARTITION)
    await database.close()
    return await measure(url)


if __name__ == "__main__":
    main()
