"""Giving cases out: presence, skills, load, silence, and who becomes free (decision 22e)."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.complaints.assignment.domain.choosing import Candidate, Hands, Wanted
from services.complaints.assignment.handlers import offering
from services.complaints.watch.handlers import advancing
from shared.contracts.complaints import (
    ComplaintAccepted,
    ComplaintAssigned,
    ComplaintClockMissed,
    ComplaintEscalated,
    ComplaintOpened,
    ComplaintOverdue,
)
from shared.contracts.customers import StaffListed
from shared.ids import new_id
from tests.complaints.building import CS_MANAGER, DEPARTMENT, SPECIALIST, SUPERVISOR, Complaints, as_role, complaints
from tests.postgres import FreshDatabase
from tests.support import START

HOUR = timedelta(hours=1)
SILENT = timedelta(minutes=15)


def moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


async def hear(service: Complaints) -> None:
    """Complaints hears its own news of what was recorded, each time all of it: reactions are made for that."""
    await service.deliver(await service.events(ComplaintOpened))


async def says(service: Complaints, who: UUID, state: str, **fields: Any) -> dict[str, Any]:
    answer = await service.http.post(
        "/complaints/v1/presence", json={"state": state, **fields}, headers=as_role("cs_specialist", who)
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def specialist(service: Complaints, *skills: str, there: bool = True) -> UUID:
    """A specialist more, who is there unless said otherwise."""
    listed = StaffListed(staff_id=new_id(), name="专员", role="cs_specialist", department_id=DEPARTMENT, skills=skills)
    await service.given(listed)
    if there:
        await says(service, listed.staff_id, "present")
    return listed.staff_id


async def handler(service: Complaints, id_: str) -> str:
    return str((await service.read(id_))["responsible_id"])


async def test_the_teams_specialist_keeps_what_the_team_brings(fresh_database: FreshDatabase) -> None:
    """Also one who never said that they are there, as long as they are not away."""
    async with complaints(fresh_database) as service:
        await specialist(service, "subject:product")
        case = await service.record(await service.customer())
        await hear(service)

        assert await handler(service, case["id"]) == str(SPECIALIST)
        assert await service.facts(ComplaintAssigned) == []


async def test_who_is_away_is_passed_over_for_who_knows_it_best(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await specialist(service)
        knows = await specialist(service, "subject:product")
        await specialist(service, "subject:delivery")
        await says(service, SPECIALIST, "away")
        case = await service.record(await service.customer())
        await hear(service)

        assert await handler(service, case["id"]) == str(knows)
        [fact] = await service.facts(ComplaintAssigned)
        assert (fact.from_id, fact.responsible_id) == (SPECIALIST, knows)
        [_, entry] = (await service.get(f"/complaints/{case['id']}/history")).json()["items"]
        assert (entry["what"], entry["entered_by"]) == ("assigned", None)
        assert entry["changes"]["responsible_id"] == {"from": str(SPECIALIST), "to": str(knows)}


async def test_of_equals_who_has_least_in_hand(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        one, other = await specialist(service), await specialist(service)
        cases = [await service.record() for _ in range(4)]
        await hear(service)

        assert [await handler(service, case["id"]) for case in cases] == [str(one), str(other)] * 2


async def test_with_so_many_in_hand_nobody_is_given_more(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        policy = await service.post("/assignment-policies", {"most_open": 1, "silent_after": "PT15M"})
        one = await specialist(service)
        team = await service.customer()
        first, second, third = [await service.record(team) for _ in range(3)]
        await hear(service)

        assert (policy.status_code, policy.json()["version"]) == (201, 2)
        assert await handler(service, first["id"]) == str(SPECIALIST)
        assert await handler(service, second["id"]) == str(one)
        assert await handler(service, third["id"]) == str(SPECIALIST)  # it waits there
        await service.move(second["id"], "answer")
        await service.run_loops()
        assert await handler(service, third["id"]) == str(one)


async def test_who_becomes_free_gets_the_highest_tier_and_in_it_the_oldest(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/assignment-policies", {"most_open": 1, "silent_after": "P1D"})
        wait = []
        for tier in ("C", "A", "A"):
            wait.append(await service.record(await service.customer(tier, team={"cs_manager": CS_MANAGER})))
            service.clock.forward(timedelta(minutes=1))
        await hear(service)
        assert {await handler(service, case["id"]) for case in wait} == {str(CS_MANAGER)}

        one = await specialist(service)
        await service.run_loops()

        assert [await handler(service, case["id"]) == str(one) for case in wait] == [False, True, False]
        await service.move(wait[1]["id"], "answer")
        await service.run_loops()
        assert [await handler(service, case["id"]) == str(one) for case in wait] == [False, True, True]


async def test_who_is_silent_loses_the_case_to_the_next(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        one, other = await specialist(service), await specialist(service)
        case = await service.record(await service.customer())
        await hear(service)
        seen = []
        for _ in range(4):
            service.clock.forward(SILENT - timedelta(seconds=1))
            await service.run_loops()
            seen.append(await handler(service, case["id"]))
            service.clock.forward(timedelta(seconds=1))
            await service.run_loops()

        assert seen == [str(SPECIALIST), str(one), str(other), str(other)]
        facts = await service.facts(ComplaintAssigned)
        assert [fact.responsible_id for fact in facts] == [one, other]


async def test_what_was_due_before_a_hand_on_is_told_to_who_had_the_case_then(fresh_database: FreshDatabase) -> None:
    """After an outage the case goes to the next, and each miss of before has its true moment and the line of then."""
    async with complaints(fresh_database) as service:
        await service.post("/clock-policies", {"answer_within": "PT1H", "kind": "investigate"})
        one = await specialist(service)
        id_ = (await service.record(await service.customer()))["id"]
        await hear(service)
        service.clock.forward(5 * HOUR + SILENT)
        noticed = service.clock.now()
        await offering.offer_due(service.service.context)

        assert await handler(service, id_) == str(one)
        [overdue] = await service.facts(ComplaintOverdue)
        [escalated] = await service.facts(ComplaintEscalated)
        assert (overdue.at, overdue.staff_id) == (START + 4 * HOUR, SPECIALIST)
        assert (escalated.at, escalated.level, escalated.staff_id) == (START + 5 * HOUR, 2, SUPERVISOR)
        missed = {fact.clock: fact for fact in await service.facts(ComplaintClockMissed)}
        assert (missed["investigate"].at, missed["investigate"].staff_id) == (START + HOUR, SPECIALIST)
        assert (missed["accept"].at, missed["accept"].staff_id) == (START + HOUR / 2, CS_MANAGER)
        breaches = await service.database.fetch("SELECT staff_id, noticed_at FROM breach ORDER BY level")
        assert [tuple(row.values()) for row in breaches] == [(SPECIALIST, noticed), (SUPERVISOR, noticed)]
        [_, entry] = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert (entry["what"], moment(entry["at"])) == ("assigned", noticed)

        await service.run_loops()
        assert len(await service.facts(ComplaintOverdue, ComplaintEscalated, ComplaintClockMissed)) == 4


@pytest.mark.parametrize("first", ["hand-on", "timer"])
async def test_a_hand_on_in_the_same_instant_as_a_miss(fresh_database: FreshDatabase, first: str) -> None:
    """Whoever holds the case first: the miss is told once, to who had the case when it fell due."""
    async with complaints(fresh_database) as service:
        await service.post("/assignment-policies", {"most_open": 10, "silent_after": "PT4H"})
        one = await specialist(service)
        id_ = (await service.record(await service.customer()))["id"]
        await hear(service)
        for _ in range(3):
            service.clock.forward(HOUR)
            await service.run_loops()
        service.clock.forward(HOUR)
        context = service.service.context

        works = [offering.offer_due, advancing.advance_batch]
        await asyncio.gather(*(work(context) for work in (works if first == "hand-on" else reversed(works))))
        await service.run_loops()  # whom the other held is looked at again within two seconds
        service.clock.forward(HOUR)
        while await service.run_loops():
            pass

        assert await handler(service, id_) == str(one)
        [overdue] = await service.facts(ComplaintOverdue)
        assert (overdue.at, overdue.staff_id) == (START + 4 * HOUR, SPECIALIST)
        [assigned] = await service.facts(ComplaintAssigned)
        assert (assigned.at, assigned.from_id) == (START + 4 * HOUR, SPECIALIST)
        versions = [event.aggregate_version for event in await service.events() if str(event.aggregate_id) == id_]
        assert sorted(set(versions)) == list(range(1, max(versions) + 1))


async def test_who_accepts_keeps_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await specialist(service)
        case = await service.record(await service.customer())
        await hear(service)
        await service.http.post(
            f"/complaints/v1/complaints/{case['id']}/accept", headers=as_role("cs_specialist", SPECIALIST)
        )
        service.clock.forward(SILENT * 3)
        await service.run_loops()

        assert await handler(service, case["id"]) == str(SPECIALIST)
        assert await service.database.fetchval("SELECT count(*) FROM case_offer") == 0


async def test_another_who_accepts_handles_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        case = await service.record(await service.customer())
        await hear(service)
        await service.http.post(
            f"/complaints/v1/complaints/{case['id']}/accept", headers=as_role("cs_specialist", SUPERVISOR)
        )

        assert await handler(service, case["id"]) == str(SUPERVISOR)
        [fact] = await service.facts(ComplaintAssigned)
        assert (fact.from_id, fact.responsible_id) == (SPECIALIST, SUPERVISOR)


async def test_a_hand_on_in_the_same_instant_as_an_acceptance(fresh_database: FreshDatabase) -> None:
    """Whoever is quicker, the timer or the person: it is accepted once, and then it is whose who accepted it."""
    async with complaints(fresh_database) as service:
        other = await specialist(service)
        ids = [(await service.record(await service.customer()))["id"] for _ in range(12)]
        await hear(service)
        service.clock.forward(SILENT)

        async def accepts(id_: str) -> int:
            answer = await service.http.post(
                f"/complaints/v1/complaints/{id_}/accept", headers=as_role("cs_specialist", SPECIALIST)
            )
            return answer.status_code

        context = service.service.context
        taken = await asyncio.gather(*map(accepts, ids[:6]), offering.offer_due(context), *map(accepts, ids[6:]))
        service.clock.forward(SILENT)
        await service.run_loops()

        assert taken[:6] + taken[7:] == [200] * 12
        assert [await handler(service, id_) for id_ in ids] == [str(SPECIALIST)] * 12
        assert await service.database.fetchval("SELECT count(*) FROM case_offer") == 0
        accepted = [str(fact.complaint_id) for fact in await service.facts(ComplaintAccepted)]
        assert sorted(accepted) == sorted(ids)
        for id_ in ids:
            told = [fact for fact in await service.facts(ComplaintAssigned) if str(fact.complaint_id) == id_]
            hands = [(fact.from_id, fact.responsible_id) for fact in told]
            assert hands in ([], [(SPECIALIST, other), (other, SPECIALIST)])


async def test_who_was_named_by_hand_keeps_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await specialist(service)
        case = await service.record(await service.customer())
        await hear(service)
        path = f"/complaints/v1/complaints/{case['id']}/responsible"
        await service.http.put(path, json={"staff_id": str(CS_MANAGER)}, headers={"If-Match": "*"})
        service.clock.forward(SILENT * 3)
        await service.run_loops()

        assert await handler(service, case["id"]) == str(CS_MANAGER)


async def test_history_and_what_customer_service_recorded_are_offered_to_nobody(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await specialist(service)
        old = (service.clock.now() - timedelta(days=30)).isoformat()
        taken_over = await service.record(recorded_at=old)
        body = {"kind": "complaint", "subject": "product", "text": "x"}
        await service.http.post(
            "/complaints/v1/complaints",
            json={**body, "customer_id": str(await service.customer())},
            headers=as_role("cs_specialist", SPECIALIST),
        )
        await hear(service)

        assert await handler(service, taken_over["id"]) == str(CS_MANAGER)
        assert await service.database.fetchval("SELECT count(*) FROM case_offer") == 0


async def test_heard_again_nothing_is_given_out_again(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await says(service, SPECIALIST, "away")
        await specialist(service)
        case = await service.record(await service.customer())
        await hear(service)
        service.clock.forward(timedelta(minutes=5))
        events = await service.events(ComplaintOpened)
        await service.database.execute("DELETE FROM inbox")
        await service.deliver(events)

        assert len(await service.facts(ComplaintAssigned)) == 1
        assert await service.database.fetchval(
            "SELECT offered_at FROM case_offer WHERE complaint_id = $1", UUID(case["id"])
        ) == service.clock.now() - timedelta(minutes=5)


async def test_two_who_give_out_at_once_give_each_case_once(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/assignment-policies", {"most_open": 3, "silent_after": "PT15M"})
        people = [await specialist(service) for _ in range(2)]
        cases = [await service.record() for _ in range(6)]
        await hear(service)
        service.clock.forward(SILENT)

        (loop,) = [each for each in service.service.loops if each.name == "complaints.offers"]
        await asyncio.gather(*(loop.step() for _ in range(3)))

        hands = [await handler(service, case["id"]) for case in cases]
        assert sorted(hands.count(str(person)) for person in people) == [3, 3]
        assert len(await service.facts(ComplaintAssigned)) == 12


async def test_presence_is_said_by_oneself_and_ends_by_itself(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        until = service.clock.now() + timedelta(hours=1)
        unsaid = {each["staff_id"]: each["state"] for each in (await service.get("/presence")).json()["items"]}
        away = await says(service, SPECIALIST, "away", until=until.isoformat())
        service.clock.forward(timedelta(hours=1))
        back = {each["staff_id"]: each["state"] for each in (await service.get("/presence")).json()["items"]}
        by_another = await service.http.post(
            "/complaints/v1/presence",
            json={"state": "away", "staff_id": str(SUPERVISOR)},
            headers=as_role("cs_specialist", SPECIALIST),
        )
        by_manager = await service.http.post(
            "/complaints/v1/presence",
            json={"state": "away", "staff_id": str(SPECIALIST)},
            headers=as_role("cs_manager", CS_MANAGER),
        )

        assert set(unsaid.values()) == {"unsaid"}
        assert (away["state"], back[str(SPECIALIST)]) == ("away", "present")
        assert (by_another.status_code, by_another.json()["slug"]) == (403, "not-your-presence")
        assert by_manager.json()["state"] == "away"


@pytest.mark.parametrize(
    "body, slug",
    [
        ({"state": "present", "until": "2026-11-05T00:00:00Z"}, "presence-refused"),
        ({"state": "away", "until": "2026-11-04T01:00:00Z"}, "presence-refused"),
        ({"state": "away", "staff_id": "01900000-0000-7000-8000-00000000ffff"}, "unknown-staff"),
        ({"state": "asleep"}, "invalid"),
    ],
)
async def test_presence_that_cannot_be_is_refused(
    fresh_database: FreshDatabase, body: dict[str, str], slug: str
) -> None:
    async with complaints(fresh_database) as service:
        assert await service.refused("/presence", body) == (422, slug)
        assert await service.database.fetchval("SELECT count(*) FROM staff_presence WHERE said_by IS NOT NULL") == 0


async def test_policies_that_cannot_be_are_refused(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for body, slug in (
            ({"most_open": 0, "silent_after": "PT15M"}, "invalid"),
            ({"most_open": 5, "silent_after": "PT1S"}, "silence-out-of-bounds"),
        ):
            assert await service.refused("/assignment-policies", body) == (422, slug)
        [first] = (await service.get("/assignment-policies")).json()["items"]
        assert first == {"version": 1, "most_open": 30, "silent_after": "PT15M"}


def test_skill_counts_before_load_and_load_before_age() -> None:
    knows, idle, older = new_id(), new_id(), new_id()
    hands = Hands.of(
        [
            Candidate(knows, frozenset({"subject:product", "language:en"}), True, 5),
            Candidate(idle, frozenset(), True, 0),
            Candidate(older, frozenset({"subject:product"}), True, 4),
        ],
        most_open=10,
    )

    assert hands.choose(Wanted("product", language="en"), None, ()) == knows
    assert hands.choose(Wanted("product"), None, ()) == older
    assert hands.choose(Wanted("price"), None, ()) == idle
    assert hands.choose(Wanted("price"), older, ()) == older
    assert hands.choose(Wanted("price"), older, (older,)) == idle
    assert hands.choose(Wanted("price"), None, (knows, idle, older)) is None
