"""Builds the planned network through the public API."""

import csv
import io
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from deploy.demo import names
from deploy.demo.backend import Backend, Json, all_at_once, check, wait_for
from deploy.demo.people import Company, build_company
from deploy.demo.plan import (
    Bought,
    NetworkPlan,
    Size,
    plan_network,
    store_number,
    todays_purchases,
)
from deploy.demo.stage import Stage
from shared.months import Month

ZONE = ZoneInfo("Asia/Shanghai")
IMPORT_PATIENCE = 600.0
"""Seconds for the largest import."""
CATCH_UP = 900.0
"""Seconds for the other services to take in the largest network."""
LOOK_EVERY = 0.05
MOST_TODAY = 60
STORE_COLUMNS = {"external_no": "门店编号", "name": "店名", "region": "区域", "phones": "电话"}
PURCHASE_COLUMNS = {
    "customer_no": "门店编号",
    "occurred_at": "进货日期",
    "amount": "金额",
    "brand": "品牌",
    "external_no": "单号",
}


@dataclass(frozen=True, slots=True)
class File:
    """A CSV file to be imported; `columns` says by which names it calls our fields, in the order of the rows."""

    kind: str
    columns: Mapping[str, str]
    rows: Sequence[Sequence[str]]

    def content(self) -> bytes:
        text = io.StringIO()
        table = csv.writer(text)
        table.writerow(self.columns.values())
        table.writerows(self.rows)
        return text.getvalue().encode()


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
    stores = _register(backend, stage, plan)
    past = purchases_file(plan.past)
    with stage.bar("purchases imported (CSV)", len(past.rows)) as advance_to:
        run_import(backend, past, advance_to)
    last = _close_months(backend, stage, plan)
    _seat_teams(backend, stage, plan, stores, company)  # afterwards, since care plans by team and present tier
    order = _order_today(backend, stage, plan, stores, brands)
    with stage.waiting("the other services take the network in"):
        caught_up = _catch_up(backend, stores[-1], order)
    stage.done(f"care and reporting have taken it all in, {caught_up:.1f} s later")
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


def _register(backend: Backend, stage: Stage, plan: NetworkPlan) -> tuple[Json, ...]:
    """The stores as the file that a company would have; as registered, in the order of the plan."""
    rows = [(store.number, store.name, store.region, store.phone) for store in plan.stores]
    with stage.bar("stores imported (CSV)", len(rows)) as advance_to:
        run_import(backend, File("customers", STORE_COLUMNS, rows), advance_to)
    wanted = {store.number for store in plan.stores}
    found = {
        item["external_no"]: item for item in backend.every("/customers/v1/customers") if item["external_no"] in wanted
    }
    return tuple(found[store.number] for store in plan.stores)


def _seat_teams(backend: Backend, stage: Stage, plan: NetworkPlan, stores: Sequence[Json], company: Company) -> None:
    def seat(place: int) -> None:
        team = company.team(plan.stores[place].region, place)
        backend.put(f"/customers/v1/customers/{stores[place]['id']}/team", team)

    for _ in stage.track("account teams seated", all_at_once(seat, range(len(stores))), len(stores)):
        pass


def purchases_file(purchases: Sequence[Bought]) -> File:
    """As the merchandise system would give it."""
    rows = [(b.customer_no, b.at.strftime("%Y-%m-%d %H:%M"), str(b.amount), b.brand, b.external_no) for b in purchases]
    return File("purchases", PURCHASE_COLUMNS, rows)


def run_import(backend: Backend, file: File, advance_to: Callable[[int], None]) -> None:
    """Uploads the file and waits for its end; says how many rows are read. Raises DemoFailed unless all were taken."""
    job = backend.upload(
        "/customers/v1/imports",
        f"{file.kind}.csv",
        file.content(),
        {"kind": file.kind, "mapping": json.dumps(file.columns, ensure_ascii=False)},
    )
    began = time.perf_counter()
    while True:
        state = backend.get(f"/customers/v1/imports/{job['id']}")
        advance_to(state["rows_ok"] + state["rows_repeated"] + state["rows_bad"])
        if state["state"] in ("done", "failed"):
            break
        check(time.perf_counter() - began < IMPORT_PATIENCE, f"the import of {file.kind} does not end")
        time.sleep(LOOK_EVERY)
    check(state["state"] == "done", f"the import of {file.kind} failed: {state['error']}")
    check(state["rows_ok"] == len(file.rows), f"the import took {state['rows_ok']} of {len(file.rows)} {file.kind}")


def _close_months(backend: Backend, stage: Stage, plan: NetworkPlan) -> Month:
    """Every month up to the last, in order; closing one again takes up what came in late."""
    last = plan.months[-1]
    months = [_first_to_close(backend, plan.months[0])]
    while months[-1] < last:
        months.append(months[-1].plus(1))
    closed = [close_month(backend, month) for month in stage.track("months closed", iter(months), len(months))]
    check(closed[-1]["month"] == str(last), f"{last} was not closed")
    return last


def close_month(backend: Backend, month: Month) -> Json:
    """The month as closed."""
    return backend.post(f"/customers/v1/months/{month}/close")


def _first_to_close(backend: Backend, first: Month) -> Month:
    """`first`, or the month after the latest closed one when that lies further back."""
    closed = [Month.parse(item["month"]) for item in backend.every("/customers/v1/months")]
    return min(first, max(closed).plus(1)) if closed else first


def _order_today(
    backend: Backend, stage: Stage, plan: NetworkPlan, stores: Sequence[Json], brands: dict[str, str]
) -> Bought:
    """The last one of them."""
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
    return orders[-1]


def _catch_up(backend: Backend, last_seated: Json, last_ordered: Bought) -> float:
    """Seconds until care has planned for the last team and reporting knows the last order."""

    def planned() -> bool:
        return bool(backend.get("/care/v1/tasks", customer_id=last_seated["id"], state="open", limit=1)["items"])

    def reported() -> bool:
        found = backend.get("/customers/v1/customers", external_no=last_ordered.customer_no)["items"]
        report = backend.get(f"/reporting/v1/customers/{found[0]['id']}")
        return any(bought["external_no"] == last_ordered.external_no for bought in report["purchases"]["recent"])

    seen = wait_for(
        {"tasks for the last store in care": planned, "the last order in reporting": reported}, patience=CATCH_UP
    )
    return max(each.seconds for each in seen.values())
