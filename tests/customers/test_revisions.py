"""What comes late into a closed month is revised by itself (domain 2.4, decisions 9 to 12)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.customers.imports import queries as imports
from services.customers.tiers.handlers.closing import revise_next
from shared.contracts.customers import MonthClosed, TierChanged
from shared.loops import DueLoop
from tests.customers.importing import NUMBERED, csv_of, imported
from tests.customers.network import BASE, bought, brand, close, history, slug, store, tier
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service, whole_network

LOOP = "month revisions"
OCTOBER = datetime(2026, 10, 15, 4, tzinfo=UTC)
SEPTEMBER = datetime(2026, 9, 15, 4, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KILL_WHO_WAITS = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'"""


@pytest.mark.example(17)
@pytest.mark.parametrize("on_2_december, then", [(None, "C"), ("3200.00", "B")])
async def test_what_comes_back_is_taken_up_though_nobody_closes_again(
    fresh_database: FreshDatabase, on_2_december: str | None, then: str
) -> None:
    async with one_service(fresh_database, "customers", _on("11-10")) as customers:
        shop, high = await store(customers), await brand(customers, "high")
        await bought(customers, shop, "2999.99")
        returned = await bought(customers, shop, "0.02", brand_id=high)
        customers.clock.move_to(_on("12-01"))
        await close(customers, "2026-11")
        customers.clock.move_to(_on("12-02"))
        if on_2_december:
            await bought(customers, shop, on_2_december)
        customers.clock.move_to(_on("12-03"))
        await give_back(customers, returned, "0.02")

        waiting = await month(customers)
        assert (waiting["revision"], waiting["stale"]) == (1, True)
        assert waiting["revision_due_at"] == "2026-12-03T01:01:00Z"
        customers.clock.forward(MINUTE - timedelta(seconds=1))
        assert (await customers.run_loops(LOOP), await tier(customers, shop)) == (0, "B")
        customers.clock.forward(timedelta(seconds=1))
        assert (await customers.run_loops(LOOP), await tier(customers, shop)) == (1, then)

        revised = await month(customers)
        assert (revised["revision"], revised["stale"], revised["revision_due_at"]) == (2, False, None)
        assert (await customers.facts(MonthClosed))[-1].revision == 2
        if then == "C":
            last = (await customers.facts(TierChanged))[-1]
            assert (last.cause, last.month, str(last.total)) == ("revision", "2026-11", "2999.99")
        assert await customers.run_loops(LOOP) == 0


