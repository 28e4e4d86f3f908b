"""The four-hour rule (4小时复命制; domain 3.3, decisions 15 to 18) as plain values: due, warn, breach, escalate, pause.

All moments are aware datetimes in UTC. Pauses are intervals, never a running total, so the due moment can always be
computed anew from what happened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple, TypeAlias
from uuid import UUID

from services.complaints.calendars.domain import ALWAYS, Calendar
from shared.errors import Conflict, Invalid

Tier: TypeAlias = Literal["A", "B", "C", "D"]

FOUR_HOURS: Final = timedelta(hours=4)
"""What the rule gives where no policy says otherwise."""
SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(days=90)
"""Bounds of what a policy may give."""
LONGEST_PAUSE: Final = timedelta(days=366)
USUAL_PAUSE: Final = timedelta(days=7)
"""A pause's longest end where nothing else is said; what is taken over may have waited longer."""
WARNINGS: Final = (75, 50)
"""Percent of the time to answer after which the responsible person is warned, the highest first."""
ESCALATES_EVERY: Final = timedelta(hours=1)
"""Counted as the clock itself runs: whoever has only working hours to answer has an hour of these to react."""
LAST_LEVEL: Final = 5
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The place in the queue of a clock that does not run: after all that do."""


class ClockNotRunning(Conflict):
    slug = "clock-not-running"
    title = "The clock does not run"


class ClockBreached(Conflict):
    slug = "clock-breached"
    title = "The time to answer is over"


class PauseTooLong(Invalid):
    slug = "pause-too-long"
    title = "A pause has an end"


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the clock stands, from `started_at` to `ended_at`, at most to `until`."""

    started_at: datetime
    until: datetime
    ended_at: datetime | None = None


class Clock(NamedTuple):
    """One round's clock. `answer_within` was fixed by the policy at recording and never changes.

    `breached_at` is the missed due moment, `escalation_level` the highest level told, `escalates_at` when the next is
    told. Nothing is said of moments up to `silent_until`, the takeover of an old case. Without a calendar the clock
    runs day and night.
    """

    started_at: datetime
    answer_within: timedelta
    pauses: tuple[Pause, ...] = ()
    warned: int = 0
    breached_at: datetime | None = None
    escalation_level: int = 0
    escalates_at: datetime | None = None
    stopped_at: datetime | None = None
    silent_until: datetime | None = None
    calendar: Calendar | None = None

    @property
    def paused(self) -> bool:
        return self.stopped_at is None and bool(self.pauses) and self.pauses[-1].ended_at is None

    @property
    def running(self) -> bool:
        return self.stopped_at is None and not self.paused

    @property
    def due_at(self) -> datetime | None:
        """When an answer becomes late; None while paused."""
        return None if self.paused else self.moment_after(self.answer_within)

    @property
    def queued_at(self) -> datetime:
        """Orders the queue by what is left on the clock; paused clocks stand last."""
        return self.due_at or NEVER

    @property
    def in_time(self) -> bool:
        """Whether it was, or still can be, stopped in time."""
        return self.breached_at is None

    def moment_after(self, running: timedelta) -> datetime:
        """The moment at which the clock has run that long; an open pause counts for nothing yet."""
        calendar = self.calendar
        moment = self.started_at + running if calendar is None else calendar.after(self.started_at, running)
        for pause in self.pauses:
            if pause.ended_at is not None and pause.started_at < moment:
                moment = self.later(moment, self.time_between(pause.started_at, pause.ended_at))
        return moment

    def later(self, moment: datetime, running: timedelta) -> datetime:
        """So much later, as this clock counts time."""
        return moment + running if self.calendar is None else self.calendar.after(moment, running)

    def time_between(self, start: datetime, end: datetime) -> timedelta:
        """What passes between two moments, as this clock counts time."""
        return end - start if self.calendar is None else self.calendar.between(start, end)

    def late_at(self, moment: datetime) -> bool:
        """Whether the answer is missing at `moment`; a breach stays for its round."""
        if self.breached_at is not None:
            return True
        due = self.due_at
        return due is not None and (self.stopped_at or moment) >= due


