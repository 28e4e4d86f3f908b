"""Who hears of a clock, and when: warnings, the miss, and the levels after it (decision 17)."""

from datetime import datetime
from uuid import UUID

from services.complaints.cases.domain import Case
from services.complaints.clocks.domain.clock import CaseClock, Told
from services.complaints.response_clocks.domain.advancing import at_or_above, to_be_told
from services.complaints.response_clocks.domain.chain import Chain, chain_in, without


def concerned(case: Case, clock: CaseClock) -> UUID | None:
    """Whom a clock concerns: of a case that nobody took nobody, behind whom the customer-service manager heads the
    chain (of an internal one administration); of an execution the accountable person; else the handler."""
    if clock.kind == "accept":
        return None
    return case.accountable_id or case.responsible_id if clock.kind == "execute" else case.responsible_id


def is_of_administration(case: Case, clock: CaseClock) -> bool:
    """Whether administration sees to what a clock waits for: it accepts internal cases (domain 3.6)."""
    return clock.kind == "accept" and case.kind == "internal"


def advance(clock: CaseClock, now: datetime, line: Chain, silent_until: datetime | None) -> CaseClock:
    """Tells all that is due at `now`, each level at its own moment, however late this is.

    `line` is who may be told; whom the clock's levels do not name is passed over. A warning that another one or the
    miss has overtaken is not told any more, as the answer's is not.
    """
    while (moment := clock.alarm_at(silent_until)) is not None and moment <= now:
        clock = _told_next(clock, moment, now, line, silent_until)
    return clock


def told_of_miss(clock: CaseClock, line: Chain) -> CaseClock:
    """A clock whose miss has just been found, with who is told of it at once: the first who is there of those whom its
    levels name. Nobody: administration is alarmed. What was stopped too late tells no further level."""
    assert clock.breached_at is not None  # noqa: S101  the caller has judged it
    ahead = _ahead(clock, line)
    staff_id, level = (ahead[0].staff_id, ahead[0].level) if ahead else (None, 1)
    told = Told(clock.breached_at, clock.noticed_at or clock.breached_at, staff_id, level=level)
    return _with(clock, told, ahead[1:] if clock.stopped_at is None else ())


def planned_anew(clock: CaseClock, line: Chain) -> CaseClock:
    """A clock whose miss was told, in another line: when the next of it is told counts from who was told last."""
    if not clock.levels.after:
        return clock
    ahead = _ahead(clock, line)
    return clock._replace(next_after=clock.levels.wait(ahead[0].level) if ahead else None)


def _told_next(
    clock: CaseClock, moment: datetime, now: datetime, line: Chain, silent_until: datetime | None
) -> CaseClock:
    if clock.breached_at is not None:
        return _escalated(clock, moment, now, line)
    judged = clock.judged(now, now)
    if judged.breached_at is not None:
        return told_of_miss(judged, line)
    return _warned(clock, now, line, silent_until)


def _warned(clock: CaseClock, now: datetime, line: Chain, silent_until: datetime | None) -> CaseClock:
    level, moment = next(each for each in clock.warnings_ahead(silent_until) if each[1] <= now)
    told = Told(moment, now, at_or_above(line, level.recipient), percent=level.percent)
    return clock._replace(warned=level.percent, told=(*clock.told, told))


def _escalated(clock: CaseClock, moment: datetime, now: datetime, line: Chain) -> CaseClock:
    ahead = _ahead(clock, line)
    if not ahead:
        return clock._replace(next_after=None)
    told = Told(moment, now, ahead[0].staff_id, level=ahead[0].level)
    return _with(clock, told, ahead[1:])


def _with(clock: CaseClock, told: Told, ahead: Chain) -> CaseClock:
    wait = clock.levels.wait(ahead[0].level) if ahead else None
    return clock._replace(told=(*clock.told, told), next_after=wait)


def _ahead(clock: CaseClock, line: Chain) -> Chain:
    """Who is still to be told of a miss: above the highest level told, without whom this clock has told already."""
    heard = [each for each in clock.told if each.level is not None]
    highest = max((each.level or 0 for each in heard), default=0)
    left = without(line, {each.staff_id for each in heard if each.staff_id is not None})
    above = tuple(link for link in left if link.level > highest)
    return to_be_told(clock.levels, above) if clock.levels.after else chain_in(above)[:1]
