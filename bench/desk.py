"""The desk over two million cases of which fifty thousand are open: queue, filters, searches, counters.

    python -m bench.desk

Each read is asked for twenty times a second through the running service; a figure is its p99, against the 50 ms that it
may take. The buffers that its statement touches stand against those at two thousand cases, all of them open, so that a
page is as full there; what is asked for has the same share of the cases at both sizes. `BENCH_DESK` (cases) and
`BENCH_SECONDS` make it smaller.
"""

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx
import orjson

from bench.complaints import ISSUER, MASTER_KEY, buffers_of, service
from bench.latency import ASKED, p99, timed
from bench.results import Result, save
from deploy.embedded_postgres import EmbeddedPostgres
from services.complaints.app import build
from services.complaints.cases.domain import CaseState
from services.complaints.context import Context
from services.complaints.lists.domain import HEAD_OF_LIST, HEAD_OF_QUEUE, Wanted
from services.complaints.lists.queries.clauses import values_sought
from services.complaints.lists.queries.finding import found_page
from services.complaints.lists.queries.listing import list_page
from services.complaints.lists.queries.queue import queue_page
from services.complaints.search.queries import grams_sought
from services.complaints.search.store import contact_trace
from shared.auth.principal import ADMIN
from shared.auth.tokens import TokenVerifier
from shared.bigrams import hashes_of
from shared.bus.relay import ensure_partitions
from shared.clock import Clock
from shared.db import Database
from shared.migrations import upgrade
from shared.personal import Vault
from shared.runtime import Runtime
from shared.settings import Settings
from shared.statement import Statement

MANY: Final = int(os.environ.get("BENCH_DESK", "2000000"))
FEW: Final = min(2_000, MANY)
OPEN: Final = max(FEW, MANY // 40)
"""Of the many; of the few all are."""
MAY_TAKE: Final = 50.0
"""Milliseconds, for 99 of 100."""
PART: Final = 20_000

NOW: Final = datetime.now(UTC).replace(microsecond=0)
ZONE: Final = Settings().zone
BETWEEN: Final = timedelta(seconds=40)
"""From one case to the next: two million are two and a half years."""
SUBJECTS: Final = ("product", "service", "attitude", "after_sales", "delivery", "advertising", "promise", "other")
CHANNELS: Final = ("line", "web", "social", "visit", "email", "partner", "internal")
HANDLERS: Final = [UUID(int=0x1000 + n) for n in range(20)]
DEPARTMENTS: Final = [UUID(int=0x2000 + n) for n in range(4)]
ACCUSED: Final = [UUID(int=0x3000 + n) for n in range(25)]
STORES: Final = [UUID(int=0x4000 + n) for n in range(500)]
SAYINGS: Final = tuple(
    f"{first}{second}" for first in "面精乳眼唇粉洁护" for second in ("霜变色", "华刺痛", "液漏出", "膏结块")
)
FREQUENT: Final = "客服态度"
"""Every tenth case says it, `seldom` every hundredth, `rare` every two-thousandth."""
PHONE: Final = "+8613811112222"


def main() -> None:
    """Fills two databases, asks the service over the many, and looks at the plans over both."""
    with ExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o711)
        postgres = started.enter_context(EmbeddedPostgres(folder / "postgresql"))
        postgres.ensure_databases(("few", "many"))
        urls = {name: postgres.socket_url(name) for name in ("few", "many")}
        for name, size, waiting in (("few", FEW, FEW), ("many", MANY, OPEN)):
            began = time.monotonic()
            asyncio.run(fill(urls[name], size, waiting))
            print(f"{size:,} cases stand after {time.monotonic() - began:,.0f} s", flush=True)
        buffers = {name: asyncio.run(touched(urls[name])) for name in urls}
        port = started.enter_context(service(folder, urls["many"]))
        taken = asyncio.run(asked(port))
        per_count = asyncio.run(counting(port, urls["many"]))
        results = [
            Result(f"desk: {each.name}, p99", "desk", taken[each.name], MAY_TAKE, "ms", 1.0, smaller_is_better=True)
            for each in QUESTIONS
        ]
        results += [
            Result(
                f"desk: {each.name}, at {MANY:,} / at {FEW:,}",
                "desk",
                buffers["many"][each.name],
                buffers["few"][each.name],
                "buffers a row",
                1.5,
                smaller_is_better=True,
            )
            for each in QUESTIONS
            if each.compared
        ]
        results.append(
            Result(
                "desk: counters, buffers of a request / of the queue's page",
                "desk",
                per_count,
                buffers["many"]["queue"] * 51,
                "buffers",
                0.1,
                smaller_is_better=True,
            )
        )
        save("desk", results)


