"""Somebody who complains: heard at once, following the case without a login, adding to it, and judging the answer."""

from typing import Any

from tests.journeys import looks
from tests.journeys.network import company, get, post
from tests.journeys.stage import Stage

PICTURE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))
NO_LOGIN = {"Authorization": ""}


async def somebody_is_heard_and_follows(stage: Stage) -> None:
    """A first reply goes out at once; by the token alone the complainant reads, adds words and a file, and judges."""
    brand_company = await company(stage.http)
    store = await brand_company.store()
    complainant = {"name": "赵女士", "contact": "+8613900001234"}
    case = await brand_company.complains(store, complainant=complainant, wish="换一瓶新的")
    await stage.until(_heard(stage, case["id"]), "the first reply is sent by SMS")
    assert (await looks.case(stage, case["id"]))["state"] == "open", "a first reply is no answer"

    token = case["tracking_token"]
    following = await _follows(stage, token)
    assert (following["number"], following["state"], following["wish"]) == (case["number"], "open", "换一瓶新的")
    assert (following["next_deadline"], following["may_judge"]) == (case["answer_due_at"], False)
    page = await stage.http.get(f"/complaints/track/{token}", params={"lang": "en"}, headers=NO_LOGIN)
    assert (page.status_code, case["number"] in page.text) == (200, True)
    await post(stage.http, f"/complaints/v1/track/{token}/words", {"text": "瓶盖也裂了"}, NO_LOGIN)
    file = {"file": ("瓶盖.png", PICTURE, "image/png")}
    posted = await stage.http.post(f"/complaints/track/{token}/files", files=file, headers=NO_LOGIN)
    assert posted.status_code == 303, posted.text
    added = [(entry["what"], entry["entered_by"] is None) for entry in await looks.history(stage, case["id"])]
    assert added == [("opened", False), ("first_reply", True), ("words", True), ("file_added", True)]

    await post(stage.http, f"/complaints/v1/complaints/{case['id']}/answer", {"text": "明天送到，向您道歉。"})
    assert (await _follows(stage, token))["may_judge"]
    judgement = {"perceived": 9, "expected": 8, "text": "很快"}
    judged = await post(stage.http, f"/complaints/v1/track/{token}/satisfaction", judgement, NO_LOGIN)
    assert (judged["state"], judged["round"], judged["may_judge"]) == ("answered", 1, False)
    told = looks.timeline_has(
        stage, store, case["id"], "opened", "first_reply", "words_added", "answered", "satisfaction_given"
    )
    await stage.until(told, "the customer's timeline tells of all of it")
    await stage.until(looks.reported_case_says(stage, store, case["id"], state="answered"), "customer 360 as well")


def _heard(stage: Stage, id_: str) -> Any:
    async def check() -> bool:
        letters = (await get(stage.http, f"/complaints/v1/complaints/{id_}/letters"))["items"]
        return [(each["channel"], each["state"]) for each in letters] == [("sms", "sent")]

    return check


async def _follows(stage: Stage, token: str) -> dict[str, Any]:
    answer = await stage.http.get(f"/complaints/v1/track/{token}", headers=NO_LOGIN)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