@dataclass(frozen=True, slots=True)
class Link:
    """A person in the chain of escalation: 1 responsible, 2 supervisor, 3 department manager, 4 customer-service
    manager, 5 general manager (decision 17)."""

    level: int
    staff_id: UUID


Chain: TypeAlias = tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Warned:
    percent: Literal[50, 75]
    at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Breached:
    """The answer is late; `staff_id` is who was responsible, None where there is nobody."""

    at: datetime
    staff_id: UUID | None


@dataclass(frozen=True, slots=True)
class Escalated:
    """The next level is told; `staff_id` None alarms administration, because the chain reaches nobody."""

    level: int
    staff_id: UUID | None
    at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Paused:
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Resumed:
    at: datetime
    due_at: datetime


News: TypeAlias = Warned | Breached | Escalated | Paused | Resumed
Ticked: TypeAlias = tuple[Clock, tuple[News, ...]]


def chain_of(persons: Sequence[UUID | None]) -> Chain:
    """The chain from the persons of levels 1 to 5; missing and repeated ones are skipped."""
    told: set[UUID] = set()
    links: list[Link] = []
    for level, person in enumerate(persons, start=1):
        if person is not None and person not in told:
            told.add(person)
            links.append(Link(level, person))
    return tuple(links)


def next_alarm(clock: Clock) -> datetime | None:
    """The next moment at which `advance` has something to do; None when there is none any more."""
    moment = _next_moment(clock)
    silent = clock.silent_until
    return None if moment is None or (silent is not None and moment <= silent) else moment


def _next_moment(clock: Clock) -> datetime | None:
    if clock.stopped_at is not None:
        return None
    if clock.paused:
        return clock.pauses[-1].until
    if clock.breached_at is not None:
        return clock.escalates_at
    due = clock.moment_after(clock.answer_within)
    return min((moment for _, moment in _warnings_ahead(clock)), default=due)


def _warnings_ahead(clock: Clock) -> Iterable[tuple[Literal[50, 75], datetime]]:
    for percent in WARNINGS:
        if percent > clock.warned:
            moment = clock.moment_after(clock.answer_within * percent / 100)
            if clock.silent_until is None or moment > clock.silent_until:
                yield percent, moment


def advance(clock: Clock, now: datetime, chain: Chain) -> Ticked:
    """Does what is due at `now`: the breach before any warning that an outage has delayed, one level at a time."""
    if clock.stopped_at is not None:
        return clock, ()
    if clock.paused:
        return _end_overlong_pause(clock, now)
    if clock.breached_at is not None:
        return _escalate(clock, now, chain)
    due = clock.moment_after(clock.answer_within)
    if now >= due:
        return _breach(clock, due, chain)
    for percent, moment in _warnings_ahead(clock):
        if now >= moment:
            return clock._replace(warned=percent), (Warned(percent, moment, due),)
    return clock, ()


def _end_overlong_pause(clock: Clock, now: datetime) -> Ticked:
    until = clock.pauses[-1].until
    return resume(clock, until) if now >= until else (clock, ())


def _breach(clock: Clock, due: datetime, chain: Chain) -> Ticked:
    first = chain[0] if chain else None
    staff_id = first.staff_id if first is not None and first.level == 1 else None
    news: list[News] = [Breached(due, staff_id)]
    level = 1
    if first is None:
        level = LAST_LEVEL
        news.append(Escalated(level, None, due, due))
    elif first.level > 1:
        level = first.level
        news.append(Escalated(level, first.staff_id, due, due))
    ahead = any(link.level > level for link in chain)
    escalates_at = clock.later(due, ESCALATES_EVERY) if ahead else None
    return clock._replace(breached_at=due, escalation_level=level, escalates_at=escalates_at), tuple(news)


