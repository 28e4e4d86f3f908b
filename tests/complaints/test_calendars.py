"""Working calendars over HTTP and in the life of a case."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from shared.contracts.complaints import ComplaintEscalated, ComplaintOverdue, ComplaintResumed, ComplaintWarned
from tests.complaints.building import CHAIN, CS_MANAGER, SPECIALIST, Complaints, as_role, complaints
from tests.postgres import FreshDatabase
from tests.support import START

HOUR: Final = timedelta(hours=1)
OFFICE: Final = {day: ["09:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}


def shanghai(day: int, hour: int) -> datetime:
    """An hour of November 2026 as Shanghai's walls show it; START is the 4th at nine."""
    return datetime(2026, 11, day, hour - 8, tzinfo=UTC)


async def by_working_hours(service: Complaints, **fields: Any) -> None:
    answer = await service.post("/clock-policies", {"answer_within": "PT4H", "calendar": "working_hours", **fields})
    assert answer.status_code == 201, answer.text
    assert answer.json()["calendar"] == fields.get("calendar", "working_hours")


async def put(service: Complaints, name: str, body: object, if_match: str | None = None, **headers: str) -> Any:
    sent = {**headers, **({"If-Match": if_match} if if_match else {})}
    return await service.http.put(f"/complaints/v1/calendars/{name}", json=body, headers=sent)


