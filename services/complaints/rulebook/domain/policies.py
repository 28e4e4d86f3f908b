"""Clock policies (decision 16): how long an answer may take, fixed when a case is recorded."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from services.complaints.rulebook.domain.calendar import ALWAYS
from shared.contracts.customers import Tier
from shared.errors import Conflict, Invalid, NotFound

FOUR_HOURS: Final = timedelta(hours=4)
"""What the rule gives where no policy says otherwise."""
SHORTEST: Final = timedelta(seconds=1)
LONGEST: Final = timedelta(days=90)
"""Bounds of what a policy may give."""


class AbsurdDuration(Invalid):
    slug = "duration-out-of-bounds"
    title = "The time to answer is out of bounds"


class PolicyNotFound(NotFound):
    slug = "clock-policy-not-found"
    title = "There is no such clock policy"


class PolicyWithdrawn(Conflict):
    slug = "clock-policy-withdrawn"
    title = "This clock policy has been withdrawn"


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
    withdrawn_at: datetime | None = None

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


@dataclass(frozen=True, slots=True)
class NewClockPolicy:
    """A policy to be written; `starts_at` None means now, `calendar` None day and night."""

    answer_within: timedelta
    tier: Tier | None
    subject: str | None
    calendar: str | None
    starts_at: datetime | None

    def check_duration(self) -> None:
        """Raises AbsurdDuration."""
        if not SHORTEST <= self.answer_within <= LONGEST:
            raise AbsurdDuration("answer_within lies between one second and 90 days", pointer="#/answer_within")
