"""By which figures customers are judged, and scores that are said by hand (domain 2.5, 2.6)."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.customers.worth_policies.domain import FIRST, LifeRules, ModelRules, SegmentRules, WarningRules
from shared.contracts.early_warnings import ChurnWarned
from shared.contracts.worth import SegmentChanged
from tests.customers.network import BASE, bought, colleague, nobody, slug, store
from tests.customers.test_early_warnings import come_to, policy_id, with_a_rhythm
from tests.customers.test_lifecycle import FIFTHS, noon
from tests.customers.test_segments import MONTHS
from tests.customers.test_worth import WORTH, profile
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

POLICY = f"{BASE}/worth-policy"


async def policy(customers: OneService) -> dict[str, Any]:
    answer = await customers.http.get(POLICY)
    assert answer.status_code == 200, answer.text
    return {part: answer.json()[part] for part in ("segments", "life", "warnings")}


async def override(customers: OneService, shop: UUID, **body: Any) -> Any:
    said = {"dimension": "size", "score": "5000.00", "until": "2026-11-30", "reason": "新店装修", **body}
    return await customers.http.post(f"{BASE}/customers/{shop}/segment-overrides", json=said)


async def test_the_first_policy_is_the_one_that_the_code_knows(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        found = await policy(customers)
        assert SegmentRules.kept(found["segments"]) == FIRST.segments
        assert LifeRules.kept(found["life"]) == FIRST.life
        assert WarningRules.kept(found["warnings"]) == FIRST.warnings
        model = (await customers.http.get(POLICY)).json()["model"]
        assert ModelRules.kept(model) == FIRST.model
        body = {**found, "model": {**model, "hour": 5, "days_ahead": 30}}
        changed = await customers.http.put(POLICY, json=body, headers={"If-Match": '"1"'})
        assert changed.json()["model"] == {"hour": 5, "fewest": 30, "days_ahead": 30}
        same = await customers.http.put(POLICY, json=found, headers={"If-Match": '"2"'})
        assert (same.json()["model"]["hour"], same.headers["ETag"]) == (5, '"2"'), "as it stands unless said"
        shop = await store(customers)
        assert (await customers.http.get(f"{BASE}/customers/{shop}/expected")).json()["days"] == 30


async def test_a_new_policy_judges_everybody_anew(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        for month in MONTHS:
            await bought(customers, shop, "3000.00", month)
        await customers.run_loops(WORTH)
        assert (await profile(customers, shop))["segments"]["size"] == "large"
        body = await policy(customers)
        body["segments"]["large_from"] = "3000.01"

        answer = await customers.http.put(POLICY, json=body, headers={"If-Match": '"1"'})

        assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"'), answer.text
        await customers.run_loops(WORTH)
        assert (await profile(customers, shop))["segments"]["size"] == "small"
        *_, turned = await customers.events(SegmentChanged)
        fact = turned.read(SegmentChanged)
        assert (fact.loyalty_size, turned.historical) == ("tomorrow", False)
        judged_by = (fact.policy_version, str(fact.policy_id))
        assert judged_by == (2, await policy_id(customers, 2))
        said = (await profile(customers, shop))["scores"]
        assert (said["policy_version"], said["policy_id"]) == judged_by
        past = (await customers.http.get(f"{BASE}/customers/{shop}/segment-history")).json()["items"]
        assert {each["scores"]["policy_version"] for each in past[:-1]} == {1}, "what was judged before stays"
        assert (past[-1]["scores"]["policy_version"], past[-1]["scores"]["policy_id"]) == judged_by
        asked = await customers.http.get(f"{BASE}/customers/{shop}/segments")
        assert asked.json()["size"] == {"monthly": "3000.00", "level": "small"}
        life = (await customers.http.get(f"{BASE}/customers/{shop}/lifecycle")).json()
        for today in (asked.json(), life):
            assert (today["policy_version"], today["policy_id"]) == judged_by
        again = await customers.http.put(POLICY, json=body, headers={"If-Match": '"2"'})
        assert again.headers["ETag"] == '"2"', "the same again is no version"


async def test_a_policy_that_cannot_hold_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for part, field, value in (
            ("segments", "for_buying", "0"),
            ("segments", "for_regularity", "50"),
            ("segments", "size_months", 7),
            ("life", "stable_from", 3),
        ):
            body = await policy(customers)
            body[part][field] = value
            answer = await customers.http.put(POLICY, json=body, headers={"If-Match": '"1"'})
            assert slug(answer) == (422, "worth-policy-refused"), (part, field)
        body = await policy(customers)
        body["life"]["late"] = 0
        assert slug(await customers.http.put(POLICY, json=body, headers={"If-Match": '"1"'})) == (422, "invalid")
        body = await policy(customers)
        assert (await customers.http.put(POLICY, json=body)).status_code == 428
        salesperson = bearer("salesperson", await colleague(customers))
        answer = await customers.http.put(POLICY, json=body, headers={"If-Match": '"1"', **salesperson})
        assert answer.status_code == 403


async def test_a_longer_patience_warns_later(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await with_a_rhythm(customers)
        body = await policy(customers)
        body["warnings"]["times_interval"] = "2"
        await customers.http.put(POLICY, json=body, headers={"If-Match": '"1"'})
        await come_to(customers, date(2026, 10, 5))
        assert (await profile(customers, shop))["warning"] is None
        await come_to(customers, date(2026, 10, 6))
        [warned] = await customers.facts(ChurnWarned)
        assert warned.reasons[0].days == 62


async def test_a_score_said_by_hand_stands_until_its_end(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)

        answer = await override(customers, shop)

        assert (answer.status_code, answer.json()["reason"]) == (201, "新店装修"), answer.text
        await customers.run_loops(WORTH)
        said = await profile(customers, shop)
        assert (said["segments"]["size"], said["scores"]["size"]) == ("large", "5000.00")
        shown = (await customers.http.get(f"{BASE}/customers/{shop}/segments")).json()
        assert (shown["size"]["level"], shown["overridden"]) == ("large", ["size"])
        await override(customers, shop, dimension="credit", score="70")
        await override(customers, shop, dimension="credit", score="69.99")
        await customers.run_loops(WORTH)
        assert (await profile(customers, shop))["segments"]["cell"] == "low_low_large"
        listed = (await customers.http.get(f"{BASE}/customers/{shop}/segment-overrides")).json()
        assert [(each["score"], each["ended_at"] is None) for each in listed] == [
            ("69.99", True), ("70.00", False), ("5000.00", True),
        ]  # fmt: skip
        sealed = await customers.database.fetchval("SELECT encode(words, 'escape') FROM segment_override LIMIT 1")
        assert "新店" not in sealed
        assert [event.historical for event in await customers.events(SegmentChanged)] == [True, True]

        customers.clock.move_to(noon(date(2026, 12, 1)))
        await customers.run_loops(WORTH)

        assert (await profile(customers, shop))["segments"]["size"] == "small", "its last day is over"
        assert not (await customers.events(SegmentChanged))[-1].historical, "of what time brings everybody is told"
        path = f"{BASE}/customers/{shop}/segment-overrides/size"
        assert (await customers.http.delete(path)).status_code == 204
        assert slug(await customers.http.delete(path)) == (404, "no-segment-override")


@pytest.mark.parametrize(
    "body, answer",
    [
        ({"until": "2020-01-01"}, (422, "segment-override-refused")),
        ({"until": "2036-01-01"}, (422, "segment-override-refused")),
        ({"until": None}, (422, "invalid")),
        ({"dimension": "loyalty", "score": "100.01"}, (422, "segment-override-refused")),
        ({"score": "-1"}, (422, "invalid")),
        ({"reason": ""}, (422, "invalid")),
        ({"dimension": "mood"}, (422, "invalid")),
    ],
    ids=["over", "far", "without end", "more than all", "negative", "no reason", "no dimension"],
)
async def test_a_score_that_cannot_be_said(
    fresh_database: FreshDatabase, body: dict[str, Any], answer: tuple[int, str]
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        assert slug(await override(customers, await store(customers), **body)) == answer


async def test_who_sees_a_customer_and_may_says_a_score(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        assert slug(await override(customers, nobody())) == (404, "customer-not-found")
        path = f"{BASE}/customers/{shop}/segment-overrides"
        seller = bearer("salesperson", await colleague(customers))
        assert slug(await customers.http.get(path, headers=seller)) == (404, "customer-not-found")
        body = {"dimension": "size", "score": "1.00", "until": "2026-11-30", "reason": "x"}
        assert (await customers.http.post(path, json=body, headers=seller)).status_code == 403


def test_decimals_are_kept_as_texts() -> None:
    assert FIRST.life.plain()["fallen_to"] == "0.70"
    assert LifeRules.kept(FIRST.life.plain()) == FIRST.life
    assert WarningRules.kept({"times_interval": "2"}).times_interval == Decimal(2)


async def test_every_version_of_a_policy_of_worth_can_be_read(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for path, said in (
            ("worth-policy", {}),
            ("signal-policy", {"overdue_days": 31}),
            ("winback-policy", {"days": 31}),
            ("key-account-policy", {"volume": ["1", "2", "3", "4"]}),
            ("relationship-policy", {"hourly": "99.00"}),
        ):
            first = (await customers.http.get(f"{BASE}/{path}")).json()
            body = {name: first[name] for name in first if name not in ("version", "set_at", "set_by")} | said
            if path == "worth-policy":
                body["warnings"]["few_days"] = 70
                first = (await customers.http.get(f"{BASE}/{path}")).json()
            second = await customers.http.put(f"{BASE}/{path}", json=body, headers={"If-Match": '"1"'})
            assert second.status_code == 200, second.text

            listed = await customers.http.get(f"{BASE}/{path}/versions", params={"limit": 1})
            following = {"limit": 1, "cursor": listed.json()["next"]}
            rest = (await customers.http.get(f"{BASE}/{path}/versions", params=following)).json()

            assert (listed.json()["items"], rest["items"], rest["next"]) == ([first], [second.json()], None)
            assert (await customers.http.get(f"{BASE}/{path}/versions/1")).json() == first
            assert (await customers.http.get(f"{BASE}/{path}/versions/2")).json() == second.json()
            assert slug(await customers.http.get(f"{BASE}/{path}/versions/3")) == (404, "no-such-policy-version")
            assert slug(await customers.http.get(f"{BASE}/{path}/versions/0")) == (422, "invalid")
            partner = bearer("partner")
            assert (await customers.http.get(f"{BASE}/{path}/versions", headers=partner)).status_code == 403
