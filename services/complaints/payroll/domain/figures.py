"""What is kept from wages, month by month (domain 3.4, examples 13): a share of the wage at most, the rest carried on.

A month's line follows from the bookings of the ledger and the line of the month before. What is charged and not kept is
carried into the next month. What is taken back after it was kept is given back at once: `deducted` is below 0 then.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Literal, TypeAlias
from uuid import UUID

from shared.contracts.responsibility import BookingKind, PenaltyRule
from shared.money import CENT, ZERO
from shared.months import Month

Signature: TypeAlias = Literal["missing", "outdated", "holds"]
"""Whether a person has signed a statement, and whether its figures are still those that were signed."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What was booked of a person in a month (`Month.ordinal`), CNY: penalties and costs of fault less what was taken
    back, a reward taken back among them; and rewards, as positive amounts."""

    person_id: UUID
    month: int
    charged: Decimal
    rewards: Decimal


@dataclass(frozen=True, slots=True)
class Item:
    """A booking of a statement, and what it is for: the rule of a penalty, the number of the case that it rests on, and
    the month in which that happened (`Month.ordinal`), each None where there is none; `at` is when a rule was broken,
    the names what the department's scheme calls that in both languages. `amount` is CNY as it is booked: what is
    charged above 0."""

    id: UUID
    kind: BookingKind
    amount: Decimal
    booked_at: datetime
    basis_type: str
    basis_id: UUID
    rule: PenaltyRule | None
    violation: str | None
    number: str | None
    complaint_id: UUID | None
    task_id: UUID | None
    month: int | None
    at: datetime | None
    name_zh: str | None
    name_en: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A person's line of a month, CNY. `bound` is the most that may be kept, None where no wage is known: nothing is.
    `booked` says whether anything was booked in it, though it come to nothing.

    charged + carried_in = deducted + carried_out.
    """

    staff_id: UUID
    month: int
    charged: Decimal
    rewards: Decimal
    carried_in: Decimal
    bound: Decimal | None
    deducted: Decimal
    carried_out: Decimal
    booked: bool = True

    @property
    def net(self) -> Decimal:
        """What the month adds to the wage: rewards less what is kept."""
        return self.rewards - self.deducted

    @property
    def says_something(self) -> bool:
        """Whether there is anything to hand over, or to carry."""
        return self.booked or bool(self.carried_in)

    @property
    def digest(self) -> str:
        """Of the figures that are signed, hex: the same figures have the same one. The bound is not among them."""
        figures = (self.charged, self.rewards, self.carried_in, self.deducted, self.carried_out)
        said = [str(self.staff_id), str(Month.at(self.month)), *(str(each.quantize(CENT)) for each in figures)]
        return hashlib.sha256("|".join(said).encode()).hexdigest()


def bound(monthly: Decimal, share: Decimal) -> Decimal:
    """The most that may be kept of a month's wage, in whole cents, never more than the share."""
    return (monthly * share).quantize(CENT, rounding=ROUND_DOWN)


def line(charge: Charge, carried_in: Decimal, most: Decimal | None, *, booked: bool = True) -> Line:
    """A month's line: what is due is kept up to the bound, what is due to the person is given back whole."""
    due = charge.charged + carried_in
    deducted = due if due <= ZERO else min(due, most or ZERO)
    return Line(
        staff_id=charge.person_id,
        month=charge.month,
        charged=charge.charged,
        rewards=charge.rewards,
        carried_in=carried_in,
        bound=most,
        deducted=deducted,
        carried_out=due - deducted,
        booked=booked,
    )


def lines(
    person_id: UUID,
    months: Iterable[int],
    carried: Decimal,
    charges: Mapping[int, Charge],
    bound_of: Callable[[int], Decimal | None],
) -> list[Line]:
    """A person's lines of consecutive months, from what was carried into the first of them."""
    found: list[Line] = []
    for month in months:
        charge = charges.get(month, Charge(person_id, month, ZERO, ZERO))
        found.append(line(charge, carried, bound_of(month), booked=month in charges))
        carried = found[-1].carried_out
    return found


def signature(line: Line, signed: Sequence[str]) -> Signature:
    """How a statement stands to the digests that its person has signed."""
    if line.digest in signed:
        return "holds"
    return "outdated" if signed else "missing"