# ---------------------------------------------------------------------------- what is asked


@dataclass(frozen=True, slots=True)
class Question:
    """A read of the desk: by its route, and as the statement behind it."""

    name: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    wanted: Wanted = field(default_factory=Wanted)
    order: str | None = None
    compared: bool = True
    """Whether the sizes are compared; not where few rows meet two conditions of which no index knows together."""


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


_SOON: Final = NOW + timedelta(minutes=30)
_HALF_A_DAY: Final = NOW - timedelta(hours=12)
_DAY: Final = f"C{_HALF_A_DAY.astimezone(ZONE):%Y%m%d}"
QUESTIONS: Final = (
    Question("queue", "queue"),
    Question("queue by due", "queue", {"sort": "due"}, order="due"),
    Question("queue of a tier", "queue", {"tier": "B"}, Wanted(tier="B")),
    Question("queue of a subject", "queue", {"subject": "delivery"}, Wanted(subject="delivery")),
    Question("queue of a channel", "queue", {"channel": "social"}, Wanted(channel="social")),
    Question("own queue", "queue", {"handler_id": HANDLERS[3]}, Wanted(handler_id=HANDLERS[3])),
    Question(
        "own queue by due", "queue", {"handler_id": HANDLERS[3], "sort": "due"}, Wanted(handler_id=HANDLERS[3]), "due"
    ),
    Question("queue of a department", "queue", {"department_id": DEPARTMENTS[1]}, Wanted(department_id=DEPARTMENTS[1])),
    Question("queue, overdue", "queue", {"overdue": True}, Wanted(overdue=True)),
    Question("queue, due soon", "queue", {"due_before": _SOON.isoformat()}, Wanted(due_before=_SOON)),
    Question("queue, against", "queue", {"against_id": ACCUSED[5]}, Wanted(against_id=ACCUSED[5])),
    Question("queue of a batch", "queue", {"batch": "B7"}, Wanted(batch="B7")),
    Question(
        "queue of a day",
        "queue",
        {"recorded_from": _day(_HALF_A_DAY), "recorded_to": _day(NOW)},
        Wanted(recorded_from=_HALF_A_DAY, recorded_to=NOW),
    ),
    Question("list", "complaints"),
    Question("list of a state", "complaints", {"state": "open"}, Wanted(state=CaseState.OPEN)),
    Question("list of a subject", "complaints", {"subject": "promise"}, Wanted(subject="promise")),
    Question("list of a channel", "complaints", {"channel": "visit"}, Wanted(channel="visit")),
    Question("list of a handler", "complaints", {"handler_id": HANDLERS[7]}, Wanted(handler_id=HANDLERS[7])),
    Question(
        "list of a department", "complaints", {"department_id": DEPARTMENTS[2]}, Wanted(department_id=DEPARTMENTS[2])
    ),
    Question("list, overdue", "complaints", {"overdue": True}, Wanted(overdue=True)),
    Question("list, against", "complaints", {"against_id": ACCUSED[9]}, Wanted(against_id=ACCUSED[9])),
    Question("list of a batch", "complaints", {"batch": "B7"}, Wanted(batch="B7")),
    Question("list, due soon", "complaints", {"due_before": _SOON.isoformat()}, Wanted(due_before=_SOON)),
    Question("list of a customer", "complaints", {"customer_id": STORES[8]}, Wanted(customer_id=STORES[8])),
    Question(
        "list of days",
        "complaints",
        {"recorded_from": _day(_HALF_A_DAY), "recorded_to": _day(NOW)},
        Wanted(recorded_from=_HALF_A_DAY, recorded_to=NOW),
    ),
    Question("search: frequent words", "complaints", {"q": FREQUENT}, Wanted(text=FREQUENT)),
    Question("search: seldom words", "complaints", {"q": "过敏起疹"}, Wanted(text="过敏起疹")),
    Question("search: rare words", "complaints", {"q": "broken seal"}, Wanted(text="broken seal")),
    Question("search: no such words", "complaints", {"q": "zebra"}, Wanted(text="zebra")),
    Question("search: a phone", "complaints", {"phone": PHONE}, Wanted(phone=PHONE)),
    Question("search: the end of a number", "complaints", {"number_part": "001234"}, Wanted(number_part="001234")),
    Question("search: a number in part", "complaints", {"number_part": "0123"}, Wanted(number_part="0123")),
    Question("search: five digits of a number", "complaints", {"number_part": "01234"}, Wanted(number_part="01234")),
    Question("search: the last three digits", "complaints", {"number_part": "123"}, Wanted(number_part="123")),
    Question("search: the day of a number", "complaints", {"number_part": _DAY}, Wanted(number_part=_DAY)),
    Question(
        "search: in part, of a state",
        "complaints",
        {"number_part": "0123", "state": "open"},
        Wanted(number_part="0123", state=CaseState.OPEN),
        compared=False,
    ),
    Question(
        "search: in part, of a handler",
        "complaints",
        {"number_part": "0123", "handler_id": HANDLERS[7]},
        Wanted(number_part="0123", handler_id=HANDLERS[7]),
        compared=False,
    ),
    Question(
        "search: in part, of a store",
        "complaints",
        {"number_part": "0123", "store": "S-00017"},
        Wanted(number_part="0123", store="S-00017"),
        compared=False,
    ),
    Question(
        "search: in part, and words",
        "complaints",
        {"number_part": "0123", "q": FREQUENT},
        Wanted(number_part="0123", text=FREQUENT),
        compared=False,
    ),
    Question("search: a store", "complaints", {"store": "S-00017"}, Wanted(store="S-00017")),
)


