"""Penalties that rules propose: when, against whom, how much, and who sees them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.complaints.responsibility.domain.penalties import Proposal, Withdrawal
from services.complaints.responsibility.domain.policies import CaseRule
from services.complaints.responsibility.handlers import proposing as handlers
from shared.contracts.responsibility import PenaltyProposed, PenaltyWithdrawn
from shared.ids import new_id
from tests.complaints.building import (
    CS_MANAGER,
    DEPARTMENT,
    MANAGER,
    SALESPERSON,
    SPECIALIST,
    SUPERVISOR,
    Complaints,
    as_role,
    complaints,
)
from tests.postgres import FreshDatabase
from tests.support import START, bearer

HOUR = timedelta(hours=1)
AGAINST_SALES = {"type": "person", "id": str(SALESPERSON)}


async def penalties(service: Complaints, **filters: Any) -> list[dict[str, Any]]:
    """What is listed to administration, the first proposed first."""
    answer = await service.get("/penalties", **filters)
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()["items"]))


async def breached(service: Complaints, **fields: Any) -> str:
    """A case whose answer is late, noticed and heard."""
    id_: str = (await service.record(await service.customer(), **fields))["id"]
    taken = await service.http.post(
        f"/complaints/v1/complaints/{id_}/accept", headers=as_role("cs_specialist", SPECIALIST)
    )
    assert taken.status_code == 200, taken.text
    service.clock.forward(4 * HOUR)
    await service.run_loops()
    await service.hear_own()
    return id_


async def propose(service: Complaints, id_: str, *rules: CaseRule, at: datetime = START, round_: int = 1) -> None:
    context = service.service.context
    async with context.database.transaction() as transaction:
        for rule in rules:
            await handlers.propose(transaction, context, [Proposal(UUID(id_), round_, rule, at)])


async def withdraw(service: Complaints, id_: str, rule: CaseRule) -> None:
    context = service.service.context
    async with context.database.transaction() as transaction:
        await handlers.withdraw(transaction, context, [Withdrawal(UUID(id_), 1, rule, "not_applicable")])


async def test_a_late_answer_is_proposed_once_against_whom_the_breach_told_first(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await breached(service, against=AGAINST_SALES)
        for _ in range(4):  # the chain goes up, nothing more is proposed
            service.clock.forward(HOUR)
            await service.run_loops()
            await service.hear_own()

        [penalty] = await penalties(service)

        number = (await service.read(id_))["number"]
        assert (penalty["rule"], penalty["state"], penalty["amount"]) == ("unanswered", "proposed", "100.00")
        assert (penalty["person_id"], penalty["department_id"]) == (str(SPECIALIST), str(DEPARTMENT))
        assert penalty["basis"] == {"type": "case", "id": id_, "number": number, "round": 1}
        assert (penalty["month"], penalty["policy_version"]) == ("2026-11", 1)
        assert datetime.fromisoformat(penalty["at"]) == START + 4 * HOUR
        [fact] = await service.facts(PenaltyProposed)
        assert (fact.amount, fact.person_id, fact.month) == (Decimal("100.00"), SPECIALIST, "2026-11")


async def test_what_is_heard_again_proposes_nothing_more(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await breached(service)

        await propose(service, id_, "unanswered", "unanswered")

        assert len(await penalties(service)) == 1
        assert len(await service.facts(PenaltyProposed)) == 1


async def test_a_dissatisfied_complainant_is_proposed_against_whom_the_case_is_against(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        for against in (
            AGAINST_SALES,
            {"type": "department", "id": str(DEPARTMENT)},
            {"type": "product", "name": "霜"},
        ):
            id_ = (await service.record(against=against))["id"]
            await service.move(id_, "answer")
            await service.post(f"/complaints/{id_}/satisfaction", {"perceived": 6, "expected": 8})
            content = {"perceived": 8, "expected": 8}
            await service.move(id_, "answer")
            await service.post(f"/complaints/{id_}/satisfaction", content)  # the second round is satisfied
        await service.hear_own()

        found = await penalties(service, rule="dissatisfied")

        assert [each["person_id"] for each in found] == [str(SALESPERSON), str(MANAGER), None]
        assert [[(share["staff_id"], share["amount"]) for share in each["shares"]] for each in found] == [
            [(str(SALESPERSON), "100.00")],
            [(str(MANAGER), "100.00")],
            [],
        ]
        assert {each["amount"] for each in found} == {"100.00"}
        assert {each["basis"]["round"] for each in found} == {1}


async def test_a_case_is_bounded_and_the_latest_proposal_is_cut(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(against=AGAINST_SALES))["id"]

        await propose(service, id_, "unanswered", "repeat", "dissatisfied")
        assert sum(Decimal(each["amount"]) for each in await penalties(service)) == 400
        await propose(service, id_, "not_executed", "steps_not_followed")

        found = await penalties(service)
        assert [each["amount"] for each in found] == ["100.00", "200.00", "100.00", "100.00", "0.00"]
        assert [each["rule_amount"] for each in found] == ["100.00", "200.00", "100.00", "200.00", "50.00"]
        assert [each["person_id"] for each in found][1:] == [str(SALESPERSON)] * 3 + [str(CS_MANAGER)]


async def test_what_was_cut_comes_back_when_an_earlier_proposal_is_withdrawn(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(against=AGAINST_SALES))["id"]
        await propose(service, id_, "unanswered", "repeat", "dissatisfied", "not_executed")

        await withdraw(service, id_, "dissatisfied")
        await withdraw(service, id_, "dissatisfied")

        found = await penalties(service)
        assert [(each["rule"], each["state"], each["amount"]) for each in found] == [
            ("unanswered", "proposed", "100.00"),
            ("repeat", "proposed", "200.00"),
            ("dissatisfied", "withdrawn", "100.00"),
            ("not_executed", "proposed", "200.00"),
        ]
        [fact] = await service.facts(PenaltyWithdrawn)
        assert (fact.rule, fact.reason) == ("dissatisfied", "not_applicable")
        told = [(each.rule, each.amount) for each in await service.facts(PenaltyProposed)]
        assert told[-2:] == [("not_executed", Decimal("100.00")), ("not_executed", Decimal("200.00"))]

        service.clock.forward(HOUR)
        await propose(service, id_, "dissatisfied")

        assert [each["amount"] for each in await penalties(service, state="proposed")] == [
            "100.00", "200.00", "0.00", "200.00",
        ]  # fmt: skip
        versions = [each.aggregate_version for each in await service.events(PenaltyProposed, PenaltyWithdrawn)]
        assert sorted(versions) == [1, 1, 1, 1, 2, 2, 3]


async def test_nothing_is_proposed_of_the_past(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        early = (START - timedelta(days=3)).isoformat()
        old = (await service.record(recorded_at=early, against=AGAINST_SALES))["id"]
        await service.move(old, "answer", at=(START - timedelta(days=2)).isoformat())
        body = {"perceived": 1, "expected": 8, "at": (START - timedelta(days=1)).isoformat()}
        assert (await service.post(f"/complaints/{old}/satisfaction", body)).status_code == 200
        await service.hear_own()
        await propose(service, old, "repeat", at=START - timedelta(seconds=1))
        await propose(service, str(new_id()), "repeat")
        assert await penalties(service) == []

        await service.database.execute("UPDATE proposing SET since = $1", new_id())
        later = await breached(service)
        assert [each["basis"]["id"] for each in await penalties(service)] == [later]


async def test_what_the_log_told_before_rules_proposed_is_the_past(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.record(await service.customer())
        service.clock.forward(4 * HOUR)
        await service.run_loops()
        await service.database.execute("UPDATE proposing SET since = $1", new_id())

        await service.hear_own()

        assert await penalties(service) == []


async def test_a_policy_holds_for_what_happens_after_its_start(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        starts = START + timedelta(days=1)
        answer = await service.post(
            "/penalty-policies", {"amounts": {"repeat": "300"}, "starts_at": starts.isoformat()}
        )
        assert answer.status_code == 201
        assert answer.json()["version"] == 2
        assert answer.json()["amounts"] == {
            "unanswered": "100.00", "dissatisfied": "100.00", "repeat": "300.00", "not_executed": "200.00",
            "not_accepted": "50.00", "steps_not_followed": "50.00", "other": "50.00",
            "missed_visit": "30.00", "missed_call": "20.00", "own_missed_visit": "50.00", "own_missed_call": "30.00",
        }  # fmt: skip
        before, after = [(await service.record(against=AGAINST_SALES))["id"] for _ in range(2)]

        await propose(service, before, "repeat", at=starts - timedelta(microseconds=1))
        await propose(service, after, "repeat", at=starts)

        found = await penalties(service)
        assert [(each["amount"], each["policy_version"]) for each in found] == [("200.00", 1), ("300.00", 2)]
        listed = (await service.get("/penalty-policies", limit=1)).json()
        assert [each["version"] for each in listed["items"]] == [2]
        assert listed["next"] is not None


async def test_what_comes_back_costs_what_it_was_judged_by(fresh_database: FreshDatabase) -> None:
    """A version that was written since, for a start in the past, judges what happens from now on (decision 22c); what
    rests on another moment is judged by what held then."""
    async with complaints(fresh_database) as service:
        same, later = [(await service.record(against=AGAINST_SALES))["id"] for _ in range(2)]
        for id_ in (same, later):
            await propose(service, id_, "repeat")
            await withdraw(service, id_, "repeat")
        past = (START - timedelta(days=1)).isoformat()
        assert (
            await service.post("/penalty-policies", {"amounts": {"repeat": "300"}, "starts_at": past})
        ).status_code == 201

        await propose(service, same, "repeat")
        await propose(service, later, "repeat", at=START + timedelta(hours=1))

        found = {each["basis"]["id"]: (each["amount"], each["policy_version"]) for each in await penalties(service)}
        assert found == {same: ("200.00", 1), later: ("300.00", 2)}


async def test_amounts_that_are_no_cases_are_refused_as_a_policy(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for amount in ("20", "30", "49.99", "500.01"):
            answer = await service.post("/penalty-policies", {"amounts": {"unanswered": amount}})
            assert (answer.status_code, answer.json()["slug"]) == (422, "penalty-out-of-bounds")
            assert answer.json()["errors"][0]["pointer"] == "#/amounts/unanswered"
        bodies: list[dict[str, Any]] = [
            {},
            {"amounts": {}},
            {"amounts": {"lateness": "100"}},
            {"amounts": {"repeat": 100.5}},
        ]
        for body in bodies:
            assert await service.refused("/penalty-policies", body) == (422, "invalid")
        assert (
            await service.post("/penalty-policies", {"amounts": {"repeat": "50", "other": "500"}})
        ).status_code == 201


async def test_everybody_sees_what_is_proposed_against_themselves_and_their_people(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        await breached(service)

        async def seen(role: str, subject: UUID) -> int:
            answer = await service.http.get("/complaints/v1/penalties", headers=as_role(role, subject))
            assert answer.status_code == 200
            return len(answer.json()["items"])

        assert await seen("cs_specialist", SPECIALIST) == 1
        assert await seen("cs_specialist", SUPERVISOR) == 1
        assert await seen("brand_manager", MANAGER) == 1
        assert await seen("salesperson", SALESPERSON) == 0
        assert await seen("cs_specialist", await service.colleague("cs_specialist")) == 0
        assert await seen("admin_dept", new_id()) == 1
        partner = await service.http.get("/complaints/v1/penalties", headers=as_role("partner", new_id()))
        assert partner.status_code == 403
        policy = {"amounts": {"repeat": "100"}}
        manager = as_role("cs_manager", CS_MANAGER)
        assert (await service.post("/penalty-policies", policy, **manager)).status_code == 403


async def test_penalties_are_found_by_month_person_department_state_and_rule(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await breached(service)
        id_ = (await service.record(against=AGAINST_SALES))["id"]
        await propose(service, id_, "repeat", at=datetime.fromisoformat("2026-12-01T00:00:00+08:00"))

        async def rules(**filters: Any) -> list[str]:
            return [each["rule"] for each in await penalties(service, **filters)]

        assert await rules(month="2026-11") == ["unanswered"]
        assert await rules(month="2026-12") == ["repeat"]
        assert await rules(person_id=SPECIALIST) == ["unanswered"]
        assert await rules(department_id=DEPARTMENT) == ["unanswered", "repeat"]
        assert await rules(department_id=new_id()) == []
        assert await rules(state="withdrawn") == []
        assert await rules(state="proposed", rule="repeat") == ["repeat"]
        first = (await service.get("/penalties", limit=1, state="proposed")).json()
        second = (await service.get("/penalties", limit=1, state="proposed", cursor=first["next"])).json()
        assert [each["rule"] for each in (*first["items"], *second["items"])] == ["repeat", "unanswered"]
        for wrong in ({"month": "2026-13"}, {"state": "gone"}, {"rule": "none"}, {"person_id": "x"}):
            assert (await service.get("/penalties", **wrong)).status_code == 422


async def test_no_feed_tells_of_penalties(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await breached(service)
        assert await service.facts(PenaltyProposed)
        ranked = "SELECT id, row_number() OVER (ORDER BY id) AS n FROM event_log"
        await service.database.execute(f"UPDATE event_log e SET sequence = r.n FROM ({ranked}) r WHERE r.id = e.id")

        for role in ("admin", "admin_dept", "partner"):
            feed = await service.http.get("/complaints/v1/events?limit=500", headers=bearer(role))
            assert feed.status_code == 200
            types = {each["type"] for each in feed.json()["items"]}
            assert "crm.complaint.overdue" in types
            assert not {each for each in types if each.startswith("crm.penalty.")}


async def test_suggestions_and_enquiries_have_no_penalty(fresh_database: FreshDatabase) -> None:
    """Domain 3.1: they have an answer and an outcome."""
    async with complaints(fresh_database) as service:
        for kind in ("suggestion", "enquiry"):
            case = await service.record(await service.customer(), kind=kind, against=AGAINST_SALES, channel="web")
            await service.hear_own()
            service.clock.forward(4 * HOUR)
            await service.run_loops()
            await service.hear_own()
            await service.move(case["id"], "answer")
            content = await service.post(f"/complaints/{case['id']}/satisfaction", {"perceived": 1, "expected": 9})
            assert content.status_code == 200
            await service.hear_own()
            assert (await service.read(case["id"]))["rounds"][0]["overdue"], "the clock is the same"

        assert await penalties(service) == []


async def test_a_case_that_was_against_somebody_else_by_mistake_costs_them_nothing(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        colleague = await service.colleague("salesperson")
        against_colleague = {"type": "person", "id": str(colleague)}
        cases = [
            (await service.record(await service.customer(), subject="attitude", against=against))["id"]
            for against in (AGAINST_SALES, against_colleague, AGAINST_SALES)
        ]
        await service.hear_own()
        await propose(service, cases[2], "not_accepted")
        assert [each["person_id"] for each in await penalties(service, rule="repeat")] == [str(SALESPERSON)]

        body = {"against": against_colleague, "reason": "客户认错了人"}
        assert (await service.post(f"/complaints/{cases[2]}/correction", body)).status_code == 200
        await service.hear_own()

        found = await penalties(service)
        assert {(each["rule"], each["basis"]["id"], each["person_id"], each["state"]) for each in found} == {
            ("repeat", cases[2], str(colleague), "proposed"),
            ("not_accepted", cases[2], str(CS_MANAGER), "proposed"),
        }
        told = [(each.rule, each.person_id) for each in await service.facts(PenaltyProposed)]
        assert told == [("repeat", SALESPERSON), ("not_accepted", CS_MANAGER), ("repeat", colleague)]


async def test_a_notice_names_who_pays_what_was_proposed_while_nobody_was_accountable(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        first, second = [(await service.record(subject="delivery"))["id"] for _ in range(2)]
        await service.hear_own()
        [repeat] = await penalties(service)
        assert (repeat["basis"]["id"], repeat["person_id"]) == (second, None)
        for id_, to in ((first, SALESPERSON), (second, SALESPERSON), (second, MANAGER)):
            notice = {"to": str(to), "demand": "三天内答复", "deadline": (service.clock.now() + HOUR).isoformat()}
            assert (await service.post(f"/complaints/{id_}/notice", notice)).status_code == 201
            await service.hear_own()

        [repeat] = await penalties(service)
        assert (repeat["person_id"], repeat["department_id"]) == (str(SALESPERSON), str(DEPARTMENT))
