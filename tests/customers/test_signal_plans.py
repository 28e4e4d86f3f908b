"""Plans that answer signals (domain 2.5)."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from tests.customers.network import BASE, bought, colleague, made, nobody, slug, store
from tests.customers.test_person_exports import exported
from tests.customers.test_signals import MONTHS, pinned, shop_of, signals
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

TODAY = date(2026, 11, 4)
WEEKLY = {"text": "每周送货，店长每两周到店", "due_on": "2026-11-30"}
PLAN = {"aim": "让它留下来", "measures": [WEEKLY]}


async def signalled(customers: OneService) -> dict[str, Any]:
    """A B who is said to order elsewhere."""
    shop = await shop_of(customers, *["5000.00"] * 6)
    await pinned(customers, shop, "B")
    await made(customers, f"customers/{shop}/orders-elsewhere", {})
    [signal] = await signals(customers, customer_id=str(shop))
    return signal


async def planned(customers: OneService, signal: dict[str, Any], **said: Any) -> httpx.Response:
    return await customers.http.post(f"{BASE}/signals/{signal['id']}/plan", json={**PLAN, **said})


async def post(customers: OneService, plan: dict[str, Any], what: str, **body: Any) -> httpx.Response:
    return await customers.http.post(f"{BASE}/signal-plans/{plan['id']}/{what}", json=body)


async def listed(customers: OneService, who: dict[str, str] | None = None, **asked: str) -> list[str]:
    answer = await customers.http.get(f"{BASE}/signal-plans", params=asked, headers=who)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


async def test_a_signal_is_answered_measure_by_measure_until_it_helped(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        signal, seller = await signalled(customers), await colleague(customers)
        sooner = {"text": "一起看陈列", "due_on": "2026-11-10", "staff_id": str(seller)}

        answer = await planned(customers, signal, measures=[WEEKLY, sooner])

        assert answer.status_code == 201, answer.text
        plan = (await customers.http.get(answer.headers["Location"])).json()
        assert (plan["aim"], plan["signal_id"], plan["customer_id"]) == (
            "让它留下来", signal["id"], signal["customer_id"],
        )  # fmt: skip
        first, second = plan["measures"]
        assert (first["text"], first["due_on"], first["staff_id"]) == ("一起看陈列", "2026-11-10", str(seller))
        assert (second["staff_id"], plan["done"]) == (plan["assignee_id"], 0), "whoever has the plan does it"
        assert slug(await planned(customers, signal)) == (409, "signal-plan-open")
        done = await post(customers, plan, f"measures/{first['id']}/done", text="店主很满意")
        assert (done.json()["done"], done.json()["measures"][0]["done_text"]) == (1, "店主很满意")
        assert slug(await post(customers, plan, f"measures/{first['id']}/done")) == (409, "measure-done")
        assert slug(await post(customers, plan, f"measures/{nobody()}/done")) == (404, "measure-not-found")
        more = await post(customers, plan, "measures", measures=[{"text": "试用装", "due_on": str(TODAY)}])
        assert [each["text"] for each in more.json()["measures"]] == ["试用装", "一起看陈列", WEEKLY["text"]]

        ended = await post(customers, plan, "outcome", outcome="helped", reason="又开始订货")

        assert (ended.json()["outcome"], ended.json()["reason"], ended.json()["version"]) == ("helped", "又开始订货", 4)
        assert slug(await post(customers, plan, "outcome", outcome="dropped", reason="x")) == (
            409, "signal-plan-closed",
        )  # fmt: skip
        assert (await planned(customers, signal)).status_code == 201, "another one, as the signal still stands"
        sealed = await customers.database.fetchval("SELECT encode(words, 'escape') FROM signal_plan LIMIT 1")
        assert "让它" not in sealed


async def test_of_plans_made_at_once_one_is_open(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        signal = await signalled(customers)
        answers = await asyncio.gather(*(planned(customers, signal) for _ in range(3)))
        assert sorted(each.status_code for each in answers) == [201, 409, 409]


async def test_what_cannot_be_planned_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        signal = await signalled(customers)
        yesterday = {"text": "x", "due_on": str(TODAY - timedelta(days=1))}
        assert slug(await planned(customers, signal, measures=[yesterday])) == (422, "measure-refused")
        assert slug(await planned(customers, signal, measures=[])) == (422, "invalid")
        assert slug(await planned(customers, signal, assignee_id=str(nobody()))) == (422, "unknown-staff")
        assert slug(await planned(customers, {"id": nobody()})) == (404, "signal-not-found")
        assert await listed(customers) == []
        await pinned(customers, UUID(signal["customer_id"]), "C")
        customers.clock.move_to(datetime(2026, 11, 10, tzinfo=UTC))
        await customers.run_loops("customers.signals")
        assert slug(await planned(customers, signal)) == (409, "signal-over")


async def test_plans_are_handed_over_listed_and_seen_by_those_who_see_the_store(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        signal, seller, other = await signalled(customers), await colleague(customers), await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{signal['customer_id']}/team", json={"salesperson": str(seller)})
        plan = (await planned(customers, signal)).json()
        path = f"{BASE}/signal-plans/{plan['id']}"

        assert (await customers.http.patch(path, json={"assignee_id": str(seller)})).status_code == 428
        moved = await customers.http.patch(
            path, json={"assignee_id": str(seller), "aim": "别走"}, headers={"If-Match": '"1"'}
        )
        assert (moved.json()["assignee_id"], moved.json()["aim"], moved.json()["version"]) == (str(seller), "别走", 2)
        assert (moved.json()["customer_name"], moved.json()["assignee_name"]) == ("美丽人生美容院", "孙浩")
        assert (await customers.http.get(path)).json() == moved.json()
        stale = await customers.http.patch(path, json={"aim": "x"}, headers={"If-Match": '"1"'})
        assert slug(stale) == (412, "stale")

        mine = bearer("salesperson", seller)
        assert await listed(customers, mine, assignee_id=str(seller), open="true") == [plan["id"]]
        assert await listed(customers, overdue="true") == await listed(customers, open="false") == []
        assert await listed(customers, bearer("salesperson", other)) == []
        hidden = await customers.http.get(path, headers=bearer("salesperson", other))
        assert slug(hidden) == (404, "signal-plan-not-found")
        customers.clock.move_to(datetime(2026, 12, 1, 4, tzinfo=UTC))
        assert await listed(customers, overdue="true", signal_id=signal["id"]) == [plan["id"]]


async def test_a_plan_goes_over_with_a_merge_and_its_words_with_the_person(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers, "王芳", kind="person"), await store(customers, "王方", kind="person")
        for moment, amount in zip(MONTHS[-3:], ("400.00", "600.00", "800.00"), strict=True):
            await bought(customers, twice, amount, moment)
        await customers.run_loops("customers.signals")
        [signal] = await signals(customers)
        plan = (await planned(customers, signal)).json()
        [measure] = plan["measures"]
        done = await post(customers, plan, f"measures/{measure['id']}/done", text="王方来电")
        assert done.status_code == 200, done.text

        merged = await customers.http.post(f"{BASE}/customers/{twice}/merge", json={"into": str(kept)})

        assert (merged.json()["moved"]["signal"], merged.json()["moved"]["signal_plan"]) == (1, 1)
        assert await listed(customers, customer_id=str(kept)) == [plan["id"]]
        own = await exported(customers, str(kept))
        assert [each["words"] for each in own["signal_plans"]] == ["让它留下来"]
        assert [each["words"] for each in own["signal_measures_done"]] == ["王方来电"]
        assert [each["kind"] for each in own["signals"]] == ["rising_star"]
        gone = await customers.http.post(f"{BASE}/erasures", json={"customer_id": str(kept), "reason": "asked"})
        assert gone.status_code == 202
        read = (await customers.http.get(f"{BASE}/signal-plans/{plan['id']}")).json()
        [measure] = read["measures"]
        assert (read["aim"], measure["text"], measure["done_text"], read["done"]) == (None, None, None, 1)
        due = {"text": "王芳", "due_on": "2026-12-01"}
        assert slug(await post(customers, plan, "measures", measures=[due])) == (409, "person-erased")
        closed = await post(customers, plan, "outcome", outcome="helped", reason="王芳")
        assert (closed.status_code, "王芳" in closed.text) == (200, False), "it can be closed, and nothing is written"
        kept_words = await customers.database.fetchval("SELECT count(*) FROM signal_plan WHERE end_words IS NOT NULL")
        assert kept_words == 0
