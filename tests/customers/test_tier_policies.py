"""Tier policies: versions with a start, windows, previews; and tiers set by hand (domain 2.4)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.customers import TierChanged
from shared.months import Month
from tests.customers.network import BASE, bought, close, history, made, nobody, slug, store, tier
from tests.postgres import FreshDatabase
from tests.support import ADMIN_ID, OneService, bearer, one_service

THRESHOLDS = {"A": "250", "B": "90", "C": "30"}
AUGUST, SEPTEMBER, OCTOBER = (datetime(2026, month, 15, tzinfo=UTC) for month in (8, 9, 10))


async def policy(customers: OneService, **more: Any) -> dict[str, Any]:
    return await made(customers, "tier-policies", {"thresholds": THRESHOLDS, **more})


async def test_a_policy_is_a_new_version_that_starts_today(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        new = await policy(customers, grade_factors={"mid": "1", "high": "1"})

        assert (new["version"], new["starts_on"], new["window_months"]) == (2, "2026-11-04", 1)
        listed = (await customers.http.get(f"{BASE}/tier-policies")).json()["items"]
        assert [(item["version"], item["thresholds"]["A"]) for item in listed] == [(1, "10000.00"), (2, "250.00")]
        assert (await customers.http.get(f"{BASE}/tier-policies/{new['id']}")).json() == new
        assert slug(await customers.http.get(f"{BASE}/tier-policies/{nobody()}")) == (404, "unknown-tier-policy")
        audited = (await customers.http.get(f"{BASE}/audit", params={"subject": new["id"]})).json()["items"]
        assert [(entry["what"], entry["made_by"]) for entry in audited] == [("tier_policy.added", str(ADMIN_ID))]


async def test_a_policy_that_cannot_hold_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"thresholds": {"A": "90", "B": "90", "C": "30"}}, "tier-policy-refused"),
            ({"thresholds": {"A": "30", "B": "90", "C": "250"}}, "tier-policy-refused"),
            ({"thresholds": {"A": "3", "B": "2", "C": "0"}}, "invalid"),
            ({"thresholds": {"A": "3", "B": "2"}}, "invalid"),
            ({"thresholds": {**THRESHOLDS, "E": "1"}}, "invalid"),
            ({"thresholds": {**THRESHOLDS, "A": "1e99"}}, "invalid"),
            ({"grade_factors": {"mid": "0"}}, "invalid"),
            ({"grade_factors": {"low": "1"}}, "invalid"),
            ({"window_months": 0}, "invalid"),
            ({"window_months": 13}, "invalid"),
            ({"starts_on": "9999-12-31"}, "invalid"),
            ({"starts_on": "soon"}, "invalid"),
        ]
        for fields, expected in wrong:
            answer = await customers.http.post(f"{BASE}/tier-policies", json={"thresholds": THRESHOLDS, **fields})
            assert slug(answer) == (422, expected), fields
        refused = await customers.http.post(f"{BASE}/tier-policies", json={}, headers=bearer("salesperson"))
        assert slug(refused) == (403, "forbidden")
        assert len((await customers.http.get(f"{BASE}/tier-policies")).json()["items"]) == 1


async def test_a_policy_that_starts_lifts_and_never_lowers(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        low, high = await store(customers), await store(customers)
        await bought(customers, low, "100.00")
        await bought(customers, high, "3000.00")

        await policy(customers, thresholds={"A": "9000", "B": "5000", "C": "100"})

        assert [await tier(customers, shop) for shop in (low, high)] == ["C", "B"]
        assert await history(customers, low) == [("D", "C", "policy")]
        [change] = [fact for fact in await customers.facts(TierChanged) if fact.cause == "policy"]
        assert (change.policy_version, str(change.total)) == (2, "100.00")


async def test_an_announced_policy_starts_on_its_day(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "50.00")
        await policy(customers, starts_on="2026-11-11")
        assert (await customers.run_loops("tier policies"), await tier(customers, shop)) == (0, "D")

        customers.clock.move_to(datetime(2026, 11, 10, 15, 59, tzinfo=UTC))
        assert (await customers.run_loops("tier policies"), await tier(customers, shop)) == (0, "D")
        customers.clock.move_to(datetime(2026, 11, 10, 16, 0, tzinfo=UTC))

        assert (await customers.run_loops("tier policies"), await tier(customers, shop)) == (1, "C")


async def test_a_month_is_judged_by_the_policy_of_its_first_day(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "1000.00")
        await policy(customers, starts_on="2026-11-02")
        assert await tier(customers, shop) == "A", "what has started lifts in the running month"
        customers.clock.move_to(datetime(2026, 12, 2, tzinfo=UTC))

        assert (await close(customers, "2026-11"))["policy_version"] == 1
        assert await tier(customers, shop) == "C"
        customers.clock.move_to(datetime(2027, 1, 2, tzinfo=UTC))
        assert (await close(customers, "2026-12"))["policy_version"] == 2


async def test_a_policy_made_for_a_takeover_judges_the_months_from_its_start(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "100.00", AUGUST)
        await policy(customers, starts_on="2026-08-01")

        closed = await close(customers, "2026-08")

        assert (closed["policy_version"], closed["tiers"]["B"]["customers"]) == (2, 1)
        [event] = await customers.events(TierChanged)
        assert event.historical


async def test_of_policies_recorded_together_the_latest_start_before_a_month_judges_it(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        for year in (2015, 2016):
            await bought(customers, shop, "100.00", datetime(year, 6, 10, tzinfo=UTC))
        later = await policy(customers, starts_on="2016-01-01")
        former = await policy(customers, starts_on="2015-01-01")
        again = await policy(customers, starts_on="2015-01-01")
        within = await policy(customers, starts_on="2015-06-02")
        shadowed = await policy(customers, starts_on="2015-12-31")

        judged = {}
        for ordinal in range(Month(2015, 6).ordinal, Month(2016, 2).ordinal):
            month = str(Month.at(ordinal))
            judged[month] = (await close(customers, month))["policy_version"]

        assert [judged[month] for month in ("2015-06", "2015-07", "2015-12", "2016-01")] == [
            again["version"],
            within["version"],
            within["version"],
            later["version"],
        ]
        listed = (await customers.http.get(f"{BASE}/tier-policies")).json()["items"]
        assert {item["version"]: item["judges_from"] for item in listed} == {
            1: "1990-01",
            later["version"]: "2016-01",
            former["version"]: None,
            again["version"]: "2015-01",
            within["version"]: "2015-07",
            shadowed["version"]: None,
        }


async def test_a_policy_that_starts_in_a_closed_month_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "100.00", AUGUST)
        await policy(customers, starts_on="2026-08-01")
        for month in ("2026-08", "2026-09"):
            await close(customers, month)

        for start in ("2026-08-01", "2026-08-20", "2026-09-30", "2020-01-01"):
            body = {"thresholds": THRESHOLDS, "starts_on": start}
            answer = await customers.http.post(f"{BASE}/tier-policies", json=body)
            refused = start != "2020-01-01"  # another one has started before the first closed month
            assert answer.status_code == (409 if refused else 201), start
            if refused:
                assert (answer.json()["slug"], "2026-10-01" in answer.json()["detail"]) == (
                    "starts-in-closed-month",
                    True,
                )
        assert (await policy(customers, starts_on="2026-10-01"))["judges_from"] == "2026-10"
        assert (await policy(customers))["judges_from"] == "2026-12"
        assert (await close(customers, "2026-10"))["policy_version"] == 4


async def test_a_policy_that_would_judge_a_closed_month_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "100.00", AUGUST)
        await close(customers, "2026-08")

        body = {"thresholds": THRESHOLDS, "starts_on": "2026-07-15"}
        answer = await customers.http.post(f"{BASE}/tier-policies", json=body)

        assert slug(answer) == (409, "starts-in-closed-month")


async def test_a_window_averages_over_the_months_since_the_first_purchase(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await policy(customers, window_months=3, starts_on="2026-08-01")
        young, old = await store(customers), await store(customers)
        await bought(customers, old, "90.00", AUGUST)
        await bought(customers, young, "90.00", SEPTEMBER)

        tiers = []
        for month in ("2026-08", "2026-09", "2026-10"):
            await close(customers, month)
            tiers.append([await tier(customers, shop) for shop in (young, old)])

        assert tiers == [["D", "B"], ["B", "C"], ["C", "C"]]
        await bought(customers, old, "29.99")
        assert await tier(customers, old) == "C"
        await bought(customers, old, "240.02")
        assert await history(customers, old) == [
            ("D", "B", "close"),
            ("B", "C", "close"),
            ("C", "B", "purchase"),
        ]


async def test_a_policy_may_wait_for_the_close_to_lift(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await policy(customers, up_at_once=False, starts_on="2026-11-01")
        shop = await store(customers)
        await bought(customers, shop, "300.00")
        assert await tier(customers, shop) == "D"
        customers.clock.move_to(datetime(2026, 12, 2, tzinfo=UTC))

        await close(customers, "2026-11")

        assert await history(customers, shop) == [("D", "A", "close")]


async def test_a_preview_says_who_would_move_and_moves_nobody(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shops = [await store(customers) for _ in range(4)]
        for shop, amount in zip(shops, ("1000.00", "1000.00", "3000.00", "20.00"), strict=True):
            await bought(customers, shop, amount)
        new = await policy(customers, thresholds={"A": "9000", "B": "5000", "C": "20"}, starts_on="2027-01-01")
        url = f"{BASE}/tier-policies/{new['id']}/preview"

        first = (await customers.http.get(url, params={"limit": 1})).json()
        second = (await customers.http.get(url, params={"limit": 1, "cursor": first["next"]})).json()

        assert (first["customers"], first["moves"]) == (2, {"B>C": 1, "D>C": 1})
        assert [(item["customer_id"], item["from"], item["to"], item["total"]) for item in first["items"]] == [
            (str(shops[2]), "B", "C", "3000.00")
        ]
        assert ([item["customer_id"] for item in second["items"]], second["next"]) == ([str(shops[3])], None)
        assert [await tier(customers, shop) for shop in shops] == ["C", "C", "B", "D"]


async def override(customers: OneService, shop: UUID, tag: str | None = None, **more: Any) -> Any:
    body = {"tier": "A", "reason": "新店扶持", "until": "2026-12-31", **more}
    return await customers.http.put(
        f"{BASE}/customers/{shop}/tier-override", json=body, headers={} if tag is None else {"If-Match": tag}
    )


async def test_a_tier_set_by_hand_holds_until_its_day_is_over(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await bought(customers, shop, "1000.00")

        answer = await override(customers, shop)

        assert (answer.status_code, answer.json()["until"]) == (200, "2026-12-31T16:00:00Z")
        await bought(customers, shop, "2000.00")
        customers.clock.move_to(datetime(2026, 12, 5, tzinfo=UTC))
        assert (await close(customers, "2026-11"))["changed"] == 0
        assert await tier(customers, shop) == "A"
        customers.clock.move_to(datetime(2026, 12, 31, 15, 59, tzinfo=UTC))
        assert await customers.run_loops("tier overrides") == 0
        customers.clock.move_to(datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
        assert await customers.run_loops("tier overrides") == 1
        assert await history(customers, shop) == [
            ("D", "C", "purchase"),
            ("C", "A", "override"),
            ("A", "B", "override_ended"),
        ]
        changes = [
            event for event in await customers.events(TierChanged) if event.read(TierChanged).cause != "purchase"
        ]
        assert [event.historical for event in changes] == [True, True]
        assert [str(event.read(TierChanged).total) for event in changes] == ["1000.00", "3000.00"]
        assert slug(await customers.http.get(f"{BASE}/customers/{shop}/tier-override")) == (404, "no-override")


async def test_an_override_is_replaced_with_its_etag_and_can_end_early(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        first = await override(customers, shop, tier="B")

        without = await override(customers, shop, tier="C")
        stale = await override(customers, shop, '"1"', tier="C")
        second = await override(customers, shop, first.headers["ETag"], tier="C")
        shown = await customers.http.get(f"{BASE}/customers/{shop}/tier-override")
        url = f"{BASE}/customers/{shop}/tier-override"
        ended = await customers.http.delete(url, headers={"If-Match": second.headers["ETag"]})

        assert slug(without) == (428, "precondition-required")
        assert slug(stale) == (412, "stale")
        assert (shown.json()["tier"], shown.headers["ETag"]) == ("C", second.headers["ETag"])
        assert (ended.status_code, await tier(customers, shop)) == (204, "D")
        assert slug(await customers.http.delete(url, headers={"If-Match": "*"})) == (404, "no-override")
        audited = (await customers.http.get(f"{BASE}/audit", params={"subject": str(shop)})).json()["items"]
        assert [(entry["what"], entry["made_by"]) for entry in audited] == [
            ("tier.override_ended", str(ADMIN_ID)),
            ("tier.overridden", str(ADMIN_ID)),
            ("tier.overridden", str(ADMIN_ID)),
        ], "and nothing of what was refused"


async def test_the_reason_of_an_override_lies_sealed(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, old = await store(customers), await store(customers)
        assert (await override(customers, shop)).json()["reason"] == "新店扶持"
        await override(customers, old)
        await customers.database.execute(
            "UPDATE tier_override SET reason = '王女士是老客户', words = NULL WHERE customer_id = $1", old
        )
        assert await _reason(customers, old) == "王女士是老客户", "as an earlier release wrote it"

        assert (await customers.run_loops("tier reasons"), await customers.run_loops("tier reasons")) == (1, 0)

        assert [await _reason(customers, each) for each in (shop, old)] == ["新店扶持", "王女士是老客户"]
        rows = await customers.database.fetch("SELECT reason, words FROM tier_override")
        assert [row["reason"] for row in rows] == ["", ""]
        assert not any("王女士".encode() in row["words"] for row in rows)


async def _reason(customers: OneService, shop: UUID) -> str:
    reason: str = (await customers.http.get(f"{BASE}/customers/{shop}/tier-override")).json()["reason"]
    return reason


async def test_an_override_that_cannot_hold_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"until": "2026-11-03"}, "override-refused"),
            ({"until": (customers.clock.now() - timedelta(hours=1)).isoformat()}, "override-refused"),
            ({"until": "2036-01-01"}, "override-refused"),
            ({"until": "9999-12-31"}, "invalid"),
            ({"until": None}, "invalid"),
            ({"reason": ""}, "invalid"),
            ({"tier": "E"}, "invalid"),
        ]
        for fields, expected in wrong:
            assert slug(await override(customers, shop, **fields)) == (422, expected), fields
        assert slug(await override(customers, nobody())) == (404, "customer-not-found")
        history_of_nobody = await customers.http.get(f"{BASE}/customers/{nobody()}/tier-history")
        assert slug(history_of_nobody) == (404, "customer-not-found")
        assert await customers.events(TierChanged) == []


async def test_an_override_that_sets_the_standing_tier_pins_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)

        await override(customers, shop, tier="D")
        await bought(customers, shop, "9000.00")

        assert (await tier(customers, shop), await history(customers, shop)) == ("D", [])
