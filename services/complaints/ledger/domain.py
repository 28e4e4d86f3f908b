"""The ledger: what people pay and are paid, booked once and never changed (decision 22b).

What was booked by mistake is taken back by a booking against it. A booking counts in the month in which it fell due, or
in the next open one where that is closed already (decision 11, examples 8).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.responsibility import BookingAccount, BookingKind
from shared.errors import Conflict
from shared.months import Month

BasisType: TypeAlias = Literal["penalty", "reward", "withdrawal", "internal"]
"""What a booking rests on: a penalty, a reward, a withdrawal of a fund, an internal case."""
LEDGER_ID: Final = UUID("01900000-0000-7000-8000-0000000000d2")
"""The aggregate whose versions count the months that were closed."""


class LedgerMonthNotOver(Conflict):
    slug = "ledger-month-not-over"
    title = "The month is not over"


class LedgerMonthSkipped(Conflict):
    slug = "ledger-month-skipped"
    title = "An earlier month of the ledger is still open"


class LedgerMonthEmpty(Conflict):
    slug = "ledger-month-empty"
    title = "Nothing has been booked by this month"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBooking:
    """What is to be booked, CNY: what a person pays is positive, what goes to a person or out of a fund negative.

    `department_id` is whose fund it concerns, None for the company's account. `person_department_id` and
    `supervisor_id` say where the person belongs now. `due_at` is when it fell due; None means now.
    """

    kind: BookingKind
    account: BookingAccount = "company"
    department_id: UUID | None = None
    person_id: UUID | None = None
    person_department_id: UUID | None = None
    supervisor_id: UUID | None = None
    amount: Decimal
    basis_type: BasisType
    basis_id: UUID
    due_at: datetime | None = None
    reverses: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A line of the ledger; `month` counts as `Month.ordinal`."""

    id: UUID
    kind: BookingKind
    account: BookingAccount
    department_id: UUID | None
    person_id: UUID | None
    person_department_id: UUID | None
    supervisor_id: UUID | None
    amount: Decimal
    month: int
    booked_at: datetime
    basis_type: BasisType
    basis_id: UUID
    reverses: UUID | None

    def reversal(self) -> NewBooking:
        """The booking that takes this one back: of the same people, in the month that is open now."""
        return NewBooking(
            kind="reversal",
            account=self.account,
            department_id=self.department_id,
            person_id=self.person_id,
            person_department_id=self.person_department_id,
            supervisor_id=self.supervisor_id,
            amount=-self.amount,
            basis_type=self.basis_type,
            basis_id=self.basis_id,
            reverses=self.id,
        )


@dataclass(frozen=True, slots=True)
class Ledger:
    """How far the ledger is closed: through a month (`Month.ordinal`), None while none is. `version` counts closes."""

    closed_through: int | None
    version: int

    def month_of(self, moment: datetime, zone: ZoneInfo) -> int:
        """In which month counts what falls due at a moment: its own, or the first that is open."""
        own = Month.of(moment, zone).ordinal
        return own if self.closed_through is None else max(own, self.closed_through + 1)


@dataclass(frozen=True, slots=True)
class ClosedLedgerMonth:
    """A month of the ledger that nothing is booked into any longer."""

    month: Month
    closed_at: datetime
    closed_by: UUID


def closed(ledger: Ledger, month: Month, first: int | None, running: Month) -> Ledger:
    """The ledger closed through one month more; `first` is the first month with bookings.

    Raises LedgerMonthNotOver, LedgerMonthEmpty, LedgerMonthSkipped.
    """
    if month >= running:
        raise LedgerMonthNotOver(f"{month} can be closed once {month} is over")
    following = first if ledger.closed_through is None else ledger.closed_through + 1
    if following is None or month.ordinal < following:
        raise LedgerMonthEmpty("the first month that can be closed is the first one in which something was booked")
    if month.ordinal > following:
        raise LedgerMonthSkipped(f"close {Month.at(following)} first: months are closed in order")
    return Ledger(month.ordinal, ledger.version + 1)
