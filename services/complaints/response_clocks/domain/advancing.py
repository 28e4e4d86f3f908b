"""The four-hour rule (4小时复命制; domain 3.3, decisions 15 to 18): warn, breach, escalate, pause, stop.

Each function takes a clock and a moment and gives the clock as it is afterwards, with what happened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from services.complaints.response_clocks.domain.chain import Chain, Link, chain_in
from services.complaints.response_clocks.domain.clock import Pause, ResponseClock, warnings_ahead
from services.complaints.rulebook.domain.levels import Levels, Recipient, number_of
from shared.errors import Conflict, Invalid

LONGEST_PAUSE: Final = timedelta(days=366)
USUAL_PAUSE: Final = timedelta(days=7)
"""A pause's longest end where nothing else is said; what is taken over may have waited longer."""
LAST_LEVEL: Final = 5


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
class Warned:
    """So much of the time to answer has passed; `staff_id` is who hears of it, None where there is nobody."""

    percent: int
    at: datetime
    due_at: datetime
    staff_id: UUID | None


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
    """The clock stands until `until` at the longest; if it does, the answer is due at `due_after_pause`."""

    at: datetime
    until: datetime
    due_after_pause: datetime | None


@dataclass(frozen=True, slots=True)
class Resumed:
    at: datetime
    due_at: datetime


ClockEvent: TypeAlias = Warned | Breached | Escalated | Paused | Resumed
Advanced: TypeAlias = tuple[ResponseClock, tuple[ClockEvent, ...]]


def advance(clock: ResponseClock, now: datetime, line: Chain) -> Advanced:
    """Does what is due at `now`: the breach before any warning that an outage has delayed, one level at a time.

    `line` is who may be told of it; whom the clock's levels do not name is passed over. Time between levels counts as
    the clock itself runs: whoever has only working hours to answer has hours of these to react.
    """
    if clock.stopped_at is not None:
        return clock, ()
    if clock.paused:
        return _end_overlong_pause(clock, now)
    if clock.breached_at is not None:
        return _escalate(clock, now, line)
    due = clock.moment_after(clock.answer_within)
    if now >= due:
        return _breach(clock, due, to_be_told(clock.levels, line))
    for level, moment in warnings_ahead(clock):
        if now >= moment:
            warned = Warned(level.percent, moment, due, at_or_above(line, level.recipient))
            return clock._replace(warned=level.percent), (warned,)
    return clock, ()


def to_be_told(levels: Levels, line: Chain) -> Chain:
    """Whom of a line levels name, each once."""
    return chain_in(tuple(link for link in line if levels.asks(link.level)))


def at_or_above(line: Chain, recipient: Recipient) -> UUID | None:
    """Who is warned: the recipient, else the next above; None where nobody is there."""
    lowest = number_of(recipient)
    return next((link.staff_id for link in line if link.level >= lowest), None)


def _wait_for(clock: ResponseClock, since: datetime, ahead: Sequence[Link]) -> datetime | None:
    """When the first of those ahead is told; None where there is nobody."""
    return clock.later(since, clock.levels.wait(ahead[0].level)) if ahead else None


def _end_overlong_pause(clock: ResponseClock, now: datetime) -> Advanced:
    until = clock.pauses[-1].until
    return resume(clock, until) if now >= until else (clock, ())


def _breach(clock: ResponseClock, due: datetime, chain: Chain) -> Advanced:
    first = chain[0] if chain else None
    staff_id = first.staff_id if first is not None and first.level == 1 else None
    events: list[ClockEvent] = [Breached(due, staff_id)]
    level = max(1, clock.escalation_level)
    if first is None:
        level = LAST_LEVEL
        events.append(Escalated(level, None, due, due))
    elif first.level > 1:
        level = max(first.level, level)
        events.append(Escalated(first.level, first.staff_id, due, due))
    escalates_at = _wait_for(clock, due, [link for link in chain if link.level > level])
    return clock._replace(breached_at=due, escalation_level=level, escalates_at=escalates_at), tuple(events)


