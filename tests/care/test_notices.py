"""Warnings and escalations reach staff by their channel of choice."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs

from services.care.settings import CareSettings
from shared.contracts.care import MessageFailed, MessageSent
from shared.contracts.clocks import ComplaintClockEscalated, ComplaintClockWarned
from shared.contracts.complaints import (
    ClockKind,
    ComplaintAssigned,
    ComplaintClockMissed,
    ComplaintNoticed,
    ComplaintNoticeWithdrawn,
    ComplaintRepeated,
    ComplaintWarned,
)
from shared.contracts.customers import Robot
from shared.contracts.letters import ComplaintReplyUnreached, ComplaintUnreached
from shared.contracts.settlements import ApprovalMatter, ComplaintApprovalAsked, ComplaintApprovalEnded
from shared.delivery.settings import DeliverySettings
from shared.delivery.web import WebhookProvider
from shared.ids import new_id
from tests.care.building import ADMINISTRATION, BOSS, CS_MANAGER, SELLER, Care, staff
from tests.shared.delivery.servers import robot_server


async def test_a_warning_reaches_the_colleague_by_their_channel(care: Care) -> None:
    robot = staff(
        SELLER, "salesperson", channel="webhook", address="https://robot.example/hook?key=1", language="zh-CN"
    )
    await care.given(robot, version=2)
    complaint = await care.opens(None, number="C-2026-0007")
    now = care.clock.now()
    warned = ComplaintWarned(
        complaint_id=complaint, percent=50, answer_due_at=now + timedelta(hours=2), staff_id=SELLER, at=now
    )
    await care.given(warned, version=9)

    await care.run_loops()

    (letter,) = care.letters()
    assert (letter["channel"], letter["to"]) == ("webhook", "https://robot.example/hook?key=1")
    assert "C-2026-0007" in letter["subject"]
    assert "2026-11-04 11:00" in letter["body"]
    (message,) = await care.messages(staff_id=SELLER)
    assert (message["purpose"], message["address"]) == ("service", "https://robot.example/***")


@pytest.mark.parametrize(
    "kind, secret",
    [("wecom", None), ("dingtalk", "SEC5ecret"), ("feishu", "5ecret")],
    ids=["wecom", "dingtalk", "feishu"],
)
async def test_a_group_robot_is_told_in_its_own_format_and_signed(care: Care, kind: Robot, secret: str | None) -> None:
    """Also in a rehearsal, where business time runs ahead of the robots' clocks; too many are told a little later."""
    care.deliver_by(WebhookProvider(DeliverySettings(private_addresses=True, seconds=5)))
    async with robot_server(kind, secret) as server:
        where = {"channel": "webhook", "address": server.address, "robot": kind, "secret": secret}
        await care.given(staff(SELLER, "salesperson", **where), version=2)
        complaint = await care.opens(None, number="C-2026-0007")
        server.a_minute = 0
        await care.overdue(complaint, None, staff_id=SELLER)
        await care.run_loops()
        assert [each["state"] for each in await care.messages(staff_id=SELLER)] == ["planned"]

        server.a_minute = 20
        care.clock.forward(timedelta(minutes=1))
        await care.run_loops()

        assert [each["state"] for each in await care.messages(staff_id=SELLER)] == ["sent"]
        assert len(server.taken) == 1
        assert len(await care.facts(MessageSent)) == 1


async def test_a_robot_that_refuses_for_good_ends_the_message_with_its_code(care: Care) -> None:
    care.deliver_by(WebhookProvider(DeliverySettings(private_addresses=True, seconds=5)))
    async with robot_server("dingtalk", "right") as server:
        where = {"channel": "webhook", "address": server.address, "robot": "dingtalk", "secret": "wrong"}
        await care.given(staff(SELLER, "salesperson", **where), version=2)
        await care.overdue(await care.opens(None), None, staff_id=SELLER)
        with capture_logs() as logs:
            await care.run_loops()

    [failed] = await care.facts(MessageFailed)
    assert (failed.staff_id, failed.reason) == (SELLER, "dingtalk-310000")
    assert [entry["reason"] for entry in logs if entry["event"] == "a colleague is not reached"] == ["dingtalk-310000"]


