"""P(alive) and what is to be expected (domain 2.6), against the package that the field used: lifetimes 0.11.3."""

import asyncio
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import isclose
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.customers.churn_model.domain import estimation
from services.customers.churn_model.domain.buying import BuyingModel, History
from services.customers.churn_model.domain.estimation import Numbers
from services.customers.churn_model.domain.fits import BothFits, Estimate, FitOutcome
from services.customers.churn_model.domain.spending import SpendingModel
from services.customers.churn_model.handlers.fitting import fitted

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it sets an option that pandas 3 no longer heeds
    import lifetimes

YEAR = 365
TRUE = BuyingModel(r=0.6, alpha=45.0, a=0.9, b=3.5)


@dataclass(frozen=True)
class Stores:
    """Histories, as columns."""

    frequency: Numbers
    recency: Numbers
    age: Numbers
    mean: Numbers

    def lines(self) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
        async def write(pipe: asyncio.StreamWriter) -> None:
            for each in zip(self.frequency, self.recency, self.age, self.mean, strict=True):
                pipe.write("\t".join(map(str, each)).encode() + b"\n")
            await pipe.drain()

        return write


def simulated(number: int, seed: int = 7) -> Stores:
    """Stores that buy and leave as the models say."""
    chance = np.random.default_rng(seed)
    rows = []
    for age in chance.integers(30, 700, number):
        rate, leaves = chance.gamma(TRUE.r, 1 / TRUE.alpha), chance.beta(TRUE.a, TRUE.b)
        bought: list[float] = []
        at = chance.exponential(1 / rate)
        while at < age:
            bought.append(float(np.ceil(at)))
            if chance.random() < leaves:
                break
            at += chance.exponential(1 / rate)
        days = sorted(set(bought))
        usual = chance.gamma(4, 1 / chance.gamma(3.5, 1 / 1800.0))
        mean = float(chance.gamma(6 * len(days), usual / 6 / len(days))) if days else 0.0
        rows.append((len(days), days[-1] if days else 0, age, round(mean, 2)))
    return Stores(*np.array(rows, dtype=float).T)


STORES = simulated(1_500)


@pytest.fixture(scope="module")
def theirs() -> Any:
    """lifetimes' fits of both models."""
    buying = lifetimes.BetaGeoFitter().fit(STORES.frequency, STORES.recency, STORES.age)
    again = STORES.frequency > 0
    spending = lifetimes.GammaGammaFitter().fit(STORES.frequency[again], STORES.mean[again])
    return buying, spending


def parameters(estimate: Estimate) -> tuple[float, ...]:
    assert estimate.parameters is not None, estimate.outcome
    return estimate.parameters


def test_parameters_are_those_of_lifetimes(theirs: Any) -> None:
    buying = estimation.buying(STORES.frequency, STORES.recency, STORES.age)
    spending = estimation.spending(STORES.frequency, STORES.mean)

    assert parameters(buying) == pytest.approx(theirs[0].params_[["r", "alpha", "a", "b"]].to_list(), rel=1e-3)
    assert parameters(spending) == pytest.approx(theirs[1].params_[["p", "q", "v"]].to_list(), rel=1e-3)


def test_p_alive_and_expected_purchases_are_those_of_lifetimes(theirs: Any) -> None:
    buying, spending = theirs
    model = BuyingModel(*buying.params_[["r", "alpha", "a", "b"]])
    amounts = SpendingModel(*spending.params_[["p", "q", "v"]])
    seen = STORES.frequency, STORES.recency, STORES.age
    alive = buying.conditional_probability_alive(*seen)
    further = buying.conditional_expected_number_of_purchases_up_to_time(YEAR, *seen)
    each = spending.conditional_expected_average_profit(STORES.frequency, STORES.mean)

    for row, (frequency, recency, age, mean) in enumerate(zip(*seen, STORES.mean, strict=True)):
        history = History(int(frequency), recency, age)
        assert isclose(model.alive(history), alive[row], rel_tol=1e-9)
        assert isclose(model.purchases(history, YEAR), further[row], rel_tol=1e-9)
        assert isclose(amounts.amount(int(frequency), mean), each[row], rel_tol=1e-9)


PARAMETERS = st.floats(1e-2, 1e2)
MODELS = st.builds(BuyingModel, PARAMETERS, st.floats(1e-1, 1e4), PARAMETERS, PARAMETERS)
DAYS = st.integers(0, 4000)


