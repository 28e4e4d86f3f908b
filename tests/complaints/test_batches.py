"""Batches: so many adverse reactions within so many days raise the alarm, once (domain 3.8, examples 15)."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.adverse_reactions.domain import SafetyPolicy
from services.complaints.adverse_reactions.handlers import keeping
from services.complaints.batches.domain import Span, alarm_in
from services.complaints.batches.handlers import counting
from services.complaints.purchases.domain import key_of
from shared.bus.event import Event
from shared.contracts.complaints import ComplaintJudged, ComplaintOpened
from shared.contracts.safety import BatchAlarmed, BatchExtended, BatchLifted, BatchRecorded
from shared.ids import new_id
from tests.complaints.building import SALESPERSON, SPECIALIST, Complaints, as_role, complaints
from tests.complaints.buying import buy
from tests.postgres import FreshDatabase

FIRST = SafetyPolicy(1, 3, 14, 365, {"mild": 30, "moderate": 30, "severe": 15, "public_danger": 3}, 75)
MORNING = datetime(2026, 11, 1, 1, tzinfo=UTC)
"""The first of November, nine o'clock in Shanghai."""
A_MOMENT = 0.3
"""Until whoever was sent off waits for what is held."""
CREAM = {"type": "product", "name": "CR-50"}


async def react(desk: Complaints, on: int | None = None, *, batch: str = "B7", **fields: Any) -> str:
    """A case of an adverse reaction, on a day of November at nine o'clock, when the clock stands earlier."""
    if on is not None and desk.clock.now() < (moment := MORNING + timedelta(days=on - 1)):
        desk.clock.forward(moment - desk.clock.now())
    body = {"against": CREAM, "batch": batch, "symptoms": ["rash"], "severity": "moderate", **fields}
    case = await desk.record(await desk.customer() if "complainant" not in fields else None, **body)
    await desk.hear_own()
    return str(case["id"])


