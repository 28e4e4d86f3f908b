"""Solutions: approved by another person than their author where a policy says so, refused and proposed anew."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from shared.contracts.complaints import ComplaintStepDone
from shared.contracts.settlements import ComplaintApprovalAsked, ComplaintApprovalEnded, ComplaintSolutionDecided
from shared.ids import new_id
from tests.complaints.building import (
    CS_MANAGER,
    GENERAL,
    SALESPERSON,
    SPECIALIST,
    SUPERVISOR,
    Complaints,
    as_role,
    complaints,
)
from tests.postgres import FreshDatabase
from tests.support import START

AGAINST_SALES = {"type": "person", "id": str(SALESPERSON)}
REQUIRED = {"required": True}
MINUTE = timedelta(minutes=1)


async def step(service: Complaints, id_: str, name: str, role: str, who: UUID, **body: Any) -> httpx.Response:
    return await service.http.post(
        f"/complaints/v1/complaints/{id_}/steps/{name}", json={"text": name, **body}, headers=as_role(role, who)
    )


async def proposed(service: Complaints, **fields: Any) -> str:
    """A case whose specialist has investigated, and whose accountable person has proposed a solution."""
    case = await service.record(await service.customer(), **{"against": AGAINST_SALES, **fields})
    for name, role, who in (("investigate", "cs_specialist", SPECIALIST), ("propose", "salesperson", SALESPERSON)):
        assert (await step(service, case["id"], name, role, who)).status_code == 200
    return str(case["id"])


async def decide(
    service: Complaints, id_: str, role: str, who: UUID, approve: bool = True, reason: str | None = "as agreed"
) -> tuple[int, str]:
    """Status, and state or slug."""
    answer = await service.http.post(
        f"/complaints/v1/complaints/{id_}/solution/approval",
        json={"approve": approve, "reason": reason},
        headers=as_role(role, who),
    )
    return answer.status_code, answer.json().get("state") or answer.json()["slug"]


async def execute(service: Complaints, id_: str) -> tuple[int, str]:
    answer = await step(service, id_, "execute", "salesperson", SALESPERSON)
    return answer.status_code, answer.json().get("slug", "")


async def test_as_it_comes_no_solution_needs_approval(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await proposed(service)

        assert await execute(service, id_) == (200, "")
        [solution] = (await service.get(f"/complaints/{id_}/solutions")).json()["items"]
        assert (solution["state"], solution["text"], solution["attempt"]) == ("proposed", "propose", 1)
        assert await decide(service, id_, "cs_manager", CS_MANAGER) == (409, "solution-not-proposed"), "too late"


async def test_nothing_is_executed_before_another_has_approved(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", REQUIRED)
        id_ = await proposed(service)

        assert await execute(service, id_) == (409, "solution-not-approved")
        assert await decide(service, id_, "salesperson", SALESPERSON) == (403, "own-solution")
        assert await decide(service, id_, "cs_manager", SALESPERSON) == (403, "own-solution"), "whatever the role"
        assert await decide(service, id_, "cs_specialist", SPECIALIST) == (403, "forbidden")
        assert await decide(service, id_, "salesperson", new_id()) == (404, "no-such-complaint")
        assert await execute(service, id_) == (409, "solution-not-approved"), "nothing half done"
        assert await decide(service, id_, "cs_manager", CS_MANAGER) == (200, "approved")
        assert await decide(service, id_, "general_manager", GENERAL) == (409, "solution-not-proposed")
        assert await execute(service, id_) == (200, "")
        assert [fact.approved for fact in await service.facts(ComplaintSolutionDecided)] == [True]


async def test_whose_word_a_solution_awaits_is_told(fresh_database: FreshDatabase) -> None:
    """The first whom the policy names and who is there: the proposer's supervisor, else the next; each time anew."""
    async with complaints(fresh_database) as service:
        free = await proposed(service)
        await service.post("/solution-policies", REQUIRED)
        unsupervised = await proposed(service)
        head = await service.colleague("sales_manager")
        seller = await service.colleague("salesperson", supervisor_id=head)
        against = {"type": "person", "id": str(seller)}
        supervised = (await service.record(await service.customer(), against=against))["id"]
        for again in (False, True):
            if again:
                assert await decide(service, supervised, "sales_manager", head, False, "too dear") == (200, "refused")
            else:
                await step(service, supervised, "investigate", "cs_specialist", SPECIALIST)
            service.clock.forward(MINUTE)
            assert (await step(service, supervised, "propose", "salesperson", seller)).status_code == 200

        facts = await service.facts(ComplaintApprovalAsked)
        number = (await service.read(supervised))["number"]
        assert [(str(fact.complaint_id), fact.matter, fact.approver_ids) for fact in facts] == [
            (unsupervised, "solution", [CS_MANAGER]),
            (supervised, "solution", [head]),
            (supervised, "solution", [head]),
        ]
        assert [fact.number for fact in facts[1:]] == [number, number]
        assert [fact.at - START for fact in facts] == [timedelta(), MINUTE, 2 * MINUTE]
        assert free not in {str(fact.complaint_id) for fact in facts}
        for id_ in (unsupervised, supervised):
            told = [event.aggregate_version for event in await service.events() if str(event.aggregate_id) == id_]
            version = await service.database.fetchval("SELECT version FROM complaint WHERE id = $1", UUID(id_))
            assert sorted(set(told)) == list(range(1, version + 1))


