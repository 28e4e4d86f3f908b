"""When a contact is owed: intervals and their windows, over any moment and zone."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.care.obligations.domain import (
    NOTICE,
    Every,
    OnDemand,
    PerMonth,
    Served,
    Window,
    begin,
    follow_done,
    follow_free,
    follow_missed,
    owed,
    part_of,
)
from shared.months import Month

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = st.sampled_from([SHANGHAI, ZoneInfo("UTC"), ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")])
MOMENTS = st.integers(0, 16 * 365 * 86_400).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
HALVES = st.integers(1, 48)
PER_MONTH = st.builds(PerMonth, st.integers(1, 10))
EVERY = st.builds(
    lambda within, part: Every(Decimal(min(part, within)) / 2, Decimal(within) / 2), HALVES, st.integers(0, 48)
)
INTERVALS = st.one_of(PER_MONTH, EVERY)
A_DAY = timedelta(days=1)


def at(text: str) -> datetime:
    """A moment in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def local(window: Window) -> tuple[str, str]:
    return tuple(f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" for moment in (window.not_before, window.due_at))  # type: ignore[return-value]  # two of them


@pytest.mark.parametrize(
    "day, window",
    [
        ("2026-11-01T00:00", ("2026-11-01 00:00", "2026-11-16 00:00")),
        ("2026-11-15T23:59", ("2026-11-01 00:00", "2026-11-16 00:00")),
        ("2026-11-16T00:00", ("2026-11-16 00:00", "2026-12-01 00:00")),
        ("2026-02-14T12:00", ("2026-02-01 00:00", "2026-02-15 00:00")),
        ("2026-02-15T12:00", ("2026-02-15 00:00", "2026-03-01 00:00")),
        ("2026-12-31T12:00", ("2026-12-16 00:00", "2027-01-01 00:00")),
    ],
)
def test_twice_a_month_means_once_in_each_half(day: str, window: tuple[str, str]) -> None:
    assert local(part_of(PerMonth(2), at(day), SHANGHAI)) == window


@given(times=st.integers(1, 28), moment=MOMENTS, zone=ZONES)
def test_the_parts_tile_every_month(times: int, moment: datetime, zone: ZoneInfo) -> None:
    month = Month.of(moment, zone)
    parts = [part_of(PerMonth(times), month.starts(zone), zone)]
    while parts[-1].due_at < month.ends(zone):
        parts.append(part_of(PerMonth(times), parts[-1].due_at, zone))

    assert len(parts) == times
    assert parts[0].not_before == month.starts(zone)
    assert parts[-1].due_at == month.ends(zone)
    assert all(part.not_before < part.due_at for part in parts)
    assert part_of(PerMonth(times), moment, zone) in parts


@given(interval=INTERVALS, now=MOMENTS, zone=ZONES)
def test_what_begins_now_is_open_and_leaves_time(interval: PerMonth | Every, now: datetime, zone: ZoneInfo) -> None:
    window = begin(interval, now=now, zone=zone)

    assert now <= window.not_before < window.due_at
    if isinstance(interval, PerMonth):
        part = part_of(interval, window.not_before, zone)
        assert window.due_at == part.due_at
        assert (window.due_at - window.not_before) * 3 >= part.due_at - part.not_before
    else:
        assert window.not_before == now


@given(
    interval=INTERVALS,
    now=MOMENTS,
    before=st.timedeltas(timedelta(), timedelta(days=2000)),
    served=st.booleans(),
    zone=ZONES,
)
def test_a_change_makes_nobody_late_at_once(
    interval: PerMonth | Every, now: datetime, before: timedelta, served: bool, zone: ZoneInfo
) -> None:
    earlier = now - before
    window = begin(interval, now=now, zone=zone, since=earlier, served=Served(earlier, 1) if served else None)

    assert now <= window.not_before < window.due_at
    if isinstance(interval, Every):
        assert window.due_at >= now + NOTICE - A_DAY
        assert window.due_at <= max(now + NOTICE, follow_done(interval, earlier, zone).due_at)


@given(interval=EVERY, done=MOMENTS, zone=ZONES)
def test_a_range_is_due_within_the_longer_and_welcome_from_the_shorter(
    interval: Every, done: datetime, zone: ZoneInfo
) -> None:
    window = follow_done(interval, done, zone)

    shortest, longest = (float(months) * 27.9 - 1 for months in (interval.welcome, interval.within))
    assert window.not_before >= done + timedelta(days=shortest - 1)
    assert window.due_at >= done + timedelta(days=longest)
    assert window.due_at <= done + timedelta(days=float(interval.within) * 31 + 2)
    assert window.not_before < window.due_at


@given(interval=INTERVALS, now=MOMENTS, zone=ZONES, part=st.floats(0, 0.999))
def test_windows_follow_each_other_without_overlap(
    interval: PerMonth | Every, now: datetime, zone: ZoneInfo, part: float
) -> None:
    window = begin(interval, now=now, zone=zone)
    done = window.not_before + (window.due_at - window.not_before) * part

    after_done = follow_done(interval, done, zone)
    after_missed = follow_missed(interval, window.due_at, zone)

    assert after_done.due_at > window.due_at or isinstance(interval, Every)
    assert after_done.not_before > done
    assert after_done.due_at > done
    assert after_missed.not_before == window.due_at
    assert after_missed.due_at > window.due_at


@given(times=st.integers(1, 10), now=MOMENTS, zone=ZONES)
def test_each_month_asks_for_as_many_touches_as_the_matrix_says(times: int, now: datetime, zone: ZoneInfo) -> None:
    interval = PerMonth(times)
    month = Month.of(now, zone).plus(1)
    window = begin(interval, now=now, zone=zone)
    asked = 0
    while window.not_before < month.ends(zone):
        asked += window.not_before >= month.starts(zone)
        window = follow_done(interval, window.not_before, zone)

    assert asked == times


@pytest.mark.parametrize(
    "interval, done, window",
    [
        (Every(Decimal(1), Decimal(2)), "2026-11-04T09:00", ("2026-12-04 00:00", "2027-01-05 00:00")),
        (Every.months(Decimal("1.5")), "2026-11-04T09:00", ("2026-11-19 00:00", "2026-12-20 00:00")),
        (Every.months(3), "2026-11-30T23:59", ("2027-01-14 00:00", "2027-03-01 00:00")),
        (Every.months(12), "2028-02-29T09:00", ("2028-08-29 00:00", "2029-03-01 00:00")),
    ],
)
def test_months_are_counted_by_the_calendar(interval: Every, done: str, window: tuple[str, str]) -> None:
    assert local(follow_done(interval, at(done), SHANGHAI)) == window


def test_a_half_that_is_nearly_over_owes_nothing_to_who_comes_now() -> None:
    window = begin(PerMonth(2), now=at("2026-11-12T09:00"), zone=SHANGHAI)

    assert local(window) == ("2026-11-16 00:00", "2026-12-01 00:00")


def test_a_half_that_was_served_is_not_owed_again() -> None:
    window = begin(PerMonth(2), now=at("2026-11-04T09:00"), zone=SHANGHAI, served=Served(at("2026-11-02T10:00"), 1))

    assert local(window) == ("2026-11-16 00:00", "2026-12-01 00:00")


@given(times=st.integers(2, 10), now=MOMENTS, zone=ZONES)
def test_free_ones_share_their_month(times: int, now: datetime, zone: ZoneInfo) -> None:
    """As many as the matrix says, whatever the days, and none twice."""
    interval = PerMonth(times, free=True)
    month = Month.of(now, zone).plus(1)
    first = follow_done(interval, now, zone)
    asked = [first]
    while following := follow_free(interval, asked[-1], None, zone):
        asked.append(following)

    assert first == Window(month.starts(zone), month.ends(zone), 1)
    assert [window.occurrence for window in asked] == list(range(1, times + 1))
    assert {(window.not_before, window.due_at) for window in asked} == {(first.not_before, first.due_at)}
    assert follow_missed(interval, first.due_at, zone).not_before == first.due_at


@pytest.mark.parametrize(
    "done, welcome", [("2026-10-03T09:00", "2026-10-04 00:00"), ("2026-10-31T23:59", "2026-11-01 00:00")]
)
def test_after_a_call_the_next_is_welcome_from_the_next_day_on(done: str, welcome: str) -> None:
    october = Window(at("2026-10-01T00:00"), at("2026-11-01T00:00"))

    following = follow_free(PerMonth(2, free=True), october, at(done), SHANGHAI)

    assert following is not None
    assert local(following) == (welcome, "2026-11-01 00:00")


@pytest.mark.parametrize(
    "now, done, window",
    [
        ("2026-10-02T09:00", 0, ("2026-10-02 09:00", "2026-11-01 00:00", 1)),
        ("2026-10-02T09:00", 1, ("2026-10-02 09:00", "2026-11-01 00:00", 2)),
        ("2026-10-20T09:00", 0, ("2026-10-20 09:00", "2026-11-01 00:00", 2)),
        ("2026-10-02T09:00", 2, ("2026-11-01 00:00", "2026-12-01 00:00", 1)),
        ("2026-10-30T09:00", 0, ("2026-11-01 00:00", "2026-12-01 00:00", 1)),
    ],
)
def test_who_begins_within_a_month_owes_the_calls_that_are_left(
    now: str, done: int, window: tuple[str, str, int]
) -> None:
    served = Served(at("2026-10-01T10:00"), done) if done else None
    found = begin(PerMonth(2, free=True), now=at(now), zone=SHANGHAI, served=served)

    assert (*local(found), found.occurrence) == window


@pytest.mark.parametrize("times", [0, 29])
def test_an_impossible_number_of_times_is_refused(times: int) -> None:
    with pytest.raises(ValueError, match="times a month"):
        PerMonth(times)


@pytest.mark.parametrize("welcome, within", [("2", "1"), ("0", "0"), ("0.3", "1"), ("1", "61")])
def test_an_impossible_range_is_refused(welcome: str, within: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Every(Decimal(welcome), Decimal(within))


def test_what_is_needed_on_demand_is_not_planned() -> None:
    matrix = {
        ("D", "salesperson", "visit"): Every.months(2),
        ("D", "beauty_mentor", "stay"): OnDemand("as_needed"),
        ("A", "beauty_mentor", "stay"): PerMonth(1),
    }

    assert owed(matrix, "D") == {("salesperson", "visit"): Every.months(2)}  # type: ignore[arg-type]  # literals widen in a dict


def test_calls_are_free_and_visits_are_cut() -> None:
    matrix = {("A", "beauty_mentor", contact): PerMonth(2) for contact in ("phone", "message", "visit", "stay")}

    assert owed(matrix, "A") == {  # type: ignore[arg-type]  # literals widen in a dict
        ("beauty_mentor", "phone"): PerMonth(2, free=True),
        ("beauty_mentor", "message"): PerMonth(2, free=True),
        ("beauty_mentor", "visit"): PerMonth(2),
        ("beauty_mentor", "stay"): PerMonth(2),
    }
