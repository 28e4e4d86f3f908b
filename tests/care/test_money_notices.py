"""What colleagues are to pay and are paid reaches them by their work channel, and nobody else by it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.care.notices.handlers.money import GATHER
from services.care.settings import CareSettings
from shared.contracts import responsibility
from shared.contracts.base import Fact
from shared.contracts.care import MessageSent
from shared.ids import new_id
from tests.care.building import BOSS, CS_MANAGER, SELLER, Care, staff
from tests.support import START, bearer

UNTIL = START + timedelta(days=7, hours=15)
"""The end of the seventh day, 12 November 00:00 as the company's wall shows it."""


def said(**more: Any) -> dict[str, Any]:
    return {"penalty_id": new_id(), "complaint_id": new_id(), "rule": "repeat", "at": START, **more}


def proposed(person: UUID | None = SELLER, **more: Any) -> Fact:
    about = {"amount": "200", "person_id": person, "month": "2026-11", "policy_version": 1}
    return responsibility.PenaltyProposed.model_validate(said(**about, **more))


def decided(*payers: UUID, **more: Any) -> Fact:
    shares = [{"person_id": each, "amount": "50.00"} for each in payers]
    about = {"amount": "100.00", "shares": shares, "by": new_id(), "appeal_until": UNTIL}
    return responsibility.PenaltyDecided.model_validate(said(**{**about, **more}))


def booking(person: UUID | None, **more: Any) -> dict[str, Any]:
    about = {"id": new_id(), "kind": "reward", "account": "company", "month": "2026-11", "booked_at": START}
    return {**about, "person_id": person, "amount": "-50", **more}


async def told(care: Care) -> list[tuple[str, str]]:
    """To whom, and what about, once a minute has passed."""
    care.clock.forward(GATHER)
    await care.run_loops()
    return sorted((letter["to"].split("@")[0], letter["subject"]) for letter in care.letters())


async def test_all_who_pay_a_part_hear_until_when_they_may_appeal_and_nothing_of_each_other(care: Care) -> None:
    [event] = await care.given(decided(SELLER, BOSS))
    await care.deliver([event])

    subject = "A penalty that you pay has been decided: you may appeal until 2026-11-12 00:00"
    assert await told(care) == [("sales_manager", subject), ("salesperson", subject)]
    [mine] = [letter for letter in care.letters() if letter["to"].startswith("salesperson")]
    assert mine["body"] == (
        "小王, one or more penalties that you pay, or a part of, have been decided. You may appeal once, until "
        "2026-11-12 00:00. See: http://127.0.0.1:8000/complaints/v1/me"
    )
    assert "50" not in mine["body"].replace("2026", "")


async def test_what_is_told_reads_in_chinese_too_and_leads_to_the_desk(care: Care) -> None:
    await care.given(staff(SELLER, "salesperson", language="zh-CN"), version=2)
    object.__setattr__(care.context, "settings", CareSettings(money_url="https://desk.example/mine"))
    await care.given(decided(SELLER))

    assert await told(care) == [("salesperson", "由您承担的处罚已决定，可在 2026-11-12 00:00 前申诉")]
    [letter] = care.letters()
    assert letter["body"].endswith("如有异议，可在 2026-11-12 00:00 前申诉一次。详情：https://desk.example/mine")


async def test_many_that_are_decided_together_are_one_message_to_each(care: Care) -> None:
    """A request decides thousands, in several batches; those of another day have another date."""
    for _ in range(3):
        await care.given(*(decided(SELLER) for _ in range(4)))
        care.clock.forward(GATHER / 6)
    await care.given(decided(SELLER, appeal_until=UNTIL + timedelta(days=1)))

    assert [subject[-16:] for _, subject in await told(care)] == ["2026-11-12 00:00", "2026-11-13 00:00"]
    await care.given(decided(SELLER))
    assert len(await told(care)) == 3, "what comes later is told anew"


async def test_a_proposal_is_told_once_not_when_its_amount_changes(care: Care) -> None:
    first = proposed()
    await care.given(first, proposed(None))
    assert await told(care) == [("salesperson", "A penalty has been proposed against you")]

    await care.given(first.model_copy(update={"amount": Decimal(100)}), version=2)
    assert len(await told(care)) == 1
    await care.given(first.model_copy(update={"person_id": CS_MANAGER}), version=3)
    assert len(await told(care)) == 2, "whom it is against now hears of it"


