"""Deciding penalties: who may, how much, once, one by one and many at once; and who pays how much."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from services.complaints.responsibility.domain.shares import Part, cut
from shared.contracts.customers import StaffListed
from shared.contracts.responsibility import (
    PenaltyBooked,
    PenaltyDecided,
    PenaltyProposed,
    PenaltyReversed,
    PenaltyWaived,
)
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
from tests.complaints.penalising import (
    FIRST_ADMIN,
    SECOND_ADMIN,
    a_case,
    a_penalty,
    appeal,
    balance,
    booked,
    decide,
    penalties,
    propose,
    said,
    withdraw,
)
from tests.postgres import FreshDatabase


async def shares_of(service: Complaints, penalty_id: str) -> dict[str, str]:
    content = (await service.get(f"/penalties/{penalty_id}")).json()
    return {each["staff_id"]: each["amount"] for each in content["shares"]}


async def set_shares(service: Complaints, case_id: str, *parts: tuple[UUID, Any], **who: str) -> tuple[int, str]:
    body = [{"staff_id": str(staff_id), "parts": number} for staff_id, number in parts]
    answer = await service.post(f"/complaints/{case_id}/shares", body, **who)
    return answer.status_code, answer.json().get("slug", "")


@pytest.mark.example(6)
async def test_the_rules_of_a_case_add_up_to_its_bound_and_say_who_pays(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson", supervisor_id=SUPERVISOR)
        case_id = await a_case(service, zhao)
        await service.database.execute(  # the breach told the specialist first
            "INSERT INTO breach (complaint_id, round, level, staff_id, due_at, noticed_at)"
            " SELECT id, 1, 1, $2, recorded_at, recorded_at FROM complaint WHERE id = $1",
            UUID(case_id),
            SPECIALIST,
        )
        await propose(service, case_id, "unanswered", "repeat", "dissatisfied")
        assert sum(Decimal(each["amount"]) for each in await penalties(service)) == 400

        await propose(service, case_id, "not_executed", "not_executed")

        found = await penalties(service)
        assert [each["amount"] for each in found] == ["100.00", "200.00", "100.00", "100.00"]
        assert sum(Decimal(each["amount"]) for each in found) == 500
        assert [each["person_id"] for each in found] == [str(SPECIALIST), *[str(zhao)] * 3]
        shared = {str(zhao): "70.00", str(SUPERVISOR): "30.00"}
        assert await shares_of(service, found[0]["id"]) == {str(SPECIALIST): "70.00", str(SUPERVISOR): "30.00"}
        assert await shares_of(service, found[2]["id"]) == shared
        other = await a_case(service, zhao)
        await propose(service, other, "not_accepted", "steps_not_followed")
        alone = await penalties(service, complaint_id=other)
        assert [await shares_of(service, each["id"]) for each in alone] == [{str(CS_MANAGER): "50.00"}] * 2
        refused = await service.post("/penalty-policies", {"amounts": {"repeat": "49.99"}})
        assert (refused.status_code, refused.json()["slug"]) == (422, "penalty-out-of-bounds")
        service_ = await service.post("/penalty-policies", {"amounts": {"missed_visit": "30", "missed_call": "20"}})
        assert service_.status_code == 201, "missed service is no case"

        cut_one = found[3]["id"]
        assert said(await decide(service, cut_one, "200")) == (200, "decided"), "nothing else is decided yet"
        rest = await penalties(service, complaint_id=case_id, state="proposed")
        assert [each["amount"] for each in rest] == ["100.00", "200.00", "0.00"], "the latest proposal is cut"


@pytest.mark.example(7)
def test_an_amount_is_cut_into_whole_cents() -> None:
    one, two, three = sorted(new_id() for _ in range(3))
    assert cut(Decimal(100), [Part(one, 7), Part(two, 3)], one) == {one: Decimal("70.00"), two: Decimal("30.00")}
    equal = [Part(one, 1), Part(two, 1), Part(three, 1)]
    assert cut(Decimal(100), equal, two) == {one: Decimal("33.33"), two: Decimal("33.34"), three: Decimal("33.33")}
    assert cut(Decimal("0.02"), equal, three) == {one: Decimal("0.01"), two: Decimal("0.00"), three: Decimal("0.01")}
    assert cut(Decimal("100.01"), equal, None) == {
        one: Decimal("33.34"),
        two: Decimal("33.34"),
        three: Decimal("33.33"),
    }


@pytest.mark.example(7)
async def test_shares_of_a_case_are_whole_parts(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson", supervisor_id=SUPERVISOR)
        case_id = await a_case(service, zhao)
        await propose(service, case_id, "dissatisfied", "not_accepted")
        [penalty, manager] = [each["id"] for each in await penalties(service)]
        assert await shares_of(service, penalty) == {str(zhao): "70.00", str(SUPERVISOR): "30.00"}

        assert await set_shares(service, case_id, (SPECIALIST, 1), (zhao, 1), (SALESPERSON, 1)) == (200, "")

        thirds = {str(zhao): "33.34", str(SPECIALIST): "33.33", str(SALESPERSON): "33.33"}
        assert await shares_of(service, penalty) == thirds
        assert await shares_of(service, manager) == {str(CS_MANAGER): "50.00"}, "the manager's alone"
        for parts in ([], [(zhao, 0)], [(zhao, -1)], [(zhao, 1.5)], [(zhao, True)], [(zhao, "1")]):
            assert await set_shares(service, case_id, *parts) == (422, "invalid")
        assert await set_shares(service, case_id, (zhao, 1), (zhao, 2)) == (422, "shares-refused")
        assert await set_shares(service, case_id, (zhao, 1), (new_id(), 2)) == (422, "shares-refused")
        assert await set_shares(service, str(new_id()), (zhao, 1)) == (404, "no-such-complaint")
        assert await shares_of(service, penalty) == thirds

        await decide(service, penalty, "50")
        assert await shares_of(service, penalty) == {
            str(zhao): "16.67", str(SPECIALIST): "16.67", str(SALESPERSON): "16.66",
        }  # fmt: skip
        assert await set_shares(service, case_id, (zhao, 1)) == (200, "")
        assert len(await shares_of(service, penalty)) == 3, "what was decided stays shared as it was"
        listed = (await service.get(f"/complaints/{case_id}/shares")).json()["items"]
        assert listed == [{"staff_id": str(zhao), "parts": 1}]
        history = (await service.get(f"/complaints/{case_id}/history")).json()["items"]
        assert [each["changes"] for each in history if each["what"] == "shares"][1] == {
            str(SPECIALIST): {"from": 1, "to": None}, str(SALESPERSON): {"from": 1, "to": None},
        }  # fmt: skip


async def test_who_says_who_pays(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        case_id = await a_case(service)
        await propose(service, case_id, "dissatisfied")
        for role, who in (("cs_manager", CS_MANAGER), ("general_manager", GENERAL), ("salesperson", new_id())):
            assert await set_shares(service, case_id, (SPECIALIST, 1), **as_role(role, who)) == (403, "forbidden")
        own = as_role("admin_dept", SPECIALIST)
        assert await set_shares(service, case_id, (SPECIALIST, 1), **own) == (403, "own-penalty")
        assert await set_shares(service, case_id, (SPECIALIST, 1), **as_role("salesperson", SALESPERSON)) == (
            403,
            "own-penalty",
        ), "asked before the role"
        clerk = await service.colleague("admin_dept")
        theirs = as_role("admin_dept", FIRST_ADMIN)
        assert await set_shares(service, case_id, (clerk, 1), **theirs) == (403, "forbidden"), "administration pays"
        assert await set_shares(service, case_id, (clerk, 1), **as_role("general_manager", GENERAL)) == (200, "")


async def test_what_is_decided_and_by_whom(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await a_penalty(service)
        for role, who in (("cs_manager", CS_MANAGER), ("general_manager", GENERAL), ("cs_specialist", SPECIALIST)):
            assert said(await decide(service, id_, "100", who, role)) == (403, "forbidden")
        assert said(await decide(service, id_, "100", SALESPERSON, "salesperson")) == (403, "own-penalty")
        assert said(await decide(service, id_, "100", SALESPERSON, "admin_dept")) == (403, "own-penalty")
        assert said(await decide(service, str(new_id()), "100")) == (404, "penalty-not-found")
        for amount in ("49.99", "500.01", "40", "0"):
            refused = await decide(service, id_, amount)
            assert said(refused) == (422, "penalty-out-of-bounds")
            assert refused.json()["errors"][0]["pointer"] == "#/amount"
        for body in (
            {"amount": "-50", "reason": "x"},
            {"amount": 100.5, "reason": "x"},
            {"amount": "100"},
            {"amount": "100", "reason": " "},
        ):
            assert await service.refused(f"/penalties/{id_}/decision", body) == (422, "invalid")
        for body in ({"reason": "x"}, {"amount": "100", "waive": True, "reason": "x"}):
            assert await service.refused(f"/penalties/{id_}/decision", body) == (422, "decision-unclear")

        answer = await decide(service, id_, "80")

        assert said(answer) == (200, "decided")
        content = answer.json()
        assert (content["amount"], content["decided_by"]) == ("80.00", str(FIRST_ADMIN))
        assert content["appeal_until"] == "2026-11-11T16:00:00Z"
        assert [(each["what"], each["amount"], each["reason"]) for each in content["history"]] == [
            ("proposed", "100.00", None),
            ("decided", "80.00", "核实属实"),
        ]
        assert said(await decide(service, id_, "90")) == (409, "penalty-not-open")
        [fact] = await service.facts(PenaltyDecided)
        assert (fact.amount, fact.by, fact.on_appeal) == (Decimal("80.00"), FIRST_ADMIN, False)
        assert [(each.person_id, each.amount, each.department_id) for each in fact.shares] == [
            (SALESPERSON, Decimal("80.00"), DEPARTMENT)
        ]
        assert await booked(service) == []


async def test_a_waived_penalty_is_waived_for_good(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        case_id = await a_case(service)
        await propose(service, case_id, "dissatisfied")
        [penalty] = await penalties(service)
        answer = await decide(service, penalty["id"])

        assert said(answer) == (200, "waived")
        assert [each["reason"] for each in answer.json()["history"]] == [None, "情有可原"]
        await withdraw(service, case_id, "dissatisfied")
        await propose(service, case_id, "dissatisfied")
        assert [each["state"] for each in await penalties(service)] == ["waived"]
        assert [each.by for each in await service.facts(PenaltyWaived)] == [FIRST_ADMIN]
        assert said(await decide(service, penalty["id"], "100")) == (409, "penalty-not-open")


async def test_penalties_of_administration_are_decided_by_the_general_manager(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        clerk = await service.colleague("admin_dept")
        of_clerk = await a_penalty(service, clerk)
        under_clerk = await a_penalty(service, await service.colleague("salesperson", supervisor_id=clerk))
        for id_ in (of_clerk, under_clerk):
            assert said(await decide(service, id_, "100")) == (403, "forbidden")
            assert said(await decide(service, id_, "100", clerk)) == (403, "own-penalty")
            assert said(await decide(service, id_, "100", GENERAL, "general_manager")) == (200, "decided")
        of_general = await a_penalty(service, GENERAL)
        assert said(await decide(service, of_general, "100", GENERAL, "general_manager")) == (403, "own-penalty")
        assert said(await decide(service, of_general, "100")) == (200, "decided")


async def test_where_administration_and_the_general_manager_pay_the_customer_service_manager_decides(
    fresh_database: FreshDatabase,
) -> None:
    """A house with one person in each of these roles: somebody can always decide, and hear an appeal."""
    async with complaints(fresh_database) as service:
        clerk = await service.colleague("admin_dept", supervisor_id=GENERAL)
        manager = CS_MANAGER, "cs_manager"
        case_id = await a_case(service, clerk)
        await propose(service, case_id, "dissatisfied", "repeat")
        decided, waived = [each["id"] for each in await penalties(service, complaint_id=case_id)]
        assert await shares_of(service, decided) == {str(clerk): "70.00", str(GENERAL): "30.00"}
        for id_ in (decided, waived):
            assert said(await decide(service, id_, "100", GENERAL, "general_manager")) == (403, "own-penalty")
            assert said(await decide(service, id_, "100", clerk)) == (403, "own-penalty")
            assert said(await decide(service, id_, "100")) == (403, "forbidden"), "nor a colleague of theirs"
        both = ((clerk, 1), (GENERAL, 1))
        assert await set_shares(service, case_id, *both, **as_role("admin_dept", FIRST_ADMIN)) == (403, "forbidden")
        assert await set_shares(service, case_id, *both, **as_role("cs_manager", CS_MANAGER)) == (200, "")

        assert said(await decide(service, decided, "100", *manager)) == (200, "decided")
        assert said(await decide(service, waived, None, *manager)) == (200, "waived")

        assert said(await appeal(service, decided, clerk, "admin_dept")) == (200, "appealed")
        assert said(await decide(service, decided, "60", *manager)) == (403, "same-decider")
        assert said(await decide(service, decided, "60", SECOND_ADMIN)) == (200, "decided"), "who comes next"


@pytest.mark.example(7)
async def test_the_odd_cent_is_the_accountable_person_s_whomever_the_penalty_is_against(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson")
        case = await service.record(await service.customer(), against={"type": "person", "id": str(zhao)})
        service.clock.forward(timedelta(hours=4))
        await service.run_loops()
        await service.hear_own()
        [unanswered] = [each for each in await penalties(service) if each["rule"] == "unanswered"]
        assert unanswered["person_id"] == str(SPECIALIST)

        assert await set_shares(service, case["id"], (SPECIALIST, 1), (zhao, 1), (SALESPERSON, 1)) == (200, "")

        assert await shares_of(service, unanswered["id"]) == {
            str(zhao): "33.34", str(SPECIALIST): "33.33", str(SALESPERSON): "33.33",
        }  # fmt: skip
        history = (await service.get(f"/penalties/{unanswered['id']}")).json()["history"]
        assert [(each["what"], each["by"], each["amount"]) for each in history] == [("proposed", None, "100.00")]
        await decide(service, unanswered["id"], "100")
        history = (await service.get(f"/penalties/{unanswered['id']}")).json()["history"]
        assert [each["what"] for each in history] == ["proposed", "decided"]


async def test_who_may_decide_is_said_and_where_nobody_is_left_the_system_s_administrator_enters_it(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        clerk = await service.colleague("admin_dept", supervisor_id=GENERAL)
        case_id = await a_case(service, clerk)
        await propose(service, case_id, "dissatisfied")
        [id_] = [each["id"] for each in await penalties(service, complaint_id=case_id)]
        assert await deciders(service, id_) == {str(CS_MANAGER)}
        assert said(await decide(service, id_, "100", CS_MANAGER, "cs_manager")) == (200, "decided")
        assert await deciders(service, id_) == set(), "nothing is to be decided"
        assert said(await appeal(service, id_, clerk, "admin_dept")) == (200, "appealed")

        for who, role, slug in (
            (clerk, "admin_dept", "own-penalty"),
            (GENERAL, "general_manager", "own-penalty"),
            (CS_MANAGER, "cs_manager", "same-decider"),
            (SALESPERSON, "salesperson", "forbidden"),
        ):
            refused = await decide(service, id_, "60", who, role)
            assert said(refused) == (403, slug)
            assert slug == "own-penalty" or refused.json()["detail"].endswith("admin_dept, admin"), "who may instead"
        assert await deciders(service, id_) == set()
        assert said(await decide(service, id_, "60", new_id(), "admin")) == (200, "decided")

        colleague = await service.colleague("admin_dept")
        await propose(service, other := await a_case(service, clerk), "dissatisfied")
        [id_] = [each["id"] for each in await penalties(service, complaint_id=other)]
        assert said(await decide(service, id_, "100", CS_MANAGER, "cs_manager")) == (200, "decided")
        assert said(await appeal(service, id_, clerk, "admin_dept")) == (200, "appealed")
        assert await deciders(service, id_) == {str(colleague)}


async def test_who_has_left_decides_nothing_and_holds_nobody_up(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        clerk = await service.colleague("admin_dept")
        left = StaffListed(staff_id=GENERAL, name="吴", role="general_manager", department_id=DEPARTMENT, active=False)
        await service.given(left, version=9)
        await propose(service, case_id := await a_case(service, clerk), "dissatisfied")
        [id_] = [each["id"] for each in await penalties(service, complaint_id=case_id)]

        assert await deciders(service, id_) == {str(CS_MANAGER)}
        assert said(await decide(service, id_, "100", CS_MANAGER, "cs_manager")) == (200, "decided")


async def deciders(service: Complaints, id_: str) -> set[str]:
    return {each["id"] for each in (await service.get(f"/penalties/{id_}")).json()["deciders"]}


async def test_an_appeal_is_heard_by_who_comes_next(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        of_clerk = await a_penalty(service, clerk := await service.colleague("admin_dept"))
        wang = await service.colleague("sales_manager", supervisor_id=GENERAL)
        of_wang = await a_penalty(service, wang)
        assert said(await decide(service, of_clerk, "100", GENERAL, "general_manager")) == (200, "decided")
        assert said(await decide(service, of_wang, "100")) == (200, "decided")
        assert said(await appeal(service, of_clerk, clerk, "admin_dept")) == (200, "appealed")
        assert said(await appeal(service, of_wang, wang, "sales_manager")) == (200, "appealed")
        for id_ in (of_clerk, of_wang):
            first = ("general_manager", GENERAL) if id_ == of_clerk else ("admin_dept", FIRST_ADMIN)
            assert said(await decide(service, id_, "50", first[1], first[0])) == (403, "same-decider")
            assert said(await decide(service, id_, "50", CS_MANAGER, "cs_manager")) == (200, "decided")


async def test_decided_amounts_stay_within_the_bound_of_the_case(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        case_id = await a_case(service)
        await propose(service, case_id, "repeat", "not_executed", "dissatisfied", "other")
        repeat, not_executed, dissatisfied, other = [each["id"] for each in await penalties(service)]
        assert [each["amount"] for each in await penalties(service)] == ["200.00", "200.00", "100.00", "0.00"]
        assert said(await decide(service, repeat, "260")) == (200, "decided")
        assert [each["amount"] for each in await penalties(service)] == ["260.00", "200.00", "40.00", "0.00"]
        assert said(await decide(service, not_executed, "250")) == (422, "penalty-out-of-bounds")
        assert said(await decide(service, not_executed, "200")) == (200, "decided")
        assert said(await decide(service, dissatisfied, "50")) == (422, "penalty-out-of-bounds")
        assert said(await decide(service, other, "50")) == (422, "penalty-out-of-bounds")

        assert said(await decide(service, dissatisfied, "40")) == (200, "decided"), "what the bound cut, as it stands"

        assert said(await decide(service, other, "0.01")) == (422, "penalty-out-of-bounds")
        assert said(await decide(service, other)) == (200, "waived")


@pytest.mark.example(6)
async def test_what_the_bound_cut_to_nothing_is_confirmed_as_it_stands(fresh_database: FreshDatabase) -> None:
    """It costs nothing, is booked without a booking, and stays at nothing when room comes back later."""
    async with complaints(fresh_database) as service:
        case_id = await a_case(service)
        await propose(service, case_id, "repeat", "not_executed", "dissatisfied", "other")
        repeat, not_executed, dissatisfied, other = [each["id"] for each in await penalties(service)]
        assert said(await decide(service, repeat, "0")) == (422, "penalty-out-of-bounds"), "200 are left of it"
        for id_, amount in ((repeat, "200"), (not_executed, "200"), (dissatisfied, "100")):
            await decide(service, id_, amount)

        assert said(await decide(service, other, "0")) == (200, "decided")

        service.clock.forward(timedelta(days=8))
        await service.run_loops("complaints.bookings")
        content = (await service.get(f"/penalties/{other}")).json()
        assert [(each["what"], each["amount"]) for each in content["history"]] == [
            ("proposed", "50.00"), ("decided", "0.00"), ("booked", "0.00"),
        ]  # fmt: skip
        assert (await service.get("/bookings", basis_id=other)).json()["items"] == []
        booked = {fact.penalty_id: fact.bookings for fact in await service.facts(PenaltyBooked)}
        assert booked[UUID(other)] == []
        assert sum(len(bookings) for bookings in booked.values()) == 3, "a payer each"
        await withdraw(service, case_id, "repeat", "not_repeated")
        found = {each["id"]: (each["state"], each["amount"]) for each in await penalties(service)}
        assert (found[repeat][0], found[other]) == ("reversed", ("decided", "0.00"))


async def test_nobody_pays_while_nobody_answers_for_the_case(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        case_id = (await service.record())["id"]
        await propose(service, case_id, "dissatisfied")
        [penalty] = await penalties(service)
        assert penalty["shares"] == []
        assert said(await decide(service, penalty["id"], "100")) == (409, "penalty-without-payer")

        assert await set_shares(service, case_id, (SPECIALIST, 2), (SALESPERSON, 1)) == (200, "")

        assert await shares_of(service, penalty["id"]) == {str(SPECIALIST): "66.67", str(SALESPERSON): "33.33"}
        assert said(await decide(service, penalty["id"], "100")) == (200, "decided")


async def test_a_penalty_is_decided_once_also_at_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await a_penalty(service)

        answers = await asyncio.gather(*(decide(service, id_, f"{60 + n}", new_id()) for n in range(4)))

        assert sorted(map(said, answers)) == [(200, "decided"), *[(409, "penalty-not-open")] * 3]
        won = next(answer.json()["amount"] for answer in answers if answer.status_code == 200)
        [fact] = await service.facts(PenaltyDecided)
        assert str(fact.amount) == won


async def test_many_are_decided_each_by_itself(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        colleague = await service.colleague("salesperson", supervisor_id=SUPERVISOR)
        good = [await a_penalty(service, colleague) for _ in range(3)]
        own, missing = (
            await a_penalty(service, clerk := await service.colleague("admin_dept")),
            str(new_id()),
        )
        items: list[dict[str, Any]] = [
            {"id": good[0], "amount": "100", "reason": "属实"},
            {"id": missing, "amount": "100", "reason": "属实"},
            {"id": good[1], "waive": True, "reason": "情有可原"},
            {"id": own, "amount": "100", "reason": "属实"},
            {"id": good[2], "amount": "20", "reason": "属实"},
            {"id": good[0], "amount": "60", "reason": "再来一次"},
        ]
        answer = await service.post("/penalties/decisions", {"items": items}, **as_role("admin_dept", clerk))

        assert answer.status_code == 200, answer.text
        outcomes = [(each["status"], (each["problem"] or {}).get("slug")) for each in answer.json()["items"]]
        assert outcomes == [
            (200, None), (404, "penalty-not-found"), (200, None), (403, "own-penalty"), (422, "penalty-out-of-bounds"),
            (409, "penalty-not-open"),
        ]  # fmt: skip
        states = {each["id"]: each["state"] for each in await penalties(service)}
        assert [states[id_] for id_ in good] == ["decided", "waived", "proposed"]
        assert states[own] == "proposed"
        unclear = {"items": [*items[:1], {"id": good[2], "reason": "x"}]}
        assert await service.refused("/penalties/decisions", unclear) == (422, "decision-unclear")
        assert await service.refused("/penalties/decisions", {"items": []}) == (422, "invalid")


async def test_what_was_decided_is_reversed_when_the_rule_takes_it_back(fresh_database: FreshDatabase) -> None:
    """Example 5: decided ones are reversed; what is booked already is taken back in the ledger."""
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson", supervisor_id=SUPERVISOR)
        case_id = await a_case(service, zhao)
        await propose(service, case_id, "dissatisfied", "other")
        dissatisfied, other = [each["id"] for each in await penalties(service)]
        await decide(service, dissatisfied, "100")
        await decide(service, other, "50")
        await withdraw(service, case_id, "other")
        service.clock.move_to(service.clock.now().replace(day=12))
        await service.run_loops()
        assert await balance(service) == {str(zhao): Decimal("70.00"), str(SUPERVISOR): Decimal("30.00")}

        await withdraw(service, case_id, "dissatisfied")
        await withdraw(service, case_id, "dissatisfied")

        assert await balance(service) == {}
        assert [each["state"] for each in await penalties(service)] == ["reversed", "reversed"]
        facts = {fact.rule: fact for fact in await service.facts(PenaltyReversed)}
        assert facts["other"].bookings == []
        assert [each.amount for each in facts["dissatisfied"].bookings] == [Decimal("-70.00"), Decimal("-30.00")]
        assert all(each.reverses for each in facts["dissatisfied"].bookings)

        await propose(service, case_id, "dissatisfied")
        [again] = await penalties(service, state="proposed")
        assert (again["id"], again["decided_by"], again["appeal_until"]) == (dissatisfied, None, None)
        await decide(service, dissatisfied, "60", SECOND_ADMIN)
        service.clock.move_to(service.clock.now().replace(day=25))
        await service.run_loops()
        assert await balance(service) == {str(zhao): Decimal("42.00"), str(SUPERVISOR): Decimal("18.00")}
        assert len(await service.facts(PenaltyProposed)) == 3


async def test_the_usual_parts_and_days_are_a_policy(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson", supervisor_id=SUPERVISOR)
        before = await a_penalty(service, zhao)
        policy = {"payer_parts": 1, "supervisor_parts": 1, "appeal_days": 2}
        assert (await service.post("/penalty-policies", policy)).status_code == 201
        after = await a_penalty(service, zhao)
        assert (await service.post("/penalty-policies", {"supervisor_parts": 0})).status_code == 201
        alone = await a_penalty(service, zhao)

        assert await shares_of(service, before) == {str(zhao): "70.00", str(SUPERVISOR): "30.00"}
        assert await shares_of(service, after) == {str(zhao): "50.00", str(SUPERVISOR): "50.00"}
        assert await shares_of(service, alone) == {str(zhao): "100.00"}
        assert (await decide(service, before, "100")).json()["appeal_until"] == "2026-11-06T16:00:00Z"
        wrong: list[dict[str, Any]] = [
            {"payer_parts": 0},
            {"supervisor_parts": -1},
            {"appeal_days": 0},
            {"appeal_days": "7"},
        ]
        for body in wrong:
            assert await service.refused("/penalty-policies", body) == (422, "invalid")


async def test_who_left_or_moved_is_as_the_directory_says_when_it_is_decided(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson", supervisor_id=SUPERVISOR)
        id_ = await a_penalty(service, zhao)
        moved = StaffListed(
            staff_id=zhao, name="Zhao", role="salesperson", department_id=DEPARTMENT, supervisor_id=CS_MANAGER
        )
        await service.given(moved, version=2)

        await decide(service, id_, "100")

        assert await shares_of(service, id_) == {str(zhao): "70.00", str(CS_MANAGER): "30.00"}


async def test_who_pays_a_part_sees_it_and_finds_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson", supervisor_id=SUPERVISOR)
        case_id = await a_case(service, zhao)
        await propose(service, case_id, "dissatisfied")
        await set_shares(service, case_id, (zhao, 1), (SALESPERSON, 1))
        [penalty] = await penalties(service, person_id=SALESPERSON)
        assert [each["id"] for each in await penalties(service, complaint_id=case_id)] == [penalty["id"]]
        assert await penalties(service, person_id=CS_MANAGER) == []
        assert await penalties(service, task_id=new_id()) == []

        async def status(path: str, role: str, who: UUID) -> int:
            answer = await service.http.get(f"/complaints/v1{path}", headers=as_role(role, who))
            return answer.status_code

        async def parts(role: str, who: UUID) -> tuple[int, list[bool]]:
            """How many shares are shown, and whether the history says whose they are."""
            found = await service.http.get(f"/complaints/v1/complaints/{case_id}/shares", headers=as_role(role, who))
            told = await service.http.get(f"/complaints/v1/complaints/{case_id}/history", headers=as_role(role, who))
            entries = [each for each in told.json()["items"] if each["what"] == "shares"]
            return len(found.json()["items"]), [each["changes"] is not None for each in entries]

        assert await parts("cs_specialist", SPECIALIST) == (0, [False]), "colleagues' money is none of theirs"
        for role, who in (("cs_specialist", SUPERVISOR), ("cs_manager", CS_MANAGER), ("general_manager", GENERAL)):
            assert await parts(role, who) == (2, [True])
        assert await parts("salesperson", zhao) == (2, [True])
        path = f"/penalties/{penalty['id']}"
        assert await status(path, "salesperson", SALESPERSON) == 200
        assert await status(path, "salesperson", zhao) == 200
        assert await status(path, "cs_specialist", SUPERVISOR) == 200, "zhao's supervisor"
        assert await status(path, "salesperson", new_id()) == 404
        await decide(service, penalty["id"], "100")
        me = await service.http.get("/complaints/v1/me", headers=as_role("salesperson", SALESPERSON))
        [mine] = me.json()["penalties"]
        assert (mine["state"], mine["appeal_until"]) == ("decided", "2026-11-11T16:00:00Z")
