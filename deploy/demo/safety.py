"""Chapter 8: a batch that harms. Three reactions within two weeks raise the alarm, and every buyer is to be warned."""

import time
from datetime import timedelta

from deploy.demo import names
from deploy.demo.backend import Backend, Json, check, wait_for, wait_until
from deploy.demo.building import ZONE, Built
from deploy.demo.stage import Stage
from deploy.demo.traffic import answer

PRODUCT = "焕颜精华"
BUYERS = 9
"""Stores that have bought of the batch."""
DAYS_AGO = (13, 6, 0)
"""When the three reactions came."""


def tell_batch(backend: Backend, stage: Stage, built: Built) -> None:
    """Tells it; the alarm stands in the end, and its warnings wait for who serves the stores."""
    stage.chapter("8 · A batch that harms")
    batch = f"{built.plan.run}-{backend.now():%m%d%H%M}"
    buyers = [store["id"] for store in built.stores[2 : 2 + BUYERS]]
    recorded = backend.speaking_as("admin_dept").post("/complaints/v1/batches", {"product": PRODUCT, "batch": batch})
    path = f"/complaints/v1/batches/{recorded['id']}"
    began = _buy(backend, built, batch, buyers)
    known = wait_until(f"who bought of batch {batch}", lambda: backend.get(path)["customers"] == BUYERS, began)
    stage.saw("complaints", f"knows {BUYERS} buyers of the batch", known.seconds)
    stage.say(f"{BUYERS} stores have bought of batch {batch}. Three of their customers complain of red, itching skin.")
    stage.expect("the third within fourteen days raises the alarm, once; every store that bought it is to be warned")
    began = time.perf_counter()
    cases = [_react(backend, store, batch, ago) for store, ago in zip(buyers, DAYS_AGO, strict=False)]
    seen = wait_for(
        {
            "the alarm of the batch": lambda: _alarm(backend, path),
            "a warning for each store": lambda: len(_warnings(backend, buyers)) == BUYERS,
        },
        began,
    )
    alarm, warned = seen.values()
    stage.saw("complaints", f"{alarm.value['reactions']} reactions: the batch is alarmed", alarm.seconds)
    stage.saw("care", f"{BUYERS} stores are to be called, each by who serves it", warned.seconds)
    for case in cases:
        answer(backend, case)
    check(alarm.value["alarm"] == 1, f"batch {batch} was alarmed more than once")


def _buy(backend: Backend, built: Built, batch: str, buyers: list[str]) -> float:
    """Orders with lines; returns when the last one was sent (`time.perf_counter`)."""
    began = time.perf_counter()
    for place, store in enumerate(buyers, start=1):
        began = time.perf_counter()
        backend.post(
            "/customers/v1/purchases",
            {
                "customer_id": store,
                "brand_id": built.brands[next(iter(names.BRANDS))],
                "amount": "360.00",
                "occurred_at": backend.now().isoformat(),
                "external_no": f"{batch}/{place}",
                "lines": [{"product": PRODUCT, "batch": batch, "quantity": 6}],
            },
        )
    return began


def _react(backend: Backend, store: str, batch: str, days_ago: int) -> str:
    """Records an adverse reaction; the id of its case."""
    day = backend.now().astimezone(ZONE).date() - timedelta(days=days_ago)
    opened = backend.post(
        "/complaints/v1/complaints",
        {
            "customer_id": store,
            "kind": "complaint",
            "subject": "product",
            "against": {"type": "product", "name": PRODUCT},
            "product": PRODUCT,
            "batch": batch,
            "symptoms": ["redness", "itching"],
            "severity": "moderate",
            "reaction_on": day.isoformat(),
            "text": "顾客使用后面部发红、发痒。",
            "channel": "line",
        },
    )
    return str(opened["id"])


def _alarm(backend: Backend, path: str) -> Json | None:
    batch = backend.get(path)
    return batch if batch["alarmed"] else None


def _warnings(backend: Backend, buyers: list[str]) -> list[Json]:
    tasks = backend.every("/care/v1/tasks", kind="batch_warning", state="open")
    return [task for task in tasks if task["customer_id"] in buyers]
