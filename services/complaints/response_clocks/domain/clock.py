"""A round's clock (domain 3.3, decisions 15 to 18) as a plain value: until when an answer is in time, and what is next.

All moments are aware datetimes in UTC. Pauses are intervals, never a running total, so the due moment can always be
computed anew from what happened.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from services.complaints.rulebook.domain.calendar import Calendar
from services.complaints.rulebook.domain.levels import USUAL, LevelBefore, Levels

NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""The place in the queue of a clock that does not run: after all that do."""


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the clock stands, from `started_at` to `ended_at`, at most to `until`."""

    started_at: datetime
    until: datetime
    ended_at: datetime | None = None


class ResponseClock(NamedTuple):
    """One round's clock. `answer_within` and `levels` were fixed by the policy at recording and never change.

    `breached_at` is the missed due moment, `escalation_level` the highest level told (of the miss, or before it that
    the case was reopened again), `escalates_at` when the next is told. Nothing is said of moments up to `silent_until`,
    the takeover of an old case. Without a calendar the clock runs day and night.
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
    levels: Levels = USUAL

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
    def due_after_pause(self) -> datetime | None:
        """When an answer becomes late if the pause lasts to its longest end; None while the clock is not paused."""
        return self.as_of(self.pauses[-1].until).due_at if self.paused else None

    @property
    def queued_at(self) -> datetime:
        """Orders the queue by what is left on the clock; paused clocks stand last."""
        return self.due_at or NEVER

    @property
    def in_time(self) -> bool:
        """Whether it was, or still can be, stopped in time."""
        return self.breached_at is None

    def as_of(self, moment: datetime) -> "ResponseClock":
        """The clock as time has made it: a pause is over at its longest end, whether or not somebody has noticed."""
        if not self.paused or self.pauses[-1].until > moment:
            return self
        *earlier, last = self.pauses
        return self._replace(pauses=(*earlier, replace(last, ended_at=last.until)))

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


def next_moment(clock: ResponseClock) -> datetime | None:
    """The next moment at which `advance` has something to do; None when there is none any more."""
    moment = _moment_ahead(clock)
    silent = clock.silent_until
    if moment is None or clock.paused:  # nobody hears of a pause's end, so a takeover does not silence it
        return moment
    return None if silent is not None and moment <= silent else moment


def _moment_ahead(clock: ResponseClock) -> datetime | None:
    if clock.stopped_at is not None:
        return None
    if clock.paused:
        return clock.pauses[-1].until
    if clock.breached_at is not None:
        return clock.escalates_at
    due = clock.moment_after(clock.answer_within)
    return min((moment for _, moment in warnings_ahead(clock)), default=due)


def still_warned(clock: ResponseClock, now: datetime) -> int:
    """How far a clock has warned that was given another length or other levels: of what has passed, no more than that,
    so that what is due anew is warned of anew."""
    passed = (
        level.percent
        for level in clock.levels.before
        if level.percent <= clock.warned and clock.moment_after(clock.answer_within * level.percent / 100) <= now
    )
    return max(passed, default=0)


def warnings_ahead(clock: ResponseClock) -> Iterable[tuple[LevelBefore, datetime]]:
    """The levels at which somebody is still to be warned, with their moments, the highest first."""
    for level in reversed(clock.levels.before):
        if level.percent > clock.warned:
            moment = clock.moment_after(clock.answer_within * level.percent / 100)
            if clock.silent_until is None or moment > clock.silent_until:
                yield level, moment
