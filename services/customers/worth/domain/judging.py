"""What a customer is, judged from everything at once: segments, stage, and the day on which to look again (domain 2.5,
2.6, examples 19 and 20).

The places among all (the pyramid) are found beside this, since they follow from everybody's sums.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import floor
from typing import Final
from uuid import UUID

from services.customers.churn_model.domain.buying import BuyingModel, History
from services.customers.early_warnings.domain.reasons import EndingTie, Signal
from services.customers.early_warnings.domain.warnings import Course, Known, next_on, turns_on
from services.customers.lifecycle.domain import Life, StageChange, live, passed_since
from services.customers.segments.domain import YEAR, Overrides, Together, profit_of, segments
from services.customers.worth_policies.domain import WarningRules, WorthPolicy, WorthRules
from shared.contracts.worth import Level, Stage, StoreSize, ValueLevel
from shared.money import ZERO
from shared.months import Month


@dataclass(frozen=True, slots=True)
class BoughtInMonth:
    """`counted` in mid-grade terms, `amount` as paid; net of returns, CNY."""

    month: int
    counted: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Facts:
    """All that says what a customer is. `days` on which it bought, in order; `next_due_on` of its unpaid invoices;
    `costed` is what it bought in the complete year whose `cost` is known, CNY."""

    customer_id: UUID
    days: Sequence[date]
    months: Sequence[BoughtInMonth]
    days_late: Sequence[int]
    rated: Sequence[int]
    is_late: bool
    next_due_on: date | None
    signals: Sequence[Signal]
    ties: Sequence[EndingTie]
    overrides: Overrides
    override_until: date | None
    costed: Decimal
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Worth:
    """What a customer is; `version` counts what was told of it under `id`. The policy is that of worth which judged
    last. Amounts in CNY; of `costed`, a part of what was bought in the year (`yearly`), the cost is known."""

    customer_id: UUID
    id: UUID
    version: int
    stage: Stage
    since: date | None
    loyalty: Level
    credit: Level | None
    size: StoreSize
    value: ValueLevel
    loyalty_score: Decimal
    credit_score: Decimal | None
    monthly: Decimal
    yearly: Decimal
    costed: Decimal
    cost: Decimal
    due_on: date | None
    policy_version: int | None
    policy_id: UUID | None

    @property
    def together(self) -> Together:
        return Together(self.loyalty, self.credit, self.size)

    @property
    def segment(self) -> tuple[Level, Level | None, StoreSize, ValueLevel]:
        """What is told when it changes; the scores move with every purchase."""
        return self.loyalty, self.credit, self.size, self.value

    @property
    def year(self) -> tuple[Decimal, Decimal, Decimal]:
        """What its place among all follows from, by the margin."""
        return self.yearly, self.costed, self.cost

    def profit(self, margin: Decimal) -> Decimal:
        """What is left of the year, CNY."""
        return profit_of(*self.year, margin)

    def late_since(self, today: date, policy: WorthPolicy) -> date | None:
        """The day on which it was to be judged anew by the same policy, up to today; None: it wasn't, or for the first
        time."""
        was_due = self.due_on is not None and self.due_on <= today and self.policy_version == policy.version
        return self.due_on if was_due else None


NEVER: Final = timedelta(days=36_500)
"""What is farther ahead is not looked at."""


@dataclass(frozen=True, slots=True)
class By:
    """By what is judged: the version of the policy of tiers, whose factors count, that of worth, the fit in use, and
    the part of a purchase that is left whose cost nobody knows."""

    tiers: int
    worth: WorthPolicy
    margin: Decimal
    fit: UUID | None
    model: BuyingModel | None


_month: Final = lru_cache(1_000)(Month.at)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a customer was and is (under the version that it had: whoever keeps it counts that on), and the stages
    through which it `passed` on the way."""

    before: Worth
    after: Worth
    passed: tuple[StageChange, ...]

    @property
    def moved(self) -> bool:
        """Whether it is in another stage, or since another day."""
        return (self.before.stage, self.before.since) != (self.after.stage, self.after.since)


@dataclass(frozen=True, slots=True)
class Judgement(Turn):
    """The same with its life, and what said on which day whether it was about to leave."""

    life: Life
    course: Course


