"""The history of a case is complete: what people did, and what clocks told whom (domain 3.2 and 3.3)."""

from datetime import datetime, timedelta
from typing import Any

from services.complaints.reactions import REACTIONS
from shared.contracts.complaints import ComplaintEscalated, ComplaintOpened, ComplaintOverdue
from tests.complaints.building import CS_MANAGER, MANAGER, SPECIALIST, SUPERVISOR, Complaints, complaints
from tests.postgres import FreshDatabase
from tests.support import START

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def history(service: Complaints, id_: str) -> list[dict[str, Any]]:
    await service.hear_own()
    found: list[dict[str, Any]] = (await service.get(f"/complaints/{id_}/history")).json()["items"]
    return found


def told(entry: dict[str, Any]) -> tuple[str, str | None]:
    return entry["what"], entry["changes"]["staff_id"]["to"] if "staff_id" in entry["changes"] else None


async def test_a_case_that_nobody_answers_tells_it_all(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        await service.hear_own()
        for _ in range(12):
            service.clock.forward(30 * MINUTE)
            await service.run_loops(only="complaints.clocks")
        entries = await history(service, id_)

        assert entries[0]["what"] == "opened"
        assert entries[0]["changes"]["responsible_id"] == {"from": None, "to": str(SPECIALIST)}
        at = {told(entry): datetime.fromisoformat(entry["at"]) - START for entry in entries[1:]}
        assert at == {
            ("clock_missed:accept", str(CS_MANAGER)): HOUR / 2,
            ("warned", str(SPECIALIST)): 3 * HOUR,
            ("overdue", str(SPECIALIST)): 4 * HOUR,
            ("escalated", str(SUPERVISOR)): 5 * HOUR,
            ("escalated", str(MANAGER)): 6 * HOUR,
        }
        assert [entry["changes"]["percent"]["to"] for entry in entries if entry["what"] == "warned"] == [50, 75]
        assert all(entry["entered_by"] is None for entry in entries)


async def test_after_an_outage_each_entry_has_its_moment_and_when_it_was_noticed(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        service.clock.forward(5 * HOUR + MINUTE)
        await service.run_loops(only="complaints.clocks")
        late = [entry for entry in await history(service, id_) if entry["what"] in ("overdue", "escalated")]

        assert [datetime.fromisoformat(entry["at"]) for entry in late] == [START + 4 * HOUR, START + 5 * HOUR]
        assert {datetime.fromisoformat(entry["entered_at"]) for entry in late} == {service.clock.now()}


async def test_news_that_comes_again_stands_once_and_in_its_place(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        await service.hear_own()
        service.clock.forward(5 * HOUR)
        await service.run_loops(only="complaints.clocks")
        answered = await service.post(f"/complaints/{id_}/answer", {"text": "Es tut uns leid."})
        assert answered.status_code == 200, answered.text
        before = await history(service, id_)
        for contract in (ComplaintOpened, ComplaintOverdue, ComplaintEscalated):
            events = await service.events(contract)
            async with service.database.transaction() as transaction:
                await REACTIONS[contract.TYPE](service.service.context, transaction, events)

        assert await history(service, id_) == before
        names = [entry["what"] for entry in before]
        assert (names[0], names[-1]) == ("opened", "answered")
        assert names.index("overdue") < names.index("escalated") < names.index("answered")
