"""Working calendars by themselves, in every zone there is (architecture 6)."""

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import chinese_calendar
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from services.complaints.response_clocks.domain import advancing as clocks
from services.complaints.response_clocks.domain.advancing import Escalated, Warned, advance
from services.complaints.response_clocks.domain.chain import chain_of
from services.complaints.response_clocks.domain.clock import ResponseClock, next_moment
from services.complaints.rulebook.domain import public_holidays
from services.complaints.rulebook.domain.calendar import Calendar, CalendarYearMissing
from services.complaints.rulebook.domain.hours import (
    DAY,
    NINE_TO_SIX,
    OFFICE_WEEK,
    CalendarRefused,
    Day,
    Hours,
    read,
    written,
)
from services.complaints.rulebook.domain.making import NewCalendar, new_calendar
from services.complaints.rulebook.domain.policies import FOUR_HOURS
from shared.ids import new_id

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
WHOLE_DAY: Final[Day] = (Hours(timedelta(), timedelta(days=1)),)
DAY_AND_NIGHT: Final = Calendar("gapless", 1, SHANGHAI, (WHOLE_DAY,) * 7, {})

zones = st.sampled_from(sorted(available_timezones())).map(ZoneInfo)
FIRST: Final = datetime(1975, 1, 1, tzinfo=UTC)
CHANGES: Final = [
    datetime(2026, month, day, tzinfo=UTC) for month, day in [(3, 8), (3, 29), (10, 4), (10, 25), (11, 1)]
]
"""Days on which many zones change."""
moments = st.one_of(
    st.integers(0, 65 * 365 * 1_440).map(lambda minutes: FIRST + minutes * MINUTE),
    st.tuples(st.sampled_from(CHANGES), st.integers(-3_000, 3_000)).map(lambda one: one[0] + one[1] * MINUTE),
)
durations = st.integers(1, 20 * 1_440).map(lambda minutes: minutes * MINUTE)
days = st.lists(st.integers(0, 1_440), max_size=8, unique=True).map(
    lambda minutes: tuple(
        Hours(start * MINUTE, end * MINUTE)
        for start, end in zip(sorted(minutes)[::2], sorted(minutes)[1::2], strict=False)
    )
)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any hours on any weekday, whole days too, and some special days."""
    week = (WHOLE_DAY, *draw(st.lists(days, min_size=6, max_size=6)))
    special = draw(st.dictionaries(st.dates(date(2026, 3, 1), date(2026, 11, 30)), days, max_size=5))
    return new_calendar("any", 1, draw(zones), NewCalendar(week, special))


def works_at(calendar: Calendar, moment: datetime) -> bool:
    """What the wall says."""
    wall = moment.astimezone(calendar.zone)
    since_midnight = timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second)
    return any(hours.start <= since_midnight < hours.end for hours in calendar.hours_on(wall.date()))


@given(calendars(), moments, st.integers(0, 3 * 1_440))
@example(replace(DAY_AND_NIGHT, zone=ZoneInfo("Pacific/Apia")), datetime(2011, 12, 29, tzinfo=UTC), 4_000)
def test_working_time_is_what_the_wall_says(calendar: Calendar, start: datetime, minutes: int) -> None:
    worked = sum(works_at(calendar, start + n * MINUTE) for n in range(minutes))

    assert calendar.between(start, start + minutes * MINUTE) == worked * MINUTE


@given(zones, moments, durations)
def test_a_calendar_without_gaps_is_elapsed_time(zone: ZoneInfo, start: datetime, running: timedelta) -> None:
    gapless = replace(DAY_AND_NIGHT, zone=zone)

    assert gapless.after(start, running) == start + running
    assert gapless.between(start, start + running) == running


@given(calendars(), moments, durations)
def test_adding_and_taking_away_invert(calendar: Calendar, start: datetime, working: timedelta) -> None:
    end = calendar.after(start, working)

    assert calendar.between(start, end) == working
    assert works_at(calendar, end - MINUTE), "the first such moment"
    assert calendar.after(start, calendar.between(start, end)) == end


@given(calendars(), moments, durations, durations)
def test_time_adds_up(calendar: Calendar, start: datetime, first: timedelta, second: timedelta) -> None:
    middle = calendar.after(start, first)
    end = calendar.after(middle, second)

    assert end == calendar.after(start, first + second)
    assert calendar.between(start, middle) + calendar.between(middle, end) == calendar.between(start, end)


@given(calendars(), moments, st.integers(8, 120))
@example(replace(DAY_AND_NIGHT, zone=ZoneInfo("America/Noronha")), datetime(2000, 10, 2, 12, tzinfo=UTC), 30)
@example(replace(DAY_AND_NIGHT, zone=ZoneInfo("Pacific/Apia")), datetime(2011, 12, 20, tzinfo=UTC), 30)
def test_months_are_what_their_days_are(calendar: Calendar, start: datetime, length: int) -> None:
    """Weeks are passed at once where nothing is special about them."""
    day_by_day = sum((calendar.between(start + n * DAY, start + (n + 1) * DAY) for n in range(length)), timedelta())

    assert calendar.between(start, start + length * DAY) == day_by_day
    if day_by_day:
        assert calendar.between(start, calendar.after(start, day_by_day)) == day_by_day


def test_the_longest_promise_in_the_shortest_week_is_found_quickly() -> None:
    """90 days of working time in weeks of 8 hours: five years on, and once for each row of the queue."""
    eight = (Hours(timedelta(hours=9), timedelta(hours=17)),)
    calendar = new_calendar("short", 1, SHANGHAI, NewCalendar((eight, *[()] * 6), {}))
    start = datetime(2026, 11, 23, 1, tzinfo=UTC)
    due = datetime(2032, 1, 19, 9, tzinfo=UTC)
    began = time.process_time()
    for _ in range(50):
        assert calendar.after(start, timedelta(days=90)) == due
        assert calendar.between(start, due) == timedelta(days=90)

    assert time.process_time() - began < 2.5, "a day at a time takes ten"


@given(calendars(), moments, durations, st.integers(0, 20 * 1_440), durations)
def test_a_pause_costs_the_working_time_in_it(
    calendar: Calendar, start: datetime, answer_within: timedelta, until: int, length: timedelta
) -> None:
    clock = ResponseClock(start, answer_within, calendar=calendar)
    due = clock.due_at
    assert due is not None
    paused_at = start + until * MINUTE
    assume(paused_at < due)

    paused, _ = clocks.pause(clock, paused_at, length)
    assert paused.due_at is None
    resumed, _ = clocks.resume(paused, paused_at + length)

    assert resumed.due_at is not None
    stood = calendar.between(paused_at, paused_at + length)
    assert calendar.between(due, resumed.due_at) == stood
    assert calendar.between(paused_at + length, resumed.due_at) == calendar.between(paused_at, due)
    if not stood:
        assert resumed.due_at == due, "a pause outside working time costs nothing"


def office(**changes: object) -> Calendar:
    made = new_calendar("office", 1, SHANGHAI, NewCalendar(OFFICE_WEEK, public_holidays=True))
    return replace(made, **changes)  # type: ignore[arg-type]  # fields by name


def at(text: str) -> datetime:
    """A moment as Shanghai's walls show it."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.mark.parametrize(
    "recorded, due",
    [
        ("2026-11-04T09:00", "2026-11-04T13:00"),
        ("2026-11-04T14:00", "2026-11-04T18:00"),
        ("2026-11-04T17:00", "2026-11-05T12:00"),
        ("2026-11-06T20:00", "2026-11-09T13:00"),
        ("2026-09-30T16:00", "2026-10-08T11:00"),
        ("2026-10-09T17:00", "2026-10-10T12:00"),
        ("2026-02-13T17:30", "2026-02-14T12:30"),
        ("2026-12-31T17:00", "2027-01-01T12:00"),
    ],
    ids=[
        "inside a day",
        "to the last second of a day",
        "over night",
        "over a weekend",
        "over the National Day",
        "on a make-up Saturday",
        "on the make-up day before the Spring Festival",
        "into a year that nobody has given: the week alone counts",
    ],
)
def test_four_working_hours(recorded: str, due: str) -> None:
    assert ResponseClock(at(recorded), FOUR_HOURS, calendar=office()).due_at == at(due)


