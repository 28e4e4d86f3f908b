"""Four years of a real help desk, taken over with their times: every clock equals what the file itself says."""

import bisect
import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import chinese_calendar
import pytest

from bench.takeover import ZONE, Ticket, late, take_over, tickets_in
from shared.contracts.complaints import ComplaintClockMissed, ComplaintEscalated, ComplaintOpened, ComplaintWarned
from shared.contracts.customers import CustomerRegistered
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.real_data import real_data
from tests.support import one_service

NOW = datetime(2026, 11, 4, 1, tzinfo=UTC)
FIRST_DAY = "2010-01-01T00:00:00+08:00"
LONGEST_WAIT = timedelta(days=366)


def late_by_the_file(file: Path) -> set[str]:
    """The four-hour rule over the bare lines: adds up what ran between the events until something answered.

    Independent of everything else here: no clock, no pauses as intervals, only seconds that pass.
    """
    ran: dict[str, timedelta] = {}
    last: dict[str, tuple[datetime, str]] = {}
    answered: dict[str, bool] = {}
    for line in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
        ticket, activity, at = line["case"], line["activity"], datetime.fromisoformat(line["time"])
        if ticket not in last:
            ran[ticket] = timedelta()
            answered[ticket] = activity in ("Resolve ticket", "RESOLVED", "Closed")
        elif not answered[ticket]:
            before, what = last[ticket]
            if what != "Wait" or ran[ticket] >= timedelta(hours=4):
                ran[ticket] += at - before
            answered[ticket] = activity in ("Take in charge ticket", "Resolve ticket", "RESOLVED", "Closed")
        last[ticket] = (at, activity)
    forever = {ticket for ticket in ran if not answered[ticket] and last[ticket][1] != "Wait"}
    return {ticket for ticket in ran if ran[ticket] >= timedelta(hours=4)} | forever


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_who_was_late_is_who_the_file_says(fresh_database: FreshDatabase) -> None:
    file = real_data("tickets-helpdesk.csv")
    tickets = tickets_in(file)
    assert len(tickets) == 4_580
    async with one_service(fresh_database, "complaints", start=NOW) as complaints:
        customers = {ticket.customer: new_id() for ticket in tickets}
        await complaints.given(*(_registered(id_) for id_ in customers.values()))

        taken = await take_over(complaints.http, tickets, customers)

        overdue = await late(complaints.http)
        assert {number for number, id_ in taken.items() if overdue[id_]} == late_by_the_file(file)
        assert len(overdue) == len(taken) == 4_580
        assert await complaints.run_loops() == 0, "nothing of the past is told"
        assert await complaints.events(ComplaintWarned, ComplaintEscalated) == []
        assert all(event.historical for event in await complaints.events(ComplaintOpened))


class Office:
    """Working time by a list of the days on which offices work; without such a list every second counts.

    Independent of calendars and clocks: seconds that have passed since 2010, and where so many of them end.
    """

    def __init__(self, works: Callable[[date], bool] | None) -> None:
        self._starts: list[datetime] = []
        self._passed: list[float] = []
        passed = 0.0
        for n in range(365 * 10):
            day = datetime.combine(date(2010, 1, 1) + timedelta(days=n), time())
            if works is None or works(day.date()):
                self._starts.append(day if works is None else day + timedelta(hours=9))
                self._passed.append(passed)
                passed += 86_400 if works is None else 9 * 3_600
        self._length = 86_400 if works is None else 9 * 3_600

    def until(self, moment: datetime) -> float:
        """Seconds of work before a moment on the wall."""
        n = bisect.bisect_right(self._starts, moment) - 1
        return self._passed[n] + min((moment - self._starts[n]).total_seconds(), self._length) if n >= 0 else 0.0

    def end_of(self, seconds: float) -> datetime:
        """The first moment before which there are so many."""
        n = bisect.bisect_left(self._passed, seconds) - 1
        return self._starts[n] + timedelta(seconds=seconds - self._passed[n])


@dataclass(frozen=True, slots=True)
class Told:
    """What the bare lines of a ticket say of a clock: when it is due, when it stopped, when it was missed."""

    due_at: datetime | None
    stopped_at: datetime | None
    missed_at: datetime | None


