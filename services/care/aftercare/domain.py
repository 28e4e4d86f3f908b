"""What is done after a contract has ended (domain 2.2): a small table says what, by whom, and from when until when.

Days are the company's. They are counted from the day on which the contract ends, or from the one on which aftercare
began where that is later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from services.care.obligations.domain import Window
from shared.contracts.care import Contact
from shared.languages import Language
from shared.moments import day_begins

MOST_ERRANDS: Final = 20
WITHDRAWN: Final = "contract_withdrawn"
"""Why an errand is not owed any longer: there never was a contract."""
GOES_ON: Final = "contract_goes_on"
"""Likewise: its term was entered wrongly and is not over, or another contract has followed it."""


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to be done: `after_days` after the contract has ended it may be, `within_days` later it is missed."""

    code: str
    names: Mapping[Language, str]
    role: str
    contact: Contact
    after_days: int
    within_days: int


@dataclass(frozen=True, slots=True)
class AftercarePolicy:
    """A version of the table; `set_at` and `set_by` are None for the one the service came with."""

    version: int
    errands: Sequence[Errand]
    set_at: datetime | None = None
    set_by: UUID | None = None


def window(errand: Errand, ends_on: date, began_at: datetime, zone: ZoneInfo) -> Window:
    """From when until when the errand is done."""
    counted = max(ends_on, began_at.astimezone(zone).date())
    first = counted + timedelta(days=errand.after_days)
    return Window(day_begins(first, zone), day_begins(first + timedelta(days=errand.within_days), zone))
