"""The stories of the main job; each is played on any stage."""

from datetime import timedelta
from typing import Any

from shared.months import Month
from shared.settings import Settings
from tests.journeys.network import Company, company, get, post
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
    assert await _queue(stage) == [earlier["id"], later["id"]]
    await stage.until(lambda: _visits_owed(stage, rising, 1), "a D store is owed a visit")
    before = await _visit(stage, rising)

    now = await stage.now()
    await brand_company.buys(rising, "1500.00", now)
    await stage.until(lambda: _tier_is(stage, rising, "C"), "1,500 make a C")
    await brand_company.buys(rising, "9000.00", now)
    await stage.until(lambda: _tier_is(stage, rising, "A"), "10,500 make an A")

    await stage.until(lambda: _queue_is(stage, [later["id"], earlier["id"]]), "the A store's complaint goes first")
    await stage.until(lambda: _is_planned_sooner(stage, rising, before), "an A store is visited twice a month")
    await stage.until(lambda: _greeted(stage, rising, 2), "the store is greeted once for each rise")
    history = (await get(http, f"/customers/v1/customers/{rising}/tier-history"))["items"]
    assert {(change["from"], change["to"]) for change in history} >= {("D", "C"), ("C", "A")}
    await stage.until(lambda: _reported_tier_is(stage, rising, "A"), "customer 360 says A")


async def nobody_answers(stage: Stage) -> None:
    """A complaint that nobody answers escalates after four hours and reaches everybody."""
    http = stage.http
    brand_company = await company(http)
    store = await brand_company.store()
    month = str(Month.of(await stage.now(), ZONE))
    case = await brand_company.complains(store)
    await stage.until(lambda: _promotion_held(stage, store, True), "promotion is held while a case is open")

    await stage.forward(timedelta(hours=4, seconds=1))

    await stage.until(lambda: _case_says(stage, case["id"], overdue=True, escalation_level=1), "overdue at four hours")
    await stage.until(lambda: _has_apology_call(stage, store, brand_company), "the apology call is planned")
    await stage.until(lambda: _reported_overdue(stage, store, case["id"]), "customer 360 shows it overdue")
    await stage.until(lambda: _told(stage, brand_company.staff["cs_specialist"]), "the responsible person is told")

    await stage.forward(timedelta(hours=1))

    await stage.until(lambda: _case_says(stage, case["id"], escalation_level=2), "the supervisor an hour later")
    await stage.until(lambda: _told(stage, brand_company.staff["sales_manager"]), "the supervisor is told")

    await post(http, f"/complaints/v1/complaints/{case['id']}/answer", {"text": "It is on its way; we apologise."})
    await post(http, f"/complaints/v1/complaints/{case['id']}/resolve", {"text": "Delivered."})
    await stage.until(lambda: _promotion_held(stage, store, False), "promotion goes on")
    await stage.until(lambda: _month_counts(stage, month, answered_late=1, opened=1), "the month report counts it late")

    await post(http, f"/complaints/v1/complaints/{case['id']}/reopen", {"text": "Half of it was missing."})
    again = await get(http, f"/complaints/v1/complaints/{case['id']}")
    assert (again["round"], again["overdue"], again["state"]) == (2, False, "open")
    await stage.until(lambda: _month_counts(stage, month, opened=2), "the new round counts")
    await _rebuilt_the_same(stage, store, month)


async def _rebuilt_the_same(stage: Stage, store: str, month: str) -> None:
    """Reporting is thrown away and comes out of the log the same."""
    before = await _reports(stage, store, month)
    await stage.rebuild_reporting()

    async def same() -> bool:
        return await _reports(stage, store, month) == before

    await stage.until(same, "the rebuilt reports are the same")


async def _reports(stage: Stage, store: str, month: str) -> list[object]:
    paths = (f"/reporting/v1/customers/{store}", f"/reporting/v1/complaints?month={month}")
    answers = [await stage.http.get(path) for path in paths]
    return [(answer.status_code, answer.json()) for answer in answers]


async def _queue(stage: Stage) -> list[str]:
    return [case["id"] for case in (await get(stage.http, "/complaints/v1/queue"))["items"]]


async def _queue_is(stage: Stage, expected: list[str]) -> bool:
    return await _queue(stage) == expected


async def _tier_is(stage: Stage, store: str, tier: str) -> bool:
    return bool((await get(stage.http, f"/customers/v1/customers/{store}"))["tier"] == tier)


async def _reported_tier_is(stage: Stage, store: str, tier: str) -> bool:
    return bool((await get(stage.http, f"/reporting/v1/customers/{store}"))["tier"] == tier)


async def _tasks(stage: Stage, store: str, **query: Any) -> list[dict[str, Any]]:
    tasks: list[dict[str, Any]] = (await get(stage.http, "/care/v1/tasks", customer_id=store, **query))["items"]
    return tasks


async def _visits_owed(stage: Stage, store: str, count: int) -> bool:
    return len(await _salesperson_visits(stage, store)) == count


async def _salesperson_visits(stage: Stage, store: str) -> list[dict[str, Any]]:
    tasks = await _tasks(stage, store, state="open")
    return [task for task in tasks if (task["role"], task["contact"]) == ("salesperson", "visit")]


async def _visit(stage: Stage, store: str) -> dict[str, Any]:
    (visit,) = await _salesperson_visits(stage, store)
    return visit


async def _is_planned_sooner(stage: Stage, store: str, before: dict[str, Any]) -> bool:
    visits = await _salesperson_visits(stage, store)
    return len(visits) == 1 and visits[0]["due_at"] < before["due_at"]


async def _greeted(stage: Stage, store: str, count: int) -> bool:
    messages = (await get(stage.http, "/care/v1/messages", customer_id=store))["items"]
    return len([message for message in messages if message["occasion"].startswith("tier_rise")]) == count


async def _promotion_held(stage: Stage, store: str, held: bool) -> bool:
    return bool((await get(stage.http, f"/care/v1/consents/{store}"))["promotion"]["held"] == held)


async def _case_says(stage: Stage, case: str, **expected: Any) -> bool:
    found = await get(stage.http, f"/complaints/v1/complaints/{case}")
    return {name: found[name] for name in expected} == expected


async def _has_apology_call(stage: Stage, store: str, brand_company: Company) -> bool:
    calls = await _tasks(stage, store, kind="apology_call")
    return [call["assignee_id"] for call in calls] == [brand_company.staff["cs_manager"]]


async def _reported_overdue(stage: Stage, store: str, case: str) -> bool:
    complaints = (await get(stage.http, f"/reporting/v1/customers/{store}"))["complaints"]
    return [each["overdue"] for each in complaints if each["id"] == case] == [True]


async def _told(stage: Stage, staff: str) -> bool:
    messages = (await get(stage.http, "/care/v1/messages", staff_id=staff))["items"]
    return any(message["state"] == "sent" for message in messages)


async def _month_counts(stage: Stage, month: str, **expected: int) -> bool:
    report = await get(stage.http, "/reporting/v1/complaints", month=month)
    return {name: report[name] for name in expected} == expected
