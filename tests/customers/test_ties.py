"""What ties a store (domain 2.6): entered, by its contract, by its rebate; until when."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from tests.customers.network import BASE, bought, brand, colleague, made, nobody, region, slug, store
from tests.customers.test_competitors import listed
from tests.customers.test_person_exports import exported
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

FITTING = {"kind": "technical", "ends_on": "2027-06-01", "benefit": "12000.00", "text": "用我们的仪器"}


async def tied(customers: OneService, shop: UUID, **said: Any) -> dict[str, Any]:
    return await made(customers, f"customers/{shop}/ties", {**FITTING, **said})


async def changed(customers: OneService, tie: dict[str, Any], **said: Any) -> httpx.Response:
    headers = {"If-Match": f'"{tie["version"]}"'}
    return await customers.http.patch(f"{BASE}/ties/{tie['id']}", json=said, headers=headers)


async def test_a_tie_is_entered_prolonged_and_ended(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        tie = await tied(customers, shop)
        path = f"{BASE}/ties/{tie['id']}"
        assert {name: tie[name] for name in FITTING} == FITTING
        assert (tie["source"], tie["ended_at"], tie["customer_name"]) == ("entered", None, "美丽人生美容院")

        assert slug(await customers.http.patch(path, json={"ends_on": None})) == (428, "precondition-required")
        longer = (await changed(customers, tie, ends_on="2028-06-01", benefit=None)).json()
        ended = (await changed(customers, longer, ended=True)).json()

        assert (longer["version"], longer["ends_on"], longer["benefit"]) == (2, "2028-06-01", None)
        assert ended["ended_at"] is not None
        assert (await customers.http.get(path)).json() == ended
        assert slug(await changed(customers, ended, kind="economic")) == (409, "tie-ended")
        assert slug(await changed(customers, tie, kind="economic")) == (412, "stale")
        assert await listed(customers, "ties") == await listed(customers, "ties", standing="true") == []
        assert await listed(customers, "ties", standing="false") == [ended]
        assert await listed(customers, f"customers/{shop}/ties") == [ended]
        again = (await changed(customers, ended, ended=False)).json()
        assert await listed(customers, "ties", customer_id=str(shop)) == [again]
        said = {
            (each["field"], each["from"], each["to"]) for each in await listed(customers, f"customers/{shop}/changes")
        }
        assert {
            ("tie.ends_on", "2027-06-01", "2028-06-01"), ("tie.benefit", "12000.00", None), ("tie.words", None, None),
        } <= said  # fmt: skip


async def test_contracts_with_a_term_and_rebates_tie_while_they_hold(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers), await store(customers)
        today = customers.clock.now().date()
        end = str(today + timedelta(days=30))
        signed = {"customer_id": str(shop), "region_id": str(await region(customers)), "starts_on": str(today)}
        term = await made(customers, "contracts", {**signed, "brand_id": str(await brand(customers)), "ends_on": end})
        await made(customers, "contracts", {**signed, "brand_id": str(await brand(customers, "high"))})
        steps = [{"from_amount": "1000.00", "rate": "0.03"}]
        agreed = {"customer_id": str(shop), "from": str(today), "to": end, "steps": steps}
        rebate = await made(customers, "rebates", agreed)
        mine = await tied(customers, shop, ends_on=str(today + timedelta(days=10)))
        await tied(customers, other, ends_on=None)

        stand = await listed(customers, "ties", customer_id=str(shop))

        assert [(each["id"], each["source"], each["kind"], each["ends_on"]) for each in stand] == [
            (mine["id"], "entered", "technical", mine["ends_on"]),
            (rebate["id"], "rebate", "economic", str(today + timedelta(days=31))),
            (term["id"], "contract", "contractual", end),
        ], "a contract without a term ends with nothing"
        assert await listed(customers, f"customers/{shop}/ties") == stand
        assert await listed(customers, "ties", ends_before=str(today + timedelta(days=31))) == [stand[0], stand[2]]
        assert await listed(customers, "ties", kind="economic") == [stand[1]]
        seller = await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})
        assert await listed(customers, "ties", bearer("salesperson", seller)) == stand
        assert {each["customer_name"] for each in stand} == {"美丽人生美容院"}
        for each in stand:
            read = await customers.http.get(f"{BASE}/ties/{each['id']}", headers=bearer("salesperson", seller))
            assert (read.json(), read.headers["ETag"]) == (each, f'"{each["version"]}"'), each["source"]
        hidden = await customers.http.get(f"{BASE}/ties/{term['id']}", headers=bearer("salesperson", nobody()))
        assert slug(hidden) == (404, "no-such-tie")
        assert slug(await changed(customers, term | {"version": 1}, kind="technical")) == (404, "no-such-tie")
        customers.clock.forward(timedelta(days=30))
        assert [each["source"] for each in await listed(customers, "ties", customer_id=str(shop))] == ["rebate"]
        assert len(await listed(customers, "ties", customer_id=str(shop), standing="true")) == 1
        assert {each["source"] for each in await listed(customers, "ties", standing="false")} == {"contract", "entered"}
        over = await customers.http.get(f"{BASE}/ties/{term['id']}")
        assert (over.json()["source"], over.json()["ends_on"]) == ("contract", end), "it can be read when it is over"


async def test_what_cannot_tie_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        today = customers.clock.now().date()
        path = f"{BASE}/customers/{shop}/ties"

        early = await customers.http.post(path, json={**FITTING, "ends_on": str(today - timedelta(days=1))})
        assert slug(early) == (422, "tie-refused"), "it ends before it was entered"
        tie = await tied(customers, shop)
        assert slug(await changed(customers, tie, ends_on="2020-01-01")) == (422, "tie-refused")
        assert slug(await customers.http.post(path, json={"kind": "moral"})) == (422, "invalid")
        assert slug(await customers.http.post(path, json={**FITTING, "benefit": "-1.00"})) == (422, "invalid")
        nowhere = await customers.http.post(f"{BASE}/customers/{nobody()}/ties", json=FITTING)
        assert slug(nowhere) == (404, "customer-not-found")
        seller = bearer("salesperson", await colleague(customers))
        hidden = await customers.http.get(f"{BASE}/ties/{tie['id']}", headers=seller)
        assert slug(hidden) == (404, "no-such-tie")
        assert await listed(customers, "ties", seller) == []


async def test_whose_ties_change_is_judged_anew(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "100.00")

        async def marked() -> list[UUID]:
            rows = await customers.database.fetch("SELECT customer_id FROM worth_mark")
            await customers.run_loops("customers.worth")
            return [row["customer_id"] for row in rows]

        await marked()
        tie = await tied(customers, shop)
        assert await marked() == [shop]
        assert (await changed(customers, tie, ends_on=None)).status_code == 200
        assert await marked() == [shop]
        assert await marked() == []


async def test_words_of_a_tie_go_with_the_person_and_ties_over_with_a_merge(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers, "王芳", kind="person"), await store(customers, "王方", kind="person")
        tie = await tied(customers, twice, text="给王芳的会员价")
        sealed = await customers.database.fetchval("SELECT encode(words, 'escape') FROM tie")
        assert "会员" not in sealed
        merged = await customers.http.post(f"{BASE}/customers/{twice}/merge", json={"into": str(kept)})
        assert merged.json()["moved"] == {"tie": 1}
        [own] = (await exported(customers, str(kept)))["ties"]
        assert (own["words"], own["kind"], own["benefit"]) == ("给王芳的会员价", "technical", "12000.00")

        gone = await customers.http.post(f"{BASE}/erasures", json={"customer_id": str(kept), "reason": "asked"})

        assert gone.status_code == 202, gone.text
        [left] = await listed(customers, f"customers/{kept}/ties")
        assert (left["id"], left["text"], left["benefit"]) == (tie["id"], None, "12000.00")
        assert slug(await changed(customers, left, text="again")) == (409, "person-erased")
