"""The event feed: everything that was published, in order, once; never contacts (contract, architecture 3)."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from shared.bus import outbox
from shared.bus.contacts import ContactSeal
from shared.bus.epoch import beginning_of
from shared.bus.event import Event
from shared.bus.inprocess import InProcessPublisher
from shared.bus.relay import Relay
from shared.contracts.customers import ContactListed, CustomerRegistered, MonthClosed, StoreListed, TierShare
from shared.ids import new_id
from tests.postgres import FreshDatabase
from tests.shared.notes import Noted, Notes, notes_service, pointers, slug
from tests.support import MASTER_KEY, START, bearer

FEED = "/reporting/v1/events"
PHONE = "13712345678"


@pytest.fixture
async def notes(fresh_database: FreshDatabase) -> AsyncIterator[Notes]:
    async with notes_service(fresh_database, pool=8) as service:
        yield service


def _relay(notes: Notes) -> Relay:
    return Relay("reporting", notes.database, InProcessPublisher(), notes.context.runtime.clock, keep_contacts=True)


async def _publish(notes: Notes) -> None:
    relay = _relay(notes)
    while await relay.step():
        pass
    await relay.release()


async def _page(notes: Notes, after: int, limit: int, **headers: str) -> dict[str, Any]:
    answer = await notes.http.get(FEED, params={"after": after, "limit": limit}, headers=headers)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def _everything(notes: Notes, limit: int) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        page = await _page(notes, after, limit)
        seen += page["items"]
        after = page["next"]
    return seen


async def test_pages_go_to_the_end_without_loss_or_repetition(notes: Notes) -> None:
    taken = [(await notes.take()).json()["id"] for _ in range(11)]
    assert (await _page(notes, 0, 50))["items"] == [], "nothing that was not published yet"
    await _publish(notes)
    for limit in (1, 4, 11, 500):
        seen = await _everything(notes, limit)
        assert [event["data"]["note_id"] for event in seen] == taken
        assert [event["sequence"] for event in seen] == list(range(1, 12))


async def test_each_item_is_a_cloudevent(notes: Notes) -> None:
    id_ = (await notes.take()).json()["id"]
    await _publish(notes)
    [event] = (await _page(notes, 0, 50))["items"]
    assert event["specversion"] == "1.0"
    assert event["source"] == "/crm/reporting"
    assert (event["type"], event["subject"]) == (Noted.TYPE, id_)
    assert event["data"] == {"note_id": id_}


async def test_contacts_are_never_in_it(notes: Notes) -> None:
    customer = new_id()
    facts = [
        CustomerRegistered(customer_id=customer, kind="person", registered_at=START),
        ContactListed(customer_id=customer, kind="person", name="周婷", phones=[PHONE]),
        StoreListed(customer_id=new_id(), name="上海旗舰店"),
    ]
    async with notes.database.transaction() as tx:
        told = [Event.of(fact, aggregate_id=customer, version=1, at=START) for fact in facts]
        await outbox.append(tx, ContactSeal([MASTER_KEY]).sealed(told))
    await _publish(notes)
    assert await notes.database.fetchval("SELECT count(*) FROM event_log WHERE topic = 'crm.contacts.v1'") == 1
    for limit in (1, 2, 500):
        seen = await _everything(notes, limit)
        assert [event["type"] for event in seen] == [CustomerRegistered.TYPE, StoreListed.TYPE]
    text = (await notes.http.get(FEED)).text
    assert PHONE not in text
    assert "周婷" not in text


async def test_a_reader_beside_writers_misses_nothing(notes: Notes) -> None:
    """Sequences are given on publishing, so what commits late comes late and is not skipped."""
    relay = _relay(notes)
    writing = asyncio.gather(*(notes.take() for _ in range(40)))
    seen: list[str] = []
    after = 0
    while len(seen) < 40:
        await relay.step()
        page = await _page(notes, after, 7)
        seen += [event["data"]["note_id"] for event in page["items"]]
        after = page["items"][-1]["sequence"] if page["items"] else after
    await relay.release()
    assert sorted(seen) == sorted(answer.json()["id"] for answer in await writing)
    assert len(set(seen)) == 40


async def test_partners_read_it_and_nobody_without_a_token(notes: Notes) -> None:
    await notes.take()
    await _publish(notes)
    assert len((await _page(notes, 0, 50, **bearer("partner", new_id())))["items"]) == 1
    assert (await notes.http.get(FEED, headers={"Authorization": ""})).status_code == 401
    assert (await notes.http.get(FEED, headers=bearer("janitor", new_id()))).status_code == 403


async def test_what_is_sold_per_tier_is_for_managers_and_administration(notes: Notes) -> None:
    share = TierShare(customers=3, amount=Decimal("70000.00"), share=Decimal("1.0000"))
    month = MonthClosed(month="2026-10", revision=1, closed_at=START, tiers={"A": share}, moves={})
    async with notes.database.transaction() as tx:
        await outbox.append(tx, [Event.of(month, aggregate_id=new_id(), version=1, at=START)])
    await notes.take()
    await _publish(notes)

    for role in ("partner", "cs_specialist"):
        page = await _page(notes, 0, 50, **bearer(role, new_id()))
        assert [event["type"] for event in page["items"]] == [Noted.TYPE], role
    for role in ("cs_manager", "general_manager", "admin_dept", "admin"):
        page = await _page(notes, 0, 50, **bearer(role, new_id()))
        assert [event["type"] for event in page["items"]] == [MonthClosed.TYPE, Noted.TYPE], role


@pytest.mark.parametrize("after", ["-1", "x", "1.5", str(2**63), "9" * 40])
async def test_a_place_that_cannot_be_is_refused(notes: Notes, after: str) -> None:
    answer = await notes.http.get(FEED, params={"after": after})
    assert (answer.status_code, slug(answer)) == (422, "invalid")
    assert pointers(answer) == ["query/after"]


async def test_after_the_end_there_is_nothing_yet(notes: Notes) -> None:
    assert await _page(notes, 2**36 - 1, 50) == {"items": [], "next": None}


async def test_a_place_that_the_restored_log_has_forgotten_is_gone(notes: Notes) -> None:
    """A reader who has seen less goes on as if nothing had been; one who has seen more is told where to go on."""
    for _ in range(5):
        await notes.take()
    await _publish(notes)
    await notes.database.execute("DELETE FROM event_log WHERE sequence > 3")
    await notes.database.execute("INSERT INTO log_epoch (epoch, goes_on_after) VALUES (7, 3)")
    await notes.database.execute("UPDATE relay SET last_sequence = $1", beginning_of(7))
    await notes.take()
    await _publish(notes)

    assert [item["sequence"] for item in (await _page(notes, 2, 50))["items"]] == [3, beginning_of(7) + 1]
    assert [item["epoch"] for item in (await _page(notes, 3, 50))["items"]] == [7]
    for place in (4, 5, beginning_of(8)):
        gone = await notes.http.get(FEED, params={"after": place})
        assert (gone.status_code, slug(gone)) == (410, "log-restored")
    assert "after=3" in (await notes.http.get(FEED, params={"after": 5})).json()["detail"]
    assert await _page(notes, beginning_of(7) + 1, 50) == {"items": [], "next": None}
