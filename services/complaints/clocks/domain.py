"""The clocks of a case beside that of its answer (domain 3.3, decision 16): accepting, each step, the resolution.

What each may take is fixed when its round begins, also for steps whose turn comes later. Moments are in UTC; a clock's
end is computed from what happened, so that no timer is needed for the truth, only for the news.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from services.complaints.cases.domain import WITHOUT_STEPS, Case
from services.complaints.response_clocks.domain.clock import Pause, ResponseClock
from services.complaints.rulebook.domain.calendar import Calendar
from services.complaints.rulebook.domain.levels import USUAL, Levels
from services.complaints.rulebook.domain.rulebook import Rulebook
from shared.contracts.complaints import CaseKind, ClockKind
from shared.contracts.customers import Tier
from shared.errors import Conflict

STEP_CLOCKS: Final[tuple[ClockKind, ...]] = ("investigate", "propose", "execute", "inspect", "settle", "reply")
"""In the order of the steps: the end of one is the beginning of the next."""
WORKS_ON_THE_CASE: Final = ("answered", "resolved", "paused")
"""What nobody but customer service does with a case, beside its steps."""


class AlreadyAccepted(Conflict):
    slug = "already-accepted"
    title = "The case has been taken"


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
    levels: Levels = USUAL
    """Of the answer's clock; the others tell of their miss once."""

    @property
    def ended(self) -> bool:
        """Stopped or missed: nothing changes it any more."""
        return self.stopped_at is not None or self.breached_at is not None

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
        """When there is something to notice; nothing is said of what lies before a takeover."""
        due = None if self.ended else self.due_at
        return None if due is None or (silent_until is not None and due <= silent_until) else due

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

    def _clock(self) -> ResponseClock | None:
        if self.started_at is None or self.allowed is None:
            return None
        ran = tuple(_ran_in(self.pauses, self.started_at, self.stopped_at))
        clock = ResponseClock(self.started_at, self.allowed, ran, calendar=self.calendar, stopped_at=self.stopped_at)
        if not clock.paused:
            return clock
        before = clock._replace(pauses=ran[:-1])
        return before if before.moment_after(self.allowed) <= ran[-1].started_at else clock  # missed before the pause


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


@dataclass(frozen=True, slots=True)
class Beginning:
    """What decides which clocks a round has."""

    id: UUID
    kind: CaseKind
    subject: str
    tier: Tier | None
    round: int
    started_at: datetime
    taken_over: bool
    registered_at: datetime
    accepted_at: datetime | None

    @property
    def taken_at_once(self) -> bool:
        """Whether who recorded it has taken it (decision 22e)."""
        return self.accepted_at == self.started_at

    @property
    def silent_until(self) -> datetime | None:
        return self.registered_at if self.taken_over else None


def clocks_of(beginning: Beginning, rulebook: Rulebook) -> list[CaseClock]:
    """The clocks with which a round begins. The resolution's is always there, with or without a deadline.

    A case is accepted once, in its first round; one that is taken over has been accepted by whoever had it.
    """
    kinds: list[ClockKind] = ["resolve"]
    if beginning.kind not in WITHOUT_STEPS:
        kinds += STEP_CLOCKS
    if beginning.round == 1 and not beginning.taken_over:
        kinds.append("accept")
    clocks = (_begun(kind, beginning, rulebook) for kind in kinds)
    return [clock for clock in clocks if clock.allowed is not None or clock.kind == "resolve"]


def _begun(kind: ClockKind, beginning: Beginning, rulebook: Rulebook) -> CaseClock:
    policy = rulebook.limit(kind, beginning.tier, beginning.subject, beginning.started_at)
    at_once = kind not in STEP_CLOCKS[1:]
    clock = CaseClock(
        kind,
        beginning.round,
        policy.answer_within if policy is not None else None,
        policy.version if policy is not None else None,
        rulebook.calendar(policy) if policy is not None else None,
        beginning.started_at if at_once else None,
    )
    if kind == "accept" and beginning.taken_at_once:
        return clock._replace(stopped_at=beginning.started_at)
    return clock


