"""What a customer is, judged from everything at once: segments, stage, and the day on which to look again (domain 2.5,
2.6, examples 19 and 20).

The places among all (the pyramid) are found beside this, since they follow from everybody's sums.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import floor
from typing import Final
from uuid import UUID

from services.customers.churn_model.domain.buying import BuyingModel, History
from services.customers.early_warnings.domain import EndingTie, Known, Signal, next_on
from services.customers.lifecycle.domain import Life, live
from services.customers.losses.domain import Gone, gone_since
from services.customers.segments.domain import YEAR, Overrides, Together, profit_of, segments
from services.customers.worth_policies.domain import WarningRules, WorthPolicy, WorthRules
from shared.contracts.worth import Level, Stage, StoreSize, ValueLevel
from shared.errors import Conflict, NotFound
from shared.money import ZERO
from shared.months import Month


class PassUnderWay(Conflict):
    slug = "worth-pass-under-way"
    title = "Everybody is being judged already"


class PassNotFound(NotFound):
    slug = "no-such-worth-pass"
    title = "There is no such judging of everybody"


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


KEEPS: Final = 3
"""Counted on when a release keeps more of a judgement: everybody is judged anew by it, some at a time. 2: a loss of
whoever is lost, and the policy. 3: what the purchases of a year cost."""


@dataclass(frozen=True, slots=True)
class WorthPass:
    """Judging everybody: asked when and by whom (None: by a new policy or release), judged how many of how many."""

    id: UUID
    tier_policy: int
    worth_policy: int
    fit_id: UUID | None
    asked_at: datetime
    asked_by: UUID | None
    reached: UUID | None
    judged: int
    done_at: datetime | None
    customers: int | None
    keeps: int = KEEPS


_month: Final = lru_cache(1_000)(Month.at)


def judged(before: Worth, facts: Facts, by: By, today: date) -> tuple[Worth, Known]:
    """What a customer is today, under the version that it had (whoever keeps it counts that on); and what says whether
    it is about to leave."""
    rules, running = by.worth.rules, Month(today.year, today.month).ordinal
    counted = {each.month: each.counted for each in facts.months}
    sums = {_month(month): sum_ for month, sum_ in counted.items()}
    life = live(facts.days, sums, today, rules.life)
    found = segments(
        facts.customer_id,
        [counted.get(month, ZERO) for month in range(running - rules.segments.months, running)],
        facts.days_late,
        facts.rated,
        rules.segments,
        facts.overrides,
    )
    told = _by_model(facts.days, by.model, by.worth.rules.warnings, today)
    known = Known(facts.customer_id, life, sums, facts.signals, facts.ties, *told)
    worth = replace(
        before,
        stage=life.stage,
        since=life.since,
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
    return worth, known


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


def is_history(marks: Mapping[UUID, Sequence[tuple[int | None, bool]]], customer_id: UUID, running: Month) -> bool:
    """Whether all that a judgement came of is history, or was entered into months that are over (decision 5)."""
    of = marks.get(customer_id, ())
    return bool(of) and all(history or (month is not None and month < running.ordinal) for month, history in of)


def lost(moved: Iterable[tuple[Worth, Worth]]) -> dict[UUID, date]:
    """Who is lost as of now, or since another day than was found before; each with the day."""
    return {
        now.customer_id: now.since
        for was, now in moved
        if now.stage == "lost" and now.since is not None and (was.stage, was.since) != (now.stage, now.since)
    }


def still_lost(moved: Iterable[tuple[Worth, Worth]]) -> dict[UUID, date]:
    """Who is lost since the day that was found before."""
    return {
        now.customer_id: now.since
        for was, now in moved
        if now.stage == "lost" and now.since is not None and (was.stage, was.since) == (now.stage, now.since)
    }


def back(lives: Iterable[tuple[Worth, Worth, Life]]) -> dict[UUID, Gone | None]:
    """Who was lost and has bought again, also who is lost anew by now: as it is known today since when it was lost and
    when it bought; None for who never was lost."""
    known = {
        now.customer_id: gone_since(was.since, life) for was, now, life in lives if was.stage == "lost" and was.since
    }
    return {id_: gone for id_, gone in known.items() if gone is None or gone.returned_on is not None}
