"""Notes: what colleagues write for each other about a case, sealed, never shown to who complains."""

from shared.ids import new_id
from tests.complaints.building import SALESPERSON, SPECIALIST, as_role, complaints
from tests.postgres import FreshDatabase


async def test_a_note_stands_in_the_history_and_not_before_the_complainant(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        before = len(await service.events())
        me = as_role("cs_specialist", SPECIALIST)
        address = f"/complaints/v1/complaints/{opened['id']}/notes"

        written = await service.http.post(address, json={"text": "客户很生气，先打电话"}, headers=me)
        second = await service.http.post(address, json={"text": "第二条"}, headers=me)

        assert (written.status_code, second.status_code) == (201, 201)
        [first, *_] = (await service.get(f"/complaints/{opened['id']}/notes")).json()["items"]
        assert first["id"] == written.json()["id"]
        assert (first["text"], first["author"]) == ("客户很生气，先打电话", "cs_specialist")
        page = (await service.get(f"/complaints/{opened['id']}/notes", limit=1)).json()
        following = (await service.get(f"/complaints/{opened['id']}/notes", limit=1, cursor=page["next"])).json()
        assert [item["text"] for item in following["items"]] == ["第二条"]
        history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
        assert [entry["what"] for entry in history].count("note") == 2
        rows = await service.database.fetch("SELECT e::text AS everything FROM case_entry e")
        assert not any("生气" in row["everything"] for row in rows)
        tracked = await service.http.get(f"/complaints/v1/track/{opened['tracking_token']}")
        assert "生气" not in tracked.text
        assert len(await service.events()) == before, "nothing moves by a note"
        assert (await service.get(f"/complaints/{opened['id']}")).headers["ETag"] == '"1"'


async def test_notes_are_of_those_whom_the_case_concerns(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        foreign = (await service.record(await service.customer()))["id"]
        served = await service.customer(team={"salesperson": SALESPERSON})
        mine = (await service.record(served))["id"]
        me = as_role("salesperson", SALESPERSON)

        async def noted(id_: object) -> tuple[int, int]:
            address = f"/complaints/v1/complaints/{id_}/notes"
            written = await service.http.post(address, json={"text": "看过"}, headers=me)
            return written.status_code, (await service.http.get(address, headers=me)).status_code

        assert await noted(mine) == (201, 200)
        assert await noted(foreign) == (404, 404)
        assert await noted(new_id()) == (404, 404)
        assert await service.refused(f"/complaints/{mine}/notes", {"text": " "}) == (422, "invalid")
