"""Promises outside the rules: those whose word is awaited hear of it (domain 3.6)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.commitments import (
    CommitmentConfirmed,
    CommitmentCorrected,
    CommitmentDenied,
    CommitmentFact,
    CommitmentInsisted,
    CommitmentMade,
    CommitmentUnderstandingReached,
)
from shared.contracts.internal import ComplaintFaultNoticed
from shared.ids import new_id
from tests.care.building import BOSS, SELLER, Care

NIGHT = timedelta(hours=14)
"""From nine in the morning to eleven at night."""
DEADLINE = datetime.fromisoformat("2026-11-07T00:00:00+08:00")


def said(care: Care, contract: type[CommitmentFact], promise: UUID, **fields: Any) -> CommitmentFact:
    """What was said of a promise of the seller's."""
    now = care.clock.now()
    due_at = datetime.fromisoformat("2026-11-21T00:00:00+08:00")
    known = {"commitment_id": promise, "customer_id": new_id(), "staff_id": SELLER, "code": "display", "due_at": due_at}
    return contract.model_validate({**known, "at": now, **fields})


async def told(care: Care, staff_id: UUID) -> list[tuple[str, str]]:
    """The occasion and state of what somebody hears, the latest first."""
    return [(each["occasion"], each["state"]) for each in await care.messages(staff_id=staff_id)]


async def test_who_promised_outside_the_rules_is_asked(care: Care) -> None:
    promise = new_id()
    await care.given(said(care, CommitmentMade, promise, outside_rules=True), said(care, CommitmentMade, new_id()))

    await care.run_loops()

    (letter,) = care.letters()
    assert "2026-11-21 00:00" in letter["body"]
    assert f"/complaints/v1/commitments/{promise}" in letter["body"]
    assert await told(care, SELLER) == [("commitment_asked", "sent")]


async def test_both_hear_until_when_an_understanding_is_to_be_reached(care: Care) -> None:
    promise = new_id()
    fields = {"deadline": DEADLINE, "supervisor_id": BOSS}
    await care.given(said(care, CommitmentInsisted, promise, **fields))
    await care.given(said(care, CommitmentInsisted, promise, **fields), version=2)

    await care.run_loops()

    assert [("2026-11-07 00:00" in letter["body"]) for letter in care.letters()] == [True, True], "each once"
    assert await told(care, SELLER) == await told(care, BOSS) == [("commitment_insisted", "sent")]


async def test_at_night_it_waits_and_what_was_said_meanwhile_ends_it(care: Care) -> None:
    care.clock.forward(NIGHT)
    asked, insisted, answered = new_id(), new_id(), new_id()
    await care.given(
        said(care, CommitmentMade, asked, outside_rules=True),
        said(care, CommitmentMade, answered, outside_rules=True),
        said(care, CommitmentInsisted, insisted, deadline=DEADLINE, supervisor_id=None),
    )
    await care.run_loops()
    assert care.letters() == []

    await care.given(
        said(care, CommitmentDenied, answered, by=SELLER),
        said(care, CommitmentUnderstandingReached, insisted, by=SELLER),
        version=2,
    )
    care.clock.forward(timedelta(hours=11))
    await care.run_loops()

    (letter,) = care.letters()
    assert f"/commitments/{asked}" in letter["body"]


async def test_who_is_at_fault_hears_of_the_notice_by_its_number(care: Care) -> None:
    complaint = await care.opens(None)
    fault = ComplaintFaultNoticed(
        complaint_id=complaint, number="F20261104-000001", to_id=SELLER, commitment_id=new_id(), at=care.clock.now()
    )
    await care.given(fault, version=9)

    await care.run_loops()

    (letter,) = care.letters()
    assert "F20261104-000001" in letter["subject"]
    assert "/complaints/v1/me" in letter["body"], "where they find it among the cases that are against them"
    [(occasion, _)] = await told(care, SELLER)
    assert occasion != "fault_noticed", "what is published of the message says nothing of its matter"


async def test_whose_promise_it_was_taken_for_is_asked_no_longer(care: Care) -> None:
    """Nobody has slept yet: what waits for the seller does not go, and the boss, whose it is, is asked once."""
    care.clock.forward(NIGHT)
    promise, within = new_id(), new_id()
    await care.given(said(care, CommitmentMade, promise, outside_rules=True))
    moved = {"state": "open", "staff_id": BOSS, "from_staff_id": SELLER}
    await care.given(
        said(care, CommitmentCorrected, promise, asked=True, **moved),
        said(care, CommitmentCorrected, within, **moved),
        version=2,
    )
    await care.given(said(care, CommitmentCorrected, promise, state="open", staff_id=BOSS), version=3)
    care.clock.forward(timedelta(hours=11))

    await care.run_loops()

    (letter,) = care.letters()
    assert f"/commitments/{promise}" in letter["body"]
    assert await told(care, BOSS) == [("commitment_asked", "sent")]
    assert await told(care, SELLER) == [("commitment_asked", "replaced")]


async def test_whose_fault_it_is_not_hears_of_no_notice(care: Care) -> None:
    care.clock.forward(NIGHT)
    complaint, commitment = await care.opens(None), new_id()
    for version, (number, to_id, before) in enumerate(
        [("F20261104-000001", SELLER, None), ("F20261104-000002", BOSS, "F20261104-000001")], start=9
    ):
        fault = ComplaintFaultNoticed(
            complaint_id=complaint,
            number=number,
            to_id=to_id,
            commitment_id=commitment,
            instead_of=before,
            at=care.clock.now(),
        )
        await care.given(fault, version=version)
    care.clock.forward(timedelta(hours=11))

    await care.run_loops()

    (letter,) = care.letters()
    assert "F20261104-000002" in letter["subject"]


async def test_history_asks_nobody(care: Care) -> None:
    await care.given(said(care, CommitmentMade, new_id(), outside_rules=True), historical=True)
    await care.given(said(care, CommitmentConfirmed, new_id(), by=SELLER))
    care.clock.forward(timedelta(days=2))
    old = said(care, CommitmentInsisted, new_id(), deadline=DEADLINE)
    assert old.at <= care.clock.now()

    await care.run_loops()

    assert care.letters() == []