async def test_what_nobody_s_word_is_awaited_for_any_longer_is_told(fresh_database: FreshDatabase) -> None:
    """It was decided, or a new round began over it; what needed nobody's word is not told of."""
    async with complaints(fresh_database) as service:
        free = await proposed(service)
        assert await decide(service, free, "cs_manager", CS_MANAGER) == (200, "approved")
        await service.post("/solution-policies", REQUIRED)
        decided, overtaken = [await proposed(service) for _ in range(2)]

        assert await decide(service, decided, "cs_manager", CS_MANAGER) == (200, "approved")
        for movement in ("resolve", "reopen"):
            await service.move(overtaken, movement)

        told = await service.facts(ComplaintApprovalEnded)
        assert [(str(fact.complaint_id), fact.matter) for fact in told] == [
            (decided, "solution"),
            (overtaken, "solution"),
        ]


async def test_no_case_ends_over_a_solution_that_awaits_approval(fresh_database: FreshDatabase) -> None:
    """Also where no step needs to be done."""
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", REQUIRED)
        id_ = await proposed(service, kind="suggestion")
        await service.move(id_, "resolve")

        refused = await service.post(f"/complaints/{id_}/close", {})

        assert (refused.status_code, refused.json()["slug"]) == (409, "approval-missing")
        assert refused.json()["awaiting"] == ["solution"]
        assert await decide(service, id_, "cs_manager", CS_MANAGER) == (200, "approved")
        await service.move(id_, "close")
        assert await decide(service, id_, "cs_manager", CS_MANAGER) == (409, "wrong-state")


