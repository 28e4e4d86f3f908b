"""The main job: purchases lift a store, and a complaint that nobody answers reaches everybody."""

from datetime import timedelta

from shared.months import Month
from shared.settings import Settings
from tests.journeys import looks
from tests.journeys.network import company, get, post
from tests.journeys.stage import Stage

ZONE = Settings().zone


async def purchases_lift_a_store(stage: Stage) -> None:
    """Purchases lift a store to A: its obligations change, its complaint jumps the queue, it is greeted once."""
    http = stage.http
    brand_company = await company(http)
    other, rising = await brand_company.store("静心美容院"), await brand_company.store("丽人美容院")
    earlier = await brand_company.complains(other)
    later = await brand_company.complains(rising)
    assert (earlier["tier"], later["tier"]) == ("D", "D")
    assert await looks.queue(stage, [later["id"], earlier["id"]]) == [earlier["id"], later["id"]]
    await stage.until(looks.visits_owed(stage, rising, 1), "a D store is owed a visit")
    [before] = await looks.visits(stage, rising)

    now = await stage.now()
    await brand_company.buys(rising, "1500.00", now)
    await stage.until(looks.tier_is(stage, rising, "C"), "1,500 make a C")
    await brand_company.buys(rising, "9000.00", now)
    await stage.until(looks.tier_is(stage, rising, "A"), "10,500 make an A")

    await stage.until(looks.queue_is(stage, [later["id"], earlier["id"]]), "the A store's complaint goes first")
    await stage.until(looks.planned_sooner(stage, rising, before), "an A store is visited twice a month")
    await stage.until(looks.greeted(stage, rising, 2), "the store is greeted once for each rise")
    history = (await get(http, f"/customers/v1/customers/{rising}/tier-history"))["items"]
    assert {(change["from"], change["to"]) for change in history} >= {("D", "C"), ("C", "A")}
    await stage.until(looks.reported_tier_is(stage, rising, "A"), "customer 360 says A")


async def nobody_answers(stage: Stage) -> None:
    """A complaint that nobody answers escalates after four hours and reaches everybody."""
    http = stage.http
    brand_company = await company(http)
    store = await brand_company.store()
    month = str(Month.of(await stage.now(), ZONE))
    before = await looks.month_of_complaints(stage, month)
    await stage.quiet()  # so that complaints knows the team: who is responsible is decided when a case is recorded
    case = await brand_company.complains(store)
    await stage.until(looks.promotion_held(stage, store, True), "promotion is held while a case is open")

    await stage.forward(timedelta(hours=4, seconds=1))

    says = looks.case_says(stage, case["id"], overdue=True, escalation_level=1)
    await stage.until(says, "overdue at four hours")
    await stage.until(looks.apology_call_planned(stage, store, brand_company), "the apology call is planned")
    await stage.until(looks.reported_case_says(stage, store, case["id"], overdue=True), "customer 360 shows it overdue")
    await stage.until(looks.told(stage, brand_company.staff["cs_specialist"]), "the responsible person is told")

    await stage.forward(timedelta(hours=1))

    await stage.until(looks.case_says(stage, case["id"], escalation_level=2), "the supervisor an hour later")
    await stage.until(looks.told(stage, brand_company.staff["sales_manager"]), "the supervisor is told")

    await post(http, f"/complaints/v1/complaints/{case['id']}/answer", {"text": "It is on its way; we apologise."})
    await post(http, f"/complaints/v1/complaints/{case['id']}/resolve", {"text": "Delivered."})
    await stage.until(looks.promotion_held(stage, store, False), "promotion goes on")
    late = looks.month_grew(stage, month, before, answered_late=1, opened=1)
    await stage.until(late, "the month report counts it late")

    await post(http, f"/complaints/v1/complaints/{case['id']}/reopen", {"text": "Half of it was missing."})
    again = await looks.case(stage, case["id"])
    assert (again["round"], again["overdue"], again["state"]) == (2, False, "open")
    await stage.until(looks.month_grew(stage, month, before, opened=2), "the new round counts")
    await _rebuilt_the_same(stage, store, month)


async def _rebuilt_the_same(stage: Stage, store: str, month: str) -> None:
    """Reporting is thrown away and comes out of the log the same."""
    await stage.quiet()
    before = await _reports(stage, store, month)
    await stage.rebuild_reporting()

    async def same() -> bool:
        return await _reports(stage, store, month) == before

    await stage.until(same, "the rebuilt reports are the same")


async def _reports(stage: Stage, store: str, month: str) -> list[object]:
    paths = (f"/reporting/v1/customers/{store}", f"/reporting/v1/complaints?month={month}")
    answers = [await stage.http.get(path) for path in paths]
    return [(answer.status_code, answer.json()) for answer in answers]
