"""Following a case by its token."""

from tests.complaints.building import complaints
from tests.postgres import FreshDatabase


async def test_the_complainant_follows_without_login(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        service.http.headers.pop("Authorization")

        followed = await service.get(f"/track/{opened['tracking_token']}")
        forged = opened["tracking_token"][:-4] + "AAAA"

        assert followed.status_code == 200
        assert followed.json()["number"] == opened["number"]
        assert set(followed.json()).isdisjoint({"text", "complainant", "responsible_id", "id"})
        for token in (forged, "x", "é" * 10, "A" * 43, opened["id"]):
            answer = await service.get(f"/track/{token}")
            assert (answer.status_code, answer.json()["slug"]) == (404, "no-such-complaint")
