"""Fits of the models on the company's own purchases, and what is told by them (domain 2.6)."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import psutil
import pytest
import structlog
from structlog.testing import capture_logs
from structlog.typing import EventDict

from services.customers.churn_model.domain import estimation
from services.customers.churn_model.domain.buying import BuyingModel, History
from services.customers.churn_model.domain.schedule import last_night
from services.customers.churn_model.domain.spending import SpendingModel
from services.customers.churn_model.handlers.runs import fit_next
from shared.ids import new_id
from tests.customers.network import BASE, bought, colleague, nobody, slug, store
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import OneService, bearer, one_service

TODAY = date(2026, 11, 4)
LOOP = "customers.churn_model"
_CUSTOMERS = """
    INSERT INTO customer (id, version, tier, counts_from) SELECT id, 1, 'D', 0 FROM unnest($1::uuid[]) AS given (id)
    ON CONFLICT DO NOTHING
    """
_PURCHASES = """
    INSERT INTO purchase (id, version, customer_id, grade, amount, returned, occurred_at, month, identity)
    SELECT uuidv7(), 1, customer_id, 'mid', amount, returned, at, 0, uuid_send(uuidv7())
    FROM unnest($1::uuid[], $2::timestamptz[], $3::numeric[], $4::numeric[]) AS g (customer_id, at, amount, returned)
    """

Entry = tuple[UUID, date, str, str]
"""Whose purchase, on which day, its amount, and how much of it came back."""


async def fill(customers: OneService, entries: list[Entry]) -> None:
    """Stores that have bought, at half past midnight in Shanghai: the day before in UTC."""
    await customers.database.execute(_CUSTOMERS, list({each[0] for each in entries}))
    await customers.database.execute(
        _PURCHASES,
        [each[0] for each in entries],
        [datetime(each[1].year, each[1].month, each[1].day, tzinfo=UTC) - timedelta(hours=7.5) for each in entries],
        [Decimal(each[2]) for each in entries],
        [Decimal(each[3]) for each in entries],
    )


def network(number: int = 300) -> dict[UUID, list[tuple[date, str]]]:
    """Stores of which each buys at a rate of its own and may leave: the days on which it bought, and for how much."""
    chance, found = np.random.default_rng(11), {}
    for _ in range(number):
        rate, leaves, usual = chance.gamma(2, 1 / 60), chance.beta(1.2, 6), chance.gamma(3, 600)
        day = TODAY - timedelta(days=int(chance.integers(60, 700)))
        days = {day}
        while True:
            day += timedelta(days=1 + int(chance.exponential(1 / rate)))
            if day > TODAY:
                break
            days.add(day)
            if chance.random() < leaves:
                break
        found[new_id()] = [(each, f"{chance.gamma(5, usual / 5) + 1:.2f}") for each in sorted(days)]
    return found


def entries_of(stores: dict[UUID, list[tuple[date, str]]]) -> list[Entry]:
    return [(id_, day, amount, "0") for id_, days in stores.items() for day, amount in days]


async def read(customers: OneService, path: str, **asked: Any) -> dict[str, Any]:
    answer = await customers.http.get(f"{BASE}/{path}", params=asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def fitted_anew(customers: OneService) -> dict[str, Any]:
    """The next run, asked for by administration; the models after it."""
    assert (await customers.http.post(f"{BASE}/churn-model/fits")).status_code == 202
    await customers.run_loops(LOOP)
    return await read(customers, "churn-model")


async def test_the_models_are_fitted_on_what_was_bought_and_kept(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        stores = network()
        some = next(id_ for id_, days in stores.items() if len(days) > 3)
        regretting, busy = new_id(), new_id()
        await fill(customers, entries_of(stores))
        entries: list[Entry] = [
            (some, TODAY - timedelta(days=1), "70.00", "70.00"),
            (regretting, TODAY, "5.00", "5.00"),
        ]
        await fill(customers, [(busy, TODAY - timedelta(days=9), "1.00", "0")] * 1_000 + entries)

        model = await fitted_anew(customers)

        rows = [(days, [Decimal(amount) for _, amount in days]) for days in stores.values()]
        rows.append(([(TODAY - timedelta(days=9), "")], [Decimal(1000)]))
        frequency = np.array([len(days) - 1 for days, _ in rows], dtype=float)
        recency = np.array([(days[-1][0] - days[0][0]).days for days, _ in rows], dtype=float)
        age = np.array([(TODAY - days[0][0]).days for days, _ in rows], dtype=float)
        mean = np.array([float(sum(amounts[1:]) / max(len(amounts) - 1, 1)) for _, amounts in rows])
        wanted = estimation.buying(frequency, recency, age), estimation.spending(frequency, mean)
        run = model["in_use"]
        assert (run["outcome"], run["amount_outcome"], model["trouble"]) == ("converged", "converged", None)
        assert (run["customers"], run["repeating"]) == (len(rows), np.count_nonzero(frequency))
        assert [run["purchases"][each] for each in ("r", "alpha", "a", "b")] == pytest.approx(wanted[0].parameters)
        assert [run["amounts"][each] for each in ("p", "q", "v")] == pytest.approx(wanted[1].parameters, rel=1e-4)
        assert run["log_likelihood"] == pytest.approx(wanted[0].log_likelihood)

        told = await read(customers, f"customers/{some}/expected", days=90)

        days = stores[some]
        history = History(len(days) - 1, (days[-1][0] - days[0][0]).days, (TODAY - days[0][0]).days)
        buying, spending = BuyingModel(**run["purchases"]), SpendingModel(**run["amounts"])
        own = float(sum(Decimal(amount) for _, amount in days[1:]) / (len(days) - 1))
        assert (told["fit_id"], told["as_of"], told["days"]) == (run["id"], "2026-11-04", 90)
        assert told["alive"] == round(buying.alive(history), 4)
        assert told["purchases"] == round(buying.purchases(history, 90), 4)
        assert float(told["amount"]) == pytest.approx(spending.amount(history.frequency, own), abs=0.006)
        assert float(told["value"]) == pytest.approx(buying.purchases(history, 90) * float(told["amount"]), abs=0.01)

        quiet = await read(customers, f"customers/{busy}/expected")
        assert (quiet["repeat_purchases"], quiet["alive"]) == (0, None), "a thousand on one day are one purchase"
        assert quiet["purchases"] > 0
        assert (quiet["rule"]["lost"], quiet["rule"]["interval_days"], quiet["rule"]["purchases"]) == (
            False,
            None,
            None,
        )
        none = await read(customers, f"customers/{regretting}/expected")
        assert [none[each] for each in ("repeat_purchases", "alive", "purchases", "value", "rule")] == [None] * 5


async def test_who_is_least_likely_to_still_buy_comes_first(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        stores = network(120)
        await fill(customers, entries_of(stores))
        await fitted_anew(customers)

        page = await read(customers, "expected", limit=40)
        rest = await read(customers, "expected", limit=500, cursor=page["next"])

        listed = page["items"] + rest["items"]
        again = {str(id_) for id_, days in stores.items() if len(days) > 1}
        assert {each["customer_id"] for each in listed} == again
        assert [each["alive"] for each in listed] == sorted(each["alive"] for each in listed)
        first = await read(customers, f"customers/{listed[0]['customer_id']}/expected")
        assert {name: first[name] for name in listed[0]} == listed[0]
        below = await read(customers, "expected", limit=500, below=0.5)
        assert below["items"] == [each for each in listed if each["alive"] < 0.5]
        assert (await read(customers, "expected", tier="A"))["items"] == []


async def test_everybody_sees_their_own_stores(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await fill(customers, entries_of(network(120)))
        shop, seller = await store(customers), await colleague(customers)
        for back in (50, 20):
            await bought(customers, shop, "100.00", at=customers.clock.now() - timedelta(days=back))
        assert (await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})).is_success
        await fitted_anew(customers)
        own = bearer("salesperson", seller)

        seen = (await customers.http.get(f"{BASE}/expected", headers=own)).json()["items"]
        other = (await read(customers, "expected", limit=1))["items"][0]["customer_id"]

        assert [each["customer_id"] for each in seen] == [str(shop)]
        assert (await customers.http.get(f"{BASE}/customers/{shop}/expected", headers=own)).is_success
        for hidden in ({other} - {str(shop)}) | {str(nobody())}:
            answer = await customers.http.get(f"{BASE}/customers/{hidden}/expected", headers=own)
            assert slug(answer) == (404, "customer-not-found")
        refused = await customers.http.post(f"{BASE}/churn-model/fits", headers=own)
        assert refused.status_code == 403


async def test_before_there_is_a_fit_the_rule_stands_alone(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers)
        for back in (70, 40, 10):
            await bought(customers, shop, "100.00", at=customers.clock.now() - timedelta(days=back))
        before = await read(customers, f"customers/{shop}/expected", days=90)

        model = await fitted_anew(customers)

        told = await read(customers, f"customers/{shop}/expected", days=90)
        assert (before["trouble"], told["trouble"]) == (None, "too_few_customers")
        listed = await read(customers, "expected")
        assert (listed["items"], listed["fit_id"], listed["trouble"]) == ([], None, "too_few_customers")
        assert (model["in_use"], model["latest"]["outcome"]) == (None, "too_few_customers")
        assert [told[each] for each in ("alive", "purchases", "value", "fit_id")] == [None] * 4
        assert told["rule"] == {
            "lost": False, "lost_on": "2027-01-23", "interval_days": "30.0", "purchases": 3.0, "value": "300.00"
        }  # fmt: skip


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    """What is logged, from warnings on."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with capture_logs() as lines:
        yield lines
    structlog.configure(wrapper_class=before)


