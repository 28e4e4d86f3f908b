"""A call comes in: who it is, in one request (domain 2.8)."""

from collections.abc import Awaitable
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from services.customers.cases.domain import OpenCase
from services.customers.screenpop.domain import to_take
from services.customers.teams.domain import Colleague
from shared.contracts.care import TouchDone
from shared.contracts.commitments import (
    CommitmentBroken,
    CommitmentCorrected,
    CommitmentKept,
    CommitmentMade,
    CommitmentWithdrawn,
)
from shared.contracts.complaints import (
    ComplaintAnswered,
    ComplaintClockRecalculated,
    ComplaintClosed,
    ComplaintCorrected,
    ComplaintOpened,
    ComplaintPaused,
    ComplaintReopened,
    ComplaintResolved,
    ComplaintResumed,
)
from shared.ids import new_id
from tests.customers.network import BASE, bought, brand, colleague, slug, store
from tests.postgres import FreshDatabase
from tests.support import START, bearer, one_service


async def test_a_call_shows_who_it_is(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        await store(customers, "小店", phones=["13800138000"])
        shop = await store(customers, "大店", phones=["+86 138-0013-8000"])
        seller = await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})
        for amount in ("10000.00", "1.00"):
            await bought(customers, shop, amount)

        pop = (await customers.http.get(f"{BASE}/screen-pop", params={"phone": "138 0013 8000"})).json()

        assert (pop["id"], pop["name"], pop["tier"]) == (str(shop), "大店", "A")
        assert pop["team"] == {"salesperson": {"id": str(seller), "name": "孙浩"}}
        assert [purchase["amount"] for purchase in pop["purchases"]] == ["1.00", "10000.00"]
        assert [other["name"] for other in pop["others"]] == ["小店"]


async def test_a_call_shows_what_is_open_and_what_not_to_do(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, "大店", phones=["13800138000"])
        first, second, nobodys = new_id(), new_id(), new_id()
        versions = count(1)

        async def popped() -> tuple[list[dict[str, Any]], list[str]]:
            pop = (await customers.http.get(f"{BASE}/screen-pop", params={"phone": "13800138000"})).json()
            return pop["cases"], pop["avoid"]

        def said(contract: type[Any], id_: UUID, **details: Any) -> Awaitable[Any]:
            of = None if id_ == nobodys else shop
            fact = contract(complaint_id=id_, customer_id=of, at=customers.clock.now(), **details)
            return customers.given(fact, version=next(versions))

        assert await popped() == ([], [])
        now, hour = customers.clock.now(), timedelta(hours=1)
        for n, id_ in enumerate((first, second, nobodys)):
            opening = {"number": f"C-{n}", "kind": "complaint", "subject": "product", "channel": "line"}
            await said(ComplaintOpened, id_, **opening, answer_due_at=now + (4 - n) * hour)
        cases, avoid = await popped()
        assert [case["complaint_id"] for case in cases] == [str(second), str(first)], "the earliest due first"
        assert avoid == ["selling"]
        assert cases[1] == {
            "complaint_id": str(first),
            "number": "C-0",
            "kind": "complaint",
            "subject": "product",
            "state": "open",
            "recorded_at": "2026-11-04T01:00:00Z",
            "answer_due_at": "2026-11-04T05:00:00Z",
            "overdue": False,
        }
        customers.clock.forward(3 * hour)
        await said(ComplaintPaused, first, until=now + 9 * hour, due_after_pause=now + 10 * hour)
        cases, _ = await popped()
        assert [(case["answer_due_at"], case["overdue"]) for case in cases] == [
            ("2026-11-04T04:00:00Z", True),
            (None, False),
        ]
        await said(ComplaintResumed, first, answer_due_at=now + 6 * hour)
        await said(ComplaintAnswered, first, in_time=True)
        await said(ComplaintResolved, second, in_time=False, stopped_clock=True)
        cases, avoid = await popped()
        assert [(case["number"], case["state"], case["overdue"]) for case in cases] == [("C-0", "answered", False)]
        assert avoid == ["selling"], "an answer alone solves nothing"
        await said(ComplaintClosed, second)
        await said(ComplaintResolved, first, in_time=True, stopped_clock=False)
        assert await popped() == ([], [])
        await said(ComplaintReopened, first, answer_due_at=now + 9 * hour)
        cases, avoid = await popped()
        assert (len(cases), cases[0]["state"], avoid) == (1, "open", ["selling"])


