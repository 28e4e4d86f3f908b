"""What comes after the answer."""

from shared.contracts.complaints import ComplaintReopened
from tests.complaints.building import complaints
from tests.postgres import FreshDatabase


async def test_the_dissatisfied_is_heard_again(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        await service.move(id_, "answer")
        content = {"perceived": 8, "expected": 8}
        assert await service.refused(f"/complaints/{id_}/satisfaction", {"perceived": 0, "expected": 5}) == (
            422,
            "invalid",
        )
        judged = await service.post(f"/complaints/{id_}/satisfaction", content)
        assert (judged.json()["verdict"], judged.json()["state"]) == ("satisfied", "answered")
        assert await service.refused(f"/complaints/{id_}/satisfaction", content) == (409, "satisfaction-given")
        await service.move(id_, "reopen")
        await service.move(id_, "resolve")

        judged = await service.post(f"/complaints/{id_}/satisfaction", {"perceived": 3, "expected": 8})

        assert judged.json()["verdict"] == "dissatisfied"
        assert (judged.json()["state"], judged.json()["round"]) == ("open", 3)
        assert len(await service.facts(ComplaintReopened)) == 2
