"""Answers say when what they tell of last changed."""

from datetime import timedelta
from typing import Any

from tests.customers.network import BASE, colleague, made, store
from tests.postgres import FreshDatabase
from tests.support import OneService, one_service


async def at(customers: OneService, path: str) -> str:
    answer = await customers.http.get(f"{BASE}/{path}")
    assert answer.status_code == 200, answer.text
    moment: str = answer.json()["updated_at"]
    return moment


async def test_what_is_changed_says_when(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        assignee = str(await colleague(customers, "sales_manager"))
        invoice = {"customer_id": str(shop), "invoice_no": "FP-1", "due_on": "2026-11-30", "amount": "100.00"}
        rebate = {
            "customer_id": str(shop), "from": "2026-11-01", "to": "2027-10-31",
            "steps": [{"from_amount": "1000.00", "rate": "0.03"}],
        }  # fmt: skip
        entered: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
            ("payments", invoice, {"paid_on": "2026-11-03"}),
            ("rebates", rebate, {"to": "2027-09-30"}),
            (f"customers/{shop}/people", {"name": "李店长", "job": "manager"}, {"decides": True}),
            ("owners", {"name": "王老板"}, {"name": "王大老板"}),
            ("prospects", {"name": "新店", "source": "street_visit"}, {"address": "温州"}),
        ]
        changes = []
        for kind, body, change in entered:
            changes.append((kind, f"{kind}/{(await made(customers, kind, body))['id']}", change))
        tie = await made(customers, f"customers/{shop}/ties", {"kind": "economic", "benefit": "100.00"})
        changes.append(("ties", f"ties/{tie['id']}", {"benefit": "200.00"}))
        account = f"customers/{shop}/key-account"
        await made(customers, account, {"reason": "最大的店", "assignee_id": str(await colleague(customers))})
        changes.append(("key-account", account, {"assignee_id": assignee}))

        begun = await at(customers, changes[0][1])
        for kind, path, change in changes:
            before = await at(customers, path)
            assert before == begun, (kind, "when it was entered")
            customers.clock.forward(timedelta(hours=1))
            assert await at(customers, path) == before, kind
            answer = await customers.http.patch(f"{BASE}/{path}", json=change, headers={"If-Match": "*"})
            assert answer.status_code == 200, (kind, answer.text)
            now = customers.clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")
            assert answer.json()["updated_at"] == await at(customers, path) == now, kind
            again = await customers.http.patch(f"{BASE}/{path}", json=change, headers={"If-Match": "*"})
            assert again.json()["updated_at"] == now, kind
