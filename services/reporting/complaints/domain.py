"""Rounds of complaints, and what is counted of them in a month."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from shared.months import Month

_FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class RoundStart:
    """A round begins: with the case, or when it is reopened."""

    complaint_id: UUID
    round: int
    month: Month
    began_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoundStop:
    """A round's clock was stopped."""

    complaint_id: UUID
    round: int
    stopped_at: datetime
    in_time: bool


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

    @property
    def share_in_time(self) -> Decimal | None:
        """The part of the rounds with an outcome that was answered in time, 0 to 1; None when there is none."""
        judged = self.answered_in_time + self.answered_late + self.unanswered_overdue
        if judged == 0:
            return None
        return (Decimal(self.answered_in_time) / judged).quantize(_FOUR_PLACES, ROUND_HALF_UP)
