"""Agreements on rebates, and what is earned by them, to the cent (domain 2.3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, ClassVar, Final
from uuid import UUID

from services.customers.changes.domain import Change
from shared.errors import Conflict, Invalid, NotFound
from shared.money import ZERO, to_cents

MOST_STEPS: Final = 20
LONGEST_YEARS: Final = 10


class RebateNotFound(NotFound):
    slug = "no-such-rebate"
    title = "There is no such agreement"


class RebateOverlaps(Conflict):
    """An agreement beside another one; `rebates` names it, where it still is."""

    slug = "rebate-overlaps"
    title = "Another agreement with this customer holds for the same brand in this time"
    members: ClassVar[Mapping[str, str]] = {"rebates": "the ids of the agreements in the way"}

    def __init__(self, detail: str, rebates: Sequence[UUID] = (), *, pointer: str | None = None) -> None:
        super().__init__(detail, pointer=pointer)
        self.rebates = [str(each) for each in rebates]


class RebateRefused(Invalid):
    slug = "rebate-refused"
    title = "This cannot be agreed"


@dataclass(frozen=True, slots=True)
class RebateStep:
    """From `from_amount` (CNY) on, `rate` of all that was purchased is given back; 0.03 is three in a hundred."""

    from_amount: Decimal
    rate: Decimal


@dataclass(frozen=True, slots=True)
class NewRebate:
    """An agreement for days of the company, both included; `brand_id` None: for whatever is bought."""

    customer_id: UUID
    brand_id: UUID | None
    starts_on: date
    ends_on: date
    steps: tuple[RebateStep, ...]

    def check(self) -> None:
        """Raises RebateRefused for days that are none, and for steps that do not rise."""
        if self.starts_on > self.ends_on:
            raise RebateRefused("`from` lies after `to`", pointer="#/from")
        if self.ends_on.year - self.starts_on.year > LONGEST_YEARS:
            raise RebateRefused("check the years", pointer="#/to")
        for number, (lower, upper) in enumerate(pairwise(self.steps), 1):
            if upper.from_amount <= lower.from_amount or upper.rate <= lower.rate:
                raise RebateRefused(
                    "each step begins above the one before, at a higher rate", pointer=f"#/steps/{number}"
                )


@dataclass(frozen=True, slots=True)
class Rebate:
    """An agreement as it stands. `withdrawn_at`: it never was one."""

    id: UUID
    version: int
    customer_id: UUID
    brand_id: UUID | None
    starts_on: date
    ends_on: date
    steps: tuple[RebateStep, ...]
    agreed_at: datetime
    agreed_by: UUID
    withdrawn_at: datetime | None = None
    updated_at: datetime | None = None
    """When it was changed last; None: it is as it was agreed, or was changed by an older release."""

    def as_agreed(self) -> NewRebate:
        """What was agreed."""
        return NewRebate(self.customer_id, self.brand_id, self.starts_on, self.ends_on, self.steps)


def history_of(before: Rebate | None, after: Rebate) -> list[Change]:
    """What the customer's history keeps of an agreement that was made (there was none before), or changed."""
    was, now = {} if before is None else _flat(before), _flat(after)
    return [
        Change(f"rebate.{name}", was.get(name), value, about=after.id)
        for name, value in now.items()
        if was.get(name) != value
    ]


def _flat(rebate: Rebate) -> dict[str, Any]:
    names = ("brand_id", "starts_on", "ends_on", "withdrawn_at")
    steps = [f"{step.from_amount}: {step.rate}" for step in rebate.steps]
    return {**{name: getattr(rebate, name) for name in names}, "steps": steps}


@dataclass(frozen=True, slots=True)
class Accrual:
    """What is earned by what was purchased, CNY. `rate` is that of the step reached, None below the first one; `next`
    is the step that is not reached yet, None at the last one."""

    purchased: Decimal
    rate: Decimal | None
    accrued: Decimal
    next: RebateStep | None

    @property
    def missing(self) -> Decimal | None:
        """How much is still to be bought until the next step; None at the last one."""
        return None if self.next is None else self.next.from_amount - self.purchased


def accrue(steps: Sequence[RebateStep], purchased: Decimal) -> Accrual:
    """The rate of the highest step reached, of all that was purchased, rounded half up to the cent."""
    reached = [step for step in steps if step.from_amount <= purchased]
    following = steps[len(reached)] if len(reached) < len(steps) else None
    if not reached:
        return Accrual(purchased, None, ZERO, following)
    rate = reached[-1].rate
    return Accrual(purchased, rate, to_cents(purchased * rate), following)