async def test_whose_case_it_is_now_hears_of_it(care: Care) -> None:
    """Number, deadline, link; none of the words. Said again it changes nothing, and history is silent."""
    complaint, now = await care.opens(None), care.clock.now()
    assigned = ComplaintAssigned(
        complaint_id=complaint, responsible_id=SELLER, number="C-7", answer_due_at=now + timedelta(hours=2), at=now
    )
    events = await care.given(assigned, version=9)
    await care.deliver(events)
    await care.given(assigned.model_copy(update={"responsible_id": BOSS}), version=10, historical=True)
    await care.given(assigned.model_copy(update={"at": now - timedelta(days=2)}), version=11)
    await care.given(assigned.model_copy(update={"number": None, "at": now + timedelta(seconds=1)}), version=12)
    await care.overdue(complaint, None, staff_id=BOSS)

    await care.run_loops()

    told, other = care.letters()
    link = f"http://127.0.0.1:8000/complaints/v1/complaints/{complaint}"
    assert told["to"] == "salesperson@example.com"
    assert told["body"] == f"小王, complaint C-7 has been assigned to you. Please answer by 2026-11-04 11:00. {link}"
    assert other["body"].endswith(link)


async def test_whom_a_notice_is_addressed_to_hears_of_it_beside_a_warning(care: Care) -> None:
    """Number, deadline, link; none of the words. Said again it changes nothing, and history is silent."""
    complaint, now = await care.opens(None, number="C-7"), care.clock.now()
    noticed = ComplaintNoticed(
        complaint_id=complaint, number="N20261104-000001", to_id=SELLER, deadline=now + timedelta(hours=2), at=now
    )
    events = await care.given(noticed, version=9)
    await care.deliver(events)
    await care.given(noticed.model_copy(update={"number": "N-2"}), version=10, historical=True)
    await care.given(noticed.model_copy(update={"number": "N-3", "at": now - timedelta(days=2)}), version=11)
    await care.overdue(complaint, None, staff_id=SELLER)

    await care.run_loops()

    told, warned = sorted(care.letters(), key=lambda letter: "overdue" in letter["subject"])
    assert told["subject"] == "Notice N20261104-000001 about complaint C-7"
    assert told["body"] == (
        "小王, notice N20261104-000001 about complaint C-7 is addressed to you. Please acknowledge it and act by "
        f"2026-11-04 11:00. http://127.0.0.1:8000/complaints/v1/complaints/{complaint}"
    )
    assert "overdue" in warned["subject"]


async def test_the_newest_notice_replaces_those_that_have_not_gone(care: Care) -> None:
    """Whoever the earlier ones were addressed to: of one that is superseded nobody needs to hear."""
    complaint, now = await care.opens(None, number="C-7"), care.clock.now()
    deadline = now + timedelta(hours=2)
    people = [SELLER, SELLER, BOSS, SELLER, BOSS]
    for number, (before, to) in enumerate(pairwise([None, *people])):
        noticed = ComplaintNoticed(
            complaint_id=complaint, number=f"N-{number}", to_id=to or SELLER, from_id=before, deadline=deadline, at=now
        )
        await care.given(noticed, version=9 + number)

    await care.run_loops()

    assert [letter["subject"] for letter in care.letters()] == ["Notice N-4 about complaint C-7"]
    assert [letter["to"] for letter in care.letters()] == ["sales_manager@example.com"]


LATE = {
    "accept": ("was not taken in time", "未按时受理"),
    "investigate": ("the investigation is late", "的调查超时"),
    "propose": ("the proposal is late", "的解决方案超时"),
    "execute": ("the execution is late", "的方案执行超时"),
    "inspect": ("the inspection is late", "的检查反馈超时"),
    "settle": ("the settlement is late", "的责任处理超时"),
    "reply": ("the reply letter is late", "的书面答复超时"),
    "resolve": ("is not solved in time", "未按时解决"),
}


