"""What is given in a case: limits by authority, customer and month, the hand-up, and taking it back."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from shared.audit import newest_first
from shared.contracts.customers import DepartmentListed, StaffListed
from shared.contracts.settlements import (
    CompensationGranted,
    CompensationWithdrawn,
    ComplaintApprovalAsked,
    ComplaintApprovalEnded,
)
from shared.ids import new_id
from tests.complaints.building import (
    CS_MANAGER,
    GENERAL,
    MANAGER,
    SALESPERSON,
    SPECIALIST,
    SUPERVISOR,
    Complaints,
    as_role,
    complaints,
)
from tests.postgres import FreshDatabase
from tests.support import START

ROLES = {
    SPECIALIST: "cs_specialist",
    SUPERVISOR: "cs_specialist",
    MANAGER: "brand_manager",
    CS_MANAGER: "cs_manager",
    GENERAL: "general_manager",
    SALESPERSON: "salesperson",
}


async def post(service: Complaints, path: str, who: UUID, body: dict[str, Any], role: str = "") -> httpx.Response:
    headers = as_role(role or ROLES[who], who)
    return await service.http.post(f"/complaints/v1/complaints/{path}", json=body, headers=headers)


async def give(service: Complaints, id_: str, who: UUID, cost: str, role: str = "", **more: Any) -> httpx.Response:
    body = {"kind": "goods", "cost": cost, "text": "一瓶面霜", **more}
    return await post(service, f"{id_}/compensations", who, body, role)


async def decide(
    service: Complaints, given: dict[str, Any], who: UUID, approve: bool = True, role: str = "", **more: Any
) -> httpx.Response:
    body = {"approve": approve, "reason": "as agreed", **more}
    return await post(service, f"{given['complaint_id']}/compensations/{given['id']}/approval", who, body, role)


def slug(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("slug", "")


async def asked_of(service: Complaints, id_: str, cost: str, who: UUID = SPECIALIST) -> tuple[str, list[str]]:
    """Role and persons whose word is asked for."""
    answer = await give(service, id_, who, cost)
    assert (answer.status_code, answer.json()["state"]) == (202, "awaits_approval"), answer.text
    by = answer.json()["by"]
    return by["role"], [person["id"] for person in by["persons"]]


@pytest.mark.example(9)
async def test_a_specialist_gives_up_to_the_limit_and_then_asks(fresh_database: FreshDatabase) -> None:
    """400, then 300 to the same customer in the month: 700 is more than 500, so the supervisor is asked; the clock runs
    on."""
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        first, second = [(await service.record(customer))["id"] for _ in range(2)]

        granted = await give(service, first, SPECIALIST, "400")
        asked = await give(service, second, SPECIALIST, "300")

        assert (granted.status_code, granted.json()["state"], granted.json()["by"]) == (201, "granted", None)
        assert (asked.status_code, asked.json()["state"]) == (202, "awaits_approval")
        [told] = await service.facts(ComplaintApprovalAsked)
        assert (str(told.complaint_id), told.matter, told.approver_ids) == (second, "compensation", [SUPERVISOR])
        assert str(told.compensation_id) == asked.json()["id"]
        assert asked.json()["by"] == {
            "role": "supervisor",
            "persons": [{"id": str(SUPERVISOR), "name": "cs_specialist"}],
        }
        read = await service.read(second)
        assert (read["paused"], read["state"]) == (False, "open")
        assert [str(fact.cost) for fact in await service.facts(CompensationGranted)] == ["400.00"]

        approved = await decide(service, asked.json(), SUPERVISOR)

        assert (approved.status_code, approved.json()["state"]) == (200, "granted")
        assert (approved.json()["asked_by"], approved.json()["granted_by"]) == (str(SPECIALIST), str(SUPERVISOR))
        facts = await service.facts(CompensationGranted)
        assert [(str(fact.complaint_id), str(fact.cost), fact.kind) for fact in facts] == [
            (first, "400.00", "goods"),
            (second, "300.00", "goods"),
        ]
        assert str(facts[1].compensation_id) == asked.json()["id"]
        assert (await give(service, first, SPECIALIST, "100")).status_code == 201, "the 300 count on the supervisor's"
        assert (await give(service, first, SPECIALIST, "0.01")).status_code == 202


@pytest.mark.example(9)
@pytest.mark.parametrize(
    "cost, role, persons",
    [
        ("500.01", "supervisor", [SUPERVISOR]),
        ("1000.00", "supervisor", [SUPERVISOR]),
        ("1000.01", "department_manager", [MANAGER]),
        ("3000.00", "department_manager", [MANAGER]),
        ("3000.01", "cs_manager", [CS_MANAGER]),
        ("5000.00", "cs_manager", [CS_MANAGER]),
        ("5000.01", "general_manager", [GENERAL]),
    ],
)
async def test_whose_word_is_asked_for(
    fresh_database: FreshDatabase, cost: str, role: str, persons: list[UUID]
) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]

        assert await asked_of(service, id_, cost) == (role, [str(each) for each in persons])


@pytest.mark.example(9)
async def test_everybody_has_the_limit_of_their_highest_role(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        against = {"type": "person", "id": str(SALESPERSON)}
        limits = {
            SALESPERSON: "200.00",
            SPECIALIST: "500.00",
            SUPERVISOR: "1000.00",
            MANAGER: "3000.00",
            CS_MANAGER: "5000.00",
        }
        for who, limit in limits.items():
            team = {"cs_specialist": SPECIALIST, "brand_manager": MANAGER}
            id_ = (await service.record(await service.customer(team=team), against=against))["id"]
            above = await give(service, id_, who, str(float(limit) + 0.01))
            assert above.status_code == 202, who
            assert (await give(service, id_, who, limit)).status_code == 201, "what awaits approval does not count"
        id_ = (await service.record(await service.customer()))["id"]
        assert (await give(service, id_, GENERAL, "100000")).status_code == 201
        both = await service.http.post(
            f"/complaints/v1/complaints/{id_}/compensations",
            json={"kind": "gift", "cost": "900", "text": "a hamper"},
            headers=as_role("cs_specialist", SUPERVISOR),
        )
        assert both.status_code == 201, "a specialist who leads people has their limit"


@pytest.mark.example(9)
async def test_limits_are_of_a_month_and_a_customer(fresh_database: FreshDatabase) -> None:
    """The month is that of the company's wall: November ends there at 16:00 UTC."""
    async with complaints(fresh_database) as service:
        service.clock.move_to(START.replace(day=30, hour=15, minute=59))
        customer = await service.customer()
        id_ = (await service.record(customer))["id"]
        other = (await service.record(await service.customer()))["id"]
        assert (await give(service, id_, SPECIALIST, "500")).status_code == 201
        assert (await give(service, other, SPECIALIST, "500")).status_code == 201, "another customer"
        assert (await give(service, id_, SPECIALIST, "0.01")).status_code == 202

        service.clock.forward(timedelta(minutes=1))

        assert (await give(service, id_, SPECIALIST, "500")).status_code == 201, "December"


