"""Early warnings (domain 2.6, examples 21)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.customers.churn_model.domain.buying import BuyingModel, History
from shared.contracts.care import ConsentWithdrawn, TouchMissed, TouchMissWithdrawn
from shared.contracts.complaints import ComplaintJudged, ComplaintOpened, ComplaintOverdue, ComplaintSatisfactionGiven
from shared.contracts.early_warnings import ChurnWarned, ChurnWarningEnded
from shared.ids import new_id
from tests.customers.network import BASE, bought, colleague, slug, store
from tests.customers.test_lifecycle import FIFTHS, SUMS, noon
from tests.customers.test_worth import WORTH, profile, touch_missed
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

FIT = """
    INSERT INTO churn_fit (id, asked_at, finished_at, outcome, r, alpha, a, b, log_likelihood)
    VALUES ($1, $2, $2, 'converged', $3, $4, $5, $6, -1)
    """


async def come_to(customers: OneService, day: date) -> None:
    customers.clock.move_to(noon(day))
    await customers.run_loops(WORTH)


def overdue(shop: UUID, on: date, **more: Any) -> ComplaintOverdue:
    at = noon(on)
    return ComplaintOverdue(complaint_id=new_id(), customer_id=shop, number="C1", due_at=at, at=at, **more)


def missed(shop: UUID, on: date, **more: Any) -> TouchMissed:
    return touch_missed(shop, noon(on), **more)


async def policy_id(customers: OneService, version: int) -> str:
    """The id under which the scheme tells of a version of the policy of worth."""
    return str(await customers.database.fetchval("SELECT id FROM worth_policy WHERE version = $1", version))


async def warnings(customers: OneService, shop: UUID) -> list[dict[str, Any]]:
    answer = await customers.http.get(f"{BASE}/customers/{shop}/warnings")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def with_a_rhythm(customers: OneService) -> UUID:
    shop = await store(customers)
    for day, amount in zip(FIFTHS, SUMS, strict=True):
        customers.clock.move_to(noon(day))
        await bought(customers, shop, amount)
    await customers.run_loops(WORTH)
    return shop


@pytest.mark.example(21)
async def test_who_is_past_the_own_rhythm_is_warned_of_once_with_reasons(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await with_a_rhythm(customers)
        await come_to(customers, date(2026, 9, 12))
        misses = [missed(shop, date(2026, 7, 23)), missed(shop, date(2026, 9, 1))]
        await customers.given(overdue(shop, date(2026, 9, 12), kind="complaint"), *misses)
        await customers.given(missed(shop, date(2026, 7, 22)), missed(shop, date(2026, 9, 2), excuse="leave"))
        await customers.given(overdue(shop, date(2026, 9, 12), kind="internal"))
        await come_to(customers, date(2026, 9, 20))
        assert (await profile(customers, shop))["warning"] is None, "46 days are within 46.5"

        await come_to(customers, date(2026, 9, 21))
        [raised] = await warnings(customers, shop)
        await come_to(customers, date(2026, 9, 22))

        [warned] = await customers.facts(ChurnWarned)
        assert (warned.number, str(warned.raised_on)) == (1, "2026-09-21")
        reasons = {each.code: each for each in warned.reasons}
        assert [each.code for each in warned.reasons] == ["interval", "trend", "overdue", "missed"]
        assert (reasons["interval"].days, str(reasons["interval"].usual)) == (47, "31")
        assert str(reasons["trend"].change) == "-0.31"
        assert (reasons["overdue"].count, str(reasons["overdue"].on)) == (1, "2026-09-12")
        assert (reasons["missed"].count, str(reasons["missed"].on)) == (2, "2026-09-01")
        said = (await profile(customers, shop))["warning"]
        assert [each["code"] for each in said["reasons"]] == [each.code for each in warned.reasons]
        counted = [[each["count"] for each in it["reasons"] if each["code"] == "missed"] for it in (raised, said)]
        assert counted == [[2], [1]], "60 days ago on the first day, 61 on the second"
        silent = [[each["days"] for each in it["reasons"] if each["code"] == "interval"] for it in (raised, said)]
        assert silent == [[47], [48]], "figures go with the day, and nobody is told"
        listed = await customers.http.get(f"{BASE}/warnings", params={"open": True})
        assert listed.json()["items"] == [said]
        over = await customers.http.get(f"{BASE}/warnings", params={"standing": False})
        assert over.json()["items"] == []

        customers.clock.move_to(noon(date(2026, 9, 25)))
        await bought(customers, shop, "100.00")
        await customers.run_loops(WORTH)

        [ended] = await customers.facts(ChurnWarningEnded)
        assert (ended.warning_id, ended.cause) == (warned.warning_id, "purchase")
        assert (await profile(customers, shop))["warning"] is None
        [kept] = await warnings(customers, shop)
        assert (kept["ended_by"], kept["number"]) == ("purchase", 2)


@pytest.mark.example(21)
async def test_a_new_reason_updates_the_warning(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await with_a_rhythm(customers)
        await come_to(customers, date(2026, 9, 21))
        at = noon(date(2026, 9, 21))
        said = ComplaintSatisfactionGiven(complaint_id=new_id(), customer_id=shop, perceived=6, expected=8, at=at)
        await customers.given(said)
        await customers.given(
            ComplaintSatisfactionGiven.model_validate({**said.model_dump(), "perceived": 8, "round": 2})
        )
        await customers.run_loops(WORTH)
        late = missed(shop, date(2026, 9, 21))
        await customers.given(late, missed(shop, date(2026, 9, 20)))
        await customers.run_loops(WORTH)
        await customers.given(missed(shop, date(2026, 9, 19)))
        await customers.run_loops(WORTH)
        withdrawn = ConsentWithdrawn(customer_id=shop, channel="sms", purpose="promotion", at=at)
        await customers.given(withdrawn)
        await customers.run_loops(WORTH)

        facts = await customers.facts(ChurnWarned)

        assert [fact.number for fact in facts] == [1, 2, 3, 4], "a third miss is no new reason"
        assert [sorted(each.code for each in fact.reasons) for fact in facts] == [
            ["interval", "trend"],
            ["dissatisfied", "interval", "trend"],
            ["dissatisfied", "interval", "missed", "trend"],
            ["consent", "dissatisfied", "interval", "missed", "trend"],
        ]
        [dissatisfied] = [each for each in facts[-1].reasons if each.code == "dissatisfied"]
        assert (str(dissatisfied.share), dissatisfied.count) == ("0.75", 1)
        taken_back = TouchMissWithdrawn.model_validate(late.model_dump())
        await customers.given(taken_back)
        assert await customers.database.fetchval("SELECT count(*) FROM churn_signal WHERE code = 'missed'") == 2


async def test_a_late_answer_counts_only_in_a_case_that_is_valid_and_meant_in_good_faith(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await with_a_rhythm(customers)
        on = date(2026, 9, 12)
        late = overdue(shop, on, kind="complaint")
        case: dict[str, Any] = {"complaint_id": late.complaint_id, "customer_id": shop, "at": noon(on)}
        await customers.given(
            ComplaintOpened(number="C1", kind="complaint", subject="product", channel="web", **case), late
        )
        await come_to(customers, date(2026, 9, 21))

        async def breaches() -> list[int]:
            await customers.run_loops(WORTH)
            [warned] = await warnings(customers, shop)
            return [each["count"] for each in warned["reasons"] if each["code"] == "overdue"]

        assert await breaches() == [1]
        await customers.given(ComplaintJudged(valid=True, good_faith=False, **case), version=2)
        assert await breaches() == []
        await customers.given(overdue(shop, on, kind="complaint").model_copy(update=case | {"round": 2}), version=3)
        assert await breaches() == [], "it was judged before"
        await customers.given(ComplaintJudged(valid=False, good_faith=True, **case), version=4)
        assert await breaches() == []
        await customers.given(ComplaintJudged(valid=True, good_faith=True, **case), version=5)
        assert await breaches() == [2], "judged again, the later one counts"


@pytest.mark.example(21)
async def test_two_purchases_are_no_rhythm(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await store(customers)
        for day in (date(2026, 1, 5), date(2026, 1, 12)):
            customers.clock.move_to(noon(day))
            await bought(customers, shop, "100.00")
        await come_to(customers, date(2026, 3, 12))
        assert await customers.facts(ChurnWarned) == []
        await come_to(customers, date(2026, 3, 13))
        [warned] = await customers.facts(ChurnWarned)
        [reason] = warned.reasons
        assert (reason.code, reason.days) == ("interval", 60)

        await come_to(customers, date(2026, 4, 12))

        [ended] = await customers.facts(ChurnWarningEnded)
        assert (ended.cause, (await profile(customers, shop))["stage"]) == ("lost", "lost")


async def test_signals_alone_warn_of_nobody(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[-1])) as customers:
        shop = await store(customers)
        await bought(customers, shop, "100.00")
        await customers.given(overdue(shop, FIFTHS[-1]), *(missed(shop, FIFTHS[-1]) for _ in range(3)))
        await customers.run_loops(WORTH)
        assert (await profile(customers, shop))["warning"] is None
        assert await customers.facts(ChurnWarned) == []


async def test_what_was_told_twice_is_one_signal(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        fact = overdue(shop, date(2026, 11, 1))
        await customers.given(fact)
        await customers.given(ComplaintOverdue.model_validate({**fact.model_dump(), "round": 2}), version=2)
        await customers.given(fact, version=3)
        assert await customers.database.fetchval("SELECT count(*) FROM churn_signal") == 2, "one a round"


async def test_of_two_who_are_one_the_warning_of_the_kept_one_stays(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=datetime(2026, 1, 5, 4, tzinfo=UTC)) as customers:
        kept, gone = await store(customers), await store(customers, "美丽人生二店")
        for shop in (kept, gone):
            await bought(customers, shop, "100.00")
        await come_to(customers, date(2026, 3, 6))
        assert len(await customers.facts(ChurnWarned)) == 2

        answer = await customers.http.post(f"{BASE}/customers/{gone}/merge", json={"into": str(kept)})

        assert answer.status_code == 201, answer.text
        await customers.run_loops(WORTH)
        [stands] = await warnings(customers, kept)
        assert stands["ended_at"] is None
        assert (await customers.http.post(f"{BASE}/customers/{gone}/unmerge")).status_code == 200
        customers.clock.forward(timedelta(minutes=2))
        await customers.run_loops(WORTH)
        assert len(await warnings(customers, gone)) == len(await warnings(customers, kept)) == 1


async def test_nobody_reads_warnings_of_whom_they_do_not_see(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await with_a_rhythm(customers)
        await come_to(customers, date(2026, 9, 21))
        stranger = bearer("salesperson", await colleague(customers))
        path = f"{BASE}/customers/{shop}/warnings"
        assert slug(await customers.http.get(path, headers=stranger)) == (404, "customer-not-found")
        assert (await customers.http.get(f"{BASE}/warnings", headers=stranger)).json()["items"] == []
        found = await customers.http.get(f"{BASE}/warnings", params={"tier": "B"})
        assert [(each["customer_id"], each["customer_name"]) for each in found.json()["items"]] == [
            (str(shop), "美丽人生美容院")
        ]
        assert (await customers.http.get(f"{BASE}/warnings", params={"tier": "A"})).json()["items"] == []


async def test_a_tie_that_ends_is_a_warning_until_it_goes_on(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[-1])) as customers:
        shop = await store(customers)
        await bought(customers, shop, "100.00")
        body = {"kind": "technical", "ends_on": "2026-10-01", "text": "收银系统"}
        answer = await customers.http.post(f"{BASE}/customers/{shop}/ties", json=body)
        assert answer.status_code == 201, answer.text
        await come_to(customers, date(2026, 8, 19))
        assert await customers.facts(ChurnWarned) == []

        await come_to(customers, date(2026, 8, 20))

        [warned] = await customers.facts(ChurnWarned)
        [reason] = warned.reasons
        assert (reason.code, str(reason.on)) == ("tie", "2026-10-01"), "42 days before"
        assert (str(reason.tie_id), reason.tie_kind, reason.tie_source) == (answer.json()["id"], "technical", "entered")
        for shown in ((await profile(customers, shop))["warning"], (await warnings(customers, shop))[0]):
            [said] = shown["reasons"]
            assert (said["tie_id"], said["tie_kind"], said["on"]) == (answer.json()["id"], "technical", "2026-10-01")
        policy = (shown["policy_version"], shown["policy_id"])
        assert policy == (warned.policy_version, str(warned.policy_id)) == (1, await policy_id(customers, 1))
        prolonged = {"ends_on": "2027-10-01"}
        path = f"{BASE}/ties/{answer.json()['id']}"
        changed = await customers.http.patch(path, json=prolonged, headers={"If-Match": answer.headers["ETag"]})
        assert changed.status_code == 200, changed.text
        await customers.run_loops(WORTH)
        [ended] = await customers.facts(ChurnWarningEnded)
        assert ended.cause == "over"


MODEL = BuyingModel(r=2.0, alpha=60.0, a=0.8, b=4.0)


@given(st.integers(1, 200), st.integers(1, 2000), st.floats(0.01, 0.99))
def test_the_chance_falls_to_what_is_asked_when_patience_is_over(frequency: int, recency: int, chance: float) -> None:
    history = History(frequency, recency, recency)
    patience = MODEL.patience(history, chance)
    at = History(frequency, recency, recency + patience)
    assert MODEL.alive(at) == pytest.approx(chance, abs=1e-6)


async def test_a_small_chance_to_be_alive_warns(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=noon(date(2026, 1, 5))) as customers:
        shop, other = await store(customers), await store(customers, "第二家店")
        for day in range(0, 60, 4):
            customers.clock.move_to(noon(date(2026, 1, 5) + timedelta(days=day)))
            await bought(customers, shop, "100.00")
        await bought(customers, other, "100.00")
        body = (await customers.http.get(f"{BASE}/worth-policy")).json()
        patient = {part: body[part] for part in ("segments", "life", "warnings")}
        patient["warnings"]["times_interval"] = "20"
        answer = await customers.http.put(f"{BASE}/worth-policy", json=patient, headers={"If-Match": '"1"'})
        assert answer.status_code == 200, answer.text
        await customers.run_loops(WORTH)
        last, first = date(2026, 3, 2), date(2026, 1, 5)
        patience = MODEL.patience(History(14, (last - first).days, 0), 0.3)
        due = last + timedelta(days=int(patience) + 1)
        assert due < last + timedelta(days=80), "before the own rhythm warns"
        await come_to(customers, due)
        assert await customers.facts(ChurnWarned) == [], "nobody has fitted a model"

        await customers.database.execute(FIT, new_id(), noon(due), MODEL.r, MODEL.alpha, MODEL.a, MODEL.b)
        await customers.run_loops(WORTH)

        [warned] = await customers.facts(ChurnWarned)
        [reason] = warned.reasons
        assert (warned.customer_id, reason.code) == (shop, "alive")
        assert reason.share is not None
        assert 0.2 < reason.share <= 0.3


async def test_a_purchase_ends_a_warning_and_a_tie_that_ends_all_the_same_is_another(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers", start=noon(FIFTHS[0])) as customers:
        shop = await with_a_rhythm(customers)
        await come_to(customers, date(2026, 9, 22))
        body = {"kind": "technical", "ends_on": "2026-10-01", "text": "收银系统"}
        assert (await customers.http.post(f"{BASE}/customers/{shop}/ties", json=body)).status_code == 201
        await customers.run_loops(WORTH)
        both = (await profile(customers, shop))["warning"]
        assert [each["code"] for each in both["reasons"]] == ["interval", "tie", "trend"]
        await come_to(customers, date(2026, 9, 24))
        await customers.given(missed(shop, date(2026, 9, 24)), missed(shop, date(2026, 9, 24)))
        await customers.run_loops(WORTH)
        [interval] = [each for each in (await profile(customers, shop))["warning"]["reasons"] if each["days"]]
        assert interval["days"] == 50

        await bought(customers, shop, "9000.00")
        await customers.run_loops(WORTH)
        await customers.run_loops(WORTH)

        [ended] = await customers.facts(ChurnWarningEnded)
        assert (str(ended.warning_id), ended.cause) == (both["id"], "purchase")
        after = (await profile(customers, shop))["warning"]
        assert after["id"] != both["id"]
        assert [each["code"] for each in after["reasons"]] == ["tie", "trend", "missed"]
        assert [each["number"] for each in await warnings(customers, shop)] == [1, 4]
