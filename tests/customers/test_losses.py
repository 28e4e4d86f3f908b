"""Who is lost, at what cost, how and why, and who came back (domain 2.6)."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.contracts.losses import ChurnCauseSaid, ChurnConfirmed, ChurnWithdrawn
from shared.contracts.winbacks import WinbackOpened
from tests.customers.network import BASE, bought, colleague, nobody, slug, store
from tests.customers.test_competitors import listed
from tests.customers.test_lifecycle import FIFTHS, SUMS, noon
from tests.customers.test_person_exports import exported
from tests.customers.test_reversals import take_back, undone
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

WORTH = "customers.worth"
GONE = date(2026, 11, 6)
"""The day since which the store of examples 20 is lost."""
WHY = {"kind": "competitor", "cause": "competition", "text": "王芳去了美研堂"}


async def bought_monthly(customers: OneService, *, kind: str = "store") -> UUID:
    """The store of examples 20, which buys no more from August on."""
    shop = await store(customers, "王芳", kind=kind)
    for day, amount in zip(FIFTHS, SUMS, strict=True):
        await bought(customers, shop, amount, noon(day))
    await customers.run_loops(WORTH)
    return shop


async def lost(customers: OneService, *, kind: str = "store") -> tuple[UUID, dict[str, Any]]:
    """That store once it is lost, and its loss."""
    customers.clock.move_to(noon(date(2026, 8, 6)))
    shop = await bought_monthly(customers, kind=kind)
    customers.clock.move_to(noon(GONE))
    await customers.run_loops(WORTH)
    [loss] = await listed(customers, "losses", customer_id=str(shop))
    return shop, loss


async def say(customers: OneService, loss: dict[str, Any], **said: Any) -> httpx.Response:
    headers = {"If-Match": f'"{loss["version"]}"'}
    return await customers.http.patch(f"{BASE}/losses/{loss['id']}", json=said, headers=headers)


async def win_back(customers: OneService, shop: UUID, **said: Any) -> httpx.Response:
    return await customers.http.post(f"{BASE}/winbacks", json={"customer_id": str(shop), **said})


@pytest.mark.example(20)
async def test_who_is_lost_is_kept_with_its_cost_until_it_buys_again(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop, loss = await lost(customers)

        assert (loss["lost_on"], loss["tier"], loss["yearly"], loss["cost"]) == (
            "2026-11-06", "B", "36900.00", "11070.00",
        )  # fmt: skip
        assert (loss["kind"], loss["cause"], loss["returned_on"]) == (None, None, None)
        assert loss["customer_name"] == "王芳"
        [event] = await customers.events(ChurnConfirmed)
        fact = event.read(ChurnConfirmed)
        assert (fact.customer_id, str(fact.loss_id), fact.lost_on, str(fact.cost)) == (
            shop, loss["id"], GONE, "11070.00",
        )  # fmt: skip
        assert not event.historical
        customers.clock.move_to(noon(date(2026, 11, 21)))
        await bought(customers, shop, "100.00", noon(date(2026, 11, 20)))
        await customers.run_loops(WORTH)
        [back] = await listed(customers, "losses", customer_id=str(shop))
        assert back["returned_on"] == "2026-11-20"
        assert await listed(customers, "losses", standing="false") == [back]
        assert await listed(customers, "losses", standing="true") == []
        assert slug(await say(customers, back, kind="natural")) == (409, "customer-returned")
        assert len(await customers.events(ChurnConfirmed)) == 1


async def test_a_purchase_that_comes_to_light_moves_a_loss_or_takes_it_back(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop, loss = await lost(customers)
        said = (await say(customers, loss, **WHY)).json()
        customers.clock.move_to(noon(date(2026, 12, 31)))

        await bought(customers, shop, "10.00", noon(date(2026, 9, 5)))
        await customers.run_loops(WORTH)

        [moved] = await listed(customers, "losses", customer_id=str(shop))
        assert (moved["id"], moved["lost_on"], moved["yearly"]) == (loss["id"], "2026-12-07", "36910.00")
        assert (moved["kind"], moved["text"], moved["version"]) == ("competitor", said["text"], 3)
        assert [fact.lost_on for fact in await customers.facts(ChurnConfirmed)] == [GONE, date(2026, 12, 7)]
        assert await customers.facts(ChurnWithdrawn) == [], "it is lost, only since another day"
        late = await bought(customers, shop, "10.00", noon(date(2026, 11, 5)))
        await customers.run_loops(WORTH)
        assert await listed(customers, "losses", customer_id=str(shop)) == [], "it never was"
        [told] = await customers.events(ChurnWithdrawn)
        fact = told.read(ChurnWithdrawn)
        assert (fact.customer_id, str(fact.loss_id), fact.lost_on) == (shop, loss["id"], date(2026, 12, 7))
        assert (fact.found_at, told.aggregate_version) == (noon(GONE), 4)
        totals = await customers.http.get(f"{BASE}/losses/totals", params={"from": "2026-01-01", "to": "2026-12-31"})
        assert totals.json()["total"]["number"] == 0
        never = (await customers.http.get(f"{BASE}/losses/{fact.loss_id}")).json()
        assert (never["withdrawn_at"], never["version"]) == ("2026-12-31T04:00:00Z", 4)
        assert slug(await say(customers, never, kind="natural")) == (409, "never-lost")
        await undone(customers, late)
        await customers.run_loops(WORTH)
        [again] = await listed(customers, "losses", customer_id=str(shop))
        assert (again["id"], again["text"], again["version"]) == (loss["id"], said["text"], 5), "it was after all"
        assert again["withdrawn_at"] is None
        assert len(await customers.events(ChurnConfirmed)) == 3
        assert len(await customers.events(ChurnWithdrawn)) == 1, "once"


async def test_a_return_that_is_undone_takes_a_loss_back(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        customers.clock.move_to(noon(date(2026, 9, 5)))
        shop = await bought_monthly(customers)
        back = await take_back(customers, await bought(customers, shop, "10.00"), "10.00")
        customers.clock.move_to(noon(GONE))
        await customers.run_loops(WORTH)
        assert len(await listed(customers, "losses", customer_id=str(shop))) == 1

        await undone(customers, back)
        await customers.run_loops(WORTH)

        assert await listed(customers, "losses", customer_id=str(shop)) == []
        assert [fact.lost_on for fact in await customers.facts(ChurnWithdrawn)] == [GONE]


async def test_a_loss_that_is_over_is_taken_back_too_and_one_that_nothing_parts_any_more_is_one(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop, first = await lost(customers)
        customers.clock.move_to(noon(date(2026, 11, 20)))
        between = await bought(customers, shop, "10.00")
        await customers.run_loops(WORTH)
        customers.clock.move_to(noon(date(2027, 3, 1)))
        await customers.run_loops(WORTH)
        second, _ = await listed(customers, "losses")
        assert second["lost_on"] == "2027-02-18"
        await undone(customers, between)
        await customers.run_loops(WORTH)
        [one] = await listed(customers, "losses")
        assert (one["id"], one["lost_on"]) == (second["id"], str(GONE)), "the one that stands counts"
        assert [str(fact.loss_id) for fact in await customers.facts(ChurnWithdrawn)] == [first["id"]]
        await bought(customers, shop, "10.00")
        await customers.run_loops(WORTH)
        [over] = await listed(customers, "losses")
        assert over["returned_on"] == "2027-03-01"

        late = [await bought(customers, shop, "10.00", noon(day)) for day in (date(2026, 11, 5), date(2027, 2, 5))]
        await customers.run_loops(WORTH)

        assert await listed(customers, "losses") == []
        assert [str(fact.loss_id) for fact in await customers.facts(ChurnWithdrawn)] == [first["id"], second["id"]]
        for each in late:
            await undone(customers, each)
        await customers.run_loops(WORTH)
        [after_all] = await listed(customers, "losses")
        assert (after_all["lost_on"], after_all["returned_on"]) == (str(GONE), "2027-03-01")
        [*_, told] = await customers.events(ChurnConfirmed)
        assert (str(told.read(ChurnConfirmed).loss_id), told.historical) == (after_all["id"], True)


async def test_a_return_and_another_loss_that_are_found_at_once_are_two(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop, loss = await lost(customers)
        assert (await say(customers, loss, **WHY)).status_code == 200
        customers.clock.move_to(noon(date(2027, 3, 1)))

        await bought(customers, shop, "10.00", noon(date(2026, 11, 20)))
        await customers.run_loops(WORTH)

        again, first = await listed(customers, "losses", customer_id=str(shop))
        assert (first["id"], first["lost_on"], first["returned_on"]) == (loss["id"], str(GONE), "2026-11-20")
        assert (again["lost_on"], again["returned_on"], again["kind"]) == ("2027-02-18", None, None)
        assert [(str(fact.loss_id), str(fact.lost_on)) for fact in await customers.facts(ChurnConfirmed)] == [
            (loss["id"], str(GONE)), (again["id"], "2027-02-18"),
        ]  # fmt: skip
        await bought(customers, shop, "10.00", noon(date(2027, 2, 25)))
        await customers.run_loops(WORTH)
        assert [(each["lost_on"], each["returned_on"]) for each in await listed(customers, "losses")] == [
            ("2027-02-18", "2027-02-25"), (str(GONE), "2026-11-20"),
        ]  # fmt: skip


async def test_who_was_lost_before_losses_were_kept_has_one_once_everybody_is_judged(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop, loss = await lost(customers)
        await customers.database.execute("DELETE FROM loss")
        await customers.database.execute("UPDATE worth_pass SET keeps = 1")

        await customers.run_loops(WORTH)

        [kept] = await listed(customers, "losses", customer_id=str(shop))
        assert (kept["lost_on"], kept["cost"]) == (loss["lost_on"], loss["cost"])
        events = await customers.events(ChurnConfirmed)
        assert [event.historical for event in events] == [False, True], "nobody is told of it as news"
        await customers.run_loops(WORTH)
        assert len(await customers.events(ChurnConfirmed)) == 2, "and once"


async def test_how_and_why_goes_between_a_loss_and_its_case(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop, loss = await lost(customers)
        assert slug(await win_back(customers, shop)) == (422, "churn-unsaid")
        assert slug(await win_back(customers, shop, kind="competitor")) == (422, "churn-unsaid")
        assert (await say(customers, loss, **WHY)).status_code == 200

        case = (await win_back(customers, shop, cause="price")).json()

        assert (case["kind"], case["cause"], case["yearly"]) == ("competitor", "price", "36900.00")
        assert case["loss_id"] == loss["id"]
        assert [str(fact.loss_id) for fact in await customers.facts(WinbackOpened)] == [loss["id"]]
        now = (await customers.http.get(f"{BASE}/losses/{loss['id']}")).json()
        assert (now["kind"], now["cause"], now["text"], now["version"]) == ("competitor", "price", WHY["text"], 3)
        assert [(fact.kind, fact.cause) for fact in await customers.facts(ChurnCauseSaid)] == [
            ("competitor", "competition"), ("competitor", "price"),
        ]  # fmt: skip


@pytest.mark.example(22)
async def test_a_case_does_not_overrule_that_somebody_left_in_malice(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop, loss = await lost(customers)
        malice = (await say(customers, loss, kind="malicious", cause="ethics")).json()

        assert slug(await win_back(customers, shop, kind="disappointed", cause="price")) == (422, "let-go")

        now = (await customers.http.get(f"{BASE}/losses/{loss['id']}")).json()
        assert now == malice, "it stays as it was said"
        assert (await say(customers, malice, kind="disappointed")).status_code == 200
        assert (await win_back(customers, shop)).status_code == 201


async def test_a_loss_begins_with_what_its_open_case_says(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(date(2026, 8, 6))) as customers:
        shop = await bought_monthly(customers)
        customers.clock.move_to(noon(date(2026, 9, 21)))
        await customers.run_loops(WORTH)
        assert (await win_back(customers, shop, kind="natural", cause="price")).status_code == 201, "it is warned of"
        customers.clock.move_to(noon(GONE))

        await customers.run_loops(WORTH)

        [fact] = await customers.facts(ChurnConfirmed)
        assert (fact.kind, fact.cause) == ("natural", "price")


async def test_losses_are_listed_totalled_and_seen_by_those_who_see_the_store(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop, loss = await lost(customers)
        other = await bought_monthly(customers)
        said = (await say(customers, loss, **WHY)).json()
        seller = await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})

        found = await listed(customers, "losses", kind="competitor", cause="competition", tier="B", since=str(GONE))

        assert found == [said]
        assert [each["customer_id"] for each in await listed(customers, "losses")] == [str(other), str(shop)]
        assert (
            await listed(customers, "losses", since="2026-11-07") == await listed(customers, "losses", tier="D") == []
        )
        assert await listed(customers, "losses", bearer("salesperson", seller)) == [said]
        path, asked = f"{BASE}/losses/totals", {"from": "2026-11-01", "to": "2026-11-30"}
        both = (await customers.http.get(path, params=asked)).json()
        one = {"number": 1, "returned": 0, "yearly": "36900.00", "cost": "11070.00"}
        two = {"number": 2, "returned": 0, "yearly": "73800.00", "cost": "22140.00"}
        assert both == {
            "total": {"key": None, **two},
            "kinds": [{"key": "competitor", **one}, {"key": None, **one}],
            "causes": [{"key": "competition", **one}, {"key": None, **one}],
            "months": [{"key": "2026-11", **two}],
        }
        own = await customers.http.get(path, params=asked, headers=bearer("salesperson", seller))
        assert own.json()["total"] == {"key": None, **one}
        turned = {"from": "2026-11-30", "to": "2026-11-01"}
        assert slug(await customers.http.get(path, params=turned)) == (422, "purchase-span-refused")


async def test_what_cannot_be_said_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        _, loss = await lost(customers)

        assert slug(await say(customers, loss, cause="weather")) == (422, "unknown-churn-cause")
        assert slug(await say(customers, loss, kind="bored")) == (422, "invalid")
        assert slug(await say(customers, {**loss, "id": nobody()}, kind="natural")) == (404, "no-such-loss")
        path = f"{BASE}/losses/{loss['id']}"
        assert slug(await customers.http.patch(path, json={"kind": "natural"})) == (428, "precondition-required")
        assert slug(await say(customers, {**loss, "version": 7}, kind="natural")) == (412, "stale")
        hidden = await customers.http.get(path, headers=bearer("salesperson", await colleague(customers)))
        assert slug(hidden) == (404, "no-such-loss")
        assert (await customers.http.get(path)).json() == loss, "nothing of it was kept"


async def test_words_of_a_loss_go_with_the_person(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        person, loss = await lost(customers, kind="person")
        assert (await say(customers, loss, **WHY)).status_code == 200
        sealed = await customers.database.fetchval("SELECT encode(words, 'escape') FROM loss")
        assert "王芳" not in sealed
        [own] = (await exported(customers, str(person)))["losses"]
        assert (own["words"], own["kind"]) == (WHY["text"], "competitor")
        approver = str(await colleague(customers, "cs_manager"))
        said = {"means": "end", "reason": "王芳骂人", "approver_id": approver}
        away = await customers.http.post(f"{BASE}/customers/{person}/dismissal", json=said)
        back = await customers.http.post(f"{away.headers['Location']}/withdrawal", json={"reason": "王芳道歉了"})
        assert back.status_code == 200, back.text
        told = await exported(customers, str(person))
        assert [told[each][0]["words"] for each in ("dismissals", "withdrawn")] == ["王芳骂人", "王芳道歉了"]

        gone = await customers.http.post(f"{BASE}/erasures", json={"customer_id": str(person), "reason": "asked"})

        assert gone.status_code == 202, gone.text
        [left] = await listed(customers, "losses")
        assert (left["text"], left["kind"], left["cost"]) == (None, "competitor", "11070.00")
        [once] = await listed(customers, "dismissals")
        assert (once["reason"], once["withdrawal_reason"], once["means"]) == (None, None, "end")
        assert slug(await say(customers, left, text="again")) == (409, "person-erased")


async def test_the_loss_of_a_duplicate_is_none_of_who_is_kept(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        twice, loss = await lost(customers)
        kept = await store(customers)
        await bought(customers, kept, "100.00")
        merged = await customers.http.post(f"{BASE}/customers/{twice}/merge", json={"into": str(kept)})
        assert merged.status_code == 201, merged.text
        await customers.run_loops(WORTH)
        assert await listed(customers, "losses") == []

        assert (await customers.http.post(f"{BASE}/customers/{twice}/unmerge")).status_code == 200

        assert await listed(customers, "losses") == [loss]


async def test_causes_are_a_table_that_grows(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        path = f"{BASE}/churn-causes"
        of = {each["code"]: each["of"] for each in (await customers.http.get(path)).json()}
        assert (of["price"], of["unstable_quality"], of["outdated_product"]) == (None, "core_service", None)
        new = {"code": "late_delivery", "name_en": "late deliveries", "name_zh": "配送延误", "of": "core_service"}
        assert (await customers.http.post(path, json=new, headers=bearer("salesperson"))).status_code == 403
        assert slug(await customers.http.post(path, json=new | {"of": "moved_away"})) == (422, "invalid")

        added = await customers.http.post(path, json=new)

        assert (added.status_code, added.json()) == (
            201,
            {
                "code": "late_delivery",
                "names": {"en": "late deliveries", "zh-CN": "配送延误"},
                "of": "core_service",
            },
        )
        assert added.json() in (await customers.http.get(path)).json()
        assert slug(await customers.http.post(path, json=new)) == (409, "churn-cause-taken")
        assert slug(await customers.http.post(path, json=new | {"code": "price"})) == (409, "churn-cause-taken")
        _, loss = await lost(customers)
        assert (await say(customers, loss, kind="disappointed", cause="late_delivery")).status_code == 200
