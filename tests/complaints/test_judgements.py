"""Judging a case: valid or not, in good faith or malicious, with reasons."""

import asyncio

from shared.audit import newest_first
from shared.contracts.complaints import ComplaintJudged
from shared.ids import new_id
from tests.complaints.building import SALESPERSON, as_role, complaints
from tests.postgres import FreshDatabase
from tests.support import ADMIN_ID

VALID = {"valid": True, "good_faith": True, "reasons": "照片显示膏体分层"}
MALICIOUS = {"valid": False, "good_faith": False, "reasons": "the photo is another shop's"}


async def test_a_judgement_shows_in_the_case_its_history_and_the_log(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        before = await service.read(id_)

        judged = await service.post(f"/complaints/{id_}/judgement", VALID)

        assert (before["valid"], before["good_faith"]) == (None, None)
        assert (judged.status_code, judged.json()["valid"], judged.json()["good_faith"]) == (200, True, True)
        found = await service.read(id_)
        assert (found["valid"], found["good_faith"], found["state"]) == (True, True, "open")
        [entry] = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert (entry["what"], entry["text"]) == ("judged", VALID["reasons"])
        assert (entry["entered_by"], entry["changes"]) == (
            str(ADMIN_ID),
            {"valid": {"from": None, "to": True}, "good_faith": {"from": None, "to": True}},
        )
        stored = await service.database.fetch("SELECT e::text AS everything FROM case_entry e")
        assert not any("分层" in row["everything"] for row in stored), "what was said lies sealed"
        [fact] = await service.facts(ComplaintJudged)
        assert (str(fact.complaint_id), fact.valid, fact.good_faith) == (id_, True, True)


async def test_judged_again_is_a_new_entry_and_audited(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        await service.post(f"/complaints/{id_}/judgement", VALID)

        await service.post(f"/complaints/{id_}/judgement", MALICIOUS)

        found = await service.read(id_)
        assert (found["valid"], found["good_faith"]) == (False, False)
        entries = (await service.get(f"/complaints/{id_}/history")).json()["items"]
        assert [(entry["what"], entry["text"]) for entry in entries] == [
            ("judged", VALID["reasons"]),
            ("judged", MALICIOUS["reasons"]),
        ]
        assert entries[1]["changes"]["valid"] == {"from": True, "to": False}
        audited = await newest_first(
            service.database, {"made_by": None, "what": "complaint.judged", "subject": None}, None, 10
        )
        assert [(str(each.subject), each.made_by) for each in audited] == [(id_, ADMIN_ID)] * 2
        assert [fact.valid for fact in await service.facts(ComplaintJudged)] == [True, False]


async def test_a_repeated_judgement_with_its_key_is_one(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]

        answers = await asyncio.gather(
            *(service.post(f"/complaints/{id_}/judgement", VALID, **{"Idempotency-Key": "j"}) for _ in range(3))
        )

        assert {answer.status_code for answer in answers} == {200}
        assert len(await service.facts(ComplaintJudged)) == 1


async def test_what_is_no_judgement_is_refused(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        assert await service.refused(f"/complaints/{new_id()}/judgement", VALID) == (404, "no-such-complaint")
        for wrong in ({"valid": "yes"}, {"reasons": ""}, {"valid": None}, {"good_faith": 1}, {"text": "x"}):
            assert await service.refused(f"/complaints/{id_}/judgement", {**VALID, **wrong}) == (422, "invalid")
        answer = await service.http.post(
            f"/complaints/v1/complaints/{id_}/judgement", json=VALID, headers=as_role("salesperson", SALESPERSON)
        )
        assert answer.status_code == 404, "who does not see the case hears of none"
        assert (await service.read(id_))["valid"] is None


async def test_close_before_reply_says_which_steps_are_missing(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record())["id"]
        await service.move(id_, "steps/investigate")
        await service.move(id_, "resolve")

        refused = await service.post(f"/complaints/{id_}/close")

        assert (refused.status_code, refused.json()["slug"]) == (409, "steps-missing")
        assert refused.json()["missing"] == ["propose", "execute", "inspect", "settle", "reply"]
