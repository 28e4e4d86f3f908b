"""Clock policies (decision 16): how long an answer, accepting, a step or the resolution may take, fixed when a case is
recorded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from services.complaints.rulebook.domain.calendar import ALWAYS
from services.complaints.rulebook.domain.levels import MISS_ALONE, USUAL, Levels
from shared.contracts.complaints import ClockKind
from shared.contracts.customers import Tier
from shared.errors import Conflict, Forbidden, Invalid, NotFound

FOUR_HOURS: Final = timedelta(hours=4)
"""What the rule gives where no policy says otherwise."""
HALF_AN_HOUR: Final = timedelta(minutes=30)
"""In which somebody of customer service takes a case where no policy says otherwise (domain 3.3)."""
SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(days=90)
"""Bounds of what a policy may give."""
EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=UTC)


class AbsurdDuration(Invalid):
    slug = "duration-out-of-bounds"
    title = "The time to answer is out of bounds"


class StartsInThePast(Forbidden):
    slug = "policy-starts-in-the-past"
    title = "Only administration dates a policy back"


class PolicyNotFound(NotFound):
    slug = "clock-policy-not-found"
    title = "There is no such clock policy"


class PolicyWithdrawn(Conflict):
    slug = "clock-policy-withdrawn"
    title = "This clock policy has been withdrawn"


@dataclass(frozen=True, slots=True)
class ClockPolicy:
    """How long an answer (or what else `kind` names) may take, in time of the named calendar. None as tier or subject
    means any. Without levels of its own it has the usual ones of its kind."""

    id: UUID
    version: int
    answer_within: timedelta
    tier: Tier | None
    subject: str | None
    calendar: str
    starts_at: datetime
    withdrawn_at: datetime | None = None
    kind: ClockKind = "answer"
    levels: Levels = USUAL

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


HALF_HOUR_TO_ACCEPT: Final = ClockPolicy(
    id=UUID("01900000-0000-7000-8000-0000000000ac"),
    version=0,
    answer_within=HALF_AN_HOUR,
    tier=None,
    subject=None,
    calendar=ALWAYS,
    starts_at=datetime(1970, 1, 1, tzinfo=UTC),
    kind="accept",
    levels=MISS_ALONE,
)
"""Version 0, so that no release that knows answers alone ever takes it for theirs: the latest of a scope holds."""


def policy_for(policies: Iterable[ClockPolicy], tier: Tier | None, subject: str, recorded_at: datetime) -> ClockPolicy:
    """The policy that fixes a clock at recording: the one that names most; among equals the latest version.

    A later version supersedes an earlier one of its scope for what is recorded after its start (decision 16).
    """
    return limit_for(policies, "answer", tier, subject, recorded_at) or FOUR_HOUR_RULE


@dataclass(frozen=True, slots=True)
class Policies:
    """Which policies fix the clocks of a subject's answers, for what is recorded from one moment to another."""

    by_tier: Sequence[ClockPolicy]
    since: datetime
    until: datetime

    def hold_at(self, recorded_at: datetime) -> bool:
        return self.since <= recorded_at < self.until


def policies_for(
    policies: Sequence[ClockPolicy], tiers: Sequence[Tier | None], subject: str, recorded_at: datetime
) -> Policies:
    """The policy of each tier, and the starts of policies between which that is so."""
    starts = [policy.starts_at for policy in policies]
    return Policies(
        tuple(policy_for(policies, tier, subject, recorded_at) for tier in tiers),
        since=max((start for start in starts if start <= recorded_at), default=EARLIEST),
        until=min((start for start in starts if start > recorded_at), default=LATEST),
    )


def limit_for(
    policies: Iterable[ClockPolicy], kind: ClockKind, tier: Tier | None, subject: str, recorded_at: datetime
) -> ClockPolicy | None:
    """The same for a clock of any kind. Accepting has half an hour where nothing is said; None: no deadline."""
    covering = (policy for policy in policies if policy.kind == kind and policy.covers(tier, subject, recorded_at))
    fallback = HALF_HOUR_TO_ACCEPT if kind == "accept" else None
    return max(covering, key=lambda policy: (policy.scope, policy.version), default=fallback)


@dataclass(frozen=True, slots=True)
class NewClockPolicy:
    """A policy to be written; `starts_at` None means now, `calendar` None day and night, `levels` None the usual."""

    answer_within: timedelta
    tier: Tier | None
    subject: str | None
    calendar: str | None
    starts_at: datetime | None
    kind: ClockKind = "answer"
    levels: Levels | None = None

    def check_start(self, now: datetime, *, may_date_back: bool) -> None:
        """Raises StartsInThePast: a policy of the past decides over old cases that are taken over."""
        if self.starts_at is not None and self.starts_at < now and not may_date_back:
            raise StartsInThePast("leave starts_at out, or ask administration")

    def check_duration(self) -> None:
        """Raises AbsurdDuration."""
        if not SHORTEST <= self.answer_within <= LONGEST:
            raise AbsurdDuration("answer_within lies between one second and 90 days", pointer="#/answer_within")
        if self.answer_within % SHORTEST:
            raise AbsurdDuration("answer_within is of whole seconds", pointer="#/answer_within")

    def check_levels(self) -> None:
        """Raises LevelsRefused."""
        if self.levels is not None:
            self.levels.check()
