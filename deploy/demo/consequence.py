"""Chapters 5 and 7: the letter, the penalty and its appeal; then making good, and the ledger."""

import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from deploy.demo.accountable import ACCUSED
from deploy.demo.backend import Backend, Json, check, wait_until
from deploy.demo.building import ZONE, Built
from deploy.demo.stage import Stage
from deploy.demo.traffic import Case, moment
from shared.months import Month

STEPS = {
    "investigate": ("cs_specialist", "已核实通话录音：当事人中途挂断。"),
    "propose": ("cs_specialist", "当事人致电道歉，主管复训接待用语。"),
    "execute": (ACCUSED, "已致电道歉，顾客接受。"),
    "inspect": ("admin_dept", "回访顾客，确认已道歉。"),
    "settle": ("admin_dept", "按方案追究责任，主管连带。"),
}
"""Who does which step, and what they write down of it."""
MADE_GOOD_WITHIN = timedelta(days=7)


def tell_consequence(backend: Backend, stage: Stage, built: Built, case: Case) -> Month:
    """The case of chapter 4 goes through its steps, gets its letter, and costs somebody something.

    Returns the month in which that is booked.
    """
    stage.chapter("5 · Somebody answers for it")
    _steps(backend, stage, case)
    _letter(backend, stage, case)
    penalty = _decided(backend, stage, built, case)
    _appealed(backend, stage, built, penalty)
    return Month.of(backend.now(), ZONE)


def _shares(built: Built, penalty: Json) -> str:
    """Who pays how much of it."""
    return ", ".join(f"{built.company.names[each['staff_id']]} {each['amount']}" for each in penalty["shares"])


def _steps(backend: Backend, stage: Stage, case: Case) -> None:
    stage.say(f"{case.number} is answered, and goes on through its steps: each has its person.")
    for step, (role, text) in STEPS.items():
        backend.speaking_as(role).post(f"/complaints/v1/complaints/{case.id}/steps/{step}", {"text": text})
    backend.speaking_as("admin_dept").post(
        f"/complaints/v1/complaints/{case.id}/judgement",
        {"valid": True, "good_faith": True, "reasons": "录音属实，顾客所述无误。"},
    )
    stage.saw("complaints", "investigated, proposed, executed, inspected by another, settled; judged valid")


def _letter(backend: Backend, stage: Stage, case: Case) -> None:
    stage.expect("a letter in five parts, composed of the case and the archive; a person reads it and sends it")
    administration = backend.speaking_as("admin_dept")
    draft = administration.get(f"/complaints/v1/complaints/{case.id}/reply/draft", language="zh-CN")
    check(len(draft["parts"]) == len({part["part"] for part in draft["parts"]}) > 1, "the draft has no parts")
    stage.table("The draft", ("part", "what it says"), [(part["part"], part["text"]) for part in draft["parts"]])
    text = draft["text"]
    for open_ in draft["missing"]:
        text = text.replace("{" + open_ + "}", "两年")
    sent = administration.post(
        f"/complaints/v1/complaints/{case.id}/reply", {"text": text, "template_version": draft["template_version"]}
    )
    began = time.perf_counter()

    def arrived() -> Json | None:
        replies = administration.get(f"/complaints/v1/complaints/{case.id}/replies")["items"]
        return next((each for each in replies if each["id"] == sent["reply_id"] and each["state"] == "sent"), None)

    found = wait_until(f"the reply of {case.number}", arrived, began)
    stage.saw("complaints", f"the letter went by {found.value['channel']}", found.seconds)


def _decided(backend: Backend, stage: Stage, built: Built, case: Case) -> Json:
    """What the late answer costs, as administration decides it."""
    proposed = backend.every("/complaints/v1/penalties", rule="unanswered", state="proposed")
    of_case = [each for each in proposed if each["basis"]["id"] == case.id]
    check(len(of_case) == 1, f"nothing is proposed for the late answer of {case.number}")
    [penalty] = of_case
    stage.say(
        f"The answer of {case.number} came too late: {penalty['amount']} are proposed. Rules only propose; "
        "administration decides, and who pays may appeal once."
    )
    decided = backend.speaking_as("admin_dept").post(
        f"/complaints/v1/penalties/{penalty['id']}/decision",
        {"amount": penalty["amount"], "reason": "四小时内无人答复，也无人交接。"},
    )
    check(decided["state"] == "decided", "the penalty is not decided")
    until = moment(decided["appeal_until"]).astimezone(ZONE)
    stage.saw("complaints", f"decided: {_shares(built, decided)}")
    stage.saw("complaints", f"to be appealed before {until:%m-%d %H:%M}")
    return decided