@pytest.mark.parametrize("clock", LATE)
async def test_a_clock_that_was_missed_is_told_to_whom_it_concerns_in_their_language(
    care: Care, clock: ClockKind
) -> None:
    await care.given(staff(BOSS, "sales_manager", language="zh-CN"), version=2)
    complaint, now = await care.opens(None, number="C-7"), care.clock.now()
    for round_, staff_id in enumerate((SELLER, BOSS), start=1):
        missed = _missed(complaint, clock, staff_id, now, round=round_)
        await care.deliver(await care.given(missed, version=8 + round_))

    await care.run_loops()

    letters = {letter["to"]: letter for letter in care.letters()}
    english, chinese = letters["salesperson@example.com"], letters["sales_manager@example.com"]
    assert len(care.letters()) == 2
    assert english["subject"].startswith("Complaint C-7")
    assert english["subject"].endswith(LATE[clock][0])
    assert chinese["subject"] == f"投诉 C-7 {LATE[clock][1]}"
    for letter in (english, chinese):
        assert "2026-11-04 09:00" in letter["body"]
        assert letter["body"].endswith(f"http://127.0.0.1:8000/complaints/v1/complaints/{complaint}")


OF_CLOCKS = {
    "accept": ("acceptance", "受理"),
    "investigate": ("investigation", "调查"),
    "propose": ("proposal", "解决方案"),
    "execute": ("execution", "方案执行"),
    "inspect": ("inspection", "检查反馈"),
    "settle": ("settlement", "责任处理"),
    "reply": ("reply letter", "书面答复"),
    "resolve": ("solution", "解决"),
}


@pytest.mark.parametrize("clock", OF_CLOCKS)
async def test_levels_of_a_clock_reach_whom_they_name_in_their_language(care: Care, clock: ClockKind) -> None:
    """The warning to the one, the escalation to the other; both say which clock it is, and until when."""
    await care.given(staff(BOSS, "sales_manager", language="zh-CN"), version=2)
    complaint, due = await care.opens(None), care.clock.now() + timedelta(hours=1)
    english, chinese = OF_CLOCKS[clock]
    for events in (
        await care.given(_warned(complaint, clock, SELLER, due), version=9),
        await care.given(_level(complaint, clock, 2, BOSS, due), version=10),
    ):
        await care.deliver(events)

    await care.run_loops()

    letters = {letter["to"]: letter for letter in care.letters()}
    warned, told = letters["salesperson@example.com"], letters["sales_manager@example.com"]
    assert len(care.letters()) == 2
    assert warned["subject"] == f"Complaint C-7: 75 % of the time for the {english} has passed"
    assert told["subject"] == f"投诉 C-7 的{chinese}超时（第 2 级）"
    for letter in (warned, told):
        assert "2026-11-04 10:00" in letter["body"]
        assert letter["body"].endswith(f"http://127.0.0.1:8000/complaints/v1/complaints/{complaint}")


async def test_what_is_newer_of_a_clock_replaces_what_has_not_gone_to_the_same_person(care: Care) -> None:
    """And of that clock alone; a warning with nobody to hear it is told to nobody, and history warns nobody either."""
    complaint, due = await care.opens(None), care.clock.now()
    await care.given(_warned(complaint, "investigate", SELLER, due), version=9)
    await care.given(_warned(complaint, "resolve", SELLER, due), version=10)
    await care.given(_missed(complaint, "investigate", SELLER, due), version=11)
    await care.given(_warned(complaint, "propose", None, due), version=12)
    await care.given(_level(complaint, "propose", 2, BOSS, due), version=13, historical=True)

    await care.run_loops()

    assert sorted(letter["subject"] for letter in care.letters()) == [
        "Complaint C-1: the investigation is late",
        "Complaint C-7: 75 % of the time for the solution has passed",
    ]


async def test_a_clock_that_was_given_more_time_warns_anew(care: Care) -> None:
    complaint, due = await care.opens(None), care.clock.now()
    for version, later in enumerate((0, 0, 2), start=9):
        await care.given(_warned(complaint, "execute", SELLER, due + timedelta(hours=later)), version=version)
        await care.run_loops()

    assert len(care.letters()) == 2


def _warned(complaint: UUID, clock: ClockKind, staff_id: UUID | None, due_at: datetime) -> ComplaintClockWarned:
    about = {"number": "C-7", "clock": clock, "percent": 75, "due_at": due_at, "staff_id": staff_id, "at": due_at}
    return ComplaintClockWarned.model_validate({"complaint_id": complaint, **about})


def _level(complaint: UUID, clock: ClockKind, level: int, staff_id: UUID, due_at: datetime) -> ComplaintClockEscalated:
    about = {"number": "C-7", "clock": clock, "level": level, "due_at": due_at, "staff_id": staff_id, "at": due_at}
    return ComplaintClockEscalated.model_validate({"complaint_id": complaint, **about})


