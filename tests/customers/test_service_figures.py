"""How a customer has been served and pays stands beside the tier, in the preview of a policy and in the outlook."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.care import TouchDone, TouchMissWithdrawn
from shared.contracts.complaints import ComplaintJudged, ComplaintOpened, ComplaintOverdue, ComplaintResolved
from shared.ids import new_id
from tests.customers.network import BASE, bought, made, store
from tests.customers.test_payments import invoice
from tests.customers.test_worth import touch_missed
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service

DAY = timedelta(days=1)
SERVED = {
    "days": 60,
    "touches_done": 1,
    "touches_missed": 1,
    "complaints_open": 1,
    "answers_late": 1,
    "invoices_overdue": 1,
    "mean_days_late": "8.0",
}
NOTHING = {**dict.fromkeys(SERVED, 0), "days": 60, "mean_days_late": None}


async def test_how_customers_were_served_stands_beside_who_would_move(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", datetime(2026, 11, 4, 4, tzinfo=UTC)) as customers:
        served, other = await store(customers), await store(customers)
        for shop in (served, other):
            await bought(customers, shop, "20.00")
        await happened(customers, served)
        thresholds = {"A": "9000", "B": "5000", "C": "20"}
        new = await made(customers, "tier-policies", {"thresholds": thresholds, "starts_on": "2027-01-01"})

        preview = await items(customers, f"tier-policies/{new['id']}/preview")
        outlook = await items(customers, "outlook")
        own = (await customers.http.get(f"{BASE}/customers/{served}/outlook")).json()

        assert preview == outlook == {str(served): SERVED, str(other): NOTHING}
        assert own["service"] == SERVED
        customers.clock.forward(60 * DAY)
        assert (await items(customers, "outlook"))[str(served)] == {
            **SERVED, "touches_done": 0, "touches_missed": 0, "answers_late": 0, "mean_days_late": "38.0",
        }  # fmt: skip


async def happened(customers: OneService, shop: UUID) -> None:
    """A touch done, one missed, a late answer in a case that stands open, an invoice ten days overdue; beside each of
    them what counts no more, and what never did."""
    now = customers.clock.now()
    late, unfounded, solved, enquiry = (new_id() for _ in range(4))
    taken_back = touch_missed(shop, now - DAY)

    def opened(case: UUID, kind: str = "complaint") -> ComplaintOpened:
        return ComplaintOpened.model_validate(
            {"complaint_id": case, "customer_id": shop, "number": "C1", "kind": kind, "subject": "product",
             "channel": "web", "at": now - 2 * DAY}
        )  # fmt: skip

    def overdue(case: UUID, at: datetime) -> ComplaintOverdue:
        return ComplaintOverdue(complaint_id=case, customer_id=shop, number="C1", due_at=at, at=at, kind="complaint")

    def known(case: UUID) -> dict[str, Any]:
        return {"complaint_id": case, "customer_id": shop, "number": "C1", "at": now}

    await customers.given(
        done(shop, now - DAY), done(shop, now - 61 * DAY),
        touch_missed(shop, now - DAY), touch_missed(shop, now - DAY, excuse="leave"),
        touch_missed(shop, now - 61 * DAY), taken_back,
        opened(late), opened(unfounded), opened(solved), opened(enquiry, "enquiry"),
        overdue(late, now - DAY), overdue(unfounded, now - DAY), overdue(solved, now - 61 * DAY),
    )  # fmt: skip
    await customers.given(
        TouchMissWithdrawn(**{name: getattr(taken_back, name) for name in TouchMissWithdrawn.model_fields}),
        ComplaintJudged(valid=False, good_faith=True, **known(unfounded)),
        ComplaintResolved(in_time=False, stopped_clock=True, **known(solved)),
        version=2,
    )
    await invoice(customers, shop, "FP-1", due_on="2026-10-25")
    await invoice(customers, shop, "FP-2", due_on="2026-10-01", paid_on="2026-10-07")


def done(shop: UUID, at: datetime) -> TouchDone:
    return TouchDone(
        task_id=new_id(), customer_id=shop, kind="visit", role="salesperson", contact="visit",
        assignee_id=new_id(), at=at, minutes=30, recorded_late=False,
    )  # fmt: skip


async def items(customers: OneService, path: str) -> dict[str, Any]:
    """What a list says of each customer's service."""
    answer = await customers.http.get(f"{BASE}/{path}")
    assert answer.status_code == 200, answer.text
    return {each["customer_id"]: each["service"] for each in answer.json()["items"]}
