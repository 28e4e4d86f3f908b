"""Wages, the share of them that may be kept, the payroll of a month, and the statements that people sign."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from uuid import UUID

from services.complaints.payroll.domain.figures import Line, Signature
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.money import ZERO
from shared.months import Month

PayrollState: TypeAlias = Literal["running", "booked", "closed"]
"""The ledger's month is open; it is closed; the payroll is closed, too, and stays as it was handed over."""


class PayrollNotFound(NotFound):
    slug = "payroll-not-found"
    title = "There is no payroll of this month"


class PayrollLedgerOpen(Conflict):
    slug = "payroll-ledger-open"
    title = "The month of the ledger is still open"


class PayrollMonthSkipped(Conflict):
    slug = "payroll-month-skipped"
    title = "An earlier payroll is still open"


class StatementNotFound(NotFound):
    slug = "statement-not-found"
    title = "There is no statement of this month"


class OwnStatement(Forbidden):
    slug = "own-statement"
    title = "Somebody else enters what one has signed on paper"


class StatementNotFinal(Conflict):
    slug = "statement-not-final"
    title = "A statement is signed when its month of the ledger is closed"


class StatementChanged(Conflict):
    slug = "statement-changed"
    title = "The figures are others by now"


class ColleagueNotFound(NotFound):
    slug = "colleague-not-found"
    title = "There is no such colleague"


class OwnWage(Forbidden):
    slug = "own-wage"
    title = "Somebody else enters one's own wage"


class WageShareOutOfBounds(Invalid):
    slug = "wage-share-out-of-bounds"
    title = "A share of the wage lies between 0 and 1"


@dataclass(frozen=True, slots=True)
class Wage:
    """What somebody earns a month from a month on (`Month.ordinal`), CNY; who entered it, and when.

    `version` counts what was entered of this person. Of two for the same month the later one holds.
    """

    staff_id: UUID
    version: int
    from_month: int
    monthly: Decimal
    entered_by: UUID
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class SharePolicy:
    """A version of how much of a month's wage may be kept; it holds for months that begin after its start."""

    version: int
    share: Decimal
    starts_at: datetime

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any], starts_at: datetime) -> "SharePolicy":
        return cls(version, Decimal(definition["share"]), starts_at)


@dataclass(frozen=True, slots=True)
class PayrollMonth:
    """A payroll that was handed over."""

    month: Month
    closed_at: datetime
    closed_by: UUID


@dataclass(frozen=True, slots=True)
class PayrollLine:
    """A line of the payroll with whose it is, and whether they have signed their statement."""

    line: Line
    name: str | None
    department_id: UUID | None
    department_name: str | None
    at_work: bool
    signature: Signature


@dataclass(frozen=True, slots=True)
class Payroll:
    """The payroll of a month as it stands, or as it was handed over."""

    month: Month
    state: PayrollState
    closed: PayrollMonth | None
    lines: Sequence[PayrollLine]

    def total(self, figure: Literal["deducted", "rewards", "carried_out"]) -> Decimal:
        """Of all lines, CNY."""
        amounts: list[Decimal] = [getattr(each.line, figure) for each in self.lines]
        return sum(amounts, ZERO)


@dataclass(frozen=True, slots=True)
class SignedOnPaper:
    """Which figures were signed on paper, and on which day."""

    digest: str
    day: date


def check_entering(staff_id: UUID, day: date, *, by: UUID, today: date) -> None:
    """Raises OwnStatement for whoever would enter their own signature, Invalid for a day ahead."""
    if staff_id == by:
        raise OwnStatement("sign your own statement yourself")
    if day > today:
        raise Invalid("it was signed today at the latest", pointer="#/signed_on")


def wage_in(wages: Sequence[Wage], month: int) -> Wage | None:
    """What holds for a month: of those that have begun the latest month, and of these what was entered last."""
    begun = [each for each in wages if each.from_month <= month]
    return max(begun, key=lambda each: (each.from_month, each.version), default=None)


def share_at(policies: Sequence[SharePolicy], begins: datetime) -> Decimal:
    """The share of the latest version that had started when a month began."""
    started = [each for each in policies if each.starts_at <= begins]
    return max(started, key=lambda each: each.version).share


def check_closing(month: Month, *, ledger_closed: bool, first: int | None, closed_through: int | None) -> None:
    """Raises PayrollLedgerOpen, PayrollNotFound for what lies before the first booking, PayrollMonthSkipped."""
    if first is None or month.ordinal < first:
        raise PayrollNotFound("nothing was booked by then")
    if not ledger_closed:
        raise PayrollLedgerOpen(f"close {month} of the ledger first")
    following = first if closed_through is None else closed_through + 1
    if month.ordinal > following:
        raise PayrollMonthSkipped(f"close {Month.at(following)} first: what is left is carried into the next month")


def check_signing(line: Line, digest: str, *, ledger_closed: bool) -> None:
    """Raises StatementNotFinal, StatementChanged."""
    if not ledger_closed:
        raise StatementNotFinal("more may be booked in this month")
    if digest != line.digest:
        raise StatementChanged("read the statement again, and sign what it says now")
