"""A year of a network: people work, forget, are late and are judged, and every penalty and every cent is recomputed."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Final

import httpx
import pytest

from shared.ids import new_id
from shared.months import Month
from tests.journeys.network import SUPERVISORS, Company, company, get, post
from tests.journeys.stage import OneProcess
from tests.postgres import FreshDatabase
from tests.simulation import expected
from tests.simulation.expected import COSTS, ZONE, Case, Key, Round
from tests.support import SETTINGS, whole_network

pytestmark = [pytest.mark.year, pytest.mark.timeout(600)]

BEGINS: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Eight in the morning in the company's zone."""
MONTHS: Final = 12
STORES: Final = 4
CASE_DAYS: Final = (4, 8, 12, 17)
WORK_DAYS: Final = (6, 14, 24)
DECIDED_ON: Final = 26
SUBJECTS: Final = ("attitude", "service")
DONE_IN_TEN: Final = 7
HOUR: Final = timedelta(hours=1)
Json = dict[str, Any]


@dataclass
class Year:
    """The network, and the journal of what people did in it."""

    stage: OneProcess
    company: Company
    http: httpx.AsyncClient
    """Without waiting for what follows: time moves on only when all of it has."""
    random: Random
    stores: list[str] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    ordered: set[str] = field(default_factory=set)
    cents: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """Who pays how many cents in which month, as decisions and appeals say."""
    decided: dict[str, tuple[int, str]] = field(default_factory=dict)
    """How much was proposed of what was decided, and how it stands."""
    waived: set[str] = field(default_factory=set)
    """Cases and tasks of which something was waived."""

    @property
    def above(self) -> dict[str, str]:
        staff = self.company.staff
        return {staff[who]: staff[boss] for who, boss in SUPERVISORS.items()}

    def signed(self, role: str) -> dict[str, str]:
        return self.stage.signed(role, self.company.staff[role])

    async def until(self, month: Month, day: int, hour: int = 9) -> None:
        moment = datetime.combine(month.first_day + timedelta(days=day - 1), time(hour), ZONE)
        left = moment - await self.stage.now()
        if left > timedelta():
            await self.stage.forward(left)


