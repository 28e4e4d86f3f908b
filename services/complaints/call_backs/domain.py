"""The call-back after a case (domain 3.5, examples 10): administration asks, some days after the end."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from services.complaints.cases.domain import Case

CALLED: Final = ("complaint", "grumble")
"""Somebody was dissatisfied; a suggestion, an enquiry, and what is internal ask for no call."""


@dataclass(frozen=True, slots=True)
class CallBackPolicy:
    """A version of on which day after closing the complainant is called."""

    version: int
    days: int

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any]) -> "CallBackPolicy":
        return cls(version, **definition)

    def day_after(self, closed_at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Beginning and end of that day in the company's zone; the day after closing is the first."""
        day = closed_at.astimezone(zone).date() + timedelta(days=self.days)
        return _midnight(day, zone), _midnight(day + timedelta(days=1), zone)


def is_called(case: Case, closed_at: datetime) -> bool:
    """Whether somebody is called about this case; what lies before a takeover asks for nothing (decision 15)."""
    return case.kind in CALLED and not case.historical(closed_at)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
