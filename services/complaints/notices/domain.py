"""The numbered notice (通知单) to whom a case is against: what is demanded of them, and until when (domain 3.2)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services.complaints.cases.domain import TimeNotAllowed
from shared.errors import Forbidden, NotFound

LONGEST_DEADLINE: Final = timedelta(days=366)


class NoticeNotFound(NotFound):
    slug = "notice-not-found"
    title = "There is no notice about this case"


class NotAddressed(Forbidden):
    slug = "not-addressed"
    title = "The notice is addressed to somebody else"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice about a case. One stands at a time: a later one supersedes it.

    `issued_at`, `deadline` and the other moments are in UTC. What it demands stands in the entry of the history.
    """

    id: UUID
    number: str
    complaint_id: UUID
    round: int
    to_id: UUID
    deadline: datetime
    issued_at: datetime
    issued_by: UUID
    entry_id: UUID
    acknowledged_at: datetime | None = None
    acknowledged_by: UUID | None = None
    superseded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice to be issued: to whom, what is demanded, until when."""

    to_id: UUID
    demand: str
    deadline: datetime

    def check_deadline(self, now: datetime) -> None:
        """Raises TimeNotAllowed."""
        if not now < self.deadline <= now + LONGEST_DEADLINE:
            days = LONGEST_DEADLINE.days
            raise TimeNotAllowed(f"the deadline lies ahead, by {days} days at most", pointer="#/deadline")


@dataclass(frozen=True, slots=True)
class ReadNotice:
    """A notice with its words and the name of whom it is addressed to."""

    notice: Notice
    to_name: str | None
    demand: str


def notice_number(issued_at: datetime, zone: ZoneInfo, serial: int) -> str:
    """The number of a notice: its day in the company's zone, and a count: N20261104-000012."""
    return f"N{issued_at.astimezone(zone):%Y%m%d}-{serial:06d}"
