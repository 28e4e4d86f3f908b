"""How the share of customers that comes back falls with the hours, learnt from the cases that there were (domain 3.7).

Once a month the cases are looked at that were solved within two years, of customers who had bought within the year
before, and whose three months after the month of the resolution are over: who bought in one of these came back. Of each
step of the policy's curve the share is taken, and where a slower step has a higher share than a quicker one, both get
that of all their cases (pooled adjacent violators: the closest curve that does not rise).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Final, Literal, TypeAlias

from services.complaints.cost.domain.model import CostModel, Step

MONTHS_AFTER: Final = 3
"""Whoever buys within so many calendar months after that of the resolution has come back: ninety days and a little."""
MONTHS_BACK: Final = 24
"""So far back cases are looked at."""
ReturnsFrom: TypeAlias = Literal["policy", "fit"]
_PLACES: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Seen:
    """Cases that took so long, and how many of their customers came back."""

    within_hours: int | None
    cases: int
    returned: int
    returns: Decimal | None = None
    """The share by the fitted curve; None where there were too few cases for one."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What was learnt in a month (`Month.ordinal`): it holds for cases recorded in it and after, until the next one.

    Below `needed` cases nothing is, and the policy's curve holds.
    """

    month: int
    needed: int
    seen: Sequence[Seen]

    @classmethod
    def kept(cls, month: int, needed: int, seen: Sequence[dict[str, Any]]) -> "Fit":
        """From its row, in which shares are texts."""
        steps = [
            Seen(**{**each, "returns": None if each["returns"] is None else Decimal(each["returns"])}) for each in seen
        ]
        return cls(month, needed, steps)

    @property
    def cases(self) -> int:
        return sum(each.cases for each in self.seen)

    @property
    def enough(self) -> bool:
        return self.cases >= self.needed

    def applied(self, model: CostModel) -> CostModel:
        """The model with the curve that was learnt."""
        return replace(model, curve=[Step(each.within_hours, each.returns or Decimal(0)) for each in self.seen])


@dataclass(frozen=True, slots=True)
class Learnt:
    """Whether the chance to return comes from the policy's curve or from cases: how many there are of the needed."""

    source: ReturnsFrom
    cases: int
    needed: int


def learnt(found: Fit | None, model: CostModel, *, as_written: bool) -> tuple[CostModel, Learnt]:
    """The model with what was learnt, unless it is asked for `as_written`; and what is to be said of that."""
    if found is None or as_written or not found.enough:
        return model, Learnt("policy", found.cases if found else 0, found.needed if found else model.fit_from)
    return found.applied(model), Learnt("fit", found.cases, found.needed)


def fit(month: int, needed: int, seen: Sequence[Seen]) -> Fit:
    """Learns the curve where there are cases enough; a step without any takes the share of the one before it."""
    if sum(each.cases for each in seen) < max(needed, 1):
        return Fit(month, needed, seen)
    shares = falling([(each.cases, each.returned) for each in seen])
    return Fit(month, needed, [replace(each, returns=share) for each, share in zip(seen, shares, strict=True)])


@dataclass(frozen=True, slots=True)
class _Pool:
    steps: int
    cases: int
    returned: int

    @property
    def share(self) -> Fraction:
        return Fraction(self.returned, self.cases)

    def with_(self, other: "_Pool") -> "_Pool":
        return _Pool(self.steps + other.steps, self.cases + other.cases, self.returned + other.returned)


def falling(counts: Sequence[tuple[int, int]]) -> list[Decimal]:
    """Shares of (cases, returned) that do not rise, the closest to the counted ones; in four places. At least one case.

    Steps without cases say nothing: they go with the step before them, the first ones with the first that has some.
    """
    pools: list[_Pool] = []
    for cases, returned in counts:
        pools.append(_Pool(1, cases, returned))
        while len(pools) > 1 and (not pools[-1].cases or not pools[-2].cases or pools[-2].share <= pools[-1].share):
            last = pools.pop()
            pools.append(pools.pop().with_(last))
    return [
        (Decimal(pool.returned) / pool.cases).quantize(_PLACES, ROUND_HALF_UP)
        for pool in pools
        for _ in range(pool.steps)
    ]