def followed(clocks: Sequence[CaseClock], case: Case, what: str, at: datetime, noticed_at: datetime) -> list[CaseClock]:
    """The clocks of a case's present round after a movement of it, misses that nobody had noticed among them."""
    pauses = case.clock.pauses
    return [_followed(clock.within(pauses), case, what, at, noticed_at) for clock in clocks]


def _followed(clock: CaseClock, case: Case, what: str, at: datetime, noticed_at: datetime) -> CaseClock:
    if clock.kind == "accept":
        return clock if case.accepted_at is None else clock.stop(case.accepted_at, noticed_at)
    if what == "closed" or what == _end_of(clock.kind):
        return clock.stop(at, noticed_at)
    if clock.started_at is None and clock.stopped_at is None and what == _turn_of(clock.kind):
        return clock._replace(started_at=at)
    return clock


def _end_of(kind: ClockKind) -> str:
    return "resolved" if kind == "resolve" else f"step:{kind}"


def _turn_of(kind: ClockKind) -> str:
    """After which movement a step's turn has come."""
    return f"step:{STEP_CLOCKS[STEP_CLOCKS.index(kind) - 1]}" if kind in STEP_CLOCKS[1:] else ""


def takes_the_case(case: Case, what: str) -> bool:
    """Whether somebody of customer service takes the case by this: by saying so, or by working on it before anybody has
    (decision 22e). Of what was taken over nobody knows who took it, unless it is said."""
    if case.accepted_at is not None:
        return False
    return what == "accepted" or (not case.taken_over and (what in WORKS_ON_THE_CASE or what.startswith("step:")))


class Recalculated(NamedTuple):
    """A clock before and after it was given what the policies say now."""

    before: CaseClock
    after: CaseClock


def answer_clock(case: Case) -> CaseClock:
    """The clock of a case's present answer, which stands in the case, as one beside the others."""
    clock = case.clock
    return CaseClock(
        "answer",
        case.round,
        clock.answer_within,
        case.policy_version,
        clock.calendar,
        clock.started_at,
        clock.stopped_at,
        clock.breached_at,
        pauses=clock.pauses,
        levels=clock.levels,
    )


def recalculated(
    clocks: Iterable[CaseClock], case: Case, beginning: Beginning, rulebook: Rulebook, now: datetime
) -> list[Recalculated]:
    """What policies and calendars say now of the clocks of a running case's present round.

    A clock that has ended stays, and so does one that would have ended before anybody could know.
    """
    found = []
    for clock in clocks:
        present = clock.within(case.clock.pauses).as_of(now)
        if present.ended or present.missed_at(now) is not None:
            continue
        after = _by_the_policy_of_now(present, beginning, rulebook)
        if after != present and after.missed_at(now) is None:
            found.append(Recalculated(present, after))
    return found


def _by_the_policy_of_now(clock: CaseClock, beginning: Beginning, rulebook: Rulebook) -> CaseClock:
    asked = beginning.tier, beginning.subject, beginning.started_at
    policy = rulebook.policy(*asked) if clock.kind == "answer" else rulebook.limit(clock.kind, *asked)
    return clock._replace(
        allowed=policy.answer_within if policy is not None else None,
        policy_version=policy.version if policy is not None else None,
        calendar=rulebook.calendar(policy) if policy is not None else None,
        levels=policy.levels if policy is not None else USUAL,
    )


def with_answer_clock(case: Case, clock: CaseClock, now: datetime) -> Case:
    """The case with what its answer may take from now on. Whom it has warned stays warned of what has passed."""
    assert clock.allowed is not None  # noqa: S101  an answer always has a deadline
    policy_version = case.policy_version if clock.policy_version is None else clock.policy_version
    fixed = case.clock._replace(answer_within=clock.allowed, calendar=clock.calendar, levels=clock.levels)
    passed = (
        level.percent
        for level in clock.levels.before
        if level.percent <= fixed.warned and fixed.moment_after(clock.allowed * level.percent / 100) <= now
    )
    return case._replace(policy_version=policy_version, clock=fixed._replace(warned=max(passed, default=0)))
