"""The levels of every clock by themselves: whatever its life, each is told once, where counted minutes put it."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.complaints.clocks.domain.clock import CaseClock, Told
from services.complaints.clocks.domain.telling import advance, concerned, told_of_miss
from services.complaints.response_clocks.domain.chain import Chain, line_of
from services.complaints.response_clocks.domain.clock import Pause
from services.complaints.rulebook.domain.calendar import Calendar
from services.complaints.rulebook.domain.levels import (
    MISS_ALONE,
    RECIPIENTS,
    LevelAfter,
    LevelBefore,
    Levels,
    number_of,
)
from tests.complaints.test_calendar_domain import calendars, moments
from tests.complaints.test_clock_domain import FAR, HORIZON, MINUTE, START, at, missed, paused, stretches, the_case

PERSONS = [UUID(int=n) for n in range(1, 6)]
ALLOWED = 100
"""Minutes, so that each per cent is one."""
UNTIL = 260
"""The minute at which the timer stops."""
AT_ONCE = LevelAfter(timedelta(), "concerned")


@st.composite
def level_lists(draw: st.DrawFn) -> Levels:
    percents = sorted(draw(st.sets(st.integers(1, 99), max_size=4)))
    above = [each for each in RECIPIENTS[1:] if draw(st.booleans())]
    delays = sorted(draw(st.sets(st.integers(1, 90), min_size=len(above), max_size=len(above))))
    return Levels(
        tuple(LevelBefore(percent, draw(st.sampled_from(RECIPIENTS))) for percent in percents),
        (AT_ONCE, *(LevelAfter(delay * MINUTE, each) for delay, each in zip(delays, above, strict=True))),
    )


lines = st.lists(st.sampled_from([None, *PERSONS]), min_size=5, max_size=5)
woken = st.lists(st.integers(1, HORIZON), min_size=1, max_size=12).map(sorted)


def seen_at(pauses: Sequence[tuple[int, int]], minute: int) -> list[Pause]:
    """The pauses as anybody can know them then: one that lasts has no end yet."""
    return [
        Pause(at(start), START + FAR, at(end) if end <= minute else None) for start, end in pauses if start < minute
    ]


def life(
    levels: Levels, line: Chain, wakes: Iterable[int], pauses: Sequence[tuple[int, int]] = (), kind: str = "propose"
) -> CaseClock:
    """A clock that nobody stops, and a timer that wakes at these minutes."""
    clock = CaseClock(kind, 1, ALLOWED * MINUTE, 1, started_at=START, levels=levels)  # type: ignore[arg-type]  # its kinds are literals
    for minute in wakes:
        clock = advance(clock.within(seen_at(pauses, minute)), at(minute), line, None)
    return clock


def misses(levels: Levels, persons: Sequence[UUID | None]) -> list[tuple[int, int, UUID | None]]:
    """By hand: how many minutes of the clock after the miss which level is told, and who that is."""
    told: list[tuple[int, int, UUID | None]] = []
    before = offset = 0
    for each in levels.after:
        delay = int(each.delay / MINUTE)
        person = persons[number_of(each.recipient) - 1]
        if person is not None and person not in [heard for *_, heard in told]:
            offset += delay - before if told else 0
            told.append((offset, number_of(each.recipient), person))
        before = delay
    return told or [(0, 1, None)]


def after_miss(clock: CaseClock) -> list[Told]:
    return [each for each in clock.told if each.level is not None]


@given(level_lists(), lines, stretches)
def test_a_timer_that_is_there_tells_each_level_at_the_minute_at_which_counting_puts_it(
    levels: Levels, persons: list[UUID | None], stretches: list[tuple[int, int]]
) -> None:
    """Warnings where so many minutes have run, levels so many minutes of the clock after the miss: pauses cost both."""
    pauses = paused(stretches)

    clock = life(levels, line_of(persons), range(1, UNTIL + 1), pauses)

    above = {each.percent: persons[number_of(each.recipient) - 1 :] for each in levels.before}
    expected = [
        (missed(0, percent, pauses, UNTIL), percent, None, next((each for each in persons if each), None))
        for percent, persons in above.items()
    ] + [
        (missed(0, ALLOWED + offset, pauses, UNTIL), None, level, person)
        for offset, level, person in misses(levels, persons)
    ]
    assert [(each.at, each.percent, each.level, each.staff_id) for each in clock.told] == [
        each for each in expected if each[0] is not None
    ]
    assert all(each.noticed_at == each.at for each in clock.told)


@given(level_lists(), lines, stretches, woken)
def test_whenever_it_wakes_each_level_is_told_once_in_order_at_its_own_moment(
    levels: Levels, persons: list[UUID | None], stretches: list[tuple[int, int]], wakes: list[int]
) -> None:
    pauses, last = paused(stretches), wakes[-1]

    clock = life(levels, line_of(persons), [*wakes, last], pauses)

    expected = [
        (moment, level, person)
        for offset, level, person in misses(levels, persons)
        if (moment := missed(0, ALLOWED + offset, pauses, last)) is not None
    ]
    assert [(each.at, each.level, each.staff_id) for each in after_miss(clock)] == expected
    warned = [each.percent for each in clock.told if each.percent is not None]
    assert warned == sorted({*warned}), "each once, and never back"
    assert [each.at for each in clock.told] == sorted(each.at for each in clock.told)
    assert all(each.noticed_at >= each.at and each.noticed_at in map(at, wakes) for each in clock.told)


@given(level_lists(), lines)
def test_what_is_overtaken_warns_nobody(levels: Levels, persons: list[UUID | None]) -> None:
    """As of the answer: of two warnings that an outage hid the later one is told, and after the miss none."""
    short_of_it = life(levels, line_of(persons), [99])
    late = life(levels, line_of(persons), [ALLOWED])

    assert [each.percent for each in short_of_it.told] == [each.percent for each in levels.before[-1:]]
    assert [each.percent for each in late.told] == [None]


@given(calendars(), moments, st.integers(1, 3_000), st.integers(1, 3_000))
def test_a_level_is_so_much_working_time_after_the_miss(
    calendar: Calendar, start: timedelta, allowed: int, delay: int
) -> None:
    levels = Levels((), (AT_ONCE, LevelAfter(delay * MINUTE, "supervisor")))
    clock = CaseClock("resolve", 1, allowed * MINUTE, 1, calendar, start, levels=levels)  # type: ignore[arg-type]  # drawn values have no types
    due = clock.due_at
    assert due is not None

    told = advance(clock, due + timedelta(days=400), line_of([*PERSONS]), None).told

    assert [each.at for each in told[:1]] == [due]
    assert calendar.between(due, told[1].at) == delay * MINUTE


def test_without_levels_the_first_who_is_there_is_told_once() -> None:
    for persons, level in (([*PERSONS], 1), ([None, None, PERSONS[2], PERSONS[3], None], 3)):
        clock = life(MISS_ALONE, line_of(persons), range(1, HORIZON))
        assert [(each.at, each.level, each.staff_id) for each in clock.told] == [
            (at(ALLOWED), level, persons[level - 1])
        ]
        assert not clock.speaks
    [nobody] = life(MISS_ALONE, (), [HORIZON]).told
    assert (nobody.level, nobody.staff_id) == (1, None)


def test_a_chain_of_which_the_policy_names_nobody_who_is_there_reaches_nobody() -> None:
    [told] = life(Levels((), (AT_ONCE,)), line_of([None, *PERSONS[1:]]), [HORIZON]).told

    assert (told.at, told.level, told.staff_id) == (at(ALLOWED), 1, None)


def test_another_line_goes_on_above_whom_it_told_and_an_exhausted_one_does_not_start_again() -> None:
    hour = 60 * MINUTE
    levels = Levels((), (AT_ONCE, *(LevelAfter(n * hour, each) for n, each in enumerate(RECIPIENTS[1:], start=1))))
    li, zhou, wu, zhao, qian = PERSONS
    clock = CaseClock("execute", 1, ALLOWED * MINUTE, 1, started_at=START, levels=levels)

    told_li = advance(clock, at(ALLOWED), line_of([li, zhou, zhou, zhou, wu]), None)
    handed_on = advance(told_li, at(ALLOWED + 300), line_of([zhao, qian, li, zhou, None]), None)

    assert [(each.level, each.staff_id) for each in handed_on.told] == [(1, li), (2, qian), (4, zhou)]
    ends = [each.at for each in handed_on.told]
    assert ends == [at(ALLOWED), at(ALLOWED + 60), at(ALLOWED + 120)], "who is skipped uses up no time"
    assert advance(handed_on, at(HORIZON + 600), line_of([zhao, qian, li, zhou, wu]), None) == handed_on


def test_what_was_stopped_too_late_tells_its_miss_alone() -> None:
    levels = Levels((LevelBefore(50),), (AT_ONCE, LevelAfter(MINUTE, "supervisor")))
    clock = CaseClock("propose", 1, ALLOWED * MINUTE, 1, started_at=START, levels=levels)

    stopped = told_of_miss(clock.stop(at(ALLOWED + 30), at(ALLOWED + 30)), line_of([*PERSONS]))

    assert [(each.at, each.noticed_at, each.level) for each in stopped.told] == [(at(ALLOWED), at(ALLOWED + 30), 1)]
    assert stopped.alarm_at(None) is None
    in_time = clock.stop(at(ALLOWED - 1), at(ALLOWED - 1))
    assert advance(in_time, at(HORIZON), line_of([*PERSONS]), None) == in_time


def test_nothing_is_told_of_what_lies_before_a_takeover() -> None:
    levels = Levels((LevelBefore(25), LevelBefore(75)), (AT_ONCE, LevelAfter(MINUTE, "supervisor")))
    clock = CaseClock("resolve", 1, ALLOWED * MINUTE, 1, started_at=START, levels=levels)

    between = advance(clock, at(90), line_of([*PERSONS]), at(50))
    over = advance(clock, at(HORIZON), line_of([*PERSONS]), at(ALLOWED))

    assert [each.percent for each in between.told] == [75]
    assert over == clock


def test_whom_a_clock_concerns() -> None:
    """Nobody where nobody took the case: behind nobody stands the customer-service manager (examples 3)."""
    handler, accountable = PERSONS[:2]
    case = the_case()._replace(responsible_id=handler, accountable_id=accountable)

    of = {kind: concerned(case, CaseClock(kind, 1, MINUTE, 1)) for kind in ("accept", "investigate", "execute")}

    assert of == {"accept": None, "investigate": handler, "execute": accountable}
    assert concerned(case._replace(accountable_id=None), CaseClock("execute", 1, MINUTE, 1)) == handler
