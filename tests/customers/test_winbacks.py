"""Winning back who has left (domain 2.6, examples 22)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.customers.winbacks.domain import Rates
from shared.contracts.winbacks import (
    CustomerDismissalWithdrawn,
    CustomerDismissed,
    WinbackEnded,
    WinbackOffered,
    WinbackOpened,
)
from tests.customers.network import BASE, bought, colleague, nobody, slug, store
from tests.postgres import FreshDatabase
from tests.support import START, OneService, bearer, one_service

MONTHS = [datetime(2025 + (9 + n) // 12, (9 + n) % 12 + 1, 10, 4, tzinfo=UTC) for n in range(12)]
"""October 2025 to September 2026: by November it is warned of."""


WORTH = "customers.worth"


async def worth(customers: OneService, a_month: str) -> UUID:
    """A store that has bought for so much in each of twelve months, and then no more."""
    shop = await store(customers)
    for month in MONTHS:
        await bought(customers, shop, a_month, month)
    await customers.run_loops(WORTH)
    return shop


async def ask(customers: OneService, shop: UUID, kind: str = "disappointed", **more: Any) -> httpx.Response:
    body = {"customer_id": str(shop), "kind": kind, "cause": "core_service", **more}
    return await customers.http.post(f"{BASE}/winbacks", json=body)


async def opened(customers: OneService, shop: UUID, **more: Any) -> dict[str, Any]:
    answer = await ask(customers, shop, **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def post(
    customers: OneService, case: dict[str, Any], what: str, who: dict[str, str] | None = None, **body: Any
) -> httpx.Response:
    return await customers.http.post(f"{BASE}/winbacks/{case['id']}/{what}", json=body, headers=who)


async def offers(customers: OneService, by: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """What waits for the approval of somebody."""
    answer = await customers.http.get(f"{BASE}/me", headers=by)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["offers"])


def after(**time: int) -> str:
    return (START + timedelta(**time)).isoformat().replace("+00:00", "Z")


@pytest.mark.example(22)
async def test_everything_is_done_for_an_a(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await worth(customers, "10500.00")

        case = await opened(customers, shop)

        assert (case["tier"], case["yearly"], case["offer_limit"]) == ("A", "126000.00", "3780.00")
        assert (case["opened_at"], case["call_due_at"], case["visit_due_at"]) == (
            after(), after(hours=24), after(days=7),
        )  # fmt: skip
        assert case["message_due_at"] is None
        [fact] = await customers.facts(WinbackOpened)
        assert (fact.winback_id, fact.tier, fact.kind, fact.cause) == (
            UUID(case["id"]), "A", "disappointed", "core_service",
        )  # fmt: skip
        assert slug(await ask(customers, shop)) == (409, "winback-open")


@pytest.mark.example(22)
async def test_above_the_limit_somebody_else_has_to_approve(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        case = await opened(customers, await worth(customers, "4000.00"), kind="competitor")
        assert (case["tier"], case["yearly"], case["offer_limit"]) == ("B", "48000.00", "720.00")
        assert (case["call_due_at"], case["visit_due_at"]) == (after(days=5), None)

        agreed = await post(customers, case, "offer", amount="720.00", text="a month of free samples")
        assert (agreed.status_code, agreed.json()["offer_state"]) == (200, "agreed")
        asked = (await post(customers, case, "offer", amount="720.01", text="and a poster")).json()
        assert (asked["offer_state"], asked["offer_text"]) == ("awaits_approval", "and a poster")
        assert slug(await post(customers, case, "offer/approval", approve=True)) == (403, "own-decision")
        manager = bearer("cs_manager", await colleague(customers, "cs_manager"))
        [waiting] = await offers(customers, manager)
        assert (waiting["winback_id"], waiting["offer"], waiting["offer_limit"]) == (case["id"], "720.01", "720.00")
        assert await offers(customers, bearer("salesperson", await colleague(customers))) == []
        assert await offers(customers) == [], "nobody approves their own"
        approved = await post(customers, case, "offer/approval", manager, approve=True)
        assert (approved.json()["offer_state"], approved.json()["offer"]) == ("agreed", "720.01")
        assert slug(await post(customers, case, "offer/approval", manager, approve=True)) == (409, "offer-decided")
        assert await offers(customers, manager) == []

        told = [(str(fact.amount), fact.state) for fact in await customers.facts(WinbackOffered)]
        assert told == [("720.00", "agreed"), ("720.01", "awaits_approval"), ("720.01", "agreed")]
        sealed = await customers.database.fetchval("SELECT encode(offer_words, 'escape') FROM winback")
        assert "poster" not in sealed


@pytest.mark.example(22)
async def test_a_d_gets_a_message_that_costs_nothing_and_malice_is_let_go(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        small = await worth(customers, "500.00")
        assert slug(await ask(customers, small, "malicious")) == (422, "let-go")
        assert slug(await ask(customers, small, "malicious", cause=None)) == (422, "let-go"), "whyever"

        case = await opened(customers, small)

        assert (case["tier"], case["offer_limit"], case["message_due_at"]) == ("D", "0.00", after(days=5))
        assert (case["call_due_at"], case["visit_due_at"]) == (None, None)
        assert slug(await ask(customers, await store(customers))) == (422, "let-go"), "it never bought anything"


@pytest.mark.example(22)
async def test_who_is_dismissed_is_so_by_two(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        case = await opened(customers, await worth(customers, "500.00"))
        assert slug(await post(customers, case, "dismissal", reason="owes and shouts")) == (422, "invalid")
        for nobody_who_may in (nobody(), await colleague(customers, "salesperson")):
            answer = await post(customers, case, "dismissal", reason="owes", approver_id=str(nobody_who_may))
            assert slug(answer) == (422, "unknown-approver")
        manager = await colleague(customers, "general_manager")

        dismissed = (
            await post(customers, case, "dismissal", reason="owes", approver_id=str(manager), means="other_prices")
        ).json()

        assert (dismissed["outcome"], dismissed["approver_id"], dismissed["reason"]) == (
            "dismissed", str(manager), "owes",
        )  # fmt: skip
        [told] = await customers.facts(WinbackEnded)
        assert (told.outcome, told.means, dismissed["means"]) == ("dismissed", "other_prices", "other_prices")
        assert slug(await post(customers, case, "outcome", outcome="returned", reason="x")) == (409, "winback-ended")


async def test_who_is_let_go_is_dismissed_without_a_case_and_kept_after_all(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, manager = await store(customers), await colleague(customers, "cs_manager")
        assert slug(await ask(customers, shop)) == (422, "let-go"), "it never bought anything"
        path = f"{BASE}/customers/{shop}/dismissal"
        said = {"means": "end", "reason": "骂人", "approver_id": str(manager)}
        seller = await colleague(customers)
        assert (await customers.http.post(path, json=said, headers=bearer("salesperson", seller))).status_code == 403
        assert slug(await customers.http.post(path, json=said | {"means": "nothing"})) == (422, "invalid")
        alone = said | {"approver_id": str(seller)}
        assert slug(await customers.http.post(path, json=alone)) == (422, "unknown-approver")

        made = await customers.http.post(path, json=said)

        assert made.status_code == 201, made.text
        at = made.headers["Location"]
        [fact] = await customers.facts(CustomerDismissed)
        assert (fact.customer_id, fact.means, fact.approver_id) == (shop, "end", manager)
        assert slug(await customers.http.post(path, json=said)) == (409, "customer-dismissed")
        read = (await customers.http.get(at)).json()
        assert (read["reason"], read["customer_name"], read["withdrawn_at"]) == ("骂人", "美丽人生美容院", None)
        hidden = await customers.http.get(at, headers=bearer("salesperson", seller))
        assert slug(hidden) == (404, "no-such-dismissal")
        sealed = await customers.database.fetchval("SELECT words FROM dismissal")
        assert "骂人".encode() not in sealed

        back = await customers.http.post(f"{at}/withdrawal", json={"reason": "道歉了"})

        assert (back.status_code, back.json()["withdrawal_reason"]) == (200, "道歉了")
        again = await customers.http.post(f"{at}/withdrawal", json={"reason": "x"})
        assert slug(again) == (409, "dismissal-withdrawn")
        assert [each.dismissal_id for each in await customers.facts(CustomerDismissalWithdrawn)] == [fact.dismissal_id]
        anew = (await customers.http.post(path, json=said | {"means": "less_service"})).json()
        asked = {"customer_id": str(shop), "standing": "true"}
        listed = (await customers.http.get(f"{BASE}/dismissals", params=asked)).json()["items"]
        assert [each["id"] for each in listed] == [anew["id"]]
        tried = await opened(customers, await worth(customers, "500.00"))
        by_case = await customers.http.post(f"{BASE}/customers/{tried['customer_id']}/dismissal", json=said)
        assert slug(by_case) == (409, "winback-open")


@pytest.mark.example(22)
async def test_of_those_who_were_tried_so_many_are_back(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        manager = await colleague(customers, "general_manager")
        for number in range(8):
            shop = await store(customers)
            await bought(customers, shop, "500.00", START - timedelta(days=60))
            await customers.run_loops(WORTH)
            case = await opened(customers, shop)
            if number < 7:
                outcome = "returned" if number < 3 else "not_returned"
                await post(customers, case, "outcome", outcome=outcome, reason="x")
            else:
                await post(customers, case, "dismissal", reason="x", approver_id=str(manager))

        asked = {"from": "2026-11-01", "to": "2026-11-30"}
        rates = (await customers.http.get(f"{BASE}/winbacks/rates", params=asked)).json()

        assert rates["all"] == {"ended": 8, "returned": 3, "not_returned": 4, "dismissed": 1, "rate": "42.9"}
        assert rates["tiers"] == {"D": rates["all"]}
        observed = [fact.observed_until for fact in await customers.facts(WinbackEnded) if fact.observed_until]
        assert observed == [START + timedelta(days=90)] * 3
        later = (
            await customers.http.get(f"{BASE}/winbacks/rates", params={"from": "2026-12-01", "to": "2026-12-31"})
        ).json()
        assert later == {
            "all": {"ended": 0, "returned": 0, "not_returned": 0, "dismissed": 0, "rate": None},
            "tiers": {},
        }


async def test_what_came_of_a_case_is_put_right_with_a_reason(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        case = await opened(customers, await worth(customers, "500.00"))
        wrong: dict[str, Any] = {"outcome": "not_returned", "reason": "王芳 bought nothing"}
        assert slug(await post(customers, case, "outcome/correction", **wrong)) == (409, "winback-goes-on")
        assert (await post(customers, case, "outcome", outcome="returned", reason="she said so")).status_code == 200
        seller = bearer("salesperson", await colleague(customers))
        assert (await post(customers, case, "outcome/correction", seller, **wrong)).status_code == 403

        right = await post(customers, case, "outcome/correction", **wrong)

        assert right.status_code == 200, right.text
        now = right.json()
        assert (now["outcome"], now["observed_until"], now["ended_at"]) == ("not_returned", None, after())
        assert (now["reason"], now["corrected_from"], now["correction"], now["corrected_at"]) == (
            "she said so", "returned", "王芳 bought nothing", after(),
        )  # fmt: skip
        assert [(fact.outcome, fact.corrected_from) for fact in await customers.facts(WinbackEnded)] == [
            ("returned", None), ("not_returned", "returned"),
        ]  # fmt: skip
        asked = {"from": "2026-11-01", "to": "2026-11-30"}
        rates = (await customers.http.get(f"{BASE}/winbacks/rates", params=asked)).json()["all"]
        assert (rates["ended"], rates["returned"], rates["rate"]) == (1, 0, "0.0")
        assert "王芳".encode() not in await customers.database.fetchval("SELECT correction_words FROM winback")
        entered = await customers.database.fetchval("SELECT count(*) FROM audit_entry WHERE what = 'winback.corrected'")
        assert entered == 1
        back = await post(customers, case, "outcome/correction", outcome="returned", reason="it was late")
        assert back.json()["observed_until"] == after(days=90)


async def test_a_dismissal_by_a_case_is_one_and_is_taken_back(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        case = await opened(customers, await worth(customers, "500.00"))
        said: dict[str, Any] = {"reason": "owes", "approver_id": str(await colleague(customers, "general_manager"))}
        assert (await post(customers, case, "dismissal", means="end", **said)).status_code == 200
        path = f"{BASE}/customers/{case['customer_id']}/dismissal"
        again = await customers.http.post(path, json={"means": "end", **said})
        assert slug(again) == (409, "customer-dismissed")

        kept = await post(customers, case, "outcome/correction", outcome="not_returned", reason="it has paid")

        assert (kept.json()["outcome"], kept.json()["corrected_from"]) == ("not_returned", "dismissed")
        last = (await customers.facts(WinbackEnded))[-1]
        assert (last.outcome, last.means, last.corrected_from) == ("not_returned", None, "dismissed")
        assert (await customers.http.post(path, json={"means": "end", **said})).status_code == 201


def test_nothing_tried_is_no_rate() -> None:
    assert Rates(ended=1, dismissed=1).rate is None
    assert Rates(ended=3, returned=1, not_returned=2).rate == Decimal("33.3")


async def test_who_left_long_ago_is_worth_what_it_was_before(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await worth(customers, "10500.00")
        customers.clock.move_to(datetime(2027, 5, 3, 4, tzinfo=UTC))
        for month in (
            *(f"2025-{n}" for n in (10, 11, 12)),
            *(f"2026-{n:02}" for n in range(1, 13)),
            "2027-01",
            "2027-02",
        ):
            assert (await customers.http.post(f"{BASE}/months/{month}/close")).status_code == 200
        assert (await customers.http.get(f"{BASE}/customers/{shop}")).json()["tier"] == "D"
        await customers.run_loops(WORTH)

        case = await opened(customers, shop)

        assert (case["tier"], case["yearly"]) == ("A", "126000.00")


async def test_cases_are_handed_over_listed_and_seen_by_those_who_see_the_store(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await worth(customers, "500.00")
        seller, other = await colleague(customers), await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})
        case = await opened(customers, shop, assignee_id=str(other))
        path = f"{BASE}/winbacks/{case['id']}"
        assert slug(await customers.http.patch(path, json={"assignee_id": str(seller)})) == (
            428,
            "precondition-required",
        )
        moved = await customers.http.patch(path, json={"assignee_id": str(seller)}, headers={"If-Match": '"1"'})
        assert (moved.status_code, moved.json()["assignee_id"]) == (200, str(seller))
        assert (moved.json()["customer_name"], moved.json()["assignee_name"]) == ("美丽人生美容院", "孙浩")
        assert (await customers.http.get(path)).json() == moved.json()

        async def listed(who: UUID, **asked: str) -> list[str]:
            headers = bearer("salesperson", who)
            answer = await customers.http.get(f"{BASE}/winbacks", params=asked, headers=headers)
            return [each["id"] for each in answer.json()["items"]]

        assert await listed(seller, open="true", assignee_id=str(seller)) == [case["id"]]
        assert await listed(seller, standing="true") == [case["id"]]
        assert await listed(seller, standing="false") == await listed(seller, open="false") == await listed(other) == []
        hidden = await customers.http.get(path, headers=bearer("salesperson", other))
        assert slug(hidden) == (404, "no-such-winback")
        assert slug(await ask(customers, shop, cause="weather")) == (422, "unknown-churn-cause")
        assert slug(await ask(customers, nobody())) == (422, "unknown-customer")


async def test_a_policy_is_of_what_is_opened_from_then_on(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        read = await customers.http.get(f"{BASE}/winback-policy")
        assert read.json()["observed_days"] == 90
        policy = {name: read.json()[name] for name in ("terms", "margin", "days")}
        policy["terms"]["A"]["share"] = "0.01"
        refused = await customers.http.put(f"{BASE}/winback-policy", json=policy, headers={"If-Match": '"1"'})
        assert slug(refused) == (422, "winback-policy-refused"), "B would be offered more than A"
        case = await opened(customers, await worth(customers, "10500.00"))
        policy |= {"observed_days": 30}
        policy["terms"]["A"]["share"] = "0.2"

        assert (await customers.http.put(f"{BASE}/winback-policy", json=policy)).status_code == 428
        kept = await customers.http.put(f"{BASE}/winback-policy", json=policy, headers={"If-Match": '"1"'})

        assert (kept.status_code, kept.json()["version"]) == (200, 2)
        again = (await customers.http.get(f"{BASE}/winbacks/{case['id']}")).json()
        assert (again["offer_limit"], again["policy_version"]) == ("3780.00", 1)
        new = await opened(customers, await worth(customers, "10500.00"))
        assert (new["offer_limit"], new["policy_version"]) == ("7560.00", 2)
        del policy["observed_days"]
        same = await customers.http.put(f"{BASE}/winback-policy", json=policy, headers={"If-Match": '"2"'})
        assert same.json()["observed_days"] == 30, "as it stands unless said"
        back = [await post(customers, each, "outcome", outcome="returned", reason="x") for each in (case, new)]
        assert [each.json()["observed_until"] for each in back] == [after(days=90), after(days=30)]


async def test_who_says_that_it_will_leave_is_won_back_before_it_is_gone(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        for months in range(1, 13):
            await bought(customers, shop, "10500.00", START - timedelta(days=30 * months))
        await customers.run_loops(WORTH)
        assert (await customers.http.get(f"{BASE}/warnings", params={"open": True})).json()["items"] == []

        case = await opened(customers, shop)

        assert (case["tier"], case["offer_limit"]) == ("A", "3780.00")
        await post(customers, case, "offer", amount="3780.01", text="a poster")
        waiting = {"offer_state": "awaits_approval"}
        listed = await customers.http.get(f"{BASE}/winbacks", params=waiting)
        assert [each["id"] for each in listed.json()["items"]] == [case["id"]]
        assert (await post(customers, case, "outcome", outcome="returned", reason="x")).status_code == 200
        left = await customers.http.get(f"{BASE}/winbacks", params=waiting)
        assert left.json()["items"] == [], "of a case that has ended nobody decides"


async def test_what_is_wanted_of_days_is_said(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        for path in (f"{BASE}/winbacks/rates", f"{BASE}/losses/totals"):
            nothing = await customers.http.get(path)
            assert slug(nothing) == (422, "invalid")
            faults = {each["pointer"]: each["detail"] for each in nothing.json()["errors"]}
            assert set(faults) == {"query/from", "query/to"}
            assert all("YYYY-MM-DD" in each for each in faults.values()), faults
            decade = await customers.http.get(path, params={"from": "2016-11-04", "to": "2026-11-04"})
            assert decade.status_code == 200, decade.text
            longer = await customers.http.get(path, params={"from": "2016-11-03", "to": "2026-11-04"})
            assert slug(longer) == (422, "purchase-span-refused")
            assert "YYYY-MM-DD" in longer.json()["detail"]