async def test_a_miss_that_an_outage_hid_is_told_when_it_is_noticed(care: Care) -> None:
    """But not when it is read from an old log, and of history nobody hears."""
    complaint, now = await care.opens(None), care.clock.now()
    await care.given(_missed(complaint, "accept", CS_MANAGER, now - timedelta(days=3)), version=9)
    await care.given(_missed(complaint, "investigate", SELLER, now), version=10, historical=True)
    [old] = await care.given(_missed(complaint, "resolve", None, now), version=11)
    assert old.time == now
    late = replace(old, id=new_id(), time=now - timedelta(days=2), aggregate_version=12)
    await care.deliver([replace(late, data=late.data.replace('"resolve"', '"execute"'))])

    await care.run_loops()

    told = {letter["to"]: letter["subject"] for letter in care.letters()}
    assert told == {
        "cs_manager@example.com": "Complaint C-1 was not taken in time",
        "admin_dept@example.com": "Complaint C-1 is not solved in time",
    }


@pytest.mark.parametrize(
    "matter, english, chinese",
    [
        ("solution", "Complaint C-7: a solution awaits your approval", "投诉 C-7 的解决方案待您审批"),
        ("compensation", "Complaint C-7: a compensation awaits your approval", "投诉 C-7 的补偿待您审批"),
    ],
)
async def test_whose_word_is_asked_for_hears_of_it_once(
    care: Care, matter: ApprovalMatter, english: str, chinese: str
) -> None:
    await care.given(staff(BOSS, "sales_manager", language="zh-CN"), version=2)
    asked = _asked(await care.opens(None), matter, care.clock.now(), SELLER, BOSS)
    await care.deliver(await care.given(asked, version=9))
    await care.given(asked.model_copy(update={"approver_ids": [CS_MANAGER]}), version=10, historical=True)

    await care.run_loops()

    letters = {letter["to"]: letter for letter in care.letters()}
    assert {to: letter["subject"] for to, letter in letters.items()} == {
        "salesperson@example.com": english,
        "sales_manager@example.com": chinese,
    }
    assert len(care.letters()) == 2
    link = f"http://127.0.0.1:8000/complaints/v1/complaints/{asked.complaint_id}"
    assert all(letter["body"].endswith(link) for letter in letters.values())


async def test_a_word_that_is_asked_for_anew_is_told_anew(care: Care) -> None:
    """What was refused and proposed again; and two things that are to be given do not stand for each other."""
    complaint, now = await care.opens(None), care.clock.now()
    await care.given(_asked(complaint, "solution", now, SELLER), version=9)
    await care.run_loops()
    care.clock.forward(timedelta(hours=1))
    later = care.clock.now()
    await care.given(_asked(complaint, "solution", later, SELLER), version=10)
    for version in (11, 12):
        await care.given(_asked(complaint, "compensation", later, SELLER), version=version)

    await care.run_loops()

    assert sorted(letter["subject"] for letter in care.letters()) == [
        "Complaint C-7: a compensation awaits your approval",
        "Complaint C-7: a compensation awaits your approval",
        "Complaint C-7: a solution awaits your approval",
        "Complaint C-7: a solution awaits your approval",
    ]


@pytest.mark.parametrize("matter", ["solution", "compensation"])
async def test_nobody_is_told_to_approve_what_is_decided(care: Care, matter: ApprovalMatter) -> None:
    """Whoever was asked; what else awaits approval is told still."""
    complaint, now = await care.opens(None), care.clock.now()
    asked, other = _asked(complaint, matter, now, SELLER, BOSS), _asked(complaint, "compensation", now, CS_MANAGER)
    await care.given(asked, version=9)
    await care.given(other, version=10)
    ended = ComplaintApprovalEnded(
        complaint_id=complaint, number="C-7", matter=matter, compensation_id=asked.compensation_id, at=now
    )
    await care.given(ended, version=11)

    await care.run_loops()

    assert [letter["to"] for letter in care.letters()] == ["cs_manager@example.com"]
    for person in (SELLER, BOSS):
        assert [(each["state"], each["reason"]) for each in await care.messages(staff_id=person)] == [
            ("replaced", "decided")
        ]


