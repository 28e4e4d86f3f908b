"""How a customer has been served and pays (domain 2.4): sales decide the tier, these figures stand beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from services.customers.payments.domain import mean_days_late
from shared.moments import day_begins

SERVICE_DAYS: Final = 60
"""So many days are looked back at, today not counted; as an early warning does at first."""


def looked_at_from(today: date, zone: ZoneInfo) -> datetime:
    """The first moment of the days that are looked at, in the company's zone."""
    return day_begins(today - timedelta(days=SERVICE_DAYS), zone)


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """Of the last `days`: touches done and missed without an excuse, answers that were late. As of now: complaints that
    are not solved, invoices that are overdue, and the mean of days late of the last six; None without any."""

    customer_id: UUID
    touches_done: int
    touches_missed: int
    complaints_open: int
    answers_late: int
    invoices_overdue: int
    mean_days_late: Decimal | None
    days: int = SERVICE_DAYS

    @classmethod
    def found(cls, customer_id: UUID, days_late: Sequence[int], **counts: int) -> Self:
        """From a row; `days_late` of the last invoices, in any order."""
        return cls(customer_id, mean_days_late=mean_days_late(days_late), **counts)
