"""Administration hears of an alarmed batch, and of reports to the authority that are due or missed (domain 3.8)."""

from datetime import date, timedelta

from shared.contracts.safety import BatchAlarmed, ComplaintSafetyReportDue, ComplaintSafetyReportMissed
from shared.ids import new_id
from tests.care.building import ADMINISTRATION, Care


async def test_a_report_that_is_due_and_one_that_was_missed_reach_administration(care: Care) -> None:
    complaint, due_at = await care.opens(None, number="C-9"), care.clock.now() + timedelta(days=3)
    about = {"complaint_id": complaint, "number": "C-9", "severity": "severe", "due_at": due_at}

    await care.happens(ComplaintSafetyReportDue.model_validate({**about, "percent": 75, "at": care.clock.now()}))
    await care.run_loops()
    care.clock.forward(timedelta(days=3))
    await care.happens(ComplaintSafetyReportMissed.model_validate({**about, "at": due_at}))
    await care.run_loops()

    told = await care.messages(staff_id=ADMINISTRATION)
    assert {message["occasion"] for message in told} == {
        "complaint_safety_report_due",
        "complaint_safety_report_missed",
    }
    letters = care.letters()
    assert all("C-9" in letter["subject"] for letter in letters)
    assert all("2026-11-07 09:00" in letter["body"] for letter in letters)


async def test_an_alarm_reaches_administration_once_with_its_figures(care: Care) -> None:
    batch_id = new_id()
    alarm = BatchAlarmed(
        batch_id=batch_id,
        product="CR-50",
        batch="B7",
        alarm=1,
        cases=3,
        first_on=date(2026, 11, 1),
        last_on=date(2026, 11, 4),
        customers=9,
        policy_version=1,
        at=care.clock.now(),
    )

    await care.given(alarm, version=2)
    await care.run_loops()

    (letter,) = care.letters()
    assert letter["subject"] == "Batch CR-50 B7: 3 adverse reactions"
    assert "9 stores" in letter["body"]


async def test_the_past_is_told_to_nobody(care: Care) -> None:
    complaint, now = await care.opens(None), care.clock.now()
    about = {"complaint_id": complaint, "number": "C-9", "severity": "severe", "due_at": now, "at": now}

    await care.happens(ComplaintSafetyReportMissed.model_validate(about), historical=True)

    assert await care.messages(staff_id=ADMINISTRATION) == []
