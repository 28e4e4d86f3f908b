"""What complaints keeps of purchases: sums of a year, and who bought a batch (domain 3.8)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from services.complaints.purchases.domain import Buyer
from services.complaints.purchases.queries import buyers_of, yearly_sum
from shared.bus.event import Event
from shared.contracts.customers import PurchaseRecorded
from shared.ids import new_id
from tests.complaints.building import Complaints, complaints
from tests.complaints.buying import buy, give_back, undo
from tests.postgres import FreshDatabase
from tests.support import START

LONG_AGO = START - timedelta(days=4000)


async def year(desk: Complaints, customer: UUID) -> Decimal:
    return await yearly_sum(desk.database, customer, desk.clock.now(), desk.service.runtime.zone)


async def buyers(desk: Complaints, product: str, batch: str, since: datetime = LONG_AGO) -> list[Buyer]:
    return await buyers_of(desk.database, product, batch, since)


async def test_a_year_is_the_running_month_and_the_eleven_before(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        shop, other = new_id(), new_id()
        await buy(desk, shop, at=datetime(2025, 11, 30, 15, 59, 59, tzinfo=UTC), amount="1000.00")
        await buy(desk, shop, at=datetime(2025, 11, 30, 16, 0, tzinfo=UTC), amount="200.00", historical=True)
        await buy(desk, shop, amount="30.00")
        await buy(desk, other, amount="4.00")

        assert await year(desk, shop) == Decimal("230.00")
        assert await year(desk, new_id()) == Decimal("0.00")


async def test_what_comes_back_and_what_was_a_mistake_is_taken_away(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        shop = new_id()

        async def stands() -> tuple[Decimal, list[int]]:
            return await year(desk, shop), [buyer.quantity for buyer in await buyers(desk, "cr-50", "b7")]

        first = await buy(desk, shop, ("CR-50", "B7", 5), amount="500.00")
        second = await buy(desk, shop, ("CR-50", "B7", 2), amount="200.00")

        back = await give_back(desk, shop, first, ("CR-50", "B7", -5), amount="-500.00")
        assert await stands() == (Decimal(200), [2])
        await undo(desk, shop, second, ("CR-50", "B7", -2), amount="-200.00")
        assert await stands() == (Decimal(0), [])
        await undo(desk, shop, first, ("CR-50", "B7", 5), amount="500.00", return_id=back, version=3)
        assert await stands() == (Decimal(500), [5])
        counted = await desk.database.fetchval("SELECT purchases FROM purchase_month WHERE customer_id = $1", shop)
        assert counted == 1


async def test_many_purchases_in_one_batch_of_events_are_added_up(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        shops = [new_id() for _ in range(3)]
        events = []
        for number in range(60):
            id_ = new_id()
            fact = PurchaseRecorded.model_validate(
                {
                    "customer_id": shops[number % 3],
                    "purchase_id": id_,
                    "amount": "10.00",
                    "occurred_at": START - timedelta(days=number),
                    "lines": [{"product": "CR-50", "batch": "B7", "quantity": 1}] * 2,
                }
            )
            events.append(Event.of(fact, aggregate_id=id_, version=1, at=START, historical=True))

        await desk.deliver(events)

        assert [await year(desk, shop) for shop in shops] == [Decimal("200.00")] * 3
        found = await buyers(desk, "cr-50", "b7")
        assert sorted(buyer.quantity for buyer in found) == [40, 40, 40]
        assert {buyer.last_bought_at for buyer in found} == {START - timedelta(days=n) for n in range(3)}


async def test_buyers_are_those_of_product_and_batch_since_a_moment(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as desk:
        early, late, other = new_id(), new_id(), new_id()
        await buy(desk, early, ("CR-50", "B7", 1), at=START - timedelta(days=366))
        await buy(desk, late, ("ｃｒ-50", "b 7", 1), ("MK-5", None, 9))
        await buy(desk, other, ("MK-5", "B7", 1), ("CR-50", "B8", 1))
        since = START - timedelta(days=365)

        assert [buyer.customer_id for buyer in await buyers(desk, "cr-50", "b7", since)] == [late]
        assert {buyer.customer_id for buyer in await buyers(desk, "cr-50", "b7")} == {early, late}
        assert {buyer.customer_id for buyer in await buyers(desk, "serum", "b7", since)} == {late, other}