async def test_whom_a_withdrawn_notice_was_addressed_to_hears_of_it_once(care: Care) -> None:
    """What still waited of the notice itself does not go."""
    complaint, now = await care.opens(None, number="C-7"), care.clock.now()
    noticed = ComplaintNoticed(
        complaint_id=complaint, number="N-1", to_id=SELLER, deadline=now + timedelta(hours=2), at=now
    )
    await care.given(noticed, version=9)
    withdrawn = ComplaintNoticeWithdrawn(complaint_id=complaint, number="N-1", to_id=SELLER, at=now)
    await care.deliver(await care.given(withdrawn, version=10))
    await care.given(withdrawn.model_copy(update={"number": "N-0"}), version=11, historical=True)

    await care.run_loops()

    [told] = care.letters()
    assert (told["to"], told["subject"]) == ("salesperson@example.com", "Notice N-1 about complaint C-7 is withdrawn")


async def test_where_nobody_may_approve_administration_hears(care: Care) -> None:
    await care.given(staff(ADMINISTRATION, "admin_dept", language="zh-CN"), version=2)
    await care.given(_asked(await care.opens(None), "solution", care.clock.now()), version=9)

    await care.run_loops()

    [letter] = care.letters()
    assert (letter["to"], letter["subject"]) == ("admin_dept@example.com", "投诉 C-7 有待审批事项，但无人可审批")


def _asked(complaint: UUID, matter: ApprovalMatter, at: datetime, *approvers: UUID) -> ComplaintApprovalAsked:
    return ComplaintApprovalAsked(
        complaint_id=complaint,
        number="C-7",
        matter=matter,
        approver_ids=[*approvers],
        compensation_id=new_id() if matter == "compensation" else None,
        at=at,
    )


def _missed(
    complaint: UUID, clock: ClockKind, staff_id: UUID | None, due_at: datetime, **fields: int
) -> ComplaintClockMissed:
    missed = ComplaintClockMissed(
        complaint_id=complaint, number="C-7", clock=clock, due_at=due_at, staff_id=staff_id, at=due_at
    )
    return missed.model_copy(update=fields or {"number": "C-1"})


async def test_whoever_wrote_a_reply_hears_that_it_reached_nobody(care: Care) -> None:
    complaint, now = await care.opens(None), care.clock.now()
    unreached = ComplaintReplyUnreached(
        complaint_id=complaint, number="C-7", reply_id=new_id(), reason="failed", staff_id=SELLER, at=now
    )
    await care.deliver(await care.given(unreached, version=9))
    await care.given(unreached.model_copy(update={"reply_id": new_id()}), version=10, historical=True)

    await care.run_loops()

    [told] = care.letters()
    assert told["subject"] == "Complaint C-7: the reply was not delivered"
    assert "Please read it out or post it." in told["body"]


async def test_whoever_handles_a_case_hears_that_its_first_reply_reached_nobody(care: Care) -> None:
    """Else administration; said again it changes nothing, and history is silent."""
    complaint, now = await care.opens(None), care.clock.now()
    unreached = ComplaintUnreached(complaint_id=complaint, number="C-7", reason="failed", staff_id=SELLER, at=now)
    await care.deliver(await care.given(unreached, version=9))
    await care.given(unreached.model_copy(update={"staff_id": BOSS}), version=10, historical=True)
    other = {"complaint_id": await care.opens(None), "number": "C-8", "staff_id": None}
    await care.given(unreached.model_copy(update=other), version=9)

    await care.run_loops()

    told, alarmed = care.letters()
    link = f"http://127.0.0.1:8000/complaints/v1/complaints/{complaint}"
    assert told["body"] == (
        f"小王, the first reply of complaint C-7 reached nobody. Please call the complainant. {link}"
    )
    assert (alarmed["to"], alarmed["subject"]) == (
        "admin_dept@example.com",
        "Complaint C-8: the complainant has no first reply",
    )


async def test_whoever_handles_a_case_hears_that_a_question_reached_nobody(care: Care) -> None:
    """Each question is one matter, beside the first reply."""
    complaint, now = await care.opens(None), care.clock.now()
    unreached = ComplaintUnreached(complaint_id=complaint, number="C-7", reason="failed", staff_id=SELLER, at=now)
    await care.given(unreached, version=9)
    await care.given(unreached.model_copy(update={"question_id": new_id()}), version=10)

    await care.run_loops()

    assert sorted(told["subject"] for told in care.letters()) == [
        "Complaint C-7: the complainant has no first reply",
        "Complaint C-7: the question was not delivered",
    ]


