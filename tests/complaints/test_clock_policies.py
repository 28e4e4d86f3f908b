"""Clock policies over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.ids import new_id
from tests.complaints.building import SPECIALIST, as_role, complaints
from tests.postgres import FreshDatabase
from tests.support import START

BAD: list[tuple[dict[str, Any], str]] = [
    ({"answer_within": "4 hours"}, "invalid"),
    ({"answer_within": 14400}, "invalid"),
    ({"answer_within": "-PT4H"}, "invalid"),
    ({"answer_within": "PT0S"}, "duration-out-of-bounds"),
    ({"answer_within": "PT1H0.9S"}, "duration-out-of-bounds"),
    ({"answer_within": "P91D"}, "duration-out-of-bounds"),
    ({"answer_within": "P99999999999999D"}, "invalid"),
    ({"answer_within": "PT4H", "tier": "E"}, "invalid"),
    ({"answer_within": "PT4H", "subject": "weather"}, "unknown-subject"),
    ({"answer_within": "PT4H", "calendar": "moon"}, "unknown-calendar"),
    ({"answer_within": "PT4H", "starts_at": "tomorrow"}, "invalid"),
    ({"answer_within": "PT4H", "kind": "record"}, "invalid"),
    ({}, "invalid"),
]


async def test_versions_are_listed_the_latest_first(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.post("/clock-policies", {"answer_within": "PT2H", "subject": "delivery", "calendar": "always"})

        listed = (await service.get("/clock-policies", limit=1)).json()
        second = (await service.get("/clock-policies", limit=1, cursor=listed["next"])).json()

        assert (listed["items"][0]["version"], listed["items"][0]["answer_within"]) == (2, "PT2H")
        assert (second["items"][0]["version"], second["items"][0]["answer_within"]) == (1, "PT4H")
        third = (await service.get("/clock-policies", limit=1, cursor=second["next"])).json()
        assert [(each["kind"], each["version"], each["answer_within"]) for each in third["items"]] == [
            ("accept", 0, "PT30M")
        ]
        assert third["next"] is None


async def test_a_policy_starts_when_it_says(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        later = START + timedelta(days=1)
        await service.post("/clock-policies", {"answer_within": "PT1H", "starts_at": later.isoformat()})

        before = await service.record()
        service.clock.move_to(later)
        after = await service.record()

        assert before["answer_due_at"] == (START + timedelta(hours=4)).isoformat().replace("+00:00", "Z")
        assert after["answer_due_at"] == (later + timedelta(hours=1)).isoformat().replace("+00:00", "Z")


async def test_bad_policies_are_told_and_not_written(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for body, slug in BAD:
            answer = await service.post("/clock-policies", body)
            assert (answer.status_code, answer.json()["slug"]) == (422, slug), body
        assert await service.database.fetchval("SELECT count(*) FROM clock_policy") == 2, "the two of the beginning"
        assert await service.database.fetchval("SELECT revision FROM rulebook") == 1


async def test_specialists_do_not_write_policies(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        answer = await service.http.post(
            "/complaints/v1/clock-policies",
            json={"answer_within": "PT9H"},
            headers=as_role("cs_specialist", SPECIALIST),
        )

        assert answer.status_code == 403


@pytest.mark.parametrize("moment", ["infinity", "-infinity"])
async def test_a_policy_of_an_earlier_release_that_has_no_moment_stops_nobody(
    fresh_database: FreshDatabase, moment: str
) -> None:
    async with complaints(fresh_database) as service:
        answer = await service.http.post("/complaints/v1/clock-policies", json={"answer_within": "PT5H"})
        assert answer.status_code == 201, answer.text
        await service.database.execute("UPDATE clock_policy SET starts_at = $1::text::timestamptz", moment)
        await service.database.execute("UPDATE rulebook SET revision = revision + 1")

        recorded = await service.http.post(
            "/complaints/v1/complaints",
            json={"complainant": {"name": "王女士", "contact": "13800138000"}, "subject": "product", "text": "坏了"},
        )

        assert recorded.status_code == 201, recorded.text
        assert (await service.http.get("/complaints/v1/clock-policies")).json()["items"] == []


async def test_a_policy_can_be_withdrawn_and_rewrites_no_clock(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        policy = (await service.post("/clock-policies", {"answer_within": "PT1H"})).json()
        before = await service.record()
        withdrawal = f"/clock-policies/{policy['id']}/withdrawal"

        withdrawn = await service.post(withdrawal, {"reason": "entered by mistake"})
        after = await service.record()

        assert withdrawn.status_code == 200, withdrawn.text
        assert withdrawn.json()["withdrawn_at"] is not None
        assert (before["answer_due_at"], after["answer_due_at"]) == ("2026-11-04T02:00:00Z", "2026-11-04T05:00:00Z")
        assert (await service.read(before["id"]))["answer_due_at"] == "2026-11-04T02:00:00Z"
        [listed] = (await service.get("/clock-policies")).json()["items"][:1]
        assert listed["withdrawn_at"] == withdrawn.json()["withdrawn_at"]
        assert await service.refused(withdrawal, {"reason": "again"}) == (409, "clock-policy-withdrawn")
        assert await service.refused(f"/clock-policies/{new_id()}/withdrawal", {"reason": "x"}) == (
            404,
            "clock-policy-not-found",
        )
        audited = (await service.get("/audit")).json()["items"]
        assert [(entry["what"], entry["subject"]) for entry in audited] == [("clock_policy.withdrawn", policy["id"])]


async def test_why_a_policy_was_withdrawn_lies_sealed(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        reasons = ("agreed with Mrs Wang", "written by an earlier release")
        ids = []
        for reason in reasons:
            ids.append((await service.post("/clock-policies", {"answer_within": "PT1H"})).json()["id"])
            await service.post(f"/clock-policies/{ids[-1]}/withdrawal", {"reason": reason})
        await service.database.execute(
            "UPDATE clock_policy SET withdrawn_because = $1, withdrawn_words = NULL WHERE id = $2",
            reasons[1],
            UUID(ids[1]),
        )

        await service.run_loops()

        kept = await service.database.fetch(
            "SELECT id, withdrawn_words, withdrawn_because, withdrawn_by FROM clock_policy"
            " WHERE withdrawn_at IS NOT NULL ORDER BY version"
        )
        vault = service.service.runtime.vault("complaints:words")
        assert [vault.open(row["withdrawn_words"], row["id"].bytes).decode() for row in kept] == list(reasons)
        assert [row["withdrawn_because"] for row in kept] == [None, None]
        assert None not in [row["withdrawn_by"] for row in kept]