async def test_what_comes_meanwhile_puts_it_off_and_whoever_closes_has_it_at_once(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await closed_october(customers)
        late = await bought(customers, shop, "1000.00", OCTOBER)
        customers.clock.forward(timedelta(seconds=50))
        await give_back(customers, late, "1.00")
        customers.clock.forward(timedelta(seconds=50))
        assert await customers.run_loops(LOOP) == 0, "something came 50 seconds ago"

        closed = await close(customers, "2026-10")

        assert (closed["revision"], closed["changed"], await tier(customers, shop)) == (2, 1, "C")
        customers.clock.forward(MINUTE)
        assert await customers.run_loops(LOOP) == 0, "it was taken up"


async def test_an_entry_that_is_undone_is_taken_up_likewise(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        mistake = await bought(customers, shop, "3000.00", OCTOBER)
        await bought(customers, shop, "1000.00", OCTOBER)
        await close(customers, "2026-10")
        answer = await customers.http.post(f"{BASE}/purchases/{mistake}/reversal", json={"reason": "两次"})
        assert answer.status_code in {200, 201}, answer.text
        customers.clock.forward(MINUTE)

        assert await customers.run_loops(LOOP) == 1

        assert await history(customers, shop) == [("D", "B", "close"), ("B", "C", "revision")]


async def test_nothing_new_in_the_figures_makes_no_revision(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await closed_october(customers)
        late = await bought(customers, shop, "5.00", OCTOBER)
        await give_back(customers, late, "5.00")
        customers.clock.forward(MINUTE)

        assert await customers.run_loops(LOOP) == 1

        after = await month(customers)
        assert (after["revision"], after["stale"]) == (1, False)


async def test_an_import_makes_one_revision_of_each_month_the_oldest_first(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        first, second = await store(customers, external_no="SH-1"), await store(customers, external_no="SH-2")
        await bought(customers, first, "2000.00", OCTOBER - timedelta(days=30))
        for closed in ("2026-09", "2026-10"):
            await close(customers, closed)
        rows = [
            ("SH-1", "2026-10-03", "3000.00", "PO-1"),
            ("SH-2", "2026-09-04", "1500.00", "PO-2"),
            ("SH-2", "2026-10-05", "1500.00", "PO-3"),
        ]
        job = (await imported(customers, csv_of(rows, NUMBERED))).id
        assert await customers.run_loops(LOOP) == 0
        customers.clock.forward(MINUTE)
        await customers.database.execute("UPDATE import_job SET state = 'running', swept = false WHERE id = $1", job)
        assert await customers.run_loops(LOOP) == 0, "the import goes on"
        await customers.database.execute("UPDATE import_job SET state = 'done', swept = true WHERE id = $1", job)

        assert await customers.run_loops(LOOP) == 2

        told = [(each.month, each.revision) for each in await customers.facts(MonthClosed)]
        assert told[2:] == [("2026-09", 2), ("2026-10", 2)]
        assert [await tier(customers, shop) for shop in (first, second)] == ["B", "C"]
        answer = await customers.http.post(f"{BASE}/imports/{job}/undo")
        assert answer.status_code == 202, "a revision by itself is nothing that was built on it"


async def test_who_has_the_books_goes_first_and_two_workers_revise_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await closed_october(customers)
        await bought(customers, shop, "3000.00", OCTOBER)
        customers.clock.forward(MINUTE)
        async with customers.database.transaction() as entering:
            await entering.execute("SELECT pg_advisory_xact_lock_shared(4017, 0)")
            assert await customers.run_loops(LOOP) == 0

        done = await asyncio.gather(*(revise(customers) for _ in range(4)))

        assert (sum(done), (await month(customers))["revision"]) == (1, 2)


async def test_a_kill_between_months_leaves_the_rest_to_the_next_worker(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "100.00", SEPTEMBER)
        for closed in ("2026-09", "2026-10"):
            await close(customers, closed)
        for at in (SEPTEMBER, OCTOBER):
            await bought(customers, shop, "3000.00", at)
        customers.clock.forward(MINUTE)
        async with customers.database.transaction() as holding:
            await holding.execute("SELECT FROM closed_month ORDER BY month DESC LIMIT 1 FOR UPDATE")
            dying = asyncio.create_task(customers.run_loops(LOOP))
            await eventually(lambda: killed_who_waited(customers))
            with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
                await dying
        assert await standing(customers) == [("2026-09", 2, False), ("2026-10", 1, True)]
        assert await tier(customers, shop) == "D", "what the second had moved already is not"

        assert await customers.run_loops(LOOP) == 1

        assert await standing(customers) == [("2026-09", 2, False), ("2026-10", 2, False)]
        assert await history(customers, shop) == [("D", "B", "revision")]


async def test_the_loop_itself_revises_in_time(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_REVISE_MONTHS_AFTER_SECONDS", "0")
    async with one_service(fresh_database, "customers") as customers:
        [loop] = [each for each in customers.service.loops if each.name == LOOP]
        assert isinstance(loop, DueLoop)
        shop = await closed_october(customers)
        await bought(customers, shop, "3000.00", OCTOBER)
        running = asyncio.create_task(loop.run())
        try:
            await eventually(lambda: is_b(customers, shop))
        finally:
            running.cancel()


@pytest.mark.parametrize("again", [True, False])
async def test_nobody_falls_below_what_a_month_earned_that_is_over_and_not_closed_yet(
    fresh_database: FreshDatabase, again: bool
) -> None:
    async with one_service(fresh_database, "customers", SEPTEMBER) as customers:
        large, small, pinned = [await store(customers) for _ in range(3)]
        returned = await bought(customers, large, "2000.00")
        await bought(customers, small, "1000.00")
        customers.clock.move_to(OCTOBER)
        await close(customers, "2026-09")
        for shop in (large, pinned):
            await bought(customers, shop, "10500.00")
        until = {"tier": "C", "reason": "a complaint", "until": "2026-11-03T00:00:00+08:00"}
        assert (await customers.http.put(f"{BASE}/customers/{pinned}/tier-override", json=until)).is_success
        customers.clock.move_to(_on("11-02"))
        await give_back(customers, returned, "1.00")
        if again:
            await close(customers, "2026-09")
        else:
            customers.clock.forward(MINUTE)
            await revise(customers)
        assert [await tier(customers, shop) for shop in (large, small, pinned)] == ["A", "C", "C"]
        ending = await customers.http.delete(f"{BASE}/customers/{pinned}/tier-override", headers={"If-Match": "*"})
        assert ending.is_success, ending.text
        assert await tier(customers, pinned) == "C", "October waits for its close, which alone lifts now"
        told = len(await customers.facts(TierChanged))

        await close(customers, "2026-10")

        assert [await tier(customers, shop) for shop in (large, small, pinned)] == ["A", "D", "A"]
        assert len(await customers.facts(TierChanged)) == told + 2


async def test_a_month_that_is_not_closed_has_no_answer(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        answer = await customers.http.get(f"{BASE}/months/2026-11")
        assert slug(answer) == (404, "month-not-closed")


async def test_reporting_shows_what_was_revised_by_itself(fresh_database: FreshDatabase) -> None:
    """All four services in one process: a purchase that comes back changes the report, and nobody closes."""
    async with whole_network(fresh_database, _on("11-20")) as network:

        async def post(path: str, **body: object) -> dict[str, Any]:
            answer = await network.http.post(f"{BASE}/{path}", json=body, headers=bearer())
            assert answer.is_success, answer.text
            return dict(answer.json())

        async def reported() -> tuple[int, str]:
            await network.drain()
            answer = await network.http.get("/reporting/v1/tiers", params={"month": "2026-11"}, headers=bearer())
            found = answer.json()
            return found["revision"], found["tiers"]["B"]["amount"]

        shop = (await post("customers", name="美丽人生美容院", kind="store"))["id"]
        bought_now = {"customer_id": shop, "occurred_at": network.clock.now().isoformat()}
        await post("purchases", amount="3000.00", **bought_now)
        last = await post("purchases", amount="500.00", **bought_now)
        network.clock.move_to(_on("12-01"))
        await post("months/2026-11/close")
        assert await reported() == (1, "3500.00")

        await post(f"purchases/{last['id']}/returns", amount="500.00")
        assert await reported() == (1, "3500.00")
        network.clock.forward(MINUTE)

        assert await reported() == (2, "3000.00")


async def closed_october(customers: OneService) -> UUID:
    """A store that bought too little in October for anything but D."""
    shop = await store(customers)
    await bought(customers, shop, "100.00", OCTOBER)
    await close(customers, "2026-10")
    return shop


async def give_back(customers: OneService, purchase: UUID, amount: str) -> None:
    answer = await customers.http.post(f"{BASE}/purchases/{purchase}/returns", json={"amount": amount})
    assert answer.status_code == 201, answer.text


async def month(customers: OneService) -> dict[str, object]:
    """The latest closed month."""
    last: dict[str, object] = (await customers.http.get(f"{BASE}/months")).json()["items"][-1]
    own = await customers.http.get(f"{BASE}/months/{last['month']}")
    assert own.json() == last
    return last


async def standing(customers: OneService) -> list[tuple[object, object, object]]:
    """Of each closed month which revision it is, and whether something waits."""
    listed = (await customers.http.get(f"{BASE}/months")).json()["items"]
    return [(each["month"], each["revision"], each["stale"]) for each in listed]


async def is_b(customers: OneService, shop: UUID) -> bool:
    return await tier(customers, shop) == "B"


async def killed_who_waited(customers: OneService) -> bool:
    return bool(await customers.database.fetchval(KILL_WHO_WAITS))


async def revise(customers: OneService) -> int:
    context = customers.service.context
    return await revise_next(context, lambda: imports.entering(context))


def _on(day: str) -> datetime:
    """Nine in the morning of a day of 2026, in the company's zone."""
    return datetime.fromisoformat(f"2026-{day}T09:00:00+08:00")
