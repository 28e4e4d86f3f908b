"""A contact that was entered wrongly is put right: replies, link and search follow it; a stranger's link ends."""

from pathlib import Path
from typing import Any

import httpx

from services.complaints.tracking.domain import Key, key_in, token_of
from shared.contracts.complaints import ComplaintCorrected, ComplaintOpened, ComplaintPaused
from shared.ids import new_id
from tests.complaints.building import Complaints, complaints
from tests.complaints.test_letters import LANDLINE, MOBILE, Writing, by, writing
from tests.complaints.test_lists import found
from tests.postgres import FreshDatabase

STRANGER = "+8613900139000"
WHY = "号码听错了"


async def corrected(service: Complaints, id_: str, **fields: Any) -> dict[str, Any]:
    answer = await service.post(f"/complaints/{id_}/correction", {"reason": WHY, **fields})
    assert answer.status_code == 200, answer.text
    await service.deliver(await service.events(ComplaintOpened, ComplaintCorrected))
    return dict(answer.json())


async def follows(service: Complaints, token: str) -> httpx.Response:
    return await service.http.get(f"/complaints/v1/track/{token}", headers={"Authorization": ""})


async def recorded(service: Writing, contact: str) -> dict[str, Any]:
    answer = await service.post("/complaints", by(contact))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_whom_a_correction_names_is_written_to_and_the_stranger_s_link_ends(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = await recorded(service, STRANGER)
        await service.sent()

        stands = await corrected(service, opened["id"], complainant={"contact": MOBILE})
        first, second = await service.sent()

        token = stands["tracking_token"]
        assert ((first["to"], second["to"]), token == opened["tracking_token"]) == ((STRANGER, MOBILE), False)
        assert f"/complaints/track/{token}" in second["body"]
        for below in ("", "/files"):
            lost = await follows(service, opened["tracking_token"] + below)
            assert (lost.status_code, lost.json()["slug"]) == (404, "no-such-complaint")
            assert (await follows(service, token + below)).status_code == 200
        said = await service.http.post(
            f"/complaints/v1/track/{opened['tracking_token']}/words", json={"text": "x"}, headers={"Authorization": ""}
        )
        assert said.status_code == 404
        assert [each["occasion"] for each in await service.letters(opened["id"])] == ["first_reply", "first_reply:1"]
        assert (await service.read(opened["id"]))["complainant"]["contact"] == MOBILE
        assert await found(service, "/complaints", phone=MOBILE) == [opened["number"]]
        assert await found(service, "/complaints", phone=STRANGER) == []


async def test_the_history_says_that_it_changed_and_not_what(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        whom = {"name": "黄小姐", "contact": STRANGER}
        await corrected(service, opened["id"], complainant=whom, text="开封后变酸")

        [entry] = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"][-1:]
        assert (entry["what"], entry["text"]) == ("corrected", WHY)
        unsaid = {"from": None, "to": None}
        assert entry["changes"] == {
            "tracking_generation": {"from": 0, "to": 1},
            "complainant_name": unsaid,
            "complainant_contact": unsaid,
            "text": unsaid,
        }
        read = await service.read(opened["id"])
        assert (read["text"], read["complainant"]) == ("开封后变酸", {**whom, "masked": False})
        assert await found(service, "/complaints", q="变酸") == [opened["number"]]
        log = await service.database.fetch("SELECT data::text AS everything FROM event_log")
        assert not any(word in row["everything"] for row in log for word in ("变酸", "黄小姐", STRANGER))
        [audited] = await service.database.fetch("SELECT what FROM audit_entry")
        assert audited["what"] == "complaint.corrected"


async def test_a_name_alone_leaves_the_link(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        stands = await corrected(service, opened["id"], complainant={"name": "汪小姐"})

        assert stands["tracking_token"] == opened["tracking_token"]
        assert (await follows(service, opened["tracking_token"])).status_code == 200
        same = {"reason": WHY, "complainant": {"name": "汪小姐"}}
        assert await service.refused(f"/complaints/{opened['id']}/correction", same) == (422, "nothing-to-correct")


async def test_another_customer_has_a_link_of_their_own_where_they_stand_for_the_complainant(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        wrong, right = await service.customer(), await service.customer()
        opened = await service.record(wrong)
        half = {"reason": WHY, "complainant": {"name": "王小姐"}}
        assert await service.refused(f"/complaints/{opened['id']}/correction", half) == (422, "complainant-missing")
        stands = await corrected(service, opened["id"], customer_id=str(right))

        assert (await follows(service, opened["tracking_token"])).status_code == 404
        assert (await follows(service, stands["tracking_token"])).status_code == 200


async def test_a_first_reply_that_waits_goes_to_whom_it_reaches_now(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = await recorded(service, STRANGER)
        await service.told()
        stands = await corrected(service, opened["id"], complainant={"contact": MOBILE})

        [message] = await service.sent()
        assert message["to"] == MOBILE
        assert stands["tracking_token"] in message["body"]


async def test_what_is_read_to_a_landline_is_the_last_first_reply(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = await recorded(service, STRANGER)
        await service.sent()
        await corrected(service, opened["id"], complainant={"contact": LANDLINE})
        await service.sent()

        letters = await service.letters(opened["id"])
        assert [(each["state"], each["script"] is None) for each in letters] == [("sent", True), ("to_read", False)]
        read = await service.post(f"/complaints/{opened['id']}/first-reply/read")
        assert [each["state"] for each in read.json()["items"]] == ["sent", "read"]


async def test_once_it_is_answered_nobody_is_told_that_they_were_heard(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = await recorded(service, STRANGER)
        await service.sent()
        await service.move(opened["id"], "answer")
        stands = await corrected(service, opened["id"], complainant={"contact": MOBILE})

        assert len(await service.sent()) == 1
        assert (await service.letters(opened["id"]))[-1]["reason"] == "answered"
        assert (await follows(service, stands["tracking_token"])).status_code == 200


async def test_a_question_goes_with_the_link_that_is_good(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = await recorded(service, STRANGER)
        await service.sent()
        stands = await corrected(service, opened["id"], complainant={"contact": MOBILE})
        await service.move(opened["id"], "pause", text="是哪一批？")
        await service.deliver(await service.events(ComplaintPaused))

        asked = (await service.sent())[-1]
        assert asked["to"] == MOBILE
        assert stands["tracking_token"] in asked["body"]


def test_a_token_names_its_generation_and_cannot_be_given_another() -> None:
    id_ = new_id()

    def digest(content: bytes) -> bytes:
        return (content[::-1] * 3)[:32]

    tokens = [token_of(id_, digest, generation) for generation in range(300)]
    assert len(set(tokens)) == len(tokens)
    assert [key_in(token, digest) for token in tokens] == [Key(id_, generation) for generation in range(300)]
    assert len(tokens[0]) == 43, "the first one is that of earlier releases"
    for forged in (tokens[1][:-2] + "AA", tokens[0] + "AAA", tokens[1] + "AA", "", "A"):
        assert key_in(forged, digest) is None
