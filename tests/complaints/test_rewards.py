"""Rewards: who proposes and decides them, what is booked, what figures say, and taking one back."""

import asyncio
from typing import Any
from uuid import UUID

import httpx

from shared.audit import newest_first
from shared.contracts.responsibility import RewardGranted, RewardReversed
from shared.ids import new_id
from shared.money import ZERO
from tests.complaints.building import (
    CS_MANAGER,
    DEPARTMENT,
    GENERAL,
    MANAGER,
    SALESPERSON,
    SPECIALIST,
    SUPERVISOR,
    Complaints,
    as_role,
    complaints,
)
from tests.complaints.penalising import FIRST_ADMIN, SECOND_ADMIN, a_penalty, at, booked, decide, said
from tests.postgres import FreshDatabase

FOR = "三次把不满的顾客变成了满意的顾客"


async def propose(
    service: Complaints, *people: UUID, by: UUID = CS_MANAGER, role: str = "cs_manager", **fields: Any
) -> httpx.Response:
    body = {"staff_ids": [str(each) for each in people], "amount": "100", "reason": FOR, **fields}
    return await service.post("/rewards", body, **as_role(role, by))


async def proposed(service: Complaints, *people: UUID, **fields: Any) -> str:
    answer = await propose(service, *people, **fields)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def settle(
    service: Complaints, id_: str, amount: str | None = None, by: UUID = FIRST_ADMIN, role: str = "admin_dept"
) -> httpx.Response:
    """Grants an amount for each, or waives."""
    body = {"amount": amount, "reason": "同意"} if amount is not None else {"waive": True, "reason": "证据不足"}
    return await service.post(f"/rewards/{id_}/decision", body, **as_role(role, by))


async def take_back(service: Complaints, id_: str, by: UUID = FIRST_ADMIN, role: str = "admin_dept") -> httpx.Response:
    return await service.post(f"/rewards/{id_}/reversal", {"reason": "记错了人"}, **as_role(role, by))


async def listed(service: Complaints, role: str = "admin_dept", who: UUID = FIRST_ADMIN, **filters: Any) -> list[str]:
    answer = await service.http.get("/complaints/v1/rewards", params=filters, headers=as_role(role, who))
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in reversed(answer.json()["items"])]


