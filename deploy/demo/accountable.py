"""Chapter 4: two people in a case. The complainant hears at once, the notice moves the chain, the repeat is seen."""

import time
from datetime import timedelta

from deploy.demo.backend import Backend, Json, check, wait_until
from deploy.demo.building import Built
from deploy.demo.stage import Stage
from deploy.demo.traffic import Case, answer, moment

ACCUSED = "salesperson"
UNTIL_THE_BREACH = "PT4H1S"


def tell_accountable(backend: Backend, stage: Stage, built: Built) -> Case:
    """Tells it; both cases are answered in the end. Returns the first, which was answered late."""
    stage.chapter("4 · Two people in a case")
    team = built.company.first_team
    accused, handler = team[ACCUSED], team["cs_specialist"]
    names = built.company.names
    stage.say(
        f"A customer rings about {names[accused]}, a salesperson, and leaves a mobile number. Whom it is against "
        "is not who handles it."
    )
    first = _complain(backend, accused)
    _heard(backend, stage, first)
    seen = backend.get(f"/complaints/v1/complaints/{first.id}")
    check(seen["accountable"]["id"] == accused, f"{first.number} does not know whom it is against")
    stage.saw("complaints", f"handled by {seen['handler']['name']}, against {seen['accountable']['name']}")
    check(handler in names, "nobody of customer service has a token")
    _notice(backend, stage, first, accused, names[accused])
    _breach(backend, stage, first, accused, names[accused])
    answer(backend, first.id)
    second = _complain(backend, accused)
    _repeat(backend, stage, first, second)
    answer(backend, second.id)
    return first


def _complain(backend: Backend, accused: str) -> Case:
    opened = backend.post(
        "/complaints/v1/complaints",
        {
            "complainant": {"name": "赵女士", "contact": "+8613900001234"},
            "kind": "complaint",
            "subject": "attitude",
            "against": {"type": "person", "id": accused},
            "text": "电话里态度很差，还没说完就挂了。",
            "channel": "line",
            "wish": "请当事人道歉",
        },
    )
    return Case(opened["id"], opened["number"], {"id": None, "token": opened["tracking_token"]})


def _heard(backend: Backend, stage: Stage, case: Case) -> None:
    stage.expect("a first reply at once, with the number and until when the answer comes")
    began = time.perf_counter()

    def sent() -> Json | None:
        letters = backend.get(f"/complaints/v1/complaints/{case.id}/letters")["items"]
        return next((letter for letter in letters if letter["state"] == "sent"), None)

    found = wait_until(f"the first reply of {case.number}", sent, began)
    stage.saw("complaints", f"{case.number} was heard: first reply by {found.value['channel']}", found.seconds)
    stage.say(f"The complainant follows it without a login: {backend.url}/complaints/track/{case.store['token']}")


def _notice(backend: Backend, stage: Stage, case: Case, accused: str, name: str) -> None:
    deadline = backend.now() + timedelta(hours=2)
    notice = backend.post(
        f"/complaints/v1/complaints/{case.id}/notice",
        {"to": accused, "demand": "请说明情况，并当日致电道歉。", "deadline": deadline.isoformat()},
    )
    stage.saw("complaints", f"notice {notice['number']} to {name}; from now on their line hears of a miss")


def _breach(backend: Backend, stage: Stage, case: Case, accused: str, name: str) -> None:
    since = backend.forward(UNTIL_THE_BREACH)
    stage.expect(f"the breach is told to {name}, not to the handler")
    began = time.perf_counter()

    def told() -> Json | None:
        messages = backend.every("/care/v1/messages", staff_id=accused)
        escalated = (each for each in messages if each["occasion"] == "complaint_escalated" and each["state"] == "sent")
        return next((each for each in escalated if moment(each["planned_at"]) >= since), None)

    found = wait_until(f"a message to {name} about {case.number}", told, began)
    standing = backend.get(f"/complaints/v1/complaints/{case.id}")
    check(standing["overdue"] and standing["escalation_level"] == 1, f"{case.number} is not told once")
    check(moment(standing["answer_due_at"]) < backend.now(), f"{case.number} is not late")
    stage.saw("care", f"{name} is reached by {found.value['channel']}", found.seconds)


def _repeat(backend: Backend, stage: Stage, first: Case, second: Case) -> None:
    stage.say("A few hours later the same again, about the same person: a repeat within the month.")
    began = time.perf_counter()

    def repeated() -> Json | None:
        repeat = backend.get(f"/complaints/v1/complaints/{second.id}")["repeat"]
        return repeat if repeat and repeat["count"] >= 2 else None

    found = wait_until(f"{second.number} seen as a repeat", repeated, began)
    check(found.value["of"] is not None, f"{second.number} does not say of what it is a repeat")
    stage.saw("complaints", f"{second.number} is number {found.value['count']} of the month", found.seconds)

    def proposed() -> Json | None:
        items = backend.every("/complaints/v1/penalties", rule="repeat", state="proposed")
        return next((each for each in items if second.id in str(each["basis"])), None)

    penalty = wait_until(f"what the repeat {second.number} costs", proposed, began)
    stage.saw("complaints", f"proposed, not decided: {penalty.value['amount']} for the repeat", penalty.seconds)