def _escalate(clock: Clock, now: datetime, chain: Chain) -> Ticked:
    moment = clock.escalates_at
    if moment is None or clock.breached_at is None or now < moment:
        return clock, ()
    ahead = [link for link in chain if link.level > clock.escalation_level]
    if not ahead:
        return clock._replace(escalates_at=None), ()
    link = ahead[0]
    following = clock.later(moment, ESCALATES_EVERY) if len(ahead) > 1 else None
    told = clock._replace(escalation_level=link.level, escalates_at=following)
    return told, (Escalated(link.level, link.staff_id, moment, clock.breached_at),)


def pause(clock: Clock, at: datetime, at_most: timedelta) -> Ticked:
    """Lets the clock stand while the customer is asked something; only while it runs and before the breach."""
    if not timedelta() < at_most <= LONGEST_PAUSE:
        raise PauseTooLong(f"a pause lasts at most {LONGEST_PAUSE.days} days", pointer="#/at_most")
    clock, news = settle(clock, at)
    if not clock.running:
        raise ClockNotRunning("only a running clock can be paused")
    if clock.late_at(at):
        raise ClockBreached("the answer is late already; answer instead")
    until = at + at_most
    return clock._replace(pauses=(*clock.pauses, Pause(at, until))), (*news, Paused(at, until))


def resume(clock: Clock, at: datetime) -> Ticked:
    """Ends the pause at `at`, or at its longest end if that was before."""
    if not clock.paused:
        raise ClockNotRunning("the clock is not paused")
    *earlier, last = clock.pauses
    ended = min(at, last.until)
    resumed = clock._replace(pauses=(*earlier, replace(last, ended_at=ended)))
    return resumed, (Resumed(ended, resumed.moment_after(resumed.answer_within)),)


def settle(clock: Clock, at: datetime) -> Ticked:
    """Ends a pause whose longest end has passed without anybody noticing yet."""
    if clock.paused and clock.pauses[-1].until <= at:
        return resume(clock, at)
    return clock, ()


def stop(clock: Clock, at: datetime, chain: Chain) -> Ticked:
    """Answers: the stop time is compared with the due moment here, so an outage never erases a miss."""
    clock, news = settle(clock, at)
    if clock.stopped_at is not None:
        return clock, news
    if clock.paused:
        clock, _ = resume(clock, at)
    due = clock.moment_after(clock.answer_within)
    if clock.breached_at is None and at >= due:
        first = chain[0] if chain and chain[0].level == 1 else None
        clock = clock._replace(breached_at=due, escalation_level=1)
        news = (*news, Breached(due, first.staff_id if first else None))
    return clock._replace(stopped_at=at, escalates_at=None), news


# ---------------------------------------------------------------------------- policies


@dataclass(frozen=True, slots=True)
class ClockPolicy:
    """How long an answer may take, in time of the named calendar. None as tier or subject means any."""

    id: UUID
    version: int
    answer_within: timedelta
    tier: Tier | None
    subject: str | None
    calendar: str
    starts_at: datetime

    @property
    def scope(self) -> int:
        """The more is named, the more it weighs."""
        return (self.tier is not None) + (self.subject is not None)

    def covers(self, tier: Tier | None, subject: str, recorded_at: datetime) -> bool:
        return (
            self.starts_at <= recorded_at
            and (self.tier is None or self.tier == tier)
            and (self.subject is None or self.subject == subject)
        )


FOUR_HOUR_RULE: Final = ClockPolicy(
    id=UUID("01900000-0000-7000-8000-0000000000c4"),
    version=1,
    answer_within=FOUR_HOURS,
    tier=None,
    subject=None,
    calendar=ALWAYS,
    starts_at=datetime(1970, 1, 1, tzinfo=UTC),
)


def policy_for(policies: Iterable[ClockPolicy], tier: Tier | None, subject: str, recorded_at: datetime) -> ClockPolicy:
    """The policy that fixes a clock at recording: the one that names most; among equals the latest version.

    A later version supersedes an earlier one of its scope for what is recorded after its start (decision 16).
    """
    covering = (policy for policy in policies if policy.covers(tier, subject, recorded_at))
    return max(covering, key=lambda policy: (policy.scope, policy.version), default=FOUR_HOUR_RULE)
