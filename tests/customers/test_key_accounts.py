"""Key accounts (大客户, domain 2.5): naming, scores over time, plan, risks, and what is left of them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.contracts.care import TouchDone
from shared.contracts.complaints import ComplaintCorrected
from shared.contracts.settlements import CompensationGranted, CompensationKind, CompensationWithdrawn
from tests.customers.network import BASE, bought, brand, colleague, made, nobody, slug, store
from tests.customers.test_person_exports import exported
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

SAID: dict[str, Any] = {"service": 4, "price": 2, "partnership": 5}


def may(day: int = 5) -> datetime:
    return datetime(2026, 5, day, 4, tzinfo=UTC)


async def asked(customers: OneService, what: str, who: dict[str, str] | None = None, **query: str) -> Any:
    answer = await customers.http.get(f"{BASE}/{what}", params=query, headers=who)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def post(customers: OneService, what: str, who: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    return await customers.http.post(f"{BASE}/{what}", json=body, headers=who)


async def named(customers: OneService, shop: UUID, **more: Any) -> dict[str, Any]:
    cares = await colleague(customers, "sales_manager")
    body = {"reason": "七家店", "assignee_id": str(cares), **more}
    return await made(customers, f"customers/{shop}/key-account", body)


async def test_volume_and_concentration_are_from_data_and_each_scoring_is_kept(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, mine, other = await store(customers), await brand(customers), await brand(customers)
        back = await bought(customers, shop, "15000.00", may(), brand_id=mine)
        await bought(customers, shop, "6000.00", may(6), brand_id=other)
        await bought(customers, shop, "90000.00", brand_id=other)  # the running month does not count

        first = await made(customers, f"customers/{shop}/key-account/scores", SAID)

        assert first["criteria"] == {"volume": 3, "concentration": 4, "service": 4, "price": 2, "partnership": 5}
        assert (first["monthly"], first["brand_share"], first["days"]) == ("3500.00", "0.7143", 2)
        assert (first["score"], first["said"]) == ("3.60", ["service", "price", "partnership"])
        await made(customers, f"purchases/{back}/returns", {"amount": "9000.00", "occurred_at": may(7).isoformat()})
        second = await made(customers, f"customers/{shop}/key-account/scores", SAID)
        assert (second["monthly"], second["brand_share"], second["score"]) == ("2000.00", "0.5000", "3.10")
        kept = await asked(customers, f"customers/{shop}/key-account/scores")
        assert kept["items"] == [second, first]


async def test_staff_overrule_the_data_with_a_reason(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        path = f"customers/{await store(customers)}/key-account/scores"

        assert slug(await post(customers, path, **SAID)) == (422, "score-incomplete"), "nobody knows a brand"
        assert slug(await post(customers, path, **SAID, concentration=3)) == (422, "score-incomplete"), "no reason"
        said = await made(customers, path, {**SAID, "concentration": 3, "reason": "只从我们这里进货"})

        assert (said["criteria"]["volume"], said["criteria"]["concentration"], said["brand_share"]) == (1, 3, None)
        assert (said["said"], said["reason"]) == (
            ["concentration", "service", "price", "partnership"], "只从我们这里进货",
        )  # fmt: skip
        sealed = await customers.database.fetchval("SELECT encode(words, 'escape') FROM key_account_score")
        assert "进货" not in sealed
        for wrong in ({"service": 0}, {"service": 6}, {"service": True}, {"price": "3"}, {"attitude": 3}):
            assert slug(await post(customers, path, **{**SAID, **wrong}))[0] == 422
        missing = f"customers/{nobody()}/key-account/scores"
        assert slug(await post(customers, missing, **SAID)) == (404, "customer-not-found")


async def test_weights_are_a_policy_with_versions(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        path, rule = f"customers/{shop}/key-account/scores", await asked(customers, "key-account-policy")
        grades = {**SAID, "volume": 5, "concentration": 1, "reason": "x"}
        before = await made(customers, path, grades)
        changed = {name: rule[name] for name in ("weights", "volume", "concentration")}
        changed["weights"] = dict.fromkeys(changed["weights"], "0") | {"service": "2", "price": "1"}

        async def put(version: str = '"1"', **said: Any) -> httpx.Response:
            body, given = {**changed, **said}, {"If-Match": version}
            return await customers.http.put(f"{BASE}/key-account-policy", json=body, headers=given)

        nothing = await put(weights=dict.fromkeys(changed["weights"], "0"))
        assert slug(nothing) == (422, "key-account-policy-refused")
        assert (nothing.json()["errors"][0]["pointer"], "nothing" in nothing.text) == ("#/weights", True)
        falls = await put(volume=["1000", "3000", "3000", "9000"])
        assert slug(falls) == (422, "key-account-policy-refused")
        assert slug(await put(volume=["1000"])) == (422, "invalid")
        assert (await put()).json()["version"] == 2
        assert slug(await put()) == (412, "stale")

        after = await made(customers, path, grades)
        assert (before["score"], before["policy_version"]) == ("3.60", 1)
        assert (after["score"], after["policy_version"]) == ("3.33", 2)
        assert [each["score"] for each in (await asked(customers, path))["items"]] == ["3.33", "3.60"]


async def test_a_customer_is_named_handed_over_and_ended_with_reasons(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, heir = await store(customers), await colleague(customers)
        path = f"customers/{shop}/key-account"
        assert slug(await customers.http.get(f"{BASE}/{path}")) == (404, "no-key-account")
        unknown = await post(customers, path, reason="x", assignee_id=str(nobody()))
        assert slug(unknown) == (422, "unknown-staff")
        account = await named(customers, shop)
        assert slug(await post(customers, path, reason="x")) == (409, "key-account-stands")
        assert await asked(customers, path) == account

        over = {"assignee_id": str(heir)}
        assert (await customers.http.patch(f"{BASE}/{path}", json=over)).status_code == 428
        changed = await customers.http.patch(f"{BASE}/{path}", json=over, headers={"If-Match": '"1"'})
        assert (changed.json()["assignee_id"], changed.json()["version"]) == (str(heir), 2)
        assert (changed.json()["customer_name"], changed.json()["assignee_name"]) == ("美丽人生美容院", "孙浩")
        [listed] = (await asked(customers, "key-accounts", assignee_id=str(heir)))["items"]
        assert (listed["score"], listed["trend"]) == (None, None)
        for partnership in (5, 1):
            grades = {**SAID, "partnership": partnership, "volume": 5, "concentration": 1, "reason": "x"}
            await made(customers, f"{path}/scores", grades)
        [listed] = (await asked(customers, "key-accounts"))["items"]
        assert (listed["score"], listed["trend"], listed["reason"]) == ("2.80", "-0.80", "七家店")

        ended = (await post(customers, f"{path}/end", reason="卖给别人了")).json()
        assert (ended["end_reason"], ended["ended_at"] is None) == ("卖给别人了", False)
        assert slug(await post(customers, f"{path}/end", reason="x")) == (404, "no-key-account")
        assert (await asked(customers, "key-accounts"))["items"] == []
        [past] = (await asked(customers, "key-accounts", ended="true", customer_id=str(shop)))["items"]
        assert past["id"] == account["id"]
        assert (await named(customers, shop))["id"] != account["id"], "it may become one again"


async def test_key_accounts_are_seen_by_those_who_see_the_customer(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers), await store(customers)
        seller = await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})
        account = await named(customers, shop)
        await named(customers, other)
        who = bearer("salesperson", seller)

        assert [each["id"] for each in (await asked(customers, "key-accounts", who))["items"]] == [account["id"]]
        hidden = await customers.http.get(f"{BASE}/customers/{other}/key-account", headers=who)
        assert slug(hidden) == (404, "customer-not-found")
        scored = await post(customers, f"customers/{other}/key-account/scores", who, **SAID)
        assert slug(scored) == (404, "customer-not-found")
        assert slug(await post(customers, f"customers/{shop}/key-account/end", who, reason="x"))[0] == 403


@pytest.mark.parametrize("both", [False, True])
async def test_a_merge_carries_it_over_and_an_erasure_takes_the_words(
    fresh_database: FreshDatabase, both: bool
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers, "王芳", kind="person"), await store(customers, "王方", kind="person")
        await named(customers, twice, reason="王芳有七家店")
        if both:
            await named(customers, kept, reason="王芳有两家店")
        grades = {**SAID, "volume": 5, "concentration": 1, "reason": "王芳说的"}
        await made(customers, f"customers/{twice}/key-account/scores", grades)
        merged = await customers.http.post(f"{BASE}/customers/{twice}/merge", json={"into": str(kept)})
        assert merged.status_code == 201, merged.text

        account = await asked(customers, f"customers/{twice}/key-account")
        assert (account["customer_id"], account["reason"]) == (str(kept), "王芳有两家店" if both else "王芳有七家店")
        own = await exported(customers, str(kept))
        assert [each["words"] for each in own["key_accounts"]] == [account["reason"]]
        assert [each["words"] for each in own["key_account_scores"]] == ["王芳说的"]

        gone = await customers.http.post(f"{BASE}/erasures", json={"customer_id": str(kept), "reason": "asked"})

        assert gone.status_code == 202, gone.text
        [past] = (await asked(customers, "key-accounts", ended="true"))["items"]
        assert (past["reason"], past["end_reason"], past["ended_by"]) == (None, None, None)
        [score] = (await asked(customers, f"customers/{kept}/key-account/scores"))["items"]
        assert (score["reason"], score["score"]) == (None, "3.60")
        late = await post(customers, f"customers/{kept}/key-account/scores", **grades)
        assert slug(late) == (409, "person-erased")


async def test_a_plan_has_goals_measures_and_advice_with_their_history(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        path = f"customers/{shop}/key-account/plan"
        goal: dict[str, Any] = {"kind": "goal", "text": "明年翻一番", "amount": "240000.00", "due_on": "2027-11-30"}
        assert slug(await post(customers, path, **goal)) == (404, "no-key-account")
        account = await named(customers, shop)

        reached = await made(customers, path, goal)
        measure = await made(customers, path, {"kind": "measure", "text": "每周培训店员", "due_on": "2026-12-31"})
        advice = await made(customers, path, {"kind": "advice", "text": "橱窗陈列由我们设计"})

        assert (reached["amount"], reached["assignee_id"], measure["assignee_id"]) == (
            "240000.00", None, account["assignee_id"],
        )  # fmt: skip
        assert (await asked(customers, path))["items"] == [advice, measure, reached]
        sealed = await customers.database.fetchval(
            "SELECT string_agg(encode(words, 'escape'), '') FROM account_plan_item"
        )
        assert "培训" not in sealed
        item = f"{BASE}/account-plan-items/{measure['id']}"
        assert (await customers.http.patch(item, json={"state": "done"})).status_code == 428
        customers.clock.forward(timedelta(days=3))
        first = {"If-Match": '"1"'}
        done = (await customers.http.patch(item, json={"state": "done"}, headers=first)).json()
        assert (done["state"], done["version"], done["closed_at"]) == (
            "done", 2, customers.clock.now().isoformat().replace("+00:00", "Z"),
        )  # fmt: skip
        assert slug(await customers.http.patch(item, json={"state": "open"}, headers=first)) == (412, "stale")
        past = (await asked(customers, f"account-plan-items/{measure['id']}/history"))["items"]
        assert [(each["version"], each["state"]) for each in past] == [(2, "done"), (1, "open")]
        assert [each["id"] for each in (await asked(customers, path, state="open"))["items"]] == [
            advice["id"], reached["id"],
        ]  # fmt: skip


@pytest.mark.parametrize(
    "said, refused",
    [
        ({"kind": "goal", "text": "x"}, "plan-item-refused"),
        ({"kind": "measure", "text": "x"}, "plan-item-refused"),
        ({"kind": "advice", "text": "x", "amount": "1.00"}, "plan-item-refused"),
        ({"kind": "dream", "text": "x"}, "invalid"),
        ({"kind": "advice", "text": " "}, "invalid"),
        ({"kind": "measure", "text": "x", "due_on": "2026-12-31", "assignee_id": str(nobody())}, "unknown-staff"),
    ],
)
async def test_what_cannot_stand_in_a_plan_is_refused(
    fresh_database: FreshDatabase, said: dict[str, Any], refused: str
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await named(customers, shop)
        assert slug(await post(customers, f"customers/{shop}/key-account/plan", **said)) == (422, refused)
        assert (await asked(customers, f"customers/{shop}/key-account/plan"))["items"] == []


async def test_risks_are_judged_again_closed_and_seen_by_those_who_see_the_customer(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers), await store(customers)
        await named(customers, shop)
        path = f"customers/{shop}/key-account/risks"
        risk: dict[str, Any] = {"likelihood": 2, "impact": 5, "seen": "儿子在学美容"}
        assert slug(await post(customers, path, kind="weather", **risk)) == (422, "invalid")
        assert slug(await post(customers, path, kind="profit", **{**risk, "impact": 6})) == (422, "invalid")
        kinds = ("finance", "profit", "management", "leaving", "starting_on_their_own")
        *_, last = [await made(customers, path, {"kind": kind, **risk}) for kind in kinds]
        assert (last["kind"], last["weight"], last["open"]) == ("starting_on_their_own", 10, True)

        one, given = f"{BASE}/account-risks/{last['id']}", {"If-Match": '"1"'}
        worse = await customers.http.patch(one, json={"likelihood": 4, "done": "请他来参观"}, headers=given)
        assert (worse.json()["weight"], worse.json()["done"]) == (20, "请他来参观")
        assert slug(await customers.http.patch(one, json={"open": False}, headers=given)) == (412, "stale")
        closed = await customers.http.patch(one, json={"open": False}, headers={"If-Match": '"2"'})
        assert (closed.json()["open"], closed.json()["closed_at"] is None) == (False, False)
        past = (await asked(customers, f"account-risks/{last['id']}/history"))["items"]
        assert [(each["version"], each["likelihood"]) for each in past] == [(3, 4), (2, 4), (1, 2)]
        assert len((await asked(customers, path, open="true"))["items"]) == 4
        seller = await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{other}/team", json={"salesperson": str(seller)})
        who = bearer("salesperson", seller)
        hidden = await customers.http.patch(one, json={"impact": 1}, headers={**who, "If-Match": "*"})
        assert slug(hidden) == (404, "no-such-account-risk")


async def test_plan_and_risks_go_over_with_a_merge_and_their_words_with_the_person(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        kept, twice = await store(customers, "王芳", kind="person"), await store(customers, "王方", kind="person")
        await named(customers, twice)
        base = f"customers/{twice}/key-account"
        item = await made(customers, f"{base}/plan", {"kind": "advice", "text": "王芳要新招牌"})
        risk = {"kind": "leaving", "likelihood": 1, "impact": 1, "seen": "王芳想退休"}
        await made(customers, f"{base}/risks", risk)
        merged = await customers.http.post(f"{BASE}/customers/{twice}/merge", json={"into": str(kept)})
        assert merged.json()["moved"] == {"account_plan_item": 1, "account_risk": 1, "key_account": 1}
        own = await exported(customers, str(kept))
        assert [each["words"] for each in own["account_plan"]] == ['{"text":"王芳要新招牌"}']
        assert ["王芳想退休" in each["words"] for each in own["account_risks"]] == [True]

        gone = await customers.http.post(f"{BASE}/erasures", json={"customer_id": str(kept), "reason": "asked"})

        assert gone.status_code == 202, gone.text
        [planned] = (await asked(customers, f"customers/{kept}/key-account/plan"))["items"]
        [standing] = (await asked(customers, f"customers/{kept}/key-account/risks"))["items"]
        assert (planned["text"], standing["seen"], standing["impact"]) == (None, None, 1)
        late = await customers.http.patch(
            f"{BASE}/account-plan-items/{item['id']}", json={"text": "x"}, headers={"If-Match": "*"}
        )
        assert slug(late) == (409, "person-erased")


def granted(shop: UUID, cost: str, kind: CompensationKind = "compensation", **more: Any) -> CompensationGranted:
    known = {"complaint_id": nobody(), "compensation_id": nobody(), "at": may(9), **more}
    return CompensationGranted.model_validate({"customer_id": shop, "kind": kind, "cost": cost, **known})


def touched(shop: UUID, minutes: int | None, at: datetime) -> TouchDone:
    return TouchDone(
        task_id=nobody(),
        customer_id=shop,
        kind="obligation",
        role="salesperson",
        contact="visit",
        at=at,
        minutes=minutes,
    )


async def test_what_is_left_after_serving_is_told_by_month_and_year(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers), await store(customers)
        line = {"product": "面膜", "quantity": 10, "amount": "800.00", "cost": "500.00"}
        entry = await bought(customers, shop, "1000.00", may(), lines=[line])
        back = {"amount": "80.00", "lines": [{**line, "quantity": 1, "amount": "80.00", "cost": "50.00"}]}
        await made(customers, f"purchases/{entry}/returns", {**back, "occurred_at": may(8).isoformat()})
        await bought(customers, shop, "500.00", datetime(2026, 6, 3, 4, tzinfo=UTC))
        await customers.given(touched(shop, 45, may(9)), touched(shop, None, may(10)), touched(other, 60, may(9)))
        gift, mistaken = granted(shop, "30.00", "gift"), granted(shop, "99.00")
        await customers.given(granted(shop, "12.50", "goodwill"), gift, mistaken, granted(other, "7.00"))
        await customers.given(CompensationWithdrawn.model_validate(mistaken.model_dump()), version=2)

        found = await asked(customers, f"customers/{shop}/key-account/result", year="2026")

        [month] = [each for each in found["months"] if each["month"] == "2026-05"]
        assert month == {
            "month": "2026-05", "sales": "920.00", "estimated": "200.00", "margin": "330.00", "touches": 2,
            "unknown_touches": 1, "touch_costs": "45.00", "gifts": "30.00", "compensation": "12.50", "result": "242.50",
        }  # fmt: skip
        assert (len(found["months"]), found["margin_share"], found["hourly"]) == (12, "0.30", "60.00")
        whole = found["whole"]
        assert (whole["month"], whole["sales"], whole["margin"], whole["result"]) == (
            None, "1420.00", "480.00", "392.50",
        )  # fmt: skip
        nothing = await asked(customers, f"customers/{shop}/key-account/result", year="2025")
        assert nothing["whole"]["result"] == "0.00"


async def test_what_is_withdrawn_stays_so_and_goes_with_its_case_and_customer(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other, third = await store(customers), await store(customers), await store(customers)

        async def given_to(whose: UUID) -> str:
            found = await asked(customers, f"customers/{whose}/key-account/result", year="2026")
            return str(found["whole"]["compensation"])

        taken, kept = granted(shop, "50.00"), granted(shop, "20.00")
        await customers.given(CompensationWithdrawn.model_validate(taken.model_dump()))
        await customers.given(taken, kept, granted(shop, "5.00", customer_id=None))
        assert await given_to(shop) == "20.00"
        corrected = ComplaintCorrected.model_validate(
            {
                "complaint_id": kept.complaint_id,
                "customer_id": other,
                "number": "C-1",
                "kind": "complaint",
                "subject": "quality",
                "state": "open",
                "recorded_at": may(9),
                "at": may(10),
            }
        )
        await customers.given(corrected, version=2)
        assert (await given_to(shop), await given_to(other)) == ("0.00", "20.00")
        merged = await customers.http.post(f"{BASE}/customers/{other}/merge", json={"into": str(third)})
        assert merged.status_code == 201, merged.text
        assert await given_to(third) == "20.00"
        await customers.given(granted(other, "1.00"), version=3)
        assert await given_to(third) == "21.00", "what is told of who was merged is the kept one's"


async def test_the_relationship_to_aim_for_follows_margin_and_how_many_there_are(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, _ = await store(customers), await store(customers)
        path = f"customers/{shop}/relationship-level"
        await bought(customers, shop, "12000.00", may())  # 300 a month are left

        aimed = await asked(customers, path)
        assert (aimed["level"], aimed["margin"], aimed["margin_class"], aimed["how_many"]) == (
            "proactive", "300.00", "medium", "few",
        )  # fmt: skip
        rule = await asked(customers, "relationship-policy")
        body = {name: rule[name] for name in ("levels", "margin_from", "customers_from", "hourly")}

        async def put(version: str = '"1"', **said: Any) -> httpx.Response:
            given = {"If-Match": version}
            return await customers.http.put(f"{BASE}/relationship-policy", json={**body, **said}, headers=given)

        for wrong in ({"margin_from": ["300", "300"]}, {"customers_from": [9, 3]}):
            assert slug(await put(**wrong)) == (422, "relationship-policy-refused")
        upside = {**body["levels"], "few": {**body["levels"]["few"], "high": "basic"}}
        assert slug(await put(levels=upside)) == (422, "relationship-policy-refused")
        assert slug(await put(levels={"few": body["levels"]["few"]})) == (422, "invalid")
        tier = aimed["tier"]
        counted = await customers.database.fetchval("SELECT count(*) FROM customer WHERE tier = $1", tier)
        changed = await put(customers_from=[counted, counted + 1], margin_from=["300.01", "400"])
        assert (changed.status_code, changed.json()["version"]) == (200, 2)
        aimed = await asked(customers, path)
        assert (aimed["level"], aimed["margin_class"], aimed["how_many"], aimed["customers"]) == (
            "reactive", "low", "medium", counted,
        )  # fmt: skip
        hidden = await customers.http.get(f"{BASE}/{path}", headers=bearer("salesperson", await colleague(customers)))
        assert slug(hidden) == (404, "customer-not-found")