async def test_a_case_whose_clock_stands_is_assigned_without_a_deadline(care: Care) -> None:
    now = care.clock.now()
    assigned = ComplaintAssigned(complaint_id=await care.opens(None), responsible_id=SELLER, number="C-7", at=now)
    await care.given(assigned, version=9)
    object.__setattr__(care.context, "settings", CareSettings(case_url="https://desk.example/cases/{id}?from=mail"))

    await care.run_loops()

    [told] = care.letters()
    link = f"https://desk.example/cases/{assigned.complaint_id}?from=mail"
    assert told["body"] == f"小王, complaint C-7 has been assigned to you. {link}"


@pytest.mark.parametrize("url", ["https://desk.example/cases", "desk/{id}", "https://desk.example/{id} x"])
def test_a_link_that_leads_nowhere_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValidationError):
        CareSettings(case_url=url)


async def test_the_breach_and_the_chain_tell_each_person_once_also_at_night(care: Care) -> None:
    care.clock.forward(timedelta(hours=15))
    complaint = await care.opens(None)
    events = await care.overdue(complaint, None, staff_id=SELLER)
    await care.deliver(events)
    await care.escalates(complaint, 1, SELLER)
    await care.escalates(complaint, 2, BOSS)
    await care.escalates(complaint, 2, BOSS)

    await care.run_loops()

    assert [letter["to"] for letter in care.letters()] == ["salesperson@example.com", "sales_manager@example.com"]
    assert len(await care.facts(MessageSent)) == 2


async def test_a_repeat_is_raised_once_and_replaces_no_other_notice(care: Care) -> None:
    complaint = await care.opens(None)
    repeated = ComplaintRepeated(
        complaint_id=complaint, number="C-2026-0009", count=3, of=new_id(), staff_id=BOSS, at=care.clock.now()
    )
    events = await care.given(repeated, version=9)
    await care.escalates(complaint, 2, BOSS)
    await care.given(repeated.model_copy(update={"staff_id": None}), version=10)
    await care.given(repeated, version=11, historical=True)
    await care.deliver(events)

    await care.run_loops()

    letters = [letter for letter in care.letters() if letter["to"] == "sales_manager@example.com"]
    assert sorted(message["occasion"] for message in await care.messages(staff_id=BOSS)) == [
        "complaint_escalated",
        "complaint_repeated",
    ]
    assert any("C-2026-0009" in letter["subject"] and "3" in letter["subject"] for letter in letters)
    assert len(letters) == 2


async def test_history_warns_nobody(care: Care) -> None:
    await care.overdue(await care.opens(None), None, staff_id=SELLER, historical=True)

    await care.run_loops()

    assert await care.messages() == []


async def test_a_chain_that_reaches_nobody_alarms_administration(care: Care) -> None:
    await care.escalates(await care.opens(None), 3, None)

    await care.run_loops()

    (letter,) = care.letters()
    assert letter["to"] == "admin_dept@example.com"
    (message,) = await care.messages(staff_id=ADMINISTRATION)
    assert message["occasion"] == "chain_reached_nobody"


async def test_every_active_person_of_administration_is_alarmed(care: Care) -> None:
    more = [new_id(), new_id()]
    await care.given(*(staff(id_, "admin_dept", address=f"a{n}@example.com") for n, id_ in enumerate(more)))
    await care.given(staff(more[1], "admin_dept", active=False), version=2)
    await care.given(staff(new_id(), "admin", address="it@example.com"))
    await care.escalates(await care.opens(None), 5, None)
    await care.run_loops()
    assert {letter["to"] for letter in care.letters()} == {"admin_dept@example.com", "a0@example.com"}

    for id_ in (ADMINISTRATION, more[0]):
        await care.given(staff(id_, "admin_dept", active=False), version=3)
    await care.escalates(await care.opens(None), 5, None)
    await care.run_loops()
    assert care.letters()[-1]["to"] == "it@example.com"


