"""What a case comes to: repeats and what they cost, what is given to the complainant, and what proves it."""

from shared.months import Month
from shared.settings import Settings
from tests.journeys import looks
from tests.journeys.network import Company, company, get, post
from tests.journeys.stage import Stage
from tests.journeys.stories.complainant import PICTURE


async def the_same_again_within_the_month(stage: Stage) -> None:
    """A repeat is counted, raised and proposed as a penalty; judged malicious it counts no more, and costs nothing."""
    brand_company = await company(stage.http)
    accused = brand_company.staff["salesperson"]
    stores = [await brand_company.store("静心美容院"), await brand_company.store("丽人美容院")]
    await stage.quiet()  # so that complaints knows whom it is against
    against = {"subject": "service", "against": {"type": "person", "id": accused}}
    first, second = [(await brand_company.complains(store, **against))["id"] for store in stores]
    counted = looks.case_says(stage, second, repeat={"count": 2, "of": first})
    await stage.until(counted, "the second of the month knows the first")
    await stage.until(looks.proposed(stage, second, "repeat", "proposed"), "a repeat costs")
    [penalty] = await looks.penalties(stage, second, rule="repeat")
    assert (penalty["amount"], penalty["person_id"]) == ("200.00", accused)
    supervisor = brand_company.staff["sales_manager"]
    await stage.until(looks.told_of(stage, "complaint_repeated", staff_id=supervisor), "their supervisor is told")
    await stage.until(looks.reported_case_says(stage, stores[1], second, repeat_count=2), "customer 360 shows it")

    malicious = {"valid": True, "good_faith": False, "reasons": "Made up, as the recordings show."}
    judged = await post(stage.http, f"/complaints/v1/complaints/{second}/judgement", malicious)
    assert (judged["valid"], judged["good_faith"]) == (True, False)
    await stage.until(looks.case_says(stage, second, repeat={"count": 0, "of": None}), "it counts no more")
    await stage.until(looks.proposed(stage, second, "repeat", "withdrawn"), "what was proposed is withdrawn")
    await stage.until(looks.reported_case_says(stage, stores[1], second, repeat_count=0), "customer 360 knows")
    await stage.until(looks.timeline_has(stage, stores[1], second, "judged", "repeated"), "and the timeline")


async def a_penalty_is_paid_and_taken_back(stage: Stage) -> None:
    """Decided, appealed, decided for good: reporting's ledger has what each pays; taken back, it adds up to nothing."""
    brand_company = await company(stage.http)
    staff = brand_company.staff
    accused, supervisor = staff["salesperson"], staff["sales_manager"]
    stores = [await brand_company.store("静心美容院"), await brand_company.store("丽人美容院")]
    await stage.quiet()  # so that complaints knows whom it is against
    against = {"subject": "attitude", "against": {"type": "person", "id": accused}}
    _, second = [(await brand_company.complains(store, **against))["id"] for store in stores]
    await stage.until(looks.proposed(stage, second, "repeat", "proposed"), "a repeat costs")
    [penalty] = await looks.penalties(stage, second, rule="repeat")
    path = f"/complaints/v1/penalties/{penalty['id']}"

    decided = {"amount": "100.00", "reason": "The recordings show it."}
    await post(stage.http, f"{path}/decision", decided, stage.signed("admin_dept", staff["admin_dept"]))
    appeal = {"reason": "The store had agreed."}
    await post(stage.http, f"{path}/appeal", appeal, stage.signed("salesperson", accused))
    await post(stage.http, f"{path}/decision", decided, stage.signed("general_manager", staff["general_manager"]))
    paid = looks.ledger_has(stage, {"70.00": accused, "30.00": supervisor}, penalty["id"])
    await stage.until(paid, "reporting has what each pays")
    own = await stage.http.get("/reporting/v1/ledger", headers=stage.signed("salesperson", accused))
    assert [(each["amount"], each["basis"]["rule"]) for each in own.json()["entries"]] == [("70.00", "repeat")]
    feed = await get(stage.http, "/complaints/v1/events", limit=500)
    assert not [each for each in feed["items"] if each["type"].startswith("crm.penalty.")], "the feed tells none of it"

    malicious = {"valid": True, "good_faith": False, "reasons": "Made up, as the recordings show."}
    await post(stage.http, f"/complaints/v1/complaints/{second}/judgement", malicious)
    everybody = {"70.00": accused, "30.00": supervisor, "-70.00": accused, "-30.00": supervisor}
    await stage.until(looks.ledger_has(stage, everybody, penalty["id"]), "what was booked is booked against")
    for person in (accused, supervisor):
        assert (await get(stage.http, "/reporting/v1/ledger", person_id=person))["total"] == "0.00"


