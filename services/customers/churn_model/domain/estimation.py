"""Fitting both models by maximum likelihood.

Written here on scipy: `lifetimes`, which is what the field used, is no longer maintained, and tests hold the figures
against it (docs/decisions/churn-model.md). Only the process that fits loads this module.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from services.customers.churn_model.domain.fits import FEWEST, Estimate, FitOutcome

Numbers: TypeAlias = NDArray[np.float64]
Likelihood: TypeAlias = Callable[[Numbers], tuple[float, Numbers]]
"""Of the logarithms of parameters: the negative log-likelihood of a mean customer, and its slope."""

FURTHEST: Final = 12.0
"""A parameter whose logarithm, of scaled data, goes so far runs away: the data do not hold it."""
FLAT: Final = 1e-5
"""So little slope is left where a fit has converged."""
MOST_STEPS: Final = 500


def buying(frequency: Numbers, recency: Numbers, age: Numbers, fewest: int = FEWEST) -> Estimate:
    """Of BG/NBD: r, alpha, a, b. Each customer's repeat purchases, and times in days."""
    if np.count_nonzero(frequency) < fewest:
        return Estimate(None, None, 0, FitOutcome.TOO_FEW)
    alike, counts = np.unique(np.stack((frequency, recency, age)), axis=1, return_counts=True)
    x, t_x, t = alike
    scale = float(t.max())
    found = _maximise(_buying(x, t_x / scale, t / scale, counts / counts.sum()), 4)
    if found.parameters is None or found.log_likelihood is None:
        return found
    r, alpha, a, b = found.parameters
    # densities of repeat purchases in scaled time become those in days
    shift = float((counts * x).sum()) * float(np.log(scale))
    likelihood = found.log_likelihood * float(counts.sum()) - shift
    return Estimate((r, alpha * scale, a, b), likelihood, found.steps, FitOutcome.CONVERGED)


def spending(frequency: Numbers, mean: Numbers, fewest: int = FEWEST) -> Estimate:
    """Of Gamma-Gamma: p, q, v. Each customer's repeat purchases, and their mean amount in CNY."""
    some = (frequency > 0) & (mean > 0)
    x, m = frequency[some], mean[some]
    if len(x) < fewest:
        return Estimate(None, None, 0, FitOutcome.TOO_FEW)
    scale = float(m.mean())
    found = _maximise(_spending(x, m / scale), 3)
    if found.parameters is None or found.log_likelihood is None:
        return found
    p, q, v = found.parameters
    if q <= 1:
        return Estimate(None, None, found.steps, FitOutcome.NO_MEAN)
    likelihood = (found.log_likelihood - float(np.log(scale))) * len(x)
    return Estimate((p, q, v * scale), likelihood, found.steps, FitOutcome.CONVERGED)


def _maximise(likelihood: Likelihood, parameters: int) -> Estimate:
    bounds: Sequence[tuple[float, float]] = [(-FURTHEST, FURTHEST)] * parameters
    found = minimize(
        likelihood,
        np.zeros(parameters),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": MOST_STEPS, "ftol": 1e-14, "gtol": 1e-9},
    )
    steps = int(found.nit)
    if not np.all(np.isfinite(found.x)) or not np.isfinite(found.fun):
        return Estimate(None, None, steps, FitOutcome.NOT_CONVERGED)
    if np.any(np.abs(found.x) >= FURTHEST - 1):
        return Estimate(None, None, steps, FitOutcome.RUNS_AWAY)
    if np.max(np.abs(found.jac)) > FLAT:
        return Estimate(None, None, steps, FitOutcome.NOT_CONVERGED)
    return Estimate(tuple(float(each) for each in np.exp(found.x)), -float(found.fun), steps, FitOutcome.CONVERGED)


def _by_frequency(x: Numbers) -> Callable[[Callable[[Numbers], Numbers]], Numbers]:
    """Applies what costs much to each frequency that occurs: these are few, however many customers there are."""
    kinds, which = np.unique(x, return_inverse=True)
    return lambda function: function(kinds)[which]


def _buying(x: Numbers, t_x: Numbers, t: Numbers, weight: Numbers) -> Likelihood:
    """Section 7 of the paper, in the form that holds large frequencies: the sum of two exponentials by logarithms."""
    of, least = _by_frequency(x), np.maximum(x, 1) - 1

    def at(logs: Numbers) -> tuple[float, Numbers]:
        r, alpha, a, b = np.exp(logs)
        by_stay, by_leave = np.log(alpha + t), np.log(alpha + t_x)
        stays = -(r + x) * by_stay
        leaves = of(lambda n: np.where(n > 0, np.log(a / (b + np.maximum(n, 1) - 1)), -np.inf)) - (r + x) * by_leave
        both = np.logaddexp(stays, leaves)
        alone = of(lambda n: gammaln(r + n) + gammaln(a + b) + gammaln(b + n) - gammaln(b) - gammaln(a + b + n))
        likelihood = alone - gammaln(r) + r * np.log(alpha) + both
        left = np.exp(leaves - both)
        stayed = 1 - left
        of_all = of(lambda n: digamma(a + b) - digamma(a + b + n))
        slope = np.stack((
            of(lambda n: digamma(r + n)) - digamma(r) + np.log(alpha) - stayed * by_stay - left * by_leave,
            r / alpha - (r + x) * (stayed / (alpha + t) + left / (alpha + t_x)),
            of_all + left / a,
            of_all + of(lambda n: digamma(b + n)) - digamma(b) - left / (b + least),
        ))  # fmt: skip
        return -float(weight @ likelihood), -(slope @ weight) * np.array((r, alpha, a, b))

    return at


def _spending(x: Numbers, m: Numbers) -> Likelihood:
    """Equation 1a of "The Gamma-Gamma Model of Monetary Value" (Fader and Hardie, 2013)."""
    of, log_m, log_x = _by_frequency(x), np.log(m), np.log(x)

    def at(logs: Numbers) -> tuple[float, Numbers]:
        p, q, v = np.exp(logs)
        px, sum_ = p * x, x * m + v
        log_sum = np.log(sum_)
        alone = of(lambda n: gammaln(p * n + q) - gammaln(p * n)) - gammaln(q)
        likelihood = alone + q * np.log(v) + (px - 1) * log_m + px * log_x - (px + q) * log_sum
        of_all = of(lambda n: digamma(p * n + q)) - log_sum
        slope = np.stack((
            x * (of_all - of(lambda n: digamma(p * n)) + log_m + log_x),
            of_all - digamma(q) + np.log(v),
            q / v - (px + q) / sum_,
        ))  # fmt: skip
        return -float(likelihood.mean()), -slope.mean(axis=1) * np.array((p, q, v))

    return at