def test_warnings_and_the_chain_keep_working_hours() -> None:
    clock = ResponseClock(at("2026-11-06T15:00"), FOUR_HOURS, calendar=office())
    chain = chain_of([new_id() for _ in range(5)])
    told = []
    while (moment := next_moment(clock)) is not None:
        clock, events = advance(clock, moment, chain)
        told += [(type(each), each.at) for each in events]

    assert [moment for kind, moment in told if kind is Warned] == [at("2026-11-06T17:00"), at("2026-11-06T18:00")]
    assert clock.breached_at == at("2026-11-09T10:00")
    assert [moment for kind, moment in told if kind is Escalated] == [
        at(f"2026-11-09T{hour}:00") for hour in (11, 12, 13, 14)
    ]


@given(st.dates(date(2018, 1, 1), date(2026, 9, 1)), st.integers(0, 80), st.integers(1, 40 * 9 * 60))
def test_office_hours_are_those_of_the_days_on_which_china_works(start: date, length: int, minutes: int) -> None:
    """Holidays and make-up days as the list's own function tells them, nine hours a day, counted by days."""
    midnight = at(f"{start}T00:00")
    days = [start + n * DAY for n in range(120)]
    working = [day for day in days if chinese_calendar.is_workday(day)]

    assert office().between(midnight, midnight + length * DAY) == 9 * HOUR * sum(
        day < start + length * DAY for day in working
    )
    whole, rest = divmod(minutes - 1, 9 * 60)
    assert office().after(midnight, minutes * MINUTE) == at(f"{working[whole]}T09:00") + (rest + 1) * MINUTE


