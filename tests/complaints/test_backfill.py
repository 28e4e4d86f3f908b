"""What an earlier release recorded, heard and was told can be found: gone through in the background, once for all."""

import importlib
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.complaints.backfill import handlers, store
from services.complaints.migrations import versions
from shared.contracts.customers import ContactListed
from tests.complaints.building import Complaints, complaints
from tests.complaints.test_lists import found
from tests.complaints.test_search import made_findable
from tests.postgres import FreshDatabase

[_FILE] = Path(versions.__file__).parent.glob("*_found_in_the_order_of_lists.py")
MIGRATION = importlib.import_module(f"{versions.__name__}.{_FILE.stem}")
PHONE = "+8613911112222"


async def as_before(service: Complaints) -> None:
    """All that is kept for search is what a release kept that knew nothing of it; then that one is replaced."""
    await service.database.execute("TRUNCATE case_trace, case_sketch, contact_trace")
    await service.database.execute(MIGRATION.BEGIN)


async def backfilled(service: Complaints) -> int:
    return await service.run_loops("complaints.backfill")


async def hour_passes(service: Complaints) -> None:
    service.clock.forward(handlers.ONCE_MORE_AFTER)


async def everything(service: Complaints) -> list[Any]:
    """What is kept for search, where it lies: a row that is written again moves."""
    tables = ("case_trace", "case_sketch", "contact_trace")
    return [await service.database.fetch(f"SELECT t.ctid::text, t::text FROM {name} t ORDER BY 2") for name in tables]


async def a_company(service: Complaints) -> tuple[str, str, str]:
    """A complaint answered and noted, one of a customer, one of a phone: their numbers."""
    customer = await service.customer("A")
    await service.given(ContactListed(customer_id=customer, kind="person", name="李", phones=[PHONE]))
    answered, theirs = await service.record(), await service.record(customer)
    calling = await service.record(complainant={"name": "李", "contact": PHONE}, text="面霜变硬")
    await service.move(answered["id"], "answer", text="已换新瓶，优惠券已发")
    assert (await service.post(f"/complaints/{theirs['id']}/notes", {"text": "客户是老会员"})).status_code == 201
    return answered["number"], theirs["number"], calling["number"]


async def check_found(service: Complaints, numbers: tuple[str, str, str]) -> None:
    answered, theirs, calling = numbers
    for text, expected in (("优惠券", [answered]), ("老会员", [theirs]), ("变硬", [calling])):
        assert await found(service, "/complaints", q=text) == expected, text
    assert await found(service, "/complaints", q="开封后") == [theirs, answered]
    assert await found(service, "/complaints", phone=PHONE) == [calling, theirs]
    assert await found(service, "/complaints", number_part=answered[-4:]) == [answered]
    similar = await service.get(f"/complaints/{await _id(service, theirs)}/similar")
    assert answered in similar.text


async def _id(service: Complaints, number: str) -> str:
    return str((await service.get("/complaints", number=number)).json()["items"][0]["id"])


async def test_what_was_there_before_is_found(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        numbers = await a_company(service)
        await made_findable(service)
        kept = await everything(service)
        await as_before(service)
        assert await found(service, "/complaints", q="优惠券") == []
        assert await found(service, "/complaints", phone=PHONE) == []

        assert await backfilled(service) > 0

        await check_found(service, numbers)
        afterwards = await everything(service)
        assert [[row[1] for row in rows] for rows in afterwards[::2]] == [
            [row[1] for row in rows] for rows in kept[::2]
        ]


async def test_it_goes_through_all_twice_and_writes_once(fresh_database: FreshDatabase) -> None:
    """What the release before has written while it was replaced is found in the second turn; then it is over."""
    async with complaints(fresh_database) as service:
        await a_company(service)
        await as_before(service)
        await backfilled(service)
        kept = await everything(service)
        assert await backfilled(service) == 0, "the second turn waits"
        late = await service.record()
        await service.move(late["id"], "answer", text="晚到的话")
        await service.database.execute("DELETE FROM case_trace WHERE complaint_id = $1", UUID(late["id"]))

        await hour_passes(service)
        assert await backfilled(service) > 0

        assert await found(service, "/complaints", q="晚到") == [late["number"]]
        for before, after in zip(kept, await everything(service), strict=True):
            assert [row for row in before if row not in after] == [], "nothing is written again"
        await hour_passes(service)
        assert await backfilled(service) == 0


async def test_a_kill_loses_and_doubles_nothing(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    async with complaints(fresh_database) as service:
        numbers = await a_company(service)
        await made_findable(service)
        await as_before(service)
        monkeypatch.setattr(handlers, "AT_ONCE", 2)
        [loop] = [each for each in service.service.loops if each.name == "complaints.backfill"]
        assert await loop.step() == 2
        advance = store.advance

        async def killed(*_: Any) -> None:
            raise RuntimeError("killed")

        monkeypatch.setattr(store, "advance", killed)
        with pytest.raises(RuntimeError, match="killed"):
            await loop.step()
        traced = await service.database.fetchval("SELECT count(*) FROM case_trace")
        assert traced == 2, "what the killed worker had kept is gone, with its place"

        monkeypatch.setattr(store, "advance", advance)
        await backfilled(service)

        await check_found(service, numbers)


async def test_two_workers_share_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await a_company(service)
        await as_before(service)
        async with service.database.transaction() as other:
            first = await store.next_begun(other, service.clock.now())
            async with service.database.transaction() as transaction:
                second = await store.next_begun(transaction, service.clock.now())
        assert first is not None
        assert second is not None
        assert first.what != second.what


async def test_a_database_without_cases_has_nothing_to_go_through(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        assert await service.database.fetch("SELECT what FROM trace_backfill") == []
        assert await backfilled(service) == 0
