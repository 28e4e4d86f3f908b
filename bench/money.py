"""Money: the ledger of a year, ten thousand penalties decided in one request, and pages of penalties.

    python -m bench.money

The ledger is that of 200 staff with 20,000 bookings in a year, read through the running service of reporting twenty
times a second; a figure is its p99. Penalties are those of as many people, each of a case of its own, paid by two. Of a
request that decides 10,000 of them the figure is the median of BENCH_ROUNDS requests, each over others.
`BENCH_BOOKINGS`, `BENCH_PENALTIES` and `BENCH_SECONDS` make it smaller.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx

from bench.complaints import ISSUER, service
from bench.latency import p99, timed
from bench.results import Result, save
from deploy.embedded_postgres import EmbeddedPostgres
from shared.bus.relay import ensure_partitions
from shared.db import Database
from shared.migrations import upgrade
from shared.settings import ServiceName

BOOKINGS: Final = int(os.environ.get("BENCH_BOOKINGS", "20000"))
PENALTIES: Final = int(os.environ.get("BENCH_PENALTIES", "10000"))
"""Decided in one request."""
ROUNDS: Final = int(os.environ.get("BENCH_ROUNDS", "3"))
MAY_TAKE: Final = 100.0
"""Milliseconds, for 99 of 100."""
MAY_DECIDE: Final = 5.0
"""Seconds, for one request."""

STAFF: Final = [UUID(int=0x1000 + n) for n in range(200)]
SUPERVISORS: Final = STAFF[:20]
DEPARTMENTS: Final = [UUID(int=0x2000 + n) for n in range(10)]
CLERK: Final = UUID(int=1)
"""Of administration; pays nothing."""

LEDGER: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "a year": ("ledger", {"from": "2026-01", "to": "2026-12"}),
    "a year, pages of 500": ("ledger", {"from": "2026-01", "to": "2026-12", "limit": 500}),
    "a month": ("ledger", {"month": "2026-06"}),
    "a person": ("ledger", {"person_id": str(STAFF[77])}),
    **{
        f"a year by {by}": ("ledger/summary", {"from": "2026-01", "to": "2026-12", "by": by})
        for by in ("person", "supervisor", "department", "fund", "month")
    },
}
PENALTY_LISTS: Final[Mapping[str, dict[str, Any]]] = {
    "all": {},
    "a month": {"month": "2026-11"},
    "a state": {"state": "proposed"},
    "a person": {"person_id": str(STAFF[77])},
    "a department": {"department_id": str(DEPARTMENTS[3])},
}


def main() -> None:
    """Fills two databases, and asks the services over them."""
    with ExitStack() as started:
        folder = Path(started.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o711)
        postgres = started.enter_context(EmbeddedPostgres(folder / "postgresql"))
        postgres.ensure_databases(("reporting", "complaints"))
        urls = {name: postgres.socket_url(name) for name in ("reporting", "complaints")}
        asyncio.run(_fill_ledger(urls["reporting"]))
        asyncio.run(_fill_penalties(urls["complaints"]))
        with service(folder, urls["reporting"], "reporting") as port:
            ledger = asyncio.run(_ledger_read(port))
        with service(folder, urls["complaints"]) as port:
            listed, decided = asyncio.run(_penalties(port))
    results = [_within(f"ledger: {name}, p99", took, MAY_TAKE, "ms") for name, took in ledger.items()]
    results += [_within(f"penalties: {name}, p99", took, MAY_TAKE, "ms") for name, took in listed.items()]
    results.append(_within(f"penalties: {PENALTIES:,} decided in one request", decided, MAY_DECIDE, "s"))
    save("money", results)


def _within(what: str, took: float, may_take: float, unit: str) -> Result:
    return Result(what, "money", took, may_take, unit, 1.0, smaller_is_better=True)


# ---------------------------------------------------------------------------- what is asked


async def _ledger_read(port: int) -> dict[str, float]:
    """p99 of each read in milliseconds, by who sees all, and of the year by a supervisor."""
    found = {}
    for name, (path, params) in LEDGER.items():
        found[name] = await _read(_client(port, "reporting", "admin_dept", CLERK), path, params)
    path, params = LEDGER["a year"]
    found["a year, a supervisor's"] = await _read(
        _client(port, "reporting", "sales_manager", SUPERVISORS[3]), path, params
    )
    return _told(found)


async def _penalties(port: int) -> tuple[dict[str, float], float]:
    """p99 of each list in milliseconds, and how many seconds a request takes that decides many."""
    found = {}
    for name, params in PENALTY_LISTS.items():
        found[name] = await _read(_client(port, "complaints", "admin_dept", CLERK), "penalties", params)
    found["a supervisor's"] = await _read(_client(port, "complaints", "sales_manager", SUPERVISORS[3]), "penalties", {})
    _told(found)
    took = [await _decided(port, part) for part in range(ROUNDS)]
    print(f"  decided in {', '.join(f'{each:.2f}' for each in took)} s", flush=True)
    return found, statistics.median(took)


async def _decided(port: int, part: int) -> float:
    items = [
        {"id": str(_penalty(part * PENALTIES + n)), "amount": "100.00", "reason": "核实属实，无需减免。"}
        for n in range(PENALTIES)
    ]
    async with _client(port, "complaints", "admin_dept", CLERK) as http:
        began = time.perf_counter()
        answer = await http.post("/penalties/decisions", json={"items": items})
        took = time.perf_counter() - began
    assert answer.status_code == 200, answer.text
    assert {each["status"] for each in answer.json()["items"]} == {200}
    return took


def _client(port: int, name: ServiceName, role: str, who: UUID) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {ISSUER.issue(who, [role])}"}
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/{name}/v1", headers=headers, timeout=60)


async def _read(client: httpx.AsyncClient, path: str, params: Mapping[str, Any]) -> float:
    """p99 of a read in milliseconds, once PostgreSQL has settled on a plan."""
    async with client as http:
        for _ in range(6):
            await timed(http, path, params, _says_something)
        return await p99(http, path, [params], _says_something)


def _says_something(found: dict[str, Any]) -> None:
    assert found.get("entries") or found.get("months") or found.get("items"), "there is nothing to read"


def _told(found: dict[str, float]) -> dict[str, float]:
    for name, took in found.items():
        print(f"  {name:32} p99 {took:8.1f} ms", flush=True)
    return found


# ---------------------------------------------------------------------------- what is filled in

_PEOPLE = """
    INSERT INTO directory_staff (id, name, role, department_id, supervisor_id, channel, language, active)
    SELECT id, '员工' || n, 'salesperson', ($2::uuid[])[1 + n % 10],
        CASE WHEN n > 20 THEN ($3::uuid[])[1 + n % 20] END, 'email', 'zh-CN', true
    FROM unnest($1::uuid[]) WITH ORDINALITY AS t(id, n)
    """
_DEPARTMENTS = """
    INSERT INTO directory_department (id, name, manager_id)
    SELECT id, '部门' || n, ($2::uuid[])[n] FROM unnest($1::uuid[]) WITH ORDINALITY AS t(id, n)
    """
_BOOKINGS = """
    INSERT INTO ledger_entry (
        id, kind, account, fund_department_id, person_id, department_id, supervisor_id, amount, month, booked_at,
        basis_kind, basis_id, rule, complaint_id)
    SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
        CASE WHEN n % 10 = 0 THEN 'reward' WHEN n % 25 = 0 THEN 'reversal' ELSE 'penalty' END,
        CASE WHEN n % 7 = 0 THEN 'department' ELSE 'company' END, CASE WHEN n % 7 = 0 THEN s.department_id END,
        s.id, s.department_id, s.supervisor_id,
        CASE WHEN n % 10 = 0 OR n % 25 = 0 THEN -70 ELSE 70 END + n % 100 / 100.0,
        2026 * 12 + n * 12 / ($2::integer + 1), timestamptz '2026-01-01Z' + n * interval '365 days' / $2::integer,
        CASE WHEN n % 10 = 0 THEN 'reward' ELSE 'penalty' END, gen_random_uuid(),
        CASE WHEN n % 10 <> 0 THEN 'repeat' END, CASE WHEN n % 10 <> 0 THEN gen_random_uuid() END
    FROM generate_series(1, $2::integer) AS n JOIN directory_staff s ON s.id = ($1::uuid[])[1 + n % 200]
    """
_CLOSES = """
    INSERT INTO ledger_month (month, closed_at)
    SELECT 2026 * 12 + n, timestamptz '2026-02-03Z' + n * interval '1 month' FROM generate_series(0, 10) AS n
    """
_CASES = """
    INSERT INTO complaint (
        id, number, kind, subject, channel, against_type, against_id, recorded_at, registered_at, recorded_by,
        taken_over, words, opened_rank, opened_due_at, state, tier_rank, moved_at, version, round, policy_version,
        started_at, answer_seconds, due_at, queue_at, warned, escalation_level, accountable_id)
    SELECT ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'C20261101-' || n, 'complaint', 'product',
        'line', 'person', who, at, at, $2, false, '\\x00', 3, at + interval '4 hours', 'answered', 3, at, 1, 1, 1, at,
        14400, at + interval '4 hours', at + interval '4 hours', 0, 0, who
    FROM (SELECT n, timestamptz '2026-11-01Z' + n * interval '10 seconds' AS at, ($1::uuid[])[1 + n % 200] AS who
          FROM generate_series(0, $3::integer - 1) AS n) AS made
    """
_PENALTIES = """
    INSERT INTO penalty (
        id, version, complaint_id, round, rule, state, amount, rule_amount, person_id, department_id, policy_version,
        month, at, proposed_at)
    SELECT ('01900000-0000-7000-9000-' || right(c.id::text, 12))::uuid, 1, c.id, 1, 'dissatisfied', 'proposed', 100,
        100, s.id, s.department_id, 1, 2026 * 12 + 10, c.recorded_at, c.recorded_at
    FROM complaint c JOIN directory_staff s ON s.id = c.accountable_id
    """
_SHARES = """
    INSERT INTO penalty_share (penalty_id, staff_id, place, parts, amount, department_id, supervisor_id)
    SELECT p.id, s.id, 0, CASE WHEN s.supervisor_id IS NULL THEN 1 ELSE 7 END,
        CASE WHEN s.supervisor_id IS NULL THEN 100 ELSE 70 END, s.department_id, s.supervisor_id
    FROM penalty p JOIN directory_staff s ON s.id = p.person_id
    UNION ALL
    SELECT p.id, b.id, 1, 3, 30, b.department_id, b.supervisor_id
    FROM penalty p JOIN directory_staff s ON s.id = p.person_id JOIN directory_staff b ON b.id = s.supervisor_id
    """


def _penalty(n: int) -> UUID:
    return UUID(f"01900000-0000-7000-9000-{n:012x}")


async def _fill_ledger(url: str) -> None:
    database = await _made(url, "reporting")
    await database.execute(_BOOKINGS, STAFF, BOOKINGS)
    await database.execute(_CLOSES)
    await database.execute("VACUUM ANALYZE ledger_entry, ledger_month, directory_staff, directory_department")
    await database.close()


async def _fill_penalties(url: str) -> None:
    """Penalties for every round, proposed: 20,000 at least, as they stand in a list."""
    database = await _made(url, "complaints")
    await database.execute(_CASES, STAFF, CLERK, max(2, ROUNDS) * PENALTIES, timeout=300)
    for statement in (_PENALTIES, _SHARES):
        await database.execute(statement, timeout=300)
    await database.execute("VACUUM ANALYZE complaint, penalty, penalty_share, directory_staff", timeout=300)
    await database.close()


async def _made(url: str, name: ServiceName) -> Database:
    """The schema, and the directory."""
    await upgrade(name, url)
    database = await Database.connect(url, pool_size=1, statement_seconds=300)
    await ensure_partitions(database)
    await database.execute(_PEOPLE, STAFF, DEPARTMENTS, SUPERVISORS)
    await database.execute(_DEPARTMENTS, DEPARTMENTS, SUPERVISORS[:10])
    return database


if __name__ == "__main__":
    main()