async def test_a_case_by_working_hours_from_recording_to_the_top_of_the_chain(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await by_working_hours(service)
        service.clock.move_to(shanghai(6, 15))

        opened = await service.record(await service.customer("A"))
        for _ in range(24 * 4):
            service.clock.forward(HOUR)
            await service.run_loops()

        assert datetime.fromisoformat(opened["answer_due_at"]) == shanghai(9, 10)
        warned = await service.facts(ComplaintWarned)
        assert [(fact.percent, fact.at) for fact in warned] == [(50, shanghai(6, 17)), (75, shanghai(6, 18))]
        [overdue] = await service.facts(ComplaintOverdue)
        assert overdue.due_at == shanghai(9, 10)
        escalated = await service.facts(ComplaintEscalated)
        assert [(fact.level, fact.staff_id, fact.at) for fact in escalated] == [
            (level, CHAIN[level - 1], shanghai(9, 9 + level)) for level in (2, 3, 4, 5)
        ]


async def test_a_pause_over_night_costs_only_its_working_time(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await by_working_hours(service)
        service.clock.move_to(shanghai(4, 16))
        opened = await service.record()

        service.clock.move_to(shanghai(4, 17))
        await service.move(opened["id"], "pause")
        service.clock.move_to(shanghai(5, 10))
        resumed = await service.move(opened["id"], "resume")
        service.clock.move_to(shanghai(5, 19))
        await service.move(opened["id"], "answer")

        assert datetime.fromisoformat(resumed["answer_due_at"]) == shanghai(5, 13)
        [fact] = await service.facts(ComplaintResumed)
        assert fact.answer_due_at == shanghai(5, 13)
        [overdue] = await service.facts(ComplaintOverdue)
        assert overdue.due_at == shanghai(5, 13)


async def test_a_pause_that_ends_by_itself_at_night_costs_nothing_more(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await by_working_hours(service)
        service.clock.move_to(shanghai(4, 16))
        opened = await service.record()
        service.clock.move_to(shanghai(4, 18))
        await service.move(opened["id"], "pause", at_most="PT5H")

        service.clock.move_to(shanghai(4, 23))
        await service.run_loops()

        assert datetime.fromisoformat((await service.read(opened["id"]))["answer_due_at"]) == shanghai(5, 11)


async def test_the_queue_says_what_is_left_on_each_clock(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await by_working_hours(service, subject="delivery")
        service.clock.move_to(shanghai(4, 17))
        by_hours = await service.record(subject="delivery")
        always = await service.record()
        paused = await service.record()
        await service.move(paused["id"], "pause")
        service.clock.forward(HOUR / 2)

        items = (await service.get("/queue")).json()["items"]
        service.clock.forward(4 * HOUR)
        late = (await service.get("/queue")).json()["items"]

        assert [(item["id"], item["seconds_left"]) for item in items] == [
            (always["id"], 3.5 * 3_600),
            (by_hours["id"], 3.5 * 3_600),
            (paused["id"], None),
        ]
        assert [item["seconds_left"] for item in late] == [0, 3 * 3_600, None]


async def test_clocks_keep_the_version_by_which_they_started(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await by_working_hours(service)
        service.clock.move_to(shanghai(4, 17))
        before = await service.record()
        read = await service.get("/calendars/working_hours")
        assert read.json()["version"] == 1

        closed = {"week": OFFICE, "days": {"2026-11-05": []}, "public_holidays": "CN"}
        changed = await put(service, "working_hours", closed, read.headers["ETag"])
        assert changed.status_code == 200, changed.text
        after = await service.record()
        await service.move(before["id"], "pause")
        service.clock.move_to(shanghai(4, 19))
        resumed = await service.move(before["id"], "resume")

        assert datetime.fromisoformat(before["answer_due_at"]) == shanghai(5, 12)
        assert datetime.fromisoformat(after["answer_due_at"]) == shanghai(6, 12)
        assert datetime.fromisoformat(resumed["answer_due_at"]) == shanghai(5, 13)
        [reopened] = [await service.move(before["id"], move) for move in ("answer", "reopen")][1:]
        assert datetime.fromisoformat(reopened["answer_due_at"]) == shanghai(6, 13), "the calendar of now"
        assert await service.database.fetchval("SELECT calendar_version FROM complaint_round WHERE round = 1") == 1
        assert await service.database.fetchval("SELECT calendar_version FROM complaint WHERE round = 2") == 2


async def test_the_built_in_calendar_knows_china(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        [listed] = (await service.get("/calendars")).json()["items"]
        read = await service.get("/calendars/working_hours")

        whole = read.json()
        assert (listed["name"], listed["version"], listed["zone"]) == ("working_hours", 0, "Asia/Shanghai")
        assert {name: whole[name] for name in listed} == listed
        assert read.headers["ETag"] == '"0"'
        assert whole["week"]["monday"] == ["09:00-18:00"]
        assert whole["week"]["sunday"] == []
        assert whole["days"]["2026-10-01"] == []
        assert whole["days"]["2026-10-10"] == ["09:00-18:00"]
        assert 2026 in whole["years"]


async def test_a_calendar_is_added_read_and_changed(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        body = {"zone": "Europe/Berlin", "week": {"monday": ["08:00-12:00", "13:00-24:00"]}}
        added = await put(service, "berlin", body)
        assert added.status_code == 200, added.text
        read = await service.get("/calendars/berlin")
        changed = await put(
            service, "berlin", {**body, "days": {"2026-12-24": []}, "years": [2026]}, added.headers["ETag"]
        )

        assert read.json() == added.json()
        assert (read.json()["years"], read.json()["week"]["tuesday"]) == (None, [])
        assert (changed.json()["version"], changed.json()["years"]) == (2, [2026])
        assert changed.json()["days"] == {}, "a Thursday is off anyway"
        again = {name: value for name, value in changed.json().items() if name not in ("name", "version")}
        same = await put(service, "berlin", again, changed.headers["ETag"])
        assert {**same.json(), "version": 2} == changed.json(), "what is read can be sent back"
        names = [item["name"] for item in (await service.get("/calendars")).json()["items"]]
        assert names == ["berlin", "working_hours"]


async def test_a_case_by_a_calendar_of_another_zone(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await put(service, "new_york", {"zone": "America/New_York", "week": OFFICE})
        await by_working_hours(service, calendar="new_york")

        opened = await service.record()

        assert datetime.fromisoformat(opened["answer_due_at"]) == datetime(2026, 11, 4, 18, tzinfo=UTC)


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "invalid"),
    ({"week": {}}, "calendar-refused"),
    ({"week": {"monday": ["09:00-16:59"]}}, "calendar-refused"),
    ({"week": {**OFFICE, "monday": ["18:00-09:00"]}}, "calendar-refused"),
    ({"week": {**OFFICE, "monday": ["09:00-12:00", "11:00-18:00"]}}, "calendar-refused"),
    ({"week": OFFICE, "days": {"2027-01-01": ["12:00-12:00"]}}, "calendar-refused"),
    ({"week": {"someday": ["09:00-18:00"]}}, "invalid"),
    ({"week": {"monday": ["9-18"]}}, "invalid"),
    ({"week": {"monday": ["09:00-25:00"]}}, "invalid"),
    ({"week": {"monday": "09:00-18:00"}}, "invalid"),
    ({"week": OFFICE, "zone": "Mars/Olympus"}, "invalid"),
    ({"week": OFFICE, "days": {"new year": []}}, "invalid"),
    ({"week": OFFICE, "days": {"2027-02-30": []}}, "invalid"),
    ({"week": OFFICE, "public_holidays": "XX"}, "invalid"),
    ({"week": OFFICE, "years": [2]}, "invalid"),
    ({"week": OFFICE, "months": []}, "invalid"),
]


async def test_bad_calendars_are_told_and_not_written(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        for body, slug in BAD:
            answer = await put(service, "ours", body)
            assert (answer.status_code, answer.json()["slug"]) == (422, slug), body
        for name, slug in (("always", "calendar-refused"), ("Our%20hours", "invalid"), ("x" * 41, "invalid")):
            answer = await put(service, name, {"week": OFFICE})
            assert (answer.status_code, answer.json()["slug"]) == (422, slug), name
        assert await service.database.fetchval("SELECT count(*) FROM calendar") == 0
        assert await service.database.fetchval("SELECT revision FROM rulebook") == 1


async def test_a_calendar_that_stands_is_changed_by_who_has_read_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await put(service, "ours", {"week": OFFICE})

        unread = await put(service, "ours", {"week": OFFICE})
        stale = await put(service, "ours", {"week": OFFICE}, '"7"')
        built_in = await put(service, "working_hours", {"week": OFFICE})
        malformed = await put(service, "ours", {"week": OFFICE}, "yesterday's")
        absent = await service.get("/calendars/theirs")

        assert (unread.status_code, unread.json()["slug"]) == (428, "precondition-required")
        assert (stale.status_code, stale.json()["slug"]) == (412, "stale")
        assert (built_in.status_code, built_in.json()["slug"]) == (428, "precondition-required")
        assert malformed.status_code == 400
        assert (absent.status_code, absent.json()["slug"]) == (404, "no-such-calendar")
        assert await service.database.fetchval("SELECT count(*) FROM calendar") == 1


@pytest.mark.parametrize(
    "role, subject, status",
    [("admin_dept", CS_MANAGER, 200), ("cs_manager", CS_MANAGER, 403), ("cs_specialist", SPECIALIST, 403)],
)
async def test_administration_keeps_calendars(
    fresh_database: FreshDatabase, role: str, subject: UUID, status: int
) -> None:
    async with complaints(fresh_database) as service:
        answer = await put(service, "ours", {"week": OFFICE}, **as_role(role, subject))

        assert answer.status_code == status
        assert (await service.http.get("/complaints/v1/calendars", headers=as_role(role, subject))).status_code == 200


async def test_policies_refuse_what_no_calendar_can_say(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        later = {"answer_within": "PT4H", "calendar": "working_hours", "starts_at": "2030-01-01T00:00:00+08:00"}

        unknown = await service.post("/clock-policies", {"answer_within": "PT4H", "calendar": "moon"})
        without_year = await service.post("/clock-policies", later)

        assert (unknown.status_code, unknown.json()["slug"]) == (422, "unknown-calendar")
        assert "always, working_hours" in unknown.json()["detail"]
        assert (without_year.status_code, without_year.json()["slug"]) == (422, "calendar-year-missing")
        assert without_year.json()["errors"][0]["pointer"] == "#/calendar"
        assert await service.database.fetchval("SELECT count(*) FROM calendar") == 0, "nothing half written"
        assert await service.database.fetchval("SELECT count(*) FROM clock_policy") == 2, "the two of the beginning"


async def test_a_year_that_is_given_serves_a_policy(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        holidays = {"week": OFFICE, "public_holidays": "CN", "days": {"2030-01-01": []}, "years": [2030]}
        assert (await put(service, "working_hours", holidays, '"0"')).status_code == 200
        await by_working_hours(service, starts_at="2030-01-01T00:00:00+08:00")
        service.clock.move_to(datetime(2029, 12, 31, 17, tzinfo=UTC))

        opened = await service.record()

        assert datetime.fromisoformat(opened["answer_due_at"]) == datetime(2030, 1, 2, 5, tzinfo=UTC)


async def test_day_and_night_stays_the_rule(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await by_working_hours(service, tier="A")

        ours = await service.record(await service.customer("B"))

        assert datetime.fromisoformat(ours["answer_due_at"]) == START + 4 * HOUR
        assert await service.database.fetchval("SELECT calendar_version FROM complaint") is None