async def test_a_fit_that_comes_to_nothing_leaves_the_one_before_in_use_and_says_so(
    fresh_database: FreshDatabase, logged: list[EventDict]
) -> None:
    async with one_service(fresh_database, "customers") as customers:
        stores = network(120)
        await fill(customers, entries_of(stores))
        fit = (await fitted_anew(customers))["in_use"]
        some = (await read(customers, "expected", limit=1))["items"][0]["customer_id"]
        await customers.database.execute("DELETE FROM purchase WHERE customer_id <> $1", UUID(some))
        customers.clock.forward(timedelta(days=1))
        steady = [TODAY - timedelta(days=30 * back) for back in range(12)]
        await fill(customers, [(id_, day, "100.00", "0") for id_ in (new_id() for _ in range(60)) for day in steady])

        model = await fitted_anew(customers)

        warned = [(each["log_level"], each["outcome"]) for each in logged if each["event"].startswith("no fit")]
        assert warned == [("warning", model["latest"]["outcome"])], "of the night's run; the next is nothing new"
        assert model["latest"]["outcome"] in ("parameters_run_away", "not_converged")
        assert (model["in_use"], model["trouble"]) == (fit, model["latest"]["outcome"])
        told = await read(customers, f"customers/{some}/expected")
        assert (told["fit_id"], told["trouble"]) == (fit["id"], model["trouble"])
        assert told["alive"] is not None
        assert told["rule"] is not None
        page = await read(customers, "expected", limit=500)
        assert (page["fit_id"], page["fitted_on"], page["trouble"]) == (fit["id"], fit["fitted_on"], model["trouble"])
        listed = page["items"]
        assert {each["as_of"] for each in listed} == {"2026-11-05"}, "time goes on by the fit before"
        assert len(listed) == 61


