"""Invoices and their payment, as the ERP tells them; how a customer pays (domain 2.1)."""

import asyncio
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.customers.payments.domain import mean_days_late
from shared.contracts.payments import PaymentRecorded
from tests.customers.network import BASE, colleague, nobody, somebody_waits, store
from tests.customers.network import made as made_of
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

DUE = "2026-11-30"


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("slug", "")


async def tell(customers: OneService, customer: UUID, number: str = "FP-1", **said: Any) -> httpx.Response:
    body = {"customer_id": str(customer), "invoice_no": number, **said}
    return await customers.http.post(f"{BASE}/payments", json=body)


async def invoice(customers: OneService, customer: UUID, number: str = "FP-1", **said: Any) -> dict[str, Any]:
    answer = await tell(customers, customer, number, **{"due_on": DUE, "amount": "1000.00", **said})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def listed(customers: OneService, **filters: str) -> list[str]:
    answer = await customers.http.get(f"{BASE}/payments", params=filters)
    assert answer.status_code == 200, answer.text
    return [each["invoice_no"] for each in answer.json()["items"]]


async def test_an_invoice_told_twice_is_one_and_is_paid_once(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        made = await invoice(customers, shop)
        assert (made["state"], made["days_late"], made["paid_on"]) == ("open", 0, None)

        again = await tell(customers, shop, due_on=DUE, amount="1000.00")
        assert (again.status_code, again.json()["id"]) == (200, made["id"])
        paid = await tell(customers, shop, paid_on="2026-11-03")
        assert (paid.status_code, paid.json()["state"]) == (201, "paid")
        once_more = await tell(customers, shop, due_on=DUE, amount="1000.00", paid_on="2026-11-03")
        assert (once_more.status_code, once_more.json()["state"]) == (200, "paid")
        assert (await tell(customers, shop, due_on=DUE, amount="1000.00")).status_code == 200, "an older message"

        facts = await customers.facts(PaymentRecorded)
        assert [fact.paid_on for fact in facts] == [None, date(2026, 11, 3)]
        assert await listed(customers) == ["FP-1"]


async def test_told_at_once_by_several_it_is_one(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)

        answers = await asyncio.gather(
            *(tell(customers, shop, due_on=DUE, amount="1000.00", paid_on="2026-11-03") for _ in range(6))
        )

        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
        assert len(await customers.facts(PaymentRecorded)) == 1


async def test_what_cannot_be_is_refused(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers), await store(customers, "别家")
        assert slug(await tell(customers, shop, "FP-9", paid_on="2026-11-03")) == (422, "unknown-invoice")
        assert slug(await tell(customers, nobody(), due_on=DUE, amount="1.00")) == (422, "unknown-customer")
        assert slug(await tell(customers, shop, due_on=DUE, amount="-1.00")) == (422, "invalid")
        assert slug(await tell(customers, shop, due_on="2026-02-30", amount="1.00")) == (422, "invalid")
        assert slug(await tell(customers, shop, due_on="1900-01-01", amount="1.00"))[0] == 422
        future = await tell(customers, shop, due_on=DUE, amount="1.00", paid_on="2026-11-05")
        assert slug(future) == (422, "payment-dates-refused")
        assert await listed(customers) == []

        await invoice(customers, shop)
        for who, said in (
            (shop, {"due_on": DUE, "amount": "1000.01"}),
            (shop, {"due_on": "2026-12-01", "amount": "1000.00"}),
            (other, {"paid_on": "2026-11-03"}),
        ):
            assert slug(await tell(customers, who, **said)) == (409, "invoice-reused")
        await tell(customers, shop, paid_on="2026-11-03")
        assert slug(await tell(customers, shop, paid_on="2026-11-02")) == (409, "invoice-reused")


async def test_it_is_overdue_from_the_day_after_by_the_company_s_days(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        await invoice(customers, shop)
        customers.clock.move_to(datetime(2026, 11, 30, 15, 59, 59, tzinfo=UTC))
        assert (await listed(customers, state="open"), await listed(customers, state="overdue")) == (["FP-1"], [])

        customers.clock.move_to(datetime(2026, 11, 30, 16, tzinfo=UTC))

        assert (await listed(customers, state="open"), await listed(customers, state="overdue")) == ([], ["FP-1"])
        [one] = (await customers.http.get(f"{BASE}/payments", params={"customer_id": str(shop)})).json()["items"]
        assert (one["state"], one["days_late"]) == ("overdue", 1)


async def test_what_was_told_wrongly_is_put_right(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        made = await invoice(customers, shop, paid_on="2026-11-03")
        path = f"{BASE}/payments/{made['id']}"

        assert slug(await customers.http.patch(path, json={"paid_on": None})) == (428, "precondition-required")
        right = await customers.http.patch(path, json={"paid_on": None, "amount": "900"}, headers={"If-Match": '"1"'})
        assert (right.json()["state"], right.json()["amount"], right.headers["ETag"]) == ("open", "900.00", '"2"')
        late = await customers.http.patch(path, json={"paid_on": "2027-01-01"}, headers={"If-Match": '"2"'})
        assert slug(late) == (422, "payment-dates-refused")
        gone = await customers.http.patch(path, json={"withdrawn": True}, headers={"If-Match": '"2"'})
        assert gone.json()["state"] == "withdrawn"
        assert await listed(customers, state="open") == []
        assert slug(await tell(customers, shop, due_on=DUE, amount="900.00")) == (409, "invoice-reused")
        back = await customers.http.patch(path, json={"withdrawn": False}, headers={"If-Match": '"3"'})
        assert back.json()["state"] == "open"
        assert [fact.withdrawn for fact in await customers.facts(PaymentRecorded)] == [False, False, True, False]


async def test_an_invoice_that_was_told_of_the_wrong_customer_is_another_s(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        wrong, right = await store(customers), await store(customers, "别家")
        made = await invoice(customers, wrong, due_on="2026-10-01")
        path = f"{BASE}/payments/{made['id']}"

        async def put(customer: UUID, tag: str) -> httpx.Response:
            body = {"customer_id": str(customer)}
            return await customers.http.patch(path, json=body, headers={"If-Match": tag})

        assert slug(await put(nobody(), '"1"')) == (422, "unknown-customer")
        moved = await put(right, '"1"')

        assert (moved.json()["customer_id"], moved.headers["ETag"]) == (str(right), '"2"')
        assert (made["customer_name"], moved.json()["customer_name"]) == ("美丽人生美容院", "别家")
        overdue = [
            (await customers.http.get(f"{BASE}/customers/{each}/payment-behaviour")).json()["overdue"]
            for each in (wrong, right)
        ]
        assert overdue == ["0.00", "1000.00"]
        told = [(fact.customer_id, fact.from_customer_id) for fact in await customers.facts(PaymentRecorded)]
        assert told == [(wrong, None), (right, wrong)]
        entered = await customers.database.fetch("SELECT subject FROM audit_entry WHERE what = 'payment.moved'")
        assert {row["subject"] for row in entered} == {wrong, right}
        assert (await put(right, '"2"')).headers["ETag"] == '"2"', "the same again changes nothing"


async def test_who_moves_an_invoice_holds_also_the_customer_whose_it_was(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        wrong, right = await store(customers), await store(customers, "别家")
        path = f"{BASE}/payments/{(await invoice(customers, wrong))['id']}"
        async with customers.database.transaction() as transaction:
            await transaction.execute("UPDATE customer SET version = version + 1 WHERE id = $1", wrong)
            body, tag = {"customer_id": str(right)}, {"If-Match": '"1"'}
            moving = asyncio.create_task(customers.http.patch(path, json=body, headers=tag))
            await eventually(lambda: somebody_waits(customers))

        assert (await moving).status_code == 200


async def test_what_never_was_an_invoice_is_not_late(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        made = await invoice(customers, await store(customers), due_on="2026-10-01")
        assert made["days_late"] == 34
        path = f"{BASE}/payments/{made['id']}"

        gone = await customers.http.patch(path, json={"withdrawn": True}, headers={"If-Match": "*"})

        assert (gone.json()["state"], gone.json()["days_late"]) == ("withdrawn", 0)


async def test_a_credit_limit_is_changed_as_it_was_read_and_can_be_removed(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        path = f"{BASE}/customers/{shop}/credit-limit"

        async def put(amount: str, tag: str | None = None) -> httpx.Response:
            headers = {"If-Match": tag} if tag else {}
            return await customers.http.put(path, json={"amount": amount}, headers=headers)

        assert slug(await customers.http.get(path)) == (404, "no-credit-limit")
        assert slug(await customers.http.delete(path, headers={"If-Match": "*"})) == (404, "no-credit-limit")
        assert (await put("1000.00")).headers["ETag"] == '"1"', "the first needs none"
        assert slug(await put("2000.00")) == (428, "precondition-required")
        assert (await put("1000.00", '"1"')).headers["ETag"] == '"1"', "the same again changes nothing"
        assert (await put("2000.00", '"1"')).headers["ETag"] == '"2"'
        assert slug(await put("3000.00", '"1"')) == (412, "stale")
        read = await customers.http.get(path)
        assert (read.json()["amount"], read.headers["ETag"]) == ("2000.00", '"2"')

        assert slug(await customers.http.delete(path)) == (428, "precondition-required")
        removed = await customers.http.delete(path, headers={"If-Match": '"2"'})

        assert (removed.status_code, removed.json()["credit_limit"]) == (200, None)
        assert slug(await customers.http.get(path)) == (404, "no-credit-limit")
        assert slug(await put("500.00", '"2"')) == (412, "stale"), "it was read before somebody removed it"
        assert (await put("500.00")).headers["ETag"] == '"4"', "no ETag means two limits"
        entered = await customers.database.fetch("SELECT what FROM audit_entry WHERE what LIKE 'credit%' ORDER BY id")
        assert [row["what"].removeprefix("credit_limit.") for row in entered] == ["set", "set", "removed", "set"]


@pytest.mark.parametrize(
    "days, mean",
    [
        ([30, 24, 18, 18, 12, 6], Decimal("18.0")),
        ([30, 24, 18, 18, 12, 6, 0], Decimal("13.0")),
        ([1, 0, 0], Decimal("0.3")),
        ([], None),
    ],
)
def test_the_last_six_invoices_say_how_late_somebody_pays(days: list[int], mean: Decimal | None) -> None:
    assert mean_days_late(days) == mean


async def test_how_a_customer_pays_and_how_much_they_may_owe(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        for n, late in enumerate((30, 24, 18, 18, 12, 6)):
            due = date(2026, 3 + n, 1)
            paid = date.fromordinal(due.toordinal() + late)
            await invoice(customers, shop, f"FP-{n}", due_on=due.isoformat(), paid_on=paid.isoformat(), amount="10.00")
        path = f"{BASE}/customers/{shop}"

        async def behaviour() -> dict[str, Any]:
            return dict((await customers.http.get(f"{path}/payment-behaviour")).json())

        assert (await behaviour())["mean_days_late"] == "18.0"
        await invoice(customers, shop, "FP-6", due_on="2026-10-30", paid_on="2026-10-30", amount="10.00")
        assert (await behaviour())["mean_days_late"] == "13.0"
        await invoice(customers, shop, "FP-7", due_on="2026-11-03", amount="700.00")
        await invoice(customers, shop, "FP-8", amount="400.00")
        assert slug(await customers.http.put(f"{path}/credit-limit", json={"amount": "0"})) == (422, "invalid")
        limited = await customers.http.put(f"{path}/credit-limit", json={"amount": "1000.00"})

        assert limited.json() == await behaviour()
        assert limited.json() == {
            "open": "400.00",
            "overdue": "700.00",
            "invoices_overdue": 1,
            "mean_days_late": "9.2",
            "credit_limit": "1000.00",
            "over_limit": True,
        }
        assert slug(await customers.http.get(f"{BASE}/customers/{nobody()}/payment-behaviour")) == (
            404,
            "customer-not-found",
        )


async def test_invoices_are_listed_by_what_is_due_last_and_seen_by_whom_the_customer_is(
    fresh_database: FreshDatabase,
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers), await store(customers, "别家")
        for n in range(5):
            await invoice(customers, shop, f"FP-{n}", due_on=f"2026-12-0{n + 1}")
        made = await invoice(customers, other, "FP-X", due_on="2026-12-09")

        assert await listed(customers) == ["FP-X", "FP-4", "FP-3", "FP-2", "FP-1", "FP-0"]
        first = (await customers.http.get(f"{BASE}/payments", params={"limit": 4})).json()
        rest = (await customers.http.get(f"{BASE}/payments", params={"limit": 4, "cursor": first["next"]})).json()
        assert [each["invoice_no"] for each in rest["items"]] == ["FP-1", "FP-0"]
        assert [each["customer_name"] for each in first["items"]] == ["别家", *["美丽人生美容院"] * 3]
        person = await made_of(customers, "customers", {"name": "王小明", "kind": "person"})
        theirs = await invoice(customers, UUID(person["id"]), "FP-P")
        assert theirs["customer_name"] is None, "`GET names` says it, to whom it may be said"
        assert (await customers.http.get(f"{BASE}/payments/{theirs['id']}")).json() == theirs
        assert await listed(customers, customer_id=str(other)) == ["FP-X"]
        assert await listed(customers, invoice_no="FP-3") == ["FP-3"]
        stranger = bearer("salesperson", await colleague(customers))
        assert (await customers.http.get(f"{BASE}/payments", headers=stranger)).json()["items"] == []
        seen = await customers.http.get(f"{BASE}/payments/{made['id']}", headers=stranger)
        assert slug(seen) == (404, "no-such-invoice")
        limited = bearer("sales_manager", await colleague(customers, "sales_manager"))
        path = f"{BASE}/customers/{other}/credit-limit"
        assert slug(await customers.http.put(path, json={"amount": "1.00"}, headers=limited)) == (
            404,
            "customer-not-found",
        )
        told = await customers.http.post(f"{BASE}/payments", json={}, headers=stranger)
        assert slug(told) == (403, "forbidden")
