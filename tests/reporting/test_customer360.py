"""Customer 360 over HTTP: everything about one customer, for those who see them."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import orjson
import pytest

from shared import waiting
from shared.auth.visibility import SEE_EVERY_CUSTOMER
from shared.contracts import care, customers
from shared.contracts.base import Fact
from shared.contracts.merging import CustomerMerged, CustomerUnmerged
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.reporting.facts import Case, bought, read, registered, rose
from tests.support import START, bearer, one_service


async def test_everything_about_a_customer_in_one_answer(fresh_database: FreshDatabase) -> None:
    store, region, brand, seller = new_id(), new_id(), new_id(), new_id()
    case = Case(store)
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            customers.RegionListed(region_id=region, name="华东"),
            customers.BrandListed(brand_id=brand, name="雅", grade="mid"),
            customers.StaffListed(staff_id=seller, name="李娜", role="salesperson"),
            customers.StoreListed(customer_id=store, name="静安店"),
            registered(store, region_id=region, external_no="1001"),
            customers.AccountTeamChanged(customer_id=store, team={"salesperson": seller}),
            bought(store, "1200.50", brand_id=brand, external_no="P-1"),
            rose(store),
            case.opened(),
            case.overdue(),
            case.step_done("investigate", seller),
            *touches_of(store, seller),
        )

        seen = await read(reporting.http, f"customers/{store}")

    assert (seen["name"], seen["external_no"], seen["tier"]) == ("静安店", "1001", "A")
    assert seen["region"] == {"id": str(region), "name": "华东"}
    assert seen["team"] == {"salesperson": {"id": str(seller), "name": "李娜"}}
    [complaint] = seen["complaints"]
    assert (complaint["state"], complaint["overdue"], complaint["escalation_level"]) == ("open", True, 1)
    assert (seen["touches"]["done"], seen["touches"]["open"]) == (1, 1)
    assert seen["touches"]["last"]["state"] == "done"
    assert seen["touches"]["next"]["state"] == "open"
    purchases = seen["purchases"]
    assert (purchases["count"], purchases["sum"]) == (1, "1200.50")
    assert purchases["recent"][0]["brand"] == {"id": str(brand), "name": "雅"}
    assert {entry["type"] for entry in seen["timeline"]} >= {
        "crm.purchase.recorded",
        "crm.tier.changed",
        "crm.complaint.opened",
        "crm.complaint.overdue",
        "crm.complaint.step_done",
        "crm.touch.done",
    }
    assert seen["timeline_next"] is None


async def test_a_return_is_taken_off(fresh_database: FreshDatabase) -> None:
    store = new_id()
    purchase = bought(store, "300.00")
    returned = customers.PurchaseReturned(
        customer_id=store,
        purchase_id=purchase.purchase_id,
        return_id=new_id(),
        amount=Decimal("-100.00"),
        occurred_at=START + timedelta(days=1),
    )
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(registered(store), purchase, returned)

        purchases = (await read(reporting.http, f"customers/{store}"))["purchases"]

    assert (purchases["count"], purchases["returns"], purchases["sum"]) == (1, 1, "200.00")
    assert [each["amount"] for each in purchases["recent"]] == ["-100.00", "300.00"]
    assert purchases["recent"][0]["returns_id"] == str(purchase.purchase_id)


async def test_what_was_undone_as_a_mistake_counts_nowhere(fresh_database: FreshDatabase) -> None:
    store = new_id()
    kept = bought(store, "300.00", occurred_at=START + timedelta(days=1))
    first, last = bought(store, "7.00", occurred_at=START), bought(store, "9.00", occurred_at=START + timedelta(days=2))
    returned = customers.PurchaseReturned(
        customer_id=store,
        purchase_id=kept.purchase_id,
        return_id=new_id(),
        amount=Decimal("-100.00"),
        occurred_at=START + timedelta(days=2),
    )

    def undone(fact: customers.PurchaseRecorded | customers.PurchaseReturned, at: datetime) -> Fact:
        return customers.PurchaseReversed(
            customer_id=store,
            purchase_id=fact.purchase_id,
            return_id=getattr(fact, "return_id", None),
            amount=-fact.amount,
            occurred_at=fact.occurred_at,
            at=at,
        )

    at = START + timedelta(days=3)
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(registered(store), first, kept, last, returned)
        await reporting.given(*(undone(fact, at) for fact in (first, last, returned)))
        seen = await read(reporting.http, f"customers/{store}")
        await reporting.given(undone(kept, at))
        nothing = (await read(reporting.http, f"customers/{store}"))["purchases"]

    purchases = seen["purchases"]
    assert (purchases["count"], purchases["returns"], purchases["sum"]) == (1, 0, "300.00")
    assert [each["id"] for each in purchases["recent"]] == [str(kept.purchase_id)]
    assert (purchases["first_at"], purchases["last_at"]) == ("2026-11-05T01:00:00Z", "2026-11-05T01:00:00Z")
    types = [entry["type"] for entry in seen["timeline"]]
    assert (types.count("crm.purchase.recorded"), types.count("crm.purchase.reversed")) == (3, 3)
    assert (nothing["count"], nothing["sum"], nothing["first_at"], nothing["recent"]) == (0, "0.00", None, [])


async def test_a_customer_named_by_others_first_is_filled_later(fresh_database: FreshDatabase) -> None:
    store = new_id()
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(Case(store).opened())

        stub = await read(reporting.http, f"customers/{store}")
        await reporting.given(registered(store, tier="B"))
        filled = await read(reporting.http, f"customers/{store}")

    assert (stub["tier"], len(stub["complaints"])) == (None, 1)
    assert (filled["tier"], len(filled["complaints"])) == ("B", 1)


async def test_the_timeline_in_pages_is_the_timeline(fresh_database: FreshDatabase) -> None:
    store = new_id()
    purchases = [bought(store, "1.00", occurred_at=START + timedelta(minutes=n // 3)) for n in range(130)]
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(*purchases)

        first = await read(reporting.http, f"customers/{store}")
        pages, cursor = [first["timeline"]], first["timeline_next"]
        while cursor:
            page = await read(reporting.http, f"customers/{store}/timeline", cursor=cursor, limit=50)
            pages.append(page["items"])
            cursor = page["next"]

    assert [len(page) for page in pages] == [50, 50, 30]
    entries = [entry for page in pages for entry in page]
    assert {entry["data"]["purchase_id"] for entry in entries} == {str(each.purchase_id) for each in purchases}
    assert [entry["at"] for entry in entries] == sorted((entry["at"] for entry in entries), reverse=True)


async def test_a_cursor_of_another_customer_is_refused(fresh_database: FreshDatabase) -> None:
    one, other = new_id(), new_id()
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(bought(one, "1.00"), bought(one, "2.00"), bought(other, "3.00"))
        cursor = (await read(reporting.http, f"customers/{one}/timeline", limit=1))["next"]

        refused = await reporting.http.get(f"/reporting/v1/customers/{other}/timeline", params={"cursor": cursor})

    assert (refused.status_code, refused.json()["slug"]) == (400, "malformed")


async def test_one_just_registered_is_waited_for(fresh_database: FreshDatabase) -> None:
    store = new_id()
    async with one_service(fresh_database, "reporting") as reporting:
        asking = asyncio.create_task(read(reporting.http, f"customers/{store}"))
        await asyncio.sleep(0)  # it has asked before the event arrives
        await reporting.given(registered(store))

        assert (await asking)["tier"] == "D"


async def test_nobody_has_named_them(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        nobody = f"/reporting/v1/customers/{new_id()}"
        answers = await asyncio.gather(*(reporting.http.get(path) for path in (nobody, f"{nobody}/timeline")))

    assert [(each.status_code, each.json()["slug"]) for each in answers] == [(404, "customer-not-found")] * 2


def touches_of(store: UUID, seller: UUID) -> list[Fact]:
    done, ahead = new_id(), new_id()

    def about(task_id: UUID) -> dict[str, Any]:
        who = {"kind": "obligation", "role": "salesperson", "contact": "visit", "assignee_id": seller}
        return {"task_id": task_id, "customer_id": store, "at": START, **who}

    window = {"not_before": START, "due_at": START + timedelta(days=7)}
    return [
        care.TouchPlanned.model_validate({**about(done), **window}),
        care.TouchPlanned.model_validate({**about(ahead), **window}),
        care.TouchDone.model_validate({**about(done), "minutes": 30}),
    ]


async def test_foreign_customers_are_not_there(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", ())
    shop, boss, seller, department = (new_id() for _ in range(4))
    manager, other = new_id(), new_id()
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            customers.DepartmentListed(department_id=department, name="销售部", manager_id=manager),
            customers.StaffListed(
                staff_id=seller, name="孙", role="salesperson", supervisor_id=boss, department_id=department
            ),
            registered(shop),
        )
        await reporting.given(customers.AccountTeamChanged(customer_id=shop, team={"salesperson": seller}), version=2)

        async def statuses(role: str, who: UUID) -> list[int]:
            paths = [f"/reporting/v1/customers/{shop}", f"/reporting/v1/customers/{shop}/timeline"]
            return [(await reporting.http.get(path, headers=bearer(role, who))).status_code for path in paths]

        for role, who in (("salesperson", seller), ("sales_manager", boss), ("brand_manager", manager)):
            assert await statuses(role, who) == [200, 200], role
        for role in SEE_EVERY_CUSTOMER:
            assert await statuses(role, new_id()) == [200, 200], role
        assert await statuses("salesperson", other) == [404, 404]
        refused = await reporting.http.get(f"/reporting/v1/customers/{shop}", headers=bearer("salesperson", other))
        assert refused.json()["slug"] == "customer-not-found"


async def test_whom_nobody_serves_is_seen_by_those_who_see_all(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", ())
    shop = new_id()
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(Case(shop).opened())

        paths = f"/reporting/v1/customers/{shop}"
        assert (await reporting.http.get(paths)).status_code == 200
        assert (await reporting.http.get(paths, headers=bearer("salesperson", new_id()))).status_code == 404


async def test_a_chain_is_one_customer_until_it_is_taken_apart(fresh_database: FreshDatabase) -> None:
    first, second, last = new_id(), new_id(), new_id()
    async with one_service(fresh_database, "reporting") as reporting:

        async def told(contract: type[CustomerMerged | CustomerUnmerged], merged: UUID, into: UUID) -> None:
            for each, version in ((merged, 50), (into, 40)):
                fact = contract(customer_id=each, merge_id=new_id(), merged_id=merged, into_id=into, at=START)
                await reporting.given(fact, version=version + (contract is CustomerUnmerged))

        async def bought_in_all(customer: UUID) -> str:
            return str((await read(reporting.http, f"customers/{customer}"))["purchases"]["sum"])

        for customer, amount in ((first, "1.00"), (second, "20.00"), (last, "300.00")):
            await reporting.given(registered(customer), bought(customer, amount))
        await told(CustomerMerged, first, second)
        await told(CustomerMerged, second, last)

        assert [await bought_in_all(each) for each in (first, second, last)] == ["321.00"] * 3
        export = await reporting.http.get(f"/reporting/v1/persons/{last}/export")
        archive = ZipFile(BytesIO(export.content))
        figures = orjson.loads(archive.read("reporting/figures.json"))
        assert sorted(each["purchased"] for each in figures) == ["1.00", "20.00", "300.00"]
        await told(CustomerUnmerged, second, last)
        assert [await bought_in_all(each) for each in (first, second, last)] == ["21.00", "21.00", "300.00"]
