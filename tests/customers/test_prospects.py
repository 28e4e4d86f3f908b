"""Prospects and opportunities (domain 2.7): from a first contact to a customer with everything it had."""

import asyncio
import io
from datetime import timedelta
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import httpx
import orjson

from shared.contracts.customers import CustomerRegistered
from tests.customers.network import BASE, colleague, made, nobody, slug, store
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

PHONE = "+8613800138000"
WANG = {"name": "王小明", "kind": "person", "source": "street_visit", "phones": [PHONE], "emails": ["w@example.com"]}


async def prospect(customers: OneService, **more: Any) -> dict[str, Any]:
    return await made(customers, "prospects", {**WANG, **more})


async def opportunity(customers: OneService, **said: Any) -> dict[str, Any]:
    return await made(customers, "opportunities", {"amount": "10000.00", **said})


async def change(customers: OneService, path: str, said: dict[str, Any], **headers: str) -> httpx.Response:
    return await customers.http.patch(f"{BASE}/{path}", json=said, headers={"If-Match": "*", **headers})


async def post(customers: OneService, path: str, said: Any = None, **headers: str) -> httpx.Response:
    return await customers.http.post(f"{BASE}/{path}", json=said or {}, headers=headers)


async def read(customers: OneService, path: str, **headers: str) -> Any:
    answer = await customers.http.get(f"{BASE}/{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_prospect_becomes_a_customer_once_with_everything_it_had(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        li = await colleague(customers)
        one = await prospect(customers, owner_id=str(li), address="上海市南京东路一号")
        path = f"prospects/{one['id']}"
        noted = await post(customers, f"{path}/notes", {"text": "想开第二家店"}, **bearer("salesperson", li))
        assert noted.status_code == 201
        chance = await opportunity(customers, prospect_id=one["id"], owner_id=str(li), next_step="送样品")

        answers = await asyncio.gather(*(post(customers, f"{path}/customer") for _ in range(3)))
        again = await post(customers, f"{path}/customer", **bearer("salesperson", li))
        [customer] = {each.json()["customer_id"] for each in [*answers, again]}

        known = await read(customers, f"customers/{customer}", **bearer("salesperson", li))
        assert (known["name"], known["kind"], known["phones"]) == ("王小明", "person", [PHONE])
        assert (known["emails"], known["address"], known["tier"]) == (WANG["emails"], "上海市南京东路一号", "D")
        [note] = (await read(customers, f"customers/{customer}/notes"))["items"]
        assert (note["text"], note["written_by"]) == ("想开第二家店", str(li))
        [kept] = (await read(customers, f"opportunities?customer_id={customer}"))["items"]
        assert (kept["id"], kept["prospect_id"], kept["next_step"]) == (chance["id"], one["id"], "送样品")
        assert [fact.customer_id for fact in await customers.facts(CustomerRegistered)] == [UUID(customer)]

        assert (one["owner_name"], one["referred_by_name"], kept["customer_name"]) == ("孙浩", None, None)
        after = await read(customers, path)
        assert (after["state"], after["customer_id"], after["name"], after["phones"]) == (
            "converted",
            customer,
            None,
            [],
        )
        assert slug(await change(customers, path, {"name": "x"})) == (409, "prospect-converted")
        assert slug(await customers.http.delete(f"{BASE}/{path}")) == (409, "prospect-converted")
        keys = await customers.database.fetch("SELECT subject_id::text FROM personal_key")
        assert [row["subject_id"] for row in keys] == [customer], "the prospect's key is gone"


async def test_the_pipeline_is_evaluated_by_stage_owner_source_and_age(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        li, shop = await colleague(customers), str(await store(customers))
        one = await prospect(customers, source="web")
        assert (await read(customers, "pipeline"))["total"] == {
            "key": None, "opportunities": 0, "amount": "0.00", "weighted": "0.00"
        }  # fmt: skip
        await opportunity(customers, prospect_id=one["id"], owner_id=str(li))  # 10,000 × 0.1
        customers.clock.forward(timedelta(days=30))
        await opportunity(customers, customer_id=shop, stage="offer", amount="333.33", owner_id=str(li))  # × 0.5
        sure = await opportunity(customers, customer_id=shop, stage="offer", probability="0.8", owner_id=str(li))
        gone = await opportunity(customers, customer_id=shop, owner_id=str(li))
        assert sure["weighted"] == "8000.00"
        assert (await change(customers, f"opportunities/{gone['id']}", {"outcome": "won"})).json()["likely"] == "1"

        found = await read(customers, "pipeline")
        assert figures(found["stages"]) == {
            "contact": (1, "10000.00", "1000.00"), "offer": (2, "10333.33", "8166.67")
        }  # fmt: skip
        assert list(figures(found["stages"])) == ["contact", "offer"]
        assert figures(found["owners"]) == {str(li): (3, "20333.33", "9166.67")}
        assert figures(found["sources"]) == {"web": (1, "10000.00", "1000.00"), None: (2, "10333.33", "8166.67")}
        assert figures(found["ages"]) == {"000": (2, "10333.33", "8166.67"), "030": (1, "10000.00", "1000.00")}
        assert found["total"] == {"key": None, "opportunities": 3, "amount": "20333.33", "weighted": "9166.67"}
        other = await read(customers, "pipeline", **bearer("salesperson", nobody()))
        assert (other["total"]["opportunities"], other["stages"]) == (0, [])


def figures(groups: list[dict[str, Any]]) -> dict[str | None, tuple[int, str, str]]:
    return {each["key"]: (each["opportunities"], each["amount"], each["weighted"]) for each in groups}


async def test_an_opportunity_moves_on_with_its_history_and_its_due_steps(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        li, shop = await colleague(customers), str(await store(customers, "小店"))
        hers = bearer("salesperson", li)
        soon = {"next_step": "回访", "next_step_on": "2026-11-05"}
        path = f"opportunities/{(await opportunity(customers, customer_id=shop, owner_id=str(li), **soon))['id']}"
        assert (await read(customers, "me", **hers))["next_steps"] == []
        customers.clock.forward(timedelta(days=1))
        shown = await read(customers, path, **hers)
        assert (shown["customer_name"], shown["owner_name"]) == (None, "孙浩"), "she does not see the store"
        assert (await read(customers, path))["customer_name"] == "小店"
        [due] = (await read(customers, "me", **hers))["next_steps"]
        assert (due["next_step"], due["customer_id"], due["customer_name"]) == ("回访", shop, "小店")

        moved = await change(customers, path, {"stage": "negotiation", "amount": "800.00"}, **hers)
        assert (moved.json()["likely"], moved.json()["weighted"], moved.json()["version"]) == ("0.7500", "600.00", 2)
        assert moved.json()["updated_at"] == "2026-11-05T01:00:00Z"
        stale = await change(customers, path, {"stage": "need"}, **{**hers, "If-Match": '"1"'})
        assert slug(stale)[0] == 412
        won = await change(customers, path, {"outcome": "won"}, **hers)
        assert (won.json()["weighted"], won.json()["closed_at"]) == ("800.00", "2026-11-05T01:00:00Z")
        assert slug(await change(customers, path, {"outcome": "won"}, **hers)) == (409, "opportunity-closed")
        assert (await read(customers, "me", **hers))["next_steps"] == []
        history = (await read(customers, f"{path}/history", **hers))["items"]
        assert [(each["version"], each["stage"], each["amount"], each["outcome"]) for each in history] == [
            (3, "negotiation", "800.00", "won"),
            (2, "negotiation", "800.00", "open"),
            (1, "contact", "10000.00", "open"),
        ]
        reopened = (await change(customers, path, {"outcome": "open"}, **hers)).json()
        assert (reopened["outcome"], reopened["closed_at"], reopened["likely"]) == ("open", None, "0.7500")
        lost = await change(customers, path, {"outcome": "lost", "lost_reason": "价格"}, **hers)
        assert (lost.json()["lost_reason"], lost.json()["weighted"]) == ("价格", "0.00")
        other = await customers.http.get(f"{BASE}/{path}", headers=bearer("salesperson", nobody()))
        assert slug(other) == (404, "opportunity-not-found")


async def test_who_is_known_by_phone_is_said_and_nothing_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, li = str(await store(customers, phones=[PHONE])), await colleague(customers)
        first = await prospect(customers)
        assert first["known"] == [{"customer_id": shop, "prospect_id": None}]
        second = await prospect(customers, phones=["138 0013 8000"])
        assert second["known"] == [
            {"customer_id": shop, "prospect_id": None}, {"customer_id": None, "prospect_id": first["id"]}
        ]  # fmt: skip
        hers = await post(customers, "prospects", WANG, **bearer("salesperson", li))
        assert (hers.status_code, hers.json()["known"]) == (201, []), "whom she does not see is not said"
        assert [each["id"] for each in (await read(customers, "prospects", **bearer("salesperson", li)))["items"]] == [
            hers.json()["id"]
        ]
        moved = await change(customers, f"prospects/{first['id']}", {"phones": ["+8613900139000"]})
        assert (moved.status_code, moved.json()["known"]) == (200, [])
        driver = await colleague(customers, "logistics_manager")
        his = await post(customers, "prospects", WANG, **bearer("logistics_manager", driver))
        assert (his.json()["emails"], his.json()["masked"]) == (["w***@example.com"], ["emails"])


async def test_what_cannot_be_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        one = await prospect(customers)
        path = f"prospects/{one['id']}"
        of_one = {"prospect_id": one["id"], "amount": "1.00"}

        async def refused(place: str, said: dict[str, Any]) -> str:
            return slug(await post(customers, place, said))[1]

        assert await refused("opportunities", {**of_one, "probability": "1.01"}) == "invalid"
        assert await refused("opportunities", {**of_one, "amount": "-1.00"}) == "invalid"
        assert await refused("opportunities", {**of_one, "stage": "nowhere"}) == "unknown-stage"
        assert await refused("opportunities", {**of_one, "owner_id": str(nobody())}) == "unknown-staff"
        assert await refused("opportunities", {"amount": "1.00"}) == "opportunity-of-one"
        assert await refused("opportunities", {**of_one, "prospect_id": str(nobody())}) == "unknown-prospect"
        someone = {"amount": "1.00", "customer_id": str(nobody())}
        assert await refused("opportunities", someone) == "unknown-customer"
        assert await refused("prospects", {**WANG, "source": "moon"}) == "unknown-source"
        assert await refused("prospects", {**WANG, "source": "referral"}) == "referral-refused"
        by_nobody = {**WANG, "source": "referral", "referred_by_prospect_id": str(nobody())}
        assert await refused("prospects", by_nobody) == "unknown-prospect"
        itself = await change(customers, path, {"source": "referral", "referred_by_prospect_id": one["id"]})
        assert slug(itself) == (422, "referral-refused")
        assert slug(await change(customers, path, {"state": "lost"})) == (422, "prospect-reason-refused")
        assert (await change(customers, path, {"state": "lost", "lost_reason": "搬走了"})).json()["state"] == "lost"
        assert slug(await post(customers, f"{path}/customer")) == (409, "prospect-lost")
        assert await refused("opportunities", of_one) == "unknown-prospect"
        assert (await change(customers, path, {"state": "open"})).json()["lost_reason"] is None

        assert (
            await post(customers, "prospect-sources", {"code": "fair", "name_en": "fair", "name_zh": "展会"})
        ).is_success
        assert await refused("prospect-sources", {"code": "fair", "name_en": "f", "name_zh": "展"}) == "source-taken"
        stage = {"code": "trial", "position": 25, "probability": "0.3", "name_en": "trial", "name_zh": "试用"}
        assert (await post(customers, "opportunity-stages", stage)).is_success
        codes = [each["code"] for each in (await read(customers, "opportunity-stages"))["items"]]
        assert codes == ["contact", "need", "trial", "offer", "negotiation", "agreement"]
        assert await refused("opportunity-stages", {**stage, "code": "other"}) == "stage-taken"


async def test_nothing_of_a_person_stays_when_it_is_erased(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        one, two = await prospect(customers), await prospect(customers)
        shown = await customers.database.fetchval("SELECT string_agg(p::text, '') FROM prospect p")
        assert "王小明" not in shown
        assert "13800138000" not in shown
        await post(customers, f"prospects/{two['id']}/notes", {"text": "忘了我"})
        await opportunity(customers, prospect_id=two["id"], next_step="x")
        refused = await customers.http.delete(f"{BASE}/prospects/{two['id']}", headers=bearer("salesperson", nobody()))
        assert refused.status_code == 403
        assert (await customers.http.delete(f"{BASE}/prospects/{two['id']}")).status_code == 204
        left = await customers.database.fetchrow(
            "SELECT (SELECT count(*) FROM personal_key) k, (SELECT count(*) FROM prospect_note) n, "
            "(SELECT count(*) FROM opportunity) o"
        )
        assert left is not None
        assert dict(left) == {"k": 1, "n": 0, "o": 0}

        mine = await opportunity(customers, prospect_id=one["id"], next_step="给王小明打电话")
        person = (await post(customers, f"prospects/{one['id']}/customer")).json()["customer_id"]
        erased = await post(customers, "erasures", {"customer_id": person, "reason": "asked by letter"})
        assert erased.status_code == 202, erased.text
        after = await read(customers, f"opportunities/{mine['id']}")
        assert (after["next_step"], after["amount"]) == (None, "10000.00")


async def test_referrals_and_opportunities_follow_who_is_merged(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = str(await store(customers)), str(await store(customers))
        one = await prospect(customers, source="referral", referred_by_customer_id=twice)
        two = await prospect(customers, source="referral", referred_by_prospect_id=one["id"])
        mine = await opportunity(customers, customer_id=twice)
        assert (one["referred_by_name"], two["referred_by_name"]) == ("美丽人生美容院", None)
        assert mine["customer_name"] == "美丽人生美容院"
        ring = {"referred_by_customer_id": None, "referred_by_prospect_id": two["id"]}
        assert slug(await change(customers, f"prospects/{one['id']}", ring)) == (422, "referral-refused")

        merged = await post(customers, f"customers/{twice}/merge", {"into": kept})

        assert merged.status_code == 201, merged.text
        assert (await read(customers, f"prospects/{one['id']}"))["referred_by_customer_id"] == kept
        assert (await read(customers, f"prospects/{two['id']}"))["referred_by_prospect_id"] == one["id"]
        assert (await read(customers, f"opportunities/{mine['id']}"))["customer_id"] == kept


async def test_a_prospect_is_given_what_is_kept_of_them(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        one = await prospect(customers)
        await post(customers, f"prospects/{one['id']}/notes", {"text": "喜欢绿茶"})
        await opportunity(customers, prospect_id=one["id"], next_step="送样品")

        answer = await customers.http.get(f"{BASE}/persons/{one['id']}/export", headers=bearer("admin_dept", nobody()))

        assert answer.status_code == 200, answer.text
        with ZipFile(io.BytesIO(answer.content)) as kept:
            [said], [noted], [chance] = (
                orjson.loads(kept.read(f"customers/{name}.json"))
                for name in ("prospect", "prospect_notes", "opportunities")
            )
        assert (said["name"], said["phones"]) == ("王小明", [PHONE])
        assert (noted["text"], chance["next_step"]) == ("喜欢绿茶", "送样品")
