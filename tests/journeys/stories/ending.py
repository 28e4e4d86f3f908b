"""A contract that is ended: step by step, by those who do each, and what is done afterwards (domain 2.2)."""

from datetime import datetime, timedelta
from typing import Any

from shared.settings import Settings
from tests.journeys import looks
from tests.journeys.network import Company, company, get, post
from tests.journeys.stage import Check, Stage

ZONE = Settings().zone
ERRANDS = {"call", "display", "account"}


async def a_store_gives_up_its_brand(stage: Stage) -> None:
    """Confirmed, approved by somebody else, told by the joint letter; then care has its errands done, and the contract
    and the timeline say so."""
    house = await company(stage.http)
    store = await house.store()
    manager = await house.joined_by("brand_manager")
    seats = {**{role: house.staff[role] for role in ("salesperson", "cs_manager", "sales_manager")}}
    answer = await stage.http.put(
        f"/customers/v1/customers/{store}/team", json={**seats, "brand_manager": manager}, headers={"If-Match": "*"}
    )
    assert answer.status_code == 200, answer.text
    today = (await stage.now()).astimezone(ZONE).date()
    contract = await _signed(stage, house, store)
    path = f"/customers/v1/contracts/{contract}"

    await _step(stage, contract, "confirm", "brand_manager", manager, ends_on=today.isoformat(), text="自愿放弃")
    await _step(stage, contract, "approve", "general_manager", house.staff["general_manager"])
    letter = await stage.http.get(f"{path}/letter.pdf")
    assert (letter.status_code, letter.content[:4]) == (200, b"%PDF")
    await _step(stage, contract, "letter", "admin_dept", house.staff["admin_dept"])
    assert (await get(stage.http, path))["aftercare"] == [], "nothing is owed before the last step"
    await _step(stage, contract, "aftercare", "cs_manager", house.staff["cs_manager"])

    await stage.until(_owed(stage, contract, "open"), "each errand becomes a task, which the contract shows")
    tasks = {task["errand"]: task for task in await looks.tasks(stage, store, kind="aftercare")}
    assert set(tasks) == ERRANDS
    assert tasks["display"]["assignee_id"] == house.staff["salesperson"]
    called_from = datetime.fromisoformat(tasks["call"]["not_before"]).astimezone(ZONE).date()
    assert called_from == today + timedelta(days=7), "after a week"

    proof = {"minutes": 40, "content": "陈列用品已收回。", "said": "", "place": "门店"}
    await post(stage.http, f"/care/v1/tasks/{tasks['display']['id']}/done", proof)

    await stage.until(_stands(stage, contract, "display", "done"), "the contract shows what was done")
    steps = [each["text"] for each in (await get(stage.http, path))["ending"]]
    assert steps == ["自愿放弃", None, None, None]
    await stage.until(_timeline_tells(stage, store), "the timeline tells from the signature to the end")


async def _signed(stage: Stage, house: Company, store: str) -> str:
    region = await post(stage.http, "/customers/v1/regions", {"name": "鹿城"})
    asked = {"customer_id": store, "brand_id": house.brand, "region_id": region["id"], "starts_on": "2026-01-01"}
    return str((await post(stage.http, "/customers/v1/contracts", asked))["id"])


async def _step(stage: Stage, contract: str, step: str, role: str, who: str, **body: Any) -> None:
    await post(stage.http, f"/customers/v1/contracts/{contract}/ending/{step}", body, stage.signed(role, who))


def _owed(stage: Stage, contract: str, state: str) -> Check:
    async def check() -> bool:
        owed = (await get(stage.http, f"/customers/v1/contracts/{contract}"))["aftercare"]
        return {each["errand"] for each in owed} == ERRANDS and {each["state"] for each in owed} == {state}

    return check


def _stands(stage: Stage, contract: str, errand: str, state: str) -> Check:
    async def check() -> bool:
        owed = (await get(stage.http, f"/customers/v1/contracts/{contract}"))["aftercare"]
        return [each["state"] for each in owed if each["errand"] == errand] == [state]

    return check


def _timeline_tells(stage: Stage, store: str) -> Check:
    async def check() -> bool:
        timeline = (await looks.customer_360(stage, store))["timeline"]
        told = [(each["type"], each["data"].get("step")) for each in timeline if "contract" in each["type"]]
        steps = [("crm.contract.ending_step_done", step) for step in ("confirm", "approve", "letter", "aftercare")]
        return set(told) == {("crm.contract.signed", None), *steps, ("crm.contract.ended", None)} and len(told) == 6

    return check
