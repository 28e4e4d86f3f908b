"""What must not be, one by one: refused with its own slug, and nothing half done (no row anywhere is another)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.complaints.building import (
    CS_MANAGER,
    SALESPERSON,
    SPECIALIST,
    SUPERVISOR,
    Complaints,
    as_role,
    case,
    complaints,
)
from tests.complaints.test_clocks import limits
from tests.postgres import FreshDatabase
from tests.support import START

NOBODY = UUID(int=7)
SECOND = timedelta(seconds=1)
BEFORE = (START - SECOND).isoformat()
PEOPLE = {
    "cs_specialist": SPECIALIST,
    "cs_manager": CS_MANAGER,
    "salesperson": SALESPERSON,
    "admin_dept": NOBODY,
}
STEPS = ("investigate", "propose", "execute", "inspect", "settle", "reply")
DOERS = ("cs_specialist", "salesperson", "salesperson", "admin_dept", "admin_dept", "admin_dept")
AGAINST_SALES = {"type": "person", "id": str(SALESPERSON)}


async def rows(service: Complaints) -> dict[str, str]:
    """What stands in every table of the service, as digests; but who has been here (limits, tokens)."""
    tables = await service.database.fetch(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' "
        "AND table_type = 'BASE TABLE'"
    )
    return {
        row["name"]: await service.database.fetchval(
            f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{row['name']}\" t"
        )
        for row in tables
    }


async def refused(
    service: Complaints, role: str, path: str, body: dict[str, Any] | None, **where: str
) -> tuple[int, str]:
    """Status and slug, after a look at every table."""
    before = await rows(service)
    answer = await service.http.request(
        where.get("method", "POST"), f"/complaints/v1{path}", json=body, headers=as_role(role, PEOPLE[role])
    )
    assert await rows(service) == before, f"{path}: refused, and something changed"
    return answer.status_code, answer.json().get("slug", "")


async def step(service: Complaints, id_: str, name: str, role: str) -> None:
    answer = await service.http.post(
        f"/complaints/v1/complaints/{id_}/steps/{name}", json={"text": name}, headers=as_role(role, PEOPLE[role])
    )
    assert answer.status_code == 200, answer.text


async def closed(service: Complaints) -> str:
    id_ = str((await service.record(await service.customer(), against=AGAINST_SALES))["id"])
    await service.move(id_, "resolve")
    for name, role in zip(STEPS, DOERS, strict=True):
        await step(service, id_, name, role)
    await service.move(id_, "close")
    return id_


async def test_a_closed_case_takes_nothing_but_reopening(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_, other = await closed(service), (await service.record())["id"]
        words = {"text": "noch etwas"}
        deadline = (START + timedelta(hours=1)).isoformat()
        for path, body in (
            ("answer", words),
            ("resolve", words),
            ("close", words),
            ("pause", words),
            ("resume", words),
            ("steps/investigate", words),
            ("notice", {"to": str(SALESPERSON), "demand": "bitte", "deadline": deadline}),
            ("compensations", {"kind": "goods", "cost": "10.00", "text": "Creme"}),
            ("links", {"other_id": other, "relation": "child"}),
        ):
            assert await refused(service, "cs_specialist", f"/complaints/{id_}/{path}", body) == (409, "wrong-state"), (
                path
            )
        taken = await refused(service, "cs_manager", f"/complaints/{id_}/accept", {})
        assert taken == (409, "already-accepted")
        assert (await service.move(id_, "reopen"))["state"] == "open"


async def test_no_step_is_skipped_and_none_is_done_twice(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer(), against=AGAINST_SALES))["id"]
        for position, (name, role) in enumerate(zip(STEPS, DOERS, strict=True)):
            for later, doer in list(zip(STEPS, DOERS, strict=True))[position + 1 :]:
                path = f"/complaints/{id_}/steps/{later}"
                assert await refused(service, doer, path, {"text": "schon"}) == (409, "step-skipped"), (name, later)
            await step(service, id_, name, role)
            again = await refused(service, role, f"/complaints/{id_}/steps/{name}", {"text": "again"})
            assert again == (409, "step-done"), name


async def test_nobody_judges_their_own_work(fresh_database: FreshDatabase) -> None:
    """Inspecting one's own case, approving one's own solution or compensation."""
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", {"required": True})
        id_ = (await service.record(await service.customer(), against=AGAINST_SALES))["id"]
        await step(service, id_, "investigate", "cs_specialist")
        await step(service, id_, "propose", "cs_manager")
        own = {"approve": True, "reason": "gut"}
        solution = f"/complaints/{id_}/solution/approval"
        asked = await service.http.post(
            f"/complaints/v1/complaints/{id_}/compensations",
            json={"kind": "goods", "cost": "9000.00", "text": "Creme"},
            headers=as_role("cs_manager", CS_MANAGER),
        )
        gift = f"/complaints/{id_}/compensations/{asked.json()['id']}/approval"

        assert await refused(service, "cs_manager", solution, own) == (403, "own-solution")
        assert await refused(service, "salesperson", solution, own) == (403, "own-solution"), "whose solution it is"
        assert await refused(service, "cs_manager", gift, own) == (403, "own-compensation")
        await service.http.post(f"/complaints/v1{solution}", json=own, headers=as_role("cs_specialist", SUPERVISOR))
        await service.post(f"/complaints/{id_}/solution/approval", own)
        await step(service, id_, "execute", "salesperson")
        for role in ("cs_specialist", "salesperson"):
            assert await refused(service, role, f"/complaints/{id_}/steps/inspect", {"text": "gut"}) == (
                403,
                "own-case",
            )


@pytest.mark.parametrize("path", ["answer", "resolve", "pause", "steps/investigate", "judgement", "close"])
async def test_only_what_was_taken_over_has_times_in_the_past(fresh_database: FreshDatabase, path: str) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        if path == "close":
            await service.move(id_, "resolve")
        service.clock.forward(timedelta(minutes=10))
        words = {"valid": True, "good_faith": True, "reasons": "so"} if path == "judgement" else {"text": "so"}
        body = {**words, "at": (START + SECOND).isoformat()}

        role = "cs_manager"
        assert await refused(service, role, f"/complaints/{id_}/{path}", body) == (422, "time-not-allowed")
        assert await refused(service, role, "/complaints", case(recorded_at=BEFORE)) == (403, "takeover-not-allowed")


async def test_a_clock_is_paused_once_and_before_the_breach(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        await service.move(id_, "pause", at_most="PT1H")
        path, why = f"/complaints/{id_}/pause", {"text": "noch eine Frage"}

        assert await refused(service, "cs_specialist", path, why) == (409, "clock-not-running")
        service.clock.forward(timedelta(hours=5))  # an hour of it paused
        assert await refused(service, "cs_specialist", path, why) == (409, "clock-breached")
        while await service.run_loops():
            pass
        assert await refused(service, "cs_specialist", path, why) == (409, "clock-breached")


async def test_a_policy_that_starts_in_the_past_changes_no_clock(fresh_database: FreshDatabase) -> None:
    """Administration writes one for what it takes over; colleagues are refused."""
    async with complaints(fresh_database) as service:
        await limits(service, resolve="PT10H")
        id_ = (await service.record())["id"]
        await service.hear_own()
        before = await service.clocks(id_)
        service.clock.forward(timedelta(minutes=1))
        back = (START - timedelta(days=30)).isoformat()
        for kind in ("answer", "accept", "investigate", "resolve"):
            body = {"kind": kind, "answer_within": "PT1M", "starts_at": back}
            own = await refused(service, "cs_manager", "/clock-policies", body)
            assert own == (403, "policy-starts-in-the-past")
            assert (await service.post("/clock-policies", body)).status_code == 201
        await service.run_loops()

        assert await service.clocks(id_) == before
        taken = await service.record(recorded_at=(START - timedelta(days=2)).isoformat())
        assert (await service.clocks(taken["id"]))["answer"]["allowed"] == "PT1M"


async def test_a_token_is_not_guessed(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        one, other = [await service.record() for _ in range(2)]
        token = one["tracking_token"]
        altered = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
        before = await rows(service)
        for guess in (altered, token[:-1], token + "A", token.upper(), other["id"], one["number"], "..", "x" * 500):
            for method, below in (("GET", ""), ("POST", "/words"), ("POST", "/satisfaction")):
                answer = await service.http.request(
                    method, f"/complaints/v1/track/{guess}{below}", json={"text": "ok"}, headers={"Authorization": ""}
                )
                assert answer.status_code in (401, 404, 422), (guess, method, answer.status_code)
                assert one["number"] not in answer.text

        assert await rows(service) == before