WALKED: Final = ("search: frequent words", "search: seldom words")
"""Every bigram of these is frequent."""


def statement_of(context: Context, question: Question) -> tuple[Statement[Any], dict[str, object]]:
    """The statement of the first page of 50, and its values."""
    values: dict[str, object] = {"now": context.clock.now(), **values_sought(context, question.wanted)}
    if question.path == "queue":
        order = "due" if question.order == "due" else "urgency"
        rank, queue_at, after_id = HEAD_OF_QUEUE
        values |= {"queue_at": queue_at, "after_id": after_id} | ({"tier_rank": rank} if order == "urgency" else {})
        return queue_page(question.wanted, "due" if order == "due" else "urgency", 51), values
    recorded_at, after_id = HEAD_OF_LIST["newest"]
    values |= {"recorded_at": recorded_at, "after_id": after_id}
    if question.wanted.text is not None:
        return found_page(question.wanted, "newest", 51, walked=question.name in WALKED), values | {
            "grams": grams_sought(context, question.wanted.text)
        }
    return list_page(question.wanted, "newest", 51), values


async def touched(url: str) -> dict[str, float]:
    """Buffers that each read's statement touches for a row that it finds, by explain."""
    database = await Database.connect(url, pool_size=1)
    connection: Any = await asyncpg.connect(url)
    try:
        settings = Settings()
        context = build(
            Runtime(settings, database, Clock(), TokenVerifier(settings, ISSUER.public_keys), MASTER_KEY)
        ).context
        found = {}
        for question in QUESTIONS:
            statement, values = statement_of(context, question)
            rows = await connection.fetch(statement.sql, *statement.arguments(values))
            found[question.name] = await buffers_of(connection, statement, **values) / max(1, len(rows))
        return found
    finally:
        await connection.close()
        await database.close()


