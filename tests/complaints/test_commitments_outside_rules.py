"""Promises outside the rules: confirmed, denied, insisted on, an understanding reached or failed (domain 3.6)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from services.complaints.confirmations import handlers
from services.complaints.confirmations.domain import deadline
from services.complaints.rulebook.domain.making import working_hours
from shared.audit import newest_first
from shared.contracts.commitments import (
    CommitmentBroken,
    CommitmentConfirmed,
    CommitmentDenied,
    CommitmentInsisted,
    CommitmentUnderstandingFailed,
    CommitmentUnderstandingReached,
    CommitmentWithdrawn,
)
from shared.contracts.withdrawing import CustomerWithdrawn
from shared.ids import new_id
from tests.complaints.building import SALESPERSON, SPECIALIST, SUPERVISOR, Complaints, as_role, complaints
from tests.complaints.promising import (
    A_SECOND,
    ABOVE_ZHOU,
    END_OF_20TH,
    LI,
    ZHOU,
    beyond_the_rules,
    promise,
    promised,
    say,
    slug,
    standing,
    supervised,
)
from tests.postgres import FreshDatabase

ADMINISTRATION = as_role("admin_dept", new_id())
DEADLINE = datetime.fromisoformat("2026-11-07T00:00:00+08:00").astimezone(UTC)
"""The end of the second working day after Wednesday, 4 November."""


async def confirm(service: Complaints, id_: str, confirmed: bool, by: dict[str, str] = ZHOU) -> httpx.Response:
    return await say(service, id_, "confirmation", by, confirmed=confirmed)


async def insisted_on(service: Complaints, **fields: Any) -> str:
    """A promise that Zhou denies and the store insists on, on Wednesday, 4 November."""
    id_ = await beyond_the_rules(service, **fields)
    assert (await confirm(service, id_, False)).json()["confirmation"] == "denied"
    answer = await say(service, id_, "insistence", LI, text="店主坚持说他答应过")
    assert answer.status_code == 200, answer.text
    return id_


async def understand(service: Complaints, id_: str, reached: bool, by: dict[str, str] = ZHOU) -> httpx.Response:
    return await say(service, id_, "understanding", by, reached=reached, text="与店主谈过")


def said(answer: httpx.Response) -> list[tuple[str, str | None]]:
    assert answer.status_code == 200, answer.text
    return [(each["what"], each["by"]) for each in answer.json()["entries"]]


@pytest.mark.example(11)
async def test_who_promised_outside_the_rules_confirms_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await beyond_the_rules(service)
        assert (await standing(service, id_))["confirmation"] == "asked"

        answer = await confirm(service, id_, True)

        assert said(answer) == [("confirmed", str(SALESPERSON))]
        found = await standing(service, id_)
        assert (found["confirmation"], found["state"]) == ("confirmed", "open"), "it is honoured as any other"
        assert [str(fact.commitment_id) for fact in await service.facts(CommitmentConfirmed)] == [id_]
        for again in (True, False):
            assert slug(await confirm(service, id_, again)) == (409, "confirmation-said")
        kept = await say(service, id_, "kept")
        assert kept.json()["state"] == "kept"


async def test_who_may_confirm(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await beyond_the_rules(service)
        within = (await promised(service))["id"]
        stranger = as_role("salesperson", await service.colleague("salesperson"))

        for who in (LI, ADMINISTRATION, as_role("admin", new_id())):
            assert slug(await confirm(service, id_, True, who)) == (403, "not-who-promised")
        assert slug(await confirm(service, id_, True, stranger)) == (404, "commitment-not-found")
        assert slug(await confirm(service, within, True)) == (409, "promise-within-rules")
        assert slug(await say(service, within, "insistence", LI)) == (409, "promise-not-denied")
        assert slug(await understand(service, id_, True)) == (409, "no-understanding-due")
        assert slug(await say(service, id_, "confirmation", confirmed="yes")) == (422, "invalid")

        await supervised(service, active=False)

        assert slug(await confirm(service, id_, False, LI)) == (403, "not-who-promised")
        assert said(await confirm(service, id_, False, ADMINISTRATION))[0][0] == "denied"


async def test_who_says_nothing_does_not_escape(fresh_database: FreshDatabase) -> None:
    """It cannot be confirmed, and the customer insists: whoever says nothing has until the deadline as who denies."""
    async with complaints(fresh_database) as service:
        id_ = await beyond_the_rules(service)

        answer = await say(service, id_, "insistence", LI, text="店主坚持说他答应过")

        assert said(answer) == [("insisted", str(SPECIALIST))]
        assert (await standing(service, id_))["understanding_due_at"] == "2026-11-06T16:00:00Z"
        assert slug(await say(service, id_, "insistence", LI)) == (409, "promise-not-denied"), "once"
        assert slug(await confirm(service, id_, False)) == (409, "confirmation-said")
        service.clock.move_to(DEADLINE)
        await service.run_loops("complaints.understandings")
        late = (await service.get(f"/commitments/{id_}/confirmation")).json()
        assert late["confirmation"] == "failed"
        assert late["internal_id"] is not None


async def test_who_is_gone_holds_up_nobody_elses_understanding(fresh_database: FreshDatabase) -> None:
    """A customer who was erased, or was none: the promise fails in time, and so does the next one's."""
    async with complaints(fresh_database) as service:
        gone = await insisted_on(service)
        customer_id = UUID((await standing(service, gone))["customer_id"])
        other = await insisted_on(service)
        await service.given(CustomerWithdrawn(customer_id=customer_id, at=service.clock.now()), version=9)
        service.clock.move_to(DEADLINE)

        await service.run_loops("complaints.understandings")

        for id_ in (gone, other):
            late = (await service.get(f"/commitments/{id_}/confirmation")).json()
            assert (late["confirmation"], late["internal_id"] is None) == ("failed", False)


