"""What waits for somebody among the customers of whose teams they are."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.contracts.care import TouchDone
from shared.contracts.commitments import CommitmentMade
from shared.ids import new_id
from tests.customers.network import BASE, bought, brand, colleague, made, region, store
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service


async def mine(customers: OneService, who: UUID) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/me", headers=bearer("salesperson", who))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def seat(customers: OneService, customer: UUID, who: UUID, **others: UUID) -> None:
    team = {role: str(each) for role, each in {"salesperson": who, **others}.items()}
    seated = await customers.http.put(f"{BASE}/customers/{customer}/team", json=team)
    assert seated.status_code == 200, seated.text


async def test_my_stores_are_shown_by_tier_and_which_have_rested_too_long(fresh_database: FreshDatabase) -> None:
    """An A store rests 30 days at most, a D store 180; a touch or a change is none."""
    async with one_service(fresh_database, "customers") as customers:
        me, other = await colleague(customers), await colleague(customers)
        small, large, strange = [await store(customers, name) for name in ("小店", "大店", "他店")]
        await bought(customers, large, "10000.00")
        for shop, who in ((small, me), (large, me), (strange, other)):
            await seat(customers, shop, who)
        start, day = customers.clock.now(), timedelta(days=1)

        found = await mine(customers, me)
        assert [(each["name"], each["tier"], each["roles"]) for each in found["stores"]] == [
            ("大店", "A", ["salesperson"]),
            ("小店", "D", ["salesperson"]),
        ]
        assert found["stale"] == []
        customers.clock.forward(30 * day)
        assert [each["name"] for each in (await mine(customers, me))["stale"]] == ["大店"]
        visit: dict[str, Any] = {"kind": "obligation", "role": "salesperson", "contact": "visit", "assignee_id": me}
        await customers.given(TouchDone(task_id=new_id(), customer_id=large, at=start + 10 * day, **visit))
        assert (await mine(customers, me))["stale"] == []
        customers.clock.forward(150 * day)
        assert [each["name"] for each in (await mine(customers, me))["stale"]] == ["大店", "小店"]


async def test_what_is_due_at_my_stores_waits_for_me(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        me, other = await colleague(customers), await colleague(customers)
        shop, strange = await store(customers, "大店"), await store(customers, "他店")
        lotus, east, west = await brand(customers), await region(customers), await region(customers, "华西")
        manager = await colleague(customers, "brand_manager")
        for customer, seller in ((shop, me), (strange, other)):
            await seat(customers, customer, seller, brand_manager=manager)
        now, day = customers.clock.now(), timedelta(days=1)
        today = now.date()
        contracts: list[str] = []
        for customer, where in ((shop, east), (strange, west)):
            owed = {"customer_id": str(customer), "invoice_no": f"R-{customer}", "amount": "120.00"}
            await made(customers, "payments", {**owed, "due_on": str(today - day)})
            signed = {"customer_id": str(customer), "brand_id": str(lotus), "region_id": str(where)}
            contracts.append((await made(customers, "contracts", {**signed, "starts_on": str(today)}))["id"])
            promise: dict[str, Any] = {"customer_id": customer, "staff_id": me, "code": "gift", "at": now}
            for due in (1, 8):
                await customers.given(CommitmentMade(commitment_id=new_id(), due_at=now + due * day, **promise))

        found = await mine(customers, me)
        assert [(each["customer_name"], each["amount"]) for each in found["invoices"]] == [("大店", "120.00")]
        assert [(each["customer_name"], each["staff_name"], each["overdue"]) for each in found["promises"]] == [
            ("大店", "孙浩", False)
        ]
        assert found["contracts"] == [], "it has no end"
        customers.clock.forward(timedelta(days=1))
        assert [each["overdue"] for each in (await mine(customers, me))["promises"]] == [True, False]
        for id_ in contracts:
            confirm, body = f"{BASE}/contracts/{id_}/ending/confirm", {"ends_on": str(today + 90 * day)}
            answer = await customers.http.post(confirm, json=body, headers=bearer("brand_manager", manager))
            assert answer.status_code == 200, answer.text
        [ending] = (await mine(customers, me))["contracts"]
        assert (ending["customer_name"], ending["brand_name"], ending["ends_on"]) == ("大店", "雅丽", None)


async def test_a_contract_with_a_term_is_shown_while_it_is_being_ended(fresh_database: FreshDatabase) -> None:
    """Until its ending is over, the soonest first, whatever its term was."""
    async with one_service(fresh_database, "customers") as customers:
        me, manager = await colleague(customers), await colleague(customers, "brand_manager")
        shop, lotus = await store(customers), await brand(customers)
        await seat(customers, shop, me, brand_manager=manager)
        today, day = customers.clock.now().date(), timedelta(days=1)
        signed: dict[str, str] = {}
        for place, term in (("东", 900), ("西", 20), ("南", 900)):
            about = {"customer_id": str(shop), "brand_id": str(lotus), "region_id": str(await region(customers, place))}
            days = {"starts_on": str(today), "ends_on": str(today + term * day)}
            signed[place] = (await made(customers, "contracts", {**about, **days}))["id"]

        async def shown() -> list[tuple[str, str, str | None]]:
            found = (await mine(customers, me))["contracts"]
            return [(each["contract_id"], each["ends_on"], each["asked_end"]) for each in found]

        assert [each[0] for each in await shown()] == [signed["西"]], "its term is near"
        for place, ends in (("东", 10), ("南", 200)):
            confirm, body = f"{BASE}/contracts/{signed[place]}/ending/confirm", {"ends_on": str(today + ends * day)}
            answer = await customers.http.post(confirm, json=body, headers=bearer("brand_manager", manager))
            assert answer.status_code == 200, answer.text
        assert await shown() == [
            (signed["东"], str(today + 900 * day), str(today + 10 * day)),
            (signed["西"], str(today + 20 * day), None),
            (signed["南"], str(today + 900 * day), str(today + 200 * day)),
        ]
        assert (
            await customers.http.post(f"{BASE}/contracts/{signed['东']}/ending/approve", json={})
        ).status_code == 200
        customers.clock.forward(11 * day)
        assert [each[0] for each in await shown()] == [signed["西"], signed["南"]]


async def test_what_has_rested_too_long_is_what_the_list_for_cleaning_up_says(fresh_database: FreshDatabase) -> None:
    """For who was erased nobody can care."""
    async with one_service(fresh_database, "customers") as customers:
        me, shop = await colleague(customers), await store(customers)
        gone = UUID((await made(customers, "customers", {"name": "王丽", "kind": "person"}))["id"])
        for each in (shop, gone):
            await seat(customers, each, me)
        erased = await customers.http.post(f"{BASE}/erasures", json={"customer_id": str(gone), "reason": "asked"})
        assert erased.status_code == 202, erased.text

        async def listed() -> list[str]:
            return [
                each["customer_id"] for each in (await customers.http.get(f"{BASE}/screening/stale")).json()["items"]
            ]

        async def stale() -> list[str]:
            return [each["customer_id"] for each in (await mine(customers, me))["stale"]]

        assert await stale() == await listed() == []
        customers.clock.forward(timedelta(days=180))
        assert await stale() == await listed() == [str(shop)]
