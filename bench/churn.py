"""Who still buys: the models against `lifetimes` and the plain rule on real purchases, and a fit while requests go on.

    python -m bench.churn

Accuracy needs the CDNOW file (`CRM_REAL_DATA` names its folder; without it that part steps aside): 23,570 customers,
39 weeks to fit on, 39 weeks to hold the forecast against, each figure beside that of `lifetimes` 0.11.3, fitted on the
same purchases, and that of the rule of the own rhythm. Time is taken of 24,000 simulated customers whose models are
fitted while the service answers, in the same process. Writes `bench/results/churn.json` and `churn.png`.
"""

import asyncio
import csv
import os
import resource
import statistics
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import matplotlib as mpl
import numpy as np
from matplotlib import pyplot
from numpy.typing import NDArray
from scipy.stats import rankdata

from bench.latency import p99_until
from bench.results import FOLDER, Result, save
from deploy.embedded_postgres import EmbeddedPostgres
from deploy.network import build_service
from services.customers.churn_model import store
from services.customers.churn_model.domain.expectations import Bought, expect
from services.customers.churn_model.domain.schedule import ChurnFit
from services.customers.churn_model.handlers import runs
from services.customers.lifecycle.domain import interval
from services.customers.worth_policies.domain import FIRST
from shared.auth.tokens import TokenVerifier
from shared.clock import ManualClock
from shared.db import Database
from shared.http.app import create_app
from shared.migrations import upgrade
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import Settings
from shared.telemetry import configure_logging
from tests.real_data import USUAL_PLACE
from tests.support import ISSUER, MASTER_KEY, START, bearer, served

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # it sets an option that pandas 3 no longer heeds
    import lifetimes

CALIBRATED: Final = date(1997, 9, 30)
"""The end of the first 39 weeks, by which it is fitted."""
HELD_OUT: Final = 39 * 7
"""Days after it."""
CUSTOMERS: Final = 24_000
MAY_TAKE: Final = 3.0
"""Seconds of a fit."""
FITS: Final = 10
BEFORE: Final = 15.0
"""Seconds for which the service answers without a fit."""
DECILES: Final = 10

_CUSTOMER: Final = ("id", "version", "tier", "counts_from")
_PURCHASE: Final = (
    "id", "version", "customer_id", "grade", "amount", "returned", "occurred_at", "month", "identity",
)  # fmt: skip

Figures = NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """By one way, of each customer: what it will buy in the days held out, and how likely it is to be there still."""

    purchases: Figures
    alive: Figures
    by_week: Figures


@dataclass(frozen=True)
class Purchases:
    """Who bought on which days: until the calibration ends, and after it; mean amounts of the days after the first."""

    known: Sequence[Bought]
    later: Sequence[Sequence[date]]

    @property
    def actual(self) -> Figures:
        return np.array([len(days) for days in self.later], dtype=float)

    @property
    def came_back(self) -> NDArray[np.bool_]:
        return np.array([len(each.days or ()) > 1 for each in self.known])

    def columns(self) -> tuple[Figures, Figures, Figures]:
        """Frequency, recency and age."""
        histories = [each.history(CALIBRATED) for each in self.known]
        rows = [(each.frequency, each.recency, each.age) for each in histories if each is not None]
        frequency, recency, age = np.array(rows, dtype=float).T
        return frequency, recency, age


def main() -> None:
    configure_logging("ERROR")
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        with EmbeddedPostgres(Path(name) / "postgresql") as postgres:
            postgres.ensure_databases(["real", "simulated"])
            results = asyncio.run(_accuracy(postgres.socket_url("real")))
            results += asyncio.run(_time(postgres.socket_url("simulated")))
    save("churn", results)


# ---------------------------------------------------------------------------- accuracy


