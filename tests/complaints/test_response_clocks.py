"""The clock's rules by themselves, over many made-up lives of a clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.complaints.customers.domain import RANKS
from services.complaints.response_clocks.domain import advancing
from services.complaints.response_clocks.domain.advancing import (
    Breached,
    ClockBreached,
    ClockEvent,
    ClockNotRunning,
    Escalated,
    Resumed,
    Warned,
    advance,
)
from services.complaints.response_clocks.domain.chain import Chain, chain_of
from services.complaints.response_clocks.domain.clock import ResponseClock, next_moment
from services.complaints.rulebook.domain.policies import FOUR_HOUR_RULE, FOUR_HOURS, ClockPolicy, policy_for
from services.complaints.rulebook.domain.rulebook import Rulebook

START = datetime(2026, 11, 4, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PERSONS = [UUID(int=n) for n in range(1, 6)]
CHAIN = chain_of(PERSONS)

durations = st.integers(1, 90 * 86_400).map(lambda seconds: timedelta(seconds=seconds))


def clock(answer_within: timedelta = FOUR_HOURS, **changes: object) -> ResponseClock:
    return ResponseClock(START, answer_within)._replace(**changes)  # type: ignore[arg-type]  # fields by name


def lived(
    one: ResponseClock, chain: Chain = CHAIN, until: datetime | None = None
) -> tuple[ResponseClock, list[ClockEvent]]:
    """Advances at every moment that comes until there is none (or the given moment has come)."""
    said: list[ClockEvent] = []
    for _ in range(50):
        moment = next_moment(one)
        if moment is None or (until is not None and moment > until):
            return one, said
        before = one
        one, events = advance(one, moment, chain)
        assert one != before, "a moment at which nothing is done would advance for ever"
        said += events
    raise AssertionError("a clock does not come to its end")


@given(durations)
def test_a_clock_that_nobody_stops_warns_twice_breaches_once_and_climbs_to_the_top(answer_within: timedelta) -> None:
    ended, said = lived(clock(answer_within))

    assert [event.percent for event in said if isinstance(event, Warned)] == [50, 75]
    [breach] = [event for event in said if isinstance(event, Breached)]
    assert breach == Breached(START + answer_within, PERSONS[0])
    escalated = [(event.level, event.staff_id, event.at) for event in said if isinstance(event, Escalated)]
    assert escalated == [(level, PERSONS[level - 1], breach.at + timedelta(hours=level - 1)) for level in (2, 3, 4, 5)]
    assert ended.escalation_level == 5


pauses = st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 90_000)), max_size=5)


@given(pauses)
def test_the_due_moment_moves_by_what_was_paused(lengths: list[tuple[int, int]]) -> None:
    one, now, paused, ran = clock(), START, timedelta(), timedelta()
    for running, standing in lengths:
        ran += running * SECOND
        if ran >= FOUR_HOURS:
            break
        now += running * SECOND
        one, _ = advancing.pause(one, now, timedelta(days=30))
        assert one.due_at is None
        now += standing * SECOND
        one, _ = advancing.resume(one, now)
        paused += standing * SECOND

    assert one.due_at == START + FOUR_HOURS + paused
    _, said = lived(one)
    assert [event.at for event in said if isinstance(event, Breached)] == [START + FOUR_HOURS + paused]


@given(st.integers(0, 8 * 3600))
def test_an_answer_is_late_from_the_due_moment_on(seconds: int) -> None:
    at = START + seconds * SECOND

    stopped, events = advancing.stop(clock(), at, CHAIN)

    late = seconds >= 4 * 3600
    assert stopped.late_at(at) is late
    assert stopped.in_time is not late
    assert [type(each) for each in events] == ([Breached] if late else [])
    assert next_moment(stopped) is None


@given(st.integers(0, 20 * 3600))
def test_an_outage_delays_the_events_and_loses_no_miss(seconds: int) -> None:
    """Whenever the timer looks again, the miss is told with its own moment."""
    one = clock()
    now = START + FOUR_HOURS + seconds * SECOND
    one, events = advance(one, now, CHAIN)

    assert Breached(START + FOUR_HOURS, PERSONS[0]) in events
    assert not any(isinstance(each, Warned) for each in events)


@given(st.integers(0, 48 * 3600))
def test_nothing_is_said_of_the_time_before_a_takeover(seconds: int) -> None:
    takeover = START + seconds * SECOND
    _, said = lived(clock(silent_until=takeover))

    assert all(event.at > takeover for event in said)


def test_a_pause_ends_at_its_longest() -> None:
    paused, _ = advancing.pause(clock(), START + timedelta(hours=1), timedelta(hours=2))

    assert next_moment(paused) == START + timedelta(hours=3)
    resumed, events = advance(paused, START + timedelta(hours=9), CHAIN)

    assert events == (Resumed(START + timedelta(hours=3), START + timedelta(hours=6)),)
    assert resumed.due_at == START + timedelta(hours=6)


def test_only_a_running_clock_before_its_breach_is_paused() -> None:
    hour = timedelta(hours=1)
    paused, _ = advancing.pause(clock(), START, hour)
    stopped, _ = advancing.stop(clock(), START, CHAIN)

    with pytest.raises(ClockNotRunning):
        advancing.pause(paused, START, hour)
    with pytest.raises(ClockNotRunning):
        advancing.pause(stopped, START, hour)
    with pytest.raises(ClockBreached):
        advancing.pause(clock(), START + FOUR_HOURS, hour)
    with pytest.raises(ClockNotRunning):
        advancing.resume(clock(), START)


def test_answering_during_a_pause_is_in_time() -> None:
    paused, _ = advancing.pause(clock(), START + timedelta(hours=3), timedelta(hours=9))

    stopped, events = advancing.stop(paused, START + timedelta(hours=8), CHAIN)

    assert stopped.in_time
    assert events == (Resumed(START + timedelta(hours=8), START + timedelta(hours=9)),)


@pytest.mark.parametrize(
    "persons, levels",
    [
        ([PERSONS[0], None, PERSONS[2], None, PERSONS[4]], [1, 3, 5]),
        ([PERSONS[0], PERSONS[0], PERSONS[1], PERSONS[1], PERSONS[0]], [1, 3]),
        ([None, None, None, PERSONS[3], PERSONS[4]], [4, 5]),
        ([None] * 5, []),
    ],
)
def test_missing_and_repeated_persons_are_skipped(persons: list[UUID | None], levels: list[int]) -> None:
    chain = chain_of(persons)

    _, said = lived(clock(), chain)

    assert [link.level for link in chain] == levels
    told = [
        1 if isinstance(event, Breached) else event.level for event in said if isinstance(event, Breached | Escalated)
    ]
    if not levels:
        assert said[-1] == Escalated(5, None, START + FOUR_HOURS, START + FOUR_HOURS)
    elif levels[0] == 1:
        assert told == levels
    else:
        assert told == [1, *levels], "the miss itself, then at once the first who is there"


def policy(version: int, **changes: object) -> ClockPolicy:
    return replace(FOUR_HOUR_RULE, version=version, **changes)  # type: ignore[arg-type]  # fields by name


def test_the_policy_that_names_most_holds_and_among_equals_the_latest() -> None:
    general, newer = policy(1), policy(2, starts_at=START)
    for_a, for_delivery = policy(3, tier="A"), policy(4, subject="delivery")
    both = policy(5, tier="A", subject="delivery")
    every = [general, newer, for_a, for_delivery, both]

    assert policy_for(every, "B", "product", START) is newer
    assert policy_for(every, "B", "product", START - SECOND) is general
    assert policy_for(every, "A", "product", START) is for_a
    assert policy_for(every, "A", "delivery", START) is both
    assert policy_for(every, None, "delivery", START) is for_delivery
    assert policy_for([], None, "delivery", START) is FOUR_HOUR_RULE


moments = st.integers(-3, 3).map(lambda days: START + timedelta(days=days))
policies = st.builds(
    policy,
    st.integers(1, 9),
    tier=st.sampled_from([None, "A", "D"]),
    subject=st.sampled_from([None, "product", "delivery"]),
    kind=st.sampled_from(["answer", "accept"]),
    starts_at=moments,
)
asked = st.tuples(st.sampled_from(["product", "delivery"]), moments, st.sampled_from([-SECOND, timedelta(), SECOND]))


@given(st.lists(policies, unique_by=lambda one: one.version), st.lists(asked, max_size=20))
def test_what_a_rulebook_remembers_of_its_policies_is_what_they_say(
    every: list[ClockPolicy], questions: list[tuple[str, datetime, timedelta]]
) -> None:
    """Whatever it was asked before, and up to the very second in which another policy starts."""
    rulebook = Rulebook(1, tuple(every), {"product", "delivery"}, {})
    for subject, moment, beside in questions:
        told = rulebook.policies_for(RANKS, subject, moment + beside)
        assert list(told) == [rulebook.policy(tier, subject, moment + beside) for tier in RANKS]
