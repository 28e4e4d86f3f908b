"""Who may be rewarded for a month, by figures (domain 3.4): satisfaction, answers in time, and no penalty.

The figures are those of the cases that were recorded in the month and that the person handles, without suggestions,
enquiries and what was taken over. What is enough says a policy with versions (decision 22c).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.money import ZERO


@dataclass(frozen=True, slots=True)
class RewardPolicy:
    """A version of what is enough: rated rounds at least, of a person and of a team; the mean of perceived over
    expected at least; late answers and penalties at most. `amount` is what is proposed for each, CNY."""

    version: int
    amount: Decimal
    least_rated: int
    least_rated_of_team: int
    least_satisfaction: Decimal
    most_missed: int
    most_penalties: int

    @classmethod
    def kept(cls, version: int, definition: Mapping[str, Any]) -> "RewardPolicy":
        """From its definition, in which decimals are texts."""
        exact = {name: Decimal(definition[name]) for name in ("amount", "least_satisfaction")}
        return cls(version, **{**definition, **exact})

    @property
    def definition(self) -> dict[str, Any]:
        """As it is kept."""
        content = asdict(self) | {"amount": str(self.amount), "least_satisfaction": str(self.least_satisfaction)}
        del content["version"]
        return content


@dataclass(frozen=True, slots=True)
class Figures:
    """What complaints knows of somebody's month: cases, rounds that were rated, the sum of perceived over expected of
    these, answers that were late, and penalties that stand."""

    cases: int = 0
    rated: int = 0
    ratios: Decimal = ZERO
    missed: int = 0
    penalties: int = 0

    @property
    def satisfaction(self) -> Decimal | None:
        """The mean of perceived over expected; None where nobody said."""
        return self.ratios / self.rated if self.rated else None

    def plus(self, other: "Figures") -> "Figures":
        return Figures(
            self.cases + other.cases,
            self.rated + other.rated,
            self.ratios + other.ratios,
            self.missed + other.missed,
            self.penalties + other.penalties,
        )


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody at work, and their department."""

    id: UUID
    department_id: UUID | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person, or the staff of a department as a team, whose month was good enough."""

    department_id: UUID | None
    staff_ids: Sequence[UUID]
    figures: Figures
    rewarded: bool
    """Whether each of them has a reward for the month already, proposed or granted."""


def with_penalties(figures: Mapping[UUID, Figures], penalties: Mapping[UUID, int]) -> dict[UUID, Figures]:
    """The figures of those who handled cases, with how many penalties of the month each of them pays."""
    return {id_: replace(each, penalties=penalties.get(id_, 0)) for id_, each in figures.items()}


def persons(
    figures: Mapping[UUID, Figures], colleagues: Iterable[Colleague], rewarded: Collection[UUID], policy: RewardPolicy
) -> list[Candidate]:
    """Persons at work whose month was good enough, the most satisfying first."""
    found = [
        Candidate(each.department_id, [each.id], figures[each.id], each.id in rewarded)
        for each in colleagues
        if each.id in figures and _enough(figures[each.id], policy, policy.least_rated)
    ]
    return sorted(found, key=_best_first)


def teams(
    figures: Mapping[UUID, Figures],
    penalties: Mapping[UUID, int],
    colleagues: Iterable[Colleague],
    rewarded: Collection[UUID],
    policy: RewardPolicy,
) -> list[Candidate]:
    """Departments whose month was good enough, all who are at work there taken together; who handled no case counts
    with their penalties."""
    staff: dict[UUID, list[UUID]] = {}
    for each in colleagues:
        if each.department_id is not None:
            staff.setdefault(each.department_id, []).append(each.id)
    found = []
    for department_id, ids in staff.items():
        together = Figures()
        for id_ in ids:
            together = together.plus(figures.get(id_, Figures(penalties=penalties.get(id_, 0))))
        if len(ids) > 1 and _enough(together, policy, policy.least_rated_of_team):
            found.append(Candidate(department_id, sorted(ids), together, set(ids) <= set(rewarded)))
    return sorted(found, key=_best_first)


def _enough(figures: Figures, policy: RewardPolicy, least_rated: int) -> bool:
    return (
        figures.rated >= least_rated
        and figures.satisfaction is not None
        and figures.satisfaction >= policy.least_satisfaction
        and figures.missed <= policy.most_missed
        and figures.penalties <= policy.most_penalties
    )


def _best_first(candidate: Candidate) -> tuple[Decimal, int, UUID]:
    return -(candidate.figures.satisfaction or ZERO), -candidate.figures.rated, candidate.staff_ids[0]
