"""What is to be expected of one customer: by the models, and by the plain rule of its own rhythm beside them.

Where a customer has bought on one day alone no chance of being alive is told: the models have nothing to tell it by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.customers.churn_model.domain.buying import BuyingModel, History
from services.customers.churn_model.domain.schedule import ChurnFit
from services.customers.churn_model.domain.spending import SpendingModel
from services.customers.lifecycle.domain import live
from services.customers.worth_policies.domain import FIRST, LifeRules
from shared.money import to_cents

YEAR: Final = 365
"""Days ahead, unless others are asked for.†"""
FEWEST_DAYS: Final = 2
"""With a purchase, before anything is told of being alive."""


@dataclass(frozen=True, slots=True)
class Bought:
    """The days on which a customer bought something and kept it, in order; the mean amount of a day after the first."""

    customer_id: UUID
    days: Sequence[date] | None
    mean: Decimal | None

    def history(self, on: date) -> History | None:
        """As of a day; None for who never bought."""
        if not self.days:
            return None
        first, last = self.days[0], self.days[-1]
        return History(len(self.days) - 1, (last - first).days, (on - first).days)


@dataclass(frozen=True, slots=True)
class ByRule:
    """What the plain rule says: lost or not, its rhythm in days, and that it goes on by that."""

    lost: bool
    lost_on: date | None
    interval_days: Decimal | None
    purchases: float | None
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """Of a customer, as of a day, for so many days ahead. None where nothing can be told; `amount` is of a day with a
    purchase, `value` all of them together, in CNY."""

    customer_id: UUID
    as_of: date
    days: int
    repeat_purchases: int | None
    alive: float | None
    purchases: float | None
    amount: Decimal | None
    value: Decimal | None
    rule: ByRule | None


def alive(bought: Bought, model: BuyingModel, on: date) -> float | None:
    """The chance that it still buys; None where too little is known."""
    history = bought.history(on)
    return model.alive(history) if history and history.frequency + 1 >= FEWEST_DAYS else None


def expect(
    bought: Bought, fit: ChurnFit | None, on: date, days: int = YEAR, rules: LifeRules = FIRST.life
) -> Expectation:
    """What the models of a fit say, and the rule; without a fit, the rule alone."""
    history, model = bought.history(on), fit.buying if fit else None
    if history is None:
        return Expectation(bought.customer_id, on, days, None, None, None, None, None, None)
    purchases = model.purchases(history, days) if model else None
    amount = _amount(bought, history, fit.spending if fit else None)
    return Expectation(
        bought.customer_id,
        on,
        days,
        history.frequency,
        alive(bought, model, on) if model else None,
        purchases,
        amount,
        None if purchases is None else _value(purchases, amount),
        _by_rule(bought, on, days, rules),
    )


def _amount(bought: Bought, history: History, model: SpendingModel | None) -> Decimal | None:
    """By the model; without one, the customer's own mean."""
    own = bought.mean
    if model is None:
        return None if own is None else to_cents(own)
    return to_cents(Decimal(model.amount(history.frequency, float(own or 0))))


def _by_rule(bought: Bought, on: date, days: int, rules: LifeRules) -> ByRule:
    life = live(bought.days or (), {}, on, rules)
    lost = life.stage == "lost"
    purchases = 0.0 if lost else _going_on(life.interval_days, days)
    value = None if purchases is None else _value(purchases, Decimal(0) if lost else bought.mean)
    return ByRule(lost, life.lost_on, life.interval_days, purchases, value)


def _going_on(interval_days: Decimal | None, days: int) -> float | None:
    return days / float(interval_days) if interval_days else None


def _value(purchases: float, amount: Decimal | None) -> Decimal | None:
    return None if amount is None else to_cents(Decimal(purchases) * amount)
