"""The levels of every clock on the real database: told once, at their moments, to whom they name."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from shared.contracts.clocks import ComplaintClockEscalated, ComplaintClockWarned
from shared.contracts.complaints import ComplaintClockMissed
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
from tests.complaints.test_clocks import CLOCKS, HOUR, MINUTE, accept, by_web, limits, moment
from tests.complaints.test_recalculation import recalculate
from tests.postgres import FreshDatabase
from tests.support import START

LEVELS: dict[str, Any] = {
    "before": [{"percent": 50}, {"percent": 90, "recipient": "supervisor"}],
    "after": [
        {"delay": "PT0S", "recipient": "concerned"},
        {"delay": "PT1H", "recipient": "supervisor"},
        {"delay": "PT3H", "recipient": "general_manager"},
    ],
}


async def policy(service: Complaints, kind: str, within: str, **more: Any) -> dict[str, Any]:
    answer = await service.post("/clock-policies", {"kind": kind, "answer_within": within, "levels": LEVELS, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def said(service: Complaints, clock: str) -> list[tuple[timedelta, int, UUID | None]]:
    """What a clock has told: when, of which per cent or level, and whom; the miss counts as 0."""
    facts = await service.facts(ComplaintClockWarned, ComplaintClockMissed, ComplaintClockEscalated)
    found: list[tuple[timedelta, int, UUID | None]] = []
    for fact in facts:
        assert isinstance(fact, ComplaintClockWarned | ComplaintClockMissed | ComplaintClockEscalated)
        figure = {"percent": 0, "level": 0, **fact.model_dump()}
        if fact.clock == clock:
            found.append((fact.at - START, figure["percent"] or figure["level"], fact.staff_id))
    return found


async def minutes_pass(service: Complaints, length: timedelta, step: timedelta = 6 * MINUTE) -> None:
    """Time with a timer that is there."""
    for _ in range(length // step):
        service.clock.forward(step)
        await service.run_loops(CLOCKS)


async def taken(service: Complaints) -> str:
    """A case that the specialist has taken at once."""
    opened = await by_web(service)
    await accept(service, opened["id"])
    return str(opened["id"])


async def test_a_case_that_nobody_takes_goes_up_behind_the_customer_service_manager(
    fresh_database: FreshDatabase,
) -> None:
    """Nobody has it, so it concerns who is told of its miss anyway, and the line is theirs."""
    async with complaints(fresh_database) as service:
        written = await policy(service, "accept", "PT30M")
        listed = (await service.get("/clock-policies")).json()["items"]
        await by_web(service)
        await minutes_pass(service, 5 * HOUR, 3 * MINUTE)

        assert [level["percent"] for level in written["levels"]["before"]] == [50, 90]
        assert listed[0]["levels"] == written["levels"]
        assert await said(service, "accept") == [
            (15 * MINUTE, 50, CS_MANAGER),
            (27 * MINUTE, 90, MANAGER),  # they have no supervisor: the next above
            (30 * MINUTE, 0, CS_MANAGER),
            (150 * MINUTE, 5, GENERAL),  # nobody is skipped at their cost: two hours after the level before it
        ]


async def test_every_other_clock_has_levels_too_and_the_case_shows_who_was_told_when(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        for kind in ("investigate", "resolve"):
            await policy(service, kind, "PT1H")
        id_ = await taken(service)
        await minutes_pass(service, 5 * HOUR)

        for kind in ("investigate", "resolve"):
            assert await said(service, kind) == [
                (30 * MINUTE, 50, SPECIALIST),
                (54 * MINUTE, 90, SUPERVISOR),
                (HOUR, 0, SPECIALIST),
                (2 * HOUR, 2, SUPERVISOR),
                (4 * HOUR, 5, GENERAL),
            ]
        clocks = await service.clocks(id_)
        shown = clocks["investigate"]
        assert [(each["percent"], each["level"], each["staff_id"]) for each in shown["told"]] == [
            (50, None, str(SPECIALIST)),
            (90, None, str(SUPERVISOR)),
            (None, 1, str(SPECIALIST)),
            (None, 2, str(SUPERVISOR)),
            (None, 5, str(GENERAL)),
        ]
        assert [moment(each["at"]) for each in shown["told"]] == [
            START + length for length in (30 * MINUTE, 54 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR)
        ]
        assert [level["delay"] for level in shown["levels"]["after"]] == ["PT0S", "PT1H", "PT3H"]
        assert (clocks["accept"]["levels"], clocks["accept"]["told"]) == (None, [])
        assert len(await service.facts(ComplaintClockMissed)) == 2


async def test_of_the_answer_who_was_told_is_shown_with_its_moment(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = await taken(service)
        service.clock.forward(5 * HOUR + 30 * MINUTE)
        await service.run_loops()

        answer = (await service.clocks(id_))["answer"]

        assert [(moment(each["at"]), each["level"], each["staff_id"]) for each in answer["told"]] == [
            (START + 4 * HOUR, 1, str(SPECIALIST)),
            (START + 5 * HOUR, 2, str(SUPERVISOR)),
        ]
        assert {moment(each["noticed_at"]) for each in answer["told"]} == {service.clock.now()}
        assert [level["percent"] for level in answer["levels"]["before"]] == [50, 75]


async def test_what_an_outage_hid_is_told_late_at_its_moment_and_once(fresh_database: FreshDatabase) -> None:
    """However often a timer comes, and however many at a time."""
    async with complaints(fresh_database) as service:
        await policy(service, "accept", "PT30M")
        cases = [(await service.record())["id"] for _ in range(30)]
        await service.hear_own()
        service.clock.forward(10 * HOUR)

        await asyncio.gather(*(service.run_loops(CLOCKS) for _ in range(3)))
        service.clock.forward(HOUR)
        assert await service.run_loops(CLOCKS) == 0

        told = await said(service, "accept")
        assert sorted(told, key=lambda each: each[0]) == [
            *[(30 * MINUTE, 0, CS_MANAGER)] * len(cases),
            *[(150 * MINUTE, 5, GENERAL)] * len(cases),
        ]
        heard = (await service.clocks(cases[0]))["accept"]["told"]
        assert {moment(each["noticed_at"]) for each in heard} == {START + 10 * HOUR}


async def test_pauses_cost_the_levels_after_a_miss_as_they_cost_the_clock(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await policy(service, "investigate", "PT1H")
        id_ = await taken(service)
        await minutes_pass(service, 90 * MINUTE)
        await service.move(id_, "pause", at_most="PT10H")
        await minutes_pass(service, 2 * HOUR)
        await service.move(id_, "resume")
        await minutes_pass(service, 6 * HOUR)

        assert (await said(service, "investigate"))[2:] == [
            (HOUR, 0, SPECIALIST),
            (4 * HOUR, 2, SUPERVISOR),
            (6 * HOUR, 5, GENERAL),
        ]


async def test_what_was_due_before_the_case_changes_hands_is_told_in_the_line_of_before(
    fresh_database: FreshDatabase,
) -> None:
    """Then the new line goes on above whom the old one reached; who was told is skipped."""
    async with complaints(fresh_database) as service:
        await policy(service, "investigate", "PT1H")
        other = await service.colleague("cs_specialist", supervisor_id=SUPERVISOR)
        id_ = await taken(service)
        service.clock.forward(90 * MINUTE)  # no timer has noticed the miss

        named = await service.http.put(
            f"/complaints/v1/complaints/{id_}/responsible",
            json={"staff_id": str(other)},
            headers={**as_role("cs_manager", CS_MANAGER), "If-Match": "*"},
        )
        assert named.status_code == 200, named.text
        assert await said(service, "investigate") == [(HOUR, 0, SPECIALIST)]
        await minutes_pass(service, 6 * HOUR)

        assert await said(service, "investigate") == [
            (HOUR, 0, SPECIALIST),
            (2 * HOUR, 2, SUPERVISOR),
            (4 * HOUR, 5, GENERAL),
        ]


async def test_an_execution_goes_up_in_the_line_of_whom_the_case_is_against(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await policy(service, "execute", "PT1H")
        opened = await service.record(await service.customer(), against={"type": "person", "id": str(SALESPERSON)})
        await service.hear_own()
        await accept(service, opened["id"])
        for step in ("investigate", "propose"):
            await service.move(opened["id"], f"steps/{step}")
        await minutes_pass(service, 5 * HOUR)

        assert await said(service, "execute") == [
            (30 * MINUTE, 50, SALESPERSON),
            (54 * MINUTE, 90, MANAGER),
            (HOUR, 0, SALESPERSON),
            (3 * HOUR, 5, GENERAL),
        ]


async def test_a_step_that_is_done_too_late_tells_its_miss_alone(fresh_database: FreshDatabase) -> None:
    """What came of its levels meanwhile has nobody to hurry any more, as with the answer."""
    async with complaints(fresh_database) as service:
        await policy(service, "investigate", "PT1H")
        id_ = await taken(service)
        service.clock.forward(5 * HOUR)

        await service.move(id_, "steps/investigate")
        await service.run_loops()

        assert await said(service, "investigate") == [(HOUR, 0, SPECIALIST)]
        [heard] = (await service.clocks(id_))["investigate"]["told"]
        assert (moment(heard["at"]), moment(heard["noticed_at"])) == (START + HOUR, START + 5 * HOUR)


async def test_a_clock_keeps_the_levels_of_its_beginning_until_it_is_recalculated(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        await limits(service, investigate="PT4H")
        id_ = await taken(service)
        await policy(service, "investigate", "PT4H", starts_at=START.isoformat())
        await minutes_pass(service, 2 * HOUR)
        assert await said(service, "investigate") == []

        [changed] = await recalculate(service, id_)
        await minutes_pass(service, 6 * HOUR)

        assert (changed["allowed_before"], changed["allowed"]) == ("PT4H", "PT4H")
        assert await said(service, "investigate") == [
            (2 * HOUR, 50, SPECIALIST),
            (216 * MINUTE, 90, SUPERVISOR),
            (4 * HOUR, 0, SPECIALIST),
            (5 * HOUR, 2, SUPERVISOR),
            (7 * HOUR, 5, GENERAL),
        ]


async def test_a_longer_clock_warns_anew_of_what_is_due_anew(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await policy(service, "investigate", "PT2H")
        id_ = await taken(service)
        await minutes_pass(service, HOUR)
        await policy(service, "investigate", "PT4H", starts_at=START.isoformat())

        await recalculate(service, id_)
        await minutes_pass(service, 2 * HOUR)

        assert await said(service, "investigate") == [(HOUR, 50, SPECIALIST), (2 * HOUR, 50, SPECIALIST)]


async def test_a_chain_that_reaches_nobody_names_nobody_so_that_administration_hears(
    fresh_database: FreshDatabase,
) -> None:
    """The policy names whom it concerns alone, and they have left."""
    async with complaints(fresh_database) as service:
        alone = {"before": [], "after": [{"delay": "PT0S", "recipient": "concerned"}]}
        await policy(service, "investigate", "PT1H", levels=alone)
        await taken(service)
        await service.database.execute("UPDATE directory_staff SET active = false WHERE id = $1", SPECIALIST)
        await minutes_pass(service, 3 * HOUR)

        assert await said(service, "investigate") == [(HOUR, 0, None)]


async def test_of_a_takeover_nothing_is_told_of_before_and_all_of_after(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        long_ago = {"starts_at": datetime(2020, 1, 1).astimezone().isoformat()}
        await policy(service, "investigate", "PT1H", **long_ago)
        await policy(service, "resolve", "PT20H", **long_ago)
        await service.record(await service.customer(), recorded_at=(START - 15 * HOUR).isoformat())
        await service.hear_own()
        await minutes_pass(service, 7 * HOUR)

        assert await said(service, "investigate") == []
        assert await said(service, "resolve") == [
            (3 * HOUR, 90, SUPERVISOR),
            (5 * HOUR, 0, SPECIALIST),
            (6 * HOUR, 2, SUPERVISOR),
        ]


async def test_a_reopened_case_begins_its_levels_anew(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await policy(service, "resolve", "PT1H")
        id_ = await taken(service)
        await minutes_pass(service, 90 * MINUTE)
        await service.move(id_, "answer")
        await service.move(id_, "reopen")
        await minutes_pass(service, 90 * MINUTE)

        whole = [(30 * MINUTE, 50, SPECIALIST), (54 * MINUTE, 90, SUPERVISOR), (HOUR, 0, SPECIALIST)]
        again = [(length + 90 * MINUTE, figure, staff_id) for length, figure, staff_id in whole]
        assert await said(service, "resolve") == [*whole, *again]
        missed = await service.facts(ComplaintClockMissed)
        assert [fact.round for fact in missed if fact.clock == "resolve"] == [1, 2]