async def test_every_penalty_and_every_cent_of_a_year(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with _year(fresh_database, tmp_path) as year:
        for number in range(MONTHS):
            month = Month(BEGINS.year, 1).plus(number)
            await _month(year, month)
        await year.until(Month(BEGINS.year, 1).plus(MONTHS), 20)
        await _compared(year)


@asynccontextmanager
async def _year(fresh_database: FreshDatabase, folder: Path) -> AsyncIterator[Year]:
    limits = {"requests_per_second_per_token": 1_000_000, "requests_per_second_per_address": 1_000_000}
    settings = SETTINGS.model_copy(update={**limits, "outbox_directory": folder})
    async with whole_network(fresh_database, start=BEGINS, settings=settings) as network:
        stage = OneProcess(network)
        year = Year(stage, await company(stage.http), network.http, Random("a year"))
        year.stores = [await year.company.store(f"门店{number}") for number in range(STORES)]
        policy = {"kind": "execute", "answer_within": "PT24H"}
        await post(stage.http, "/complaints/v1/clock-policies", policy)
        yield year


async def _month(year: Year, month: Month) -> None:
    await year.until(month, 2)
    for place, store in enumerate(year.stores):
        amount = year.random.choice((800, 2_000, 4_500, 12_000)) + place
        await replace(year.company, http=year.http).buys(store, f"{amount}.00", await year.stage.now())
    plan = sorted([(day, _complained) for day in CASE_DAYS] + [(day, _worked) for day in WORK_DAYS], key=lambda x: x[0])
    for day, act in plan:
        await year.until(month, day)
        await act(year)
    await year.until(month, DECIDED_ON)
    await _decided(year)
    await _ordered(year)
    await year.until(month.plus(1), 1)
    await post(year.http, f"/customers/v1/months/{month}/close", None)


async def _worked(year: Year) -> None:
    """People do most of what may be done now."""
    now = (await year.stage.now()).isoformat()
    tasks = [task async for task in _every(year, "/care/v1/tasks", state="open")]
    for task in sorted(tasks, key=lambda task: (task["due_at"], task["role"], task["contact"], task["customer_id"])):
        may = datetime.fromisoformat(task["not_before"]) <= datetime.fromisoformat(now)
        if task["kind"] == "obligation" and may and year.random.randrange(10) < DONE_IN_TEN:
            record = {"minutes": 20, "content": "客情良好。", "place": "店内"}
            await post(year.http, f"/care/v1/tasks/{task['id']}/done", record)


async def _complained(year: Year) -> None:
    """A store rings; the case is answered in time or not, executed in time or not, and judged by who complained."""
    random, staff = year.random, year.company.staff
    accused = staff[random.choice(("salesperson", "beauty_mentor"))]
    subject = random.choice(SUBJECTS)
    body = {
        "customer_id": random.choice(year.stores),
        "kind": "complaint",
        "subject": subject,
        "against": {"type": "person", "id": accused},
        "text": "电话里态度很差。",
        "channel": "line",
    }
    recorded_at = await year.stage.now()
    opened = await post(year.http, "/complaints/v1/complaints", body, year.signed("cs_specialist"))
    case = Case(opened["id"], recorded_at, subject, accused, staff["cs_specialist"])
    year.cases.append(case)
    await _handled(year, case, late=random.random() < 0.4, lazy=random.random() < 0.3)
    while random.random() < 0.35 and len(case.rounds) < 3:
        case.rounds[-1].rated_at = began_at = await year.stage.now()
        await _rated(year, case, 6, 8)
        await year.stage.forward(HOUR)
        case.rounds.append(Round(began_at, await year.stage.now()))
        await _on(year, case, "answer", {"text": "再次致歉，明日上门。"})
    if random.random() < 0.15:
        case.malicious = True
        judgement = {"valid": True, "good_faith": False, "reasons": "录音与所述不符。"}
        await _on(year, case, "judgement", judgement, "admin_dept")


async def _handled(year: Year, case: Case, *, late: bool, lazy: bool) -> None:
    await year.stage.forward((6 if late else 1) * HOUR)
    answered_at = await year.stage.now()
    await _on(year, case, "answer", {"text": "已核实，当事人致歉。"})
    for step in ("investigate", "propose"):
        await _on(year, case, f"steps/{step}", {"text": "已办。"})
    await year.stage.forward((30 if lazy else 2) * HOUR)
    executed_at = await year.stage.now()
    await post(
        year.http,
        f"/complaints/v1/complaints/{case.id}/steps/execute",
        {"text": "已办。"},
        year.stage.signed("salesperson", case.accused),
    )
    case.rounds.append(Round(case.recorded_at, answered_at, answered_at, executed_at))


async def _rated(year: Year, case: Case, perceived: int, hoped: int) -> None:
    await _on(year, case, "satisfaction", {"perceived": perceived, "expected": hoped}, "admin_dept")


async def _on(year: Year, case: Case, what: str, body: Json, role: str = "cs_specialist") -> None:
    await post(year.http, f"/complaints/v1/complaints/{case.id}/{what}", body, year.signed(role))


async def _ordered(year: Year) -> None:
    """Some of what was missed is to be made good; some of that is."""
    missed = [task async for task in _every(year, "/care/v1/tasks", state="missed")]
    open_ = [t for t in missed if t["kind"] == "obligation" and t["make_good"] is None and t["contact"] != "message"]
    for task in sorted(open_, key=lambda task: (task["due_at"], task["role"], task["contact"], task["customer_id"])):
        if task["id"] in year.ordered or not task["assignee_id"] or year.random.random() < 0.6:
            continue
        year.ordered.add(task["id"])
        until = (await year.stage.now() + timedelta(days=3)).isoformat()
        path = f"/care/v1/tasks/{task['id']}/make-good"
        order = await post(year.http, path, {"until": until}, year.signed("admin_dept"))
        if year.random.random() < 0.5:
            record = {"minutes": 20, "content": "补做。", "place": "店内"}
            await post(year.http, f"/care/v1/tasks/{order['id']}/done", record)
        else:
            year.failed.append(task["id"])


async def _decided(year: Year) -> None:
    """Administration decides all that is proposed; some of it is waived, some appealed and decided anew at once."""
    proposed = [each async for each in _every(year, "/complaints/v1/penalties", state="proposed")]
    for penalty in sorted(proposed, key=lambda each: (each["at"], each["rule"], each["id"])):
        if penalty["person_id"] is None:
            continue
        path, amount = f"/complaints/v1/penalties/{penalty['id']}", int(Decimal(penalty["amount"]))
        waived = not amount or year.random.random() < 0.15
        await _says(year, path, None if waived else amount)
        now = await year.stage.now()
        year.decided[penalty["id"]] = (amount, "waived" if waived else "decided")
        if waived:
            year.waived.add(penalty["basis"]["id"])
            continue
        month = expected.booked_in(now)
        if year.random.random() < 0.2:
            month = f"{now.astimezone(ZONE):%Y-%m}"
            await _appealed(year, path, penalty)
            amount = await _anew(year, path, penalty, amount)
        for who, cents in _shares(year, penalty, amount).items():
            year.cents[who, month] += cents


def _shares(year: Year, penalty: Json, amount: int) -> dict[str, int]:
    return expected.shares(penalty["rule"], amount, penalty["person_id"], year.above) if amount else {}


async def _appealed(year: Year, path: str, penalty: Json) -> None:
    role = next(role for role, id_ in year.company.staff.items() if id_ == penalty["person_id"])
    await post(year.http, f"{path}/appeal", {"reason": "当时在门店。"}, year.signed(role))


async def _anew(year: Year, path: str, penalty: Json, amount: int) -> int:
    """On appeal: confirmed, of a case reduced to 50, or waived. By somebody else than who decided first."""
    choice = year.random.choice((amount, 0, 50 if penalty["rule"] in COSTS else amount))
    await _says(year, path, choice or None, str(new_id()))
    year.decided[penalty["id"]] = (amount, "decided" if choice else "waived")
    if not choice:
        year.waived.add(penalty["basis"]["id"])
    return choice


async def _says(year: Year, path: str, amount: int | None, by: str | None = None) -> None:
    body = {"reason": "按方案。", **({"amount": str(amount)} if amount else {"waive": True})}
    who = by or year.company.staff["admin_dept"]
    await post(year.http, f"{path}/decision", body, year.stage.signed("admin_dept", who))


async def _compared(year: Year) -> None:
    """Every penalty, then every cent."""
    missed = [task async for task in _every(year, "/care/v1/tasks", state="missed", kind="obligation")]
    every = [each async for each in _every(year, "/complaints/v1/penalties")]
    standing = {_key(each): each for each in every if each["state"] not in ("withdrawn", "reversed")}
    failed = [id_ for id_ in year.failed if id_ not in year.waived]
    wanted = expected.of_cases(year.cases) | expected.of_tasks(missed, year.above, failed)
    assert len(standing) > 60, "a year in which hardly anything happens shows nothing"
    assert {key: each["person_id"] for key, each in standing.items()} == {k: e.person for k, e in wanted.items()}
    for key, each in standing.items():
        undecided = (int(Decimal(each["amount"])), "proposed")
        assert year.decided.get(each["id"], undecided) == (wanted[key].amount, each["state"]), (key, each)
    cents = {place: cents for place, cents in year.cents.items() if cents}
    assert await _ledger(year) == cents
    assert await _reported(year) == cents


def _key(penalty: Json) -> Key:
    return penalty["basis"]["id"], penalty["basis"]["round"], penalty["rule"]


async def _ledger(year: Year) -> dict[tuple[str, str], int]:
    sums: dict[tuple[str, str], int] = defaultdict(int)
    async for booking in _every(year, "/complaints/v1/bookings"):
        sums[booking["person_id"], booking["month"]] += int(Decimal(booking["amount"]) * 100)
    return {place: cents for place, cents in sums.items() if cents}


async def _reported(year: Year) -> dict[tuple[str, str], int]:
    """The same as reporting sums it up, from events alone."""
    first = Month(BEGINS.year, 1)
    span = {"from": str(first), "to": str(first.plus(MONTHS)), "by": "person"}
    rows = (await get(year.stage.http, "/reporting/v1/ledger/summary", **span))["rows"]
    sums = {(row["id"], month): int(Decimal(sum_) * 100) for row in rows for month, sum_ in row["months"].items()}
    return {place: cents for place, cents in sums.items() if cents}


async def _every(year: Year, path: str, **query: Any) -> AsyncIterator[Json]:
    cursor: str | None = None
    while True:
        page = await get(year.http, path, limit=500, **query, **({"cursor": cursor} if cursor else {}))
        for item in page["items"]:
            yield item
        cursor = page["next"]
        if cursor is None:
            return
