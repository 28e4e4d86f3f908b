"""Many people and the timers at the same moment, on the same few cases: each is done once, and the log tells all."""

import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.complaints.assignment.handlers import offering
from shared.contracts.complaints import FACTS
from shared.db import PASSING
from tests.complaints.building import CS_MANAGER, SALESPERSON, SPECIALIST, SUPERVISOR, Complaints, as_role, complaints
from tests.complaints.test_case_machine import STATEMENTS, Everything, once, only_grew, replayed
from tests.postgres import FreshDatabase
from tests.support import ADMIN_ID, SETTINGS

ROUNDS = 14
AT_ONCE = 10
MANY_CONNECTIONS = SETTINGS.model_copy(update={"database_pool": AT_ONCE + 4})
ACTORS = (
    ("cs_specialist", SPECIALIST),
    ("cs_specialist", SUPERVISOR),
    ("cs_manager", CS_MANAGER),
    ("salesperson", SALESPERSON),
    ("admin_dept", UUID(int=7)),
    ("admin", ADMIN_ID),
)
STEPS = ("investigate", "propose", "execute", "inspect", "settle", "reply")


def requests(service: Complaints, ids: list[str]) -> list[tuple[str, str, dict[str, Any]]]:
    """What may be asked of the cases, whether or not it is right at the moment."""
    words = {"text": "so"}
    deadline = (service.clock.now() + timedelta(hours=1)).isoformat()
    notice = {"to": str(SALESPERSON), "demand": "bitte", "deadline": deadline}
    of_each: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "accept", words),
        ("POST", "answer", words),
        ("POST", "resolve", words),
        ("POST", "close", words),
        ("POST", "reopen", words),
        ("POST", "pause", {**words, "at_most": "PT30M"}),
        ("POST", "resume", words),
        ("POST", "satisfaction", {"perceived": 3, "expected": 5}),
        ("POST", "judgement", {"valid": True, "good_faith": True, "reasons": "so"}),
        ("POST", "notice", notice),
        ("POST", "notice/acknowledge", {}),
        ("PUT", "responsible", {"staff_id": str(SUPERVISOR)}),
        ("PUT", "responsible", {"staff_id": str(SPECIALIST)}),
        ("POST", "correction", {"subject": "delivery", "reason": "so"}),
        ("POST", "compensations", {"kind": "goods", "cost": "60.00", "text": "so"}),
        ("POST", "clocks/recalculation", {"reason": "so"}),
        *(("POST", f"steps/{step}", words) for step in STEPS),
        *(("POST", "links", {"other_id": other, "relation": "child"}) for other in ids),
    ]
    return [(method, f"/complaints/v1/complaints/{id_}/{path}", body) for id_ in ids for method, path, body in of_each]


async def everything(service: Complaints) -> Everything:
    async with service.database.connection() as reader:
        return {name: [dict(row.items()) for row in await reader.fetch(sql)] for name, sql in STATEMENTS.items()}


class Hearing:
    """The service hears its own news, as over the bus: what fails for a moment comes again."""

    def __init__(self, service: Complaints) -> None:
        self._service = service
        self._heard: set[UUID] = set()

    async def __call__(self) -> None:
        news = [event for event in await self._service.events() if event.id not in self._heard]
        ours = [event for event in news if event.topic == FACTS]
        while True:
            try:
                await self._service.deliver(ours)
                break
            except PASSING:
                continue
        self._heard.update(event.id for event in news)


@pytest.mark.parametrize("seed", [1, 2])
async def test_at_the_same_moment_each_is_done_once_or_refused(fresh_database: FreshDatabase, seed: int) -> None:
    chance = random.Random(seed)
    async with complaints(fresh_database, settings=MANY_CONNECTIONS) as service:
        for kind, length in (("investigate", "PT1H"), ("resolve", "PT10H")):
            await service.post("/clock-policies", {"kind": kind, "answer_within": length})
        ids = [str((await service.record(await service.customer()))["id"]) for _ in range(3)]
        hear, done = Hearing(service), 0

        async def asked(method: str, path: str, body: dict[str, Any]) -> int:
            role, who = chance.choice(ACTORS)
            headers = {**as_role(role, who), "If-Match": "*"}
            return (await service.http.request(method, path, json=body, headers=headers)).status_code

        seen = await everything(service)
        for _ in range(ROUNDS):
            now = [asked(*each) for each in chance.choices(requests(service, ids), k=AT_ONCE)]
            timers = (service.run_loops("complaints.clocks"), offering.offer_due(service.service.context))
            answers, *_ = await asyncio.gather(asyncio.gather(*now), hear(), *timers)
            assert set(answers) <= {200, 201, 202, 403, 404, 409, 422, 503}, "503: busy for a moment"
            done += sum(status < 300 for status in answers)
            before, seen = seen, await everything(service)
            only_grew(before, seen)
            once(seen)
            for row in seen["complaint"]:
                events = [event for event in seen["event_log"] if event["aggregate_id"] == row["id"]]
                replayed(row, events)
            service.clock.forward(timedelta(minutes=chance.choice([1, 15, 30, 60, 240])))

        assert done > ROUNDS, "something happens"
