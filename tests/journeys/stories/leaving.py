"""Through customers, care and reporting: a store falls silent, is warned of, is won back with calls and visits."""

from datetime import timedelta
from typing import Any

from tests.journeys import looks
from tests.journeys.network import company, get, post
from tests.journeys.stage import Check, Stage

SILENT_FOR = timedelta(days=50)
RHYTHM = timedelta(days=25)


async def a_store_falls_silent_and_is_won_back(stage: Stage) -> None:
    """An A that bought every 25 days, and not for 50: it is warned of, and to be won back: a call and a visit in care,
    which go with the outcome. The warning ends with a purchase; what it turns to stands in customer 360."""
    brand_company = await company(stage.http)
    store = await brand_company.store()
    now = await stage.now()
    for place in (2, 1, 0):
        await brand_company.buys(store, "50000.00", now - SILENT_FOR - place * RHYTHM)
    await stage.until(_warned(stage, store, "interval"), "it is past its own rhythm")

    body = {"customer_id": store, "kind": "competitor", "cause": "competition"}
    carer = brand_company.staff["salesperson"]
    case = await post(stage.http, "/customers/v1/winbacks", {**body, "assignee_id": carer})
    await stage.until(_asks_for(stage, store, {("phone", "open"), ("visit", "open")}), "care plans both")
    [call] = await looks.tasks(stage, store, kind="winback", assignee_id=carer)
    assert call["contact"] == "phone", "who cares for the case calls"

    await brand_company.buys(store, "12000.00", await stage.now())

    await stage.until(_warned(stage, store, None), "a purchase ends the warning")
    await stage.until(_tells(stage, store, "churn.warning_ended"), "the timeline tells of it")
    assert (await looks.customer(stage, store))["segments"]["size"] == "large"
    ended = {"outcome": "returned", "reason": "店主又订货了。"}
    await post(stage.http, f"/customers/v1/winbacks/{case['id']}/outcome", ended)
    gone = {("phone", "dropped"), ("visit", "dropped")}
    await stage.until(_asks_for(stage, store, gone), "nothing is owed any longer")
    await stage.until(_tells(stage, store, "winback.ended"), "the timeline tells of the outcome")


def _warned(stage: Stage, store: str, code: str | None) -> Check:
    async def check() -> bool:
        warning: dict[str, Any] | None = (await looks.customer(stage, store))["warning"]
        codes = [each["code"] for each in warning["reasons"]] if warning else []
        return code in codes if code else warning is None

    return check


def _tells(stage: Stage, store: str, what: str) -> Check:
    async def check() -> bool:
        entries = (await get(stage.http, f"/reporting/v1/customers/{store}/timeline", limit=500))["items"]
        return any(entry["type"] == f"crm.{what}" for entry in entries)

    return check


def _asks_for(stage: Stage, store: str, expected: set[tuple[str, str]]) -> Check:
    async def check() -> bool:
        found = await looks.tasks(stage, store, kind="winback")
        return {(each["contact"], each["state"]) for each in found} == expected

    return check
