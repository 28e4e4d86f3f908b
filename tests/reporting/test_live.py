"""The live stream through a real server: what is shown, in which order, and how a client goes on where it stopped."""

import asyncio
import base64
import hashlib
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
import uvicorn

from services.reporting.stream import store
from shared.bus.event import Event
from shared.contracts import complaints, customers
from shared.contracts.base import Fact
from shared.departed import READ_EVERY
from shared.ids import new_id
from shared.live import seats, tail
from shared.live.tail import LiveTail
from tests.eventually import eventually
from tests.postgres import FreshDatabase
from tests.support import ADMIN_ID, START, OneService, bearer, one_service

LIVE = "/reporting/v1/live"


@dataclass(frozen=True)
class Message:
    """One server-sent event as a client reads it."""

    id: int
    event: str
    data: dict[str, Any]


class Follower:
    """A client of the stream: takes messages one by one."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def message(self) -> Message:
        """The next message; comments are passed over."""
        async with asyncio.timeout(10):
            fields: dict[str, str] = {}
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if line and name:
                    fields[name] = value
                elif "data" in fields:
                    return Message(int(fields["id"]), fields["event"], orjson.loads(fields["data"]))
        raise AssertionError("the stream ended")

    async def messages(self, number: int) -> list[Message]:
        return [await self.message() for _ in range(number)]

    async def rest(self) -> list[str]:
        """What comes until the server ends the stream."""
        async with asyncio.timeout(10):
            return [line async for line in self._lines]


@dataclass(frozen=True)
class Served:
    """Reporting behind a real server on a loopback port."""

    reporting: OneService
    server: uvicorn.Server
    url: str

    @asynccontextmanager
    async def follow(self, last: int | None = None, **params: int) -> AsyncIterator[Follower]:
        headers = bearer() | ({} if last is None else {"Last-Event-ID": str(last)})
        async with (
            httpx.AsyncClient(base_url=self.url, headers=headers, timeout=10) as http,
            http.stream("GET", LIVE, params=params) as response,
        ):
            assert response.status_code == 200
            assert response.headers["content-type"].startswith("text/event-stream")
            yield Follower(response)

    @property
    def tail(self) -> LiveTail:
        tail: LiveTail = self.reporting.service.context.live
        return tail


@asynccontextmanager
async def served(fresh_database: FreshDatabase) -> AsyncIterator[Served]:
    async with one_service(fresh_database, "reporting") as reporting:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            config = uvicorn.Config(reporting.app, log_config=None, lifespan="off", timeout_graceful_shutdown=5)
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve([listening]))
            await eventually(lambda: server.started)
            try:
                yield Served(reporting, server, f"http://127.0.0.1:{listening.getsockname()[1]}")
            finally:
                server.should_exit = True
                await serving


@pytest.fixture
async def live(fresh_database: FreshDatabase) -> AsyncIterator[Served]:
    async with served(fresh_database) as running:
        yield running


def opened(number: str = "C-1") -> complaints.ComplaintOpened:
    return complaints.ComplaintOpened(
        complaint_id=new_id(), at=START, number=number, kind="complaint", subject="product", channel="line"
    )


def rose(customer_id: UUID | None = None) -> customers.TierChanged:
    return customers.TierChanged(
        customer_id=customer_id or new_id(),
        from_tier="C",
        to_tier="A",
        cause="purchase",
        total=Decimal("12000.00"),
        policy_version=1,
        at=START,
    )


def numbers(messages: list[Message]) -> Iterator[str]:
    return (message.data["data"]["number"] for message in messages)


async def test_what_happens_is_shown_as_it_happens(live: Served) -> None:
    async with live.follow() as follower:
        tier = rose()
        await live.reporting.given(opened("C-7"), tier)

        complaint, move = await follower.messages(2)

    assert (complaint.event, complaint.data["data"]["number"]) == ("complaint.opened", "C-7")
    assert (move.event, move.data["type"]) == ("tier.changed", "crm.tier.changed")
    assert move.data["data"]["customer_id"] == str(tier.customer_id)
    assert move.data["at"] == "2026-11-04T01:00:00Z"
    assert move.id == complaint.id + 1


async def test_a_client_begins_with_what_happens_from_now_on(live: Served) -> None:
    await live.reporting.given(opened("before"))
    async with live.follow() as follower:
        await live.reporting.given(opened("after"))

        assert list(numbers([await follower.message()])) == ["after"]


async def test_a_client_goes_on_where_it_stopped(live: Served) -> None:
    async with live.follow() as follower:
        await live.reporting.given(opened("1"), opened("2"))
        first = await follower.message()
    await live.reporting.given(opened("3"))

    async with live.follow(last=first.id) as follower:
        assert list(numbers(await follower.messages(2))) == ["2", "3"]
        await live.reporting.given(opened("4"))
        assert list(numbers([await follower.message()])) == ["4"]


async def test_all_that_is_kept_from_the_beginning(live: Served) -> None:
    many = tail.BATCH + 100
    await live.reporting.given(*(opened(str(number)) for number in range(many)))

    async with live.follow(after=0) as follower:
        assert list(numbers(await follower.messages(many))) == [str(number) for number in range(many)]


async def test_history_is_silent(live: Served) -> None:
    month = customers.MonthClosed(month="2026-10", revision=1, closed_at=START, tiers={}, moves={})
    async with live.follow() as follower:
        await live.reporting.given(opened("taken over"), rose(), historical=True)
        await live.reporting.given(month, historical=True)

        assert (await follower.message()).event == "month.closed"


async def test_a_closed_month_is_told_without_what_was_sold(live: Served) -> None:
    share = customers.TierShare(customers=3, amount=Decimal("70000.00"), share=Decimal("1.0000"))
    month = customers.MonthClosed(month="2026-10", revision=2, closed_at=START, tiers={"A": share}, moves={"C>A": 2})
    async with live.follow() as follower:
        await live.reporting.given(month)
        told = await follower.message()

    assert told.event == "month.closed"
    assert "70000" not in str(told.data)
    said = told.data["data"]
    assert (said["month"], said["revision"], said["moves"]) == ("2026-10", 2, {"C>A": 2})


async def test_an_event_is_shown_once(live: Served) -> None:
    [event] = await live.reporting.given(opened("once"))
    await live.reporting.database.execute("DELETE FROM inbox")
    await live.reporting.deliver([event])
    await live.reporting.given(opened("next"))

    async with live.follow(after=0) as follower:
        assert list(numbers(await follower.messages(2))) == ["once", "next"]


async def test_a_late_commit_is_never_skipped(live: Served) -> None:
    """The later one waits for its number until the earlier one is committed, so no reader can pass it."""
    database = live.reporting.database
    early, late = _event(opened("early")), _event(opened("late"))
    async with live.follow() as follower:
        async with database.transaction() as slow:
            await store.append(slow, [early])
            quick = asyncio.create_task(_append(live, late))
            await eventually(lambda: _somebody_waits(live))
        await quick

        assert list(numbers(await follower.messages(2))) == ["early", "late"]


def _event(fact: Fact) -> Event:
    return Event.of(fact, aggregate_id=new_id(), version=1, at=START)


async def _append(live: Served, event: Event) -> None:
    async with live.reporting.database.transaction() as transaction:
        await store.append(transaction, [event])


async def _somebody_waits(live: Served) -> bool:
    waiting = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(await live.reporting.database.fetchval(f"SELECT EXISTS ({waiting})"))


async def test_a_client_away_for_too_long_is_told_of_the_gap(live: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "KEPT", 10)
    monkeypatch.setattr(store, "TRIMMED_EVERY", 5)
    events = await live.reporting.given(*(opened(str(number)) for number in range(42)))
    await live.reporting.given(opened("42"), opened("43"), opened("44"), opened("45"))
    kept = await live.reporting.database.fetchval("SELECT count(*) FROM live_event")
    assert kept <= 10 + 5

    await live.reporting.database.execute("DELETE FROM inbox")
    await live.reporting.deliver(events[:5])  # a rebuild hears of the old ones again: they are not shown

    async with live.follow(last=3) as follower:
        gap, *rest = await follower.messages(kept + 1)
        assert (gap.event, gap.data) == ("gap", {"missed_until": gap.id})
        assert [message.id for message in rest] == list(range(gap.id + 1, 47))
        assert list(numbers(rest))[-1] == "45"


async def test_a_number_from_the_future_is_a_gap(live: Served) -> None:
    await live.reporting.given(opened("1"))
    async with live.follow(last=4_711) as follower:
        assert await follower.message() == Message(1, "gap", {"missed_until": 1})
        await live.reporting.given(opened("2"))
        assert (await follower.message()).id == 2


async def test_an_event_of_another_process_is_seen(live: Served) -> None:
    """Nothing wakes the tail in this process; the short poll finds it."""
    async with live.follow() as follower:
        await live.reporting.database.execute(
            """WITH number AS (UPDATE live_stream SET last_id = last_id + 1 RETURNING last_id)
               INSERT INTO live_event SELECT last_id, $1, 'crm.touch.missed', $2, '{}' FROM number""",
            new_id(),
            START,
        )
        assert (await follower.message()).event == "touch.missed"


async def test_many_clients_see_the_same_and_hold_no_connection(live: Served) -> None:
    """More clients than the pool has connections."""
    pool = live.reporting.service.runtime.settings.database_pool
    async with AsyncExitStack() as stack:
        followers = [await stack.enter_async_context(live.follow()) for _ in range(pool + 2)]
        await live.reporting.given(*(opened(str(number)) for number in range(20)))
        seen = await asyncio.gather(*(follower.messages(20) for follower in followers))

    assert all(list(numbers(each)) == [str(number) for number in range(20)] for each in seen)


async def test_a_client_that_leaves_is_let_go(live: Served) -> None:
    async with live.follow() as follower:
        await live.reporting.given(opened())
        await follower.message()
        assert live.tail.clients == 1

    await eventually(lambda: live.tail.clients == 0)
    assert not live.tail.watching


async def test_a_session_ends_cleanly_and_the_client_comes_again(live: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "LONGEST_SESSION", timedelta(milliseconds=300).total_seconds())
    async with live.follow() as follower:
        await live.reporting.given(opened())
        last = (await follower.message()).id
        assert [line for line in await follower.rest() if line.startswith("data")] == []

    await live.reporting.given(opened("next"))
    async with live.follow(last=last) as follower:
        assert list(numbers([await follower.message()])) == ["next"]


async def test_a_stream_ends_when_who_follows_it_has_left(live: Served) -> None:
    leaves = customers.StaffListed(staff_id=ADMIN_ID, name="周岚", role="general_manager", active=False)
    async with live.follow() as follower:
        await live.reporting.given(opened())
        assert list(numbers([await follower.message()])) == ["C-1"]

        await live.reporting.given(leaves)
        await asyncio.sleep(READ_EVERY + 0.1)
        await live.reporting.given(opened("C-2"))

        assert [line for line in await follower.rest() if line.startswith("data")] == []


async def test_a_server_that_stops_ends_its_streams(fresh_database: FreshDatabase) -> None:
    async with served(fresh_database) as running, running.follow() as follower:
        running.server.should_exit = True
        assert all(line.startswith((":", "retry")) or not line for line in await follower.rest())


async def test_a_quiet_stream_has_a_heartbeat(live: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.http.live.HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(tail, "LONGEST_SESSION", 0.5)
    async with live.follow() as follower:
        assert ": still here" in await follower.rest()


async def test_too_many_clients_are_sent_away(live: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "MOST_CLIENTS", 1)
    async with live.follow() as follower:
        await live.reporting.given(opened())
        await follower.message()
        refused = await live.reporting.http.get(LIVE)

    assert (refused.status_code, refused.json()["slug"]) == (503, "too-many-followers")
    assert refused.headers["Retry-After"] == "30"


async def test_one_caller_cannot_take_the_seats_of_all(live: Served) -> None:
    """Those that come at once are counted one by one; the general manager still finds a seat."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=live.url, headers=bearer(), timeout=10))

        async def ask() -> httpx.Response:
            return await stack.enter_async_context(http.stream("GET", LIVE))

        answers = await asyncio.gather(*(ask() for _ in range(3 * seats.MOST_OF_A_CALLER)))
        statuses = Counter(answer.status_code for answer in answers)
        assert statuses == {200: seats.MOST_OF_A_CALLER, 429: 2 * seats.MOST_OF_A_CALLER}
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert orjson.loads(await refused.aread())["slug"] == "too-many-streams"
        assert refused.headers["Retry-After"] == "30"
        manager = {**bearer("general_manager", new_id())}
        async with http.stream("GET", LIVE, headers=manager) as seated:
            assert seated.status_code == 200

    await eventually(lambda: live.tail.clients == 0)
    async with live.follow():
        pass


async def test_a_seat_is_free_again_when_the_stream_cannot_begin(live: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seats, "MOST_OF_A_CALLER", 1)
    refused = await live.reporting.http.get(LIVE, headers={"Last-Event-ID": "x"})
    await live.reporting.database.close()
    away = await live.reporting.http.get(LIVE)

    assert (refused.status_code, away.status_code) == (400, 503)
    assert (await live.reporting.http.get(LIVE)).status_code == 503, "not 429: no seat is taken"


async def test_the_page_is_whole_in_itself(fresh_database: FreshDatabase) -> None:
    async with one_service(fresh_database, "reporting") as reporting:
        page = await reporting.http.get("/ops", headers={"Authorization": ""})
        head = await reporting.http.head("/ops")

        slash = await reporting.http.get("/ops/", headers={"Host": "evil.example"})

    assert page.status_code == head.status_code == 200
    assert (slash.status_code, slash.headers["location"]) == (308, "/ops")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.findall(r"""(?:src|href)=|https?://|@import""", page.text)
    [script] = re.findall("<script>(.*?)</script>", page.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.headers["content-security-policy"]