async def a_department_pays_into_its_fund(stage: Stage) -> None:
    """By its own scheme; its staff agree to what leaves it, one is rewarded, and the payroll keeps what is paid."""
    brand_company = await company(stage.http)
    staff, fund = brand_company.staff, f"/complaints/v1/funds/{brand_company.department}"
    late, mentor = staff["salesperson"], staff["beauty_mentor"]
    admin, manager = (stage.signed(role, staff[role]) for role in ("admin_dept", "cs_manager"))
    await stage.quiet()  # so that complaints knows the department
    violation = {"code": "late_report", "name_en": "Late report", "name_zh": "日报迟交", "amount": "60.00"}
    scheme = {"department_id": brand_company.department, "violations": [violation]}
    await post(stage.http, "/complaints/v1/department-schemes", scheme, manager)
    found = {"person_id": late, "code": "late_report", "at": (await stage.now()).isoformat(), "reason": "交晚了"}
    penalty = (await post(stage.http, "/complaints/v1/penalties", found, manager))["id"]
    decision = {"amount": "60.00", "reason": "属实"}
    path = f"/complaints/v1/penalties/{penalty}"
    await post(stage.http, f"{path}/decision", decision, admin)
    await post(stage.http, f"{path}/appeal", {"reason": "网络故障"}, stage.signed("salesperson", late))
    await post(stage.http, f"{path}/decision", decision, stage.signed("general_manager", staff["general_manager"]))
    await stage.until(looks.ledger_has(stage, {"60.00": late}, penalty), "reporting has what is paid into the fund")

    asked = await post(stage.http, f"{fund}/withdrawals", {"amount": "60.00", "purpose": "聚餐"}, manager)
    agreements = [
        await post(
            stage.http, f"{fund}/withdrawals/{asked['id']}/agreement", {"agree": True}, stage.signed(role, staff[role])
        )
        for role in ("salesperson", "beauty_mentor", "cs_specialist", "sales_manager")
    ]
    assert [each["state"] for each in agreements] == ["asked", "asked", "asked", "granted"]
    assert (agreements[-1]["staff"], agreements[-1]["agreed"]) == (7, 4)
    await stage.until(looks.fund_comes_to(stage, brand_company, "0.00"), "reporting has what left the fund")

    wanted = {"staff_ids": [mentor], "amount": "80.00", "reason": "三位顾客来信表扬"}
    reward = (await post(stage.http, "/complaints/v1/rewards", wanted, manager))["id"]
    await post(stage.http, f"/complaints/v1/rewards/{reward}/decision", {"amount": "80.00", "reason": "同意"}, admin)
    await stage.until(looks.ledger_has(stage, {"-80.00": mentor}, reward), "reporting has the reward")
    wage = {"monthly": "200.00", "from_month": "2020-01"}
    entered = await stage.http.put(f"/complaints/v1/wages/{late}", json=wage, headers=admin)
    assert entered.status_code == 200, entered.text
    month = Month.of(await stage.now(), Settings().zone)
    payroll = await stage.http.get(f"/complaints/v1/payroll/{month}", headers=admin)
    lines = {line["staff_id"]: line for line in payroll.json()["lines"]}
    assert [lines[late][name] for name in ("charged", "bound", "deducted", "carried_out")] == [
        "60.00", "40.00", "40.00", "20.00",
    ]  # fmt: skip
    assert lines[mentor]["net"] == "80.00"


