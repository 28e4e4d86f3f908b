"""Cases and their rounds, and what is counted of them in a month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from uuid import UUID

from shared.contracts import complaints
from shared.contracts.base import CaseFact
from shared.money import ZERO

STATE_AFTER: Mapping[type[CaseFact], str] = MappingProxyType(
    {
        complaints.ComplaintReopened: "open",
        complaints.ComplaintAnswered: "answered",
        complaints.ComplaintResolved: "resolved",
        complaints.ComplaintClosed: "closed",
    }
)
"""In which state these events leave a case."""
LEVEL_OF_BREACH = 1
"""The breach is the first level of the chain (decision 17)."""
_FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Case:
    """A case with the clock of its present round; None is what no event has told yet."""

    id: UUID
    number: str | None
    kind: str | None
    subject: str | None
    channel: str | None
    tier: str | None
    """The customer's when the case was recorded."""
    responsible_id: UUID | None
    state: str
    round: int
    taken_over: bool
    opened_at: datetime | None
    escalation_level: int
    repeat_count: int
    """The how-manieth of its kind in the month: 1 the first, 0 does not count."""
    answer_due_at: datetime | None
    """None also while the clock is paused."""
    answered_at: datetime | None
    """When this round's clock was stopped."""
    overdue: bool
    accountable_id: UUID | None = None
    """Whom it is against."""
    notice_number: str | None = None
    """Of the notice that stands; None when none went out."""
    notice_deadline: datetime | None = None
    notice_acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MonthOfComplaints:
    """The rounds that began in one month, by what became of them as of now.

    Each round counts in the month in which it began, in the company's zone, and so does its outcome, even when the
    answer came in the next month: the four outcomes add up to `opened`, and a share never exceeds one. A reopened case
    counts again (decision 16: the month report counts rounds); taken-over cases count like any other.
    """

    opened: int
    reopened: int
    """Those of `opened` that are a second or later round."""
    answered_in_time: int
    answered_late: int
    unanswered_overdue: int
    """Not answered, and the time to answer is over."""
    open: int
    """Not answered, and the clock still runs or is paused."""
    accepted_in_time: int = 0
    """Cases that customer service took within the time to accept them."""
    not_accepted_in_time: int = 0
    """Cases that nobody had taken when that time was over."""
    compensations: int = 0
    """What was given to complainants in the month, whenever their case began."""
    compensated: Decimal = ZERO
    """What that cost, CNY."""

    @property
    def share_in_time(self) -> Decimal | None:
        """The part of the rounds with an outcome that was answered in time, 0 to 1; None when there is none."""
        judged = self.answered_in_time + self.answered_late + self.unanswered_overdue
        if judged == 0:
            return None
        return (Decimal(self.answered_in_time) / judged).quantize(_FOUR_PLACES, ROUND_HALF_UP)
