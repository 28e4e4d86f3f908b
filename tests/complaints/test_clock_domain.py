"""The clocks of a case by themselves: whatever their life, a miss is where counted minutes put it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.complaints.cases.domain import Case, CaseState
from services.complaints.clocks.domain.clock import CaseClock
from services.complaints.clocks.domain.recalculating import recalculated
from services.complaints.clocks.domain.rounds import STEP_CLOCKS, Beginning, clocks_of, followed
from services.complaints.response_clocks.domain.clock import Pause, ResponseClock
from services.complaints.rulebook.domain.calendar import ALWAYS, Calendar
from services.complaints.rulebook.domain.levels import MISS_ALONE
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
    changes = {
        "version": version, "kind": kind, "answer_within": minutes * MINUTE, "calendar": ALWAYS, "levels": MISS_ALONE
    }  # fmt: skip
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


@st.composite
def lives(draw: st.DrawFn) -> list[tuple[int, str]]:
    """What happens in a round, each at its minute: some steps in their order, solved at any time, perhaps an end."""
    happens = [f"step:{step}" for step in STEP_CLOCKS[: draw(st.integers(0, len(STEP_CLOCKS)))]]
    if draw(st.booleans()):
        happens.insert(draw(st.integers(0, len(happens))), "resolved")
        happens += draw(st.sampled_from([[], ["closed"]]))
    return list(zip(sorted(draw(st.lists(st.integers(0, HORIZON), min_size=8, max_size=8))), happens, strict=False))


@given(lengths, stretches, lives())
def test_each_clock_of_a_round_is_missed_where_counted_minutes_put_it(
    lengths: dict[str, int], stretches: list[tuple[int, int]], life: list[tuple[int, str]]
) -> None:
    """Whatever happens when: a step begins with the end of the one before, and the first to work has taken the case."""
    pauses = paused(stretches)
    running = clocks_of(replace(BEGINNING, accepted_at=None), rulebook(lengths, 1))
    ended: list[CaseClock] = []
    for minute, what in life:
        seen = tuple(
            Pause(at(start), START + FAR, at(end) if end <= minute else None) for start, end in pauses if start < minute
        )
        case = the_case()._replace(accepted_at=at(life[0][0]), clock=ResponseClock(START, 240 * MINUTE, seen))
        after = followed(running, case, what, at(minute), at(minute))
        running = [each for each in after if each.stopped_at is None]
        ended += [each for each in after if each.stopped_at is not None]

    minutes = {what: minute for minute, what in life}
    for found in (*ended, *running):
        began, stopped = lived(found.kind, minutes, life[0][0] if life else None)
        counted = [] if found.kind == "accept" else pauses
        allowed = lengths.get(found.kind, 30 if found.kind == "accept" else 2 * HORIZON)
        expected = None if began is None else missed(began, allowed, counted, stopped)
        whole = found.within(Pause(at(start), START + FAR, at(end)) for start, end in pauses)
        assert whole.missed_at(at(HORIZON)) == expected, found
        if stopped is not None:
            assert found.breached_at == expected, "judged at its end"


def lived(kind: str, minutes: Mapping[str, int], first: int | None) -> tuple[int | None, int | None]:
    """From when to when a clock ran: None for what never came."""
    if kind == "accept":
        return 0, first
    if kind == "resolve":
        return 0, minutes.get("resolved")
    position = [*STEP_CLOCKS].index(kind)  # type: ignore[arg-type]  # what is left are steps
    began = 0 if position == 0 else minutes.get(f"step:{STEP_CLOCKS[position - 1]}")
    return began, minutes.get(f"step:{kind}", minutes.get("closed"))


@given(
    st.integers(0, HORIZON), st.integers(1, HORIZON), st.integers(1, HORIZON), stretches, st.integers(0, HORIZON),
)  # fmt: skip
def test_what_is_recalculated_is_due_where_counted_minutes_put_it(
    began: int, allowed: int, allows: int, stretches: list[tuple[int, int]], now: int
) -> None:
    """Its pauses count for the new length as for the old; what would be missed already stays as it was."""
    pauses = [(start, min(end, now)) for start, end in paused(stretches) if start < now]
    seen = tuple(Pause(at(start), START + FAR, at(end)) for start, end in pauses)
    case = the_case()._replace(clock=ResponseClock(START, 240 * MINUTE, seen))
    before = CaseClock("propose", 1, allowed * MINUTE, 1, started_at=at(began))

    found = recalculated([before], case, BEGINNING, rulebook({"propose": allows}, 2), at(now))

    was_missed, would_be = (missed(began, each, pauses, None) for each in (allowed, allows))
    late = [each is not None and each <= at(now) for each in (was_missed, would_be)]
    assert len(found) == (not any(late))
    for _, after in found:
        assert (after.allowed, after.policy_version) == (allows * MINUTE, 2)
        assert after.missed_at(at(HORIZON)) == would_be