async def more_than_one_may_give(stage: Stage) -> None:
    """Above the own limit of the month it goes up, is approved there, and stands in the history with its cost."""
    brand_company = await company(stage.http)
    store = await brand_company.store()
    specialist, supervisor = brand_company.staff["cs_specialist"], brand_company.staff["sales_manager"]
    await stage.quiet()  # so that complaints knows the team
    case = (await brand_company.complains(store))["id"]
    path, signed = f"/complaints/v1/complaints/{case}/compensations", stage.signed("cs_specialist", specialist)

    given = await post(stage.http, path, {"kind": "goods", "cost": "400.00", "text": "一瓶面霜"}, signed)
    asked = await post(stage.http, path, {"kind": "goods", "cost": "300.00", "text": "再一瓶"}, signed)
    assert (given["state"], asked["state"], asked["by"]["role"]) == ("granted", "awaits_approval", "supervisor")
    assert [person["id"] for person in asked["by"]["persons"]] == [supervisor]
    own = await stage.http.post(f"{path}/{asked['id']}/approval", json={"approve": True}, headers=signed)
    assert (own.status_code, own.json()["slug"]) == (403, "own-compensation")
    above = stage.signed("sales_manager", supervisor)
    granted = await post(stage.http, f"{path}/{asked['id']}/approval", {"approve": True}, above)
    assert (granted["state"], granted["granted_by"]) == ("granted", supervisor)
    entries = [entry["changes"] for entry in await looks.history(stage, case) if entry["changes"]]
    costs = [changes["cost"]["to"] for changes in entries if "cost" in changes]
    assert costs == ["400.00", "300.00", "300.00"], "asked for and granted"
    granted_twice = looks.timeline_has(stage, store, case, "compensation.granted")
    await stage.until(granted_twice, "the timeline tells what was given")


async def staff_add_evidence(stage: Stage) -> None:
    """A file is judged, kept, listed, given back whole to be saved, and taken away with a reason."""
    brand_company = await company(stage.http)
    case = (await brand_company.complains(await brand_company.store()))["id"]
    path = f"/complaints/v1/complaints/{case}/files"
    signed = stage.signed("cs_specialist", brand_company.staff["cs_specialist"])
    page = await stage.http.post(path, files={"file": ("瓶盖.png", b"<html>", "image/png")}, headers=signed)
    assert (page.status_code, page.json()["slug"]) == (422, "file-kind-not-taken")
    kept = await stage.http.post(path, files={"file": ("瓶盖.png", PICTURE, "image/png")}, headers=signed)
    assert (kept.status_code, kept.json()["media_type"]) == (201, "image/png")
    file = kept.json()["id"]
    assert [each["id"] for each in (await get(stage.http, path))["items"]] == [file]
    content = await stage.http.get(f"{path}/{file}", headers=signed)
    assert content.content == PICTURE
    assert content.headers["content-disposition"].startswith("attachment;")

    await _taken_away(stage, brand_company, f"{path}/{file}")
    assert (await stage.http.get(f"{path}/{file}", headers=signed)).status_code == 404
    told = [entry["what"] for entry in await looks.history(stage, case)]
    assert [each for each in told if each.startswith("file_")] == ["file_added", "file_removed"]


async def _taken_away(stage: Stage, brand_company: Company, path: str) -> None:
    manager = stage.signed("cs_manager", brand_company.staff["cs_manager"])
    removed = await post(stage.http, f"{path}/removal", {"reason": "It belongs to another case."}, manager)
    assert removed["removed_at"] is not None
