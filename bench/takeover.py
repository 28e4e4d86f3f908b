"""Takes the real help-context tickets over as complaints, with their times, through the API.

    python -m bench.takeover URL        (the admin token in CRM_TOKEN; a running installation)

Every event of a ticket in its order: the first records; `Wait` pauses until the next event of the ticket; the first
`Take in charge ticket` after the first event answers; `Resolve ticket`, `RESOLVED` and `Closed` resolve, and answer
when nothing did before. The file's times carry no zone: they are taken as times in Shanghai, where no clock has been
changed since 1991, so what passes between two of them is their difference.
"""

import asyncio
import csv
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx

ZONE: Final = ZoneInfo("Asia/Shanghai")
AT_ONCE: Final = 32
"""Tickets under way at the same time; the events of one go one after the other."""
BUSY: Final = 503
WAIT: Final = "Wait"
TAKE: Final = "Take in charge ticket"
RESOLVE: Final = ("Resolve ticket", "RESOLVED", "Closed")
PAUSE_REFUSED: Final = ("wrong-state", "clock-breached")
"""A wait after the answer, or after the time to answer was over, changes nothing."""


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """One line of the file."""

    activity: str
    at: datetime
    customer: str
    product: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket with its events in their order."""

    number: str
    events: tuple[TicketEvent, ...]

    @property
    def customer(self) -> str:
        return self.events[0].customer


def tickets_in(file: Path) -> list[Ticket]:
    """The tickets of the file, in the order of their first lines."""
    events: dict[str, list[TicketEvent]] = {}
    with file.open(newline="", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            at = datetime.fromisoformat(line["time"]).replace(tzinfo=ZONE)
            event = TicketEvent(line["activity"], at, line["customer"], line["product"])
            events.setdefault(line["case"], []).append(event)
    return [Ticket(number, tuple(happened)) for number, happened in events.items()]


async def take_over(
    http: httpx.AsyncClient, tickets: Sequence[Ticket], customers: Mapping[str, UUID]
) -> dict[str, str]:
    """Replays every ticket; ticket number -> complaint id. Raises AssertionError for an answer nobody expects."""
    waiting = iter(tickets)
    taken: dict[str, str] = {}

    async def work() -> None:
        for ticket in waiting:
            taken[ticket.number] = await _Replay(http, ticket, customers[ticket.customer]).run()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE):
            tasks.create_task(work())
    return taken


class _Replay:
    """One ticket on its way."""

    def __init__(self, http: httpx.AsyncClient, ticket: Ticket, customer_id: UUID) -> None:
        self._http = http
        self._ticket = ticket
        self._customer_id = customer_id
        self._id = ""
        self._moves = 0
        self._paused = self._answered = self._resolved = False

    async def run(self) -> str:
        first, *others = self._ticket.events
        await self._record(first)
        await self._act(first, is_first=True)
        for event in others:
            if self._paused:
                self._paused = False
                await self._move("resume", event)
            await self._act(event, is_first=False)
        return self._id

    async def _record(self, first: TicketEvent) -> None:
        body: dict[str, object] = {
            "customer_id": str(self._customer_id),
            "kind": "complaint",
            "subject": "service",
            "against": {"type": "product", "name": first.product},
            "text": f"ticket {self._ticket.number}",
            "channel": "web",
            "recorded_at": first.at.isoformat(),
        }
        key = {"Idempotency-Key": f"ticket-{self._ticket.number}"}
        answer = await self._post("/complaints/v1/complaints", body, key)
        assert answer.status_code == 201, answer.text
        self._id = answer.json()["id"]

    async def _act(self, event: TicketEvent, *, is_first: bool) -> None:
        if event.activity == WAIT and not self._answered:
            self._paused = await self._move("pause", event)
        elif event.activity == TAKE and not is_first and not self._answered:
            self._answered = await self._move("answer", event)
        elif event.activity in RESOLVE and not self._resolved:
            self._answered = self._resolved = await self._move("resolve", event)

    async def _move(self, movement: str, event: TicketEvent) -> bool:
        body: dict[str, object] = {"text": event.activity, "at": event.at.isoformat()}
        self._moves += 1
        key = {"Idempotency-Key": f"ticket-{self._ticket.number}-{self._moves}"}
        answer = await self._post(f"/complaints/v1/complaints/{self._id}/{movement}", body, key)
        if movement == "pause" and answer.status_code == 409 and answer.json()["slug"] in PAUSE_REFUSED:
            return False
        assert answer.status_code == 200, f"ticket {self._ticket.number}, {movement}: {answer.text}"
        return True

    async def _post(self, path: str, body: dict[str, object], key: dict[str, str]) -> httpx.Response:
        """Asks again where the service is busy for a moment; the key makes it happen once."""
        while True:
            answer = await self._http.post(path, json=body, headers=key)
            if answer.status_code != BUSY:
                return answer
            await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))


async def late(http: httpx.AsyncClient) -> dict[str, bool]:
    """Complaint id -> whether its answer was late, of every complaint taken over."""
    found: dict[str, bool] = {}
    cursor: dict[str, str] = {}
    while True:
        answer = await http.get("/complaints/v1/complaints", params={"limit": 500, **cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found |= {item["id"]: item["overdue"] for item in page["items"] if item["taken_over"]}
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


async def register(http: httpx.AsyncClient, tickets: Sequence[Ticket]) -> dict[str, UUID]:
    """Registers the tickets' customers as stores through the API of customers."""
    regions = await http.post("/customers/v1/regions", json={"name": "Help context"})
    assert regions.status_code == 201, regions.text
    customers: dict[str, UUID] = {}
    for number in sorted({ticket.customer for ticket in tickets}):
        body = {"name": f"Customer {number}", "kind": "store", "region_id": regions.json()["id"], "external_no": number}
        answer = await http.post("/customers/v1/customers", json=body)
        assert answer.status_code == 201, answer.text
        customers[number] = UUID(answer.json()["id"])
    return customers


async def _main(url: str) -> None:
    folder = Path(os.environ.get("CRM_REAL_DATA") or "../shared/data")
    tickets = tickets_in(folder / "tickets-helpdesk.csv")
    headers = {"Authorization": f"Bearer {os.environ['CRM_TOKEN']}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as http:
        customers = await register(http, tickets)
        began = time.perf_counter()
        taken = await take_over(http, tickets, customers)
        seconds = time.perf_counter() - began
        overdue = await late(http)
    print(f"{len(taken):,} tickets taken over in {seconds:.1f} s; {sum(overdue.values()):,} were answered late")


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
