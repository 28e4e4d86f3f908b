"""Builds the planned network through the public API."""

import csv
import io
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from deploy.demo import names
from deploy.demo.backend import Backend, DemoFailed, Json, all_at_once, check
from deploy.demo.people import Company, build_company
from deploy.demo.plan import (
    Bought,
    NetworkPlan,
    Size,
    StorePlan,
    plan_network,
    store_number,
    todays_purchases,
)
from deploy.demo.stage import Stage
from shared.months import Month

ZONE = ZoneInfo("Asia/Shanghai")
IMPORT_PATIENCE = 600.0
"""Seconds for the largest import."""
LOOK_EVERY = 0.05
MOST_TODAY = 60
LONGEST_LOOK_BACK = 36
COLUMNS = {
    "customer_no": "门店编号",
    "occurred_at": "进货日期",
    "amount": "金额",
    "brand": "品牌",
    "external_no": "单号",
}


@dataclass(frozen=True, slots=True)
class Built:
    """The network as it stands in the services."""

    plan: NetworkPlan
    company: Company
    brands: dict[str, str]
    stores: tuple[Json, ...]
    """As registered, in the order of the plan."""
    last_month: Month


def build(backend: Backend, stage: Stage, size: Size) -> Built:
    """Everything up to today's first orders."""
    now = backend.now()
    plan = plan_network(_next_run(backend), size, now, ZONE)
    brands = _find_or_add(backend, "brands", [{"name": name, "grade": grade} for name, grade in names.BRANDS.items()])
    regions = _find_or_add(backend, "regions", [{"name": name} for name in names.REGIONS])
    company = build_company(backend, len(plan.stores))
    stage.done(
        f"{len(brands)} brands (mid and high grade), {len(regions)} regions, {len(company.names)} people on file"
    )
    stores = _register(backend, stage, plan, regions)
    _import_past(backend, stage, plan.past)
    last = _close_months(backend, stage, plan)
    _seat_teams(backend, stage, plan, stores, company)  # afterwards, since care plans by team and present tier
    _order_today(backend, stage, plan, stores, brands)
    return Built(plan, company, brands, stores, last)


def _next_run(backend: Backend) -> int:
    run = 1
    while backend.get("/customers/v1/customers", external_no=store_number(run, 0))["items"]:
        run += 1
    return run


def _find_or_add(backend: Backend, kind: str, wanted: Sequence[Json]) -> dict[str, str]:
    path = f"/customers/v1/{kind}"
    ids: dict[str, str] = {item["name"]: item["id"] for item in backend.every(path)}
    for body in wanted:
        if body["name"] not in ids:
            ids[body["name"]] = backend.post(path, body)["id"]
    return {body["name"]: ids[body["name"]] for body in wanted}


def _register(backend: Backend, stage: Stage, plan: NetworkPlan, regions: dict[str, str]) -> tuple[Json, ...]:
    def register(store: StorePlan) -> Json:
        return backend.post(
            "/customers/v1/customers",
            {
                "name": store.name,
                "kind": "store",
                "external_no": store.number,
                "region_id": regions[store.region],
                "phones": [store.phone],
            },
        )

    return tuple(stage.track("stores registered", all_at_once(register, plan.stores), len(plan.stores)))


def _seat_teams(backend: Backend, stage: Stage, plan: NetworkPlan, stores: Sequence[Json], company: Company) -> None:
    def seat(place: int) -> None:
        teams = company.teams[plan.stores[place].region]
        backend.put(f"/customers/v1/customers/{stores[place]['id']}/team", teams[place % len(teams)])

    for _ in stage.track("account teams seated", all_at_once(seat, range(len(stores))), len(stores)):
        pass


def _import_past(backend: Backend, stage: Stage, past: Sequence[Bought]) -> None:
    """The past months as the file that a company would have."""
    job = backend.upload(
        "/customers/v1/imports",
        "进货记录.csv",
        _csv(past),
        {"kind": "purchases", "mapping": json.dumps(COLUMNS, ensure_ascii=False)},
    )
    began = time.perf_counter()
    with stage.bar("purchases imported (CSV)", len(past)) as advance_to:
        while True:
            state = backend.get(f"/customers/v1/imports/{job['id']}")
            advance_to(state["rows_ok"] + state["rows_repeated"] + state["rows_bad"])
            if state["state"] in ("done", "failed"):
                break
            if time.perf_counter() - began > IMPORT_PATIENCE:
                raise DemoFailed("the import of past purchases does not end")
            time.sleep(LOOK_EVERY)
    check(state["state"] == "done", f"the import failed: {state['error']}")
    check(state["rows_ok"] == len(past), f"the import took {state['rows_ok']} of {len(past)} rows")


def _csv(past: Sequence[Bought]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS.values())
    table.writerows((b.customer_no, b.at.strftime("%Y-%m-%d %H:%M"), b.amount, b.brand, b.external_no) for b in past)
    return text.getvalue().encode()


def _close_months(backend: Backend, stage: Stage, plan: NetworkPlan) -> Month:
    """Every month up to the last, in order; closing one again takes up what came in late."""
    last = plan.months[-1]
    months = [_first_to_close(backend, plan.months[0])]
    while months[-1] < last:
        months.append(months[-1].plus(1))
    closed = [
        backend.post(f"/customers/v1/months/{month}/close")
        for month in stage.track("months closed", iter(months), len(months))
    ]
    check(closed[-1]["month"] == str(last), f"{last} was not closed")
    return last


def _first_to_close(backend: Backend, first: Month) -> Month:
    """`first`, or the month after the latest closed one when that lies further back."""
    closed = [Month.parse(item["month"]) for item in backend.every("/customers/v1/months")]
    return min(first, max(closed).plus(1)) if closed else first


def _order_today(
    backend: Backend, stage: Stage, plan: NetworkPlan, stores: Sequence[Json], brands: dict[str, str]
) -> None:
    ids = {store["external_no"]: store["id"] for store in stores}
    orders = todays_purchases(plan, backend.now(), MOST_TODAY)

    def order(bought: Bought) -> None:
        backend.post(
            "/customers/v1/purchases",
            {
                "customer_id": ids[bought.customer_no],
                "brand_id": brands[bought.brand],
                "amount": str(bought.amount),
                "occurred_at": bought.at.isoformat(),
                "external_no": bought.external_no,
            },
        )

    for _ in stage.track("today's first orders", all_at_once(order, orders), len(orders)):
        pass