async def _accuracy(url: str) -> list[Result]:
    file = Path(os.environ.get("CRM_REAL_DATA") or USUAL_PLACE) / "purchases-cdnow.csv"
    if not file.is_file():
        print(f"{file.name} is not here (CRM_REAL_DATA names its folder): accuracy steps aside", flush=True)
        return []
    entries = _read(file)
    async with _installed(url, datetime(1997, 9, 30, 8, tzinfo=UTC)) as service:
        await _fill(service.runtime.database, entries)
        fit = await _fitted(service.context)
    purchases = _split(entries)
    ours, theirs, rule = _ours(purchases, fit), _theirs(purchases, fit), _by_rule(purchases)
    _draw(purchases, {"BG/NBD here": ours, "lifetimes 0.11.3": theirs, "own rhythm": rule})
    return _compared(purchases, ours, theirs, rule)


Entry = tuple[UUID, date, Decimal]


def _read(file: Path) -> list[Entry]:
    """Purchases of something: one of nothing is none here."""
    with file.open(newline="") as lines:
        rows = [(row["customer_no"], row["date"], Decimal(row["amount"])) for row in csv.DictReader(lines)]
    return [(UUID(int=int(number)), date.fromisoformat(day), amount) for number, day, amount in rows if amount > 0]


def _split(entries: Sequence[Entry]) -> Purchases:
    sums: dict[UUID, dict[date, Decimal]] = {}
    for id_, day, amount in entries:
        days = sums.setdefault(id_, {})
        days[day] = days.get(day, Decimal(0)) + amount
    known, later = [], []
    for id_, days in sums.items():
        before = sorted(day for day in days if day <= CALIBRATED)
        if before:
            amounts = [days[day] for day in before[1:]]
            known.append(Bought(id_, before, sum(amounts, Decimal(0)) / len(amounts) if amounts else None))
            later.append([day for day in days if day > CALIBRATED])
    return Purchases(known, later)


