"""Chapter 15: today. Cases wait with running clocks, tasks are due, and each ready token finds its own."""

from datetime import datetime, time, timedelta

from deploy.demo.backend import Backend, Json, check, wait_for
from deploy.demo.building import ZONE, Built
from deploy.demo.people import OF_FIRST_TEAM
from deploy.demo.stage import Stage
from deploy.demo.traffic import SUBJECTS, Case, answer, complain, moment

ARRIVALS = ("PT1H5M", "PT50M", "PT1H10M", "PT40M", "PT25M")
"""How long after the one before the next complaints come; the first is late when the last have come."""
AT_ONCE = 2
NEVER_IDLE = ("salesperson", "beauty_mentor")
"""They owe something to stores of every tier."""
WHO = ("salesperson", "beauty_mentor", "sales_manager", "cs_specialist")
"""Of the ready tokens, those who are shown with what waits for them."""


def tell_today(backend: Backend, stage: Stage, built: Built) -> None:
    """Leaves cases that wait and tasks that are due; raises DemoFailed when somebody would see nothing."""
    stage.chapter("15 · Today")
    served = [store for place, store in enumerate(built.stores) if place % 3 == OF_FIRST_TEAM]
    cases = _open(backend, served)
    answer(backend, cases[3].id)
    backend.post(f"/complaints/v1/complaints/{cases[4].id}/pause", {"text": "等门店补发照片。", "at_most": "P1D"})
    late = cases[0]
    wait_for({f"{late.number} overdue in the queue of the page": lambda: _board(backend)["overdue"] > 0})
    board = _board(backend)
    stage.saw(
        "reporting",
        f"{board['open']} cases wait: {board['overdue']} overdue, {board['due_soon']} due within the hour, "
        f"{board['paused']} paused",
    )
    stage.table(
        "What is due for the people of the ready tokens",
        ("role", "name", "stores", "due today", "due this week"),
        [_due(backend, built, role, served) for role in WHO],
        right=(2, 3, 4),
    )


def _open(backend: Backend, served: list[Json]) -> list[Case]:
    """Complaints of the stores of the ready people, over four hours."""
    cases: list[Case] = []
    for pause in ("PT1S", *ARRIVALS):
        backend.forward(pause)
        for _ in range(AT_ONCE if cases else 1):
            place = len(cases)
            cases.append(complain(backend, served[place % len(served)], SUBJECTS[place % len(SUBJECTS)]))
    return cases


def _board(backend: Backend) -> Json:
    return backend.get("/reporting/v1/live/board")


def _due(backend: Backend, built: Built, role: str, served: list[Json]) -> tuple[str, ...]:
    now = backend.now()
    tonight = datetime.combine(now.astimezone(ZONE).date() + timedelta(days=1), time(), ZONE)
    staff_id = built.company.first_team[role]
    dues = [moment(task["due_at"]) for task in backend.every("/care/v1/tasks", assignee_id=staff_id, state="open")]
    today = sum(due <= tonight for due in dues)
    week = sum(due <= tonight + timedelta(days=6) for due in dues)
    check(week > 0 or role not in NEVER_IDLE, f"nothing is due for the {role}")
    return role, built.company.names[staff_id], str(len(served)), str(today), str(week)
