"""A store that was registered twice becomes one, everywhere, and two again (domain 2.1, decision 21)."""

import asyncio
from typing import Any

from shared.alias_memory import FRESH_FOR
from shared.ids import new_id
from tests.journeys import looks
from tests.journeys.network import company, get, post
from tests.journeys.stage import Check, Stage


async def a_duplicate_is_merged_and_split_again(stage: Stage) -> None:
    """Cases, tasks, consents and figures of both are those of the kept store, also what is said of the old id later;
    unmerged, each has what was its own."""
    house = await company(stage.http)
    kept, twice = await house.store(), await house.store("丽人美容院 (重复)")
    await house.buys(kept, "600.00", await stage.now())
    await house.buys(twice, "500.00", await stage.now())
    await stage.until(_is(stage, kept, sum="600.00", cases=0), "reporting knows what the one bought")
    await stage.until(_is(stage, twice, sum="500.00", cases=0), "and the other")
    own, of_twice = await house.complains(kept), await house.complains(twice)
    await _refuses(stage, twice)
    for store in (kept, twice):
        await stage.until(looks.visits_owed(stage, store, 1), "each is owed a visit")

    merged = await post(stage.http, f"/customers/v1/customers/{twice}/merge", {"into": kept, "reason": "同一家店"})

    assert merged["moved"]["purchase"] == 1
    await stage.until(_is(stage, kept, sum="1100.00", cases=2), "customer 360 shows both as one")
    await stage.until(_is_now(stage, twice, kept), "under the old id, too")
    await stage.until(_cases(stage, kept, own, of_twice), "the cases of both are found")
    await stage.until(looks.visits_owed(stage, kept, 1), "one visit is owed, not two")
    await stage.until(_refused(stage, kept), "what the one had refused the other has, too")

    await asyncio.sleep(2 * FRESH_FOR)  # processes look for merges of others every half second
    late = await house.complains(twice, text="Still nothing.")
    await house.buys(twice, "40.00", await stage.now())
    assert (await looks.case(stage, late["id"]))["customer_id"] == kept, "who names the old id means the kept store"
    await stage.until(_is(stage, kept, sum="1140.00", cases=3), "and so it counts")
    await stage.quiet()
    before = await get(stage.http, f"/reporting/v1/customers/{kept}")
    await stage.rebuild_reporting()
    await stage.until(_reads(stage, kept, before), "a rebuild gives the same")

    await post(stage.http, f"/customers/v1/customers/{twice}/unmerge", {})

    await stage.until(_is(stage, twice, sum="500.00", cases=1), "what was its own is its own again")
    await stage.until(_is(stage, kept, sum="640.00", cases=2), "what came since stays")
    await stage.until(_cases(stage, kept, own, late), "so it does at the desk")
    await stage.until(_cases(stage, twice, of_twice), "where the other has its own case")
    for store in (kept, twice):
        await stage.until(looks.visits_owed(stage, store, 1), "each is owed a visit again")


def _is(stage: Stage, store: str, *, sum: str, cases: int) -> Check:
    async def check() -> bool:
        answer = await stage.http.get(f"/reporting/v1/customers/{store}")
        if answer.status_code != 200:
            return False
        seen = answer.json()
        return (seen["id"], seen["purchases"]["sum"], len(seen["complaints"])) == (store, sum, cases)

    return check


def _is_now(stage: Stage, old: str, kept: str) -> Check:
    async def check() -> bool:
        paths = (f"/customers/v1/customers/{old}", f"/reporting/v1/customers/{old}")
        return [(await stage.http.get(path)).json().get("id") for path in paths] == [kept, kept]

    return check


def _cases(stage: Stage, store: str, *cases: dict[str, Any]) -> Check:
    async def check() -> bool:
        found = await get(stage.http, "/complaints/v1/complaints", customer_id=store)
        return {each["id"] for each in found["items"]} == {each["id"] for each in cases}

    return check


async def _refuses(stage: Stage, store: str) -> None:
    consent = {"channel": "sms", "purpose": "relationship", "granted": False}
    answer = await stage.http.put(
        f"/care/v1/consents/{store}", json={"consents": [consent], "source": new_id().hex}, headers={"If-Match": "*"}
    )
    assert answer.status_code == 200, answer.text


def _refused(stage: Stage, store: str) -> Check:
    async def check() -> bool:
        sheet = await get(stage.http, f"/care/v1/consents/{store}")
        return any(
            (each["channel"], each["purpose"], each["basis"]) == ("sms", "relationship", "withdrawn")
            for each in sheet["consents"]
        )

    return check


def _reads(stage: Stage, store: str, before: dict[str, Any]) -> Check:
    async def check() -> bool:
        answer = await stage.http.get(f"/reporting/v1/customers/{store}")
        return answer.status_code == 200 and bool(answer.json() == before)

    return check
