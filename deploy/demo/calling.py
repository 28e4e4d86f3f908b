"""Chapter 11: the phone rings. Whoever answers knows who it is, what is open and what to offer, in one request."""

import time
from typing import Final

from deploy.demo.backend import Backend, Json, check
from deploy.demo.building import Built
from deploy.demo.stage import Stage

STORE: Final = 5
"""The store of the story, by its place in the plan."""


def tell_call(backend: Backend, stage: Stage, built: Built) -> None:
    """Tells it; raises DemoFailed when the caller is not known, or what waits for them is not said."""
    stage.chapter("11 · The phone rings")
    store = built.stores[STORE]
    name, phone = "周会计", _phone(store)
    path = f"/customers/v1/customers/{store['id']}"
    person = {"name": name, "job": "accountant", "phones": [phone], "pays": True}
    backend.post(f"{path}/people", person)
    stage.say(f"{name}, who pays the bills of {store['name']}, calls customer service from a number of her own.")
    stage.expect("who calls, who serves the store, what it bought last, what is open, and who should take the call")
    desk = backend.speaking_as("cs_specialist")
    began = time.perf_counter()
    seen = desk.get("/customers/v1/screen-pop", phone=phone)
    took = time.perf_counter() - began
    check(seen["id"] == store["id"], "another store was shown")
    check([each["name"] for each in seen["callers"]] == [name], "nobody says who of the store calls")
    stage.saw("customers", f"{seen['name']}, {seen['tier']}: it is {name}, who pays", took)
    stage.table("What is on the screen", ("", ""), _rows(seen))


def _phone(store: Json) -> str:
    """A number that no other store has: this telling's own."""
    digits = "".join(each for each in store["external_no"] if each.isdigit())
    return f"139{int(digits) % 100_000_000:08}"


def _rows(seen: Json) -> list[tuple[str, str]]:
    bought = [f"{each['amount']} on {each['occurred_at'][:10]}" for each in seen["purchases"][:3]]
    offers = [each["occasion"].replace("_", " ") for each in seen["offers"]]
    return [
        ("served by", ", ".join(each["name"] for each in seen["team"].values()) or "nobody yet"),
        ("bought last", "; ".join(bought) or "nothing"),
        ("open cases", ", ".join(each["number"] for each in seen["cases"]) or "none"),
        ("not to do", ", ".join(seen["avoid"]) or "nothing"),
        ("to offer", ", ".join(offers) or "nothing"),
        ("should take it", "whoever is free" if seen["take"] is None else seen["take"]["name"]),
    ]
