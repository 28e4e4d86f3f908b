"""Competitors (domain 2.5): files of their own, what is seen of them in stores, and who orders elsewhere."""

from typing import Any
from uuid import UUID

import httpx

from tests.customers.network import BASE, colleague, made, nobody, slug, store
from tests.customers.test_person_exports import exported
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

RIVAL = {"name": "美研堂", "brands": ["雅素", "雅素", "Pure"], "strengths": "每周送货", "note": "老板好说话"}


async def seen(customers: OneService, rival: dict[str, Any], shop: UUID, **said: Any) -> httpx.Response:
    body = {"customer_id": str(shop), "brand": "雅素", **said}
    return await customers.http.post(f"{BASE}/competitors/{rival['id']}/sightings", json=body)


async def listed(customers: OneService, path: str, who: dict[str, str] | None = None, **asked: str) -> Any:
    answer = await customers.http.get(f"{BASE}/{path}", params=asked, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_a_competitor_is_a_file_that_is_found_by_its_brands_and_changed(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        rival = await made(customers, "competitors", RIVAL)
        await made(customers, "competitors", {"name": "别家"})
        path = f"{BASE}/competitors/{rival['id']}"

        assert (rival["brands"], rival["strengths"], rival["note"]) == (["雅素", "Pure"], "每周送货", "老板好说话")
        assert [each["id"] for each in await listed(customers, "competitors", name="pure")] == [rival["id"]]
        again = await customers.http.post(f"{BASE}/competitors", json={"name": "美研堂"})
        assert slug(again) == (409, "competitor-taken")
        assert (await customers.http.patch(path, json={"name": "别家"})).status_code == 428
        taken = await customers.http.patch(path, json={"name": "别家"}, headers={"If-Match": '"1"'})
        assert slug(taken) == (409, "competitor-taken")
        changed = await customers.http.patch(path, json={"brands": [], "note": None}, headers={"If-Match": '"1"'})
        assert (changed.json()["version"], changed.json()["brands"], changed.json()["note"]) == (2, [], None)
        assert (await customers.http.get(path)).json() == changed.json()
        sealed = await customers.database.fetchval("SELECT encode(words, 'escape') FROM competitor LIMIT 1")
        assert "每周送货" not in sealed
        assert slug(await customers.http.get(f"{BASE}/competitors/{nobody()}")) == (404, "competitor-not-found")


async def test_what_is_seen_in_a_store_is_seen_by_those_who_see_the_store(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers), await store(customers)
        seller = await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})
        rival = await made(customers, "competitors", RIVAL)
        visit = nobody()

        first = await seen(customers, rival, shop, price="88.00", touch_id=str(visit), seen_by=str(seller))
        second = await seen(customers, rival, other, offer="买十送二", seen_on="2026-11-01")

        assert (first.status_code, second.status_code) == (201, 201), first.text + second.text
        assert (first.json()["price"], first.json()["touch_id"], first.json()["seen_by"]) == (
            "88.00", str(visit), str(seller),
        )  # fmt: skip
        assert (second.json()["offer"], second.json()["seen_on"], second.json()["price"]) == (
            "买十送二", "2026-11-01", None,
        )  # fmt: skip
        assert (first.json()["competitor_name"], first.json()["customer_name"]) == (rival["name"], "美丽人生美容院")
        path = f"competitors/{rival['id']}/sightings"
        assert await listed(customers, path) == [second.json(), first.json()]
        assert await listed(customers, path, bearer("salesperson", seller)) == [first.json()]
        assert await listed(customers, f"customers/{other}/sightings") == [second.json()]
        hidden = await customers.http.get(f"{BASE}/customers/{other}/sightings", headers=bearer("salesperson", seller))
        assert slug(hidden) == (404, "customer-not-found")


async def test_what_cannot_have_been_seen_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, rival = await store(customers), await made(customers, "competitors", RIVAL)

        assert slug(await seen(customers, rival, shop)) == (422, "sighting-refused"), "neither price nor offer"
        assert slug(await seen(customers, rival, shop, price="1.00", seen_on="2199-01-01")) == (422, "sighting-refused")
        assert slug(await seen(customers, rival, shop, price="0.00")) == (422, "invalid")
        assert slug(await seen(customers, rival, nobody(), price="1.00")) == (422, "unknown-customer")
        assert slug(await seen(customers, {"id": nobody()}, shop, price="1.00")) == (404, "competitor-not-found")
        assert slug(await seen(customers, rival, shop, price="1.00", seen_by=str(nobody()))) == (422, "unknown-staff")
        path = f"{BASE}/customers/{shop}/orders-elsewhere"
        unknown = await customers.http.post(path, json={"competitor_id": str(nobody())})
        assert slug(unknown) == (422, "unknown-competitor")
        early = await customers.http.post(path, json={"told_on": "2199-01-01"})
        assert slug(early) == (422, "sighting-refused")
        assert await customers.database.fetchval("SELECT count(*) FROM competitor_sighting") == 0


