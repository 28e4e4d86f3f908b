"""Measures by contract against a store that sells outside its region or below the price (窜货, 乱价; domain 3.6)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID
from zlib import crc32
from zoneinfo import ZoneInfo

from services.complaints.cases.domain import Case
from services.complaints.internal_cases.domain import TRADE, InternalCase
from shared.errors import Conflict, Invalid, NotFound


class ContractMeasureNotFound(NotFound):
    slug = "contract-measure-not-found"
    title = "There is no such measure in this case"


class UnknownContractMeasure(Invalid):
    slug = "unknown-contract-measure"
    title = "This code is not in the table of measures"


class NoBreachOfContract(Conflict):
    slug = "no-breach-of-contract"
    title = "A measure is taken for diversion or price breaking"


class NotUpheld(Conflict):
    slug = "not-upheld"
    title = "A measure needs a case that was judged valid"


class MeasureDate(Invalid):
    slug = "measure-date"
    title = "This date of a measure cannot be"


class MeasureWithdrawn(Conflict):
    slug = "measure-withdrawn"
    title = "This measure is withdrawn"


@dataclass(frozen=True, slots=True)
class MeasureCode:
    """What can be done by contract; a code that is out of use stays with the measures that have it."""

    code: str
    name_en: str
    name_zh: str
    active: bool

    @property
    def version(self) -> int:
        """What was read, as a number: a code has no history, so its content is its version."""
        return crc32(f"{self.name_en}\n{self.name_zh}\n{self.active}".encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMeasure:
    """What was decided; `decided_by` None is the caller, `decided_on` None today."""

    code: str
    decided_by: UUID | None
    decided_on: date | None
    text: str | None


@dataclass(frozen=True, slots=True)
class ContractMeasure:
    """A measure that was decided in an internal case; words are kept sealed."""

    id: UUID
    internal_id: UUID
    code: str
    decided_by: UUID
    decided_on: date
    recorded_at: datetime
    recorded_by: UUID
    text: str | None
    withdrawn_at: datetime | None = None
    withdrawn_by: UUID | None = None
    reason: str | None = None

    def check_stands(self) -> None:
        """Raises MeasureWithdrawn."""
        if self.withdrawn_at is not None:
            raise MeasureWithdrawn("it was withdrawn before")

    def taken_back(self, at: datetime, by: UUID, reason: str) -> "ContractMeasure":
        return replace(self, withdrawn_at=at, withdrawn_by=by, reason=reason)


def check_measure(case: Case, internal: InternalCase | None, *, judged_of_another: bool) -> None:
    """Raises NoBreachOfContract, NotUpheld: whoever has not been heard is not punished, nor for what was judged of
    another store."""
    if internal is None or internal.type not in TRADE:
        raise NoBreachOfContract("it is neither diversion nor price breaking")
    if case.valid is not True or case.good_faith is False:
        raise NotUpheld("judge the case valid first, in good faith")
    if judged_of_another:
        raise NotUpheld("judge the case anew: it was against another store when it was judged")


def check_date(decided_on: date, recorded_at: datetime, now: datetime, zone: ZoneInfo) -> None:
    """Raises MeasureDate: it was decided since the case was recorded, and not in the future."""
    if not recorded_at.astimezone(zone).date() <= decided_on <= now.astimezone(zone).date():
        raise MeasureDate(
            "it was decided on the day of the recording or later, today at the latest", pointer="#/decided_on"
        )
