"""Clients that go on recording whatever happens, and know of each entry whether it was taken."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx

from shared.clock import real_time
from shared.ids import new_id
from tests.journeys.network import Company

BUSY = {409, 429, 503}
"""Refused for the moment: nothing happened, try again."""
AGAIN_AFTER = 0.2
BETWEEN = 0.1
MOST = 400
"""Entries of one client, so that no run is endless."""
AMOUNT = "400.00"
"""One purchase: a C store after three, B after eight, A after 25."""


@dataclass(slots=True)
class Store:
    """A store with what the network has acknowledged of it."""

    id: str
    complaints: list[str] = field(default_factory=list)
    purchases: list[str] = field(default_factory=list)


class Recorder:
    """Records complaints and purchases of a few stores until told to stop; what is unknown is sent again.

    Each entry carries an Idempotency-Key, so sending it again settles it: `outcomes` counts the attempts that were ok,
    failed (refused for the moment) and unknown (the connection broke, or the answer says so).
    """

    def __init__(self, company: Company, stores: Sequence[str]) -> None:
        self._company = company
        self.stores = [Store(store) for store in stores]
        self.outcomes: Counter[str] = Counter()
        self._enough = asyncio.Event()

    async def run(self) -> None:
        """One client of each kind per store, until `stop`."""
        async with asyncio.TaskGroup() as tasks:
            for store in self.stores:
                tasks.create_task(self._go_on(store.complaints, "/complaints/v1/complaints", self._complaint(store)))
                tasks.create_task(self._go_on(store.purchases, "/customers/v1/purchases", self._purchase(store)))

    def stop(self) -> None:
        """What is under way is still settled."""
        self._enough.set()

    async def _go_on(self, taken: list[str], path: str, body: dict[str, Any]) -> None:
        for _ in itertools.repeat(None, MOST):
            if self._enough.is_set():
                return
            taken.append(await self._settled(path, body, str(new_id())))
            await asyncio.sleep(BETWEEN)

    async def _settled(self, path: str, body: dict[str, Any], key: str) -> str:
        """Sends one entry until it is taken; its id."""
        while True:
            answer = await self._sent(self._company.http.post(path, json=body, headers={"Idempotency-Key": key}))
            if answer is not None:
                return str(answer.json()["id"])
            await asyncio.sleep(AGAIN_AFTER)

    async def _sent(self, sending: Awaitable[httpx.Response]) -> httpx.Response | None:
        try:
            answer = await sending
        except httpx.TransportError:
            self.outcomes["unknown"] += 1
            return None
        if answer.status_code in (200, 201):
            self.outcomes["ok"] += 1
            return answer
        assert answer.status_code in BUSY, f"{answer.request.url.path}: {answer.status_code} {answer.text}"
        self.outcomes["unknown" if answer.json()["slug"] == "outcome-unknown" else "failed"] += 1
        return None

    def _complaint(self, store: Store) -> dict[str, Any]:
        return {"customer_id": store.id, "subject": "delivery", "text": "Nothing has arrived.", "channel": "line"}

    def _purchase(self, store: Store) -> dict[str, Any]:
        at = real_time() - timedelta(minutes=1)
        return {
            "customer_id": store.id,
            "brand_id": self._company.brand,
            "amount": AMOUNT,
            "occurred_at": at.isoformat(),
        }
