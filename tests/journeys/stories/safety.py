"""A batch to which three customers react: whoever bought it is called, until the alarm is lifted (domain 3.8)."""

from typing import Any

from shared.ids import new_id
from tests.journeys.network import Company, company, get, post
from tests.journeys.stage import Stage


async def an_alarmed_batch_is_warned_of(stage: Stage) -> None:
    """Two stores bought it; three others react. Each buyer is to be called, the sale stopped; lifted, nobody is."""
    house = await company(stage.http)
    batch = f"B{new_id().hex[-10:]}"
    buyers = [await house.store() for _ in range(2)]
    for store in buyers:
        await _buys(stage, house, store, batch)
    await stage.until(_bought(stage, batch, 0), "nobody knows the batch yet")
    reaction = {"product": "CR-50", "batch": batch, "symptoms": ["rash"], "severity": "severe"}
    cases = [await house.complains(await house.store(), subject="product", **reaction) for _ in range(3)]
    case = cases[0]
    await stage.until(_alarmed(stage, batch, reactions=3), "the third reaction raises the alarm")
    for store in buyers:
        await stage.until(_warned(stage, store, "open"), "each store that bought it is to be called")
    await stage.until(_stopped(stage, batch, "open"), "and the sale to be stopped")

    read = (await get(stage.http, "/complaints/v1/batches", batch=batch))["items"][0]
    whole = await get(stage.http, f"/complaints/v1/batches/{read['id']}")
    assert {buyer["customer_id"] for buyer in whole["buyers"]} == set(buyers)
    assert {each["complaint_id"] for each in whole["cases"]} == {each["id"] for each in cases}
    clock = (await get(stage.http, f"/complaints/v1/complaints/{case['id']}"))["safety_report"]
    assert (clock["reported_at"], clock["missed_at"]) == (None, None)
    await post(stage.http, f"/complaints/v1/complaints/{case['id']}/safety-report", {"report_no": "NMPA-1"})
    timeline = _told(stage, buyers[0], "crm.batch.alarmed")
    await stage.until(timeline, "the buyer's timeline tells of the alarm")

    await post(stage.http, f"/complaints/v1/batches/{read['id']}/lift", {"reason": "nothing was found"})
    for store in buyers:
        await stage.until(_warned(stage, store, "dropped"), "nobody need be called any longer")
    await stage.until(_stopped(stage, batch, "dropped"), "and the sale goes on")


async def _buys(stage: Stage, house: Company, store: str, batch: str) -> None:
    purchase = {
        "customer_id": store,
        "brand_id": house.brand,
        "amount": "600.00",
        "external_no": new_id().hex,
        "lines": [{"product": "CR-50", "batch": batch, "quantity": 6}],
    }
    await post(stage.http, "/customers/v1/purchases", purchase)
    await stage.quiet()


def _bought(stage: Stage, batch: str, known: int) -> Any:
    async def check() -> bool:
        return len((await get(stage.http, "/complaints/v1/batches", batch=batch))["items"]) == known

    return check


def _alarmed(stage: Stage, batch: str, reactions: int) -> Any:
    async def check() -> bool:
        items = (await get(stage.http, "/complaints/v1/batches", batch=batch, alarmed="true"))["items"]
        return [item["reactions"] for item in items] == [reactions]

    return check


def _warned(stage: Stage, store: str, state: str) -> Any:
    async def check() -> bool:
        items = (await get(stage.http, "/care/v1/tasks", customer_id=store, kind="batch_warning"))["items"]
        return [item["state"] for item in items] == [state]

    return check


def _stopped(stage: Stage, batch: str, state: str) -> Any:
    async def check() -> bool:
        items = (await get(stage.http, "/care/v1/tasks", kind="sale_stop", limit=500))["items"]
        return [item["state"] for item in items if item["batch"] == batch] == [state]

    return check


def _told(stage: Stage, store: str, type_: str) -> Any:
    async def check() -> bool:
        timeline = (await get(stage.http, f"/reporting/v1/customers/{store}"))["timeline"]
        return type_ in {entry["type"] for entry in timeline}

    return check
