"""Stages of a customer's life (domain 2.6, examples 20): potential, exploration 考察期, formation 形成期, stable
稳定期, decline 退化期, lost.

They follow from the days on which something was bought, and from the sums of complete months.
Lengths and shares are those of the policy of worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Final, Literal, TypeAlias

from services.customers.worth_policies.domain import LifeRules
from shared.contracts.worth import Stage
from shared.months import Month

Aim: TypeAlias = Literal["trust", "satisfaction", "retention", "recovery"]
AIMS: Final[Mapping[Stage, Aim]] = {
    "potential": "trust",
    "exploration": "trust",
    "formation": "satisfaction",
    "stable": "retention",
    "decline": "recovery",
    "lost": "recovery",
}


@dataclass(frozen=True, slots=True)
class StageChange:
    """That a customer came into a stage on a day."""

    stage: Stage
    on: date


@dataclass(frozen=True, slots=True)
class Life:
    """How a customer stands: since when, the own rhythm in days, when it is lost unless it buys, until when it is
    observed."""

    stage: Stage
    since: date | None
    interval_days: Decimal | None
    lost_on: date | None
    observed_until: date | None
    changes: tuple[StageChange, ...]
    purchases: int = 0
    """Days with a purchase since it came, or came back."""
    last_on: date | None = None
    """The last of them."""

    @property
    def aim(self) -> Aim:
        """What is to be reached in this stage."""
        return AIMS[self.stage]


@dataclass(slots=True)
class _Course:
    """A life on its way: the days of purchases since the customer came, or came back."""

    rules: LifeRules
    changes: list[StageChange]
    days: list[date]
    observed_until: date | None = None

    @property
    def stage(self) -> Stage:
        return self.changes[-1].stage if self.changes else "potential"

    def enter(self, stage: Stage, on: date) -> None:
        if stage != self.stage:
            self.changes.append(StageChange(stage, on))

    def buy(self, on: date) -> None:
        """A purchase; who was lost begins anew, and is observed."""
        if self.stage == "lost":
            self.days = []
            self.observed_until = on + timedelta(days=self.rules.observed_days)
            self.changes.append(StageChange("exploration", on))
        self.days.append(on)
        if self.stage != "decline":
            self.enter(self.earned(), on)

    def earned(self) -> Stage:
        """By in how many months something was bought."""
        months = len({(day.year, day.month) for day in self.days})
        if months >= self.rules.stable_from:
            return "stable"
        return "formation" if months >= self.rules.formation_from else "exploration"

    def close(self, month: Month, sums: Mapping[Month, Decimal]) -> None:
        """The end of a month: the trend falls, or no longer does; it is judged from six months of purchases on."""
        if self.stage not in ("stable", "decline"):
            return
        on = month.plus(1).first_day
        self.enter("decline" if _falls(month, sums, self.rules) else self.earned(), on)


def interval(days: Sequence[date]) -> Decimal | None:
    """The customer's own rhythm: the median of the days between purchases; None before the second."""
    between = [(later - earlier).days for earlier, later in pairwise(days)]
    return Decimal(str(median(between))) if between else None


def lost_on(days: Sequence[date], rules: LifeRules) -> date | None:
    """From when on it is lost unless it buys; None for who never bought."""
    if not days:
        return None
    own = interval(days) or Decimal(0)
    return days[-1] + timedelta(days=max(rules.lost_after_days, int(rules.lost_after_intervals * own)))


def live(days: Sequence[date], sums: Mapping[Month, Decimal], today: date, rules: LifeRules) -> Life:
    """A life until today. `days` are those on which something was bought and kept, in order, each once; `sums` those of
    months in mid-grade terms, net of returns."""
    course = _Course(rules, [], [])
    for on, bought in _moments(days, today):
        gone = lost_on(course.days, rules)
        if gone is not None and gone <= on and course.stage != "lost":
            course.enter("lost", gone)
        if bought:
            course.buy(on)
        elif on.day == 1:
            course.close(Month(on.year, on.month).plus(-1), sums)
    since = course.changes[-1].on if course.changes else None
    leaves = None if course.stage == "lost" else lost_on(course.days, rules)
    observed = course.observed_until if course.observed_until and course.observed_until > today else None
    last = course.days[-1] if course.days else None
    changes = tuple(course.changes)
    return Life(course.stage, since, interval(course.days), leaves, observed, changes, len(course.days), last)


def _moments(days: Sequence[date], today: date) -> list[tuple[date, bool]]:
    """Ends of months, purchases, and today, in order: a month ends before what is bought on the first of the next."""
    if not days:
        return []
    moments = [(day, True) for day in days]
    month = Month(days[0].year, days[0].month).plus(1)
    while month.first_day <= today:
        moments.append((month.first_day, False))
        month = month.plus(1)
    return sorted([*moments, (today, False)] if today.day != 1 else moments)


def trend(month: Month, sums: Mapping[Month, Decimal], rules: LifeRules) -> Decimal | None:
    """The mean of the late months up to that one, as a part of that of those before; None where nothing was."""
    late, before = _means(month, sums, rules)
    return late / before if before else None


def _means(month: Month, sums: Mapping[Month, Decimal], rules: LifeRules) -> tuple[Decimal, Decimal]:
    late, before = rules.late, rules.before
    of = [max(sums.get(month.plus(-back), Decimal(0)), Decimal(0)) for back in range(late + before)]
    return sum(of[:late], Decimal(0)) / late, sum(of[late:], Decimal(0)) / before


def _falls(month: Month, sums: Mapping[Month, Decimal], rules: LifeRules) -> bool:
    late, before = _means(month, sums, rules)
    return late <= rules.fallen_to * before
