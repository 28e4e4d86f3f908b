"""The month report of service: obligations met and missed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts import care, customers
from shared.contracts.base import Fact
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.reporting.facts import read
from tests.support import START, one_service

NOTHING = {
    "met": 0,
    "missed": 0,
    "excused": 0,
    "made_good": 0,
    "make_good_missed": 0,
    "open": 0,
    "recorded_late": 0,
    "share_met": None,
}


async def test_met_and_missed_per_role_person_and_department(fresh_database: FreshDatabase) -> None:
    seller, department = new_id(), new_id()
    met, missed, made_good, call = (new_id() for _ in range(4))

    def said(task_id: UUID, kind: str = "obligation") -> dict[str, Any]:
        who = {"role": "salesperson", "contact": "visit", "assignee_id": seller}
        return {"task_id": task_id, "customer_id": new_id(), "kind": kind, "at": START, **who}

    def planned(task_id: UUID, kind: str = "obligation") -> Fact:
        about = {**said(task_id, kind), "not_before": START, "due_at": START + timedelta(days=3)}
        return care.TouchPlanned.model_validate(about)

    def not_met(task_id: UUID) -> Fact:
        return care.TouchMissed.model_validate({**said(task_id), "due_at": START + timedelta(days=3)})

    def done(task_id: UUID) -> Fact:
        return care.TouchDone.model_validate(said(task_id))

    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            customers.DepartmentListed(department_id=department, name="业务部"),
            customers.StaffListed(staff_id=seller, name="李娜", role="salesperson", department_id=department),
            *(planned(each) for each in (met, missed, made_good)),
            planned(call, "apology_call"),
            done(met),
            not_met(missed),
            not_met(made_good),
            done(made_good),
        )

        month = await read(reporting.http, "service", month="2026-11")
        calls = await read(reporting.http, "service", month="2026-11", kind="apology_call")

    figures = {**NOTHING, "met": 1, "missed": 2, "made_good": 1, "share_met": 0.3333}
    assert month["total"] == figures
    assert month["roles"] == {"salesperson": figures}
    assert month["people"] == [{"role": "salesperson", "staff_id": str(seller), "name": "李娜", "figures": figures}]
    assert month["departments"] == [{"department_id": str(department), "name": "业务部", "figures": figures}]
    assert calls["total"]["open"] == 1


async def test_a_miss_that_is_taken_back_counts_as_met(fresh_database: FreshDatabase) -> None:
    due = START + timedelta(days=3)
    about = {"kind": "obligation", "role": "salesperson", "contact": "visit", "task_id": new_id()}
    customer = {"customer_id": new_id()}
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            care.TouchPlanned.model_validate({**about, **customer, "at": START, "not_before": START, "due_at": due}),
            care.TouchMissed.model_validate({**about, **customer, "at": due, "due_at": due}),
        )
        before = (await read(reporting.http, "service", month="2026-11"))["total"]

        await reporting.given(
            care.TouchMissWithdrawn.model_validate({**about, **customer, "at": due, "due_at": due}),
            care.TouchDone.model_validate({**about, **customer, "at": START, "recorded_late": True}),
        )
        after = (await read(reporting.http, "service", month="2026-11"))["total"]

    assert before == {**NOTHING, "missed": 1, "share_met": 0.0}
    assert after == {**NOTHING, "met": 1, "recorded_late": 1, "share_met": 1.0}


async def test_a_window_that_ends_with_the_month_is_of_that_month(fresh_database: FreshDatabase) -> None:
    december_begins = datetime(2026, 11, 30, 16, tzinfo=UTC)
    about = {"kind": "obligation", "role": "salesperson", "contact": "visit", "at": START}
    open_until, missed_at = ({**about, "task_id": new_id(), "due_at": december_begins} for _ in range(2))
    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            care.TouchPlanned.model_validate({**open_until, "not_before": START}),
            care.TouchMissed.model_validate(missed_at),
        )
        november, december = [
            (await read(reporting.http, "service", month=month))["total"] for month in ("2026-11", "2026-12")
        ]

    assert (november["open"], november["missed"]) == (1, 1)
    assert (december["open"], december["missed"]) == (0, 0)


async def test_what_is_excused_made_good_and_not_made_good(fresh_database: FreshDatabase) -> None:
    due, until = START + timedelta(days=3), START + timedelta(days=9)
    excused, made_good, late, never = (new_id() for _ in range(4))
    by = {made_good: new_id(), late: new_id(), never: new_id()}
    customer = new_id()

    def said(task_id: UUID, at: datetime = due, **more: Any) -> dict[str, Any]:
        who = {"role": "salesperson", "contact": "visit", "customer_id": customer}
        return {"task_id": task_id, "kind": "obligation", "at": at, **who, **more}

    def planned(task_id: UUID) -> Fact:
        window = {"not_before": due, "due_at": until}
        return care.TouchPlanned.model_validate({**said(task_id), **window, "kind": "make_good"})

    def done(task_id: UUID) -> Fact:
        return care.TouchDone.model_validate({**said(task_id, until), "kind": "make_good"})

    async with one_service(fresh_database, "reporting") as reporting:
        await reporting.given(
            care.TouchMissed.model_validate(said(excused, due_at=due, excuse="leave")),
            *(care.TouchMissed.model_validate(said(each, due_at=due)) for each in by),
            *(care.TouchMakeGoodOrdered.model_validate(said(m, until=until, make_good_id=by[m])) for m in by),
            *(planned(each) for each in by.values()),
        )
        await reporting.given(
            *(
                care.TouchMakeGoodMissed.model_validate(said(m, until, until=until, make_good_id=by[m]))
                for m in (late, never)
            ),
            *(done(by[each]) for each in (made_good, late)),
            *(
                care.TouchMadeGood.model_validate(said(each, until, make_good_id=by[each]))
                for each in (made_good, late)
            ),
        )
        month = (await read(reporting.http, "service", month="2026-11"))["total"]
        orders = (await read(reporting.http, "service", month="2026-11", kind="make_good"))["total"]

    counted = {"missed": 4, "excused": 1, "made_good": 2, "make_good_missed": 1, "share_met": 0.0}
    assert month == {**NOTHING, **counted}
    assert orders == {**NOTHING, "met": 2, "missed": 1, "share_met": 0.6667}
