"""What somebody has to do: now, and as it happens, over a real connection."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import uvicorn

from shared.bus.inprocess import InProcessPublisher
from shared.bus.relay import Relay
from shared.contracts.complaints import ComplaintOverdue
from shared.live.seats import MOST_OF_A_CALLER
from tests.complaints.building import CS_MANAGER, GENERAL, SALESPERSON, SPECIALIST, Complaints, as_role, complaints
from tests.complaints.penalising import a_penalty, appeal, decide
from tests.complaints.test_compensations import decide as decide_compensation
from tests.complaints.test_compensations import give
from tests.complaints.test_lists import assigned
from tests.complaints.test_solutions import decide as decide_solution
from tests.complaints.test_solutions import proposed
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.reporting.test_live import Follower, Message

LIVE = "/complaints/v1/me/live"


async def test_my_cases_and_what_is_due(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        small, vip = await service.customer("D"), await service.customer("A")
        first = await service.record(small)
        service.clock.forward(timedelta(hours=1))
        second = await service.record(vip)
        paused = await service.record(vip)
        await service.move(paused["id"], "pause")
        answered = await service.record(vip, against={"type": "person", "id": str(SALESPERSON)})
        await service.move(answered["id"], "answer")
        closed = await service.record(vip, kind="enquiry")
        for movement in ("answer", "resolve", "close"):
            await service.move(closed["id"], movement)
        await service.record()

        mine = (await service.http.get("/complaints/v1/me", headers=as_role("cs_specialist", SPECIALIST))).json()
        against = (await service.http.get("/complaints/v1/me", headers=as_role("salesperson", SALESPERSON))).json()

        assert [case["id"] for case in mine["cases"]] == [each["id"] for each in (first, second, paused, answered)]
        assert mine["accountable_for"] == []
        answers = [due for due in mine["deadlines"] if due["kind"] == "answer"]
        assert [due["complaint_id"] for due in answers] == [first["id"], second["id"]]
        assert [due["due_at"] for due in mine["deadlines"]] == sorted(due["due_at"] for due in mine["deadlines"])
        assert answers[0] == {
            "complaint_id": first["id"],
            "number": first["number"],
            "kind": "answer",
            "due_at": "2026-11-04T05:00:00Z",
            "overdue": False,
        }
        assert against["cases"] == []
        assert [case["id"] for case in against["accountable_for"]] == [answered["id"]]


async def test_what_is_proposed_against_me(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(await service.customer("A"))
        service.clock.forward(timedelta(hours=5))
        await service.run_loops()
        await service.deliver(await service.events(ComplaintOverdue))

        mine = (await service.http.get("/complaints/v1/me", headers=as_role("cs_specialist", SPECIALIST))).json()
        others = (await service.http.get("/complaints/v1/me", headers=as_role("cs_manager", CS_MANAGER))).json()

        proposed = {(penalty["rule"], penalty["basis"]["number"]) for penalty in mine["penalties"]}
        assert ("unanswered", opened["number"]) in proposed
        assert others["penalties"] == []


async def test_what_awaits_my_decision(fresh_database: FreshDatabase) -> None:
    """Proposals await administration, those of its own people and appeals the general manager too; never who pays."""
    async with complaints(fresh_database) as service:
        clerk, other = await service.colleague("admin_dept"), await service.colleague("admin_dept")

        async def awaiting(role: str, who: UUID) -> list[str]:
            mine = (await service.http.get("/complaints/v1/me", headers=as_role(role, who))).json()
            return [each["id"] for each in mine["decisions"]]

        of_sales = await a_penalty(service, SALESPERSON)
        of_clerk = await a_penalty(service, clerk)
        assert await awaiting("admin_dept", other) == [of_sales]
        assert await awaiting("admin_dept", clerk) == [of_sales]
        assert await awaiting("general_manager", GENERAL) == [of_clerk]
        assert await awaiting("salesperson", SALESPERSON) == []

        await decide(service, of_sales, "100", by=clerk)
        assert await awaiting("admin_dept", other) == []
        await appeal(service, of_sales)
        assert await awaiting("admin_dept", other) == [of_sales]
        assert await awaiting("admin_dept", clerk) == [], "who decided first"
        assert await awaiting("general_manager", GENERAL) == [of_sales, of_clerk]


async def test_notices_to_me_and_until_when_they_want_something(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        first, second, third = [await service.record(await service.customer("A")) for _ in range(3)]
        for opened, days in ((first, 2), (second, 1), (third, 3)):
            deadline = (service.clock.now() + timedelta(days=days)).isoformat()
            body = {"to": str(SALESPERSON), "demand": "请说明", "deadline": deadline}
            assert (await service.post(f"/complaints/{opened['id']}/notice", body)).status_code == 201
        body = {"to": str(CS_MANAGER), "demand": "请说明", "deadline": "2026-11-20T00:00:00Z"}
        assert (await service.post(f"/complaints/{third['id']}/notice", body)).status_code == 201
        me = as_role("salesperson", SALESPERSON)
        read = await service.http.post(f"/complaints/v1/complaints/{second['id']}/notice/acknowledge", headers=me)
        assert read.status_code == 200
        service.clock.forward(timedelta(days=1))

        mine = (await service.http.get("/complaints/v1/me", headers=me)).json()

        assert [(each["complaint_number"], each["overdue"]) for each in mine["notices"]] == [
            (second["number"], True),
            (first["number"], False),
        ], "the one that was superseded is somebody else's"
        for said in ("id", "number", "deadline", "issued_at", "acknowledged_at"):
            assert mine["notices"][0][said] == read.json()[said], "as the notice itself says it"
        assert mine["notices"][1]["acknowledged_at"] is None
        assert [(due["number"], due["kind"], due["due_at"]) for due in mine["deadlines"]] == [
            (each["complaint_number"], "notice", each["deadline"]) for each in mine["notices"]
        ]
        accountable = [case["number"] for case in mine["accountable_for"]]
        assert accountable == [first["number"], second["number"]]


async def approvals(service: Complaints, who: UUID) -> list[dict[str, Any]]:
    answer = await service.http.get("/complaints/v1/me", headers=as_role("cs_manager", who))
    found: list[dict[str, Any]] = answer.json()["approvals"]
    return found


async def test_what_awaits_my_word_until_it_is_given(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", {"required": True})
        solved = await proposed(service)
        service.clock.forward(timedelta(minutes=1))
        opened = (await service.record(await service.customer()))["id"]
        high, higher = [(await give(service, opened, SPECIALIST, cost)).json() for cost in ("3000.01", "5000.01")]

        mine = await approvals(service, CS_MANAGER)

        assert [(each["matter"], each["complaint_id"], each["cost"]) for each in mine] == [
            ("solution", solved, None),
            ("compensation", opened, "3000.01"),
        ]
        assert (mine[0]["asked_at"], mine[0]["asked_by"]) == ("2026-11-04T01:00:00Z", str(SALESPERSON))
        assert (mine[1]["compensation_id"], mine[1]["asked_by"]) == (high["id"], str(SPECIALIST))
        assert mine[1]["complaint_number"] == (await service.read(opened))["number"]
        assert [each["compensation_id"] for each in await approvals(service, GENERAL)] == [higher["id"]]
        assert await approvals(service, SPECIALIST) == []

        assert (await decide_solution(service, solved, "cs_manager", CS_MANAGER))[0] == 200
        assert (await decide_compensation(service, high, CS_MANAGER, approve=False)).status_code == 200
        taken_back = f"/complaints/{opened}/compensations/{higher['id']}/withdrawal"
        assert (await service.post(taken_back, {"reason": "不再需要"})).status_code == 200
        assert await approvals(service, CS_MANAGER) == await approvals(service, GENERAL) == []


async def test_a_new_round_asks_nobody_about_the_solution_of_the_one_before(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/solution-policies", {"required": True})
        solved = await proposed(service)
        assert [each["complaint_id"] for each in await approvals(service, CS_MANAGER)] == [solved]

        for movement in ("resolve", "reopen"):
            await service.move(solved, movement)

        assert await approvals(service, CS_MANAGER) == []


async def test_whose_word_is_asked_for_sees_it_as_it_happens(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service, served(service) as url:
        opened = (await service.record(await service.customer()))["id"]
        async with following(url, "general_manager", GENERAL) as me:
            asked = (await give(service, opened, SPECIALIST, "5000.01")).json()
            seen = await me.message()

        assert (seen.event, seen.data["data"]["compensation_id"]) == ("complaint.approval_asked", asked["id"])


@asynccontextmanager
async def served(service: Complaints) -> AsyncIterator[str]:
    """The service behind a real server; its relay numbers what is told."""
    database = service.database
    relay = Relay("complaints", database, InProcessPublisher(), service.clock, keep_contacts=True)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(service.app, log_config=None, lifespan="off", timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        serving, numbering = asyncio.create_task(server.serve([listening])), asyncio.create_task(relay.run())
        await eventually(lambda: server.started)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving
            numbering.cancel()


@asynccontextmanager
async def following(url: str, role: str, who: UUID, last: int | None = None) -> AsyncIterator[Follower]:
    headers = as_role(role, who) | ({} if last is None else {"Last-Event-ID": str(last)})
    async with (
        httpx.AsyncClient(base_url=url, headers=headers, timeout=10) as http,
        http.stream("GET", LIVE) as response,
    ):
        assert response.status_code == 200
        yield Follower(response)


async def test_what_happens_to_my_cases_is_shown_as_it_happens(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service, served(service) as url:
        mine, others = await service.customer("A"), await service.customer("B", team={"cs_specialist": CS_MANAGER})
        async with following(url, "cs_specialist", SPECIALIST) as me:
            await service.record(others)
            opened = await service.record(mine)
            seen = await me.message()
            assert (seen.event, seen.data["data"]["complaint_id"]) == ("complaint.opened", opened["id"])
            assert set(seen.data) == {"type", "at", "data"}

        await service.move(opened["id"], "answer")
        async with following(url, "cs_specialist", SPECIALIST, last=seen.id) as me:
            missed = [await me.message()]
            while missed[-1].event != "complaint.answered":
                missed.append(await me.message())
            assert missed[0].id > seen.id, "the stream goes on where it stopped"
            elsewhere = await service.record(others)
            await assigned(service, elsewhere["id"], SPECIALIST)
            messages: list[Message] = await me.messages(1)
            assert messages[0].data["data"]["complaint_id"] == elsewhere["id"]


async def test_a_caller_has_so_many_streams_at_most(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        seats = service.service.context.live.seats
        taken = [seats.admit(SPECIALIST) for _ in range(MOST_OF_A_CALLER)]

        refused = await service.http.get(LIVE, headers=as_role("cs_specialist", SPECIALIST))

        assert (refused.status_code, refused.json()["slug"]) == (429, "too-many-streams")
        for seat in taken:
            seat.leave()
        foreign = {**as_role("cs_specialist", SPECIALIST), "Last-Event-ID": "yesterday"}
        assert (await service.http.get(LIVE, headers=foreign)).status_code == 400
