"""The case: what is recorded, what of it moves, and how it is named (domain 3.1, decisions 14, 15, 19)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal, NamedTuple, TypeAlias, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from services.complaints.calendars.domain import ALWAYS, Calendar
from services.complaints.response_clocks.domain import Clock, ClockPolicy, Tier, policy_for
from shared.errors import Conflict, Forbidden, Invalid, NotFound

Kind: TypeAlias = Literal["complaint", "grumble", "suggestion", "enquiry", "internal"]

TIERS: Final[tuple[Tier, ...]] = get_args(Tier)
UNKNOWN_RANK: Final = len(TIERS) + 1
RANKS: Final[tuple[Tier | None, ...]] = (*TIERS, None)
"""Every tier a case can have, in the order of the queue: A first, unknown last."""
EARLIEST: Final = 1970
"""Year before which nothing is taken over."""


class NoSuchComplaint(NotFound):
    slug = "no-such-complaint"
    title = "There is no such complaint"


class UnknownCustomer(Invalid):
    slug = "unknown-customer"
    title = "This customer is not known here"


class UnknownSubject(Invalid):
    slug = "unknown-subject"
    title = "This subject is not in the table"


class NobodyComplains(Invalid):
    slug = "complainant-missing"
    title = "It is not said who complains"


class TimeNotAllowed(Invalid):
    slug = "time-not-allowed"
    title = "This time cannot be"


class TakeoverNotAllowed(Forbidden):
    slug = "takeover-not-allowed"
    title = "Only administration takes over old cases"


class TextMissing(Invalid):
    slug = "text-missing"
    title = "The words are missing"


class WrongState(Conflict):
    slug = "wrong-state"
    title = "The case is in another state"


class State(StrEnum):
    """A case goes from open to closed; reopening begins the next round as open (decision 14)."""

    OPEN = "open"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    CLOSED = "closed"


def rank_of(tier: Tier | None) -> int:
    """1 for A to 4 for D, 5 for unknown."""
    return RANKS.index(tier) + 1


def tier_of(rank: int) -> Tier | None:
    return RANKS[rank - 1]


def number_day(recorded_at: datetime, zone: ZoneInfo) -> str:
    """The part of a case's number that says its day, in the company's zone: C20261104-000123."""
    return recorded_at.astimezone(zone).strftime("%Y%m%d")


@dataclass(frozen=True, slots=True)
class Against:
    """Who or what a complaint is against; a name may be a person's and is kept sealed."""

    type: str
    id: UUID | None
    name: str | None


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to be recorded. `recorded_at` before `registered_at` makes it taken over."""

    id: UUID
    customer_id: UUID | None
    complainant: dict[str, str] | None
    kind: Kind
    subject: str
    against: Against | None
    text: str
    channel: str
    wish: str | None
    purchase_id: UUID | None
    happened_at: datetime | None
    recorded_at: datetime
    registered_at: datetime
    recorded_by: UUID

    @property
    def taken_over(self) -> bool:
        return self.recorded_at < self.registered_at

    def clock(self, answer_within: timedelta, calendar: Calendar | None) -> Clock:
        """The clock it would start with."""
        silent_until = self.registered_at if self.taken_over else None
        return Clock(self.recorded_at, answer_within, silent_until=silent_until, calendar=calendar)


@dataclass(frozen=True, slots=True)
class Opened:
    """What the complainant is told at once: heard, number, answer until then (domain 3.2)."""

    id: UUID
    number: str
    tier: Tier | None
    answer_due_at: datetime


class Case(NamedTuple):
    """What of a case moves. `moved_at` is its last movement: a takeover's times only go forward (decision 15)."""

    id: UUID
    number: str
    customer_id: UUID | None
    kind: Kind
    subject: str
    state: State
    tier: Tier | None
    responsible_id: UUID | None
    taken_over: bool
    registered_at: datetime
    moved_at: datetime
    round: int
    policy_version: int
    clock: Clock
    answered_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    version: int

    def historical(self, moment: datetime) -> bool:
        """History is silent (decision 5): what lies before the takeover."""
        return self.taken_over and moment < self.registered_at

    def require(self, *states: State) -> None:
        if self.state not in states:
            wanted = " or ".join(states)
            raise WrongState(f"it is {self.state}; this needs it to be {wanted}")


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Policies, subjects and calendars as of a revision; recording refuses to work from another one."""

    revision: int
    policies: tuple[ClockPolicy, ...]
    subjects: Mapping[str, bool]
    calendars: Mapping[str, Calendar]

    def policy(self, tier: Tier | None, subject: str, recorded_at: datetime) -> ClockPolicy:
        return policy_for(self.policies, tier, subject, recorded_at)

    def calendar(self, policy: ClockPolicy) -> Calendar | None:
        """The present version of a policy's calendar; None for day and night."""
        return None if policy.calendar == ALWAYS else self.calendars[policy.calendar]

    def check_subject(self, subject: str) -> None:
        """Raises UnknownSubject for one that is not in the table or no longer in use."""
        if not self.subjects.get(subject):
            known = ", ".join(sorted(code for code, active in self.subjects.items() if active))
            raise UnknownSubject(f"subjects are {known}", pointer="#/subject")


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says about a case, and when it was if that lies in the past (takeovers only)."""

    text: str | None
    at: datetime | None
    by: UUID

    def require_text(self, case: Case, what: str) -> None:
        """Old cases are taken over with what is known of them; all others say it."""
        if self.text is None and not case.taken_over:
            raise TextMissing(f"say {what}", pointer="#/text")


def check_recording(recorded_at: datetime | None, now: datetime, *, may_take_over: bool) -> datetime:
    """The moment of recording; raises for the future, for absurd ones, and for who may not take over."""
    if recorded_at is None:
        return now
    if not may_take_over:
        raise TakeoverNotAllowed("leave recorded_at out: only administration takes over old cases")
    if recorded_at > now or recorded_at.year < EARLIEST:
        raise TimeNotAllowed(f"recorded_at lies in the past, not before {EARLIEST}", pointer="#/recorded_at")
    return recorded_at


def check_happening(happened_at: datetime | None, recorded_at: datetime) -> None:
    """What is complained of has happened before it is recorded."""
    if happened_at is not None and (happened_at > recorded_at or happened_at.year < EARLIEST):
        raise TimeNotAllowed(f"happened_at lies before the recording, not before {EARLIEST}", pointer="#/happened_at")


def moment_of(case: Case, at: datetime | None, now: datetime) -> datetime:
    """When a movement happens: now, or for takeovers a past moment, and only forward (decision 15)."""
    if at is None:
        return max(now, case.moved_at)
    if not case.taken_over:
        raise TimeNotAllowed("leave `at` out: only cases taken over have times in the past", pointer="#/at")
    if not case.moved_at <= at <= now:
        raise TimeNotAllowed(
            f"`at` lies between the last movement ({case.moved_at.isoformat()}) and now", pointer="#/at"
        )
    return at