class Lines:
    """A ticket, line by line, with nothing but seconds: what stood, and what stopped its clocks."""

    def __init__(self, ticket: Ticket, office: Office, answer: float) -> None:
        self._office = office
        self._answer = answer
        self._began = office.until(wall(ticket.events[0].at))
        self._waits_since: datetime | None = None
        self.stood: list[tuple[float, float]] = []
        self.answered_at: datetime | None = None
        self.resolved_at: datetime | None = None
        for n, event in enumerate(ticket.events):
            self._read(event.activity, wall(event.at), is_first=n == 0)
        self._go_on(None)

    def _read(self, activity: str, at: datetime, *, is_first: bool) -> None:
        self._go_on(at)
        ran = self._office.until(at) - self._began - sum(end - start for start, end in self.stood)
        if activity == "Wait" and self.answered_at is None and ran < self._answer:
            self._waits_since = at
        if activity == "Take in charge ticket" and not is_first:
            self.answered_at = self.answered_at or at
        if activity in ("Resolve ticket", "RESOLVED", "Closed"):
            self.answered_at, self.resolved_at = self.answered_at or at, self.resolved_at or at

    def _go_on(self, at: datetime | None) -> None:
        """A wait ends with the next line, at its longest end where there is none before."""
        if self._waits_since is not None:
            longest = self._waits_since + LONGEST_WAIT
            until = longest if at is None else min(at, longest)
            self.stood.append((self._office.until(self._waits_since), self._office.until(until)))
            self._waits_since = None

    def told(self, allowed: float, stopped_at: datetime | None) -> Told:
        """What they say of a clock that may run so long."""
        from_, left = self._began, allowed
        for start, end in self.stood:
            if start - from_ >= left:
                break
            left -= start - from_
            from_ = end
        due_at = self._office.end_of(from_ + left)
        return Told(due_at, stopped_at, due_at if (stopped_at or wall(NOW)) >= due_at else None)


def clocks_by_the_file(ticket: Ticket, office: Office, answer: float, solution: float) -> dict[str, Told]:
    """Of the answer and of the solution, which stand together while the customer is asked something."""
    lines = Lines(ticket, office, answer)
    return {"answer": lines.told(answer, lines.answered_at), "resolve": lines.told(solution, lines.resolved_at)}


def wall(moment: datetime) -> datetime:
    """What a clock on the wall in Shanghai shows, as the file writes it."""
    return moment.astimezone(ZONE).replace(tzinfo=None)


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("calendar", ["always", "working_hours"])
async def test_every_clock_is_what_the_file_says(fresh_database: FreshDatabase, calendar: str) -> None:
    """Of the answer in four hours and of the solution in 24, day and night and in working time."""
    tickets = tickets_in(real_data("tickets-helpdesk.csv"))
    office = Office(None if calendar == "always" else chinese_calendar.is_workday)
    async with one_service(fresh_database, "complaints", start=NOW) as complaints:
        for kind, within in (("answer", "PT4H"), ("resolve", "PT24H")):
            policy = {"kind": kind, "answer_within": within, "calendar": calendar, "starts_at": FIRST_DAY}
            written = await complaints.http.post("/complaints/v1/clock-policies", json=policy)
            assert written.status_code == 201, written.text
        customers = {ticket.customer: new_id() for ticket in tickets}
        await complaints.given(*(_registered(id_) for id_ in customers.values()))

        taken = await take_over(complaints.http, tickets, customers)

        recorded = await complaints.events(ComplaintOpened)
        for start in range(0, len(recorded), 500):
            await complaints.deliver(recorded[start : start + 500])
        others = {}
        for ticket in tickets:
            answer = await complaints.http.get(f"/complaints/v1/complaints/{taken[ticket.number]}/clocks")
            found = {each["kind"]: told_by_the_service(each) for each in answer.json()["items"]}
            expected = clocks_by_the_file(ticket, office, 4 * 3_600, 24 * 3_600)
            if found != expected:
                others[ticket.number] = (found, expected)
        assert others == {}
        missed = await complaints.events(ComplaintClockMissed)
        assert len(missed) > 100
        assert all(event.historical for event in missed)
        assert await complaints.run_loops() == 0, "nothing of the past is told"


def told_by_the_service(clock: dict[str, Any]) -> Told:
    names = ("due_at", "stopped_at", "missed_at")
    return Told(*(wall(datetime.fromisoformat(clock[name])) if clock[name] else None for name in names))


def _registered(id_: UUID) -> CustomerRegistered:
    return CustomerRegistered(customer_id=id_, kind="store", tier="C", registered_at=NOW)
