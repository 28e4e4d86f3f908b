"""The archive of a million customers: who calls, who has a number, whose name says it or sounds like it.

    python -m bench.archive

Each question is asked twenty times a second through the running service; a figure is its p99. The screen-pop and the
look-up by phone are also asked as often as they can be, and stand against a bare FastAPI route that reads the same row
by the same index. `BENCH_ARCHIVE` (customers) and `BENCH_SECONDS` make it smaller.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx

from bench.complaints import ISSUER, MASTER_KEY, Rounds, _running, free_port, service
from bench.latency import p99, timed
from bench.load import Requests
from bench.results import Result, save
from deploy.embedded_postgres import EmbeddedPostgres
from services.customers.archive.domain import Profile
from services.customers.archive.store import sealing
from services.customers.finding.domain import folded, heard, words_of
from services.customers.traces.store import phone_trace
from shared.auth.principal import ADMIN
from shared.bus.relay import ensure_partitions
from shared.db import Database
from shared.migrations import upgrade
from shared.months import Month
from shared.personal import Vault
from shared.settings import Settings

MANY: Final = int(os.environ.get("BENCH_ARCHIVE", "1000000"))
ROUNDS: Final = 5
PART: Final = 20_000
NOW: Final = datetime.now(UTC).replace(microsecond=0)
FIRST: Final = "美丽春夏秋冬花雨云月星雪梅兰竹菊清雅静娴玉珍珠宝金银紫红蓝白凤凰龙鹤燕莺蝶丝锦绣婉柔芳香琴棋书画"
LAST: Final = ("美容院", "美容会所", "养生馆", "化妆品店", "护肤中心", "美体中心")
QUESTIONS: Final[Mapping[str, str]] = {
    "two frequent characters": "美容",
    "a frequent ending": "美容会所",
    "two seldom characters": "凤琴",
    "a seldom and a frequent one": "琴美容",
    "no such name": "鲸鱼",
    "one character": "凤",
    "frequent pinyin": "meirong",
    "seldom pinyin": "fengqin",
    "initials": "fqmr",
    "a number": "S-0001234",
}


def main() -> None:
    """Fills a database, and asks the service over it."""
    with ExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o711)
        postgres = started.enter_context(EmbeddedPostgres(folder / "postgresql"))
        postgres.ensure_databases(("customers",))
        url = postgres.socket_url("customers")
        began = time.monotonic()
        phones = asyncio.run(_fill(url))
        print(f"{MANY:,} customers stand after {time.monotonic() - began:,.0f} s", flush=True)
        port = started.enter_context(service(folder, url, "customers", CRM_LOOKUPS_PER_HOUR="100000000"))
        taken = asyncio.run(_asked(port, phones))
        results = [
            _within(name, took, 20.0 if name in ("screen-pop", "look-up by phone") else 50.0)
            for name, took in taken.items()
        ]
        floor = started.enter_context(_bare(folder, url))
        results += _against(port, floor, phones)
        save("archive", results)


def _within(what: str, took: float, may_take: float) -> Result:
    return Result(f"archive: {what}, p99", "archive", took, may_take, "ms", 1.0, smaller_is_better=True)


# ---------------------------------------------------------------------------- what is asked


async def _asked(port: int, phones: list[str]) -> dict[str, float]:
    """p99 of each question in milliseconds, at so many requests a second."""
    asked: dict[str, tuple[str, list[dict[str, str]]]] = {
        "screen-pop": ("screen-pop", [{"phone": phone} for phone in phones]),
        "look-up by phone": ("customers", [{"q": phone} for phone in phones]),
        **{f"name: {name}": ("customers", [{"q": query}]) for name, query in QUESTIONS.items()},
    }
    found = {}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/customers/v1", headers=_bearer()) as http:
        for name, (path, params) in asked.items():
            for each in params[:6]:  # until PostgreSQL has settled on a plan
                await timed(http, path, each)
            found[name] = await p99(http, path, params)
            print(f"  {name:36} p99 {found[name]:8.1f} ms", flush=True)
    return found


def _against(port: int, floor: int, phones: list[str]) -> list[Result]:
    """Requests a second of the screen-pop and of the look-up, against the bare route, taken in turns."""
    traces = _vault("traces")
    written = [phone.replace("+", "%2B") for phone in phones]
    ours = {
        "screen-pop": Requests(port, [f"/customers/v1/screen-pop?phone={each}" for each in written], headers=_bearer()),
        "look-up by phone": Requests(
            port, [f"/customers/v1/customers?q={each}" for each in written], headers=_bearer()
        ),
    }
    bare = Requests(floor, [f"/look-up?trace={phone_trace(traces, each).hex()}" for each in phones])
    taken = Rounds()
    for _ in range(ROUNDS):
        taken.measure("bare look-up", bare)
        for name, requests in ours.items():
            taken.measure(name, requests)
    per_second = taken.of("bare look-up").per_second
    return [
        Result(f"archive: {name} / bare look-up", "archive", taken.of(name).per_second, per_second, "req/s", 0.6)
        for name in ours
    ]


@contextmanager
def _bare(folder: Path, url: str) -> Iterator[int]:
    """The floor as its own process; its port."""
    port = free_port()
    command = [sys.executable, "-m", "bench.archive_floor", str(port), url]
    with _running(folder, command, {}, f"http://127.0.0.1:{port}/openapi.json"):
        yield port


def _bearer() -> dict[str, str]:
    return {"Authorization": f"Bearer {ISSUER.issue(UUID(int=1), [ADMIN])}"}


# ---------------------------------------------------------------------------- what is filled in

_CUSTOMER: Final = ("id", "version", "tier", "counts_from", "first_purchase")
_ARCHIVE: Final = (
    "customer_id", "kind", "name", "folded", "external_no", "region_id", "language", "registered_at", "personal",
    "words", "traces", "sound", "sounds",
)  # fmt: skip
_PURCHASE: Final = (
    "id", "version", "customer_id", "grade", "amount", "returned", "occurred_at", "month", "identity",
)  # fmt: skip


def _vault(purpose: str) -> Vault:
    return Vault(MASTER_KEY, f"customers:{purpose}")


async def _fill(url: str) -> list[str]:
    """The schema and so many stores, each with a phone and a purchase; some of their phones."""
    await upgrade("customers", url)
    database = await Database.connect(url, pool_size=1, statement_seconds=1_800)
    await ensure_partitions(database)
    kept = await _drop_indexes(database)
    personal, traces, chance = _vault("personal"), _vault("traces"), random.Random(7)
    month = Month.of(NOW, Settings().zone).ordinal
    for begin in range(0, MANY, PART):
        customers, archive, purchases = [], [], []
        for n in range(begin, min(begin + PART, MANY)):
            id_, name = _id(n), _name(chance)
            profile = Profile(kind="store", name=name, external_no=f"S-{n:07}", phones=(_phone(n),))
            sound, sounds = _heard(name)
            customers.append((id_, 1, chance.choice("ABCD"), month, month))
            archive.append(
                (
                    id_,
                    "store",
                    name,
                    folded(name),
                    f"S-{n:07}",
                    None,
                    "zh-CN",
                    NOW,
                    sealing.seal(personal, id_, profile),
                    words_of(name),
                    sealing.traces_of(traces, profile),
                    sound,
                    sounds,
                )
            )
            at = NOW - timedelta(hours=n % 700)
            purchases.append((_id(n + MANY), 1, id_, "mid", Decimal(100), Decimal(0), at, month, n.to_bytes(16)))
        async with database.connection() as connection:
            await connection.copy_records_to_table("customer", records=customers, columns=_CUSTOMER)
            await connection.copy_records_to_table("archive", records=archive, columns=_ARCHIVE)
            await connection.copy_records_to_table("purchase", records=purchases, columns=_PURCHASE)
    await database.execute("SET maintenance_work_mem = '512MB'")
    for definition in kept:
        await database.execute(definition, timeout=1_800)
    await database.execute("VACUUM ANALYZE customer, archive, purchase", timeout=1_800)
    await database.close()
    return [_phone(chance.randrange(MANY)) for _ in range(500)]


async def _drop_indexes(database: Database) -> list[str]:
    """Drops what is quicker to build over all rows at once; how to make it again."""
    rows = await database.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'archive' AND indexname IN "
        "('archive_words', 'archive_traces', 'archive_sounds', 'archive_unheard', 'archive_region', 'archive_stage')"
    )
    for row in rows:
        await database.execute(f"DROP INDEX {row['indexname']}")
    return [row["indexdef"] for row in rows]


def _name(chance: random.Random) -> str:
    return "".join(chance.choice(FIRST) for _ in range(chance.randrange(2, 5))) + chance.choice(LAST)


@cache
def _heard(name: str) -> tuple[str, list[str]]:
    sound = heard(folded(name))
    return sound.spoken, list(sound.index)


def _phone(n: int) -> str:
    return f"+86138{n:08}"


def _id(n: int) -> UUID:
    """A UUIDv7, different for each n."""
    milliseconds = int(NOW.timestamp() * 1_000) - 10_000_000 + n
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | n)


if __name__ == "__main__":
    main()