async def test_a_call_shows_what_is_due_whatever_has_told_of_it(fresh_database: FreshDatabase) -> None:
    """A pause is over at its longest end, and administration may give an answer another time."""
    async with one_service(fresh_database, "customers") as customers:
        shop, case = await store(customers, "大店", phones=["13800138000"]), new_id()
        now, hour = customers.clock.now(), timedelta(hours=1)
        changed = {"number": "C-1", "kind": "complaint", "subject": "service"}
        opening = {**changed, "channel": "line"}

        def said(contract: type[Any], **details: Any) -> Awaitable[Any]:
            return customers.given(contract(complaint_id=case, customer_id=shop, at=now, **details))

        async def shown() -> tuple[str | None, bool]:
            pop = (await customers.http.get(f"{BASE}/screen-pop", params={"phone": "13800138000"})).json()
            [shown] = pop["cases"]
            return shown["answer_due_at"], shown["overdue"]

        await said(ComplaintOpened, **opening, answer_due_at=now + 4 * hour)
        for clock, due in (("answer", now + 2 * hour), ("resolve", now + 90 * hour)):
            await said(ComplaintClockRecalculated, clock=clock, due_at=due)
        assert await shown() == ("2026-11-04T03:00:00Z", False)

        await said(ComplaintPaused, until=now + 5 * hour, due_after_pause=now + 6 * hour)
        assert await shown() == (None, False)
        await said(ComplaintCorrected, **changed, state="open", recorded_at=now)
        customers.clock.forward(4 * hour)
        assert await shown() == (None, False)
        customers.clock.forward(1 * hour)
        assert await shown() == ("2026-11-04T07:00:00Z", False)
        customers.clock.forward(1 * hour)
        assert await shown() == ("2026-11-04T07:00:00Z", True)


async def test_an_unknown_caller_is_said_to_be_unknown(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        unknown = await customers.http.get(f"{BASE}/screen-pop", params={"phone": "13900000000"})
        nonsense = await customers.http.get(f"{BASE}/screen-pop", params={"phone": "hello"})

        assert slug(unknown) == (404, "unknown-caller")
        assert nonsense.status_code == 422


async def test_a_call_shows_what_was_promised_and_not_done(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, "大店", phones=["13800138000"])
        first, second, third = sorted(new_id() for _ in range(3))
        versions = count(1)
        now, day = customers.clock.now(), timedelta(days=1)

        async def popped() -> list[tuple[str, str, bool]]:
            pop = (await customers.http.get(f"{BASE}/screen-pop", params={"phone": "13800138000"})).json()
            return [(each["commitment_id"], each["code"], each["overdue"]) for each in pop["promises"]]

        def said(contract: type[Any], id_: UUID, days: int, **details: Any) -> Awaitable[Any]:
            about = {"commitment_id": id_, "customer_id": shop, "staff_id": new_id(), "code": "gift"}
            fact = contract(**{**about, "due_at": now + days * day, "at": now, **details})
            return customers.given(fact, version=next(versions))

        assert await popped() == []
        for id_, days in ((first, 3), (second, 1), (third, 2)):
            await said(CommitmentMade, id_, days)
        assert await popped() == [(str(id_), "gift", False) for id_ in (second, third, first)], "the earliest due first"
        customers.clock.forward(day)
        await said(CommitmentBroken, second, 1)
        await said(CommitmentWithdrawn, third, 2)
        assert await popped() == [(str(second), "gift", True), (str(first), "gift", False)], (
            "a broken one is still owed"
        )
        await said(CommitmentKept, second, 1, late=True)
        await said(CommitmentCorrected, first, 5, code="display", state="open")
        assert await popped() == [(str(first), "display", False)]
        await said(CommitmentKept, first, 5)
        assert await popped() == []


async def test_a_call_shows_who_spoke_with_the_customer_last(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop, other = await store(customers, "大店", phones=["13800138000"]), await store(customers, "小店")
        seller = await colleague(customers)
        now, day = customers.clock.now(), timedelta(days=1)
        tasks = sorted(new_id() for _ in range(7))

        def done(n: int, **more: Any) -> TouchDone:
            said: dict[str, Any] = {"customer_id": shop, "assignee_id": seller, "at": now - n * day, **more}
            return TouchDone(task_id=tasks[n], kind="obligation", role="salesperson", contact="visit", **said)

        await customers.given(*(done(n, minutes=40 + n) for n in range(6)))
        await customers.given(done(6, customer_id=other), historical=True)
        await customers.given(done(2, at=now - 9 * day), version=2)

        pop = (await customers.http.get(f"{BASE}/screen-pop", params={"phone": "13800138000"})).json()

        assert [touch["task_id"] for touch in pop["touches"]] == [str(tasks[n]) for n in (0, 1, 3, 4, 5)]
        assert pop["touches"][0] == {
            "task_id": str(tasks[0]),
            "kind": "obligation",
            "role": "salesperson",
            "contact": "visit",
            "staff_id": str(seller),
            "at": "2026-11-04T01:00:00Z",
            "minutes": 40,
            "staff_name": "孙浩",
        }


async def test_a_call_says_who_should_take_it(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, "大店", phones=["13800138000"])

        async def taken_by() -> dict[str, str] | None:
            pop = (await customers.http.get(f"{BASE}/screen-pop", params={"phone": "13800138000"})).json()
            taker: dict[str, str] | None = pop["take"]
            return taker

        assert await taken_by() is None
        seller = await colleague(customers)
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"salesperson": str(seller)})
        assert await taken_by() == {"id": str(seller), "name": "孙浩"}