@pytest.mark.example(11)
async def test_denied_and_insisted_on_an_understanding_is_due_in_two_working_days(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        id_ = await insisted_on(service)

        found = await standing(service, id_)
        assert (found["confirmation"], found["supervisor_id"]) == ("insisted", str(SUPERVISOR))
        assert found["understanding_due_at"] == "2026-11-06T16:00:00Z"
        for who in (ZHOU, ABOVE_ZHOU):
            me = (await service.http.get("/complaints/v1/me", headers=who)).json()
            assert [each["id"] for each in me["confirmations"]] == [id_]
        assert slug(await say(service, id_, "withdrawal", reason="x")) == (409, "confirmation-said")
        [told] = await service.facts(CommitmentInsisted)
        assert (told.deadline, told.supervisor_id) == (DEADLINE, SUPERVISOR)

        service.clock.move_to(DEADLINE - A_SECOND)
        reached = await understand(service, id_, True, ABOVE_ZHOU)

        assert said(reached)[-1] == ("reached", str(SUPERVISOR))
        found = await standing(service, id_)
        assert (found["confirmation"], found["state"]) == ("reached", "withdrawn"), "nobody is at fault"
        assert len(await service.facts(CommitmentUnderstandingReached)) == 1
        assert len(await service.facts(CommitmentWithdrawn)) == 1
        service.clock.move_to(END_OF_20TH)
        assert await service.run_loops() == 0
        assert not await service.facts(CommitmentUnderstandingFailed)
        assert slug(await understand(service, id_, False)) == (409, "no-understanding-due")
        assert (await service.http.get("/complaints/v1/me", headers=ZHOU)).json()["confirmations"] == []


@pytest.mark.example(11)
async def test_at_the_deadline_it_has_failed_once_at_its_moment(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        ids = [await insisted_on(service) for _ in range(3)]
        service.clock.move_to(DEADLINE - A_SECOND)
        assert await service.run_loops("complaints.understandings") == 0
        service.clock.move_to(DEADLINE)
        assert slug(await understand(service, ids[0], True)) == (409, "understanding-over")
        assert slug(await confirm(service, ids[0], True)) == (409, "understanding-over")
        service.clock.forward(timedelta(hours=5))

        context = service.service.context
        await asyncio.gather(*(handlers.fail_due(context) for _ in range(4)))
        await service.run_loops("complaints.understandings")

        facts = await service.facts(CommitmentUnderstandingFailed)
        assert sorted(str(fact.commitment_id) for fact in facts) == sorted(ids)
        assert {(fact.at, fact.lapsed) for fact in facts} == {(DEADLINE, True)}, "however late it is noticed"
        read = await service.get(f"/commitments/{ids[0]}/confirmation")
        assert said(read) == [("denied", str(SALESPERSON)), ("insisted", str(SPECIALIST)), ("failed", None)]
        assert (await standing(service, ids[0]))["state"] == "open", "what was promised is still owed"


async def test_who_says_what_came_of_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        ids = [await insisted_on(service) for _ in range(3)]
        manager = as_role("brand_manager", UUID("01900000-0000-7000-8000-00000000a003"))
        assert slug(await understand(service, ids[0], True, manager)) == (403, "not-of-understanding")
        assert slug(await say(service, ids[0], "understanding", reached=True)) == (422, "invalid")

        for id_, who in zip(ids, (ZHOU, ABOVE_ZHOU, LI), strict=True):
            assert said(await understand(service, id_, False, who))[-1][0] == "failed"

        assert [fact.lapsed for fact in await service.facts(CommitmentUnderstandingFailed)] == [False] * 3


async def test_who_does_the_work_of_somebody_who_left_reaches_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        successor = await service.colleague("salesperson")
        store = await service.customer(team={"salesperson": SALESPERSON, "beauty_mentor": successor})
        await supervised(service)
        id_ = (await promise(service, store, outside_rules=True)).json()["id"]
        await confirm(service, id_, False)
        await say(service, id_, "insistence", LI)
        heir = as_role("beauty_mentor", successor)
        assert slug(await understand(service, id_, True, heir)) == (403, "not-of-understanding")

        await supervised(service, active=False, successor_id=successor)

        assert said(await understand(service, id_, True, heir))[-1] == ("reached", str(successor))


async def test_reached_and_failed_in_the_same_instant_is_one_of_both(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await insisted_on(service)

        answers = await asyncio.gather(*(understand(service, id_, reached) for reached in (True, False)))

        assert sorted(answer.status_code for answer in answers) == [200, 409]
        told = [
            *await service.facts(CommitmentUnderstandingReached),
            *await service.facts(CommitmentUnderstandingFailed),
        ]
        assert len(told) == 1


async def test_denied_is_confirmed_after_all(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await insisted_on(service)

        assert said(await confirm(service, id_, True))[-1][0] == "confirmed"

        found = await standing(service, id_)
        assert (found["confirmation"], found["understanding_due_at"]) == ("confirmed", None)
        service.clock.move_to(DEADLINE)
        assert await service.run_loops("complaints.understandings") == 0


async def test_an_understanding_about_a_broken_promise_ends_what_is_owed(fresh_database: FreshDatabase) -> None:
    """Also where nobody has noticed yet that its time is over."""
    async with complaints(fresh_database) as service:
        id_ = await insisted_on(service, due="2026-11-05")
        service.clock.move_to(DEADLINE - timedelta(hours=1))

        await understand(service, id_, True)

        assert (await standing(service, id_))["state"] == "withdrawn"
        assert [str(fact.commitment_id) for fact in await service.facts(CommitmentBroken)] == [id_]
        assert await service.run_loops("complaints.commitments") == 0


async def test_a_correction_asks_or_asks_no_longer(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await promised(service))["id"]
        manager = as_role("cs_manager", new_id())

        async def correct(outside: bool) -> httpx.Response:
            return await say(service, id_, "correction", manager, reason="x", outside_rules=outside)

        assert (await correct(True)).json()["confirmation"] == "asked"
        assert (await correct(False)).json()["confirmation"] is None
        await correct(True)
        await confirm(service, id_, False)
        assert slug(await correct(False)) == (409, "confirmation-said")
        listed = await service.get("/commitments", confirmation="denied")
        assert [each["id"] for each in listed.json()["items"]] == [id_]
        assert (await service.get("/commitments", confirmation="asked")).json()["items"] == []


async def test_how_long_there_is_is_a_policy(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        path = "/understanding-policies"
        assert [(each["days"], each["calendar"]) for each in (await service.get(path)).json()["items"]] == [
            (2, "working_hours")
        ]
        assert await service.refused(path, {"days": 0}) == (422, "invalid")
        assert await service.refused(path, {"days": 2, "calendar": "moon"}) == (422, "unknown-calendar")
        first = await insisted_on(service)
        assert (await service.post(path, {"days": 1, "calendar": "always"})).status_code == 201
        second = await insisted_on(service)

        due = [(await standing(service, id_))["understanding_due_at"] for id_ in (first, second)]
        assert due == ["2026-11-06T16:00:00Z", "2026-11-05T16:00:00Z"], "a deadline that runs stays"


def test_working_days_leave_out_what_the_calendar_does() -> None:
    """A weekend, and the National Day of 2025 with its make-up day."""
    zone = ZoneInfo("Asia/Shanghai")
    calendar = working_hours(zone)

    def ends(since: str, days: int) -> str:
        return deadline(datetime.fromisoformat(since), days, calendar, zone).astimezone(zone).isoformat()

    assert ends("2026-11-06T17:59:59+08:00", 2) == "2026-11-11T00:00:00+08:00"
    assert ends("2026-11-07T10:00:00+08:00", 1) == "2026-11-10T00:00:00+08:00"
    assert ends("2025-09-30T10:00:00+08:00", 2) == "2025-10-11T00:00:00+08:00"
    assert ends("2025-10-10T10:00:00+08:00", 1) == "2025-10-12T00:00:00+08:00"
    every_day = deadline(datetime.fromisoformat("2026-11-07T10:00:00+08:00"), 1, None, zone)
    assert every_day == datetime.fromisoformat("2026-11-09T00:00:00+08:00")


async def test_nothing_that_was_said_lies_open(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await insisted_on(service)
        await say(service, id_, "understanding", reached=True, text="小雨同意了")
        rows = await service.database.fetch("SELECT c::text AS row FROM confirmation_entry c")
        events = await service.database.fetch("SELECT data::text AS row FROM event_log")
        assert "店主" not in "".join(row["row"] for row in (*rows, *events))
        assert "小雨" not in "".join(row["row"] for row in (*rows, *events))
        read = (await service.get(f"/commitments/{id_}/confirmation")).json()
        assert [each["text"] for each in read["entries"]] == [None, "店主坚持说他答应过", "小雨同意了"]
        denied = {"made_by": None, "what": "commitment.denied", "subject": None}
        assert [str(each.subject) for each in await newest_first(service.database, denied, None, 9)] == [id_]
        assert len(await service.facts(CommitmentDenied)) == 1
