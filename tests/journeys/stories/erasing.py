"""A person asks to be forgotten (decision 29): what anybody kept of them goes, what they bought stays."""

from typing import Any

from tests.journeys.network import Company, company, get, post
from tests.journeys.stage import Stage
from tests.moments import one_form

ERASURES = "/customers/v1/erasures"


async def a_person_is_erased(stage: Stage) -> None:
    """They bought, complained, consented and were visited; then nothing knows them, and a later purchase neither."""
    house = await company(stage.http)
    person = await _person(stage, house)
    case = await house.complains(person, complainant={"name": "王小明", "contact": "13812345670"}, text="脸上起了红疹")
    await _is_visited(stage, house, person)
    await stage.quiet()

    asked = {"customer_id": person, "reason": "asked by letter"}
    erasure = await post(stage.http, ERASURES, asked)
    assert (erasure["person_id"], erasure["kind"]) == (person, "customer")
    path = f"{ERASURES}/{erasure['id']}"

    async def all_have_confirmed() -> bool:
        services = (await get(stage.http, path))["services"]
        return all(each["confirmed_at"] is not None for each in services) and len(services) == 4

    await stage.until(all_have_confirmed, "every service says that it keeps nothing of them")
    await stage.quiet()
    removed = {each["service"]: each["removed"] for each in (await get(stage.http, path))["services"]}
    assert removed["customers"]["keys"] == 1
    assert (removed["complaints"]["contacts"], removed["complaints"]["cases"]) == (1, 1)
    assert (removed["care"]["contacts"], removed["care"]["consents"], removed["care"]["touch_records"]) == (1, 1, 1)

    await _nothing_knows_them(stage, person, str(case["id"]))
    await _figures_go_on(stage, house, person)
    assert (await post(stage.http, ERASURES, asked))["id"] == erasure["id"], "asking again is no second erasure"
    await _nothing_is_entered(stage, person)
    await _a_store_is_no_person(stage, house)


async def _person(stage: Stage, house: Company) -> str:
    profile = {"name": "王小明", "kind": "person", "phones": ["13812345670"], "emails": ["wang@example.com"]}
    person = str((await post(stage.http, "/customers/v1/customers", profile))["id"])
    team = {"salesperson": house.staff["salesperson"]}
    seated = await stage.http.put(f"/customers/v1/customers/{person}/team", json=team, headers={"If-Match": "*"})
    assert seated.status_code in (200, 201), seated.text
    await house.buys(person, "4000.00", await stage.now())
    await stage.quiet()
    return person


async def _is_visited(stage: Stage, house: Company, person: str) -> None:
    seller = stage.signed("salesperson", house.staff["salesperson"])
    touch = {"customer_id": person, "contact": "visit", "minutes": 30, "content": "王小明 likes tea", "place": "家"}
    await post(stage.http, "/care/v1/touches", touch, seller)
    consents = {
        "consents": [{"channel": "sms", "purpose": "promotion", "granted": True}],
        "source": "said by 王小明",
    }
    answer = await stage.http.put(f"/care/v1/consents/{person}", json=consents)
    assert answer.status_code in (200, 201), answer.text


async def _nothing_knows_them(stage: Stage, person: str, case: str) -> None:
    archive = await get(stage.http, f"/customers/v1/customers/{person}")
    assert (archive["name"], archive["phones"], archive["emails"]) == ("", [], [])
    assert archive["erased_at"] is not None
    assert (await get(stage.http, "/customers/v1/customers", q="13812345670"))["items"] == []
    read = await get(stage.http, f"/complaints/v1/complaints/{case}")
    assert (read["text"], read["complainant"], read["customer_name"]) == ("", None, None)
    assert (await get(stage.http, "/complaints/v1/complaints", q="红疹"))["items"] == []
    [touch] = [each for each in await _tasks(stage, person) if each["state"] == "done"]
    assert (await get(stage.http, f"/care/v1/tasks/{touch['id']}"))["record"] is None
    assert {each["state"] for each in await _tasks(stage, person)} <= {"done", "dropped"}


async def _tasks(stage: Stage, person: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await get(stage.http, "/care/v1/tasks", customer_id=person))["items"]
    return items


async def _figures_go_on(stage: Stage, house: Company, person: str) -> None:
    """What is told later counts, and brings nobody back."""
    await house.buys(person, "10000.00", await stage.now())

    async def counted() -> bool:
        figures = await get(stage.http, f"/reporting/v1/customers/{person}")
        return bool(figures["purchases"]["sum"] == "14000.00" and figures["tier"] == "A" and figures["name"] is None)

    await stage.until(counted, "the figures of the business go on")
    await stage.quiet()
    assert (await get(stage.http, f"/customers/v1/customers/{person}"))["name"] == ""
    assert [each for each in await _tasks(stage, person) if each["state"] == "open"] == [], "nobody is to visit them"


async def _nothing_is_entered(stage: Stage, person: str) -> None:
    path = f"/customers/v1/customers/{person}"
    changed = await stage.http.patch(path, json={"name": "王小明"}, headers={"If-Match": "*"})
    assert (changed.status_code, changed.json()["slug"]) == (409, "person-erased")
    case = {"customer_id": person, "subject": "delivery", "text": "x", "channel": "line"}
    recorded = await stage.http.post("/complaints/v1/complaints", json=case)
    assert (recorded.status_code, recorded.json()["slug"]) == (422, "unknown-customer")


async def _a_store_is_no_person(stage: Stage, house: Company) -> None:
    refused = await stage.http.post(ERASURES, json={"customer_id": await house.store(), "reason": "by mistake"})
    assert (refused.status_code, refused.json()["slug"]) == (422, "not-a-person")
    one_form(refused.text)