async def test_what_was_no_sighting_is_withdrawn_with_a_reason_and_stays(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, rival = await store(customers), await made(customers, "competitors", RIVAL)
        wrong = (await seen(customers, rival, shop, price="88.00")).json()
        path = f"{BASE}/sightings/{wrong['id']}/withdrawal"
        assert slug(await customers.http.post(path, json={})) == (422, "invalid"), "with a reason"
        stranger = bearer("salesperson", await colleague(customers))
        hidden = await customers.http.post(path, json={"reason": "x"}, headers=stranger)
        assert slug(hidden) == (404, "no-such-sighting")

        withdrawn = await customers.http.post(path, json={"reason": "看错了门店"})

        assert withdrawn.status_code == 200, withdrawn.text
        assert (withdrawn.json()["withdrawn"]["reason"], withdrawn.json()["price"]) == ("看错了门店", "88.00")
        for kept in (f"customers/{shop}/sightings", f"competitors/{rival['id']}/sightings"):
            assert await listed(customers, kept) == [withdrawn.json()]
        assert slug(await customers.http.post(path, json={"reason": "x"})) == (409, "already-withdrawn")
        sealed = await customers.database.fetchval("SELECT encode(withdrawal_words, 'escape') FROM competitor_sighting")
        assert "看错" not in sealed


async def test_what_was_written_goes_with_the_person_and_over_with_a_merge(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers, "王芳", kind="person"), await store(customers, "王方", kind="person")
        rival = await made(customers, "competitors", RIVAL)
        assert (await seen(customers, rival, twice, price="88.00", offer="给王芳打八折")).status_code == 201
        path = f"customers/{twice}/orders-elsewhere"
        told = await made(customers, path, {"competitor_id": rival["id"], "note": "王芳说的", "told_on": "2026-11-02"})
        assert (told["note"], told["competitor_id"], told["told_on"]) == ("王芳说的", rival["id"], "2026-11-02")
        merged = await customers.http.post(f"{BASE}/customers/{twice}/merge", json={"into": str(kept)})
        assert merged.json()["moved"] == {"competitor_sighting": 1, "elsewhere_report": 1}
        assert [each["id"] for each in await listed(customers, path)] == [told["id"]]
        own = await exported(customers, str(kept))
        assert [each["words"] for each in own["competitors_seen"]] == ["给王芳打八折"]
        assert [each["words"] for each in own["orders_elsewhere"]] == ["王芳说的"]
        back = await customers.http.post(
            f"{BASE}/orders-elsewhere/{told['id']}/withdrawal", json={"reason": "王芳否认"}
        )
        assert back.json()["withdrawn"]["reason"] == "王芳否认"
        assert [each["words"] for each in (await exported(customers, str(kept)))["withdrawn"]] == ["王芳否认"]

        gone = await customers.http.post(f"{BASE}/erasures", json={"customer_id": str(kept), "reason": "asked"})

        assert gone.status_code == 202, gone.text
        [sighting] = await listed(customers, f"customers/{kept}/sightings")
        [report] = await listed(customers, f"customers/{kept}/orders-elsewhere")
        assert (sighting["offer"], sighting["price"], report["note"]) == (None, "88.00", None)
        assert (sighting["customer_name"], sighting["competitor_name"]) == (None, rival["name"])
        assert report["competitor_name"] == rival["name"]
        assert (report["withdrawn"]["reason"], report["withdrawn"]["by"]) == (None, back.json()["withdrawn"]["by"])
        path = f"{BASE}/sightings/{sighting['id']}/withdrawal"
        last = await customers.http.post(path, json={"reason": "王芳"})
        assert last.json()["withdrawn"]["reason"] is None, "nothing is written of who was erased"
        late = await customers.http.post(f"{BASE}/customers/{kept}/orders-elsewhere", json={})
        assert slug(late) == (409, "person-erased")