async def test_nobody_s_customers_have_limits_of_their_own(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        first, second = [(await service.record())["id"] for _ in range(2)]
        assert (await give(service, first, SPECIALIST, "500")).status_code == 201
        assert (await give(service, first, SPECIALIST, "1")).status_code == 202
        assert (await give(service, second, SPECIALIST, "500")).status_code == 201


async def test_an_approval_is_another_s_whose_limit_suffices(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        asked = (await give(service, id_, SPECIALIST, "900")).json()

        assert slug(await decide(service, asked, SPECIALIST)) == (403, "own-compensation")
        assert slug(await decide(service, asked, SPECIALIST, role="general_manager")) == (403, "own-compensation")
        another = await service.colleague("cs_specialist")
        assert slug(await decide(service, asked, another, role="cs_specialist")) == (403, "above-limit")
        assert slug(await decide(service, asked, new_id(), role="admin_dept")) == (403, "above-limit")
        assert slug(await decide(service, asked, new_id(), role="salesperson")) == (404, "no-such-complaint")
        assert slug(await decide(service, asked, CS_MANAGER, approve=False, reason=None)) == (422, "text-missing")
        assert (await decide(service, asked, SUPERVISOR)).status_code == 200
        assert slug(await decide(service, asked, CS_MANAGER)) == (409, "compensation-decided")

        more = (await give(service, id_, SPECIALIST, "501")).json()
        assert slug(await decide(service, more, SUPERVISOR)) == (403, "above-limit"), "900 of 1,000 are spent"
        other = (await service.record())["id"]
        misplaced = {**more, "complaint_id": other}
        assert slug(await decide(service, misplaced, CS_MANAGER)) == (404, "compensation-not-found")


async def test_who_has_granted_too_much_already_is_not_asked(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        assert (await give(service, id_, SUPERVISOR, "800")).status_code == 201

        assert await asked_of(service, id_, "600") == ("department_manager", [str(MANAGER)])


async def test_what_a_limit_no_longer_covers_goes_up_by_itself(fresh_database: FreshDatabase) -> None:
    """The customer-service manager is asked for 3,000.01 and for 3,500 and has the limit for one of them: the other
    goes on to the general manager, who finds it among what awaits their word."""
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer(), kind="suggestion"))["id"]
        first, second = [(await give(service, id_, SPECIALIST, cost)).json() for cost in ("3000.01", "3500")]
        assert [each["by"]["role"] for each in (first, second)] == ["cs_manager", "cs_manager"]

        async def awaiting(who: UUID) -> list[str]:
            me = await service.http.get("/complaints/v1/me", headers=as_role(ROLES[who], who))
            return [each["compensation_id"] for each in me.json()["approvals"]]

        assert (await decide(service, first, CS_MANAGER)).status_code == 200
        assert await awaiting(CS_MANAGER) == [second["id"]]

        up = await decide(service, second, CS_MANAGER, reason="I would")

        assert (up.status_code, up.json()["state"]) == (202, "awaits_approval")
        assert (up.json()["by"]["role"], up.json()["by"]["persons"][0]["id"]) == ("general_manager", str(GENERAL))
        assert (await awaiting(CS_MANAGER), await awaiting(GENERAL)) == ([], [second["id"]])
        assert (await service.facts(ComplaintApprovalAsked))[-1].approver_ids == [GENERAL]
        ended, asked = (await service.facts(ComplaintApprovalEnded, ComplaintApprovalAsked))[-2:]
        assert (type(ended), type(asked)) == (ComplaintApprovalEnded, ComplaintApprovalAsked), "in this order"
        entry = (await service.get(f"/complaints/{id_}/history")).json()["items"][-1]
        assert (entry["what"], entry["text"]) == ("compensation:handed_up", "I would")
        assert entry["changes"]["by_role"] == {"from": "cs_manager", "to": "general_manager"}
        assert slug(await decide(service, second, CS_MANAGER)) == (403, "above-limit"), "no longer asked"
        assert (await decide(service, second, GENERAL)).json()["state"] == "granted"


async def test_who_is_asked_declines_whatever_their_limit(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        asked = [(await give(service, id_, SPECIALIST, cost)).json() for cost in ("900", "800")]
        assert (await decide(service, asked[0], SUPERVISOR)).status_code == 200

        stranger = await service.colleague("cs_specialist")
        declined = await decide(service, asked[1], stranger, approve=False, role="cs_specialist")
        assert slug(declined) == (403, "above-limit")
        declined = await decide(service, asked[1], SUPERVISOR, approve=False)
        assert (declined.status_code, declined.json()["state"]) == (200, "refused")


async def test_whoever_leads_several_levels_is_asked_once_as_the_first(fresh_database: FreshDatabase) -> None:
    """Li's supervisor and department manager are the customer-service manager Zhou (the chain of the first example)."""
    async with complaints(fresh_database) as service:
        zhou = await service.colleague("cs_manager")
        department = new_id()
        await service.given(DepartmentListed(department_id=department, name="客服", manager_id=zhou))
        li = StaffListed(
            staff_id=new_id(), name="李", role="cs_specialist", department_id=department, supervisor_id=zhou
        )
        await service.given(li)
        id_ = (await service.record(await service.customer()))["id"]

        async def asked(cost: str) -> Any:
            return (await give(service, id_, li.staff_id, cost, role="cs_specialist")).json()["by"]["role"]

        assert [await asked(cost) for cost in ("700", "2000", "3000.01")] == [
            "supervisor",
            "department_manager",
            "cs_manager",
        ]


async def test_a_refusal_counts_nothing_and_stands_in_the_history(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        asked = (await give(service, id_, SPECIALIST, "700")).json()

        refused = await decide(service, asked, SUPERVISOR, approve=False, reason="too much")

        assert (refused.status_code, refused.json()["state"], refused.json()["granted_by"]) == (200, "refused", None)
        entries = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert [(entry["what"], entry["text"], entry["entered_by"]) for entry in entries] == [
            ("compensation:awaits_approval", "一瓶面霜", str(SPECIALIST)),
            ("compensation:refused", "too much", str(SUPERVISOR)),
        ]
        assert entries[1]["changes"]["state"] == {"from": "awaits_approval", "to": "refused"}
        assert entries[1]["changes"]["cost"]["to"] == "700.00"
        assert await service.facts(CompensationGranted) == []
        stored = await service.database.fetch("SELECT k::text AS everything FROM compensation k")
        assert not any("面霜" in row["everything"] for row in stored)


async def test_what_was_given_by_mistake_is_taken_back_and_stays_to_be_seen(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        given = (await give(service, id_, SPECIALIST, "500")).json()
        back = f"{id_}/compensations/{given['id']}/withdrawal"
        stranger = await service.colleague("cs_specialist")
        assert slug(await post(service, back, stranger, {"reason": "?"}, "cs_specialist")) == (403, "forbidden")

        taken = await post(service, back, SPECIALIST, {"reason": "the other case"})

        assert (taken.status_code, taken.json()["state"]) == (200, "withdrawn")
        assert slug(await post(service, back, SPECIALIST, {"reason": "again"})) == (409, "compensation-decided")
        assert (await give(service, id_, SPECIALIST, "480")).status_code == 201, "the limit is free again"
        [told] = await service.facts(CompensationWithdrawn)
        assert (str(told.compensation_id), str(told.cost)) == (given["id"], "500.00")
        listed = (await service.get(f"/complaints/{id_}/compensations")).json()["items"]
        assert [(each["state"], each["cost"], each["text"]) for each in listed] == [
            ("withdrawn", "500.00", "一瓶面霜"),
            ("granted", "480.00", "一瓶面霜"),
        ]
        audited = await newest_first(
            service.database, {"made_by": None, "what": "compensation.withdrawn", "subject": None}, None, 9
        )
        assert [(str(each.subject), each.made_by) for each in audited] == [(given["id"], SPECIALIST)]


async def test_no_case_ends_over_what_awaits_approval(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(kind="suggestion"))["id"]
        asked, refused = [(await give(service, id_, SPECIALIST, cost)).json() for cost in ("600", "700")]
        await service.move(id_, "resolve")

        answer = await service.post(f"/complaints/{id_}/close", {})

        assert slug(answer) == (409, "approval-missing")
        assert answer.json()["awaiting"] == [f"compensations/{each['id']}" for each in (asked, refused)]
        assert (await service.read(id_))["state"] == "resolved"
        assert (await decide(service, refused, SUPERVISOR, approve=False)).status_code == 200
        [outcome] = (await service.post("/bulk/close", {"ids": [id_]})).json()["items"]
        assert (outcome["status"], outcome["problem"]["slug"]) == (409, "approval-missing")
        back = f"{id_}/compensations/{asked['id']}/withdrawal"
        assert (await post(service, back, SPECIALIST, {"reason": "not wanted"})).status_code == 200
        await service.move(id_, "close")


async def test_what_awaits_approval_in_a_case_that_ended_before_is_only_taken_back(
    fresh_database: FreshDatabase,
) -> None:
    """As earlier releases left it."""
    async with complaints(fresh_database) as service:
        id_ = (await service.record(kind="suggestion"))["id"]
        asked = (await give(service, id_, SPECIALIST, "600")).json()
        await service.database.execute("UPDATE complaint SET state = 'closed' WHERE id = $1", UUID(id_))

        for approve in (True, False):
            assert slug(await decide(service, asked, SUPERVISOR, approve=approve)) == (409, "wrong-state")
        back = f"{id_}/compensations/{asked['id']}/withdrawal"
        assert (await post(service, back, SPECIALIST, {"reason": "the case has ended"})).status_code == 200


async def test_what_nobody_s_word_is_awaited_for_any_longer_is_told(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        asked = [(await give(service, id_, SPECIALIST, "600")).json() for _ in range(3)]
        await decide(service, asked[0], SUPERVISOR, approve=False)
        await post(service, f"{id_}/compensations/{asked[1]['id']}/withdrawal", SPECIALIST, {"reason": "dropped"})
        await decide(service, asked[2], SUPERVISOR)
        await give(service, id_, GENERAL, "10")

        told = await service.facts(ComplaintApprovalEnded)

        assert [(str(fact.compensation_id), fact.matter) for fact in told] == [
            (each["id"], "compensation") for each in asked
        ]


async def test_what_awaits_approval_is_listed(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        await give(service, id_, SPECIALIST, "100")
        waiting = [(await give(service, id_, SPECIALIST, cost)).json()["id"] for cost in ("600", "700")]

        page = (await service.get("/compensations/waiting", limit=1)).json()
        assert [each["id"] for each in page["items"]] == waiting[:1]
        rest = (await service.get("/compensations/waiting", limit=1, cursor=page["next"])).json()
        assert [each["id"] for each in rest["items"]] == waiting[1:]


async def test_who_gives_what_when(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        colleague = await service.colleague("salesperson")
        team = {"cs_specialist": SPECIALIST, "salesperson": colleague}
        id_ = (await service.record(await service.customer(team=team)))["id"]
        assert slug(await give(service, id_, colleague, "1", role="salesperson")) == (403, "forbidden")
        assert slug(await give(service, id_, SALESPERSON, "1")) == (404, "no-such-complaint")
        assert slug(await give(service, id_, new_id(), "1", role="partner")) == (403, "forbidden")
        asked = await give(service, id_, new_id(), "1", role="admin_dept")
        assert asked.status_code == 202, "asks, has no limit"
        assert (await decide(service, asked.json(), CS_MANAGER)).status_code == 200
        wrong: list[dict[str, Any]] = [{"cost": cost} for cost in ("-1", 12.5, "1.001", "NaN")]
        for each in [*wrong, {"kind": "house"}, {"text": ""}]:
            assert slug(await give(service, id_, SPECIALIST, **{"cost": "1", **each})) == (422, "invalid"), each
        await service.move(id_, "resolve")
        for step in ("investigate", "propose", "execute", "inspect", "settle", "reply"):
            await service.move(id_, f"steps/{step}")
        await service.move(id_, "close")
        assert slug(await give(service, id_, SPECIALIST, "1")) == (409, "wrong-state")


async def test_limits_are_administration_s_to_change(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        [first] = (await service.get("/settlement-limits")).json()["items"]
        assert first["limits"] == {
            "accountable": "200.00",
            "cs_specialist": "500.00",
            "supervisor": "1000.00",
            "department_manager": "3000.00",
            "cs_manager": "5000.00",
            "general_manager": None,
        }
        too_low = {"limits": {"cs_manager": "2999.99"}}
        assert await service.refused("/settlement-limits", too_low) == (422, "limits-out-of-order")
        assert await service.refused("/settlement-limits", {"limits": {"cook": "1"}}) == (422, "invalid")
        refused = await service.http.post(
            "/complaints/v1/settlement-limits", json=too_low, headers=as_role("cs_manager", CS_MANAGER)
        )
        assert refused.status_code == 403

        written = await service.post("/settlement-limits", {"limits": {"cs_specialist": "50"}})

        assert (written.status_code, written.json()["limits"]["cs_specialist"]) == (201, "50.00")
        assert written.json()["limits"]["cs_manager"] == "5000.00"
        asked = await give(service, id_, SPECIALIST, "50.01")
        assert (asked.status_code, asked.json()["policy_version"]) == (202, 2)


# ---------------------------------------------------------------------------- at the same time


async def test_grants_in_the_same_instant_do_not_slip_under_the_limit(fresh_database: FreshDatabase) -> None:
    """In one case and in several of a customer: 5 of 8 times 100 are within 500."""
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        ids = [(await service.record(customer))["id"] for _ in range(4)]

        answers = await asyncio.gather(*(give(service, id_, SPECIALIST, "100") for id_ in [*ids, *ids]))

        assert sorted(answer.status_code for answer in answers) == [201] * 5 + [202] * 3
        assert sum(fact.cost for fact in await service.facts(CompensationGranted)) == 500


async def test_approvals_in_the_same_instant_do_not_either(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        asked = []
        for _ in range(3):
            id_ = (await service.record(customer))["id"]
            asked.append((await give(service, id_, SPECIALIST, "600")).json())

        answers = await asyncio.gather(*(decide(service, each, SUPERVISOR) for each in [*asked, *asked]))

        assert sorted(slug(answer) for answer in answers)[0] == (200, "")
        assert [answer.status_code for answer in answers].count(200) == 1
        assert len(await service.facts(CompensationGranted)) == 1


async def test_a_repeated_request_with_its_key_gives_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        body = {"kind": "compensation", "cost": "700", "text": "as agreed"}
        headers = {**as_role("cs_specialist", SPECIALIST), "Idempotency-Key": "k"}

        answers = [
            await service.http.post(f"/complaints/v1/complaints/{id_}/compensations", json=body, headers=headers)
            for _ in range(2)
        ]

        assert [answer.status_code for answer in answers] == [202, 202]
        assert answers[0].json() == answers[1].json()
        assert len((await service.get(f"/complaints/{id_}/compensations")).json()["items"]) == 1
