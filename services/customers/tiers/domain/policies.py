"""Tier policies: by which thresholds, factors and window tiers are judged (domain 2.4, decision 12).

A month is judged by the policy with the latest start on or before its first day, among equals by the latest version.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.errors import Conflict, Invalid, NotFound
from shared.months import Month


class TierPolicyNotFound(NotFound):
    slug = "unknown-tier-policy"
    title = "There is no such tier policy"


class PolicyRefused(Invalid):
    slug = "tier-policy-refused"
    title = "This tier policy cannot hold"


class StartsInClosedMonth(Conflict):
    slug = "starts-in-closed-month"
    title = "A closed month keeps the policy that judged it"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a policy says. Thresholds in CNY of mid-grade terms; a high-grade purchase counts by its factor."""

    threshold_a: Decimal
    threshold_b: Decimal
    threshold_c: Decimal
    factor_mid: Decimal
    factor_high: Decimal
    window_months: int
    up_at_once: bool
    starts_on: date

    def __post_init__(self) -> None:
        if not self.threshold_a > self.threshold_b > self.threshold_c > 0:
            raise PolicyRefused("thresholds fall from A over B to C and stay above zero", pointer="#/thresholds")


@dataclass(frozen=True, slots=True)
class Policy(Terms):
    """A version of the policy. `announced_on` is the day it was recorded, in the company's zone."""

    version: int
    id: UUID
    announced_on: date
    applied: bool
    followed_on: date | None
    """When the next one starts, in the order in which policies judge; it may be the same day."""

    @property
    def judges_from(self) -> Month | None:
        """The first month that it judges; None when another one has started by then."""
        month = _first_month(self.starts_on)
        return month if self.followed_on is None or _first_month(self.followed_on) > month else None


def _first_month(starts_on: date) -> Month:
    """The first month that begins on that day or after."""
    month = Month(starts_on.year, starts_on.month)
    return month if starts_on == month.first_day else month.plus(1)


def check_start(starts_on: date, closed: Sequence[Month], starts: Collection[date]) -> None:
    """Raises StartsInClosedMonth for a policy that starts in one of the closed months, or that would judge one.

    `closed` is in order, `starts` are the days on which the other policies start.
    """
    until = min((other for other in starts if other > starts_on), default=date.max)
    its_own = Month(starts_on.year, starts_on.month)
    for month in closed:
        if month == its_own or starts_on <= month.first_day < until:
            following = closed[-1].plus(1).first_day
            raise StartsInClosedMonth(f"{month} is closed; let it start on {following} or later", pointer="#/starts_on")