async def test_a_team_is_proposed_granted_and_booked_for_each(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        answer = await propose(service, SPECIALIST, SALESPERSON, SPECIALIST)
        content = answer.json()
        assert answer.status_code == 201
        assert answer.headers["Location"] == f"/complaints/v1/rewards/{content['id']}"
        assert (content["state"], content["amount"], content["total"]) == ("proposed", "100.00", "200.00")
        assert (content["staff_ids"], content["month"]) == ([str(SPECIALIST), str(SALESPERSON)], "2026-11")
        assert await booked(service) == [], "nobody is paid before it is decided"

        granted = (await settle(service, content["id"], "150")).json()

        assert (granted["state"], granted["total"], granted["decided_by"]) == ("granted", "300.00", str(FIRST_ADMIN))
        assert [(each["what"], each["amount"], each["reason"]) for each in granted["history"]] == [
            ("proposed", "100.00", FOR),
            ("granted", "150.00", "同意"),
        ]
        lines = (await service.get("/bookings")).json()["items"]
        assert {(each["person_id"], each["amount"], each["supervisor_id"]) for each in lines} == {
            (str(SPECIALIST), "-150.00", str(SUPERVISOR)),
            (str(SALESPERSON), "-150.00", None),
        }
        assert {(each["kind"], each["account"], each["basis"]["type"], each["basis"]["id"]) for each in lines} == {
            ("reward", "company", "reward", content["id"])
        }
        [told] = await service.facts(RewardGranted)
        assert {str(each.id) for each in told.bookings} == {each["id"] for each in lines}
        me = await service.http.get("/complaints/v1/me", headers=as_role("salesperson", SALESPERSON))
        assert [each["id"] for each in me.json()["rewards"]] == [content["id"]]


async def test_who_proposes_and_decides(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for role in ("salesperson", "cs_specialist"):
            assert said(await propose(service, SALESPERSON, by=new_id(), role=role)) == (403, "forbidden")
        assert said(await propose(service, SALESPERSON, CS_MANAGER)) == (403, "own-reward")
        id_ = await proposed(service, SALESPERSON)
        for role, who in (("cs_manager", CS_MANAGER), ("general_manager", GENERAL), ("salesperson", new_id())):
            assert said(await settle(service, id_, "100", who, role)) == (403, "forbidden")
        assert said(await settle(service, id_, "100", SALESPERSON, "salesperson")) == (403, "own-reward")
        assert said(await settle(service, id_, "100", SALESPERSON)) == (403, "own-reward"), "asked before the role"
        assert said(await settle(service, str(new_id()), "100")) == (404, "reward-not-found")

        assert said(await settle(service, id_)) == (200, "waived")
        assert said(await settle(service, id_, "100")) == (409, "reward-not-open")

        clerk = await service.colleague("admin_dept")
        of_administration = await proposed(service, SALESPERSON, clerk)
        assert said(await settle(service, of_administration, "100")) == (403, "forbidden")
        assert said(await settle(service, of_administration, "100", GENERAL, "general_manager")) == (200, "granted")
        clerk = await service.colleague("admin_dept")
        of_both = await proposed(service, clerk, GENERAL)
        assert said(await settle(service, of_both, "100", CS_MANAGER, "cs_manager")) == (200, "granted"), "who is not"


async def test_what_cannot_be_proposed_or_decided(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for amount in ("49.99", "500.01"):
            assert said(await propose(service, SALESPERSON, amount=amount)) == (422, "reward-out-of-bounds")
        for wrong in ("0", "-100", "100.001", 100.5):
            assert said(await propose(service, SALESPERSON, amount=wrong)) == (422, "invalid")
        assert said(await propose(service)) == (422, "invalid")
        assert said(await propose(service, SALESPERSON, reason=" ")) == (422, "invalid")
        unknown = await propose(service, SALESPERSON, new_id())
        assert said(unknown) == (422, "unknown-staff")
        assert [each["pointer"] for each in unknown.json()["errors"]] == ["#/staff_ids/1"]
        assert said(await propose(service, SALESPERSON, month="2026-12")) == (422, "reward-month-ahead")
        for long_past in ("1970-01", "2025-10"):
            assert said(await propose(service, SALESPERSON, month=long_past)) == (422, "reward-month-past")
        assert said(await propose(service, SALESPERSON, complaint_id=str(new_id()))) == (404, "no-such-complaint")
        assert await listed(service) == []
        assert (await propose(service, SALESPERSON, month="2025-11")).status_code == 201, "a year ago"

        id_ = await proposed(service, SALESPERSON, month="2026-10")
        assert said(await settle(service, id_, "49")) == (422, "reward-out-of-bounds")
        for body in ({"reason": "x"}, {"reason": "x", "amount": "100", "waive": True}):
            answer = await service.post(f"/rewards/{id_}/decision", body)
            assert said(answer) == (422, "decision-unclear")
        assert said(await settle(service, id_, "500")) == (200, "granted")
        assert await booked(service) == [(str(SALESPERSON), "-500.00", "2026-11")], "for October, booked in November"


async def test_two_decide_at_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await proposed(service, SALESPERSON)
        answers = await asyncio.gather(*(settle(service, id_, "100", by) for by in (FIRST_ADMIN, SECOND_ADMIN)))
        assert sorted(map(said, answers)) == [(200, "granted"), (409, "reward-not-open")]
        assert len(await booked(service)) == 1
        assert len(await service.events(RewardGranted)) == 1


async def test_a_mistake_is_taken_back_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await proposed(service, SALESPERSON, SPECIALIST)
        assert said(await take_back(service, id_)) == (409, "reward-not-granted")
        await settle(service, id_, "80")
        assert said(await take_back(service, id_, SALESPERSON)) == (403, "own-reward")
        assert said(await take_back(service, id_, CS_MANAGER, "cs_manager")) == (403, "forbidden")
        service.clock.move_to(at("2026-12-02 09:00"))
        await service.post("/ledger/months/2026-11/close")

        answers = await asyncio.gather(take_back(service, id_), take_back(service, id_, SECOND_ADMIN))

        assert sorted(map(said, answers)) == [(200, "reversed"), (409, "reward-not-granted")]
        lines = await booked(service, month="2026-12")
        assert sorted(lines) == sorted((str(each), "80.00", "2026-12") for each in (SALESPERSON, SPECIALIST))
        granted, reversed_ = await service.facts(RewardGranted, RewardReversed)
        assert sum(each.amount for each in granted.bookings + reversed_.bookings) == ZERO
        assert {each.reverses for each in reversed_.bookings} == {each.id for each in granted.bookings}
        told = await service.events(RewardGranted, RewardReversed)
        assert [each.aggregate_version for each in told] == [1, 2]
        entered = await newest_first(
            service.database, {"made_by": None, "what": "reward.reversed", "subject": None}, None, 10
        )
        assert [str(each.subject) for each in entered] == [id_]


async def test_who_sees_which_rewards(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        stranger = new_id()
        mine = await proposed(service, SPECIALIST, by=stranger, role="sales_manager")
        other = await proposed(service, SALESPERSON, month="2026-10")

        assert await listed(service) == [mine, other]
        assert await listed(service, person_id=SPECIALIST) == [mine]
        assert await listed(service, month="2026-10") == [other]
        assert await listed(service, state="granted") == []
        assert await listed(service, "cs_specialist", SPECIALIST) == [mine]
        assert await listed(service, "cs_specialist", SUPERVISOR) == [mine], "of their people"
        assert await listed(service, "brand_manager", MANAGER) == [mine, other], "of the department"
        assert await listed(service, "sales_manager", stranger) == [mine], "what they proposed"
        hidden = await service.http.get(f"/complaints/v1/rewards/{other}", headers=as_role("sales_manager", stranger))
        assert (hidden.status_code, hidden.json()["slug"]) == (404, "reward-not-found")
        stored = await service.database.fetch("SELECT words FROM reward_entry")
        assert all(FOR.encode() not in row["words"] for row in stored)


async def rated(service: Complaints, handler: UUID, perceived: int, expected: int, **fields: Any) -> str:
    """A case that somebody handles, answered in time and rated."""
    case_id = str((await service.record(await service.customer(team={"cs_specialist": handler}), **fields))["id"])
    await service.move(case_id, "answer")
    answer = await service.post(
        f"/complaints/{case_id}/satisfaction",
        {"perceived": perceived, "expected": expected},
        **as_role("admin_dept", FIRST_ADMIN),
    )
    assert answer.status_code == 200, answer.text
    return case_id


async def candidates(service: Complaints, month: str = "2026-11") -> dict[str, Any]:
    answer = await service.http.get(
        "/complaints/v1/rewards/candidates", params={"month": month}, headers=as_role("cs_manager", CS_MANAGER)
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_figures_name_who_may_be_rewarded(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        other = await service.colleague("cs_specialist")
        for perceived, expected in ((8, 8), (9, 8), (10, 8), (8, 8)):
            await rated(service, SPECIALIST, perceived, expected)
        assert (await candidates(service))["persons"] == [], "four ratings are not enough"

        await rated(service, SPECIALIST, 6, 8)
        for _ in range(5):
            await rated(service, other, 7, 8)

        found = await candidates(service)
        assert (found["month"], found["policy_version"], found["amount"], found["teams"]) == (
            "2026-11",
            1,
            "100.00",
            [],
        )
        assert found["persons"] == [
            {
                "department_id": str(DEPARTMENT), "staff_ids": [str(SPECIALIST)], "cases": 5, "rated": 5,
                "satisfaction": "1.02", "missed": 0, "penalties": 0, "rewarded": False,
            }
        ]  # fmt: skip
        assert (await candidates(service, "2026-10"))["persons"] == []
        answer = await service.post("/reward-policies", {"least_rated_of_team": 10, "least_satisfaction": "0.90"})
        assert (answer.status_code, answer.json()["version"], answer.json()["least_rated"]) == (201, 2, 5)
        [team] = (await candidates(service))["teams"]
        assert (team["rated"], team["satisfaction"]) == (10, "0.95")
        assert str(other) in team["staff_ids"], "all who are at work in the department"

        await proposed(service, SPECIALIST)
        assert [each["rewarded"] for each in (await candidates(service))["persons"]] == [True]


async def test_a_late_answer_or_a_penalty_takes_a_candidate_out(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        assert (await service.post("/reward-policies", {"least_rated": 1})).status_code == 201
        await rated(service, SPECIALIST, 9, 8)
        other = await service.colleague("cs_specialist")
        await rated(service, other, 9, 8)
        assert len((await candidates(service))["persons"]) == 2

        penalty = await a_penalty(service, other)
        assert len((await candidates(service))["persons"]) == 2, "a proposal is no penalty yet"
        await decide(service, penalty, "100")
        [left] = (await candidates(service))["persons"]
        assert left["staff_ids"] == [str(SPECIALIST)]

        await service.record(await service.customer())
        service.clock.move_to(at("2026-11-04 20:00"))
        await service.run_loops("complaints.clocks")
        assert (await candidates(service))["persons"] == []


async def test_what_is_enough_is_a_policy(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for body, slug in (
            ({}, "invalid"),
            ({"amount": "20"}, "reward-out-of-bounds"),
            ({"least_rated": 0}, "invalid"),
            ({"least_satisfaction": "-1"}, "invalid"),
            ({"most_missed": "1"}, "invalid"),
        ):
            answer = await service.post("/reward-policies", body)
            assert (answer.status_code, answer.json()["slug"]) == (422, slug), body
        later = await service.post("/reward-policies", {"amount": "200", "starts_at": "2027-01-01T00:00:00+08:00"})
        assert later.status_code == 201
        assert (await candidates(service))["policy_version"] == 1
        versions = (await service.get("/reward-policies")).json()["items"]
        assert [(each["version"], each["amount"]) for each in versions] == [(2, "200.00"), (1, "100.00")]
