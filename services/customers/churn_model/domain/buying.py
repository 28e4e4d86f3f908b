"""Whether a customer still buys, and how often it will (domain 2.6): the BG/NBD model.

A customer buys by chance at a rate of its own, and after each repeat purchase leaves with a chance of its own; rates
are Gamma(r, alpha), chances Beta(a, b) among customers. Fader, Hardie and Lee, "Counting Your Customers" the Easy Way
(2005); P(alive) by their note 21, expected purchases by their equation 10. Times are in days.
"""

from dataclasses import dataclass
from math import exp, expm1, inf, log, log1p, sqrt
from typing import Final

import numpy as np
from scipy.special import hyp2f1

_NEAR: Final = 1e-5
"""So near to a pole that cancels, the mean of both its sides is taken: the error is about the square of this."""
_STEEP: Final = 8.0
"""Where the formula's first factor is below exp of minus this, its digits are lost."""
_TAIL: Final = 40.0
"""Weights below exp of minus this are nothing beside the others."""
_FLAT: Final = 60.0
"""Beyond such a logit the chance is 0 or 1."""
_LEAST: Final = 1e-300
_LARGEST: Final = 700.0
"""exp of more is no number."""


@dataclass(frozen=True, slots=True)
class History:
    """What the model needs of a customer that has bought, as of a day.

    `frequency` counts repeat purchases: further days with one. `recency` is the days from the first to the last of
    them, `age` those from the first until now.
    """

    frequency: int
    recency: float
    age: float


@dataclass(frozen=True, slots=True)
class BuyingModel:
    """The parameters of a fit; alpha in days."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, history: History) -> float:
        """The chance that it still buys. Who bought once has had no chance to leave, says the model: 1."""
        if not history.frequency:
            return 1.0
        waited = (history.age - history.recency) / (self.alpha + history.recency)
        odds_of_leaving = log(self.a / (self.b + history.frequency - 1)) + (self.r + history.frequency) * log1p(waited)
        return 1 / (1 + exp(odds_of_leaving)) if odds_of_leaving < _LARGEST else 0.0

    def patience(self, history: History, chance: float) -> float:
        """How many days after the last purchase the chance that it still buys falls to that; infinite for who bought
        once."""
        if not history.frequency or not 0 < chance < 1:
            return inf
        left = log((1 - chance) / chance) - log(self.a / (self.b + history.frequency - 1))
        waited = left / (self.r + history.frequency)
        return (self.alpha + history.recency) * expm1(waited) if waited < _LARGEST else inf

    def purchases(self, history: History, days: float) -> float:
        """How many more it is expected to make within so many days."""
        alive = self.alive(history)
        return alive * self._of_one_alive(history, days) if alive and days > 0 else 0.0

    def _of_one_alive(self, history: History, days: float) -> float:
        if abs(self.a - 1) * log1p(days / (self.alpha + history.age)) > _STEEP:
            return self._summed(history, days)
        if all(abs(pole) > _NEAR for pole in self._poles(history.frequency)):
            return self._expected(self.a, history, days)
        return sum(self._expected(self.a + aside, history, days) for aside in (-3 * _NEAR, 3 * _NEAR)) / 2

    def _poles(self, frequency: int) -> tuple[float, float]:
        """What the formula divides by, once in front and once within the series."""
        return self.a - 1, self.a + self.b + frequency - 1

    def _expected(self, a: float, history: History, days: float) -> float:
        """Equation 10 in Euler's other form of the hypergeometric function, in which no power grows with frequency."""
        c = a + self.b + history.frequency - 1
        z = days / (self.alpha + history.age + days)
        kept = exp((a - 1) * log1p(-z)) * float(hyp2f1(a + self.b - 1 - self.r, a - 1, c, z))
        return c / (a - 1) * (1 - kept)

    def _summed(self, history: History, days: float) -> float:
        """The same by its integral over the chance to leave, whose logits are summed with their weights: what is
        positive, grows with time and has a bound stays so, where the formula's factors lose their digits."""
        rate, b = self.r + history.frequency, self.b + history.frequency
        middle, spread = log(self.a / b), sqrt(1 / self.a + 1 / b)
        step = min(0.2, spread / 3)
        first = max(middle - _TAIL / self.a - 9 * spread, -_FLAT)
        logits = np.arange(first, min(middle + _TAIL / b + 9 * spread, _FLAT), step)
        logs = -np.logaddexp(0, -logits) * self.a - np.logaddexp(0, logits) * b
        weights = np.exp(logs - logs.max())
        weights[0] *= 1 + 1 / expm1(self.a * step)  # what lies beyond both ends, where nothing changes any more
        weights[-1] *= 1 + 1 / expm1(b * step)
        leaving = np.maximum(np.exp(-np.logaddexp(0, -logits)), _LEAST)
        bought = -np.expm1(-rate * np.log1p(leaving * (days / (self.alpha + history.age)))) / leaving
        return float(weights @ bought / weights.sum())