async def test_a_fit_that_takes_too_long_is_ended_and_harms_nothing(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await fill(customers, entries_of(network(60)))
        await customers.http.post(f"{BASE}/churn-model/fits")

        await fit_next(customers.service.context, patience=0.05)

        assert (await read(customers, "churn-model"))["trouble"] == "took_too_long"
        assert (await fitted_anew(customers))["trouble"] is None
        policy = await read(customers, "worth-policy")
        body = {name: policy[name] for name in ("segments", "life", "warnings")}
        body["model"] = {**policy["model"], "fewest": 61}
        more = await customers.http.put(f"{BASE}/worth-policy", json=body, headers={"If-Match": '"1"'})
        assert more.status_code == 200, more.text
        assert (await fitted_anew(customers))["trouble"] == "too_few_customers", "60 are fewer than the policy asks for"


def fitting() -> list[psutil.Process]:
    """Processes of this one that fit."""
    found = []
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            found += [each] if any("fit_process" in word for word in each.cmdline()) else []
    return found


async def test_a_run_that_is_broken_off_leaves_no_process_and_is_taken_up_again(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await fill(customers, entries_of(network(60)))
        asked = (await customers.http.post(f"{BASE}/churn-model/fits")).json()["id"]
        run = asyncio.create_task(fit_next(customers.service.context))
        await eventually(lambda: bool(fitting()))

        run.cancel()
        await asyncio.wait([run])

        assert (run.cancelled(), fitting()) == (True, [])
        await customers.run_loops(LOOP)
        runs = {each["id"]: each["outcome"] for each in (await read(customers, "churn-model/fits"))["items"]}
        assert runs[asked] == "converged"


async def test_it_is_fitted_each_night_and_when_administration_asks(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers", start=datetime(2026, 11, 4, 18, 59, tzinfo=UTC)) as customers:
        await customers.run_loops(LOOP)
        await customers.run_loops(LOOP)
        assert len((await read(customers, "churn-model/fits"))["items"]) == 1, "none was made since the night before"

        customers.clock.forward(timedelta(minutes=1))  # three in the morning in Shanghai
        await customers.run_loops(LOOP)
        await customers.run_loops(LOOP)
        asked = [(await customers.http.post(f"{BASE}/churn-model/fits")).json() for _ in range(2)]
        await customers.run_loops(LOOP)

        runs = (await read(customers, "churn-model/fits"))["items"]
        assert [each["asked_by"] is None for each in runs] == [False, True, True]
        assert (asked[0]["id"], asked[0]["finished_at"]) == (asked[1]["id"], None), "one that waits is not asked twice"
        assert {each["outcome"] for each in runs} == {"too_few_customers"}


@pytest.mark.parametrize(
    "now, hour, night",
    [
        ("2026-11-04T18:59+00:00", 3, "2026-11-03T19:00+00:00"),
        ("2026-11-04T19:00+00:00", 3, "2026-11-04T19:00+00:00"),
        ("2026-11-04T19:00+00:00", 5, "2026-11-03T21:00+00:00"),
    ],
)
def test_a_night_is_the_companys(now: str, hour: int, night: str) -> None:
    assert last_night(datetime.fromisoformat(now), ZoneInfo("Asia/Shanghai"), hour) == datetime.fromisoformat(night)