def judged(before: Worth, facts: Facts, by: By, today: date, *, anew: bool = False) -> Judgement:
    """What a customer is today, and how it came there since it was judged last, day by day; of whom is judged `anew`
    (for the first time, by another policy, or because its past was entered only now), as of today alone."""
    rules, running = by.worth.rules, Month(today.year, today.month).ordinal
    counted = {each.month: each.counted for each in facts.months}
    sums = {_month(month): sum_ for month, sum_ in counted.items()}
    known = _known(facts, sums, by, today)
    found = segments(
        facts.customer_id,
        [counted.get(month, ZERO) for month in range(running - rules.segments.months, running)],
        facts.days_late,
        facts.rated,
        rules.segments,
        facts.overrides,
    )
    worth = replace(
        before,
        stage=known.life.stage,
        since=known.life.since,
        loyalty=found.loyalty.level,
        credit=found.credit.level if found.credit else None,
        size=found.size.level,
        loyalty_score=found.loyalty.score,
        credit_score=found.credit.score if found.credit else None,
        monthly=found.size.monthly,
        yearly=sum((each.amount for each in facts.months if running - YEAR <= each.month < running), ZERO),
        costed=facts.costed,
        cost=facts.cost,
        due_on=_due_on(facts, known, rules, today),
        policy_version=by.worth.version,
        policy_id=by.worth.id,
    )
    late_since = before.late_since(today, by.worth)
    if late_since is None or anew:
        return Judgement(before, worth, (), known.life, ((today, known),))
    was = StageChange(before.stage, before.since) if before.since else None
    passed = passed_since(was, known.life, late_since)
    course = (*_course(facts, sums, by, late_since, today), (today, known))
    return Judgement(before, worth, passed, known.life, course)


def _known(facts: Facts, sums: Mapping[Month, Decimal], by: By, day: date) -> Known:
    """What said on a day whether it was about to leave, of what had happened by then."""
    days = facts.days
    if days and days[-1] > day:
        days = [each for each in days if each <= day]
    life = live(days, sums, day, by.worth.rules.life)
    signals = [each for each in facts.signals if each.on <= day]
    told = _by_model(days, by.model, by.worth.rules.warnings, day)
    return Known(facts.customer_id, life, sums, signals, facts.ties, *told)


def _course(facts: Facts, sums: Mapping[Month, Decimal], by: By, since: date, today: date) -> Course:
    """The days until today on which it may have turned, and those before them, each with what was known then."""
    happened = (today, *facts.days, *(each.on for each in facts.signals))
    found: list[tuple[date, Known]] = []
    day = since
    while day < today:
        known = _known(facts, sums, by, day)
        turns = min((turns_on(known, day, by.worth.rules.warnings), *(each for each in happened if each > day)))
        found.append((day, known))
        eve = turns - timedelta(days=1)
        if eve > day:
            found.append((eve, _known(facts, sums, by, eve)))
        day = turns
    return tuple(found)


def _by_model(
    days: Sequence[date], model: BuyingModel | None, rules: WarningRules, today: date
) -> tuple[date | None, Decimal | None]:
    """From when on it hardly buys any more, and the chance today; nothing before there is history enough."""
    if model is None or len(days) < rules.rhythm_from:
        return None, None
    first, last = days[0], days[-1]
    history = History(len(days) - 1, (last - first).days, (today - first).days)
    patience = model.patience(history, float(rules.alive_below))
    if patience > NEVER.days:
        return None, None
    alive = Decimal(model.alive(history)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return last + timedelta(days=max(0, floor(patience) + 1)), alive


def _due_on(facts: Facts, known: Known, rules: WorthRules, today: date) -> date | None:
    """The next day on which time alone changes something: a month ends, a rhythm is well past or lost, a tie comes to
    its end, what happened gets too old, an invoice gets later."""
    running = Month(today.year, today.month)
    days = [day for day in (known.life.lost_on, next_on(known, today, rules.warnings)) if day is not None]
    looked_at = max(YEAR, rules.segments.months, rules.life.late + rules.life.before)
    if any(each.month >= running.ordinal - looked_at for each in facts.months):
        days.append(running.plus(1).first_day)
    if facts.is_late:
        days.append(today + timedelta(days=1))
    if facts.override_until:
        days.append(facts.override_until + timedelta(days=1))
    if facts.next_due_on:
        days.append(facts.next_due_on + timedelta(days=1))
    return min(days, default=None)