def _appealed(backend: Backend, stage: Stage, built: Built, penalty: Json) -> None:
    path = f"/complaints/v1/penalties/{penalty['id']}"
    backend.speaking_as(ACCUSED).post(f"{path}/appeal", {"reason": "当时在门店处理另一起投诉，已托同事回复。"})
    stage.saw("complaints", f"{built.company.names[built.company.first_team[ACCUSED]]} appeals: nothing is booked")
    stage.expect("somebody else than who decided first decides it anew; it is booked at once, and that is final")
    began = time.perf_counter()
    decided = backend.speaking_as("general_manager").post(
        f"{path}/decision", {"amount": "50", "reason": "情有可原，但应当交接。"}
    )
    check(decided["on_appeal"] and decided["booked_at"], "what was decided on appeal is not booked")
    stage.saw("complaints", f"decided on appeal, booked: {_shares(built, decided)}", time.perf_counter() - began)
    booked = list(backend.every("/complaints/v1/bookings", basis_id=penalty["id"]))
    total = sum((Decimal(each["amount"]) for each in booked), Decimal())
    check(total == Decimal(decided["amount"]), "the bookings do not add up to what was decided")


def tell_making_good(backend: Backend, stage: Stage, built: Built, month: Month) -> None:
    """What was forgotten in the two months is proposed; one is made good, all are decided, what is booked adds up."""
    stage.chapter("7 · Made good, or paid")
    missed = list(backend.every("/care/v1/tasks", state="missed", kind="obligation"))
    charged = {each["basis"]["id"]: each for each in backend.every("/complaints/v1/penalties", state="proposed")}
    owing = [task for task in missed if task["id"] in charged and task["assignee_id"]]
    check(bool(owing), "nothing is proposed for what was missed")
    cost = sum((Decimal(charged[task["id"]]["amount"]) for task in owing), Decimal())
    stage.say(
        f"{len(missed)} visits and calls were missed; {cost} are proposed against supervisors. One is to be made good."
    )
    task = owing[0]
    until = (backend.now() + MADE_GOOD_WITHIN).isoformat()
    order = backend.speaking_as("admin_dept").post(f"/care/v1/tasks/{task['id']}/make-good", {"until": until})
    began = time.perf_counter()
    backend.post(
        f"/care/v1/tasks/{order['id']}/done", {"minutes": 30, "content": "补访：查看库存，致歉。", "place": "店内"}
    )
    amount = charged[task["id"]]["amount"]
    stage.saw("care", f"a {task['contact']} is made good: it stays at {amount}", time.perf_counter() - began)
    _all_decided(backend, stage, [charged[task["id"]] for task in owing])
    _ledger(backend, stage, built, month)


def _all_decided(backend: Backend, stage: Stage, penalties: Sequence[Json]) -> None:
    items = [{"id": each["id"], "amount": each["amount"], "reason": "按方案执行。"} for each in penalties]
    began = time.perf_counter()
    outcomes = backend.speaking_as("admin_dept").post("/complaints/v1/penalties/decisions", {"items": items})["items"]
    check(all(each["problem"] is None for each in outcomes), "one of many was not decided")
    stage.saw("complaints", f"{len(items)} penalties decided in one request", time.perf_counter() - began)


def _ledger(backend: Backend, stage: Stage, built: Built, month: Month) -> None:
    """The month as complaints has booked it, closed."""
    booked = list(backend.every("/complaints/v1/bookings", month=str(month)))
    check(bool(booked), f"nothing is booked in {month}")
    by_person: dict[str, Decimal] = defaultdict(Decimal)
    for each in booked:
        by_person[each["person_id"]] += Decimal(each["amount"])
    _close_through(backend, month)
    began, total = time.perf_counter(), sum(by_person.values(), Decimal())
    seen = wait_until(f"the ledger of {month} in reporting", lambda: _reported(backend, month, total), began)
    stage.saw("reporting", f"the same to the cent: {total:,.2f} in {len(booked)} bookings", seen.seconds)
    stage.table(
        f"The ledger of {month}, closed: what is booked later counts in the next month",
        ("who", "CNY"),
        [(built.company.names.get(who, "-"), f"{sum_:,.2f}") for who, sum_ in sorted(by_person.items())],
        right=(1,),
    )


def _reported(backend: Backend, month: Month, total: Decimal) -> bool:
    """Whether reporting's ledger, made of events alone, says the same."""
    return Decimal(backend.get("/reporting/v1/ledger", month=str(month), limit=1)["total"]) == total


def _close_through(backend: Backend, month: Month) -> None:
    """Closes the months of the ledger in order, beginning behind what earlier runs have closed."""
    closed = backend.get("/complaints/v1/ledger/months", limit=1)["items"]
    following = Month.parse(closed[0]["month"]).plus(1) if closed else month
    while following <= month:
        backend.speaking_as("admin_dept").post(f"/complaints/v1/ledger/months/{following}/close")
        following = following.plus(1)