def _weeks() -> list[int]:
    return [7 * week for week in range(1, HELD_OUT // 7 + 1)]


def _ours(purchases: Purchases, fit: ChurnFit) -> Forecast:
    model = fit.buying
    assert model is not None, fit.outcome
    histories = [each.history(CALIBRATED) for each in purchases.known]
    some = [each for each in histories if each is not None]
    return Forecast(
        np.array([model.purchases(each, HELD_OUT) for each in some]),
        np.array([model.alive(each) for each in some]),
        np.array([sum(model.purchases(each, days) for each in some) for days in _weeks()]),
    )


def _theirs(purchases: Purchases, fit: ChurnFit) -> Forecast:
    columns = purchases.columns()
    model = lifetimes.BetaGeoFitter().fit(*columns)
    assert fit.buying is not None, fit.outcome
    assert np.allclose(model.params_[["r", "alpha", "a", "b"]], astuple(fit.buying), rtol=1e-3)
    expected = model.conditional_expected_number_of_purchases_up_to_time
    return Forecast(
        np.asarray(expected(HELD_OUT, *columns)),
        np.asarray(model.conditional_probability_alive(*columns)),
        np.array([expected(days, *columns).sum() for days in _weeks()]),
    )


def _by_rule(purchases: Purchases) -> Forecast:
    """Whoever is not lost goes on by the own rhythm; how near it is to being lost says how likely it is to be there."""
    rules = [expect(each, None, CALIBRATED, HELD_OUT).rule for each in purchases.known]
    ahead = np.array([(each.purchases if each else None) or 0.0 for each in rules])
    near = [_waited(each.days or ()) for each in purchases.known]
    return Forecast(ahead, -np.array(near), np.array([ahead.sum() * days / HELD_OUT for days in _weeks()]))


def _waited(days: Sequence[date]) -> float:
    """How much of the time is over after which it is lost."""
    limit = max(float(FIRST.life.lost_after_days), FIRST.life.lost_after_intervals * float(interval(days) or 0))
    return (CALIBRATED - days[-1]).days / limit


def _compared(purchases: Purchases, ours: Forecast, theirs: Forecast, rule: Forecast) -> list[Result]:
    actual, back = purchases.actual, purchases.came_back
    bought = actual > 0
    told = float(ours.purchases.sum())
    results = [
        Result(f"churn: purchases forecast of {len(actual):,} / bought", "churn", told, float(actual.sum()), "", 0.8)
    ]
    for name, other in (("lifetimes", theirs), ("rule", rule)):
        results += [
            _beside(f"area under the curve, by purchases to come / {name}", _area(bought, ours.purchases),
                    _area(bought, other.purchases), more=True),
            _beside(f"area under the curve, by P(alive), who came back / {name}", _area(bought[back], ours.alive[back]),
                    _area(bought[back], other.alive[back]), more=True),
            _beside(f"calibration: mean error of deciles, purchases / {name}", _error(actual, ours.purchases),
                    _error(actual, other.purchases)),
            _beside(f"sum of purchases forecast, whole ones: how far from the actual / {name}", _off(actual, ours),
                    _off(actual, other)),
            _beside(f"error of a customer, root of mean square / {name}", _root(actual, ours), _root(actual, other)),
        ]  # fmt: skip
    return results


def _beside(what: str, ours: float, other: float, *, more: bool = False) -> Result:
    digits = 0 if "whole" in what else 5
    return Result(f"churn: {what}", "churn", round(ours, digits), round(other, digits), "", 1.0, not more)


def _area(bought: NDArray[np.bool_], score: Figures) -> float:
    """The chance that somebody who bought has a higher score than somebody who did not; ties count half."""
    ranks, yes = rankdata(score), int(bought.sum())
    return float((ranks[bought].sum() - yes * (yes + 1) / 2) / (yes * (len(bought) - yes)))


def _deciles(actual: Figures, forecast: Figures) -> list[tuple[float, float]]:
    """Mean forecast and mean of what was bought, of each tenth of the customers in the order of the forecast."""
    parts = np.array_split(np.argsort(forecast, kind="stable"), DECILES)
    return [(float(forecast[part].mean()), float(actual[part].mean())) for part in parts]


def _error(actual: Figures, forecast: Figures) -> float:
    return statistics.fmean(abs(told - came) for told, came in _deciles(actual, forecast))


def _off(actual: Figures, forecast: Forecast) -> float:
    return abs(float(forecast.purchases.sum()) - float(actual.sum()))


def _root(actual: Figures, forecast: Forecast) -> float:
    return float(np.sqrt(np.mean((forecast.purchases - actual) ** 2)))


def _draw(purchases: Purchases, forecasts: Mapping[str, Forecast]) -> None:
    mpl.use("Agg")
    figure, (deciles, weeks) = pyplot.subplots(1, 2, figsize=(12, 5))
    actual = purchases.actual
    most = 0.0
    for (name, forecast), style in zip(forecasts.items(), ("o-", "x--", "s:"), strict=True):
        points = _deciles(actual, forecast.purchases)
        most = max(most, *(max(point) for point in points))
        deciles.plot([told for told, _ in points], [came for _, came in points], style, label=name)
        weeks.plot(range(1, len(forecast.by_week) + 1), forecast.by_week, style, markevery=4, label=name)
    deciles.plot([0, most], [0, most], color="grey", linewidth=0.8, label="as forecast")
    deciles.set(xlabel="repeat purchases forecast, mean of a tenth", ylabel="bought", title="Calibration, 39 weeks")
    ends = [CALIBRATED + timedelta(days=days) for days in _weeks()]
    came = [sum(day <= end for days in purchases.later for day in days) for end in ends]
    weeks.plot(range(1, len(came) + 1), came, color="black", label="bought")
    weeks.set(xlabel="week held out", ylabel="repeat purchases so far", title="Forecast and actual, CDNOW")
    deciles.legend()
    weeks.legend()
    figure.tight_layout()
    FOLDER.mkdir(parents=True, exist_ok=True)
    figure.savefig(FOLDER / "churn.png", dpi=100)


# ---------------------------------------------------------------------------- time


async def _time(url: str) -> list[Result]:
    async with _installed(url, START) as service, served(create_app(service)) as address:
        context, database = service.context, service.runtime.database
        await _fill(database, _simulated())
        first = await _fitted(context)
        assert first.customers == CUSTOMERS, first
        some = await database.fetchval("SELECT customer_id FROM purchase LIMIT 1")
        async with httpx.AsyncClient(base_url=address, headers=bearer(), timeout=30) as http:
            path = f"customers/v1/customers/{some}/expected"
            alone = await p99_until(http, path, asyncio.create_task(asyncio.sleep(BEFORE)))
            fitting = asyncio.create_task(_many(context))
            meanwhile = await p99_until(http, path, fitting)
            fits, processor, whole = await fitting
    return [
        Result("churn: what one customer is expected to do", "churn", _one(first), 1_000.0, "µs", 1.0, True),
        Result(f"churn: fit of {CUSTOMERS:,} customers in a process", "churn", fits, MAY_TAKE, "s", 1.0, True),
        Result(
            "churn: of that the process itself, time of the processor", "churn", processor, MAY_TAKE, "s", 1.0, True
        ),
        Result("churn: the same with everybody judged and listed anew", "churn", whole, MAY_TAKE, "s", 1.0, True),
        Result("churn: an answer meanwhile, p99 / alone", "churn", meanwhile, alone, "ms", 2.0, True),
    ]


async def _many(context: Any) -> tuple[float, float, float]:
    """Seconds of a fit, of the processor within its process, and of a whole run: medians, the second a mean."""
    fits, whole, before = [], [], _of_children()
    for _ in range(FITS):
        began = time.perf_counter()
        fit = await _fitted(context)
        whole.append(time.perf_counter() - began)
        assert fit.buying is not None, fit.outcome
        fits.append((fit.milliseconds or 0) / 1_000)
    return statistics.median(fits), (_of_children() - before) / FITS, statistics.median(whole)


def _of_children() -> float:
    """Seconds of the processor that ended processes have taken."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _one(fit: ChurnFit) -> float:
    """Microseconds of P(alive), purchases and amount."""
    bought = Bought(UUID(int=1), [START.date() - timedelta(days=back) for back in (300, 200, 90, 40)], Decimal(1_000))
    rounds = 2_000
    began = time.perf_counter()
    for _ in range(rounds):
        expect(bought, fit, START.date())
    return (time.perf_counter() - began) / rounds * 1_000_000


def _simulated() -> list[Entry]:
    """Stores that buy at rates of their own, and leave."""
    chance, today, found = np.random.default_rng(7), START.date(), []
    for number in range(CUSTOMERS):
        rate, leaves = chance.gamma(0.8, 1 / 40), chance.beta(0.9, 3)
        day = today - timedelta(days=int(chance.integers(1, 730)))
        while day <= today:
            found.append((UUID(int=number + 1), day, Decimal(int(chance.integers(100, 5_000)))))
            if chance.random() < leaves:
                break
            day += timedelta(days=1 + int(min(chance.exponential(1 / rate), 1_000)))
    return found


# ---------------------------------------------------------------------------- the service


@asynccontextmanager
async def _installed(url: str, now: datetime) -> AsyncIterator[Service]:
    """The service on an empty database, at a moment."""
    await upgrade("customers", url)
    settings = Settings(requests_per_second_per_token=1_000_000, requests_per_second_per_address=1_000_000)
    database = await Database.connect(url, pool_size=8, statement_seconds=120)
    verifier = TokenVerifier(settings, ISSUER.public_keys)
    try:
        yield build_service("customers", Runtime(settings, database, ManualClock(now), verifier, MASTER_KEY))
    finally:
        await database.close()


async def _fill(database: Database, entries: Sequence[Entry]) -> None:
    customers = [(id_, 1, "D", 0) for id_ in {id_ for id_, _, _ in entries}]
    purchases = [
        (UUID(int=(1 << 64) + n), 1, id_, "mid", amount, Decimal(0), _noon(day), 0, n.to_bytes(16))
        for n, (id_, day, amount) in enumerate(entries)
    ]
    async with database.connection() as connection:
        await connection.copy_records_to_table("customer", records=customers, columns=_CUSTOMER)
        await connection.copy_records_to_table("purchase", records=purchases, columns=_PURCHASE, timeout=600)
    await database.execute("VACUUM ANALYZE customer, purchase")


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


async def _fitted(context: Any) -> ChurnFit:
    """The next run, through the use cases."""
    await runs.ask(context, by=UUID(int=1))
    await runs.fit_next(context)
    found = await store.latest(context.database)
    assert found is not None
    return found


if __name__ == "__main__":
    main()
