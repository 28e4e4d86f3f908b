"""Chapter 1: purchases lift a store from C to A; its obligations change and its waiting complaint jumps the queue."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from deploy.demo.backend import Backend, Json, check, wait_for, wait_until
from deploy.demo.building import ZONE, Built
from deploy.demo.plan import RISING
from deploy.demo.stage import Stage
from deploy.demo.traffic import SUBJECTS, Case, complain

WAITING = {"A": 2, "B": 4, "C": 4}
"""How many other stores of each tier complain too."""
ORDERS = (("兰芷", "5000"), ("花漾年华", "8200"))
"""Brand and yuan: the first is of high grade and counts half, so that the second alone lifts from C to A."""
ALSO_KNOWN = ("complaints", "care", "reporting")

Duty = tuple[str, str]


def tell_rise(backend: Backend, stage: Stage, built: Built) -> list[Case]:
    """Tells it; returns the cases that now wait for an answer, the risen store's first."""
    store = built.stores[RISING]
    stage.chapter("1 · A store rises from C to A")
    stage.say(
        f"{store['name']} ({store['external_no']}) bought for about 1,500 yuan a month: a C customer since the close "
        f"of {built.last_month}. It has complained about a late delivery and waits, as other stores do."
    )
    before = _await_standing(backend, store, "C")
    cases = _complaints(backend, built)
    mine = cases[0]
    place = _place(backend, mine)
    stage.saw("complaints", f"{len(cases)} complaints wait; {mine.number} stands at place {place} of the queue")
    stage.saw("care", f"{len(before)} service tasks are planned for it")
    began = _order(backend, stage, built)
    _watch(backend, stage, store, mine, place, began)
    _show_obligations(backend, stage, store, before)
    _show_greeting(backend, stage, store)
    return cases


def _await_standing(backend: Backend, store: Json, tier: str) -> dict[Duty, Json]:
    """Until every service has heard how the store stands after the months were closed; its open tasks."""
    wanted = _owed(backend, tier)
    wait_for(
        {
            f"tier {tier} of the store in customers": lambda: _customer(backend, store)["tier"] == tier,
            f"tier {tier} of the store in reporting": lambda: _report(backend, store)["tier"] == tier,
            f"the tasks of a {tier} customer in care": lambda: set(_tasks(backend, store)) == wanted,
        }
    )
    return _tasks(backend, store)


def _customer(backend: Backend, store: Json) -> Json:
    return backend.get(f"/customers/v1/customers/{store['id']}")


def _report(backend: Backend, store: Json) -> Json:
    return backend.get(f"/reporting/v1/customers/{store['id']}")


def _complaints(backend: Backend, built: Built) -> list[Case]:
    """Ours first in the list, and in the middle of the others by time."""
    others = [store for tier, count in WAITING.items() for store in _stores_of(backend, built, tier, count)]
    half = len(others) // 2
    early = [complain(backend, store, SUBJECTS[place % len(SUBJECTS)]) for place, store in enumerate(others[:half])]
    mine = complain(backend, built.stores[RISING], SUBJECTS[0])
    late = [complain(backend, store, SUBJECTS[place % len(SUBJECTS)]) for place, store in enumerate(others[half:])]
    return [mine, *early, *late]


def _stores_of(backend: Backend, built: Built, tier: str, count: int) -> Sequence[Json]:
    """Stores of this run that stand in a tier; the two of the story are left out."""
    ours = {store["id"] for store in built.stores[2:]}
    found = (item for item in backend.every("/customers/v1/customers", tier=tier) if item["id"] in ours)
    return [item for item, _ in zip(found, range(count), strict=False)]


def _place(backend: Backend, case: Case) -> int:
    """1 is the head of the queue."""
    for place, item in enumerate(backend.every("/complaints/v1/queue"), start=1):
        if item["id"] == case.id:
            return place
    check(False, f"{case.number} is not in the queue")
    return 0


def _tasks(backend: Backend, store: Json) -> dict[Duty, Json]:
    open_tasks = backend.every("/care/v1/tasks", customer_id=store["id"], state="open", kind="obligation")
    return {(task["role"], task["contact"]): task for task in open_tasks}


def _order(backend: Backend, stage: Stage, built: Built) -> float:
    """Today's orders; returns when the last one was sent (`time.perf_counter`)."""
    store = built.stores[RISING]
    stage.say(
        "Today it orders for 5,000 yuan of 兰芷, a high-grade brand that counts half, and then for 8,200 of 花漾年华: "
        "10,700 in mid-grade terms, more than the 10,000 of tier A. A running month lifts at once."
    )
    stage.expect("C → A with the second order; complaints, care and reporting hear of it within moments")
    began = time.perf_counter()
    for place, (brand, amount) in enumerate(ORDERS, start=1):
        began = time.perf_counter()
        backend.post(
            "/customers/v1/purchases",
            {
                "customer_id": store["id"],
                "brand_id": built.brands[brand],
                "amount": amount,
                "occurred_at": backend.now().isoformat(),
                "external_no": f"{store['external_no']}/rise-{place}",
            },
        )
    return began


