"""The call-back that a closed complaint asks for."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from shared.contracts.care import TouchDone, TouchDropped, TouchPlanned
from shared.contracts.complaints import (
    ComplaintClosed,
    ComplaintCorrected,
    ComplaintEscalated,
    ComplaintSatisfactionGiven,
)
from shared.ids import new_id
from tests.care.building import ADMINISTRATION, BOSS, Care, staff

BEGINS, ENDS = datetime.fromisoformat("2026-11-07T00:00:00+08:00"), datetime.fromisoformat("2026-11-08T00:00:00+08:00")


async def closed(care: Care, customer: UUID | None, *, round_: int = 1, historical: bool = False) -> UUID:
    """A case of the customer, closed on 4 November."""
    complaint = await care.opens(customer)
    await care.happens(_closed(care, complaint, customer, round_), historical=historical)
    return complaint


def _closed(care: Care, complaint: UUID, customer: UUID | None, round_: int = 1) -> ComplaintClosed:
    return ComplaintClosed(
        complaint_id=complaint,
        customer_id=customer,
        round=round_,
        at=care.clock.now(),
        call_back_from=BEGINS,
        call_back_due_at=ENDS,
    )


async def said(care: Care, complaint: UUID, customer: UUID | None, by: UUID | None) -> None:
    fact = ComplaintSatisfactionGiven(
        complaint_id=complaint, customer_id=customer, at=care.clock.now(), perceived=8, expected=8, staff_id=by
    )
    await care.happens(fact)


@pytest.mark.example(10)
async def test_administration_calls_on_the_third_day_and_satisfaction_ends_it(care: Care) -> None:
    customer = await care.customer()
    complaint = await closed(care, customer)

    (call,) = await care.tasks(customer, kind="call_back")
    assert (call["role"], call["contact"], call["assignee_id"]) == ("admin_dept", "phone", str(ADMINISTRATION))
    assert (datetime.fromisoformat(call["not_before"]), datetime.fromisoformat(call["due_at"]), call["state"]) == (
        BEGINS,
        ENDS,
        "open",
    )
    assert (call["complaint_id"], call["round"]) == (str(complaint), 1)

    care.clock.forward(timedelta(days=3))
    await said(care, complaint, customer, ADMINISTRATION)

    (call,) = await care.tasks(customer, kind="call_back")
    assert (call["state"], call["settled_by"]) == ("done", str(ADMINISTRATION))
    (done,) = await care.facts(TouchDone)
    assert (done.kind, done.at) == ("call_back", care.clock.now())


async def test_it_is_asked_for_once_a_round_and_of_whoever_has_the_fewest(care: Care) -> None:
    colleague = new_id()
    await care.given(staff(colleague, "admin_dept"))
    customer = await care.customer()
    complaint = await closed(care, customer)
    await care.happens(_closed(care, complaint, customer))
    await closed(care, customer)

    calls = await care.tasks(customer, kind="call_back")

    assert sorted(call["assignee_id"] for call in calls) == sorted([str(ADMINISTRATION), str(colleague)])
    assert len([fact for fact in await care.facts(TouchPlanned) if fact.kind == "call_back"]) == 2


async def test_a_complainant_who_is_nobodys_customer_is_called_too(care: Care) -> None:
    await closed(care, None)

    assert len(await care.tasks(kind="call_back")) == 1


async def test_history_asks_for_no_call(care: Care) -> None:
    await closed(care, await care.customer(), historical=True)

    assert await care.tasks(kind="call_back") == []


async def test_who_has_said_it_already_is_not_called(care: Care) -> None:
    customer = await care.customer()
    await said(care, await closed(care, customer), customer, None)

    (call,) = await care.tasks(customer, kind="call_back")

    assert (call["state"], call["reason"]) == ("dropped", "satisfaction_given")
    assert [fact.reason for fact in await care.facts(TouchDropped)] == ["satisfaction_given"]


async def test_a_case_that_goes_on_is_called_about_when_it_ends_again(care: Care) -> None:
    customer = await care.customer()
    complaint = await closed(care, customer)
    await care.reopens(complaint, customer)
    await care.happens(_closed(care, complaint, customer, 2))

    calls = {call["round"]: (call["state"], call["reason"]) for call in await care.tasks(customer, kind="call_back")}

    assert calls == {1: ("dropped", "reopened"), 2: ("open", None)}


async def test_it_can_be_recorded_like_any_other_call(care: Care) -> None:
    customer = await care.customer()
    await closed(care, customer)
    (call,) = await care.tasks(customer, kind="call_back")
    care.clock.forward(timedelta(days=3))

    answer = await care.finish(call["id"], role="admin_dept", subject=ADMINISTRATION, place=None)

    assert (answer.status_code, answer.json()["state"]) == (200, "done")


async def test_whoever_leaves_gives_it_back(care: Care) -> None:
    customer = await care.customer()
    await closed(care, customer)
    await care.given(staff(ADMINISTRATION, "admin_dept", active=False), version=2)
    (call,) = await care.tasks(customer, kind="call_back")
    assert call["assignee_id"] is None
    comes = new_id()

    await care.given(staff(comes, "admin_dept"))

    (call,) = await care.tasks(customer, kind="call_back")
    assert call["assignee_id"] == str(comes)


async def test_it_follows_a_case_to_its_customer_and_stays_administrations(care: Care) -> None:
    wrong, right = await care.customer(), await care.customer()
    complaint = await closed(care, wrong)
    corrected = ComplaintCorrected(
        complaint_id=complaint,
        customer_id=right,
        from_customer_id=wrong,
        at=care.clock.now(),
        number="C-1",
        kind="complaint",
        subject="product",
        state="closed",
        recorded_at=care.clock.now(),
    )

    await care.happens(corrected)

    assert await care.tasks(wrong, kind="call_back") == []
    (call,) = await care.tasks(right, kind="call_back")
    assert (call["assignee_id"], call["state"]) == (str(ADMINISTRATION), "open")


async def test_the_supervisor_hears_of_a_second_reopening_and_not_of_a_late_answer(care: Care) -> None:
    complaint = await care.opens(None)
    now = care.clock.now()
    fact = ComplaintEscalated(
        complaint_id=complaint, round=3, number="C-1", level=2, staff_id=BOSS, due_at=ENDS, at=now, reopened=True
    )
    nobody = fact.model_copy(update={"staff_id": None, "level": 5, "complaint_id": await care.opens(None)})

    await care.happens(fact)
    await care.happens(nobody)
    await care.run_loops()

    letters = {letter["to"]: letter for letter in care.letters()}
    assert letters["sales_manager@example.com"]["subject"] == "Complaint C-1 was reopened again (round 3)"
    assert "overdue" not in letters["sales_manager@example.com"]["body"]
    assert "admin_dept@example.com" in letters, "administration stands in where nobody is above"
