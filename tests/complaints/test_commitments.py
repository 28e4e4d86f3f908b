"""Promises to customers: kept before their moment, broken at it, once (domain 3.6, examples 11)."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.complaints.commitments import handlers
from shared.audit import newest_first
from shared.contracts.commitments import (
    CommitmentBroken,
    CommitmentCorrected,
    CommitmentKept,
    CommitmentMade,
    CommitmentWithdrawn,
)
from shared.ids import new_id
from tests.complaints.building import MANAGER, SALESPERSON, as_role, complaints
from tests.complaints.promising import A_SECOND, END_OF_20TH, LI, ZHOU, promise, promised, say, slug, standing
from tests.postgres import FreshDatabase
from tests.support import START


@pytest.mark.example(11)
async def test_a_promise_kept_in_its_last_second_is_kept(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        made = await promised(service)
        assert (made["state"], made["due_at"], made["what"]) == ("open", "2026-11-20T16:00:00Z", "一个陈列架")
        service.clock.move_to(END_OF_20TH - A_SECOND)

        kept = await say(service, made["id"], "kept")

        assert (kept.status_code, kept.json()["state"]) == (200, "kept")
        assert kept.json()["fulfilled_at"] == "2026-11-20T15:59:59Z"
        service.clock.forward(2 * A_SECOND)
        assert await service.run_loops("complaints.commitments") == 0
        assert [fact.late for fact in await service.facts(CommitmentKept)] == [False]
        assert not await service.facts(CommitmentBroken)
        assert slug(await say(service, made["id"], "kept")) == (409, "commitment-ended")


@pytest.mark.example(11)
async def test_on_the_next_day_it_is_broken_once_at_its_moment(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        made = [await promised(service) for _ in range(3)]
        service.clock.move_to(END_OF_20TH - A_SECOND)
        assert await service.run_loops("complaints.commitments") == 0
        service.clock.move_to(END_OF_20TH + timedelta(hours=9))

        context = service.service.context
        await asyncio.gather(*(handlers.break_due(context) for _ in range(3)))
        await service.run_loops("complaints.commitments")

        facts = await service.facts(CommitmentBroken)
        assert sorted(str(fact.commitment_id) for fact in facts) == sorted(each["id"] for each in made)
        assert {fact.at for fact in facts} == {END_OF_20TH}, "its own moment, however late it is noticed"
        found = await standing(service, made[0]["id"])
        assert (found["state"], found["ended_at"], found["ended_by"]) == ("broken", "2026-11-20T16:00:00Z", None)

        done = await say(service, made[0]["id"], "kept")

        assert (done.json()["state"], done.json()["fulfilled_at"]) == ("broken", "2026-11-21T01:00:00Z")
        assert [fact.late for fact in await service.facts(CommitmentKept)] == [True]


async def test_what_was_done_in_time_and_entered_late_another_says(fresh_database: FreshDatabase) -> None:
    """Also where nobody has noticed yet that its time is over."""
    async with complaints(fresh_database) as service:
        noticed, not_yet = await promised(service), await promised(service, due="2026-11-21")
        service.clock.move_to(END_OF_20TH + timedelta(hours=1))
        await service.run_loops("complaints.commitments")
        service.clock.forward(timedelta(days=1))
        at = (END_OF_20TH - A_SECOND).isoformat()

        for made in (noticed, not_yet):
            assert slug(await say(service, made["id"], "kept", at=at)) == (403, "own-commitment")
            kept = await say(service, made["id"], "kept", LI, at=at)
            assert (kept.status_code, kept.json()["state"]) == (200, "kept"), kept.text


async def test_kept_and_broken_in_the_same_instant_is_one_of_both(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        made = [await promised(service) for _ in range(8)]
        service.clock.move_to(END_OF_20TH)
        context = service.service.context

        breaking = asyncio.gather(*(handlers.break_due(context) for _ in range(3)))
        answers = await asyncio.gather(*(say(service, each["id"], "kept") for each in made))
        await breaking
        await service.run_loops("complaints.commitments")

        assert {answer.status_code for answer in answers} == {200}
        assert len(await service.facts(CommitmentBroken)) == 8, "each once, whoever was first"
        assert [fact.late for fact in await service.facts(CommitmentKept)] == [True] * 8
        twice = await asyncio.gather(*(say(service, made[0]["id"], "kept") for _ in range(2)))
        assert {slug(answer) for answer in twice} == {(409, "commitment-ended")}


@pytest.mark.example(11)
async def test_no_promise_is_older_than_its_case(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        case = await service.record(customer)
        before = (START - timedelta(days=1)).isoformat()
        of_case = {"complaint_id": case["id"]}

        def refused(answer: httpx.Response) -> tuple[int, str, str]:
            return answer.status_code, answer.json()["slug"], answer.json()["errors"][0]["pointer"]

        made_before = await promise(service, customer, LI, **of_case, made_at=before)
        due_before = await promise(service, customer, LI, **of_case, due="2026-11-02")
        ahead = await promise(service, customer, LI, made_at=(START + timedelta(days=1)).isoformat())
        upside_down = await promise(service, customer, LI, made_at=before, due="2026-11-02")
        elsewhere = await promise(service, await service.customer(), LI, **of_case)
        nobodys = await promise(service, new_id(), LI)
        no_code = await promise(service, customer, LI, code="moon")
        stranger = await promise(service, customer, LI, made_by=str(new_id()))

        assert refused(made_before) == (422, "promise-before-case", "#/made_at")
        assert refused(due_before) == (422, "promise-before-case", "#/due")
        assert refused(ahead) == (422, "commitment-time", "#/made_at")
        assert refused(upside_down) == (422, "commitment-time", "#/due")
        assert refused(elsewhere) == (422, "promise-of-another", "#/customer_id")
        assert refused(nobodys) == (422, "unknown-customer", "#/customer_id")
        assert refused(no_code) == (422, "unknown-commitment-code", "#/code")
        assert refused(stranger) == (422, "unknown-staff", "#/made_by")
        assert (await promise(service, customer, LI, **of_case)).status_code == 201
        assert len(await service.facts(CommitmentMade)) == 1


async def test_who_sees_what_was_promised(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        made = await promised(service)
        other = await service.customer(team={})

        async def seen(who: dict[str, str], **filters: str) -> list[str]:
            answer = await service.http.get("/complaints/v1/commitments", params=filters, headers=who)
            return [each["id"] for each in answer.json()["items"]]

        mine = {"made_by": str(SALESPERSON)}
        stranger = as_role("salesperson", await service.colleague("salesperson"))
        for who in (ZHOU, as_role("brand_manager", MANAGER), LI):
            assert await seen(who) == [made["id"]] == await seen(who, **mine, state="open", code="display")
        assert await seen(ZHOU, customer_id=str(other)) == [] == await seen(ZHOU, due_before=END_OF_20TH.isoformat())
        assert await seen(stranger) == []
        for path in ("kept", "withdrawal"):
            refused = await say(service, made["id"], path, stranger, **({"reason": "x"} if path != "kept" else {}))
            assert slug(refused) == (404, "commitment-not-found")
        assert slug(await promise(service, other)) == (422, "unknown-customer"), "who is not the caller's"
        me = (await service.http.get("/complaints/v1/me", headers=ZHOU)).json()
        assert [(each["id"], each["what"]) for each in me["commitments"]] == [(made["id"], "一个陈列架")]
        await say(service, made["id"], "kept")
        assert (await service.http.get("/complaints/v1/me", headers=ZHOU)).json()["commitments"] == []


async def test_the_customer_agrees_to_do_without(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        made = await promised(service)
        team = {"salesperson": SALESPERSON, "beauty_mentor": await service.colleague("beauty_mentor")}
        other = (await promise(service, await service.customer(team=team))).json()
        mentor = as_role("beauty_mentor", team["beauty_mentor"])

        withdrawn = await say(service, made["id"], "withdrawal", reason="店里没有地方")

        assert (withdrawn.json()["state"], withdrawn.json()["reason"]) == ("withdrawn", "店里没有地方")
        assert slug(await say(service, made["id"], "withdrawal", reason="again")) == (409, "commitment-ended")
        assert (await say(service, other["id"], "withdrawal", mentor, reason="x")).status_code == 403
        service.clock.move_to(END_OF_20TH)
        assert slug(await say(service, other["id"], "withdrawal", reason="late")) == (409, "commitment-ended")
        assert await service.run_loops("complaints.commitments") == 1
        assert [str(fact.commitment_id) for fact in await service.facts(CommitmentWithdrawn)] == [made["id"]]


async def test_what_was_entered_wrongly_is_put_right(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        made = await promised(service)
        service.clock.move_to(END_OF_20TH)
        await service.run_loops("complaints.commitments")
        manager = as_role("cs_manager", new_id())

        async def correct(who: dict[str, str] = manager, **what: Any) -> httpx.Response:
            return await say(service, made["id"], "correction", who, reason="wrong day", **what)

        assert (await correct(ZHOU, due="2026-11-25")).status_code == 403
        assert slug(await correct(code="moon")) == (422, "unknown-commitment-code")
        assert slug(await correct(due="2026-11-01")) == (422, "commitment-time")
        later = await correct(due="2026-11-25", code="gift", cost="12.50")
        assert (later.json()["state"], later.json()["code"], later.json()["cost"]) == ("open", "gift", "12.50")
        service.clock.move_to(END_OF_20TH + timedelta(days=5))
        assert await service.run_loops("complaints.commitments") == 1
        earlier = await correct(due="2026-11-24")
        assert (earlier.json()["state"], earlier.json()["ended_at"]) == ("broken", "2026-11-24T16:00:00Z")
        told = await service.facts(CommitmentCorrected)
        assert [(fact.state, fact.code, fact.fulfilled) for fact in told] == [
            ("open", "gift", False),
            ("broken", "gift", False),
        ]
        broken = [fact.at.isoformat() for fact in await service.facts(CommitmentBroken)]
        assert broken == ["2026-11-20T16:00:00+00:00", "2026-11-25T16:00:00+00:00"]
        entries = await newest_first(
            service.database, {"made_by": None, "what": "commitment.corrected", "subject": None}, None, 9
        )
        assert [str(entry.subject) for entry in entries] == [made["id"]] * 2


async def test_that_it_was_kept_was_a_mistake_and_it_is_owed_still(fresh_database: FreshDatabase) -> None:
    """Before its time it is open again, after it broken, at its own moment; who promised it does not say so."""
    async with complaints(fresh_database) as service:
        early, late = [(await promised(service))["id"] for _ in range(2)]
        for id_ in (early, late):
            assert (await say(service, id_, "kept")).json()["state"] == "kept"
        administration = as_role("admin_dept", MANAGER)
        mistake = {"kept": False, "reason": "陈列架送错了店"}
        own = as_role("cs_manager", SALESPERSON)
        assert slug(await say(service, early, "correction", own, **mistake)) == (403, "own-commitment")
        assert slug(await say(service, early, "correction", administration, kept=True, reason="x")) == (422, "invalid")

        opened = (await say(service, early, "correction", administration, **mistake)).json()
        service.clock.move_to(END_OF_20TH + timedelta(days=1))
        broken = (await say(service, late, "correction", administration, **mistake)).json()

        assert (opened["state"], opened["fulfilled_at"], opened["ended_at"]) == ("open", None, None)
        assert (broken["state"], broken["fulfilled_at"]) == ("broken", None)
        assert broken["ended_at"] == "2026-11-20T16:00:00Z"
        await service.run_loops("complaints.commitments")
        told = [str(fact.commitment_id) for fact in await service.facts(CommitmentBroken)]
        assert sorted(told) == sorted([early, late]), "each once"
        assert [(fact.state, fact.fulfilled) for fact in await service.facts(CommitmentCorrected)] == [
            ("open", False),
            ("broken", False),
        ]
        entries = {"made_by": MANAGER, "what": "commitment.corrected", "subject": None}
        assert len(await newest_first(service.database, entries, None, 9)) == 2


async def test_nobody_corrects_a_promise_of_their_own(fresh_database: FreshDatabase) -> None:
    """Neither a later date for what is broken, nor that the rules allow it after all."""
    async with complaints(fresh_database) as service:
        team = {"salesperson": SALESPERSON}
        manager = as_role("cs_manager", await service.colleague("cs_manager"))
        broken = (await promise(service, await service.customer(team=team), manager)).json()["id"]
        beyond = (await promise(service, await service.customer(team=team), manager, outside_rules=True)).json()["id"]
        service.clock.move_to(END_OF_20TH)
        await service.run_loops("complaints.commitments")

        for id_, what in ((broken, {"due": "2026-11-25"}), (beyond, {"outside_rules": False})):
            refused = await say(service, id_, "correction", manager, reason="x", **what)
            assert slug(refused) == (403, "own-commitment")
        assert [(await standing(service, id_))["state"] for id_ in (broken, beyond)] == ["broken"] * 2

        colleague = as_role("cs_manager", new_id())
        assert (await say(service, broken, "correction", colleague, reason="x", due="2026-11-25")).json()[
            "state"
        ] == "open"


async def test_nothing_that_was_said_lies_open(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        made = await promised(service, what="小雨的生日礼物")
        await say(service, made["id"], "withdrawal", reason="小雨不要了")
        rows = await service.database.fetch("SELECT c::text AS row FROM commitment c")
        events = await service.database.fetch("SELECT data::text AS row FROM event_log")
        assert "小雨" not in "".join(row["row"] for row in (*rows, *events))


async def test_what_can_be_promised_is_a_table(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        names = {"name_en": "Sample", "name_zh": "小样"}
        path = "/complaints/v1/commitment-codes/sample"
        kept = await service.http.put(path, json=names)
        assert kept.status_code == 200, kept.text
        await promised(service, code="sample")
        body = {**names, "active": False}
        assert (await service.http.put(path, json=body)).status_code == 428
        retired = await service.http.put(path, json=body, headers={"If-Match": kept.headers["etag"]})
        assert retired.json()["active"] is False
        listed = (await service.get("/commitment-codes")).json()["items"]
        assert [each["code"] for each in listed if each["active"]] == [
            "delivery", "discount", "display", "gift", "other", "refund", "training", "visit",
        ]  # fmt: skip
        customer = await service.customer()
        assert slug(await promise(service, customer, LI, code="sample")) == (422, "unknown-commitment-code")
