"""Chapter 12: what a store is becoming. The outlook before the month ends; one that has left is won back."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Final

from deploy.demo.backend import Backend, Json, check, wait_until
from deploy.demo.building import Built
from deploy.demo.stage import Stage

SHOWN: Final = 5
BOUGHT: Final = 6
AMOUNT: Final = "21000.00"
RHYTHM: Final = timedelta(days=30)
SILENT: Final = timedelta(days=50)
"""More than one and a half times the rhythm: it is warned of."""
OUTCOME: Final = {"outcome": "returned", "reason": "新店长上门道歉，客户重新订货。"}


def tell_worth(backend: Backend, stage: Stage, built: Built) -> None:
    """Tells it; raises DemoFailed when a list says nothing, or an offer above its limit is agreed at once."""
    stage.chapter("12 · Before the month ends")
    mine = {store["id"]: store for store in built.stores}
    seen = [each for each in backend.every("/customers/v1/outlook") if each["customer_id"] in mine]
    check(len(seen) == len(mine), "the outlook misses a store")
    moving = [each for each in seen if each["leads_to"] != each["tier"] and not each["pinned"]]
    counted = Counter("up" if each["leads_to"] < each["tier"] else "down" for each in moving)
    stage.say(
        f"If the month goes on as it has begun, {counted['up']} stores end it higher and {counted['down']} lower "
        "than they stand. Salespeople see theirs while there is time."
    )
    stage.table(
        "Where the run rate leads",
        ("store", "stands", "so far", "run rate", "leads to", "missing"),
        [_row(mine, each) for each in moving[:SHOWN]],
        right=(2, 3, 5),
    )
    _win_back(backend, stage)


def _row(mine: dict[str, Json], each: Json) -> tuple[str, ...]:
    name = mine[each["customer_id"]]["name"]
    return name, each["tier"], each["total"], each["run_rate"], each["leads_to"], each["missing"] or "–"


def _win_back(backend: Backend, stage: Stage) -> None:
    """A store that bought much leaves for a competitor, and comes back."""
    best = backend.post("/customers/v1/customers", {"name": "远走美容馆", "kind": "store", "phones": ["13900010012"]})
    for place in range(BOUGHT):
        at = backend.now() - SILENT - place * RHYTHM
        body = {"customer_id": best["id"], "amount": AMOUNT, "occurred_at": at.isoformat()}
        backend.post("/customers/v1/purchases", body)
    wait_until(f"the warning of {best['name']}", lambda: _is_warned_of(backend, best))
    stage.say(f"{best['name']} has left for a competitor, a warning says. Winning it back goes by what it was worth.")
    stage.expect("a case with its times, a limit for what may be offered; above it somebody else has to say yes")
    case = backend.post(
        "/customers/v1/winbacks", {"customer_id": best["id"], "kind": "competitor", "cause": "competition"}
    )
    limit = Decimal(case["offer_limit"])
    stage.saw("customers", f"{case['tier']}: worth {case['yearly']} a year, up to {limit} may be offered")
    path = f"/customers/v1/winbacks/{case['id']}"
    above = {"amount": str(limit + 1), "text": "三个月试用装与陈列支持。"}
    asked = backend.post(f"{path}/offer", above)
    check(asked["offer_state"] == "awaits_approval", f"an offer above the limit is {asked['offer_state']}")
    agreed = backend.speaking_as("general_manager").post(f"{path}/offer/approval", {"approve": True})
    check(agreed["offer_state"] == "agreed", f"the offer is {agreed['offer_state']}")
    ended = backend.post(f"{path}/outcome", OUTCOME)
    until = ended["observed_until"][:10]
    stage.saw("customers", f"offered {above['amount']}, approved, and back; observed until {until}")


def _is_warned_of(backend: Backend, store: Json) -> bool:
    return backend.get(f"/customers/v1/customers/{store['id']}")["warning"] is not None
