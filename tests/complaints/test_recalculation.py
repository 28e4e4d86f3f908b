"""Nothing but a recalculation changes a clock: an explicit, audited command (decision 16)."""

from typing import Any

from shared.contracts.complaints import (
    ComplaintClockMissed,
    ComplaintClockRecalculated,
    ComplaintOverdue,
)
from tests.complaints.building import CS_MANAGER, Complaints, as_role, complaints
from tests.complaints.test_clocks import HOUR, accept, by_web, limits
from tests.postgres import FreshDatabase
from tests.support import START


async def recalculate(service: Complaints, id_: str, *, dry_run: bool = False) -> list[dict[str, Any]]:
    answer = await service.http.post(
        f"/complaints/v1/complaints/{id_}/clocks/recalculation",
        json={"reason": "agreed with the customer", "dry_run": dry_run},
        headers=as_role("admin_dept", CS_MANAGER),
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["dry_run"] is dry_run
    return list(answer.json()["clocks"])


async def test_only_a_recalculation_changes_clocks_and_a_dry_run_shows_how(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await limits(service, propose="PT3H", resolve="P1D")
        opened = await by_web(service)
        await accept(service, opened["id"])
        backdated = {"starts_at": (START - HOUR).isoformat()}
        for kind, within in (("answer", "PT6H"), ("propose", "PT1H"), ("accept", "PT5M")):
            await service.post("/clock-policies", {"kind": kind, "answer_within": within, **backdated})
        before = await service.clocks(opened["id"]), await service.read(opened["id"])

        shown = await recalculate(service, opened["id"], dry_run=True)
        unchanged = await service.clocks(opened["id"]), await service.read(opened["id"])
        done = await recalculate(service, opened["id"])
        again = await recalculate(service, opened["id"])

        assert unchanged == before
        assert shown == done
        assert again == []
        assert [(each["kind"], each["allowed_before"], each["allowed"], each["due_at"]) for each in done] == [
            ("answer", "PT4H", "PT6H", "2026-11-04T07:00:00Z"),
            ("propose", "PT3H", "PT1H", None),
        ]
        clocks = await service.clocks(opened["id"])
        assert (clocks["accept"]["allowed"], clocks["resolve"]["allowed"]) == ("PT30M", "P1D"), "ended, or the same"
        assert (await service.read(opened["id"]))["answer_due_at"] == "2026-11-04T07:00:00Z"
        told = await service.facts(ComplaintClockRecalculated)
        assert [(fact.clock, fact.due_at) for fact in told] == [("answer", START + 6 * HOUR), ("propose", None)]
        [entry] = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"][-1:]
        assert (entry["what"], entry["text"]) == ("recalculated", "agreed with the customer")
        assert entry["changes"]["answer_seconds"] == {"from": 14_400, "to": 21_600}
        [audited] = (await service.get("/audit", what="complaint.clocks_recalculated")).json()["items"]
        assert (audited["subject"], audited["made_by"]) == (opened["id"], str(CS_MANAGER))
        service.clock.move_to(START + 6 * HOUR)
        await service.run_loops()
        [overdue] = await service.facts(ComplaintOverdue)
        assert overdue.due_at == START + 6 * HOUR


async def test_a_dry_run_begins_no_clock_either(fresh_database: FreshDatabase) -> None:
    """Before the news of the recording has been heard, its clocks are not written down; showing does not write them."""
    async with complaints(fresh_database) as service:
        opened = await service.record()
        await limits(service, resolve="PT10H")

        await recalculate(service, opened["id"], dry_run=True)
        shown = await service.database.fetchval("SELECT count(*) FROM case_clock")
        await recalculate(service, opened["id"])

        assert shown == 0
        assert await service.database.fetchval("SELECT count(*) FROM case_clock") > 0


async def test_a_recalculation_makes_no_miss_of_the_past_and_takes_none_back(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await limits(service, investigate="PT1H", resolve="P1D")
        opened = await by_web(service)
        await accept(service, opened["id"])
        service.clock.forward(2 * HOUR)  # no timer has noticed that the investigation is late
        backdated = {"starts_at": (START - HOUR).isoformat()}
        for kind, within in (("answer", "PT2H"), ("investigate", "PT9H"), ("resolve", "PT1H")):
            await service.post("/clock-policies", {"kind": kind, "answer_within": within, **backdated})

        assert await recalculate(service, opened["id"]) == []
        await service.run_loops()
        [missed] = await service.facts(ComplaintClockMissed)
        assert (missed.clock, missed.at) == ("investigate", START + HOUR)
        assert await service.facts(ComplaintOverdue) == []


async def test_administration_alone_recalculates_with_a_reason_and_no_paused_case(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        opened = await by_web(service)
        path = f"/complaints/v1/complaints/{opened['id']}/clocks/recalculation"
        headers = as_role("cs_manager", CS_MANAGER)

        by_others = await service.http.post(path, json={"reason": "why not"}, headers=headers)
        without_reason = await service.http.post(path, json={})
        await service.move(opened["id"], "pause")
        paused = await service.http.post(path, json={"reason": "why not"})

        assert (by_others.status_code, without_reason.status_code) == (403, 422)
        assert (paused.status_code, paused.json()["slug"]) == (409, "clock-not-running")
