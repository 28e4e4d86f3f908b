"""The live page: who follows sees what happens as it happens, and after a break goes on where it stopped."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import orjson

from tests.journeys import looks
from tests.journeys.network import company, post
from tests.journeys.stage import PATIENCE, Stage
from tests.moments import one_form

QUICK = timedelta(seconds=3)
"""A time to answer that a story can wait for; a policy gives it to one subject."""


async def somebody_follows(stage: Stage) -> None:
    """A follower sees a tier move and, after a break, the next one and the breach: nothing missed, nothing twice."""
    brand_company = await company(stage.http)
    store = await brand_company.store()
    policy = {"answer_within": f"PT{int(QUICK.total_seconds())}S", "subject": "attitude"}
    await post(stage.http, "/complaints/v1/clock-policies", policy)
    follower = Follower(store)

    async with stage.connection() as http:
        following = asyncio.create_task(follower.follow(http, lambda: follower.rises == ["C"]))
        await follower.began.wait()
        await brand_company.buys(store, "1500.00", await stage.now())
        await stage.until(looks.tier_is(stage, store, "C"), "1,500 make a C")
        await following

        await brand_company.buys(store, "9000.00", await stage.now())
        case = await brand_company.complains(store, subject="attitude")
        await stage.forward(QUICK + timedelta(seconds=1))
        await stage.until(looks.case_says(stage, case["id"], overdue=True, escalation_level=1), "nobody answers")
        await post(stage.http, f"/complaints/v1/complaints/{case['id']}/resolve", {"text": "We met and apologised."})
        await stage.quiet()

        await follower.follow(http, lambda: "crm.complaint.resolved" in follower.types and follower.rises == ["C", "A"])
        other = Follower(store, last=follower.seen[0].id)
        await other.follow(http, lambda: len(other.seen) == len(follower.seen) - 1)
    assert other.seen == follower.seen[1:], "whoever comes from an earlier number sees the same"
    numbers = [update.id for update in follower.seen]
    assert numbers == sorted(set(numbers)), "each number comes once, in order"
    complaint = [update.type for update in follower.seen if update.content.get("complaint_id") == case["id"]]
    steps = [type_ for type_ in complaint if type_ != "crm.complaint.warned"]
    said = ("opened", "overdue", "accepted", "resolved")
    assert steps == [f"crm.complaint.{each}" for each in said], "whoever solves what nobody took has taken it"


@dataclass(frozen=True, slots=True)
class LiveUpdate:
    """One event of the stream."""

    id: int
    type: str
    content: dict[str, Any]


class Follower:
    """A client of the live stream that keeps what concerns one store, and the last number that it was sent."""

    def __init__(self, store: str, last: int | None = None) -> None:
        self._store = store
        self._last = last
        self.began = asyncio.Event()
        self.seen: list[LiveUpdate] = []

    @property
    def types(self) -> list[str]:
        return [update.type for update in self.seen]

    @property
    def rises(self) -> list[str]:
        return [update.content["to_tier"] for update in self.seen if update.type == "crm.tier.changed"]

    async def follow(self, http: httpx.AsyncClient, enough: Callable[[], bool]) -> None:
        """Connects, goes on after the last number, and hangs up once it has seen enough."""
        headers = {} if self._last is None else {"Last-Event-ID": str(self._last)}
        async with asyncio.timeout(PATIENCE), http.stream("GET", "/reporting/v1/live", headers=headers) as response:
            assert response.status_code == 200
            fields: dict[str, str] = {}
            async for line in response.aiter_lines():
                self.began.set()
                name, _, value = line.partition(": ")
                if name:
                    fields[name] = value
                    continue
                self._take(fields)
                fields = {}
                if enough():
                    return

    def _take(self, fields: dict[str, str]) -> None:
        if "data" not in fields:
            return
        self._last = int(fields["id"])
        content = orjson.loads(one_form(fields["data"]))
        if content["data"].get("customer_id") == self._store:
            self.seen.append(LiveUpdate(self._last, content["type"], content["data"]))
