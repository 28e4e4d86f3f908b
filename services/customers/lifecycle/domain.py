"""Stages of a customer's life (domain 2.6, examples 20): potential, exploration 考察期, formation 形成期, stable
稳定期, decline 退化期, lost.

They follow from the days on which something was bought, and from the sums of complete months.
Lengths and shares are those of the policy of worth.
"""

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
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


@dataclass(frozen=True, slots=True)
class OpenComplaints:
    """Complaints of a customer that are not solved: how many, of how many the answer is late, since when the first one
    is. What was judged not valid, or malicious, is none of them."""

    number: int
    overdue: int
    since: datetime | None


@dataclass(slots=True)
class _Course:
    """A life on its way: the days of purchases since the customer came, or came back, and those between, sorted."""

    rules: LifeRules
    changes: list[StageChange]
    days: list[date]
    between: list[int]
    months: set[tuple[int, int]]
    observed_until: date | None = None

    @property
    def stage(self) -> Stage:
        return self.changes[-1].stage if self.changes else "potential"

    @property
    def lost_on(self) -> date | None:
        """From when on it is lost unless it buys."""
        return self.days[-1] + timedelta(days=_lost_after(self.between, self.rules)) if self.days else None

    def enter(self, stage: Stage, on: date) -> None:
        if stage != self.stage:
            self.changes.append(StageChange(stage, on))

    def buy(self, on: date) -> None:
        """A purchase; who was lost begins anew, and is observed."""
        if self.stage == "lost":
            self.days, self.between, self.months = [], [], set()
            self.observed_until = on + timedelta(days=self.rules.observed_days)
            self.changes.append(StageChange("exploration", on))
        if self.days:
            insort(self.between, (on - self.days[-1]).days)
        self.days.append(on)
        self.months.add((on.year, on.month))
        if self.stage != "decline":
            self.enter(self.earned(), on)

    def earned(self) -> Stage:
        """By in how many months something was bought."""
        months = len(self.months)
        if months >= self.rules.stable_from:
            return "stable"
        return "formation" if months >= self.rules.formation_from else "exploration"

    def wait(self, until: date, today: date, sums: Mapping[Month, Decimal]) -> None:
        """Nothing is bought before `until`: months end, until today, and it may be lost."""
        gone = self.lost_on
        if gone is None or self.stage == "lost":
            return
        if self.stage in ("stable", "decline"):
            month = Month(self.days[-1].year, self.days[-1].month)
            while (end := month.plus(1).first_day) <= min(until, today) and end < gone:
                self.enter("decline" if _falls(month, sums, self.rules) else self.earned(), end)
                month = month.plus(1)
        if gone <= until:
            self.enter("lost", gone)


def interval(days: Sequence[date]) -> Decimal | None:
    """The customer's own rhythm: the median of the days between purchases; None before the second."""
    between = [(later - earlier).days for earlier, later in pairwise(days)]
    return Decimal(str(median(between))) if between else None


def _lost_after(between: Sequence[int], rules: LifeRules) -> int:
    """Days after the last purchase, by the sorted days between them; of a half the day on which it is over."""
    if not between:
        return rules.lost_after_days
    middles = between[(len(between) - 1) // 2] + between[len(between) // 2]
    return max(rules.lost_after_days, -(-rules.lost_after_intervals * middles // 2))


def live(days: Sequence[date], sums: Mapping[Month, Decimal], today: date, rules: LifeRules) -> Life:
    """A life until today. `days` are those on which something was bought and kept, in order, each once; `sums` those of
    months in mid-grade terms, net of returns. A month ends before what is bought on the first of the next; the trend
    is judged from six months of purchases on, at the end of each."""
    course = _Course(rules, [], [], [], set())
    for on in days:
        course.wait(on, today, sums)
        course.buy(on)
    course.wait(today, today, sums)
    since = course.changes[-1].on if course.changes else None
    leaves = None if course.stage == "lost" else course.lost_on
    observed = course.observed_until if course.observed_until and course.observed_until > today else None
    last = course.days[-1] if course.days else None
    changes = tuple(course.changes)
    return Life(course.stage, since, interval(course.days), leaves, observed, changes, len(course.days), last)


def passed_since(was: StageChange | None, life: Life, day: date) -> tuple[StageChange, ...]:
    """The stages through which a life has passed since a day, after `was` (None: before its first), before that of
    today; none where it never was so by what is known today."""
    if was is not None and was not in life.changes:
        return ()
    after = life.changes[life.changes.index(was) + 1 :] if was is not None else life.changes
    return tuple(change for change in after[:-1] if change.on >= day)


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