def test_given_days_win_over_public_holidays() -> None:
    given_days: dict[date, Day] = {date(2026, 10, 1): NINE_TO_SIX, date(2026, 10, 10): (), date(2027, 1, 1): ()}
    wanted = NewCalendar(OFFICE_WEEK, given_days, public_holidays=True, years=frozenset({2027}))
    made = new_calendar("ours", 1, SHANGHAI, wanted)

    assert made.hours_on(date(2026, 10, 1)) == NINE_TO_SIX
    assert made.hours_on(date(2026, 10, 2)) == ()
    assert made.hours_on(date(2026, 10, 10)) == ()
    assert made.hours_on(date(2027, 1, 1)) == ()
    made.check_year(at("2027-12-31T23:59"))


def test_a_year_that_nobody_has_given_is_told() -> None:
    with pytest.raises(CalendarYearMissing, match="2028"):
        office().check_year(at("2028-01-01T00:00"))
    office(years=None).check_year(at("2028-01-01T00:00"))


def test_a_year_is_that_of_the_wall() -> None:
    known = max(public_holidays.chinese().years)
    office().check_year(datetime(known, 12, 31, 15, 59, tzinfo=UTC))
    with pytest.raises(CalendarYearMissing):
        office().check_year(datetime(known, 12, 31, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    "spans", [["10:00-09:00"], ["09:00-09:00"], ["09:00-12:00", "11:00-13:00"], ["13:00-18:00", "09:00-12:00"]]
)
def test_spans_have_a_length_and_follow_each_other(spans: list[str]) -> None:
    with pytest.raises(CalendarRefused):
        new_calendar("any", 1, SHANGHAI, NewCalendar((read(spans), *OFFICE_WEEK[1:])))
    with pytest.raises(CalendarRefused):
        new_calendar("any", 1, SHANGHAI, NewCalendar(OFFICE_WEEK, {date(2026, 1, 1): read(spans)}))


def test_a_week_has_hours() -> None:
    with pytest.raises(CalendarRefused, match="eight"):
        new_calendar("any", 1, SHANGHAI, NewCalendar(((),) * 7))


@given(days)
def test_hours_are_read_as_they_are_written(day: Day) -> None:
    assert read(written(day)) == day