async def test_what_reaches_nobody_at_all_is_logged_as_an_error(care: Care) -> None:
    await care.given(staff(ADMINISTRATION, "admin_dept", active=False), version=2)

    complaint, now = await care.opens(None), care.clock.now()
    with capture_logs() as logs:
        await care.escalates(complaint, 3, None)
        await care.given(_missed(complaint, "accept", None, now), version=9)
        await care.given(_asked(complaint, "solution", now), version=10)

    assert [(entry["log_level"], entry["about"]) for entry in logs if "nobody to alarm" in entry["event"]] == [
        ("error", "crm.complaint.escalated"),
        ("error", "crm.complaint.clock_missed"),
        ("error", "crm.complaint.approval_asked"),
    ]


async def test_a_notice_waits_for_a_colleague_who_is_not_listed_yet(care: Care) -> None:
    newcomer = new_id()
    await care.overdue(await care.opens(None), None, staff_id=newcomer)
    await care.run_loops()
    assert [(each["state"], each["reason"]) for each in await care.messages()] == [("held", "not_in_directory")]

    await care.given(staff(newcomer, "salesperson"))
    await care.run_loops()

    assert [each["state"] for each in await care.messages()] == ["sent"]


async def test_a_notice_waits_for_the_address_of_somebody_who_is_listed(care: Care) -> None:
    """Topics are unordered to each other: the listing may come before the contact (decision 3)."""
    newcomer = new_id()
    listed, contact = staff(newcomer, "salesperson")
    await care.given(listed)
    await care.overdue(await care.opens(None), None, staff_id=newcomer)
    await care.run_loops()
    assert [each["state"] for each in await care.messages()] == ["held"]

    await care.given(contact)
    await care.run_loops()

    assert [letter["to"] for letter in care.letters()] == ["salesperson@example.com"]


async def test_an_address_of_an_older_release_serves_until_the_contact_comes(care: Care) -> None:
    """An older release kept it in the directory, in the open: there it is forgotten when the sealed one has come."""
    veteran = new_id()
    listed, contact = staff(veteran, "salesperson", address="new@example.com")
    await care.given(listed)
    await care.database.execute("UPDATE directory_staff SET address = 'old@example.com' WHERE id = $1", veteran)
    await care.given(listed, version=2)
    await care.overdue(await care.opens(None), None, staff_id=veteran)
    await care.run_loops()

    await care.given(contact, version=2)
    await care.overdue(await care.opens(None), None, staff_id=veteran)
    await care.run_loops()

    assert [letter["to"] for letter in care.letters()] == ["old@example.com", "new@example.com"]
    assert await care.database.fetchval("SELECT address FROM directory_staff WHERE id = $1", veteran) is None
    kept = await care.database.fetchval("SELECT sealed FROM staff_contact WHERE staff_id = $1", veteran)
    assert b"example.com" not in kept


async def test_who_left_is_refused_also_without_a_contact(care: Care) -> None:
    leaver = new_id()
    await care.given(staff(leaver, "salesperson", active=False)[0])
    await care.overdue(await care.opens(None), None, staff_id=leaver)
    await care.run_loops()

    assert [(each["state"], each["reason"]) for each in await care.messages()] == [("refused", "staff_left")]


async def test_a_colleague_without_an_address_is_refused_with_the_reason(care: Care) -> None:
    await care.given(staff(SELLER, "salesperson", address=None), version=2)
    await care.overdue(await care.opens(None), None, staff_id=SELLER)

    await care.run_loops()

    assert [(each["state"], each["reason"]) for each in await care.messages()] == [("refused", "no_address")]


async def test_a_newer_notice_of_a_case_replaces_one_that_waits(care: Care) -> None:
    """Who is not listed yet hears that it is overdue, and not of the half-time before."""
    newcomer = new_id()
    complaint = await care.opens(None)
    now = care.clock.now()
    warned = ComplaintWarned(complaint_id=complaint, percent=75, answer_due_at=now, staff_id=newcomer, at=now)
    await care.given(warned, version=9)
    await care.overdue(complaint, None, staff_id=newcomer)
    other = await care.opens(None)
    await care.overdue(other, None, staff_id=newcomer)

    states = [(message["occasion"], message["state"]) for message in await care.messages(staff_id=newcomer)]

    assert states == [
        ("complaint_escalated", "planned"),
        ("complaint_escalated", "planned"),
        ("complaint_warned", "replaced"),
    ]
