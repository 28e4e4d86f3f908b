"""The history of a case is complete: what people did, and what clocks told whom (domain 3.2 and 3.3)."""

from datetime import datetime, timedelta
from typing import Any

from services.complaints.reactions import REACTIONS
from shared.contracts.complaints import ComplaintEscalated, ComplaintOpened, ComplaintOverdue
from tests.complaints.building import CS_MANAGER, MANAGER, SPECIALIST, SUPERVISOR, Complaints, as_role, case, complaints
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
        assert all(entry["entered_by"] is None for entry in entries[1:])


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


async def test_who_recorded_it_opened_it_and_has_taken_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        answer = await service.http.post(
            "/complaints/v1/complaints",
            json=case(await service.customer()),
            headers=as_role("cs_specialist", SPECIALIST),
        )
        id_ = answer.json()["id"]
        [opened] = await history(service, id_)

        assert (opened["what"], opened["entered_by"]) == ("opened", str(SPECIALIST))
        assert opened["changes"]["accepted_by"] == {"from": None, "to": str(SPECIALIST)}
        assert (await service.read(id_))["recorder"] == {"id": str(SPECIALIST), "name": "cs_specialist"}


async def test_who_works_on_it_first_has_taken_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        for step in ("investigate", "propose"):
            answer = await service.http.post(
                f"/complaints/v1/complaints/{id_}/steps/{step}",
                json={"text": "Charge 12 geprüft"},
                headers=as_role("cs_specialist", SPECIALIST),
            )
            assert answer.status_code == 200, answer.text
        first, second = [entry for entry in await history(service, id_) if entry["what"].startswith("step:")]

        assert first["changes"] == {"accepted_by": {"from": None, "to": str(SPECIALIST)}}
        assert second["changes"] is None


async def test_a_pause_that_ends_by_itself_stands_there_with_its_moment(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        await service.move(id_, "pause", at_most="PT2H")
        service.clock.forward(5 * HOUR)
        await service.run_loops(only="complaints.clocks")
        await service.move(id_, "pause", at_most="PT2H")
        service.clock.forward(HOUR)
        await service.move(id_, "resume")
        ends = [entry for entry in await history(service, id_) if entry["what"] == "resumed"]

        assert [(datetime.fromisoformat(each["at"]) - START, each["entered_by"] is None) for each in ends] == [
            (2 * HOUR, True),
            (6 * HOUR, False),
        ]


async def test_an_answer_ends_a_pause_in_the_history_too(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        id_ = (await service.record(await service.customer()))["id"]
        await service.move(id_, "pause")
        service.clock.forward(HOUR)
        await service.move(id_, "answer")

        names = [entry["what"] for entry in await history(service, id_)]
        assert sorted(names) == ["answered", "opened", "paused", "resumed"]


async def test_what_is_told_of_a_takeover_later_may_lie_before_what_was_linked_now(
    fresh_database: FreshDatabase,
) -> None:
    """Linking and handing over have their own moments, and the next movement of the old case may lie before them."""
    async with complaints(fresh_database) as service:
        old = (await service.record(recorded_at=(START - 9 * HOUR).isoformat()))["id"]
        other = (await service.record())["id"]
        service.clock.forward(HOUR)
        answer = await service.post(f"/complaints/{old}/links", {"other_id": other, "relation": "related"})
        assert answer.status_code == 201, answer.text
        named = await service.http.put(
            f"/complaints/v1/complaints/{old}/responsible",
            json={"staff_id": str(SUPERVISOR)},
            headers={"If-Match": "*"},
        )
        assert named.status_code == 200, named.text
        await service.move(old, "answer", at=(START - 7 * HOUR).isoformat())

        at = {entry["what"]: datetime.fromisoformat(entry["at"]) - START for entry in await history(service, old)}
        assert at == {"opened": -9 * HOUR, "linked": HOUR, "assigned": HOUR, "answered": -7 * HOUR}