async def listed(desk: Complaints, **params: Any) -> list[dict[str, Any]]:
    answer = await desk.get("/batches", **params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def whole(desk: Complaints) -> dict[str, Any]:
    """The only batch."""
    [batch] = await listed(desk)
    read: dict[str, Any] = (await desk.get(f"/batches/{batch['id']}")).json()
    return read


async def nine_stores(desk: Complaints) -> list[UUID]:
    """Who bought B7 within the year; others bought it before, or something else."""
    stores = sorted(new_id() for _ in range(9))
    for number, store in enumerate(stores):
        await buy(desk, store, ("CR-50", "B7", number + 1), at=MORNING - timedelta(days=30 * number))
    await buy(desk, new_id(), ("CR-50", "B7", 1), at=MORNING - timedelta(days=366))
    await buy(desk, new_id(), ("CR-50", "B8", 1), at=MORNING)
    return stores


def judged(valid: bool = True, good_faith: bool = True) -> dict[str, object]:
    return {"valid": valid, "good_faith": good_faith, "reasons": "looked into"}


@pytest.mark.example(15)
async def test_the_third_reaction_within_fourteen_days_raises_the_alarm_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        stores = await nine_stores(desk)
        await react(desk, 1)
        await react(desk, 8)
        assert await desk.facts(BatchAlarmed) == []

        await react(desk, 14)

        [alarm] = await desk.facts(BatchAlarmed)
        assert (alarm.product, alarm.batch, alarm.alarm, alarm.cases) == ("CR-50", "B7", 1, 3)
        assert (alarm.first_on, alarm.last_on) == (date(2026, 11, 1), date(2026, 11, 14))
        assert alarm.at == MORNING + timedelta(days=13)
        assert (alarm.customers, alarm.customer_ids) == (9, stores)
        batch = await whole(desk)
        assert (batch["alarmed"], batch["reactions"], batch["holds"], batch["customers"]) == (True, 3, True, 9)
        assert [case["reacted_on"] for case in batch["cases"]] == ["2026-11-01", "2026-11-08", "2026-11-14"]


@pytest.mark.example(15)
async def test_a_fourth_reaction_adds_to_the_alarm(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        await nine_stores(desk)
        for day in (1, 8, 14):
            await react(desk, day)
        later = new_id()
        await buy(desk, later, ("CR-50", "B7", 1), historical=True)

        fourth = await react(desk, 20)

        assert len(await desk.facts(BatchAlarmed)) == 1
        added = await desk.facts(BatchExtended)
        assert [(fact.complaint_id, fact.customer_ids) for fact in added] == [(UUID(fourth), []), (None, [later])]
        assert {fact.cases for fact in added} == {4}
        assert (await whole(desk))["reactions"] == 4


@pytest.mark.example(15)
@pytest.mark.parametrize("last, alarms", [(15, 1), (16, 0)])
async def test_fourteen_days_lie_between_the_first_and_the_last(
    fresh_database: FreshDatabase, last: int, alarms: int
) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        for day in (1, 8, last):
            await react(desk, day)

        assert len(await desk.facts(BatchAlarmed)) == alarms
        assert (await whole(desk))["alarmed"] is bool(alarms)


@given(st.lists(st.integers(0, 60), max_size=12), st.integers(2, 5), st.integers(1, 20))
def test_an_alarm_is_what_any_so_many_of_the_days_say(offsets: list[int], reactions: int, days: int) -> None:
    policy = SafetyPolicy(1, reactions, days, 365, {}, 75)
    ordered = [date(2026, 11, 1) + timedelta(days=offset) for offset in sorted(offsets)]

    close = [
        first
        for first in ordered
        if sum(first <= other <= first + timedelta(days=days) for other in ordered) >= reactions
    ]

    assert (alarm_in(ordered, policy) is not None) == bool(close)


def test_the_latest_reactions_name_the_days_of_an_alarm() -> None:
    days = [date(2026, 11, day) for day in (1, 2, 3, 20, 21, 22)]

    assert alarm_in(days, FIRST) == Span(date(2026, 11, 20), date(2026, 11, 22))


async def test_a_day_is_said_or_that_of_the_event_or_of_the_recording_in_the_companys_zone(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database, datetime(2026, 11, 20, 17, tzinfo=UTC)) as desk:
        await react(desk, reaction_on="2026-11-02")
        await react(desk, happened_at="2026-11-04T17:00:00Z")
        await react(desk)

        days = [case["reacted_on"] for case in (await whole(desk))["cases"]]
        assert days == ["2026-11-02", "2026-11-05", "2026-11-21"]


async def test_two_third_cases_at_once_raise_one_alarm(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        await nine_stores(desk)
        await react(desk, 1)
        await react(desk, 8)
        body = {"against": CREAM, "batch": "B7", "symptoms": ["rash"]}
        shops = [await desk.customer() for _ in range(2)]
        await asyncio.gather(*(desk.record(shop, **body) for shop in shops))
        news = (await desk.events(ComplaintOpened))[2:]

        await asyncio.gather(*(desk.deliver([event]) for event in news))

        assert len(await desk.facts(BatchAlarmed)) == 1
        assert len(await desk.facts(BatchExtended)) == 1
        assert (await whole(desk))["reactions"] == 4


async def test_what_is_judged_not_valid_or_malicious_leaves_the_count(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        first = await react(desk, 1)
        second = await react(desk, 2)
        for id_, verdict in ((first, judged(valid=False)), (second, judged(good_faith=False))):
            assert (await desk.post(f"/complaints/{id_}/judgement", verdict)).status_code == 200
        await desk.hear_own()
        await react(desk, 3)
        await react(desk, 4)
        assert await desk.facts(BatchAlarmed) == []

        await desk.post(f"/complaints/{first}/judgement", judged())
        await desk.hear_own()

        assert len(await desk.facts(BatchAlarmed)) == 1


async def test_an_alarm_that_was_raised_stays_and_says_that_its_cases_do_not_hold(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        ids = [await react(desk, day) for day in (1, 2, 3)]

        await desk.post(f"/complaints/{ids[0]}/judgement", judged(valid=False))
        await desk.hear_own()

        batch = await whole(desk)
        assert (batch["alarmed"], batch["holds"], batch["reactions"]) == (True, False, 2)
        assert [case["counts"] for case in batch["cases"]] == [False, True, True]


async def test_administration_lifts_an_alarm_and_three_new_reactions_raise_the_next(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        stores = await nine_stores(desk)
        for day in (1, 2, 3):
            await react(desk, day)
        id_ = (await whole(desk))["id"]

        assert await desk.refused(f"/batches/{id_}/lift", {"reason": " "}) == (422, "invalid")
        lifted = await desk.post(f"/batches/{id_}/lift", {"reason": "the laboratory found nothing"})
        assert (lifted.status_code, lifted.json()["alarmed"]) == (200, False)
        assert lifted.json()["lifted_because"] == "the laboratory found nothing"
        assert await desk.refused(f"/batches/{id_}/lift", {"reason": "again"}) == (409, "no-alarm")
        assert [fact.alarm for fact in await desk.facts(BatchLifted)] == [1]
        for day in (4, 5):
            await react(desk, day)
        assert len(await desk.facts(BatchAlarmed)) == 1
        await react(desk, 6)

        again = (await desk.facts(BatchAlarmed))[-1]
        assert (again.alarm, again.cases, again.customer_ids) == (2, 3, stores)
        assert (await whole(desk))["lifted_at"] is None


async def test_history_counts_and_raises_no_alarm_by_itself(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING + timedelta(days=9)) as desk:
        for day in (1, 2, 3):
            await react(desk, recorded_at=(MORNING + timedelta(days=day)).isoformat())
        assert await desk.facts(BatchAlarmed) == []

        await react(desk)

        assert [fact.cases for fact in await desk.facts(BatchAlarmed)] == [4]


async def test_who_buys_of_an_alarmed_batch_is_told_of_too(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        for day in (1, 2, 3):
            await react(desk, day)
        late, past = new_id(), new_id()

        await buy(desk, past, ("CR-50", "B7", 1), historical=True)
        await buy(desk, past, ("CR-50", "B8", 1))
        assert await desk.facts(BatchExtended) == []
        await buy(desk, late, ("CR-50", "B7", 1))
        await buy(desk, late, ("CR-50", "B7", 1))

        [fact] = await desk.facts(BatchExtended)
        assert (fact.complaint_id, set(fact.customer_ids)) == (None, {late, past})


async def test_many_buyers_are_told_of_in_several_events(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        await desk.database.execute(
            """INSERT INTO bought_batch SELECT gen_random_uuid(), 'cr-50', 'b7', gen_random_uuid(), $1, 1
               FROM generate_series(1, 1001)""",
            MORNING,
        )
        for day in (1, 2, 3):
            await react(desk, day)

        [alarm] = await desk.facts(BatchAlarmed)
        rest = await desk.facts(BatchExtended)
        assert (alarm.customers, len(alarm.customer_ids)) == (1001, 500)
        assert [len(fact.customer_ids) for fact in rest] == [500, 1]
        named = {*alarm.customer_ids, *(id_ for fact in rest for id_ in fact.customer_ids)}
        assert len(named) == 1001
        versions = {event.aggregate_version for event in await desk.events(BatchAlarmed, BatchExtended)}
        assert versions == {1}


async def test_a_reaction_is_entered_later_and_put_right(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        await react(desk, 1)
        await react(desk, 2)
        case = await desk.record(await desk.customer(), against=CREAM)
        path = f"/complaints/{case['id']}/reaction"

        entered = await desk.post(
            path, {"batch": "b7", "symptoms": ["itching", "itching"], "reaction_on": "2026-11-01"}
        )
        assert entered.status_code == 200, entered.text
        await desk.hear_own()
        assert len(await desk.facts(BatchAlarmed)) == 1
        read = await desk.read(case["id"])
        assert (read["batch"], read["symptoms"], read["severity"]) == ("b7", ["itching"], "mild")

        await desk.post(path, {"batch": "B8", "product": "MK-5", "severity": "severe"})
        await desk.hear_own()
        counted = {(batch["product"], batch["batch"]): batch["reactions"] for batch in await listed(desk)}
        assert counted == {("CR-50", "B7"): 2, ("MK-5", "B8"): 1}
        await desk.post(path, {})
        await desk.hear_own()
        assert [batch["reactions"] for batch in await listed(desk)] == [2, 0]
        read = await desk.read(case["id"])
        assert (read["severity"], read["safety_report"], read["batch"]) == (None, None, None)
        history = (await desk.get(f"/complaints/{case['id']}/history")).json()["items"]
        assert [entry["what"] for entry in history].count("reaction_recorded") == 3


async def test_a_day_that_is_put_right_raises_the_alarm_and_adds_nothing_twice(fresh_database: FreshDatabase) -> None:
    """Over the turn of the year: the third is entered as of the 16th day, and was on the 15th."""
    async with complaints(fresh_database, datetime(2027, 1, 10, 1, tzinfo=UTC)) as desk:
        await react(desk, reaction_on="2026-12-25")
        await react(desk, reaction_on="2027-01-01")
        last = await react(desk, reaction_on="2027-01-09")
        said = {"batch": "B7", "symptoms": ["rash"], "severity": "moderate"}
        await desk.post(f"/complaints/{last}/reaction", {**said, "reaction_on": "2027-01-10"})
        await desk.hear_own()
        assert await desk.facts(BatchAlarmed) == []

        await desk.post(f"/complaints/{last}/reaction", {**said, "reaction_on": "2027-01-08"})
        await desk.hear_own()
        [alarm] = await desk.facts(BatchAlarmed)
        assert (alarm.batch, alarm.cases) == ("B7", 3)

        await desk.post(f"/complaints/{last}/reaction", {**said, "reaction_on": "2027-01-07"})
        await desk.hear_own()
        assert len(await desk.facts(BatchAlarmed, BatchExtended)) == 1, "nobody has joined"
        assert (await whole(desk))["reactions"] == 3


async def test_a_correction_of_the_batch_counts_elsewhere(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        await react(desk, 1)
        await react(desk, 2)
        other = await react(desk, 3, batch="B9")
        corrected = await desk.post(f"/complaints/{other}/correction", {"batch": "B7", "reason": "misread"})
        assert corrected.status_code == 200, corrected.text
        await desk.hear_own()

        assert [fact.batch for fact in await desk.facts(BatchAlarmed)] == ["B7"]


async def test_products_are_those_of_purchases_where_only_one_has_such_a_batch(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        store = new_id()
        await buy(desk, store, ("CR-50", "B7", 1))
        cream = {"type": "product", "name": "面霜"}
        await react(desk, 1, against=cream)
        await react(desk, 1, against=None)
        await react(desk, 1)

        [alarm] = await desk.facts(BatchAlarmed)
        assert alarm.customer_ids == [store]


@pytest.mark.parametrize("known_by", ["record", "purchase", "history", "case"])
async def test_reactions_that_named_no_product_count_for_the_one_that_becomes_known(
    fresh_database: FreshDatabase, known_by: str
) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        for day in (1, 2):
            await react(desk, day, batch="B9", against=None)
        assert [(each["product"], each["reactions"]) for each in await listed(desk)] == [(None, 2)]

        if known_by == "record":
            made = await desk.post("/batches", {"product": "P-100", "batch": "B9"})
            assert (made.status_code, made.json()["reactions"]) == (201, 2)
        elif known_by != "case":
            await buy(desk, new_id(), ("P-100", "b 9", 1), historical=known_by == "history")
        await react(desk, 3, batch="B9", against=None, **({"product": "P-100"} if known_by == "case" else {}))

        [alarm] = await desk.facts(BatchAlarmed)
        assert (key_of(alarm.product or ""), alarm.batch, alarm.cases) == ("p-100", "B9", 3)
        assert sorted(each["reactions"] for each in await listed(desk)) == [0, 3]


async def test_an_alarm_is_raised_when_the_product_of_three_reactions_becomes_known(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        for day in (1, 2):
            await react(desk, day, batch="B9", against=None)
        await react(desk, 3, batch="B9", against=None, product="P-100")
        [alarm] = await desk.facts(BatchAlarmed)
        lifted = await desk.post(f"/batches/{alarm.batch_id}/lift", {"reason": "nothing found"})
        assert lifted.status_code == 200, lifted.text
        for day in (4, 5, 6):
            await react(desk, day, batch="C1", against=None)
        assert len(await desk.facts(BatchAlarmed)) == 2, "of a number alone, too"

        made = await desk.post("/batches", {"product": "P-100", "batch": "C1"})

        assert (made.status_code, made.json()["alarmed"], made.json()["reactions"]) == (201, True, 3)
        again = await desk.http.patch(
            f"/complaints/v1/batches/{made.json()['id']}",
            json={"sale_stopped": True},
            headers={"If-Match": made.headers["ETag"]},
        )
        assert again.status_code == 200, "what is answered is the batch as it stands"


async def test_reactions_of_an_alarm_that_was_lifted_raise_none_under_the_products_name(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        for day in (1, 2, 3):
            await react(desk, day, batch="B9", against=None)
        id_ = (await whole(desk))["id"]
        assert (await desk.post(f"/batches/{id_}/lift", {"reason": "nothing found"})).status_code == 200

        await desk.post("/batches", {"product": "P-100", "batch": "B9"})
        await react(desk, 4, batch="B9", against=None)

        assert len(await desk.facts(BatchAlarmed)) == 1


async def test_a_number_of_two_products_names_none(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        await buy(desk, new_id(), ("P-100", "B9", 1), ("P-200", "B9", 1))
        for day in (1, 2):
            await react(desk, day, batch="B9", against=None)

        await buy(desk, new_id(), ("P-100", "B9", 1))

        assert [(each["product"], each["reactions"]) for each in await listed(desk)] == [(None, 2)]


async def test_an_alarm_is_lifted_while_its_reactions_are_counted_anew(fresh_database: FreshDatabase) -> None:
    """Nobody waits in a circle: who counts holds reactions before the batch, who lifts the batch before reactions."""
    async with complaints(fresh_database, MORNING) as desk:
        ids = [UUID(await react(desk, day)) for day in (1, 2, 3)]
        batch, context = (await whole(desk))["id"], desk.service.context
        for id_ in ids:
            assert (await desk.post(f"/complaints/{id_}/judgement", judged())).status_code == 200
        news = await desk.events(ComplaintJudged)

        async with context.database.transaction() as counting_anew:
            await keeping.keep(context, counting_anew, ids)
            lifting = asyncio.ensure_future(desk.post(f"/batches/{batch}/lift", {"reason": "nothing found"}))
            await asyncio.sleep(A_MOMENT)
            await counting.on_complaint_judged(context, counting_anew, news)

        lifted = await lifting
        assert (lifted.status_code, lifted.json()["reactions"]) == (200, 0)


async def test_a_product_becomes_known_while_a_reaction_that_names_none_is_kept(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        await desk.record(await desk.customer(), batch="B9", symptoms=["rash"], against=None)
        [opened], context = await desk.events(ComplaintOpened), desk.service.context

        async with context.database.transaction() as hearing:
            await counting.on_complaint_opened(context, hearing, [opened])
            buying = asyncio.ensure_future(buy(desk, new_id(), ("P-100", "B9", 1)))
            await asyncio.sleep(A_MOMENT)

        await buying
        assert sorted((each["product"] or "", each["reactions"]) for each in await listed(desk)) == [
            ("", 0),
            ("p-100", 1),
        ]


async def test_bad_words_of_a_reaction_are_refused(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        shop = str(await desk.customer())
        case = await desk.record()
        about = {"customer_id": shop, "subject": "product", "text": "红了", "batch": "B7"}
        bad: list[tuple[dict[str, Any], tuple[int, str]]] = [
            ({"symptoms": ["nonsense"]}, (422, "unknown-symptom")),
            ({"symptoms": ["rash"] * 21}, (422, "invalid")),
            ({"severity": "awful"}, (422, "invalid")),
            ({"severity": "mild", "reaction_on": "2026-11-02"}, (422, "reaction-day")),
            ({"severity": "mild", "reaction_on": "1926-11-02"}, (422, "reaction-day")),
        ]
        for words, refusal in bad:
            assert await desk.refused("/complaints", {**about, **words}) == refusal, words
            assert await desk.refused(f"/complaints/{case['id']}/reaction", words) == refusal, words
        assert await desk.refused(f"/complaints/{new_id()}/reaction", {}) == (404, "no-such-complaint")
        assert await desk.database.fetchval("SELECT count(*) FROM complaint") == 1


async def test_administration_records_batches_and_puts_them_right(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        await react(desk, 1)
        body = {"product": "CR-50", "batch": "B7", "made_on": "2026-06-01", "expires_on": "2028-06-01"}

        made = await desk.post("/batches", body)
        assert made.status_code == 201, made.text
        assert (made.json()["reactions"], made.json()["sale_stopped_at"]) == (1, None)
        assert await desk.refused("/batches", {**body, "batch": "ｂ 7"}) == (409, "batch-recorded")
        path = f"/complaints/v1/batches/{made.json()['id']}"
        blind = await desk.http.patch(path, json={"sale_stopped": True})
        assert blind.status_code == 428
        stop = await desk.http.patch(path, json={"sale_stopped": True}, headers={"If-Match": made.headers["ETag"]})
        assert (stop.status_code, stop.json()["sale_stopped_at"]) == (200, "2026-11-01T01:00:00Z")
        bad = await desk.http.patch(path, json={"expires_on": "2026-05-31"}, headers={"If-Match": "*"})
        assert (bad.status_code, bad.json()["slug"]) == (422, "batch-days")
        told = await desk.facts(BatchRecorded)
        assert [fact.sale_stopped_at for fact in told] == [None, MORNING]
        early = {**body, "batch": "B1", "made_on": "2026-11-02"}
        assert await desk.refused("/batches", early) == (422, "batch-days")
        assert len(await listed(desk)) == 1
        assert (await desk.get(f"/batches/{new_id()}")).status_code == 404


async def test_batches_are_listed_with_alarms_first(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        for day in (1, 2, 3):
            await react(desk, day)
        for name in ("B8", "B9"):
            await desk.post("/batches", {"product": "MK-5", "batch": name})

        assert [batch["batch"] for batch in await listed(desk)] == ["B7", "B9", "B8"]
        assert [batch["batch"] for batch in await listed(desk, alarmed="false")] == ["B9", "B8"]
        assert [batch["batch"] for batch in await listed(desk, product="mk-5", batch="b8")] == ["B8"]
        first = (await desk.get("/batches", limit=1)).json()
        second = (await desk.get("/batches", limit=1, cursor=first["next"])).json()
        assert [page["items"][0]["batch"] for page in (first, second)] == ["B7", "B9"]


async def test_who_may_do_what_with_batches(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        body = {"product": "CR-50", "batch": "B7"}
        for role, person in (("salesperson", SALESPERSON), ("cs_specialist", SPECIALIST)):
            answer = await desk.http.post("/complaints/v1/batches", json=body, headers=as_role(role, person))
            assert answer.status_code == 403
        answer = await desk.http.get("/complaints/v1/batches", headers=as_role("salesperson", SALESPERSON))
        assert answer.status_code == 403


async def test_a_version_of_the_policy_judges_what_comes_after_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        await react(desk, 1)
        definition = {
            "reactions": 2,
            "days": 30,
            "buyers_within_days": 30,
            "report_days": {"mild": 10, "moderate": 10, "severe": 5, "public_danger": 1},
            "warn_percent": 50,
        }
        written = await desk.post("/safety-policies", definition)
        assert (written.status_code, written.json()["version"]) == (201, 2)
        bad = {**definition, "report_days": {"mild": 10}}
        assert await desk.refused("/safety-policies", bad) == (422, "invalid")

        await react(desk, 20)

        [alarm] = await desk.facts(BatchAlarmed)
        assert (alarm.cases, alarm.policy_version) == (2, 2)
        versions = (await desk.get("/safety-policies")).json()["items"]
        assert [version["reactions"] for version in versions] == [2, 3]


async def test_symptoms_are_a_table_that_grows(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        path = "/complaints/v1/symptoms/numbness"
        words = {"name_en": "Numbness", "name_zh": "麻木"}
        assert (await desk.http.put(path, json=words)).json()["version"] == 1
        assert (await desk.http.put(path, json=words)).status_code == 428
        gone = await desk.http.put(path, json={**words, "active": False}, headers={"If-Match": '"1"'})
        assert (gone.status_code, gone.json()["version"]) == (200, 2)
        assert (await desk.http.put(path, json=words, headers={"If-Match": '"1"'})).status_code == 412
        codes = [symptom["code"] for symptom in (await desk.get("/symptoms")).json()["items"]]
        assert {"rash", "numbness"} < set(codes)
        refused = await desk.refused("/complaints", {"subject": "product", "text": "x", "symptoms": ["numbness"]})
        assert refused[0] == 422


def test_events_of_a_batch_are_keyed_by_it() -> None:
    id_ = new_id()
    fact = BatchLifted(batch_id=id_, batch="B7", alarm=1, at=MORNING)

    assert Event.of(fact, aggregate_id=id_, version=1, at=MORNING).key == str(id_)
