"""Chapter 9: one brand, one network of stores. A contract is refused, one is ended, an owner has a total."""

from datetime import timedelta
from typing import Final

from deploy.demo.backend import Backend, Json, Refused, check
from deploy.demo.building import ZONE, Built
from deploy.demo.stage import Stage

BRAND: Final = "花漾年华"
FIRST, SECOND = 2, 3
"""Stores of the story, by their places in the plan."""


def tell_network(backend: Backend, stage: Stage, built: Built) -> None:
    """Tells it; raises DemoFailed when the network is not protected."""
    stage.chapter("9 · A contract that is refused")
    first, second = built.stores[FIRST], built.stores[SECOND]
    district, street = _places(backend, first)
    stage.say(
        f"{first['name']} signs for {BRAND} in a district. {second['name']} wants the same brand in a street of it: "
        "one brand, one network of stores."
    )
    contract = _sign(backend, built, first, district, _today(backend))
    stage.expect("409 same-brand, with the contract in the way; from the day on which the first one ends: signed")
    _refused(backend, built, second, street, _today(backend))
    stage.saw("customers", "refused by the database itself: same-brand, with the contract in the way")
    ends_on = (backend.now().astimezone(ZONE) + timedelta(days=30)).date().isoformat()
    _end(backend, contract, ends_on)
    signed = _sign(backend, built, second, street, ends_on)
    check(signed["state"] == "agreed", f"the second contract is {signed['state']}")
    stage.saw("customers", f"the first ends on {ends_on}, confirmed and approved by two people; the second begins then")
    _tell_owner(backend, stage, (first, second))


def _places(backend: Backend, store: Json) -> tuple[str, str]:
    """A district of this telling's own, and a street in it."""
    name = f"{store['external_no']} 区"
    district = backend.post("/customers/v1/regions", {"name": name})["id"]
    street = backend.post("/customers/v1/regions", {"name": f"{name} 街", "parent_id": district})["id"]
    return district, street


def _today(backend: Backend) -> str:
    return backend.now().astimezone(ZONE).date().isoformat()


def _sign(backend: Backend, built: Built, store: Json, region_id: str, starts_on: str) -> Json:
    asked = {"customer_id": store["id"], "brand_id": built.brands[BRAND], "region_id": region_id}
    return backend.post("/customers/v1/contracts", {**asked, "starts_on": starts_on})


def _refused(backend: Backend, built: Built, store: Json, region_id: str, starts_on: str) -> None:
    try:
        _sign(backend, built, store, region_id, starts_on)
    except Refused as refusal:
        check(refusal.slug == "same-brand", f"the second contract was refused as {refusal.slug}")
    else:
        check(False, "two contracts of one brand hold in one district")


def _end(backend: Backend, contract: Json, ends_on: str) -> None:
    """Confirmed by one, approved by another."""
    path = f"/customers/v1/contracts/{contract['id']}/ending"
    backend.post(f"{path}/confirm", {"ends_on": ends_on, "text": "客户自愿放弃经营权。"})
    backend.speaking_as("general_manager").post(f"{path}/approve", {})


def _tell_owner(backend: Backend, stage: Stage, stores: tuple[Json, ...]) -> None:
    """One owner of both: each store keeps its tier."""
    owner = backend.post("/customers/v1/owners", {"name": "林老板"})
    for store in stores:
        backend.post(f"/customers/v1/customers/{store['id']}/ownership", {"owner_id": owner["id"]})
    read = backend.get(f"/customers/v1/owners/{owner['id']}")
    check(len(read["stores"]) == len(stores), "the owner does not have both stores")
    tiers = " and ".join(each["tier"] for each in read["stores"])
    stage.saw(
        "customers", f"one owner has both ({tiers}): {read['total']} yuan this month together, which moves no tier"
    )
