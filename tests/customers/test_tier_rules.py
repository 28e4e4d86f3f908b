"""Tiers by a second, plain computation: whatever is bought, returned and closed, both come out the same."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.contracts.customers import MonthClosed, TierChanged
from shared.months import Month
from tests.customers.network import BASE, bought, brand, close, history, made, store, tier
from tests.postgres import FreshDatabase
from tests.support import SETTINGS, OneService, one_service

FIRST = Month(2026, 6)
THRESHOLDS = {"A": Decimal(250), "B": Decimal(90), "C": Decimal(30)}
FACTORS = {"mid": Decimal(1), "high": Decimal("0.5")}


@dataclass
class Purchase:
    customer: int
    month: Month
    amount: Decimal
    grade: str


@dataclass
class Model:
    """Domain 2.4 and decisions 9 to 12, in plain Python over a list of purchases."""

    window: int
    customers: int
    registered: Month
    running: Month
    purchases: list[Purchase] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    latest: Month | None = None
    stale: bool = False
    """Something came in late that touches the latest closed month: its next close judges everybody again."""

    def __post_init__(self) -> None:
        self.standing = ["D"] * self.customers

    def first(self, customer: int) -> Month | None:
        return min((p.month for p in self.purchases if p.customer == customer), default=None)

    def earned(self, customer: int, month: Month) -> str:
        first = self.first(customer)
        counted = sum(
            (p.amount * FACTORS[p.grade] for p in self.purchases if p.customer == customer and self._within(p, month)),
            Decimal(),
        )
        months = self.window if first is None else max(1, min(self.window, month.since(first) + 1))
        return next((name for name, least in THRESHOLDS.items() if counted >= least * months), "D")

    def _within(self, purchase: Purchase, month: Month) -> bool:
        return 0 <= month.since(purchase.month) < self.window

    def lifted(self, customer: int) -> str:
        """What the running month has earned already; D for who bought nothing in it."""
        buys_now = any(p.customer == customer and p.month == self.running for p in self.purchases)
        return self.earned(customer, self.running) if buys_now else "D"

    def touch(self, customer: int, month: Month) -> None:
        """Called before something of `month` is entered: is the latest closed month's close still right?"""
        first = self.first(customer)
        counts_from = min(self.registered, first or self.registered)
        reaches = [month.plus(self.window), counts_from, first.plus(self.window) if first else month]
        if self.latest is not None and month <= self.latest <= max(reaches):
            self.stale = True

    def buy(self, purchase: Purchase) -> None:
        self.touch(purchase.customer, purchase.month)
        self.purchases.append(purchase)
        if purchase.month == self.running:
            customer = purchase.customer
            self.standing[customer] = min(self.standing[customer], self.earned(customer, self.running))

    def close(self, month: Month) -> None:
        """The first close of a month, which takes up before it what came late; or a further one, for that alone."""
        if self.stale and self.latest is not None:
            self._judge(self.latest, revised=True)
        self.stale = False
        if self.latest is None or month > self.latest:
            self.latest = month
            self._judge(month, revised=False)

    def _judge(self, month: Month, *, revised: bool) -> None:
        for customer in self.counted(month):
            now, earned = self.standing[customer], min(self.earned(customer, month), self.lifted(customer))
            if revised and earned > now:  # not below what months earned that are over and not closed yet
                still_open = [month.plus(1 + n) for n in range(self.running.since(month) - 1)]
                first = self.first(customer)
                kept = [self.earned(customer, each) for each in still_open if first is not None and first <= each]
                earned = min([earned, *(max(now, each) for each in kept)])
            self.standing[customer] = earned

    def counted(self, month: Month) -> Iterator[int]:
        for customer in range(self.customers):
            first = self.first(customer)
            if min(self.registered, first or self.registered) <= month:
                yield customer

    def sums(self, month: Month) -> dict[str, tuple[int, Decimal]]:
        sums = dict.fromkeys("ABCD", (0, Decimal()))
        for customer in self.counted(month):
            name = self.earned(customer, month)
            bought = (p.amount for p in self.purchases if p.customer == customer and p.month == month)
            sums[name] = (sums[name][0] + 1, sums[name][1] + sum(bought, Decimal()))
        return sums

    def moves(self, month: Month) -> dict[str, int]:
        moves: dict[str, int] = {}
        if month == self.first_closed():
            return moves
        before = month.plus(-1)
        for customer in self.counted(before):
            move = f"{self.earned(customer, before)}>{self.earned(customer, month)}"
            if move[0] != move[2]:
                moves[move] = moves.get(move, 0) + 1
        return moves

    def first_closed(self) -> Month:
        return min(p.month for p in self.purchases)


