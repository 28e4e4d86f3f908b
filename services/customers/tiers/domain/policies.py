"""Tier policies: by which thresholds, factors and window tiers are judged (domain 2.4, decision 12)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.errors import Invalid, NotFound


class TierPolicyNotFound(NotFound):
    slug = "unknown-tier-policy"
    title = "There is no such tier policy"


class PolicyRefused(Invalid):
    slug = "tier-policy-refused"
    title = "This tier policy cannot hold"


@dataclass(frozen=True, slots=True)
class NewPolicy:
    """A policy as asked for. Thresholds in CNY of mid-grade terms; a high-grade purchase counts by its factor."""

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
class Policy:
    """A version of the policy. `announced_on` is the day it was recorded, in the company's zone."""

    version: int
    id: UUID
    threshold_a: Decimal
    threshold_b: Decimal
    threshold_c: Decimal
    factor_mid: Decimal
    factor_high: Decimal
    window_months: int
    up_at_once: bool
    starts_on: date
    announced_on: date
    applied: bool
