"""The ledger: what is booked stands for ever, counts in an open month, and months close in order."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.complaints.ledger import events, store
from services.complaints.ledger.domain import Booking, NewBooking
from shared.contracts.responsibility import LedgerClosed
from shared.ids import new_id
from shared.months import Month
from tests.complaints.building import CS_MANAGER, DEPARTMENT, MANAGER, SALESPERSON, SPECIALIST, Complaints, as_role
from tests.complaints.building import complaints as complaints_service
from tests.postgres import FreshDatabase
from tests.support import START

DECEMBER = datetime.fromisoformat("2026-12-01T00:00:00+08:00")
A_SECOND = timedelta(seconds=1)


def entry(amount: str = "70", person: UUID = SPECIALIST, **fields: Any) -> NewBooking:
    given: dict[str, Any] = {"kind": "penalty", "basis_type": "penalty", "basis_id": new_id(), **fields}
    return NewBooking(amount=Decimal(amount), person_id=person, person_department_id=DEPARTMENT, **given)


async def book(service: Complaints, *entries: NewBooking) -> list[Booking]:
    context = service.service.context
    async with context.database.transaction() as transaction:
        return await store.book(transaction, entries, context.clock.now(), context.zone)


async def close(service: Complaints, month: str, role: str = "admin_dept") -> tuple[int, str]:
    answer = await service.post(f"/ledger/months/{month}/close", **as_role(role, new_id()))
    return answer.status_code, answer.json().get("slug", answer.json().get("month"))


async def listed(service: Complaints, **filters: Any) -> list[dict[str, Any]]:
    answer = await service.get("/bookings", **filters)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_booking_counts_in_the_month_in_which_it_falls_due(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        basis = new_id()
        [now, due] = await book(service, entry(basis_id=basis), entry("30", due_at=DECEMBER - A_SECOND))
        service.clock.move_to(DECEMBER)
        [late] = await book(service, entry("30", due_at=DECEMBER - A_SECOND))
        [december] = await book(service, entry("20"))

        assert [str(Month.at(each.month)) for each in (now, due, late, december)] == ["2026-11"] * 3 + ["2026-12"]
        last, *_, first = await listed(service)
        assert first == {
            "id": str(now.id), "kind": "penalty", "account": "company", "fund_department_id": None,
            "person_id": str(SPECIALIST), "department_id": str(DEPARTMENT), "supervisor_id": None, "amount": "70.00",
            "month": "2026-11", "booked_at": first["booked_at"], "basis": {"type": "penalty", "id": str(basis)},
            "reverses": None,
        }  # fmt: skip
        assert (last["amount"], datetime.fromisoformat(first["booked_at"])) == ("20.00", START)


async def test_what_is_booked_stands(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        [booked] = await book(service, entry())
        for change in ("UPDATE booking SET amount = 1", "DELETE FROM booking", "TRUNCATE booking CASCADE"):
            with pytest.raises(asyncpg.RaiseError):
                await service.database.execute(change)
        await book(service, booked.reversal())
        with pytest.raises(asyncpg.UniqueViolationError):
            await book(service, booked.reversal())

        assert [each["amount"] for each in await listed(service)] == ["-70.00", "70.00"]
        assert (await listed(service))[0]["reverses"] == str(booked.id)
        assert events.booked(booked).amount == Decimal("70.00")


async def test_months_close_in_order_from_the_first_with_bookings(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        assert await close(service, "2026-10") == (409, "ledger-month-empty")
        [first] = await book(service, entry())
        assert await close(service, "2026-11") == (409, "ledger-month-not-over")
        assert await close(service, "2027-01") == (409, "ledger-month-not-over")
        assert await close(service, "2026-10") == (409, "ledger-month-empty")
        service.clock.move_to(datetime.fromisoformat("2027-01-01T00:00:00+08:00"))
        assert await close(service, "2026-12") == (409, "ledger-month-skipped")
        for role in ("cs_manager", "general_manager", "salesperson"):
            assert (await close(service, "2026-11", role))[0] == 403

        assert await close(service, "2026-11") == (200, "2026-11")
        assert await close(service, "2026-11") == (200, "2026-11")
        assert await close(service, "2026-12") == (200, "2026-12")

        told = await service.events(LedgerClosed)
        assert [each.read(LedgerClosed).month for each in told] == ["2026-11", "2026-12"]
        assert [each.aggregate_version for each in told] == [1, 2]
        months = (await service.get("/ledger/months")).json()["items"]
        assert [each["month"] for each in months] == ["2026-12", "2026-11"]
        assert (await service.post("/ledger/months/2026-13/close")).status_code == 422
        [late] = await book(service, entry(due_at=START))
        assert (first.month, late.month) == (Month(2026, 11).ordinal, Month(2027, 1).ordinal)


async def test_nobody_books_into_a_month_that_is_being_closed(fresh_database: FreshDatabase) -> None:
    """Whoever books holds the ledger for share: the close waits, and what comes after it counts in the next month."""
    async with complaints_service(fresh_database) as service:
        await book(service, entry())
        service.clock.move_to(DECEMBER)
        context = service.service.context
        async with context.database.transaction() as transaction:
            [early] = await store.book(transaction, [entry(due_at=START)], context.clock.now(), context.zone)
            closing = asyncio.create_task(close(service, "2026-11"))
            await asyncio.sleep(0.2)
            assert not closing.done()
        assert await closing == (200, "2026-11")
        [late] = await book(service, entry(due_at=START))

        assert [str(Month.at(each.month)) for each in (early, late)] == ["2026-11", "2026-12"]


async def test_many_bookings_are_written_like_a_few(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        many = [entry(f"{n}.01") for n in range(1, store.MANY + 2)]
        booked = await book(service, *many)

        bases = await store.of_bases(service.database, [each.basis_id for each in many])
        assert [bases[each.basis_id] for each in booked] == [[each] for each in booked]
        assert await book(service) == []


async def test_bookings_are_found_by_month_person_department_fund_and_basis(fresh_database: FreshDatabase) -> None:
    async with complaints_service(fresh_database) as service:
        basis = new_id()
        await book(
            service,
            entry("10", SALESPERSON),
            entry("20", CS_MANAGER, basis_id=basis),
            NewBooking(
                kind="fund_withdrawal", account="department", department_id=DEPARTMENT, amount=Decimal("-30"),
                basis_type="withdrawal", basis_id=new_id(),
            ),
        )  # fmt: skip

        async def amounts(**filters: Any) -> list[str]:
            return [each["amount"] for each in await listed(service, **filters)]

        assert await amounts() == ["-30.00", "20.00", "10.00"]
        assert await amounts(month="2026-11", person_id=SALESPERSON) == ["10.00"]
        assert await amounts(month="2026-12") == []
        assert await amounts(department_id=DEPARTMENT) == ["20.00", "10.00"]
        assert await amounts(fund_id=DEPARTMENT) == ["-30.00"]
        assert await amounts(basis_id=basis) == ["20.00"]
        first = (await service.get("/bookings", limit=2)).json()
        second = (await service.get("/bookings", limit=2, cursor=first["next"])).json()
        assert [each["amount"] for each in second["items"]] == ["10.00"]

        async def seen(role: str, subject: UUID) -> list[str]:
            answer = await service.http.get("/complaints/v1/bookings", headers=as_role(role, subject))
            return [each["amount"] for each in answer.json()["items"]]

        assert await seen("admin_dept", new_id()) == ["-30.00", "20.00", "10.00"]
        assert await seen("salesperson", SALESPERSON) == ["10.00"]
        assert await seen("brand_manager", MANAGER) == ["20.00", "10.00"], "the manager of the department"
        assert await seen("salesperson", new_id()) == []