@given(MODELS, st.integers(0, 1_000), DAYS, DAYS, st.integers(1, 400))
def test_p_alive_is_a_chance_that_falls_with_the_time_since_the_last_purchase(
    model: BuyingModel, frequency: int, recency: int, waited: int, longer: int
) -> None:
    now = model.alive(History(frequency, recency, recency + waited))
    later = model.alive(History(frequency, recency, recency + waited + longer))

    assert 0 <= later <= now <= 1
    if frequency and 1e-9 < now < 1 - 1e-9:
        assert later < now


@given(MODELS, st.integers(0, 1_000), DAYS, DAYS, st.integers(1, 1_000))
@example(BuyingModel(1.0, 1.0, 83.0, 35.0), 0, 0, 0, 5)
def test_what_is_expected_is_a_number_that_grows_with_the_time_ahead(
    model: BuyingModel, frequency: int, recency: int, waited: int, days: int
) -> None:
    history = History(frequency, recency, recency + waited)

    soon, later = model.purchases(history, days), model.purchases(history, 2 * days)

    rate = (model.r + frequency) / (model.alpha + recency + waited)
    assert 0 <= soon <= later * (1 + 1e-6) + 1e-9
    assert soon <= rate * days * (1 + 1e-6) + 1e-9, "not more than if nobody ever left"


@pytest.mark.parametrize(
    "pole, b, frequency",
    [(1.0, 0.2, 0), (1.0, 2.5, 3), (1 - 1e-5, 2.5, 3), (1 + 1e-5, 2.5, 3), (0.8, 0.2, 0), (0.5, 0.5, 0)],
)
def test_poles_of_the_formula_are_none_of_what_is_expected(pole: float, b: float, frequency: int) -> None:
    history = History(frequency, 40.0 * (frequency > 0), 100.0)
    beside = [BuyingModel(0.4, 30.0, pole + by, b).purchases(history, YEAR) for by in (-1e-3, 0.0, 1e-3)]
    assert beside[1] == pytest.approx((beside[0] + beside[2]) / 2, rel=1e-5)


def test_a_store_that_never_misses_leaves_nothing_to_learn_of_leaving() -> None:
    steady = np.full(200, 12.0), np.full(200, 360.0), np.full(200, 365.0)

    assert estimation.buying(*steady).outcome in (FitOutcome.RUNS_AWAY, FitOutcome.NOT_CONVERGED)


def test_the_same_amount_from_everybody_leaves_nothing_to_learn_of_amounts() -> None:
    found = estimation.spending(np.full(200, 5.0), np.full(200, 100.0))

    assert found.outcome in (FitOutcome.RUNS_AWAY, FitOutcome.NOT_CONVERGED)


def test_few_who_came_back_are_too_few() -> None:
    few = simulated(20)

    assert estimation.buying(few.frequency, few.recency, few.age).outcome is FitOutcome.TOO_FEW
    assert estimation.spending(few.frequency, few.mean).outcome is FitOutcome.TOO_FEW


async def test_a_process_of_its_own_says_the_same() -> None:
    said = await fitted(STORES.lines())

    assert isinstance(said, BothFits)
    assert (said.customers, said.days) == (1_500, int(STORES.age.max()))
    assert said.repeating == np.count_nonzero(STORES.frequency)
    assert said.buying == estimation.buying(STORES.frequency, STORES.recency, STORES.age)
    assert said.spending == estimation.spending(STORES.frequency, STORES.mean)


async def _nobody(_: asyncio.StreamWriter) -> None:
    return


async def _garbage(pipe: asyncio.StreamWriter) -> None:
    pipe.write(b"1\tmany\n")


async def test_nobody_is_too_few_and_garbage_is_no_fit() -> None:
    nothing, broken = await asyncio.gather(fitted(_nobody), fitted(_garbage))

    assert isinstance(nothing, BothFits)
    assert (nothing.customers, nothing.buying.outcome) == (0, FitOutcome.TOO_FEW)
    assert broken is FitOutcome.ENDED


async def test_a_process_that_hangs_is_ended() -> None:
    async def forever(_: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    assert await fitted(forever, patience=0.2) is FitOutcome.TOO_LONG


async def test_a_process_that_says_something_else_is_not_believed() -> None:
    assert await fitted(_nobody, "this") is FitOutcome.ENDED


@pytest.mark.parametrize(
    "wrong",
    [
        {"parameters": (1.0, -1.0), "log_likelihood": -1.0, "outcome": FitOutcome.CONVERGED},
        {"parameters": (float("nan"),), "log_likelihood": -1.0, "outcome": FitOutcome.CONVERGED},
        {"parameters": None, "log_likelihood": None, "outcome": FitOutcome.CONVERGED},
        {"parameters": (1.0,), "log_likelihood": -1.0, "outcome": FitOutcome.RUNS_AWAY},
    ],
)
def test_what_no_fit_can_have_given_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="parameters"):
        Estimate(steps=1, **wrong)
