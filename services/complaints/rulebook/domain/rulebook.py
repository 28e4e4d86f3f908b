"""What decides how a case's clock starts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.complaints.rulebook.domain.calendar import ALWAYS, Calendar
from services.complaints.rulebook.domain.policies import ClockPolicy, Policies, limit_for, policies_for, policy_for
from services.complaints.rulebook.domain.products import NOBODY, ProductOwners
from services.complaints.rulebook.domain.subjects import UnknownSubject
from shared.contracts.complaints import ClockKind
from shared.contracts.customers import Tier


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Policies, calendars and the subjects in use as of a revision; recording refuses to work from another one."""

    revision: int
    policies: tuple[ClockPolicy, ...]
    subjects: Collection[str]
    calendars: Mapping[str, Calendar]
    products: ProductOwners = NOBODY
    """Who answers for what a case is against."""
    _held: dict[tuple[Sequence[Tier | None], str], Policies] = field(default_factory=dict, init=False, compare=False)
    """What was looked up for a subject in use."""

    def policy(self, tier: Tier | None, subject: str, recorded_at: datetime) -> ClockPolicy:
        return policy_for(self.policies, tier, subject, recorded_at)

    def policies_for(self, tiers: Sequence[Tier | None], subject: str, recorded_at: datetime) -> Sequence[ClockPolicy]:
        """The policy of each tier, looked up again only where another one starts in between."""
        held = self._held.get((tiers, subject))
        if held is None or not held.hold_at(recorded_at):
            held = self._held[tiers, subject] = policies_for(self.policies, tiers, subject, recorded_at)
        return held.by_tier

    def limit(self, kind: ClockKind, tier: Tier | None, subject: str, recorded_at: datetime) -> ClockPolicy | None:
        """What fixes a clock of a kind at recording; None where it has no deadline."""
        return limit_for(self.policies, kind, tier, subject, recorded_at)

    def calendar(self, policy: ClockPolicy) -> Calendar | None:
        """The present version of a policy's calendar; None for day and night."""
        return None if policy.calendar == ALWAYS else self.calendars[policy.calendar]

    def knows(self, subject: str) -> bool:
        """Whether the subject is in the table and still in use."""
        return subject in self.subjects

    def check_subject(self, subject: str) -> None:
        """Raises UnknownSubject for one that is not in the table or no longer in use."""
        if not self.knows(subject):
            raise UnknownSubject(f"subjects are {', '.join(sorted(self.subjects))}", pointer="#/subject")
