"""Chapter 2: a complaint that nobody answers passes four hours, climbs the chain, and reaches people."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from deploy.demo.backend import Backend, Json, check, wait_for, wait_until
from deploy.demo.building import ZONE, Built
from deploy.demo.plan import SILENT
from deploy.demo.stage import Stage
from deploy.demo.traffic import Case, answer

LEVELS = ("responsible", "supervisor", "department manager", "customer-service manager", "general manager")


@dataclass(frozen=True, slots=True)
class Moved:
    """Business time after it was moved, and when that was (`time.perf_counter`)."""

    now: datetime
    began: float


def _forward(backend: Backend, hours: int) -> Moved:
    now = backend.forward(f"PT{hours}H")
    return Moved(now, time.perf_counter())


def answer_all(backend: Backend, stage: Stage, cases: Sequence[Case]) -> None:
    """The specialists answer in the order of the queue."""
    stage.say("The specialists answer from the head of the queue, the risen store first.")
    for case in cases:
        answered = answer(backend, case.id)
        check(answered["state"] == "answered" and not answered["overdue"], f"{case.number} is not answered in time")
    stage.saw("complaints", f"{len(cases)} complaints answered in time")


def tell_silence(backend: Backend, stage: Stage, built: Built) -> Case:
    """Tells it; returns the case, answered late."""
    store = built.stores[SILENT]
    stage.chapter("2 · A complaint that nobody answers")
    case, due = _complain(backend, store)
    stage.say(
        f"{store['name']} ({store['external_no']}), a B customer, calls at {_clock(backend.now())}: the goods do not "
        f"keep what was promised. It is told number {case.number} and an answer by {_clock(due)}. Then: silence."
    )
    _warnings(backend, stage, built)
    _breach(backend, stage, built, case)
    _chain(backend, stage, built, case)
    _late_answer(backend, stage, case)
    return case


def _complain(backend: Backend, store: Json) -> tuple[Case, datetime]:
    opened = backend.post(
        "/complaints/v1/complaints",
        {
            "customer_id": store["id"],
            "kind": "complaint",
            "subject": "promise",
            "against": {"type": "department", "name": "品牌运营部"},
            "text": "当初承诺的培训一直没有安排。",
            "channel": "line",
            "wish": "请负责人回电",
        },
    )
    return Case(opened["id"], opened["number"], store), datetime.fromisoformat(opened["answer_due_at"])


def _warnings(backend: Backend, stage: Stage, built: Built) -> None:
    for percent, hours in ((50, 2), (75, 1)):
        moved = _forward(backend, hours)
        stage.say(f"The rehearsal clock moves on by {hours} h: it is {_clock(moved.now)}.")
        stage.expect(f"a warning at {percent} % of the four hours to the responsible person")
        _reached(backend, stage, built, 1, "complaint_warned", moved)


def _breach(backend: Backend, stage: Stage, built: Built, case: Case) -> None:
    moved = _forward(backend, 1)
    stage.say(f"Another hour: it is {_clock(moved.now)}, the four hours are over.")
    stage.expect("one breach, an apology call for the customer-service manager, promotion held, the report shows it")
    seen = wait_for(
        {
            "the breach in complaints": lambda: _when(
                _case(backend, case), lambda found: found["escalation_level"] == 1
            ),
            "an apology call in care": lambda: _apology(backend, case),
            "promotion held because of the overdue complaint": lambda: _held(backend, case),
            "the overdue complaint in reporting": lambda: _reported(backend, case, overdue=True),
        },
        moved.began,
    )
    breach, apology, held, report = seen.values()
    stage.saw("complaints", f"{case.number} is overdue, level 1 of the chain", breach.seconds)
    owner = built.company.names.get(apology.value["assignee_id"], "nobody")
    stage.saw("care", f"apology call for {owner}, due {_clock(_moment(apology.value['due_at']))}", apology.seconds)
    stage.saw("care", "nothing is sold to this store: promotion is held", held.seconds)
    stage.saw("reporting", "its customer 360 shows the overdue complaint", report.seconds)
    _reached(backend, stage, built, 1, "complaint_escalated", moved)


def _chain(backend: Backend, stage: Stage, built: Built, case: Case) -> None:
    for level in range(2, len(built.company.chain) + 1):
        moved = _forward(backend, 1)
        stage.say(f"Another hour without an answer: it is {_clock(moved.now)}.")
        stage.expect(f"level {level} of the chain, the {LEVELS[level - 1]}")

        def is_at(wanted: int = level) -> Json | None:
            return _when(_case(backend, case), lambda found: found["escalation_level"] == wanted)

        reached = wait_until(f"level {level} of {case.number}", is_at, moved.began)
        stage.saw("complaints", f"{case.number} stands at level {level}", reached.seconds)
        _reached(backend, stage, built, level, "complaint_escalated", moved)


def _late_answer(backend: Backend, stage: Stage, case: Case) -> None:
    stage.say("The general manager picks up the phone. The answer comes, four hours late.")
    stage.expect("the clock stops, the breach stays on record")
    began = time.perf_counter()
    answered = backend.post(
        f"/complaints/v1/complaints/{case.id}/answer", {"text": "总经理致歉，培训定于下周一，由美容导师驻店三天。"}
    )
    check(answered["state"] == "answered" and answered["overdue"], f"{case.number} does not count as answered late")
    stage.saw("complaints", "answered, and late", time.perf_counter() - began)
    shown = wait_until(
        "the late answer in reporting", lambda: _reported(backend, case, overdue=True, state="answered"), began
    )
    stage.saw("reporting", "answered, and late", shown.seconds)


def _reached(backend: Backend, stage: Stage, built: Built, level: int, occasion: str, moved: Moved) -> None:
    """Waits for a message of the occasion to the person of a level, planned since the clock was moved."""
    staff_id = built.company.chain[level - 1]

    def sent() -> Json | None:
        page = backend.get("/care/v1/messages", staff_id=staff_id, limit=20)["items"]
        return next((item for item in page if _is_new(item, occasion, moved.now)), None)

    name = built.company.names.get(staff_id, staff_id)
    found = wait_until(f"a message to {name} ({occasion})", sent, moved.began)
    stage.saw("care", f"{name} is reached by {found.value['channel']} ({found.value['address']})", found.seconds)


def _is_new(message: Json, occasion: str, since: datetime) -> bool:
    return message["occasion"] == occasion and message["state"] == "sent" and _moment(message["planned_at"]) >= since


def _case(backend: Backend, case: Case) -> Json:
    return backend.get(f"/complaints/v1/complaints/{case.id}")


def _apology(backend: Backend, case: Case) -> Json | None:
    tasks = backend.every("/care/v1/tasks", customer_id=case.store["id"], kind="apology_call", state="open")
    return next((task for task in tasks if task["complaint_id"] == case.id), None)


def _held(backend: Backend, case: Case) -> bool:
    promotion = backend.get(f"/care/v1/consents/{case.store['id']}")["promotion"]
    return bool(promotion["held"]) and promotion["reason"] == "overdue_complaint"


def _reported(backend: Backend, case: Case, *, overdue: bool, state: str = "open") -> Json | None:
    listed = backend.get(f"/reporting/v1/customers/{case.store['id']}")["complaints"]
    return next((c for c in listed if c["id"] == case.id and c["overdue"] == overdue and c["state"] == state), None)


def _when(found: Json, is_so: Callable[[Json], bool]) -> Json | None:
    return found if is_so(found) else None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _clock(moment: datetime) -> str:
    """As a clock on the wall of the company shows it."""
    return moment.astimezone(ZONE).strftime("%H:%M")
