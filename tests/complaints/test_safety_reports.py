"""The authority must hear of adverse reactions: until when, warned of before, missed once (domain 3.8)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.safety import ComplaintSafetyReportDue, ComplaintSafetyReported, ComplaintSafetyReportMissed
from tests.complaints.building import CS_MANAGER, Complaints, as_role, complaints
from tests.postgres import FreshDatabase

MORNING = datetime(2026, 11, 1, 1, tzinfo=UTC)
LATER = {"mild": 30, "moderate": 30, "severe": 15, "public_danger": 3}


async def react(desk: Complaints, severity: str = "severe", **fields: Any) -> str:
    case = await desk.record(await desk.customer(), severity=severity, **fields)
    await desk.hear_own()
    return str(case["id"])


async def clock(desk: Complaints, id_: str) -> dict[str, Any]:
    clock: dict[str, Any] = (await desk.read(id_))["safety_report"]
    return clock


async def passes(desk: Complaints, **time: float) -> None:
    desk.clock.forward(timedelta(**time))
    await desk.run_loops("complaints.safety_reports")


def moment(days: float) -> str:
    return (MORNING + timedelta(days=days)).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("severity", LATER)
async def test_how_bad_it_is_says_until_when(fresh_database: FreshDatabase, severity: str) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        id_ = await react(desk, severity)

        assert (await clock(desk, id_))["due_at"] == moment(LATER[severity])


async def test_administration_is_warned_and_the_miss_told_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        id_ = await react(desk)

        await passes(desk, days=11, hours=5, minutes=59)
        assert await desk.facts(ComplaintSafetyReportDue) == []
        await passes(desk, minutes=1)
        [warned] = await desk.facts(ComplaintSafetyReportDue)
        assert (warned.percent, warned.severity) == (75, "severe")
        await passes(desk, days=4)
        await passes(desk, days=1)

        [missed] = await desk.facts(ComplaintSafetyReportMissed)
        assert missed.at == missed.due_at == MORNING + timedelta(days=15)
        assert len(await desk.facts(ComplaintSafetyReportDue)) == 1
        assert (await clock(desk, id_))["missed_at"] == moment(15)
        history = [entry["what"] for entry in (await desk.get(f"/complaints/{id_}/history")).json()["items"]]
        assert history[-2:] == ["safety_report_due", "safety_report_missed"]


async def test_after_an_outage_the_miss_alone_is_told_with_its_own_moment(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        await react(desk, "public_danger")

        await passes(desk, days=10)

        [missed] = await desk.facts(ComplaintSafetyReportMissed)
        assert missed.at == MORNING + timedelta(days=3)
        assert await desk.facts(ComplaintSafetyReportDue) == []


async def test_a_report_stops_the_clock(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        id_ = await react(desk)
        await passes(desk, days=2)

        answer = await desk.post(f"/complaints/{id_}/safety-report", {"report_no": "NMPA-1"})

        assert answer.status_code == 200, answer.text
        assert (answer.json()["reported_at"], answer.json()["in_time"]) == (moment(2), True)
        await passes(desk, days=30)
        assert await desk.facts(ComplaintSafetyReportMissed, ComplaintSafetyReportDue) == []
        assert await clock(desk, id_) == {
            "due_at": moment(15),
            "missed_at": None,
            "reported_at": moment(2),
            "report_no": "NMPA-1",
        }
        assert [fact.in_time for fact in await desk.facts(ComplaintSafetyReported)] == [True]


async def test_told_in_time_and_entered_later_it_was_not_missed(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        id_ = await react(desk)
        await passes(desk, days=20)

        answer = await desk.post(f"/complaints/{id_}/safety-report", {"at": moment(14)})

        assert answer.json()["in_time"] is True
        assert (await clock(desk, id_))["missed_at"] is None


async def test_a_late_report_tells_the_miss_that_no_timer_has_noticed(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        id_ = await react(desk)
        desk.clock.forward(timedelta(days=15))

        answer = await desk.post(f"/complaints/{id_}/safety-report", {})

        assert answer.json()["in_time"] is False
        await desk.run_loops()
        assert len(await desk.facts(ComplaintSafetyReportMissed)) == 1


async def test_reports_that_cannot_be_are_refused(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        none = (await desk.record(await desk.customer()))["id"]
        id_ = await react(desk)
        path = f"/complaints/{id_}/safety-report"

        assert await desk.refused(f"/complaints/{none}/safety-report", {}) == (409, "no-adverse-reaction")
        assert await desk.refused(path, {"at": moment(1)}) == (422, "report-time")
        assert await desk.refused(path, {"at": moment(-1)}) == (422, "report-time")
        assert (await desk.post(path, {})).status_code == 200
        assert await desk.refused(path, {}) == (409, "safety-reported")
        put_right = await desk.post(path, {"report_no": "NMPA-2", "reason": "the number came later"})
        assert (put_right.status_code, put_right.json()["report_no"]) == (200, "NMPA-2")
        manager = await desk.http.post("/complaints/v1" + path, json={}, headers=as_role("cs_manager", CS_MANAGER))
        assert manager.status_code == 403


async def turns_out(desk: Complaints, id_: str, severity: str) -> dict[str, Any]:
    answer = await desk.post(f"/complaints/{id_}/reaction", {"severity": severity, "symptoms": ["rash"]})
    assert answer.status_code == 200, answer.text
    await desk.hear_own()
    await desk.run_loops("complaints.safety_reports")
    return await clock(desk, id_)


async def test_worse_than_was_known_it_is_due_earlier_counted_from_when_it_was_known(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        id_ = await react(desk, "mild")
        await passes(desk, days=10)

        stands = await turns_out(desk, id_, "severe")

        assert (stands["due_at"], stands["missed_at"]) == (moment(15), None)
        await passes(desk, days=1.25)
        [warned] = await desk.facts(ComplaintSafetyReportDue)
        assert warned.at == MORNING + timedelta(days=11.25)
        stands = await turns_out(desk, id_, "public_danger")
        assert (stands["due_at"], stands["missed_at"]) == (moment(3), moment(3)), "it is over: missed at once"
        assert [fact.at for fact in await desk.facts(ComplaintSafetyReportMissed)] == [MORNING + timedelta(days=3)]


async def test_milder_than_was_known_it_may_be_due_later_unless_it_was_over(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        in_time, late, unnoticed = [await react(desk) for _ in range(3)]
        await passes(desk, days=10)
        assert (await turns_out(desk, in_time, "mild"))["due_at"] == moment(30)

        await passes(desk, days=6)
        stands = await turns_out(desk, late, "mild")

        assert (stands["due_at"], stands["missed_at"]) == (moment(15), moment(15)), "what was missed stays so"
        assert (await clock(desk, in_time))["missed_at"] is None
        answer = await desk.post(f"/complaints/{late}/safety-report", {})
        assert answer.json()["in_time"] is False
        assert (await turns_out(desk, unnoticed, "moderate"))["missed_at"] == moment(15)


async def test_called_otherwise_again_and_again_it_is_due_all_the_same(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        id_ = await react(desk, "mild")
        for severity in ("moderate", "mild", "moderate", "mild"):
            await passes(desk, days=20)
            await turns_out(desk, id_, severity)

        assert [fact.at for fact in await desk.facts(ComplaintSafetyReportMissed)] == [MORNING + timedelta(days=30)]
        answer = await desk.post(f"/complaints/{id_}/safety-report", {"at": moment(80)})
        assert answer.json()["in_time"] is False


async def test_what_was_told_is_not_late_by_what_turns_out_since(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        id_ = await react(desk, "mild")
        await passes(desk, days=20)
        assert (await desk.post(f"/complaints/{id_}/safety-report", {})).json()["in_time"] is True

        stands = await turns_out(desk, id_, "public_danger")

        assert (stands["due_at"], stands["missed_at"]) == (moment(30), None)
        assert await desk.facts(ComplaintSafetyReportMissed) == []


async def test_what_is_judged_not_valid_need_not_be_reported(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        id_ = await react(desk)
        verdict = {"valid": False, "good_faith": True, "reasons": "another product"}
        await desk.post(f"/complaints/{id_}/judgement", verdict)
        await desk.hear_own()

        await passes(desk, days=40)

        assert await desk.facts(ComplaintSafetyReportMissed, ComplaintSafetyReportDue) == []
        assert await clock(desk, id_) is None


async def test_what_lies_before_a_takeover_is_silent(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database, MORNING) as desk:
        await react(desk, recorded_at=moment(-30))

        await passes(desk, days=40)

        assert await desk.facts(ComplaintSafetyReportMissed, ComplaintSafetyReportDue) == []