def test_customer_service_takes_the_call_while_a_case_is_open() -> None:
    seller, mentor, specialist = (Colleague(new_id(), name) for name in ("孙浩", "周敏", "李娜"))
    case = OpenCase(new_id(), "C-1", "complaint", "product", "open", START, None)
    team = {"beauty_mentor": mentor, "salesperson": seller, "cs_specialist": specialist}

    assert to_take(team, [case]) == specialist
    assert to_take(team, []) == seller
    assert to_take({"beauty_mentor": mentor}, [case]) == mentor
    assert to_take({"general_manager": mentor}, [case]) is None


async def test_a_call_says_what_to_offer_and_nothing_while_a_case_is_open(fresh_database: FreshDatabase) -> None:
    """On 4 November: three orders of a brand every ten days, the last eleven days ago; 900 to tier A."""
    async with one_service(fresh_database, "customers") as customers:
        lotus, other = await brand(customers), await brand(customers, "high")
        shop = await store(customers, "大店", phones=["13800138000"], birthday="1980-11-06", opened_on="2019-11-05")
        now, day = customers.clock.now(), timedelta(days=1)
        for days in (31, 21, 11):
            await bought(customers, shop, "100.00", now - days * day, brand_id=lotus)
        await bought(customers, shop, "8200.00", now, brand_id=other)
        await bought(customers, shop, "5000.00", now, brand_id=lotus)

        async def popped(role: str = "cs_manager") -> dict[str, Any]:
            answer = await customers.http.get(
                f"{BASE}/screen-pop", params={"phone": "13800138000"}, headers=bearer(role, new_id())
            )
            pop: dict[str, Any] = answer.json()
            return pop

        pop = await popped()
        assert pop["tier"] == "B"
        nothing = {"on": None, "tier": None, "missing": None, "brand_id": None, "brand_name": None}
        assert pop["offers"] == [
            {**nothing, "occasion": "birthday", "on": "2026-11-06"},
            {**nothing, "occasion": "store_anniversary", "on": "2026-11-05"},
            {**nothing, "occasion": "next_tier", "tier": "A", "missing": "900.00"},
        ]
        customers.clock.forward(12 * day)
        assert [each["occasion"] for each in (await popped())["offers"]] == ["next_tier", "reorder"]
        assert (await popped())["offers"][1] == {
            **nothing, "occasion": "reorder", "on": "2026-11-04", "brand_id": str(lotus), "brand_name": "雅丽"
        }  # fmt: skip
        opening: dict[str, Any] = {"number": "C-1", "kind": "complaint", "subject": "product", "channel": "line"}
        await customers.given(
            ComplaintOpened(complaint_id=new_id(), customer_id=shop, at=now, answer_due_at=now, **opening)
        )
        pop = await popped()
        assert (pop["offers"], pop["avoid"]) == ([], ["selling"])


async def test_whose_birthday_is_masked_is_not_congratulated(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "customers") as customers:
        shop = await store(customers, "大店", phones=["13800138000"], birthday="1980-11-06")
        driver = await colleague(customers, "logistics_manager")
        await customers.http.put(f"{BASE}/customers/{shop}/team", json={"logistics_manager": str(driver)})

        for headers, expected in ((bearer(), ["birthday"]), (bearer("logistics_manager", driver), [])):
            answer = await customers.http.get(f"{BASE}/screen-pop", params={"phone": "13800138000"}, headers=headers)
            assert [each["occasion"] for each in answer.json()["offers"]] == expected
