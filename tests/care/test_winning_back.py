"""Winning somebody back as tasks: a call, a manager's visit, a message, each by its time (domain 2.6, examples 22)."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.care import TouchDropped, TouchPlanned
from shared.contracts.losses import ChurnConfirmed, ChurnWithdrawn
from shared.contracts.winbacks import WinbackEnded, WinbackOpened
from shared.ids import new_id
from tests.care.building import OTHER_SELLER, SELLER, Care, staff


def opened(care: Care, customer: UUID, **terms: Any) -> WinbackOpened:
    now = care.clock.now()
    return WinbackOpened(
        customer_id=customer,
        winback_id=new_id(),
        tier="A",
        kind="competitor",
        cause="competition",
        deadline=now + timedelta(days=30),
        at=now,
        **terms,
    )


async def tasks_of(care: Care, customer: UUID) -> dict[str, dict[str, Any]]:
    found = await care.tasks(customer_id=customer, kind="winback")
    return {task["contact"]: task for task in found}


@pytest.mark.example(22)
async def test_a_case_of_tier_a_is_a_call_and_a_managers_visit(care: Care) -> None:
    customer, now = await care.customer(), care.clock.now()
    fact = opened(
        care,
        customer,
        assignee_id=OTHER_SELLER,
        call_due_at=now + timedelta(hours=24),
        visit_due_at=now + timedelta(days=7),
    )

    await care.given(fact, version=5)
    await care.given(fact, version=6)

    tasks = await tasks_of(care, customer)
    assert {(contact, each["role"], each["assignee_id"]) for contact, each in tasks.items()} == {
        ("phone", "salesperson", str(OTHER_SELLER)),
        ("visit", "sales_manager", None),
    }
    dues = {contact: datetime.fromisoformat(each["due_at"]) - now for contact, each in tasks.items()}
    assert dues == {"phone": timedelta(hours=24), "visit": timedelta(days=7)}
    assert {each["winback_id"] for each in tasks.values()} == {str(fact.winback_id)}
    told = [each for each in await care.facts(TouchPlanned) if each.winback_id == fact.winback_id]
    assert {each.contact for each in told} == {"phone", "visit"}, "once, though it was told twice"


@pytest.mark.example(22)
async def test_a_case_of_tier_d_is_one_message_of_the_teams_salesperson(care: Care) -> None:
    customer = await care.customer()
    await care.given(opened(care, customer, message_due_at=care.clock.now() + timedelta(days=5)), version=5)
    tasks = await tasks_of(care, customer)
    assert [(contact, each["assignee_id"]) for contact, each in tasks.items()] == [("message", str(SELLER))]


async def test_what_is_open_is_owed_no_longer_when_the_case_has_its_outcome(care: Care) -> None:
    customer, now = await care.customer(), care.clock.now()
    fact = opened(care, customer, call_due_at=now + timedelta(hours=24), visit_due_at=now + timedelta(days=7))
    await care.given(fact, version=5)

    ended = WinbackEnded(customer_id=customer, winback_id=fact.winback_id, outcome="returned", at=now)
    await care.given(ended, version=6)

    tasks = await tasks_of(care, customer)
    assert {(each["state"], each["reason"]) for each in tasks.values()} == {("dropped", "winback_ended")}
    dropped = await care.facts(TouchDropped)
    assert {fact.contact for fact in dropped} == {"phone", "visit"}


async def test_the_past_asks_for_nothing(care: Care) -> None:
    customer = await care.customer()
    await care.given(
        opened(care, customer, call_due_at=care.clock.now() + timedelta(hours=1)), version=5, historical=True
    )
    assert await tasks_of(care, customer) == {}


async def test_who_takes_over_from_the_carer_has_the_call(care: Care) -> None:
    customer = await care.customer()
    due = care.clock.now() + timedelta(hours=24)
    await care.given(opened(care, customer, assignee_id=OTHER_SELLER, call_due_at=due), version=5)
    await care.given(*staff(OTHER_SELLER, "salesperson", active=False, successor_id=SELLER), version=2)
    [call] = (await tasks_of(care, customer)).values()
    assert call["assignee_id"] == str(SELLER)


def never(care: Care, customer: UUID, loss: UUID) -> ChurnWithdrawn:
    now = care.clock.now()
    return ChurnWithdrawn(customer_id=customer, loss_id=loss, lost_on=now.date(), found_at=now, at=now)


def lost(care: Care, customer: UUID, loss: UUID, **told: Any) -> ChurnConfirmed:
    now = care.clock.now()
    sums: dict[str, Any] = {"yearly": Decimal("100.00"), "cost": Decimal("30.00")}
    return ChurnConfirmed(customer_id=customer, loss_id=loss, lost_on=now.date(), tier="A", at=now, **sums, **told)


async def test_who_never_was_lost_is_not_asked_back(care: Care) -> None:
    """But what was opened because of another loss, or of a warning, goes on, also where it was opened later."""
    customer, loss, now = await care.customer(), new_id(), care.clock.now()
    fact = opened(
        care, customer, loss_id=loss, call_due_at=now + timedelta(hours=24), visit_due_at=now + timedelta(days=7)
    )
    await care.given(fact, version=5)
    later = now + timedelta(days=2)
    others = [opened(care, customer, loss_id=each, call_due_at=later) for each in (None, new_id())]
    for other in others:
        await care.given(other, version=5)

    await care.given(never(care, customer, loss), version=6)

    tasks = await care.tasks(customer_id=customer, kind="winback")
    assert sorted((each["winback_id"], each["contact"], each["state"], each["reason"]) for each in tasks) == sorted([
        *((str(other.winback_id), "phone", "open", None) for other in others),
        (str(fact.winback_id), "phone", "dropped", "churn_withdrawn"),
        (str(fact.winback_id), "visit", "dropped", "churn_withdrawn"),
    ])  # fmt: skip
    assert {each.reason for each in await care.facts(TouchDropped)} == {"churn_withdrawn"}


async def test_what_was_dropped_is_owed_again_once_the_loss_counts_again(care: Care) -> None:
    customer, loss, now = await care.customer(), new_id(), care.clock.now()
    fact = opened(
        care, customer, loss_id=loss, call_due_at=now + timedelta(hours=24), visit_due_at=now + timedelta(days=7)
    )
    await care.given(fact, version=5)
    await care.given(never(care, customer, loss), version=6)
    care.clock.move_to(again := now + timedelta(days=3))
    await care.given(lost(care, customer, loss, returned_on=now.date()), version=7, historical=True)
    assert {each["state"] for each in (await tasks_of(care, customer)).values()} == {"dropped"}, "it is back"

    await care.given(lost(care, customer, loss), version=8, historical=True)

    tasks = await tasks_of(care, customer)
    assert {(each["state"], each["reason"]) for each in tasks.values()} == {("open", None)}
    assert {contact: datetime.fromisoformat(each["due_at"]) for contact, each in tasks.items()} == {
        "phone": again + timedelta(hours=24), "visit": now + timedelta(days=7),
    }  # fmt: skip
    told = [each for each in await care.facts(TouchPlanned) if each.winback_id == fact.winback_id]
    assert [(each.contact, each.due_at) for each in told[2:]] == [
        ("phone", again + timedelta(hours=24)), ("visit", now + timedelta(days=7)),
    ]  # fmt: skip


async def test_after_the_outcome_nothing_is_owed_again(care: Care) -> None:
    customer, loss, now = await care.customer(), new_id(), care.clock.now()
    fact = opened(care, customer, loss_id=loss, call_due_at=now + timedelta(hours=24))
    await care.given(fact, version=5)
    await care.given(never(care, customer, loss), version=6)
    await care.given(
        WinbackEnded(customer_id=customer, winback_id=fact.winback_id, outcome="not_returned", at=now), version=7
    )

    await care.given(lost(care, customer, loss), version=8)

    [call] = (await tasks_of(care, customer)).values()
    assert (call["state"], call["reason"]) == ("dropped", "winback_ended")