async def asked(port: int) -> dict[str, float]:
    """p99 of each read in milliseconds, at so many requests a second."""
    found = {}
    headers = {"Authorization": f"Bearer {ISSUER.issue(UUID(int=1), [ADMIN])}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/complaints/v1", headers=headers) as http:
        for question in QUESTIONS:
            await timed(http, question.path, question.params)
            found[question.name] = await p99(http, question.path, [question.params])
            print(f"  {question.name:32} p99 {found[question.name]:8.1f} ms", flush=True)
    return found


async def counting(port: int, url: str) -> float:
    """How often tables of cases and events are read for a request of the counters, while nothing else is asked."""
    connection: Any = await asyncpg.connect(url)
    headers = {"Authorization": f"Bearer {ISSUER.issue(HANDLERS[0], [ADMIN])}"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/complaints/v1", headers=headers) as http:
            await timed(http, "counters")
            before = await _touched_so_far(connection)
            took = await p99(http, "counters")
            print(f"  {'counters':32} p99 {took:8.1f} ms", flush=True)
            return (await _touched_so_far(connection) - before) / ASKED
    finally:
        await connection.close()


async def _touched_so_far(connection: Any) -> int:
    """What pg_stat_database has counted; backends tell it when they are idle for a second."""
    await asyncio.sleep(1.5)
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    return int(
        await connection.fetchval(
            "SELECT sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit, 0) + coalesce(idx_blks_read, 0)) "
            "FROM pg_statio_user_tables WHERE relname IN ('complaint', 'event_log', 'relay', 'tier_move')"
        )
    )


# ---------------------------------------------------------------------------- what is filled in

_COLUMNS: Final = (
    "id", "number", "customer_id", "kind", "subject", "channel", "against_type", "against_id", "recorded_at",
    "registered_at", "recorded_by", "taken_over", "words", "opened_rank", "opened_due_at", "state", "tier_rank",
    "responsible_id", "moved_at", "version", "round", "policy_version", "started_at", "answer_seconds", "due_at",
    "queue_at", "warned", "escalation_level", "breached_at", "stopped_at", "answered_at", "closed_at", "batch",
)  # fmt: skip
_TRACE: Final = ("complaint_id", "at", "number_reversed", "contact_trace", "grams")


async def fill(url: str, size: int, waiting: int) -> None:
    """The schema, the directory, and so many cases of which the newest wait for their answer."""
    await upgrade("complaints", url)
    database = await Database.connect(url, pool_size=1, statement_seconds=1_800)
    await ensure_partitions(database)
    await _fill_directory(database)
    maker = Maker(size, waiting)
    kept = await _drop_indexes(database)
    for begin in range(0, size, PART):
        rows, traces = [], []
        for n in range(begin, min(begin + PART, size)):
            row, trace = maker.case(n)
            rows.append(row)
            traces.append(trace)
        async with database.connection() as connection:
            await connection.copy_records_to_table("complaint", records=rows, columns=_COLUMNS)
            await connection.copy_records_to_table("case_trace", records=traces, columns=_TRACE)
    await database.execute("SET maintenance_work_mem = '512MB'")
    for definition in kept:
        await database.execute(definition, timeout=1_800)
    await database.execute("VACUUM ANALYZE complaint, case_trace, directory_staff, directory_name", timeout=1_800)
    await database.close()


async def _drop_indexes(database: Database) -> list[str]:
    """Drops what is quicker to build over all rows at once; how to make it again."""
    rows = await database.fetch(
        "SELECT indexname, indexdef FROM pg_indexes "
        "WHERE tablename IN ('complaint', 'case_trace') AND indexname NOT LIKE '%_pkey'"
    )
    for row in rows:
        await database.execute(f"DROP INDEX {row['indexname']}")
    return [row["indexdef"] for row in rows]


async def _fill_directory(database: Database) -> None:
    await database.execute(
        "INSERT INTO directory_staff (id, name, role, department_id, channel, language, active) "
        "SELECT id, 'colleague ' || n, 'cs_specialist', ($2::uuid[])[1 + n % 4], 'email', 'zh-CN', true "
        "FROM unnest($1::uuid[]) WITH ORDINALITY AS t(id, n)",
        [*HANDLERS, *ACCUSED],
        DEPARTMENTS,
    )
    await database.execute(
        "INSERT INTO directory_name (id, kind, name, detail) "
        "SELECT id, 'store', '美容院' || n, 'S-' || lpad(n::text, 5, '0') "
        "FROM unnest($1::uuid[]) WITH ORDINALITY AS t(id, n)",
        STORES,
    )
    await database.execute(
        "INSERT INTO customer_ref (id, tier_rank, team) SELECT id, 1 + n % 4, '{}' "
        "FROM unnest($1::uuid[]) WITH ORDINALITY AS t(id, n)",
        STORES,
    )


class Maker:
    """Makes cases one by one, the oldest first."""

    def __init__(self, size: int, waiting: int) -> None:
        self._size = size
        self._waiting = waiting
        self._random = random.Random(7)
        self._words = Vault(MASTER_KEY, "complaints:words")
        self._traces = Vault(MASTER_KEY, "complaints:traces")
        self._grams: dict[str, frozenset[int]] = {}
        self._trace = contact_trace(self._traces, PHONE)

    def case(self, n: int) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """The rows of the n-th case and of its traces."""
        chance, waits = self._random, n >= self._size - self._waiting
        at = NOW - BETWEEN * (self._size - n)
        id_ = _id_at(at, n)
        number = f"C{at.astimezone(ZONE):%Y%m%d}-{n + 1:06}"
        rank, due = 1 + chance.randrange(5), NOW + timedelta(minutes=chance.uniform(-30, 270))
        due_at = due if waits else at + timedelta(hours=4)
        late = due_at <= NOW if waits else chance.random() < 0.1
        answered = None if waits else at + timedelta(hours=3)
        said = self._said(n)
        words = orjson.dumps({"text": "。".join(said), "wish": None, "complainant": None, "against": None})
        row = (
            id_, number, chance.choice(STORES), "complaint", chance.choice(SUBJECTS), chance.choice(CHANNELS), "person",
            chance.choice(ACCUSED), at, at, HANDLERS[0], False, self._words.seal(words, id_.bytes), rank, due_at,
            "open" if waits else "closed", rank, chance.choice(HANDLERS), at, 1, 1, 1, at, 14_400, due_at, due_at, 0,
            1 if late else 0, due_at if late else None, answered, answered, answered,
            f"B{n % 97}" if n % 5 == 0 else None,
        )  # fmt: skip
        contact = self._trace if n % (self._size // 20 or 1) == 0 else None
        return row, (id_, at, number[::-1], contact, sorted(self._hashes(said)))

    def _said(self, n: int) -> list[str]:
        said = self._random.sample(SAYINGS, 4)
        if n % 10 == 0:
            said.append(FREQUENT)
        if n % 100 == 0:
            said.append("用后过敏起疹子")
        if n % 2_000 == 0:
            said.append("broken seal")
        return said

    def _hashes(self, said: Sequence[str]) -> set[int]:
        """Of the sayings and of where they meet."""
        joined = set(said) | {f"{first[-1]}。{second[0]}" for first, second in pairwise(said)}
        found: set[int] = set()
        for each in joined:
            if each not in self._grams:
                self._grams[each] = frozenset(hashes_of(self._traces.digest, [each]))
            found |= self._grams[each]
        return found


def _id_at(at: datetime, n: int) -> UUID:
    """A UUIDv7 of the moment, different for each n."""
    milliseconds = int(at.timestamp() * 1_000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | n)


if __name__ == "__main__":
    main()
