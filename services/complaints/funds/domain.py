"""The fund of a department, and what its staff agree to take out of it (domain 3.4, examples 13).

Into it goes what is paid by the department's own scheme. What is asked for is set aside: it can be asked for once. It
is taken out at the moment at which more than a share of those at work in the department have agreed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from shared.auth.principal import ADMINISTRATION, Principal
from shared.errors import Conflict, Forbidden, Invalid, NotFound


class FundNotFound(NotFound):
    """There is no such department, or its fund is not the caller's to see."""

    slug = "fund-not-found"
    title = "There is no such fund"


class FundWithdrawalNotFound(NotFound):
    slug = "fund-withdrawal-not-found"
    title = "Nothing of this fund was asked for so"


class FundExceeded(Conflict):
    slug = "fund-exceeded"
    title = "There is not so much in the fund"


class FundWithdrawalEnded(Conflict):
    slug = "fund-withdrawal-ended"
    title = "Nothing is to be said about it any longer"


class FundWithdrawalNotGranted(Conflict):
    slug = "fund-withdrawal-not-granted"
    title = "Only what was taken out is put back"


class NotOfDepartment(Forbidden):
    slug = "not-of-department"
    title = "The staff of the department decide about their fund"


class AgreedBefore(Conflict):
    slug = "agreed-before"
    title = "Everybody says once whether they agree"


class ShareOutOfBounds(Invalid):
    slug = "share-out-of-bounds"
    title = "A share lies between 0 and 1"


class WithdrawalState(StrEnum):
    """How a withdrawal stands: `asked` until enough of the staff have agreed, or can agree no longer."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class FundPolicy:
    """A version of how many must agree: more than this share of those at work in the department."""

    version: int
    share: Decimal

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any]) -> "FundPolicy":
        return cls(version, Decimal(definition["share"]))


@dataclass(frozen=True, slots=True)
class Fund:
    """A fund as it stands, CNY: what was booked, and how much of that is asked for and not settled."""

    department_id: UUID
    balance: Decimal
    asked: Decimal

    @property
    def available(self) -> Decimal:
        """What can be asked for; below 0 where a penalty was taken back after its money was taken out."""
        return self.balance - self.asked

    def check(self, amount: Decimal) -> None:
        """Raises FundExceeded for more than is there and not asked for."""
        if amount > self.available:
            raise FundExceeded(
                f"{self.available} can be asked for: {self.balance}, of which {self.asked} are asked for"
            )


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Money that somebody wants to take out of a fund, CNY; `share` is that of the policy when it was asked for.

    `version` counts what was told of it: 0 until it is granted.
    """

    id: UUID
    version: int
    department_id: UUID
    amount: Decimal
    state: WithdrawalState
    asked_by: UUID
    asked_at: datetime
    share: Decimal
    ended_at: datetime | None = None
    ended_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Vote:
    """What somebody said about a withdrawal."""

    staff_id: UUID
    agree: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Count:
    """How those who are at work in the department now have said: nobody counts who has left or moved."""

    staff: int
    agree: int
    disagree: int

    @classmethod
    def of(cls, votes: Collection[Vote], staff: Collection[UUID]) -> "Count":
        said = [each.agree for each in votes if each.staff_id in staff]
        return cls(len(staff), sum(said), len(said) - sum(said))


def check_asker(caller: Principal, staff: Collection[UUID], manager: UUID | None) -> None:
    """Raises NotOfDepartment: its staff and its manager ask."""
    if caller.id not in staff and caller.id != manager:
        raise NotOfDepartment("it is asked for by somebody of the department")


def check_voter(withdrawal: Withdrawal, votes: Collection[Vote], staff: Collection[UUID], by: UUID) -> None:
    """Raises NotOfDepartment, FundWithdrawalEnded, AgreedBefore."""
    if by not in staff:
        raise NotOfDepartment("who is at work in the department says whether they agree")
    check_open(withdrawal)
    if any(each.staff_id == by for each in votes):
        raise AgreedBefore("what was said stands")


def check_open(withdrawal: Withdrawal) -> None:
    """Raises FundWithdrawalEnded."""
    if withdrawal.state is not WithdrawalState.ASKED:
        raise FundWithdrawalEnded(f"it is {withdrawal.state.value}")


def counted(withdrawal: Withdrawal, count: Count, by: UUID | None, at: datetime) -> Withdrawal:
    """The withdrawal granted when more than its share of the staff agree, refused when so many cannot any longer; `by`
    is whose word settled it, None: that somebody has left."""
    needed = withdrawal.share * count.staff
    if count.agree > needed:
        return _ended(withdrawal, WithdrawalState.GRANTED, by, at)
    if count.staff - count.disagree <= needed:
        return _ended(withdrawal, WithdrawalState.REFUSED, by, at)
    return withdrawal


def cancelled(withdrawal: Withdrawal, by: Principal, at: datetime) -> Withdrawal:
    """The withdrawal taken back by who asked for it, or by administration: who asked and who votes may have left.

    Raises Forbidden, FundWithdrawalEnded.
    """
    if by.id != withdrawal.asked_by and not by.has(ADMINISTRATION):
        raise Forbidden("who asked for it takes it back, or administration")
    check_open(withdrawal)
    return _ended(withdrawal, WithdrawalState.CANCELLED, by.id, at)


def put_back(withdrawal: Withdrawal, by: UUID, at: datetime) -> Withdrawal:
    """The withdrawal by which nothing was taken after all. Raises FundWithdrawalNotGranted."""
    if withdrawal.state is not WithdrawalState.GRANTED:
        raise FundWithdrawalNotGranted(f"it is {withdrawal.state.value}")
    return _ended(withdrawal, WithdrawalState.REVERSED, by, at)


def _ended(withdrawal: Withdrawal, state: WithdrawalState, by: UUID | None, at: datetime) -> Withdrawal:
    told = state in (WithdrawalState.GRANTED, WithdrawalState.REVERSED)
    return replace(withdrawal, state=state, ended_at=at, ended_by=by, version=withdrawal.version + told)
