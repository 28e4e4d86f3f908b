"""The clocks of a case beside that of its answer (domain 3.3, decision 16): accepting, each step, the resolution.

What each may take is fixed when its round begins, also for steps whose turn comes later. Moments are in UTC; a clock's
end is computed from what happened, so that no timer is needed for the truth, only for the news.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.complaints.response_clocks.domain.clock import Pause, ResponseClock, still_warned, warnings_ahead
from services.complaints.rulebook.domain.calendar import Calendar
from services.complaints.rulebook.domain.levels import MISS_ALONE, LevelBefore, Levels
from shared.contracts.complaints import ClockKind


class Told(NamedTuple):
    """Who heard of a clock: at a level before its due moment (`percent`) or after it (`level`, as the chain counts).

    `at` is the level's own moment, `noticed_at` when it was told. `staff_id` None: nobody was there to be told.
    """

    at: datetime
    noticed_at: datetime
    staff_id: UUID | None
    percent: int | None = None
    level: int | None = None


class CaseClock(NamedTuple):
    """A clock of a round. `allowed` None: it has no deadline. `started_at` None: its step's turn has not come.

    `breached_at` is the missed moment itself and stays, `noticed_at` when somebody noticed. Without a calendar it runs
    day and night. `pauses` are those of the round; the time to accept knows none.
    """

    kind: ClockKind
    round: int
    allowed: timedelta | None
    policy_version: int | None
    calendar: Calendar | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    breached_at: datetime | None = None
    noticed_at: datetime | None = None
    pauses: tuple[Pause, ...] = ()
    levels: Levels = MISS_ALONE
    warned: int = 0
    """The highest per cent of which it has warned."""
    next_after: timedelta | None = None
    """How long after the last level that was told the next one is, as this clock counts; None: there is none ahead."""
    told: tuple[Told, ...] = ()
    """Whoever has heard, in order."""

    @property
    def ended(self) -> bool:
        """Stopped or missed: nothing changes it any more."""
        return self.stopped_at is not None or self.breached_at is not None

    @property
    def speaks(self) -> bool:
        """Whether it may still have something to say by itself."""
        return not self.ended or (self.stopped_at is None and self.next_after is not None)

    @property
    def paused(self) -> bool:
        clock = self._clock()
        return clock is not None and clock.paused

    @property
    def due_at(self) -> datetime | None:
        """When it is missed; None while paused, before it begins, and where there is no deadline."""
        clock = self._clock()
        return clock.due_at if clock is not None else None

    def missed_at(self, moment: datetime) -> datetime | None:
        """The moment at which it was missed, as of `moment`; None where it was not."""
        if self.breached_at is not None:
            return self.breached_at
        due = self.due_at
        return due if due is not None and (self.stopped_at or moment) >= due else None

    def as_of(self, moment: datetime) -> "CaseClock":
        """The clock as time has made it: a pause is over at its longest end, whether or not somebody has noticed."""
        clock = self._clock()
        return self if clock is None else self._replace(pauses=clock.as_of(moment).pauses)

    def alarm_at(self, silent_until: datetime | None) -> datetime | None:
        """When there is something to say: a warning, the miss, or the next level after it; nothing is said of what lies
        before a takeover."""
        moment = self._speaks_at(silent_until)
        return None if moment is None or (silent_until is not None and moment <= silent_until) else moment

    def warnings_ahead(self, silent_until: datetime | None) -> Iterable[tuple[LevelBefore, datetime]]:
        """The levels at which somebody is still to be warned, with their moments, the highest first."""
        clock = self._clock()
        if clock is None or clock.paused or self.ended:
            return ()
        return warnings_ahead(clock._replace(silent_until=silent_until))

    @property
    def next_level_at(self) -> datetime | None:
        """When the next level after the miss is told; None where there is none, and while it stands before that."""
        if self.breached_at is None or self.next_after is None:
            return None
        since = max((each.at for each in self.told if each.level is not None), default=self.breached_at)
        return _moment_after(since, self.next_after, self.pauses, self.calendar)

    def warned_anew(self, now: datetime) -> "CaseClock":
        """A clock that was given another length or other levels: whom it has warned stays warned of what has passed."""
        clock = self._clock()
        return self if clock is None else self._replace(warned=still_warned(clock, now))

    def within(self, pauses: Iterable[Pause]) -> "CaseClock":
        """The clock with the pauses of its round, as far as it ran in them."""
        return self if self.kind == "accept" else self._replace(pauses=tuple(pauses))

    def stop(self, at: datetime, noticed_at: datetime) -> "CaseClock":
        """Ends it, and judges here whether that was in time; what is stopped stays so."""
        if self.stopped_at is not None:
            return self
        return self.judged(at, noticed_at)._replace(stopped_at=at)

    def judged(self, at: datetime, noticed_at: datetime) -> "CaseClock":
        """The clock with its miss, if at `at` it is one that nobody has noticed yet."""
        missed = self.missed_at(at)
        if missed is None or self.ended:
            return self
        return self._replace(breached_at=missed, noticed_at=noticed_at)

    def _speaks_at(self, silent_until: datetime | None) -> datetime | None:
        if self.stopped_at is not None:
            return None
        if self.breached_at is not None:
            return self.next_level_at
        due = self.due_at
        if due is None or not self.levels.before:
            return due
        return min((moment for _, moment in self.warnings_ahead(silent_until)), default=due)

    def _clock(self) -> ResponseClock | None:
        if self.started_at is None or self.allowed is None:
            return None
        ran = tuple(_ran_in(self.pauses, self.started_at, self.stopped_at))
        clock = ResponseClock(
            self.started_at,
            self.allowed,
            ran,
            warned=self.warned,
            calendar=self.calendar,
            levels=self.levels,
            stopped_at=self.stopped_at,
        )
        if not clock.paused:
            return clock
        before = clock._replace(pauses=ran[:-1])
        return before if before.moment_after(self.allowed) <= ran[-1].started_at else clock  # missed before the pause


def _moment_after(
    since: datetime, running: timedelta, pauses: Iterable[Pause], calendar: Calendar | None
) -> datetime | None:
    """The moment so much later, as a clock with these pauses counts; None where it stands before that."""
    ran = tuple(_ran_in(pauses, since, None))
    clock = ResponseClock(since, running, ran, calendar=calendar)
    moment = clock.moment_after(running)
    return None if clock.paused and moment > ran[-1].started_at else moment


def _ran_in(pauses: Iterable[Pause], started_at: datetime, stopped_at: datetime | None) -> Iterable[Pause]:
    """Of the pauses of a round those that concern a clock which began in it and perhaps ended in it."""
    for pause in pauses:
        ended_at = pause.ended_at
        if stopped_at is not None:
            if pause.started_at >= stopped_at:
                continue
            ended_at = stopped_at if ended_at is None else min(ended_at, stopped_at)
        if ended_at is None or ended_at > started_at:
            yield replace(pause, started_at=max(pause.started_at, started_at), ended_at=ended_at)
