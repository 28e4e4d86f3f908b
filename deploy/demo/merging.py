"""Chapter 10: a store that was registered twice. It becomes one, everywhere, and two again, as if nothing had been."""

import time
from decimal import Decimal
from typing import Final

from deploy.demo import names
from deploy.demo.backend import Backend, Json, check, wait_until
from deploy.demo.building import Built
from deploy.demo.stage import Stage

STORE: Final = 4
"""The store of the story, by its place in the plan."""
BOUGHT: Final = "480.00"


def tell_merge(backend: Backend, stage: Stage, built: Built) -> None:
    """Tells it; raises DemoFailed when something of the duplicate is lost, or stays behind."""
    stage.chapter("10 · Registered twice")
    store = built.stores[STORE]
    twice = _register_again(backend, built, store)
    before = wait_until("what the duplicate bought", lambda: _bought(backend, store["id"], twice["id"]), None).value
    stage.say(
        f"Somebody has registered {store['name']} a second time, as {twice['external_no']}, and it has bought under "
        "that number. Customer service finds out."
    )
    stage.expect("one store under both ids and numbers, in every service, with what was bought under either")
    began = time.perf_counter()
    desk = backend.speaking_as("cs_manager")
    desk.post(f"/customers/v1/customers/{twice['id']}/merge", {"into": store["id"], "reason": "同一家店。"})
    one = wait_until("customer 360 of one store", lambda: _is_one(backend, store["id"], twice["id"], before), began)
    found = backend.get("/customers/v1/customers", external_no=twice["external_no"])["items"]
    check([each["id"] for each in found] == [store["id"]], "the old number does not find the store")
    stage.saw("customers", f"{twice['external_no']} finds {store['name']}: its sums are counted anew")
    stage.saw("reporting", f"one customer 360 under both ids, {one.value} yuan in all", one.seconds)
    desk.post(f"/customers/v1/customers/{twice['id']}/unmerge", {})
    apart = wait_until("two stores", lambda: _bought(backend, store["id"], twice["id"]) == before)
    stage.saw("reporting", "taken back: each store has what was its own", apart.seconds)


def _register_again(backend: Backend, built: Built, store: Json) -> Json:
    number = f"{store['external_no']}-{backend.now():%m%d%H%M}"
    said = {name: store[name] for name in ("name", "kind", "phones", "emails", "region_id")}
    twice = backend.post("/customers/v1/customers", {**said, "external_no": number})
    purchase = {
        "customer_id": twice["id"],
        "brand_id": built.brands[next(iter(names.BRANDS))],
        "amount": BOUGHT,
        "occurred_at": backend.now().isoformat(),
        "external_no": f"{number}/1",
    }
    backend.post("/customers/v1/purchases", purchase)
    return twice


def _sum(backend: Backend, id_: str) -> tuple[str, Decimal]:
    seen = backend.get(f"/reporting/v1/customers/{id_}")
    return seen["id"], Decimal(seen["purchases"]["sum"])


def _bought(backend: Backend, store: str, twice: str) -> tuple[Decimal, Decimal] | None:
    """What each of two bought; None until the duplicate is known with its purchase."""
    (one, sum_), (other, of_twice) = _sum(backend, store), _sum(backend, twice)
    return (sum_, of_twice) if (one, other) == (store, twice) and of_twice == Decimal(BOUGHT) else None


def _is_one(backend: Backend, store: str, twice: str, before: tuple[Decimal, Decimal]) -> Decimal | None:
    """What was bought under both, once both ids show it."""
    whole = sum(before, Decimal(0))
    return whole if _sum(backend, store) == _sum(backend, twice) == (store, whole) else None
