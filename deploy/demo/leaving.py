"""Chapter 13: what a store is, and whether it leaves. One turns with an invoice in time; one is warned of, and buys."""

from datetime import datetime, time, timedelta
from typing import Final

from deploy.demo.backend import Backend, Json, check, wait_until
from deploy.demo.building import ZONE
from deploy.demo.stage import Stage
from shared.months import Month

MONTHLY: Final = "3000.00"
DAYS_LATE: Final = (30, 24, 18, 18, 12, 6)
"""In the mean 18: 64 points. With one more in time 13: 74."""
RHYTHM: Final = timedelta(days=30)
SILENT: Final = timedelta(days=50)
"""More than one and a half times the rhythm, less than three months."""
BOUGHT: Final = 6


def tell_leaving(backend: Backend, stage: Stage) -> None:
    """Tells it; raises DemoFailed when nobody turns, is warned of, or the warning stays."""
    stage.chapter("13 · What a store is, and whether it leaves")
    _turn(backend, stage)
    _warn(backend, stage)


def _turn(backend: Backend, stage: Stage) -> None:
    store = backend.post("/customers/v1/customers", {"name": "准时美容馆", "kind": "store", "phones": ["13900010013"]})
    running = Month.of(backend.now(), ZONE)
    for place in range(1, 7):
        _buys(backend, store, datetime.combine(running.plus(-place).first_day, time(10), ZONE), MONTHLY)
    for number, late in enumerate(DAYS_LATE):
        _pays(backend, store, number, late)
    stage.say(f"{store['name']} buys for {MONTHLY} every month, and pays 18 days late on average.")
    wait_until(f"what {store['name']} is", lambda: _segments(backend, store)["loyalty_credit"] == "risk")
    stage.saw("customers", "loyal, but a risk: credit 64 of 100")
    stage.expect("its next invoice is paid in time, and it turns")
    _pays(backend, store, len(DAYS_LATE), 0)
    took = wait_until(f"{store['name']} turns", lambda: _segments(backend, store)["loyalty_credit"] == "gold")
    history = backend.get(f"/customers/v1/customers/{store['id']}/segment-history")["items"]
    check(history[-1]["scores"]["credit"] == "74.00", f"its credit is {history[-1]['scores']['credit']}")
    stage.saw("customers", "gold: credit 74", took.seconds)


def _warn(backend: Backend, stage: Stage) -> None:
    store = backend.post("/customers/v1/customers", {"name": "沉默美容馆", "kind": "store", "phones": ["13900010014"]})
    last = backend.now() - SILENT
    for place in range(BOUGHT):
        _buys(backend, store, last - place * RHYTHM, "2000.00")
    stage.say(f"{store['name']} bought every {RHYTHM.days} days, and has been silent for {SILENT.days}.")
    stage.expect("a warning with its reasons")
    wait_until(f"the warning of {store['name']}", lambda: _warning(backend, store) is not None)
    warning = _warning(backend, store) or {}
    [interval] = [each for each in warning["reasons"] if each["code"] == "interval"]
    codes = ", ".join(each["code"] for each in warning["reasons"])
    stage.saw("customers", f"{interval['days']} days against {interval['usual']}; reasons: {codes}")
    _buys(backend, store, backend.now(), "2000.00")
    took = wait_until(f"the end of the warning of {store['name']}", lambda: _warning(backend, store) is None)
    [ended] = backend.get(f"/customers/v1/customers/{store['id']}/warnings")["items"]
    check(ended["ended_by"] == "purchase", f"the warning ended by {ended['ended_by']}")
    stage.saw("customers", "it buys again: the warning ends", took.seconds)


def _buys(backend: Backend, store: Json, at: datetime, amount: str) -> None:
    body = {"customer_id": store["id"], "amount": amount, "occurred_at": at.isoformat()}
    backend.post("/customers/v1/purchases", body)


def _pays(backend: Backend, store: Json, number: int, late: int) -> None:
    due = (backend.now().astimezone(ZONE) - timedelta(days=90 - 10 * number)).date()
    body = {
        "customer_id": store["id"],
        "invoice_no": f"FP-{store['id']}-{number}",
        "due_on": due.isoformat(),
        "amount": MONTHLY,
        "paid_on": (due + timedelta(days=late)).isoformat(),
    }
    backend.post("/customers/v1/payments", body)


def _segments(backend: Backend, store: Json) -> Json:
    found: Json = backend.get(f"/customers/v1/customers/{store['id']}")["segments"]
    return found


def _warning(backend: Backend, store: Json) -> Json | None:
    found: Json | None = backend.get(f"/customers/v1/customers/{store['id']}")["warning"]
    return found
