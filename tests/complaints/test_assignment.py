"""Who handles a case."""

from datetime import timedelta
from uuid import UUID

from shared.contracts.complaints import ComplaintAssigned, ComplaintOverdue, ComplaintSatisfactionGiven
from shared.ids import new_id
from tests.complaints.building import SUPERVISOR, complaints
from tests.postgres import FreshDatabase
from tests.support import START

HOUR = timedelta(hours=1)


async def test_whoever_is_named_responsible_is_told_first(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        path = f"/complaints/v1/complaints/{opened['id']}/responsible"

        async def name(staff_id: object, **headers: str) -> tuple[int, str]:
            answer = await service.http.put(path, json={"staff_id": str(staff_id)}, headers=headers)
            return answer.status_code, answer.json().get("slug", answer.json().get("responsible_id"))

        assert await name(SUPERVISOR) == (428, "precondition-required")
        assert await name(SUPERVISOR, **{"If-Match": '"7"'}) == (412, "stale")
        assert await name(SUPERVISOR, **{"If-Match": "one"}) == (400, "malformed")
        assert await name(new_id(), **{"If-Match": '"1"'}) == (422, "unknown-staff")
        assert await name(SUPERVISOR, **{"If-Match": '"1"'}) == (200, str(SUPERVISOR))
        [told] = await service.facts(ComplaintAssigned)
        assert (told.responsible_id, told.number) == (SUPERVISOR, opened["number"])
        assert told.answer_due_at == START + 4 * HOUR
        service.clock.forward(4 * HOUR)
        await service.run_loops()
        [overdue] = await service.facts(ComplaintOverdue)
        assert overdue.staff_id == SUPERVISOR


async def test_a_version_never_rises_without_an_event(fresh_database: FreshDatabase) -> None:
    """Readers would take the gap for something they have missed (decision 22d)."""
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        path = f"/complaints/v1/complaints/{id_}/responsible"
        assert (
            await service.http.put(path, json={"staff_id": str(SUPERVISOR)}, headers={"If-Match": "*"})
        ).status_code == 200
        await service.move(id_, "pause", at_most="PT1H")
        await service.move(id_, "resume")
        await service.move(id_, "steps/investigate")
        service.clock.forward(6 * HOUR)
        while await service.run_loops():
            pass
        await service.move(id_, "answer")
        await service.post(f"/complaints/{id_}/satisfaction", {"perceived": 8, "expected": 8})
        await service.move(id_, "reopen")
        await service.move(id_, "answer")
        await service.post(f"/complaints/{id_}/satisfaction", {"perceived": 3, "expected": 8})

        told = [event.aggregate_version for event in await service.events() if str(event.aggregate_id) == id_]
        version = await service.database.fetchval("SELECT version FROM complaint WHERE id = $1", UUID(id_))

        assert sorted(set(told)) == list(range(1, version + 1))
        assert (await service.facts(ComplaintAssigned))[0].responsible_id == SUPERVISOR
        assert [(said.perceived, said.expected) for said in await service.facts(ComplaintSatisfactionGiven)] == [
            (8, 8),
            (3, 8),
        ]