def _escalate(clock: ResponseClock, now: datetime, line: Chain) -> Advanced:
    moment = clock.escalates_at
    if moment is None or clock.breached_at is None or now < moment:
        return clock, ()
    ahead = to_be_told(clock.levels, tuple(link for link in line if link.level > clock.escalation_level))
    if not ahead:
        return clock._replace(escalates_at=None), ()
    link = ahead[0]
    following = _wait_for(clock, moment, ahead[1:])
    escalated = clock._replace(escalation_level=link.level, escalates_at=following)
    return escalated, (Escalated(link.level, link.staff_id, moment, clock.breached_at),)


def planned_anew(clock: ResponseClock, told_at: datetime, line: Chain) -> ResponseClock:
    """A clock whose miss was told, last at `told_at`, in another line: when the next of it is told.

    The time between two levels is the difference of their delays, whoever was to be told next before.
    """
    ahead = to_be_told(clock.levels, tuple(link for link in line if link.level > clock.escalation_level))
    return clock._replace(escalates_at=_wait_for(clock, told_at, ahead))


def pause(clock: ResponseClock, at: datetime, at_most: timedelta) -> Advanced:
    """Lets the clock stand while the customer is asked something; only while it runs and before the breach."""
    if not timedelta() < at_most <= LONGEST_PAUSE:
        raise PauseTooLong(f"a pause lasts at most {LONGEST_PAUSE.days} days", pointer="#/at_most")
    clock, events = settle(clock, at)
    if not clock.running:
        raise ClockNotRunning("only a running clock can be paused")
    if clock.late_at(at):
        raise ClockBreached("the answer is late already; answer instead")
    until = at + at_most
    paused = clock._replace(pauses=(*clock.pauses, Pause(at, until)))
    return paused, (*events, Paused(at, until, paused.due_after_pause))


def resume(clock: ResponseClock, at: datetime) -> Advanced:
    """Ends the pause at `at`, or at its longest end if that was before.

    Of a case that is taken over, a pause that has ended by itself meanwhile may be said to have ended earlier.
    """
    if not clock.paused and not _ended_later(clock, at):
        raise ClockNotRunning("the clock is not paused")
    return _resumed(clock, at)


def _resumed(clock: ResponseClock, at: datetime) -> Advanced:
    *earlier, last = clock.pauses
    ended = min(at, last.until)
    resumed = clock._replace(pauses=(*earlier, replace(last, ended_at=ended)))
    return resumed, (Resumed(ended, resumed.moment_after(resumed.answer_within)),)


def replied(clock: ResponseClock, at: datetime) -> Advanced:
    """What the complainant adds is what was waited for: a pause ends with it."""
    return _resumed(clock, at) if clock.paused else (clock, ())


def _ended_later(clock: ResponseClock, at: datetime) -> bool:
    if clock.silent_until is None or not clock.running or clock.breached_at is not None or not clock.pauses:
        return False
    last = clock.pauses[-1]
    return last.ended_at == last.until and last.started_at <= at <= last.until


def settle(clock: ResponseClock, at: datetime) -> Advanced:
    """Ends a pause whose longest end has passed without anybody noticing yet."""
    if clock.paused and clock.pauses[-1].until <= at:
        return resume(clock, at)
    return clock, ()


def stop(clock: ResponseClock, at: datetime, chain: Chain) -> Advanced:
    """Answers: the stop time is compared with the due moment here, so an outage never erases a miss.

    A miss that is found so is told as at its moment: whom it concerns, or the first who is there above them.
    """
    clock, events = settle(clock, at)
    if clock.stopped_at is not None:
        return clock, events
    if clock.paused:
        clock, resumed = resume(clock, at)
        events = (*events, *resumed)
    due = clock.moment_after(clock.answer_within)
    if clock.breached_at is None and at >= due:
        clock, found = _breach(clock, due, to_be_told(clock.levels, chain))
        silent = clock.silent_until is not None and due <= clock.silent_until
        events = (*events, *(found[:1] if silent else found))  # of before a takeover nobody hears
    return clock._replace(stopped_at=at, escalates_at=None), events


def ended_pause(events: Iterable[ClockEvent]) -> bool:
    """Whether a pause has come to its end among what happened."""
    return any(isinstance(event, Resumed) for event in events)
