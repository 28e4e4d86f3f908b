"""The past arrives: a file of purchases, month after month closed, and what is late for one."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.ids import new_id
from shared.months import Month
from shared.settings import Settings
from tests.journeys import looks
from tests.journeys.network import Company, company, get, post
from tests.journeys.stage import Stage

ZONE = Settings().zone
Share = tuple[int, str, float]
"""Customers, amount, and the part of all sales."""

BOUGHT = {
    "pearl": ("12000.00", "3500.00", "800.00"),
    "jade": ("2000.00", "2000.00", "11000.00"),
    "iris": ("500.00", "0.00", "1200.00"),
}
"""What three stores bought, month by month. By the thresholds 10,000, 3,000 and 1,000 that is A B D, C C A, D D C."""

FIRST: dict[str, Share] = {
    "A": (1, "12000.00", 0.8276),
    "B": (0, "0.00", 0),
    "C": (1, "2000.00", 0.1379),
    "D": (1, "500.00", 0.0345),
}
SECOND: dict[str, Share] = {
    "A": (0, "0.00", 0),
    "B": (1, "3500.00", 0.6364),
    "C": (1, "2000.00", 0.3636),
    "D": (1, "0.00", 0),
}
THIRD: dict[str, Share] = {
    "A": (1, "11000.00", 0.8462),
    "B": (0, "0.00", 0),
    "C": (1, "1200.00", 0.0923),
    "D": (1, "800.00", 0.0615),
}
REVISED: dict[str, Share] = {
    "A": (1, "10500.00", 0.84),
    "B": (0, "0.00", 0),
    "C": (1, "2000.00", 0.16),
    "D": (1, "0.00", 0),
}


async def a_past_is_imported(stage: Stage) -> None:
    """A file of past purchases; each month closes in order and is reported; the past reaches care silently."""
    brand_company = await company(stage.http)
    numbers = {name: f"{name}-{new_id().hex[-12:]}" for name in BOUGHT}
    stores = {name: await brand_company.store(name, external_no=number) for name, number in numbers.items()}
    running = Month.of(await stage.now(), ZONE)
    months = [running.plus(-3), running.plus(-2), running.plus(-1)]
    file = _file(numbers, months)
    await _import_once(stage, file)
    await stage.quiet()
    tasks = {name: await looks.tasks(stage, store) for name, store in stores.items()}

    early = await stage.http.post(f"/customers/v1/months/{months[1]}/close")
    assert (early.status_code, early.json()["slug"]) == (409, "month-skipped")
    for month in months[:2]:
        await _close(stage, month)
    await _says(stage, months[0], 1, FIRST, {})
    await _says(stage, months[1], 1, SECOND, {"A>B": 1})
    await stage.quiet()
    for name, store in stores.items():
        assert await looks.messages(stage, customer_id=store) == [], f"{name}: the past is silent"
        assert await looks.tasks(stage, store) == tasks[name], f"{name}: the past plans nothing"

    await _close(stage, months[2])
    await _says(stage, months[2], 1, THIRD, {"B>D": 1, "C>A": 1, "D>C": 1})
    assert await _standing(stage, stores) == {"pearl": "D", "jade": "A", "iris": "C"}
    for month in months:
        assert (await _close(stage, month))["revision"] == 1, "closing again changes nothing"
    await stage.until(looks.greeted(stage, stores["jade"], 1), "the month just ended is news: its rise is greeted")
    [visit] = [task for task in tasks["jade"] if (task["role"], task["contact"]) == ("salesperson", "visit")]
    await stage.until(looks.planned_sooner(stage, stores["jade"], visit), "and its visits are those of an A store")
    assert await looks.messages(stage, customer_id=stores["pearl"]) == []

    await _comes_late(stage, brand_company, stores["pearl"], months[1])
    await _says(stage, months[1], 2, REVISED, {})
    await _says(stage, months[2], 2, THIRD, {"A>D": 1, "C>A": 1, "D>C": 1})
    await _says(stage, months[0], 1, FIRST, {})
    assert await _standing(stage, stores) == {"pearl": "D", "jade": "A", "iris": "C"}


def _file(numbers: Mapping[str, str], months: list[Month]) -> bytes:
    rows = [
        f"{numbers[name]},{month.first_day + timedelta(days=9)},{amount}"
        for name, amounts in BOUGHT.items()
        for month, amount in zip(months, amounts, strict=True)
    ]
    return "\n".join(["store,day,paid", *rows, f"{numbers['iris']},{months[0].first_day},much"]).encode()


async def _import_once(stage: Stage, file: bytes) -> None:
    """Checked first, then imported, then sent again by mistake."""
    assert await _imported(stage, file, dry_run=True) == (9, 0, 1)
    assert await _imported(stage, file, dry_run=False) == (9, 0, 1), "the dry run wrote nothing"
    assert await _imported(stage, file, dry_run=False) == (0, 9, 1), "the same file again adds nothing"


async def _imported(stage: Stage, file: bytes, *, dry_run: bool) -> tuple[int, int, int]:
    """Rows that came in, were in already, and are bad."""
    mapping = json.dumps({"customer_no": "store", "occurred_at": "day", "amount": "paid"})
    answer = await stage.http.post(
        "/customers/v1/imports",
        files={"file": ("past.csv", file)},
        data={"kind": "purchases", "mapping": mapping, "dry_run": str(dry_run).lower()},
    )
    assert answer.status_code == 202, answer.text
    path = f"/customers/v1/imports/{answer.json()['id']}"

    async def ended() -> bool:
        return bool((await get(stage.http, path))["state"] in ("done", "failed"))

    await stage.until(ended, "the import ends")
    job = await get(stage.http, path)
    assert job["state"] == "done", job
    assert (await stage.http.get(path + "/errors")).text.splitlines()[1].startswith("11,paid,")
    return job["rows_ok"], job["rows_repeated"], job["rows_bad"]


async def _close(stage: Stage, month: Month) -> dict[str, Any]:
    return await post(stage.http, f"/customers/v1/months/{month}/close", {})


async def _says(stage: Stage, month: Month, revision: int, tiers: dict[str, Share], moves: dict[str, int]) -> None:
    """Waits until reporting shows this revision, and holds it to what is expected."""

    async def reported() -> bool:
        return bool((await get(stage.http, "/reporting/v1/tiers", month=str(month)))["revision"] == revision)

    await stage.until(reported, f"reporting has revision {revision} of {month}")
    found = await get(stage.http, "/reporting/v1/tiers", month=str(month))
    shares = {tier: (each["customers"], each["amount"], each["share"]) for tier, each in found["tiers"].items()}
    assert (shares, found["moves"]) == (tiers, moves)


async def _standing(stage: Stage, stores: Mapping[str, str]) -> dict[str, str]:
    return {name: (await looks.customer(stage, store))["tier"] for name, store in stores.items()}


async def _comes_late(stage: Stage, brand_company: Company, store: str, month: Month) -> None:
    """A purchase of a closed month, found on a forgotten receipt."""
    at = datetime.combine(month.first_day, datetime.min.time(), ZONE) + timedelta(days=12)
    await brand_company.buys(store, "7000.00", at)
    listed = (await get(stage.http, "/customers/v1/months"))["items"]
    assert [each["stale"] for each in listed] == [False, True, True]
    await _close(stage, month)
