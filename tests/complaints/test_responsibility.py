"""Who is responsible for a case."""

from datetime import timedelta

from shared.contracts.complaints import ComplaintOverdue
from shared.ids import new_id
from tests.complaints.building import SALESPERSON, complaints
from tests.postgres import FreshDatabase

HOUR = timedelta(hours=1)


async def test_whoever_is_named_responsible_is_told_first(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        path = f"/complaints/v1/complaints/{opened['id']}/responsible"

        async def name(staff_id: object, **headers: str) -> tuple[int, str]:
            answer = await service.http.put(path, json={"staff_id": str(staff_id)}, headers=headers)
            return answer.status_code, answer.json().get("slug", answer.json().get("responsible_id"))

        assert await name(SALESPERSON) == (428, "precondition-required")
        assert await name(SALESPERSON, **{"If-Match": '"7"'}) == (412, "stale")
        assert await name(SALESPERSON, **{"If-Match": "one"}) == (400, "malformed")
        assert await name(new_id(), **{"If-Match": '"1"'}) == (422, "unknown-staff")
        assert await name(SALESPERSON, **{"If-Match": '"1"'}) == (200, str(SALESPERSON))
        service.clock.forward(4 * HOUR)
        await service.run_loops()
        [overdue] = await service.facts(ComplaintOverdue)
        assert overdue.staff_id == SALESPERSON
