"""Penalties against the wrong person, or for nothing: what a correction, a judgement and people put right."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from services.complaints.responsibility.handlers import booking
from services.complaints.responsibility.store.penalties import hold_due
from shared.contracts.customers import StaffListed
from shared.contracts.responsibility import PenaltyBooked, PenaltyProposed, PenaltyReversed
from shared.ids import new_id
from tests.complaints.building import DEPARTMENT, SALESPERSON, SPECIALIST, SUPERVISOR, Complaints, complaints
from tests.complaints.penalising import (
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
from tests.complaints.test_corrections import corrected
from tests.complaints.test_deciding import set_shares
from tests.complaints.test_penalties_by_hand import enter
from tests.postgres import FreshDatabase

A_MOMENT = 0.3
"""Until whoever was sent off waits for what is held."""
ME = str(SALESPERSON)
DAYS = timedelta(days=8)


def person(id_: UUID) -> dict[str, str]:
    return {"type": "person", "id": str(id_)}


async def states(service: Complaints, case_id: str) -> list[tuple[str, str, str | None]]:
    """Rule, state and person of each penalty of a case."""
    found = await penalties(service, complaint_id=case_id)
    return [(each["rule"], each["state"], each["person_id"]) for each in found]


async def judge(service: Complaints, case_id: str, *, valid: bool = True, good_faith: bool = True) -> None:
    body = {"valid": valid, "good_faith": good_faith, "reasons": "核实"}
    assert (await service.post(f"/complaints/{case_id}/judgement", body)).status_code == 200
    await service.hear_own()


async def take_back(service: Complaints, id_: str, **headers: str) -> tuple[int, str]:
    return said(await service.post(f"/penalties/{id_}/withdrawal", {"reason": "录错了人"}, **headers))


async def test_what_is_booked_in_the_instant_in_which_it_is_taken_back_is_booked_against(
    fresh_database: FreshDatabase,
) -> None:
    """The timer holds the penalty and not its case: who takes it back waits for what is being booked."""
    async with complaints(fresh_database) as service:
        case_id = await a_case(service)
        await propose(service, case_id, "repeat")
        [penalty] = await penalties(service)
        await decide(service, penalty["id"], "200")
        service.clock.forward(DAYS)
        context = service.service.context

        async with context.database.transaction() as timer:
            due = await hold_due(timer, context.clock.now(), 10)
            taking_back = asyncio.create_task(withdraw(service, case_id, "repeat", "not_repeated"))
            await asyncio.sleep(A_MOMENT)
            await booking.book(timer, context, due)
        await taking_back

        [after] = await penalties(service)
        assert after["state"] == "reversed"
        assert [amount for _, amount, _ in await booked(service)] == ["200.00", "-200.00"]
        assert await balance(service) == {}
        assert await service.database.fetchval("SELECT booked_at FROM penalty") is not None
        versions = [each.aggregate_version for each in await service.events(PenaltyBooked, PenaltyReversed)]
        assert versions == [3, 4]


@pytest.mark.example(5)
@pytest.mark.parametrize("stands", ["decided", "appealed", "booked"])
async def test_a_case_against_somebody_else_by_mistake_costs_them_nothing(
    fresh_database: FreshDatabase, stands: str
) -> None:
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson")
        case_id = await a_case(service)
        await propose(service, case_id, "dissatisfied", "not_accepted")
        penalty, managers = [each["id"] for each in await penalties(service)]
        for id_ in (penalty, managers):
            await decide(service, id_, "100")
        if stands == "appealed":
            await appeal(service, penalty)
        if stands == "booked":
            service.clock.forward(DAYS)
            await service.run_loops("complaints.bookings")

        await corrected(service, case_id, against=person(zhao))
        await service.hear_own()

        [one, other] = await penalties(service)
        assert (one["state"], one["amount"], one["person_id"]) == ("proposed", "100.00", str(zhao))
        assert other["state"] == "decided", "what the manager answers for is theirs still"
        [told] = await service.facts(PenaltyReversed)
        assert (told.reason, told.person_ids) == ("not_applicable", [SALESPERSON])
        assert [each.person_id for each in await service.facts(PenaltyProposed)][-1] == zhao
        assert said(await decide(service, penalty, "60", SECOND_ADMIN)) == (200, "decided")
        service.clock.forward(DAYS)
        await service.run_loops("complaints.bookings")
        assert {id_: amount for id_, amount in (await balance(service)).items() if id_ in (ME, str(zhao))} == {
            str(zhao): Decimal("60.00")
        }


async def test_another_correction_leaves_what_was_decided(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        case_id = await a_case(service)
        await propose(service, case_id, "dissatisfied")
        [penalty] = await penalties(service)
        await decide(service, penalty["id"], "100")
        await set_shares(service, case_id, (SUPERVISOR, 1))

        await corrected(service, case_id, text="又说了一遍")
        await corrected(service, case_id, against=person(SALESPERSON), text="再说一遍")

        assert await states(service, case_id) == [("dissatisfied", "decided", ME)]
        assert len((await service.get(f"/complaints/{case_id}/shares")).json()["items"]) == 1


async def test_shares_do_not_outlive_whom_the_case_was_against(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson", supervisor_id=SUPERVISOR)
        case_id = await a_case(service)
        await propose(service, case_id, "dissatisfied", "other")
        first, _ = await penalties(service)
        assert await set_shares(service, case_id, (SALESPERSON, 2)) == (200, "")
        await decide(service, first["id"], "100")

        await corrected(service, case_id, against=person(zhao))

        assert (await service.get(f"/complaints/{case_id}/shares")).json()["items"] == []
        history = (await service.get(f"/complaints/{case_id}/history")).json()["items"]
        assert [each["changes"] for each in history if each["what"] == "shares"][-1] == {ME: {"from": 2, "to": None}}
        for each in await penalties(service):
            assert {share["staff_id"] for share in each["shares"]} == {str(zhao), str(SUPERVISOR)}
        assert await set_shares(service, case_id, (zhao, 1)) == (200, "")
        await service.hear_own()
        assert len((await service.get(f"/complaints/{case_id}/shares")).json()["items"]) == 1


@pytest.mark.parametrize("rule", ["other", "steps_not_followed"])
async def test_what_was_entered_by_mistake_is_taken_back_whatever_became_of_it(
    fresh_database: FreshDatabase, rule: str
) -> None:
    async with complaints(fresh_database) as service:
        proposed, decided, paid = [await a_case(service) for _ in range(3)]
        for case_id in (proposed, decided, paid):
            assert await enter(service, case_id, rule) == (201, "")
        await propose(service, decided, "repeat", "not_executed")
        [first] = await penalties(service, complaint_id=proposed)
        second, *_ = await penalties(service, complaint_id=decided)
        [third] = await penalties(service, complaint_id=paid)
        await decide(service, third["id"], "50")
        service.clock.forward(DAYS)
        await service.run_loops("complaints.bookings")
        await decide(service, second["id"], "200")

        assert await take_back(service, first["id"]) == (200, "withdrawn")
        assert await take_back(service, second["id"]) == (200, "reversed")
        assert await take_back(service, third["id"]) == (200, "reversed")

        assert await balance(service) == {}
        amounts = [each["amount"] for each in await penalties(service, complaint_id=decided, state="proposed")]
        assert amounts == ["200.00", "200.00"], "what the bound had cut has come back"
        [entry] = [e for e in (await service.get(f"/penalties/{third['id']}")).json()["history"] if e["reason"]][-1:]
        assert (entry["what"], entry["reason"]) == ("reversed", "录错了人")
        assert await take_back(service, third["id"]) == (409, "penalty-not-open")
        assert await enter(service, paid, rule) == (201, ""), "it can be entered anew"
        by_rule = await a_penalty(service)
        assert await take_back(service, by_rule) == (409, "penalty-by-rule")


@pytest.mark.example(6)
async def test_a_supervisor_who_left_is_followed_by_their_successor(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        successor = await service.colleague("sales_manager")
        gone = await service.colleague("sales_manager", active=False, successor_id=successor)
        nobody = await service.colleague("sales_manager", active=False)
        below = await service.colleague("sales_manager", active=False, supervisor_id=successor)

        async def paid_by(supervisor: UUID) -> dict[str, str]:
            li = await service.colleague("salesperson", supervisor_id=supervisor)
            id_ = await a_penalty(service, li)
            answer = await decide(service, id_, "100")
            return {
                "self" if each["staff_id"] == str(li) else each["staff_id"]: each["amount"]
                for each in answer.json()["shares"]
            }

        assert await paid_by(gone) == {"self": "70.00", str(successor): "30.00"}
        assert await paid_by(below) == {"self": "70.00", str(successor): "30.00"}, "nobody followed: who is above"
        assert await paid_by(nobody) == {"self": "100.00"}
        await service.given(_left(successor, to=SUPERVISOR), version=2)
        assert await paid_by(gone) == {"self": "70.00", str(SUPERVISOR): "30.00"}, "through as many as there are"


def _left(id_: UUID, to: UUID) -> StaffListed:
    return StaffListed(
        staff_id=id_, name="x", role="sales_manager", department_id=DEPARTMENT, active=False, successor_id=to
    )


@pytest.mark.example(8)
async def test_what_the_bound_has_cut_can_be_confirmed_on_appeal(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        case_id = await a_case(service)
        await propose(service, case_id, "repeat", "dissatisfied", "other")
        one, two, three = [each["id"] for each in await penalties(service)]
        await decide(service, one, "380")
        await decide(service, two, "90")
        assert said(await decide(service, three, "30")) == (200, "decided"), "as it stands"
        await appeal(service, three)

        assert said(await decide(service, three, "29", SECOND_ADMIN)) == (422, "penalty-out-of-bounds")
        assert said(await decide(service, three, "50", SECOND_ADMIN)) == (422, "penalty-out-of-bounds")
        assert said(await decide(service, three, "30", SECOND_ADMIN)) == (200, "decided")

        assert await booked(service) == [(ME, "30.00", "2026-11")]


@pytest.mark.parametrize("judged", [{"valid": False}, {"good_faith": False}], ids=["not valid", "malicious"])
async def test_what_does_not_count_costs_nobody_another_violation(
    fresh_database: FreshDatabase, judged: dict[str, bool]
) -> None:
    async with complaints(fresh_database) as service:
        case_id, decided = [await a_case(service) for _ in range(2)]
        for id_ in (case_id, decided):
            assert await enter(service, id_) == (201, "")
            assert await enter(service, id_, "steps_not_followed") == (201, "")
        first, *_ = await penalties(service, complaint_id=decided)
        await decide(service, first["id"], "50")
        service.clock.forward(DAYS)
        await service.run_loops("complaints.bookings")

        for id_ in (case_id, decided):
            await judge(service, id_, **judged)

        assert [state for _, state, _ in await states(service, case_id)] == ["withdrawn", "proposed"]
        assert [state for _, state, _ in await states(service, decided)] == ["reversed", "proposed"]
        assert await balance(service) == {}
        assert [each["reason"] for each in await penalties(service, rule="other")] == ["not_counted"] * 2
        assert await enter(service, case_id) == (409, "case-not-counted")
        await judge(service, case_id)
        assert await enter(service, case_id) == (201, "")
        assert await enter(service, str(new_id())) == (404, "no-such-complaint")


@pytest.mark.example(6)
@pytest.mark.parametrize("stands", ["proposed", "decided", "booked"])
async def test_a_missing_answer_that_was_told_whom_a_notice_named_by_mistake_costs_them_nothing(
    fresh_database: FreshDatabase, stands: str
) -> None:
    """Until the right notice it concerned the handler."""
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson")
        case = await service.record(await service.customer(), against=person(SALESPERSON))
        case_id = str(case["id"])
        notice = {"to": ME, "demand": "说明情况", "deadline": (service.clock.now() + timedelta(days=1)).isoformat()}
        assert (await service.post(f"/complaints/{case_id}/notice", notice)).status_code == 201
        service.clock.forward(timedelta(hours=4))
        await service.run_loops()
        await service.hear_own()
        [penalty] = [each for each in await penalties(service, complaint_id=case_id) if each["rule"] == "unanswered"]
        assert penalty["person_id"] == ME
        if stands != "proposed":
            await decide(service, penalty["id"], "100")
        if stands == "booked":
            service.clock.forward(DAYS)
            await service.run_loops("complaints.bookings")

        await corrected(service, case_id, against=person(zhao))
        await service.hear_own()

        [after] = [each for each in await penalties(service, complaint_id=case_id) if each["rule"] == "unanswered"]
        assert (after["state"], after["person_id"], after["amount"]) == ("proposed", str(SPECIALIST), "100.00")
        assert (await balance(service)).get(ME, Decimal()) == 0


async def test_a_missing_answer_that_was_told_the_handler_stays_with_them(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson")
        case = await service.record(await service.customer(), against=person(SALESPERSON))
        service.clock.forward(timedelta(hours=4))
        await service.run_loops()
        await service.hear_own()

        await corrected(service, str(case["id"]), against=person(zhao))
        await service.hear_own()

        assert ("unanswered", "proposed", str(SPECIALIST)) in await states(service, str(case["id"]))


@pytest.mark.example(5)
@pytest.mark.parametrize("judged_away", [False, True])
async def test_what_was_waived_for_the_wrong_person_is_proposed_against_the_right_one(
    fresh_database: FreshDatabase, judged_away: bool
) -> None:
    """A waiver is of the person it was proposed against; what else falls away stays so."""
    async with complaints(fresh_database) as service:
        zhao = await service.colleague("salesperson")
        case_id = await a_case(service)
        await propose(service, case_id, "other" if judged_away else "dissatisfied", "not_accepted")
        for each in await penalties(service):
            assert said(await decide(service, each["id"])) == (200, "waived")
        if judged_away:
            await judge(service, case_id, valid=False)
        service.clock.forward(timedelta(hours=1))

        await corrected(service, case_id, against=person(zhao))
        await service.hear_own()

        mine, managers = await penalties(service)
        assert managers["state"] == "waived", "the manager is the right person still"
        if judged_away:
            assert mine["state"] == "waived"
        else:
            assert (mine["state"], mine["person_id"], mine["amount"]) == ("proposed", str(zhao), "100.00")
            history = (await service.get(f"/penalties/{mine['id']}")).json()["history"]
            assert [each["what"] for each in history][:2] == ["waived", "proposed"], history
            assert said(await decide(service, mine["id"], "60", SECOND_ADMIN)) == (200, "decided")


@pytest.mark.example(6)
async def test_who_handled_the_case_when_the_answer_was_due_pays_though_somebody_else_handles_it_now(
    fresh_database: FreshDatabase,
) -> None:
    """The handler themself turns out to be accused: the case is handed on, the miss stays theirs."""
    async with complaints(fresh_database) as service:
        await service.colleague("cs_specialist")
        case = await service.record(await service.customer(), against=person(SALESPERSON))
        case_id = str(case["id"])
        notice = {"to": ME, "demand": "说明情况", "deadline": (service.clock.now() + timedelta(days=1)).isoformat()}
        assert (await service.post(f"/complaints/{case_id}/notice", notice)).status_code == 201
        service.clock.forward(timedelta(hours=4))
        await service.run_loops()
        await service.hear_own()
        service.clock.forward(timedelta(minutes=1))

        await corrected(service, case_id, against=person(SPECIALIST))
        await service.hear_own()

        assert (await service.read(case_id))["handler"]["id"] != str(SPECIALIST), "handed on"
        assert ("unanswered", "proposed", str(SPECIALIST)) in await states(service, case_id)