async def test_nobody_is_asked_about_their_own_solution(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", {"required": True, "approvers": ["cs_manager"]})
        against = {"type": "person", "id": str(CS_MANAGER)}
        id_ = (await service.record(await service.customer(), against=against))["id"]
        await step(service, id_, "investigate", "cs_specialist", SPECIALIST)
        assert (await step(service, id_, "propose", "cs_manager", CS_MANAGER)).status_code == 200

        [fact] = await service.facts(ComplaintApprovalAsked)
        assert fact.approver_ids == []


async def test_who_enters_a_solution_for_somebody_does_not_approve_it_either(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", {"required": True, "approvers": ["cs_specialist", "supervisor"]})
        head = await service.colleague("sales_manager")
        seller = await service.colleague("salesperson", supervisor_id=head)
        against = {"type": "person", "id": str(seller)}
        id_ = (await service.record(await service.customer(), against=against))["id"]
        await step(service, id_, "investigate", "cs_specialist", SPECIALIST)
        await step(service, id_, "propose", "cs_specialist", SPECIALIST)

        assert await decide(service, id_, "cs_specialist", SPECIALIST) == (403, "own-solution")
        assert await decide(service, id_, "admin", SPECIALIST) == (403, "own-solution")
        assert await decide(service, id_, "cs_manager", CS_MANAGER) == (403, "forbidden"), "not named here"
        assert await decide(service, id_, "sales_manager", head) == (200, "approved"), "whose supervisor it is"


async def test_nobody_chooses_who_approves_by_naming_another_owner(fresh_database: FreshDatabase) -> None:
    """Whose solution it is decides whose supervisor approves: customer service says so, whom it is against never."""
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", {"required": True, "approvers": ["supervisor", "cs_manager"]})
        friend, head = await service.colleague("sales_manager"), await service.colleague("sales_manager")
        puppet = str(await service.colleague("salesperson", supervisor_id=friend))
        seller = await service.colleague("salesperson", supervisor_id=head)
        against = {"type": "person", "id": str(seller)}
        id_ = (await service.record(await service.customer(), against=against))["id"]
        await step(service, id_, "investigate", "cs_specialist", SPECIALIST)
        before = await service.read(id_)

        for role, who in (("salesperson", seller), ("cs_specialist", seller), ("sales_manager", head)):
            answer = await step(service, id_, "propose", role, who, owner_id=puppet)
            assert (answer.status_code, answer.json()["slug"]) == (403, "owner-not-allowed"), role
        assert await service.read(id_) == before
        assert (await step(service, id_, "propose", "salesperson", seller, owner_id=str(seller))).status_code == 200
        [solution] = (await service.get(f"/complaints/{id_}/solutions")).json()["items"]
        assert (solution["author_id"], solution["owner_id"]) == (str(seller), str(seller))
        [asked] = await service.facts(ComplaintApprovalAsked)
        assert asked.approver_ids == [head]


async def test_who_enters_it_for_their_own_people_does_not_approve_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", {"required": True, "approvers": ["supervisor"]})
        own = str(await service.colleague("salesperson", supervisor_id=SPECIALIST))
        id_ = (await service.record(await service.customer(), against=AGAINST_SALES))["id"]
        await step(service, id_, "investigate", "cs_specialist", SPECIALIST)
        named = await step(service, id_, "propose", "cs_specialist", SPECIALIST, owner_id=own)
        assert named.status_code == 200

        assert await decide(service, id_, "cs_specialist", SPECIALIST) == (403, "own-solution")
        [asked] = await service.facts(ComplaintApprovalAsked)
        assert asked.approver_ids == []


async def test_whom_a_case_is_against_does_not_approve_what_others_propose(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", {"required": True, "approvers": ["cs_manager"]})
        against = {"type": "person", "id": str(CS_MANAGER)}
        id_ = (await service.record(await service.customer(), against=against))["id"]
        await step(service, id_, "investigate", "cs_specialist", SPECIALIST)
        entered = await step(service, id_, "propose", "cs_specialist", SUPERVISOR, owner_id=str(SPECIALIST))
        assert entered.status_code == 200

        assert await decide(service, id_, "cs_manager", CS_MANAGER) == (403, "own-case")
        [asked] = await service.facts(ComplaintApprovalAsked)
        assert asked.approver_ids == []


async def test_a_refused_solution_is_proposed_anew_and_all_of_it_stays(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", REQUIRED)
        id_ = await proposed(service)
        assert await decide(service, id_, "cs_manager", CS_MANAGER, False, None) == (422, "text-missing")

        assert await decide(service, id_, "cs_manager", CS_MANAGER, False, "too dear") == (200, "refused")

        refused = await step(service, id_, "execute", "salesperson", SALESPERSON)
        assert (refused.status_code, refused.json()["slug"]) == (409, "step-skipped")
        await service.move(id_, "resolve")
        closing = await service.post(f"/complaints/{id_}/close")
        assert closing.json()["missing"] == ["propose", "execute", "inspect", "settle", "reply"]
        assert (await step(service, id_, "propose", "salesperson", SALESPERSON, text="cheaper")).status_code == 200
        assert await execute(service, id_) == (409, "solution-not-approved")
        assert await decide(service, id_, "general_manager", GENERAL) == (200, "approved")
        assert await execute(service, id_) == (200, "")
        solutions = (await service.get(f"/complaints/{id_}/solutions")).json()["items"]
        assert [(each["attempt"], each["state"], each["text"]) for each in solutions] == [
            (1, "refused", "propose"),
            (2, "approved", "cheaper"),
        ]
        assert [each["decided_by"] for each in solutions] == [str(CS_MANAGER), str(GENERAL)]
        entries = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        told = [(entry["what"], entry["text"]) for entry in entries if entry["what"] != "resolved"]
        assert told == [
            ("step:investigate", "investigate"),
            ("step:propose", "propose"),
            ("solution:refused", "too dear"),
            ("step:propose", "cheaper"),
            ("solution:approved", "as agreed"),
            ("step:execute", "execute"),
        ]
        assert entries[2]["changes"] == {"solution": {"from": "awaits_approval", "to": "refused"}}
        steps = (await service.get(f"/complaints/{id_}/steps")).json()["items"]
        assert [each["text"] for each in steps if each["step"] == "propose"] == ["cheaper"]
        told_steps = [fact.step for fact in await service.facts(ComplaintStepDone)]
        assert told_steps == ["investigate", "propose", "propose", "execute"]


async def test_a_policy_is_for_subjects_and_tiers_and_from_its_start_on(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        before = await proposed(service)
        [first] = (await service.get("/solution-policies")).json()["items"]
        assert first["required"] is False
        assert await service.refused("/solution-policies", {"required": True, "subjects": ["weather"]}) == (
            422,
            "unknown-subject",
        )
        refused = await service.http.post(
            "/complaints/v1/solution-policies", json=REQUIRED, headers=as_role("cs_manager", CS_MANAGER)
        )
        assert refused.status_code == 403
        wanted = {"required": True, "subjects": ["attitude"], "tiers": ["A"]}
        written = await service.post("/solution-policies", wanted)
        assert (written.status_code, written.json()["version"]) == (201, 2)
        assert written.json()["approvers"] == first["approvers"]

        about_it = await service.record(await service.customer("A"), against=AGAINST_SALES, subject="attitude")
        lower = await service.record(await service.customer("B"), against=AGAINST_SALES, subject="attitude")
        other = await service.record(await service.customer("A"), against=AGAINST_SALES, subject="product")
        for case in (about_it, lower, other):
            await step(service, case["id"], "investigate", "cs_specialist", SPECIALIST)
            await step(service, case["id"], "propose", "salesperson", SALESPERSON)

        assert await execute(service, about_it["id"]) == (409, "solution-not-approved")
        for id_ in (before, lower["id"], other["id"]):
            assert await execute(service, id_) == (200, "")


async def test_who_approves_is_whom_the_policy_named_when_it_was_proposed(fresh_database: FreshDatabase) -> None:
    """Decision 22c: also where administration dates a later version back."""
    async with complaints(fresh_database) as service:
        assert (await service.post("/solution-policies", {**REQUIRED, "approvers": ["cs_manager"]})).status_code == 201
        id_ = await proposed(service)
        dated_back = {**REQUIRED, "approvers": ["general_manager"], "starts_at": (START - 60 * MINUTE).isoformat()}
        assert (await service.post("/solution-policies", dated_back)).status_code == 201

        assert await decide(service, id_, "general_manager", GENERAL) == (403, "forbidden")
        assert await decide(service, id_, "cs_manager", CS_MANAGER) == (200, "approved")


async def test_the_past_needs_nobody_s_word(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", REQUIRED)
        old = START.replace(day=1).isoformat()
        id_ = (await service.record(await service.customer(), recorded_at=old))["id"]

        for name in ("investigate", "propose", "execute"):
            await service.move(id_, f"steps/{name}", at=START.replace(day=2).isoformat())

        done = (await service.get(f"/complaints/{id_}/steps")).json()["items"]
        assert [step["step"] for step in done] == ["investigate", "propose", "execute"]


async def test_one_decision_counts_of_many_in_the_same_instant(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", REQUIRED)
        id_ = await proposed(service)

        answers = await asyncio.gather(
            *(decide(service, id_, "cs_manager", CS_MANAGER, approve) for approve in (True, False, True, False)),
            execute(service, id_),
            decide(service, id_, "cs_manager", SUPERVISOR),
        )

        decisions = [answer for answer in answers if answer[1] in ("approved", "refused")]
        assert len(decisions) == 1
        assert len(await service.facts(ComplaintSolutionDecided)) == 1