def moment(month: Month) -> datetime:
    return datetime(month.year, month.number, 10, tzinfo=UTC)


amounts = st.sampled_from(["0.00", "29.99", "30.00", "59.98", "60.00", "90.00", "179.99", "250.00", "500.00"])
buying = st.tuples(st.just("buy"), st.integers(0, 2), st.integers(0, 3), amounts, st.sampled_from(["mid", "high"]))
returning = st.tuples(st.just("return"), st.integers(0, 20), st.just(0), amounts, st.just("mid"))
closing = st.tuples(st.just("close"), st.just(0), st.just(0), st.just("0.00"), st.just("mid"))


class Played:
    """The same steps in the service and in the model."""

    def __init__(self, customers: OneService, model: Model, shops: list[UUID], brands: dict[str, UUID]) -> None:
        self.customers, self.model, self.shops, self.brands = customers, model, shops, brands
        self.ids: list[UUID] = []
        self.closed = FIRST.plus(-1)

    async def buy(self, customer: int, ago: int, amount: str, grade: str) -> None:
        month = max(FIRST, self.model.running.plus(-ago))
        shop, brand_id = self.shops[customer], self.brands[grade]
        self.ids.append(await bought(self.customers, shop, amount, moment(month), brand_id=brand_id))
        self.model.buy(Purchase(customer, month, Decimal(amount), grade))

    async def take_back(self, index: int, amount: str) -> None:
        if index < len(self.ids) and 0 < Decimal(amount) <= self.model.purchases[index].amount:
            url = f"{BASE}/purchases/{self.ids[index]}/returns"
            assert (await self.customers.http.post(url, json={"amount": amount})).status_code == 201
            purchase = self.model.purchases[index]
            self.model.touch(purchase.customer, purchase.month)
            purchase.amount -= Decimal(amount)

    async def close(self) -> None:
        """Closes what comes next, after a new month has begun."""
        self.model.running = self.model.running.plus(1)
        self.customers.clock.move_to(moment(self.model.running).replace(day=20))
        self.closed = self.closed.plus(1)
        await close(self.customers, str(self.closed))
        self.model.close(self.closed)

    async def check(self) -> None:
        """Takes up what came late, then compares standing tiers and every closed month."""
        await close(self.customers, str(self.closed))
        if self.model.stale:
            self.model.close(self.closed)
        assert [await tier(self.customers, shop) for shop in self.shops] == self.model.standing
        items = (await self.customers.http.get(f"{BASE}/months")).json()["items"]
        for item in items:
            month = Month.parse(item["month"])
            assert item["moves"] == self.model.moves(month), month
            found = {name: (t["customers"], Decimal(t["amount"])) for name, t in item["tiers"].items()}
            assert found == self.model.sums(month), month
        last = {fact.month: fact for fact in await self.customers.facts(MonthClosed)}
        assert [last[item["month"]].revision for item in items] == [item["revision"] for item in items]

    async def check_histories(self) -> None:
        """Each history begins at D, has no gap, and says what the events said."""
        events = await self.customers.events(TierChanged)
        for shop in self.shops:
            lines = await history(self.customers, shop)
            own = [event for event in events if event.aggregate_id == shop]
            facts = [event.read(TierChanged) for event in own]
            assert lines == [(fact.from_tier, fact.to_tier, fact.cause) for fact in facts]
            assert [line[0] for line in lines] == ["D", *(line[1] for line in lines)][: len(lines)]
            versions = [event.aggregate_version for event in own]
            assert versions == sorted(set(versions))


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(window=st.integers(1, 3), steps=st.lists(st.one_of(buying, buying, returning, closing), max_size=14))
async def test_tiers_are_what_a_plain_computation_says(
    fresh_database: FreshDatabase, window: int, steps: list[tuple[str, int, int, str, str]]
) -> None:
    start = moment(FIRST.plus(2))
    async with one_service(fresh_database, "customers", start, SETTINGS) as customers:
        thresholds = {name: str(least) for name, least in THRESHOLDS.items()}
        await made(
            customers,
            "tier-policies",
            {"thresholds": thresholds, "window_months": window, "starts_on": str(FIRST.first_day)},
        )
        shops = [await store(customers) for _ in range(3)]
        brands = {grade: await brand(customers, grade) for grade in FACTORS}
        model = Model(window, len(shops), FIRST.plus(2), FIRST.plus(2))
        played = Played(customers, model, shops, brands)
        await played.buy(0, 2, "60.00", "mid")

        for kind, number, ago, amount, grade in [*steps, ("close", 0, 0, "", "")]:
            match kind:
                case "buy":
                    await played.buy(number, ago, amount, grade)
                case "return":
                    await played.take_back(number, amount)
                case _:
                    await played.close()

        await played.check()
        await played.check_histories()
