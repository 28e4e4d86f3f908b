"""Projections take the last fact of each key by one statement; waiting ends with the news or with patience."""

import asyncio
from collections import Counter
from typing import ClassVar
from uuid import UUID

import pytest

from shared import waiting
from shared.bus.event import Event
from shared.contracts.base import Fact
from shared.contracts.customers import RegionListed
from shared.directory import names, on_region_listed
from shared.ids import new_id
from shared.projection import by_customer, latest
from shared.waiting import PATIENCE, WaitingRoom
from tests.postgres import FreshDatabase
from tests.support import START, one_service


class Seen(Fact):
    TYPE: ClassVar[str] = "crm.test.seen"
    TOPIC: ClassVar[str] = "crm.test.v1"
    customer_id: UUID
    n: int


def test_the_last_of_each_key() -> None:
    first, second = new_id(), new_id()
    facts = [Seen(customer_id=first, n=1), Seen(customer_id=second, n=2), Seen(customer_id=first, n=3)]

    assert [fact.n for fact in latest(facts, by_customer)] == [3, 2]


async def test_a_batch_that_names_a_row_twice_is_written_once(fresh_database: FreshDatabase) -> None:
    region = new_id()
    listed = [RegionListed(region_id=region, name="Pudong"), RegionListed(region_id=region, name="浦东")]
    events = [Event.of(fact, aggregate_id=region, version=n, at=START) for n, fact in enumerate(listed, start=1)]

    async with one_service(fresh_database, "care") as care:
        async with care.database.transaction() as transaction:
            assert await on_region_listed.keep(transaction, events) == listed

        assert await names(care.database, [region]) == {region: "浦东"}


async def test_waiting_ends_as_soon_as_something_is_heard() -> None:
    looks = iter([None, None, "heard"])

    async def look() -> str | None:
        return next(looks)

    assert await WaitingRoom().until_heard_of(look) == "heard"


async def test_waiting_ends_without_news_after_two_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    async def look() -> str | None:
        nonlocal looks
        looks += 1
        return None

    monkeypatch.setattr(waiting, "PATIENCE", (0.0,) * len(PATIENCE))
    assert await WaitingRoom().until_heard_of(look) is None
    assert looks == len(PATIENCE) + 1
    assert sum(PATIENCE) == pytest.approx(2)


async def test_who_finds_no_place_has_the_answer_of_the_moment() -> None:
    """Requests for nobody wait, but only so many at a time; a place that is left is free for the next."""
    room = WaitingRoom(places=2)
    looks: Counter[int] = Counter()

    async def wait(who: int, until: int) -> str | None:
        async def look() -> str | None:
            looks[who] += 1
            return "heard" if looks[who] >= until else None

        return await room.until_heard_of(look)

    answers = await asyncio.gather(*(wait(who, until) for who, until in enumerate((3, 3, 3, 1))))

    assert answers == ["heard", "heard", None, "heard"]
    assert looks == {0: 3, 1: 3, 2: 1, 3: 1}
    assert await wait(4, 2) == "heard"
