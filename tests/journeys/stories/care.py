"""The work of care: who owes a store which touch, what was done, what was missed."""

from datetime import datetime, timedelta
from typing import Any

from shared.months import Month
from shared.settings import Settings
from tests.journeys import looks
from tests.journeys.network import Company, company, get, post
from tests.journeys.stage import Check, Stage

ZONE = Settings().zone
MOMENT = timedelta(seconds=1)


async def a_visit_is_done_and_one_is_missed(stage: Stage) -> None:
    """Account team and matrix make tasks; what is done stays done when the tier rises, and a window that passes is
    missed, reported to the month and the person."""
    brand_company = await company(stage.http)
    store = await brand_company.store()
    await stage.until(looks.visits_owed(stage, store, 1), "a D store is owed a visit")
    [visit] = await looks.visits(stage, store)
    assert visit["assignee_id"] == brand_company.staff["salesperson"]
    done = await _visited(stage, visit["id"])
    await stage.until(looks.visits_owed(stage, store, 1), "the next one is planned")
    [following] = await looks.visits(stage, store)
    assert following["not_before"] > visit["not_before"], "welcome again only after a month"

    await brand_company.buys(store, "10500.00", await stage.now())
    await stage.until(looks.planned_sooner(stage, store, following), "what is ahead is planned as for an A store")
    assert await get(stage.http, f"/care/v1/tasks/{visit['id']}") == done, "what is done stays as it was"
    [ahead] = await looks.visits(stage, store)
    assert ahead["id"] == following["id"]

    due_at = datetime.fromisoformat(ahead["due_at"])
    await stage.forward(due_at - await stage.now() + MOMENT)

    await stage.until(_task_is(stage, ahead["id"], "missed"), "its window passes and it is missed")
    await stage.until(looks.visits_owed(stage, store, 1), "the next one is planned")
    await stage.until(_touches_are(stage, store, done=1, missed_visits=1), "customer 360 shows one done and one missed")
    month = str(Month.of(due_at - MOMENT, ZONE))
    await stage.until(_missed_by(stage, brand_company, month), "the month's service report names the person")


async def the_matrix_changes(stage: Stage) -> None:
    """A new version of the obligation matrix plans what is ahead anew; back to the former one, it is dropped."""
    brand_company = await company(stage.http)
    store = await brand_company.store()
    await stage.until(looks.visits_owed(stage, store, 1), "a D store is owed a visit")
    before = await looks.tasks(stage, store)
    present = await stage.http.get("/care/v1/obligation-matrix")
    former = present.json()["obligations"]
    call = {"tier": "D", "role": "cs_manager", "contact": "phone", "interval": {"kind": "every", "within": "1"}}
    without = [each for each in former if (each["tier"], each["role"], each["contact"]) != ("D", "cs_manager", "phone")]

    changed = await _set_matrix(stage, [*without, call], present.headers["ETag"])
    assert changed["version"] == present.json()["version"] + 1
    await stage.until(_calls_are(stage, store, brand_company, ["open"]), "the customer-service manager owes a call")
    stale = await stage.http.put(
        "/care/v1/obligation-matrix", json={"obligations": former}, headers={"If-Match": present.headers["ETag"]}
    )
    assert (stale.status_code, stale.json()["slug"]) == (412, "stale")

    await _set_matrix(stage, former, "*")
    await stage.until(_calls_are(stage, store, brand_company, ["dropped"]), "nobody owes it any longer")
    assert [task for task in await looks.tasks(stage, store) if task["role"] != "cs_manager"] == before


async def _set_matrix(stage: Stage, obligations: list[Any], etag: str) -> dict[str, Any]:
    answer = await stage.http.put(
        "/care/v1/obligation-matrix", json={"obligations": obligations}, headers={"If-Match": etag}
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _visited(stage: Stage, task: str) -> dict[str, Any]:
    """The task as it reads once the visit is recorded."""
    proof = {"minutes": 45, "content": "Checked the shelves.", "said": "All sells well.", "place": "静安店"}
    await post(stage.http, f"/care/v1/tasks/{task}/done", proof)
    found = await get(stage.http, f"/care/v1/tasks/{task}")
    assert (found["state"], found["record"]["place"]) == ("done", "静安店")
    return found


def _task_is(stage: Stage, task: str, state: str) -> Check:
    async def check() -> bool:
        return bool((await get(stage.http, f"/care/v1/tasks/{task}"))["state"] == state)

    return check


def _calls_are(stage: Stage, store: str, brand_company: Company, states: list[str]) -> Check:
    """In care and in customer 360."""

    async def check() -> bool:
        calls = [task for task in await looks.tasks(stage, store) if task["role"] == "cs_manager"]
        assert {call["assignee_id"] for call in calls} <= {brand_company.staff["cs_manager"]}
        recent = (await looks.customer_360(stage, store))["touches"]["recent"]
        reported = [touch["state"] for touch in recent if touch["role"] == "cs_manager"]
        return [call["state"] for call in calls] == reported == states

    return check


def _touches_are(stage: Stage, store: str, *, done: int, missed_visits: int) -> Check:
    """In customer 360 and, the missed ones, in its timeline."""

    async def check() -> bool:
        found = await looks.customer_360(stage, store)
        missed = [
            each
            for each in found["timeline"]
            if each["type"] == "crm.touch.missed" and each["data"]["contact"] == "visit"
        ]
        return found["touches"]["done"] == done and len(missed) == missed_visits

    return check


def _missed_by(stage: Stage, brand_company: Company, month: str) -> Check:
    async def check() -> bool:
        people = (await get(stage.http, "/reporting/v1/service", month=month))["people"]
        figures = [each["figures"] for each in people if each["staff_id"] == brand_company.staff["salesperson"]]
        return bool(figures) and figures[0]["missed"] >= 1

    return check
