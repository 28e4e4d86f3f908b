"""The clocks of a case by themselves: whatever their life, a miss is where counted minutes put it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.complaints.cases.domain import Case, CaseState
from services.complaints.clocks.domain import STEP_CLOCKS, Beginning, CaseClock, clocks_of, recalculated
from services.complaints.response_clocks.domain.clock import Pause, ResponseClock
from services.complaints.rulebook.domain.calendar import ALWAYS, Calendar
from services.complaints.rulebook.domain.policies import FOUR_HOUR_RULE, ClockPolicy
from services.complaints.rulebook.domain.rulebook import Rulebook
from tests.complaints.test_calendar_domain import calendars, durations, moments

START = datetime(2026, 11, 4, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HORIZON = 400
"""Minutes after which nobody looks any more."""
FAR = timedelta(days=300)

stretches = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), max_size=5)
"""Minutes in which a round runs, then minutes in which it stands, and so on."""


def at(minute: int) -> datetime:
    return START + minute * MINUTE


def paused(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pauses of a round: from the first minute, up to the second."""
    found, now = [], 0
    for running, standing in stretches:
        found.append((now + running, now + running + standing))
        now += running + standing
    return found


def clock(began: int, allowed: int, pauses: Sequence[tuple[int, int]], stopped: int | None = None) -> CaseClock:
    """A step's clock of a round with these pauses, as far as anybody has seen; one that lasts has nobody ended."""
    step = CaseClock("propose", 1, allowed * MINUTE, 1, started_at=at(began))
    seen = [(start, end) for start, end in pauses if start < HORIZON]
    intervals = (Pause(at(start), START + FAR, at(end) if end <= HORIZON else None) for start, end in seen)
    return step.within(intervals)._replace(stopped_at=at(stopped) if stopped is not None else None)


def missed(began: int, allowed: int, pauses: Sequence[tuple[int, int]], stopped: int | None) -> datetime | None:
    """The same by counting: the end of the minute in which it has run for as long as it may."""
    ran = 0
    for minute in range(began, HORIZON if stopped is None else stopped):
        if not any(start <= minute < end for start, end in pauses):
            ran += 1
        if ran == allowed:
            return at(minute + 1)
    return None


@given(stretches, st.integers(0, 120), st.integers(1, 200), st.none() | st.integers(0, 200))
def test_a_miss_is_where_counted_minutes_put_it(
    stretches: list[tuple[int, int]], began: int, allowed: int, runs: int | None
) -> None:
    """Pauses before it began cost nothing, nor do those after it was stopped; one that it began or ended in in part."""
    pauses = paused(stretches)
    stopped = began + runs if runs is not None else None

    found = clock(began, allowed, pauses, stopped).missed_at(at(HORIZON))

    assert found == missed(began, allowed, pauses, stopped)


@given(stretches, st.integers(1, 200), st.integers(0, HORIZON), st.integers(0, HORIZON))
def test_whoever_notices_when_the_miss_has_its_own_moment_and_the_first_notice_stays(
    stretches: list[tuple[int, int]], allowed: int, first: int, second: int
) -> None:
    running = clock(0, allowed, paused(stretches))
    first, second = sorted((first, second))

    once = running.judged(at(first), at(first))
    twice = once.judged(at(second), at(second)).stop(at(second), at(second))

    assert once.breached_at == running.missed_at(at(first))
    assert twice.breached_at == running.missed_at(at(second))
    if once.breached_at is not None:
        assert (twice.breached_at, twice.noticed_at) == (once.breached_at, at(first))
    assert twice.stop(at(HORIZON), at(HORIZON)) == twice, "what is stopped stays so"


@given(calendars(), moments, durations, st.lists(st.tuples(durations, durations), max_size=3))
def test_by_a_calendar_only_working_time_counts_and_costs(
    calendar: Calendar, start: datetime, allowed: timedelta, stretches: list[tuple[timedelta, timedelta]]
) -> None:
    pauses, now = [], start
    for running, standing in stretches:
        pauses.append(Pause(now + running, now + running + standing, now + running + standing))
        now += running + standing

    due = CaseClock("resolve", 1, allowed, 1, calendar, start).within(pauses).due_at

    assert due is not None
    stood = sum(
        (calendar.between(pause.started_at, pause.ended_at or due) for pause in pauses if pause.started_at < due),
        timedelta(),
    )
    assert calendar.between(start, due) == allowed + stood


@given(stretches, st.integers(1, 300))
def test_the_time_to_accept_knows_no_pause(stretches: list[tuple[int, int]], allowed: int) -> None:
    intervals = [Pause(at(start), at(end), at(end)) for start, end in paused(stretches)]
    accepting = CaseClock("accept", 1, allowed * MINUTE, 0, started_at=START).within(intervals)

    assert accepting.due_at == at(allowed)


def policy(version: int, kind: str, minutes: int) -> ClockPolicy:
    changes = {"version": version, "kind": kind, "answer_within": minutes * MINUTE, "calendar": ALWAYS}
    return replace(FOUR_HOUR_RULE, **changes)  # type: ignore[arg-type]  # fields by name


def rulebook(lengths: dict[str, int], version: int) -> Rulebook:
    return Rulebook(1, tuple(policy(version, kind, minutes) for kind, minutes in lengths.items()), (), {})


lengths = st.dictionaries(st.sampled_from(["accept", "resolve", *STEP_CLOCKS]), st.integers(1, HORIZON))
BEGINNING = Beginning(UUID(int=1), "complaint", "product", None, 1, START, False, START, None)


def the_case() -> Case:
    return Case(
        id=UUID(int=1), number="C-1", customer_id=None, kind="complaint", subject="product", state=CaseState.OPEN,
        tier=None, responsible_id=None, taken_over=False, registered_at=START, moved_at=START, round=1,
        policy_version=1, clock=ResponseClock(START, 240 * MINUTE), answered_at=None, resolved_at=None, closed_at=None,
        version=1,
    )  # fmt: skip


@given(lengths, lengths, st.sets(st.sampled_from(STEP_CLOCKS)), st.integers(0, HORIZON))
def test_a_recalculation_touches_nothing_that_has_ended_and_makes_no_miss(
    before: dict[str, int], after: dict[str, int], stopped: set[str], now: int
) -> None:
    begun = clocks_of(BEGINNING, rulebook(before, 1))
    clocks = [
        each.stop(at(now // 2), at(now // 2)) if each.kind in stopped else each.judged(at(now // 2), at(now // 2))
        for each in begun
    ]

    found = recalculated(clocks, the_case(), BEGINNING, rulebook(after, 2), at(now))

    for was, becomes in found:
        assert was in clocks
        assert was.missed_at(at(now)) is None, "no miss is taken back"
        assert was.stopped_at is None
        assert becomes.missed_at(at(now)) is None, "none is made of the past"
        assert becomes._replace(allowed=was.allowed, policy_version=was.policy_version) == was, "its life stays"
    assert recalculated([each.after for each in found], the_case(), BEGINNING, rulebook(after, 2), at(now)) == []
