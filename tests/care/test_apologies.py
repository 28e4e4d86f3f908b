"""The apology call that an overdue complaint asks for."""

from datetime import timedelta

from shared.contracts.care import TouchMissed, TouchPlanned
from shared.contracts.complaints import ComplaintCorrected
from shared.ids import new_id
from tests.care.building import BOSS, CS_MANAGER, SELLER, Care, staff


async def test_the_teams_manager_calls_within_the_hour(care: Care) -> None:
    manager = new_id()
    await care.given(staff(manager, "cs_manager", supervisor_id=BOSS))
    customer = await care.customer("C", team={"cs_manager": manager})
    complaint = await care.opens(customer)

    await care.overdue(complaint, customer)

    (call,) = await care.tasks(customer, kind="apology_call")
    assert (call["assignee_id"], call["contact"], call["role"]) == (str(manager), "phone", "cs_manager")
    assert (call["not_before"], call["due_at"]) == ("2026-11-04T01:00:00Z", "2026-11-04T02:00:00Z")
    assert (call["complaint_id"], call["round"]) == (str(complaint), 1)
    assert call["state"] == "open"


async def test_it_is_asked_for_once_per_round(care: Care) -> None:
    customer = await care.customer("C")
    complaint = await care.opens(customer)
    events = await care.overdue(complaint, customer)

    await care.deliver(events)
    await care.overdue(complaint, customer)
    await care.overdue(complaint, customer, round_=2)

    calls = await care.tasks(customer, kind="apology_call")
    assert sorted(call["round"] for call in calls) == [1, 2]
    told = [fact for fact in await care.facts(TouchPlanned) if fact.kind == "apology_call"]
    assert len(told) == 2


async def test_without_one_in_the_team_any_active_manager_calls(care: Care) -> None:
    customer = await care.customer("C", team={"salesperson": SELLER})

    await care.overdue(await care.opens(customer), customer)

    (call,) = await care.tasks(customer, kind="apology_call")
    assert call["assignee_id"] == str(CS_MANAGER)


async def test_history_asks_for_no_call(care: Care) -> None:
    customer = await care.customer("C")
    complaint = await care.opens(customer, historical=True)

    await care.overdue(complaint, customer, historical=True)

    assert await care.tasks(customer, kind="apology_call") == []


async def test_no_customer_is_called_about_an_internal_case(care: Care) -> None:
    customer = await care.customer("C")

    await care.overdue(await care.opens(customer), customer, kind="internal")

    assert await care.tasks(customer, kind="apology_call") == []


async def test_a_call_that_is_not_made_is_missed_and_not_planned_again(care: Care) -> None:
    customer = await care.customer("C")
    await care.overdue(await care.opens(customer), customer)
    care.clock.forward(timedelta(hours=1))

    await care.run_loops()

    (call,) = await care.tasks(customer, kind="apology_call")
    assert call["state"] == "missed"
    (fact,) = await care.facts(TouchMissed)
    assert (fact.kind, fact.supervisor_id) == ("apology_call", BOSS)


async def test_the_call_stays_until_it_is_done(care: Care) -> None:
    customer = await care.customer("C")
    complaint = await care.opens(customer)
    await care.overdue(complaint, customer)
    await care.moves(customer, "D")
    await care.closes(complaint, customer)

    (call,) = await care.tasks(customer, kind="apology_call")
    answer = await care.finish(call["id"], role="cs_manager", subject=CS_MANAGER, place=None)

    assert answer.json()["state"] == "done"


async def test_whoever_the_case_turns_out_to_be_of_is_called(care: Care) -> None:
    """Decision 21: nobody excuses themselves to a customer who has not complained."""
    manager = new_id()
    await care.given(staff(manager, "cs_manager", supervisor_id=BOSS))
    wrong, right = await care.customer("C"), await care.customer("C", team={"cs_manager": manager})
    complaint = await care.opens(wrong)
    await care.overdue(complaint, wrong)
    corrected = ComplaintCorrected(
        complaint_id=complaint,
        customer_id=right,
        from_customer_id=wrong,
        at=care.clock.now(),
        number="C-1",
        kind="complaint",
        subject="product",
        state="open",
        recorded_at=care.clock.now(),
        overdue=True,
    )

    for _ in range(2):
        await care.given(corrected)

    assert await care.tasks(wrong, kind="apology_call") == []
    (call,) = await care.tasks(right, kind="apology_call")
    assert (call["assignee_id"], call["due_at"], call["state"]) == (str(manager), "2026-11-04T02:00:00Z", "open")
    told = [fact for fact in await care.facts(TouchPlanned) if fact.kind == "apology_call"]
    assert [(fact.customer_id, fact.assignee_id) for fact in told] == [(wrong, CS_MANAGER), (right, manager)]
