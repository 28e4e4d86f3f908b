"""The notice of fault and what a promise outside the rules costs who made it (domain 3.6, examples 11)."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.complaints.confirmations import handlers
from shared.audit import newest_first
from shared.contracts.complaints import ComplaintLinked, ComplaintOpened, ComplaintOverdue
from shared.contracts.customers import AccountTeamChanged, StaffListed
from shared.contracts.internal import ComplaintFaultNoticed
from shared.contracts.letters import ComplaintFirstReply
from shared.contracts.responsibility import FaultCostBooked, PenaltyProposed
from shared.ids import new_id
from tests.complaints.building import (
    CS_MANAGER,
    DEPARTMENT,
    GENERAL,
    SALESPERSON,
    SPECIALIST,
    SUPERVISOR,
    Complaints,
    as_role,
    complaints,
)
from tests.complaints.penalising import FIRST_ADMIN, SECOND_ADMIN, balance, booked
from tests.complaints.promising import LI, ZHOU, beyond_the_rules, promise, say, slug, supervised
from tests.postgres import FreshDatabase

ADMINISTRATION = as_role("admin_dept", FIRST_ADMIN)


async def at_fault(service: Complaints, **fields: Any) -> str:
    """The internal case of a promise that Zhou confirms."""
    answer = await say(service, await beyond_the_rules(service, **fields), "confirmation", confirmed=True)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["internal_id"])


async def cost(
    service: Complaints, id_: str, amount: str = "1800.00", by: dict[str, str] = ADMINISTRATION
) -> httpx.Response:
    body = {"amount": amount, "reason": "陈列架成本"}
    return await service.http.post(f"/complaints/v1/internal/{id_}/fault-cost", json=body, headers=by)


async def take_back(service: Complaints, id_: str, by: dict[str, str] = ADMINISTRATION) -> httpx.Response:
    path = f"/complaints/v1/internal/{id_}/fault-cost/reversal"
    return await service.http.post(path, json={"reason": "算错了"}, headers=by)


async def fault(service: Complaints, id_: str) -> dict[str, Any]:
    answer = await service.get(f"/internal/{id_}/fault")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.example(11)
async def test_confirmed_an_internal_case_opens_and_its_cost_is_all_on_who_promised(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer(team={"salesperson": SALESPERSON})
        case = await service.record(customer)
        await supervised(service)
        made = await promise(service, customer, complaint_id=case["id"], outside_rules=True, cost="1800.00")
        id_ = made.json()["id"]

        internal_id = (await say(service, id_, "confirmation", confirmed=True)).json()["internal_id"]

        internal = await service.read(internal_id)
        assert (internal["kind"], internal["subject"], internal["text"]) == ("internal", "promise", "一个陈列架")
        assert internal["against"] == {"type": "person", "id": str(SALESPERSON), "name": "周"}
        assert (internal["accountable_id"], internal["customer_id"]) == (str(SALESPERSON), str(customer))
        notice = await fault(service, internal_id)
        assert (notice["number"], notice["commitment_id"], notice["complaint_id"]) == (
            "F20261104-000001",
            id_,
            case["id"],
        )
        assert notice["to"] == {"id": str(SALESPERSON), "name": "周"}
        [linked] = await service.facts(ComplaintLinked)
        assert (str(linked.complaint_id), str(linked.other_id)) == (case["id"], internal_id)
        [noticed] = await service.facts(ComplaintFaultNoticed)
        assert (str(noticed.complaint_id), noticed.to_id) == (internal_id, SALESPERSON)
        assert await booked(service) == [], "nothing is booked before somebody decides"

        decided = await cost(service, internal_id)

        assert [each["amount"] for each in decided.json()["costs"]] == ["1800.00"]
        assert await booked(service) == [(str(SALESPERSON), "1800.00", "2026-11")], (
            "all of it, nothing on the supervisor"
        )
        [entry] = (await service.get("/bookings", basis_id=internal_id)).json()["items"]
        assert (entry["kind"], entry["basis"]) == ("fault_cost", {"type": "internal", "id": internal_id})
        assert (entry["department_id"], entry["supervisor_id"]) == (str(DEPARTMENT), str(SUPERVISOR))
        [told] = await service.facts(FaultCostBooked)
        assert (str(told.internal_id), str(told.complaint_id)) == (internal_id, case["id"])
        assert [(each.kind, each.amount) for each in told.bookings] == [("fault_cost", Decimal("1800.00"))]


@pytest.mark.example(11)
async def test_an_understanding_that_failed_opens_one_case_and_its_cost_is_booked(
    fresh_database: FreshDatabase,
) -> None:
    """By word, and because the deadline is over, whoever notices."""
    async with complaints(fresh_database) as service:
        by_word, by_clock = await beyond_the_rules(service), await beyond_the_rules(service)
        for id_ in (by_word, by_clock):
            await say(service, id_, "confirmation", confirmed=False)
            await say(service, id_, "insistence", LI)
        failed = await say(service, by_word, "understanding", reached=False, text="店主不同意")
        service.clock.forward(timedelta(days=3))

        await asyncio.gather(*(handlers.fail_due(service.service.context) for _ in range(3)))
        await service.run_loops("complaints.understandings")

        late = (await service.get(f"/commitments/{by_clock}/confirmation")).json()
        assert late["confirmation"] == "failed"
        opened = await service.facts(ComplaintOpened)
        assert [str(fact.complaint_id) for fact in opened] == [failed.json()["internal_id"], late["internal_id"]]
        assert (await cost(service, late["internal_id"])).status_code == 200
        assert await balance(service) == {str(SALESPERSON): Decimal("1800.00")}
        recorded = await service.database.fetchval(
            "SELECT recorded_by FROM complaint WHERE id = $1", UUID(late["internal_id"])
        )
        assert recorded == SPECIALIST, "who entered that the customer insists"


async def test_reached_nobody_is_at_fault(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await beyond_the_rules(service)
        await say(service, id_, "confirmation", confirmed=False)
        await say(service, id_, "insistence", LI)

        reached = await say(service, id_, "understanding", reached=True, text="改送一套小样")

        assert reached.json()["internal_id"] is None
        assert await service.facts(ComplaintOpened) == []


async def test_who_decides_what_it_costs(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await at_fault(service)

        assert slug(await cost(service, id_, by=as_role("admin_dept", SALESPERSON))) == (403, "own-fault")
        for role, who in (("cs_manager", CS_MANAGER), ("salesperson", SUPERVISOR), ("general_manager", GENERAL)):
            assert slug(await cost(service, id_, by=as_role(role, who))) == (403, "forbidden")
        assert slug(await cost(service, id_, "0.00")) == (422, "invalid")
        assert slug(await cost(service, str(new_id()))) == (404, "fault-notice-not-found")
        other = (await service.record())["id"]
        assert slug(await cost(service, other)) == (404, "fault-notice-not-found")
        assert (await service.get(f"/internal/{other}/fault")).json()["slug"] == "fault-notice-not-found"
        stranger = as_role("salesperson", await service.colleague("salesperson"))
        seen = await service.http.get(f"/complaints/v1/internal/{id_}/fault", headers=stranger)
        assert slug(seen) == (404, "no-such-complaint")
        assert (await service.http.get(f"/complaints/v1/internal/{id_}/fault", headers=ZHOU)).status_code == 200

        clerk = StaffListed(staff_id=SALESPERSON, name="周", role="admin_dept", department_id=DEPARTMENT)
        await service.given(clerk)

        assert slug(await cost(service, id_)) == (403, "forbidden"), "one of administration pays"
        assert (await cost(service, id_, by=as_role("general_manager", GENERAL))).status_code == 200


async def test_decided_twice_at_once_one_wins(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await at_fault(service)
        admins = [as_role("admin_dept", each) for each in (FIRST_ADMIN, SECOND_ADMIN)]

        answers = await asyncio.gather(*(cost(service, id_, by=each) for each in admins))

        assert sorted(slug(answer)[0] for answer in answers) == [200, 409]
        assert {slug(answer)[1] for answer in answers} == {"", "fault-cost-stands"}
        assert len(await booked(service)) == 1 == len(await service.facts(FaultCostBooked))


@pytest.mark.example(11)
async def test_a_mistake_is_taken_back_once_and_decided_anew(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await at_fault(service)
        assert slug(await take_back(service, id_)) == (409, "no-fault-cost")
        await cost(service, id_, "18000.00")
        service.clock.forward(timedelta(days=30))
        assert slug(await take_back(service, id_, as_role("admin_dept", SALESPERSON))) == (403, "own-fault")
        assert slug(await take_back(service, id_, LI)) == (403, "forbidden")

        answers = await asyncio.gather(*(take_back(service, id_) for _ in range(2)))

        assert sorted(slug(answer) for answer in answers) == [(200, ""), (409, "no-fault-cost")]
        assert await booked(service) == [
            (str(SALESPERSON), "18000.00", "2026-11"),
            (str(SALESPERSON), "-18000.00", "2026-12"),
        ]
        assert (await cost(service, id_)).status_code == 200
        costs = (await fault(service, id_))["costs"]
        assert [(each["amount"], each["reversal_reason"]) for each in costs] == [
            ("18000.00", "算错了"),
            ("1800.00", None),
        ]
        assert await balance(service) == {str(SALESPERSON): Decimal("1800.00")}
        events = await service.events(FaultCostBooked)
        assert [event.aggregate_version for event in events] == [1, 2, 3]
        reversal = {"made_by": None, "what": "fault_cost.reversed", "subject": None}
        assert [str(each.subject) for each in await newest_first(service.database, reversal, None, 9)] == [id_]
        rows = await service.database.fetch("SELECT c::text AS row FROM fault_cost c")
        assert "算错了" not in "".join(row["row"] for row in rows)


async def test_what_was_judged_not_valid_costs_nothing(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await at_fault(service)
        judgement = {"valid": False, "good_faith": True, "reasons": "规定允许"}
        path = f"/complaints/v1/complaints/{id_}/judgement"
        assert (await service.http.post(path, json=judgement, headers=ADMINISTRATION)).status_code == 200

        assert slug(await cost(service, id_)) == (409, "fault-not-upheld")

        await service.http.post(path, json={**judgement, "valid": True}, headers=ADMINISTRATION)
        assert (await cost(service, id_)).status_code == 200


@pytest.mark.parametrize("judgement", [{"valid": False, "good_faith": True}, {"valid": True, "good_faith": False}])
async def test_what_is_judged_away_after_its_cost_was_booked_is_booked_back(
    fresh_database: FreshDatabase, judgement: dict[str, bool]
) -> None:
    async with complaints(fresh_database) as service:
        id_ = await at_fault(service)
        await cost(service, id_)
        path = f"/complaints/v1/complaints/{id_}/judgement"

        for _ in range(2):
            body = {**judgement, "reasons": "规定允许"}
            judged = await service.http.post(path, json=body, headers=as_role("admin_dept", SECOND_ADMIN))
            assert judged.status_code == 200, judged.text

        assert await balance(service) == {}
        assert [amount for _, amount, _ in await booked(service)] == ["1800.00", "-1800.00"], "once"
        [taken_back] = (await fault(service, id_))["costs"]
        assert (taken_back["reversal_reason"], taken_back["reversed_by"]) == ("规定允许", str(SECOND_ADMIN))
        assert [event.aggregate_version for event in await service.events(FaultCostBooked)] == [1, 2]
        await service.http.post(path, json={"valid": True, "good_faith": True, "reasons": "x"}, headers=ADMINISTRATION)
        assert (await cost(service, id_)).status_code == 200, "judged anew, it may be decided anew"


async def test_what_it_costs_is_seen_by_whom_it_concerns_and_those_above(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await at_fault(service)
        await cost(service, id_)
        mate = await service.colleague("beauty_mentor")
        customer = UUID((await service.read(id_))["customer_id"])
        team = {"salesperson": SALESPERSON, "beauty_mentor": mate}
        await service.given(AccountTeamChanged(customer_id=customer, team=team), version=3)

        async def seen(who: dict[str, str]) -> list[str]:
            answer = await service.http.get(f"/complaints/v1/internal/{id_}/fault", headers=who)
            assert answer.status_code == 200, answer.text
            assert answer.json()["number"], "that there is one, whoever sees the case may know"
            return [each["amount"] for each in answer.json()["costs"]]

        for who in (LI, as_role("beauty_mentor", mate)):
            assert await seen(who) == []
        above = as_role("cs_specialist", SUPERVISOR)
        for who in (
            ZHOU,
            above,
            ADMINISTRATION,
            as_role("cs_manager", CS_MANAGER),
            as_role("general_manager", GENERAL),
        ):
            assert await seen(who) == ["1800.00"]


async def test_no_customer_hears_of_an_internal_case(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await at_fault(service)
        await service.hear_own()
        await service.run_loops()
        assert await service.facts(ComplaintFirstReply) == []
        assert (await service.get(f"/complaints/{id_}/letters")).json()["items"] == []
        recorded = await service.record(kind="internal", against={"type": "person", "id": str(SALESPERSON)})
        assert (await service.get(f"/track/{recorded['tracking_token']}")).status_code == 404
        for step in ("investigate", "propose", "execute", "inspect", "settle"):
            assert (await service.post(f"/complaints/{id_}/steps/{step}", {"text": "done"})).status_code == 200

        replied = await service.post(f"/complaints/{id_}/reply", {"text": "已处理", "language": "zh-CN"})

        assert replied.status_code == 200, replied.text
        assert (await service.get(f"/complaints/{id_}/replies")).json()["items"] == []


async def test_administration_accepts_internal_cases_and_others_are_offered_nothing(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        id_ = await at_fault(service)
        handler = (await service.read(id_))["responsible_id"]
        await service.hear_own()
        path = f"/complaints/v1/complaints/{id_}/accept"
        for role, who in (("cs_specialist", SPECIALIST), ("cs_manager", CS_MANAGER)):
            assert slug(await service.http.post(path, json={}, headers=as_role(role, who))) == (403, "forbidden")

        accepted = await service.http.post(path, json={}, headers=ADMINISTRATION)

        assert accepted.status_code == 200, accepted.text
        assert (await service.read(id_))["responsible_id"] == handler, "whoever handles it still does"
        other = (await service.record())["id"]
        refused = await service.http.post(f"/complaints/v1/complaints/{other}/accept", json={}, headers=ADMINISTRATION)
        assert slug(refused) == (403, "forbidden")


async def test_what_nobody_accepts_costs_the_customer_service_manager_nothing(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await at_fault(service)
        await service.hear_own()
        service.clock.forward(timedelta(hours=5))
        await service.run_loops()
        await service.hear_own()

        proposed = [(str(fact.complaint_id), fact.rule) for fact in await service.facts(PenaltyProposed)]
        assert proposed == [(id_, "unanswered")], "as of any case, but for the accepting"
        [overdue] = await service.facts(ComplaintOverdue)
        assert overdue.kind == "internal"


async def test_confirmed_in_the_instant_in_which_the_time_is_over_opens_one_case(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        ids = [await beyond_the_rules(service) for _ in range(4)]
        for id_ in ids:
            await say(service, id_, "confirmation", confirmed=False)
            await say(service, id_, "insistence", LI)
        service.clock.forward(timedelta(days=3))
        context = service.service.context

        noticing = asyncio.gather(*(handlers.fail_due(context) for _ in range(4)))
        answers = await asyncio.gather(*(say(service, id_, "confirmation", confirmed=True) for id_ in ids))
        await noticing
        await service.run_loops("complaints.understandings")

        assert {slug(answer)[0] for answer in answers} == {409}, "at the deadline it is over"
        of_promises = [fact.commitment_id for fact in await service.facts(ComplaintFaultNoticed)]
        assert sorted(map(str, of_promises)) == sorted(ids), "each once"


async def test_a_tier_that_changes_while_a_case_opens_about_the_customers_promise(
    fresh_database: FreshDatabase,
) -> None:
    """The promise is held first, then the customer, then cases: nobody waits in a circle."""
    async with complaints(fresh_database) as service:
        customer = await service.customer("D", team={"salesperson": SALESPERSON})
        case = await service.record(customer)
        await supervised(service)
        made = await promise(service, customer, complaint_id=case["id"], outside_rules=True)

        async with service.database.transaction() as tier_change:
            await tier_change.execute("UPDATE customer_ref SET tier_rank = 1 WHERE id = $1", customer)
            confirming = asyncio.ensure_future(say(service, made.json()["id"], "confirmation", confirmed=True))
            await asyncio.sleep(0.3)
            await tier_change.execute("UPDATE complaint SET tier_rank = 1 WHERE id = $1", UUID(case["id"]))

        opened = (await confirming).json()["internal_id"]
        assert (await service.read(opened))["tier"] == "A"


async def test_what_i_am_at_fault_for_and_what_was_booked_stand_under_me(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await at_fault(service)
        assert (await cost(service, id_)).status_code == 200

        mine = (await service.http.get("/complaints/v1/me", headers=as_role("salesperson", SALESPERSON))).json()
        other = (await service.http.get("/complaints/v1/me", headers=as_role("salesperson", SUPERVISOR))).json()

        [fault] = mine["faults"]
        assert (fault["internal_id"], [each["reversed_at"] for each in fault["costs"]]) == (id_, [None])
        [booking] = mine["bookings"]
        assert (booking["kind"], booking["amount"]) == ("fault_cost", fault["costs"][0]["amount"])
        assert booking["basis"] == {"type": "internal", "id": id_}
        assert (other["faults"], other["bookings"]) == ([], [])