@pytest.mark.parametrize(
    "fact, subject",
    [
        (decided(SELLER, appeal_until=None, on_appeal=True), "An appeal has been decided"),
        (
            responsibility.PenaltyWaived.model_validate(said(by=BOSS, on_appeal=True, person_ids=[SELLER])),
            "An appeal has been decided",
        ),
        (
            responsibility.PenaltyWaived.model_validate(said(by=BOSS, person_ids=[SELLER])),
            "A penalty does not stand any longer",
        ),
        (
            responsibility.PenaltyWithdrawn.model_validate(said(reason="excused", person_ids=[SELLER])),
            "A penalty does not stand any longer",
        ),
        (
            responsibility.PenaltyReversed.model_validate(said(reason="not_counted", bookings=[], person_ids=[SELLER])),
            "A penalty does not stand any longer",
        ),
        (
            responsibility.RewardGranted.model_validate(
                {"reward_id": new_id(), "at": START, "bookings": [booking(SELLER)]}
            ),
            "You have been granted a reward",
        ),
        (
            responsibility.RewardReversed.model_validate(
                {"reward_id": new_id(), "at": START, "bookings": [booking(SELLER, amount="50")]}
            ),
            "A reward has been taken back",
        ),
        (
            responsibility.FaultCostBooked.model_validate(
                {"internal_id": new_id(), "at": START, "bookings": [booking(SELLER, amount="1800")]}
            ),
            "A cost of fault has been booked on you",
        ),
    ],
    ids=["appeal", "appeal waived", "waived", "withdrawn", "reversed", "reward", "reward back", "fault"],
)
async def test_whatever_becomes_of_it_is_told_to_whom_it_concerns(care: Care, fact: Fact, subject: str) -> None:
    await care.given(fact)

    assert await told(care) == [("salesperson", subject)]


async def test_what_is_booked_against_a_cost_of_fault_is_told_as_such(care: Care) -> None:
    taken_back = booking(SELLER, amount="-1800", kind="reversal", reverses=new_id())
    about = {"internal_id": new_id(), "at": START, "bookings": [taken_back]}
    await care.given(responsibility.FaultCostBooked.model_validate(about))

    assert await told(care) == [("salesperson", "A cost of fault has been taken back")]


async def test_what_is_published_and_listed_of_it_does_not_say_what_it_is_about(care: Care) -> None:
    """Feeds, partners and the live page hear of messages, and so does whoever sees every customer."""
    await care.given(decided(SELLER))
    await told(care)

    [sent] = await care.facts(MessageSent)
    assert (sent.staff_id, sent.occasion) == (SELLER, "confidential")
    answer = await care.http.get(
        "/care/v1/messages", params={"staff_id": str(SELLER)}, headers=bearer("cs_specialist", new_id())
    )
    [listed] = answer.json()["items"]
    assert (listed["occasion"], listed["template"]) == ("confidential", "confidential")


async def test_a_group_that_hears_a_robot_is_told_nothing_of_it(care: Care) -> None:
    where = {"channel": "webhook", "address": "https://robot.example/hook?key=1", "language": "zh-CN"}
    await care.given(staff(SELLER, "salesperson", **where), version=2)
    await care.given(decided(SELLER))
    care.clock.forward(GATHER)
    await care.run_loops()

    [letter] = care.letters()
    assert letter["subject"] == "有一项只与您本人有关的通知"
    assert "处罚" not in letter["body"]


async def test_history_and_what_is_old_are_silent_and_nights_are_quiet(care: Care) -> None:
    await care.given(decided(SELLER), historical=True)
    about = decided(BOSS)
    [event] = await care.given(about)
    assert len(await told(care)) == 1
    care.clock.forward(timedelta(days=2))
    old = event.data.replace(str(about.model_dump()["penalty_id"]), str(new_id()))
    await care.deliver([replace(event, id=new_id(), aggregate_id=new_id(), data=old)])
    assert len(await told(care)) == 1, "an event of two days ago"

    care.clock.move_to(START + timedelta(days=2, hours=13))  # ten in the evening
    await care.given(decided(CS_MANAGER, at=care.clock.now(), appeal_until=UNTIL + timedelta(days=2)))
    assert len(await told(care)) == 1
    care.clock.forward(timedelta(hours=10))
    assert len(await told(care)) == 2
