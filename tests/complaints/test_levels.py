"""Levels as a policy: who hears of an answer's clock before and after the due moment, and when (decisions 16, 17)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.response_clocks.domain.advancing import Breached, ClockEvent, Escalated, Warned, advance
from services.complaints.response_clocks.domain.chain import Chain, line_of, without
from services.complaints.response_clocks.domain.clock import ResponseClock, next_moment
from services.complaints.rulebook.domain.levels import (
    RECIPIENTS,
    USUAL,
    LevelAfter,
    LevelBefore,
    Levels,
    LevelsRefused,
    Recipient,
)
from services.complaints.rulebook.store import levels as kept
from shared.contracts.complaints import (
    ComplaintClockRecalculated,
    ComplaintEscalated,
    ComplaintOverdue,
    ComplaintWarned,
)
from tests.complaints.building import CHAIN, CS_MANAGER, GENERAL, MANAGER, SPECIALIST, SUPERVISOR, complaints
from tests.postgres import FreshDatabase
from tests.support import START

MORNING = datetime(2026, 11, 4, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PERSONS = [UUID(int=n) for n in range(1, 6)]
AT_ONCE = LevelAfter(timedelta(), "concerned")

OTHERS: dict[str, Any] = {
    "before": [{"percent": 25}, {"percent": 90, "recipient": "department_manager"}],
    "after": [
        {"delay": "PT0S", "recipient": "concerned"},
        {"delay": "PT15M", "recipient": "department_manager"},
        {"delay": "PT2H", "recipient": "general_manager"},
    ],
}


def after(*levels: tuple[timedelta, Recipient]) -> Levels:
    return Levels((), (AT_ONCE, *(LevelAfter(delay, recipient) for delay, recipient in levels)))


def life(levels: Levels, line: Chain) -> list[ClockEvent]:
    """What a clock says that nobody stops; whom it has told of the miss is told no more."""
    clock, said = ResponseClock(MORNING, 4 * HOUR, levels=levels), list[ClockEvent]()
    while (moment := next_moment(clock)) is not None:
        heard = {event.staff_id for event in said if isinstance(event, Breached | Escalated) and event.staff_id}
        clock, events = advance(clock, moment, without(line, heard))
        said += events
    return said


def told(levels: Levels, persons: list[UUID | None]) -> list[tuple[timedelta, int, int | None]]:
    """How long after the miss who is told, and at which level."""
    due = MORNING + 4 * HOUR
    return [
        (
            event.at - due,
            event.level if isinstance(event, Escalated) else 1,
            event.staff_id.int if event.staff_id is not None else None,
        )
        for event in life(levels, line_of(persons))
        if isinstance(event, Breached | Escalated)
    ]


def test_each_level_has_a_delay_of_its_own_and_who_is_not_named_hears_nothing() -> None:
    levels = after((15 * MINUTE, "department_manager"), (2 * HOUR, "general_manager"))

    assert told(levels, [*PERSONS]) == [(timedelta(), 1, 1), (15 * MINUTE, 3, 3), (2 * HOUR, 5, 5)]


def test_whoever_stands_at_several_levels_is_told_at_the_lowest_that_is_named() -> None:
    """Of a supervisor who also is the customer-service manager the policy names the manager only."""
    li, zhou, wu = PERSONS[:3]
    levels = after((HOUR, "cs_manager"), (3 * HOUR, "general_manager"))

    assert told(levels, [li, zhou, zhou, zhou, wu]) == [(timedelta(), 1, 1), (HOUR, 4, 2), (3 * HOUR, 5, 3)]


def test_who_is_skipped_uses_up_no_time_of_their_own() -> None:
    levels = after((10 * MINUTE, "supervisor"), (2 * HOUR, "department_manager"), (3 * HOUR, "cs_manager"))

    assert told(levels, [PERSONS[0], None, PERSONS[2], PERSONS[3], None]) == [
        (timedelta(), 1, 1),
        (110 * MINUTE, 3, 3),
        (170 * MINUTE, 4, 4),
    ]


def test_where_nobody_is_concerned_the_next_level_that_is_named_hears_at_once() -> None:
    levels = after((15 * MINUTE, "cs_manager"), (HOUR, "general_manager"))

    assert told(levels, [None, PERSONS[1], None, PERSONS[3], PERSONS[4]]) == [
        (timedelta(), 1, None),
        (timedelta(), 4, 4),
        (45 * MINUTE, 5, 5),
    ]


def test_a_chain_of_which_the_policy_names_nobody_who_is_there_alarms() -> None:
    assert told(after(), [None, *PERSONS[1:]]) == [(timedelta(), 1, None), (timedelta(), 5, None)]


def test_a_warning_goes_to_whom_the_policy_names_or_the_next_above() -> None:
    levels = Levels((LevelBefore(10), LevelBefore(90, "supervisor")), (AT_ONCE,))

    first, second, _ = life(levels, line_of([PERSONS[0], None, PERSONS[2], None, None]))

    due = MORNING + 4 * HOUR
    assert first == Warned(10, MORNING + 24 * MINUTE, due, PERSONS[0])
    assert second == Warned(90, MORNING + 216 * MINUTE, due, PERSONS[2])


def test_nobody_is_warned_where_the_policy_does_not_say_so() -> None:
    [first, *_] = life(after((HOUR, "supervisor")), line_of([*PERSONS]))

    assert first == Breached(MORNING + 4 * HOUR, PERSONS[0])


def test_the_usual_levels_are_those_of_the_rule() -> None:
    """Warnings at 50 and 75 per cent; at 100 per cent the first, then one level every further hour (domain 3.3)."""
    USUAL.check()
    assert [(each.percent, each.recipient) for each in USUAL.before] == [(50, "concerned"), (75, "concerned")]
    assert [(each.delay, each.recipient) for each in USUAL.after] == [
        (timedelta(), "concerned"),
        (HOUR, "supervisor"),
        (2 * HOUR, "department_manager"),
        (3 * HOUR, "cs_manager"),
        (4 * HOUR, "general_manager"),
    ]
    assert kept.read(None) is USUAL


@st.composite
def level_lists(draw: st.DrawFn) -> Levels:
    percents = sorted(draw(st.sets(st.integers(1, 99), max_size=10)))
    above = [each for each in RECIPIENTS[1:] if draw(st.booleans())]
    delays = sorted(draw(st.sets(st.integers(1, 90 * 86_400), min_size=len(above), max_size=len(above))))
    return Levels(
        tuple(LevelBefore(percent, draw(st.sampled_from(RECIPIENTS))) for percent in percents),
        (AT_ONCE, *(LevelAfter(timedelta(seconds=delay), each) for delay, each in zip(delays, above, strict=True))),
    )


@given(level_lists(), st.lists(st.sampled_from([None, *PERSONS]), min_size=5, max_size=5))
def test_any_levels_that_may_be_are_kept_and_come_to_an_end_with_everybody_told_once(
    levels: Levels, persons: list[UUID | None]
) -> None:
    levels.check()
    assert kept.read(orjson.dumps(kept.written(levels)).decode()) == levels
    said = life(levels, line_of(persons))

    assert [event.percent for event in said if isinstance(event, Warned)] == [each.percent for each in levels.before]
    misses = [event for event in said if isinstance(event, Breached | Escalated)]
    heard = [event.staff_id for event in misses if event.staff_id is not None]
    named = {person for level, person in enumerate(persons, start=1) if person and levels.asks(level)}
    assert len(heard) == len(set(heard))
    assert set(heard) == named
    moments = [event.at for event in said]
    assert moments == sorted(moments)


@pytest.mark.parametrize(
    "levels, pointer",
    [
        (Levels((LevelBefore(75), LevelBefore(50)), (AT_ONCE,)), "before/1/percent"),
        (Levels((LevelBefore(50), LevelBefore(50)), (AT_ONCE,)), "before/1/percent"),
        (Levels((LevelBefore(100),), (AT_ONCE,)), "before/0/percent"),
        (Levels(tuple(LevelBefore(percent) for percent in range(1, 12)), (AT_ONCE,)), "before"),
        (Levels((), ()), "after"),
        (Levels((), (LevelAfter(MINUTE, "concerned"),)), "after"),
        (Levels((), (LevelAfter(timedelta(), "supervisor"),)), "after"),
        (after((timedelta(), "supervisor")), "after/1/delay"),
        (after((2 * HOUR, "supervisor"), (HOUR, "cs_manager")), "after/2/delay"),
        (after((HOUR, "cs_manager"), (2 * HOUR, "supervisor")), "after/2/recipient"),
        (after((HOUR, "supervisor"), (2 * HOUR, "supervisor")), "after/2/recipient"),
        (after((timedelta(days=91), "supervisor")), "after/1/delay"),
        (after((timedelta(seconds=1.5), "supervisor")), "after/1/delay"),
    ],
    ids=[
        "warnings go back", "twice the same", "at 100", "eleven", "nobody", "not at once", "not whom it concerns",
        "no later", "back in time", "downward", "twice somebody", "too late", "half a second",
    ],
)  # fmt: skip
def test_levels_that_cannot_be_say_what_is_wrong_and_where(levels: Levels, pointer: str) -> None:
    with pytest.raises(LevelsRefused) as refused:
        levels.check()
    assert refused.value.pointer == f"#/levels/{pointer}"


async def test_a_case_lives_by_the_levels_of_its_policy(fresh_database: FreshDatabase) -> None:
    """Recorded before the policy: the usual levels; after it: its own; a later policy changes neither."""
    async with complaints(fresh_database) as service:
        usual = (await service.record(await service.customer(), subject="delivery"))["id"]
        written = await service.post("/clock-policies", {"answer_within": "PT4H", "levels": OTHERS})
        assert written.status_code == 201, written.text
        other = (await service.record(await service.customer()))["id"]
        await service.post("/clock-policies", {"answer_within": "PT4H"})

        for _ in range(9 * 60 // 5):
            service.clock.forward(5 * MINUTE)
            await service.run_loops()

        facts = await service.facts(ComplaintWarned, ComplaintOverdue, ComplaintEscalated)
        said = {
            id_: [(fact.at - START, fact.staff_id) for fact in facts if str(fact.complaint_id) == id_]
            for id_ in (usual, other)
        }
        assert said[usual] == [
            (2 * HOUR, SPECIALIST),
            (3 * HOUR, SPECIALIST),
            *((hours * HOUR, staff_id) for hours, staff_id in enumerate(CHAIN, start=4)),
        ]
        assert said[other] == [
            (HOUR, SPECIALIST),
            (216 * MINUTE, MANAGER),
            (4 * HOUR, SPECIALIST),
            (255 * MINUTE, MANAGER),
            (6 * HOUR, GENERAL),
        ]
        breaches = await service.database.fetch(
            "SELECT level, staff_id FROM breach WHERE complaint_id = $1 ORDER BY level", UUID(other)
        )
        assert [tuple(row.values()) for row in breaches] == [(1, SPECIALIST), (3, MANAGER), (5, GENERAL)]


async def test_policies_say_their_levels(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        written = (await service.post("/clock-policies", {"answer_within": "PT3H", "levels": OTHERS})).json()
        listed = (await service.get("/clock-policies")).json()["items"]

        shown = {
            "before": [
                {"percent": 25, "recipient": "concerned", "action": "warn"},
                {"percent": 90, "recipient": "department_manager", "action": "warn"},
            ],
            "after": [
                {"delay": "PT0S", "recipient": "concerned", "action": "escalate"},
                {"delay": "PT15M", "recipient": "department_manager", "action": "escalate"},
                {"delay": "PT2H", "recipient": "general_manager", "action": "escalate"},
            ],
        }
        assert written["levels"] == listed[0]["levels"] == shown
        assert [level["percent"] for level in listed[1]["levels"]["before"]] == [50, 75]
        assert [level["delay"] for level in listed[1]["levels"]["after"]] == ["PT0S", "PT1H", "PT2H", "PT3H", "PT4H"]
        assert (listed[2]["kind"], listed[2]["levels"]) == ("accept", None)


async def test_levels_that_cannot_be_are_refused_and_nothing_is_written(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        first = {"delay": "PT0S", "recipient": "concerned"}
        refused: dict[str, list[dict[str, Any]]] = {
            "levels-refused": [
                {"levels": {"before": [{"percent": 75}, {"percent": 50}], "after": [first]}},
                {"levels": {"before": [], "after": [{"delay": "PT1H", "recipient": "supervisor"}]}},
                {"levels": {"before": [], "after": [{**first, "recipient": "cs_manager"}]}, "kind": "accept"},
            ],
            "invalid": [
                {"levels": {"before": [{"percent": 0}], "after": [first]}},
                {"levels": {"before": [{"percent": True}], "after": [first]}},
                {"levels": {"before": [], "after": []}},
                {"levels": {"before": [], "after": [first, {"delay": "PT1H", "recipient": "boss"}]}},
                {"levels": {"before": [{"percent": 50, "action": "escalate"}], "after": [first]}},
            ],
        }
        for slug, bodies in refused.items():
            for body in bodies:
                answer = await service.post("/clock-policies", {"answer_within": "PT4H", **body})
                assert (answer.status_code, answer.json()["slug"]) == (422, slug), answer.text
                assert answer.json()["errors"][0]["pointer"].startswith("#/levels")
        assert len((await service.get("/clock-policies")).json()["items"]) == 2


async def test_a_recalculated_clock_has_the_levels_of_now(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        policy = {"answer_within": "PT4H", "levels": OTHERS, "starts_at": START.isoformat()}
        await service.post("/clock-policies", policy)
        done = await service.post(f"/complaints/{id_}/clocks/recalculation", {"reason": "new levels"})
        assert done.status_code == 200, done.text

        for _ in range(5 * 60 // 5):
            service.clock.forward(5 * MINUTE)
            await service.run_loops()

        assert len(await service.facts(ComplaintClockRecalculated)) == 1
        warned = await service.facts(ComplaintWarned)
        assert [(fact.percent, fact.staff_id) for fact in warned] == [(25, SPECIALIST), (90, MANAGER)]


async def test_the_next_round_has_the_levels_of_its_policy(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        await service.move(id_, "answer")
        await service.post("/clock-policies", {"answer_within": "PT4H", "levels": OTHERS})
        await service.move(id_, "reopen")

        service.clock.forward(HOUR)
        await service.run_loops()

        assert [fact.percent for fact in await service.facts(ComplaintWarned)] == [25]


async def test_what_an_outage_delayed_is_told_at_its_moment_by_its_levels(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/clock-policies", {"answer_within": "PT4H", "levels": OTHERS})
        await service.record(await service.customer())

        service.clock.forward(10 * HOUR)
        while await service.run_loops():
            pass

        escalated = await service.facts(ComplaintEscalated)
        assert [(fact.at - START, fact.level) for fact in escalated] == [(255 * MINUTE, 3), (6 * HOUR, 5)]
        assert {fact.staff_id for fact in escalated}.isdisjoint({SUPERVISOR, CS_MANAGER})
