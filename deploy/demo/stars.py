"""Chapter 14: the rising star. Who buys more each month is seen before it has risen; a plan answers who may go."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from deploy.demo.backend import Backend, Json, check, wait_for
from deploy.demo.building import ZONE, Built
from deploy.demo.stage import Stage
from shared.months import Month

SHOWN: Final = 5
RISING: Final = ("200", "350", "500", "650", "800", "950")
"""Yuan of the last six complete months: the trend is at 1,100 in the next, and a C is from 1,000 on."""
STORE: Final = "新芽美容馆"
RIVAL: Final = "美研堂"
WEEK: Final = timedelta(days=7)


def tell_stars(backend: Backend, stage: Stage, built: Built) -> None:
    """Tells it; raises DemoFailed when nobody sees the star, or nothing answers the report."""
    stage.chapter("14 · The rising star")
    store = _rising_store(backend)
    stage.say(f"{store['name']} is a D customer, and has bought a little more in each of six months.")
    stage.expect("a signal at once: it leads to C within three months")
    wait_for({f"the signal of {store['name']}": lambda: bool(_signals(backend, store, "rising_star"))})
    [star] = _signals(backend, store, "rising_star")
    [trend] = star["reasons"]
    check((star["tier"], star["leads_to"]) == ("D", "C"), f"the star leads from {star['tier']} to {star['leads_to']}")
    stage.saw("customers", f"its trend rises by {trend['rise']} a month, and is at {trend['threshold']} soon")
    _say_potential(backend, stage, built, store)
    _answer_report(backend, stage, built)


def _rising_store(backend: Backend) -> Json:
    """A store of its own, so that the trend is what is told, whatever the others bought."""
    store = backend.post("/customers/v1/customers", {"name": STORE, "kind": "store", "phones": ["13900010015"]})
    running = Month.of(backend.now(), ZONE)
    for place, amount in enumerate(RISING):
        day = running.plus(place - len(RISING)).first_day
        moment = datetime(day.year, day.month, 1, 10, tzinfo=ZONE).isoformat()
        body = {"customer_id": store["id"], "amount": amount, "occurred_at": moment}
        backend.post("/customers/v1/purchases", body)
    return store


def _say_potential(backend: Backend, stage: Stage, built: Built, store: Json) -> None:
    """What it could buy puts it at the head of the list."""
    said = {"amount": "999999.00", "reason": "十二张床，客人排到晚上。"}
    backend.put(f"/customers/v1/customers/{store['id']}/potential", said)
    asked = {"kind": "rising_star", "standing": "true", "sort": "potential"}
    stars = list(backend.every("/customers/v1/signals", **asked))
    check(stars[0]["potential"] == said["amount"], "what it could buy does not put it first")
    known = {each["id"]: each["name"] for each in built.stores} | {store["id"]: store["name"]}
    shown = [each for each in stars if each["customer_id"] in known][:SHOWN]
    stage.table(
        f"Rising stars ({len(stars)} of all stores), by what they could buy",
        ("store", "from", "to", "trend", "a month more", "months", "could buy"),
        [_row(known, each) for each in shown],
        right=(3, 4, 5, 6),
    )


def _row(known: Mapping[str, str], star: Json) -> tuple[str, ...]:
    [trend] = star["reasons"]
    return (
        known[star["customer_id"]], star["tier"], star["leads_to"], trend["now"], trend["rise"],
        str(trend["months"]), star["potential"] or "–",
    )  # fmt: skip


def _answer_report(backend: Backend, stage: Stage, built: Built) -> None:
    """A B who orders elsewhere is a signal there and then, and a plan answers it."""
    store = next(each for each in built.stores if _tier(backend, each) == "B")
    rival = _rival(backend)
    stage.say(f"In a visit, {store['name']} (a B) shows an offer of {rival['name']}, and says that it orders there.")
    seen = {"customer_id": store["id"], "brand": rival["brands"][0], "price": "88.00", "offer": "买十送二"}
    backend.post(f"/customers/v1/competitors/{rival['id']}/sightings", seen)
    report = {"competitor_id": rival["id"], "note": "店主说下个月换一半货架。"}
    backend.post(f"/customers/v1/customers/{store['id']}/orders-elsewhere", report)
    [signal] = _signals(backend, store, "competitor")
    codes = [each["code"] for each in signal["reasons"]]
    check("orders_elsewhere" in codes, f"the report is not among the reasons: {codes}")
    due = (backend.now().astimezone(ZONE) + WEEK).date().isoformat()
    better = {"aim": "让它留下来", "measures": [{"text": "每周送货，店长每两周到店。", "due_on": due}]}
    plan = backend.post(f"/customers/v1/signals/{signal['id']}/plan", better)
    [measure] = plan["measures"]
    done = backend.post(
        f"/customers/v1/signal-plans/{plan['id']}/measures/{measure['id']}/done", {"text": "店主很满意。"}
    )
    check(done["done"] == 1, "the measure is not done")
    helped = {"outcome": "helped", "reason": "又按老样子订货。"}
    backend.post(f"/customers/v1/signal-plans/{plan['id']}/outcome", helped)
    stage.saw("customers", "a signal at once, a plan of better service with its day, done, and it helped")


def _signals(backend: Backend, store: Json, kind: str) -> list[Json]:
    asked = {"customer_id": store["id"], "kind": kind, "standing": "true"}
    return list(backend.every("/customers/v1/signals", **asked))


def _tier(backend: Backend, store: Json) -> str:
    found: str = backend.get(f"/customers/v1/customers/{store['id']}")["tier"]
    return found


def _rival(backend: Backend) -> Json:
    """The competitor's file, of an earlier telling or new."""
    known = [each for each in backend.every("/customers/v1/competitors", name=RIVAL) if each["name"] == RIVAL]
    body = {"name": RIVAL, "brands": ["雅素"], "strengths": "每周送货，账期两个月。"}
    return known[0] if known else backend.post("/customers/v1/competitors", body)
