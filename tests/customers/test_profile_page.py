"""One store's profile page, built against the documents alone (the OpenAPI description of customers)."""

from datetime import timedelta
from typing import Any

from tests.customers.network import BASE, bought, brand, colleague, made, region, store
from tests.described import Desk, Shown
from tests.postgres import FreshDatabase
from tests.support import bearer, one_service


def head_of(profile: Shown, tier_line: str) -> str:
    """The first line of the page."""
    seat = profile["team"].value.get("salesperson")
    return " | ".join(
        (
            profile["name"],
            tier_line,
            profile["region_name"] or "—",
            profile["owner_name"] or "—",
            seat["name"] if seat else "—",
            ", ".join(profile["phones"].value) or "—",
        )
    )


async def names_of(desk: Desk, *ids: str | None) -> dict[str, str]:
    """Id -> name, of those that are given."""
    found = await desk.do("read_names", ids=[id_ for id_ in ids if id_])
    return {each["id"]: each["name"] for each in found["items"]}


async def test_a_profile_page_finds_all_it_needs_in_the_description(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        east, lotus, seller = await region(customers), await brand(customers), await colleague(customers)
        shop = await store(customers, "丽人美容院", region_id=str(east), phones=["13800138000"], opened_on="2019-11-05")
        other = await store(customers, "爱丽美容院")
        for each in (shop, other):
            await customers.http.put(f"{BASE}/customers/{each}/team", json={"salesperson": str(seller)})
        owner = (await made(customers, "owners", {"name": "陈丽华"}))["id"]
        await made(customers, f"customers/{shop}/ownership", {"owner_id": owner})
        await bought(customers, shop, "9100.00", brand_id=lotus)
        today = customers.clock.now().date()
        invoice = {"customer_id": str(shop), "invoice_no": "R-1", "amount": "9100.00"}
        await made(customers, "payments", {**invoice, "due_on": str(today - timedelta(days=3))})
        signed = {"customer_id": str(shop), "brand_id": str(lotus), "region_id": str(east)}
        await made(customers, "contracts", {**signed, "starts_on": str(today)})
        await customers.run_loops("customers.finding")
        document: dict[str, Any] = (await customers.http.get("/customers/openapi.json")).json()
        desk = Desk(customers.http, document, bearer("salesperson", seller))

        [first, second] = await desk.all("list_customers", sort="month_sum", mine=True, limit=1)
        assert (first["name"], first["bought_sum"], second["bought_sum"]) == ("丽人美容院", "9100.00", None)
        profile = await desk.do("read_customer", customer_id=first["id"])
        pop = await desk.do("screen_pop", phone=profile["phones"].value[0])
        near = next(offer for offer in pop["offers"] if offer["occasion"] == "next_tier")
        line = head_of(profile, f"{profile['tier']} ({near['missing']} to {near['tier']})")
        assert line == "丽人美容院 | B (900.00 to A) | 华东 | 陈丽华 | 孙浩 | +8613800138000"

        purchases = await desk.all("list_purchases", customer_id=profile["id"])
        names = await names_of(desk, *(each["brand_id"] for each in purchases), profile["region_id"], profile["id"])
        assert [(names[each["brand_id"]], each["amount"]) for each in purchases] == [("雅丽", "9100.00")]
        assert names[profile["region_id"]] == profile["region_name"]
        assert names[profile["id"]] == profile["name"]
        [contract] = await desk.all("list_contracts", customer_id=profile["id"])
        assert (contract["brand_name"], contract["region_name"]) == ("雅丽", "华东")
        behaviour = await desk.do("read_payment_behaviour", customer_id=profile["id"])
        mine = await desk.do("read_me")
        assert [each["invoice_no"] for each in mine["invoices"]] == ["R-1"]
        assert behaviour["overdue"] == next(iter(mine["invoices"]))["amount"]
        assert [each["name"] for each in mine["stores"]] == ["丽人美容院", "爱丽美容院"]
