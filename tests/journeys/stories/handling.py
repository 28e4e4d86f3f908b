"""Inside the house: who is given a case and is silent, whom a notice makes accountable, and what time does to both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from tests.journeys import looks
from tests.journeys.network import Company, company, get, post
from tests.journeys.stage import Check, Stage

UNTIL_MISSED = timedelta(minutes=31)
"""Half an hour to accept a case, a quarter to be silent, and by a policy of the story half an hour to answer."""

PROMISE = {"answer_within": "PT30M", "subject": "promise"}


async def half_an_hour_passes(stage: Stage) -> None:
    """A case goes to who is there and is accepted; another one is left lying by its handler; a third has a notice.

    Half an hour later the handed-on case was accepted by nobody, which is told, and the miss of the third is told in
    the line of whom the notice made accountable.
    """
    brand_company = await company(stage.http)
    store = await brand_company.store()
    there = await brand_company.joined_by("cs_specialist")
    await post(stage.http, "/complaints/v1/clock-policies", PROMISE)
    await stage.quiet()  # so that complaints knows the team and who joined
    async with _at_work(stage, there, brand_company.staff["cs_specialist"]):
        await _half_an_hour(stage, brand_company, store, there)


async def _half_an_hour(stage: Stage, brand_company: Company, store: str, there: str) -> None:
    silent = brand_company.staff["cs_specialist"]
    await _who_is_away_is_given_nothing(stage, brand_company, store, there)
    ignored = (await brand_company.complains(store))["id"]
    await stage.until(looks.case_says(stage, ignored, responsible_id=silent), "the team's specialist handles it")
    noticed = await _noticed(stage, brand_company, store)

    await stage.forward(UNTIL_MISSED)

    await stage.until(looks.case_says(stage, ignored, responsible_id=there), "who was silent has lost the case")
    await stage.until(looks.told_of(stage, "complaint_assigned", 2, staff_id=there), "and the next one is told")
    await stage.until(looks.proposed(stage, ignored, "not_accepted", "proposed"), "that nobody accepted it costs")
    await stage.until(looks.timeline_has(stage, store, ignored, "clock_missed", "assigned"), "the timeline tells")
    moves = [entry["changes"]["responsible_id"] for entry in await _entries(stage, ignored, "assigned")]
    assert moves == [{"from": silent, "to": there}]
    await _the_accountable_line_hears(stage, brand_company, store, noticed)

    for id_ in (ignored, noticed):
        await post(stage.http, f"/complaints/v1/complaints/{id_}/resolve", {"text": "Delivered."})


async def _who_is_away_is_given_nothing(stage: Stage, brand_company: Company, store: str, there: str) -> None:
    away = brand_company.staff["cs_specialist"]
    await _says(stage, away, "away")
    case = (await brand_company.complains(store))["id"]
    await stage.until(looks.case_says(stage, case, responsible_id=there), "whoever is there handles it")
    await post(stage.http, f"/complaints/v1/complaints/{case}/accept", None, stage.signed("cs_specialist", there))
    [clock] = [each for each in await _clocks(stage, case) if each["kind"] == "accept"]
    assert (clock["missed_at"], clock["stopped_at"] is not None) == (None, True)
    await post(stage.http, f"/complaints/v1/complaints/{case}/resolve", {"text": "Delivered."})
    await _says(stage, away, "present")


async def _noticed(stage: Stage, brand_company: Company, store: str) -> str:
    """A case that customer service takes at once, with a notice that its salesperson has read."""
    accused, handler = brand_company.staff["salesperson"], brand_company.staff["cs_specialist"]
    body = {"customer_id": store, "subject": "promise", "text": "承诺没有兑现", "channel": "line"}
    signed = stage.signed("cs_specialist", handler)
    case = await post(stage.http, "/complaints/v1/complaints", body, signed)
    assert (await looks.case(stage, case["id"]))["accountable"] is None
    demand = {
        "to": accused,
        "demand": "请说明情况并提出方案",
        "deadline": (await stage.now() + timedelta(days=1)).isoformat(),
    }
    path = f"/complaints/v1/complaints/{case['id']}/notice"
    notice = await post(stage.http, path, demand, signed)
    read = await post(stage.http, f"{path}/acknowledge", None, stage.signed("salesperson", accused))
    assert (read["number"], read["acknowledged_by"]) == (notice["number"], accused)
    assert (await looks.case(stage, case["id"]))["accountable"]["id"] == accused
    return str(case["id"])


async def _the_accountable_line_hears(stage: Stage, brand_company: Company, store: str, case: str) -> None:
    accused = brand_company.staff["salesperson"]
    await stage.until(looks.case_says(stage, case, overdue=True, escalation_level=1), "the answer is late")
    await stage.until(looks.told_of(stage, "complaint_escalated", staff_id=accused), "the accountable person is told")
    [notice] = (await get(stage.http, f"/complaints/v1/complaints/{case}/notices"))["items"]
    shown = {
        "accountable_id": accused,
        "responsible_id": brand_company.staff["cs_specialist"],
        "notice_number": notice["number"],
        "notice_acknowledged_at": notice["acknowledged_at"],
        "overdue": True,
    }
    await stage.until(looks.reported_case_says(stage, store, case, **shown), "customer 360 shows both people")
    await stage.until(_on_the_board(stage, case, accused), "and so does the board")


def _on_the_board(stage: Stage, case: str, accused: str) -> Check:
    async def check() -> bool:
        queue = (await get(stage.http, "/reporting/v1/live/board"))["queue"]
        return [(each["accountable_id"], each["overdue"]) for each in queue if each["id"] == case] == [(accused, True)]

    return check


@asynccontextmanager
async def _at_work(stage: Stage, *people: str) -> AsyncIterator[None]:
    """Present, and away in the end: the cases of other stories are none of theirs."""
    for who in people:
        await _says(stage, who, "present")
    yield
    for who in people:
        await _says(stage, who, "away")


async def _says(stage: Stage, who: str, state: str) -> None:
    await post(stage.http, "/complaints/v1/presence", {"state": state}, stage.signed("cs_specialist", who))


async def _clocks(stage: Stage, case: str) -> list[looks.Found]:
    found: list[looks.Found] = (await get(stage.http, f"/complaints/v1/complaints/{case}/clocks"))["items"]
    return found


async def _entries(stage: Stage, case: str, what: str) -> list[looks.Found]:
    return [entry for entry in await looks.history(stage, case) if entry["what"] == what]