def _watch(backend: Backend, stage: Stage, store: Json, case: Case, before: int, began: float) -> None:
    wanted = _owed(backend, "A")
    seen = wait_for(
        {
            "tier A in customers": lambda: _customer(backend, store)["tier"] == "A",
            "tier A of the waiting complaint": lambda: _complaint(backend, case)["tier"] == "A",
            "the tasks of an A customer in care": lambda: set(_tasks(backend, store)) == wanted,
            "tier A in reporting": lambda: _report(backend, store)["tier"] == "A",
        },
        began,
    )
    history = list(backend.every(f"/customers/v1/customers/{store['id']}/tier-history"))
    lifts = [Decimal(move["total"]) for move in history if (move["from"], move["to"]) == ("C", "A")]
    check(len(lifts) == 1, "the tier history does not say that it was lifted from C to A, once")
    place = _place(backend, case)
    ahead = [item["tier"] for item, _ in zip(backend.every("/complaints/v1/queue"), range(place - 1), strict=False)]
    check(place < before, f"{case.number} stays at place {place} of the queue")
    check(set(ahead) <= {"A"}, f"{case.number} stands behind a lower tier: {ahead}")
    times = dict(zip(("customers", *ALSO_KNOWN), (each.seconds for each in seen.values()), strict=True))
    stage.saw("customers", f"tier C → A, by {lifts[0]:,.0f} yuan this month in mid-grade terms", times["customers"])
    stage.saw(
        "complaints", f"{case.number} jumps from place {before} to {place}: only A before it", times["complaints"]
    )
    stage.saw("care", "its tasks are planned anew as an A customer's", times["care"])
    stage.saw("reporting", "its customer 360 shows A", times["reporting"])


def _complaint(backend: Backend, case: Case) -> Json:
    return backend.get(f"/complaints/v1/complaints/{case.id}")


def _matrix(backend: Backend, tier: str) -> dict[Duty, Json]:
    listed = backend.get("/care/v1/obligation-matrix")["obligations"]
    return {(each["role"], each["contact"]): each["interval"] for each in listed if each["tier"] == tier}


def _owed(backend: Backend, tier: str) -> set[Duty]:
    planned = ("per_month", "every")
    return {duty for duty, interval in _matrix(backend, tier).items() if interval["kind"] in planned}


def _show_obligations(backend: Backend, stage: Stage, store: Json, before: Mapping[Duty, Json]) -> None:
    after = _tasks(backend, store)
    as_c, as_a = _matrix(backend, "C"), _matrix(backend, "A")
    stage.table(
        "What is owed to the store (role, contact): before and after",
        ("role", "contact", "as C", "due", "as A", "due"),
        [
            (*duty, _interval(as_c.get(duty)), _due(before.get(duty)), _interval(as_a.get(duty)), _due(after.get(duty)))
            for duty in sorted({*before, *after})
        ],
    )


def _interval(interval: Json | None) -> str:
    match interval:
        case {"kind": "per_month", "times": times}:
            return f"{times} a month"
        case {"kind": "every", "within": within, "welcome": welcome}:
            return (
                f"every {_months(welcome)}–{_months(within)} months"
                if within != welcome
                else f"every {_months(within)} months"
            )
        case {"kind": kind}:
            return str(kind).replace("_", " ")
        case _:
            return "–"


def _months(months: object) -> str:
    return f"{Decimal(str(months)).normalize():f}"


def _due(task: Json | None) -> str:
    return datetime.fromisoformat(task["due_at"]).astimezone(ZONE).strftime("%m-%d") if task else "–"


def _show_greeting(backend: Backend, stage: Stage, store: Json) -> None:
    def greeting() -> Json | None:
        listed = backend.every("/care/v1/messages", customer_id=store["id"])
        settled = [item for item in listed if item["occasion"] == "tier_rise" and item["state"] != "sending"]
        return next((m for m in settled if m["state"] == "sent" or m["reason"]), None)

    message = wait_until("a greeting for the risen store", greeting)
    found = message.value
    if found["state"] == "sent":
        text = f"one greeting by {found['channel']} to {found['address']}"
    else:
        text = f"one greeting waits ({str(found['reason']).replace('_', ' ')})"
    stage.saw("care", text, message.seconds)
