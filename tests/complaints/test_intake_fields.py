"""What is said when a case is recorded: every field of the intake, on every channel, for every kind."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from shared.contracts.complaints import CaseKind, ComplaintOpened
from shared.ids import new_id
from tests.complaints.building import SALESPERSON, as_role, case, complaints
from tests.complaints.test_letters import writing
from tests.postgres import FreshDatabase
from tests.support import START

CHANNELS = ("line", "web", "social", "visit", "email", "partner", "internal")
SAID: dict[str, Any] = {
    "why": "运输途中受热",
    "usage": "每晚一次，已用三天",
    "bought_on": "2026-10-20",
    "solving": "换货，不要退款",
    "wish": "换一瓶",
    "reply_by": "sms",
    "language": "en",
}


async def test_all_that_is_said_is_read_again_and_lies_sealed(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(**SAID)
        plain = await service.record()

        read = await service.read(opened["id"])
        assert {name: read[name] for name in SAID} == SAID
        assert (await service.read(plain["id"]))["why"] is None
        rows = await service.database.fetch("SELECT words, details FROM complaint ORDER BY id")
        assert rows[1]["details"] is None
        for secret in ("运输途中受热", "每晚一次", "2026-10-20", "换货"):
            assert secret.encode() not in rows[0]["details"]
        (fact, _) = await service.events(ComplaintOpened)
        assert not any(secret in fact.data for secret in ("运输", "每晚", "2026-10-20", "换货"))


async def test_what_is_told_of_a_case_says_every_field_as_its_contract_writes_it(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        await service.record(**SAID)

        (told,) = await service.events(ComplaintOpened)
        written = json.loads(told.data)
        assert written.keys() == ComplaintOpened.model_fields.keys()
        assert written == ComplaintOpened.model_validate(written).model_dump(mode="json")


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("kind", get_args(CaseKind))
async def test_every_kind_comes_in_by_every_channel(fresh_database: FreshDatabase, kind: str, channel: str) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(kind=kind, channel=channel)

        read = await service.read(opened["id"])
        assert (read["kind"], read["channel"], read["state"]) == (kind, channel, "open")


async def test_a_silent_dissatisfaction_from_a_visit_becomes_a_case(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        customer = await service.customer(team={"salesperson": SALESPERSON})
        touch = new_id()
        body = case(customer, kind="grumble", touch_id=str(touch))
        del body["channel"]

        answer = await service.http.post(
            "/complaints/v1/complaints", json=body, headers=as_role("salesperson", SALESPERSON)
        )

        assert answer.status_code == 201, answer.text
        read = await service.read(answer.json()["id"])
        assert (read["kind"], read["channel"], read["touch_id"]) == ("grumble", "visit", str(touch))
        (fact,) = await service.facts(ComplaintOpened)
        assert fact.touch_id == touch


@pytest.mark.parametrize(
    "fields, slug",
    [
        ({"touch_id": "019a0000-0000-7000-8000-000000000001"}, "invalid"),
        ({"bought_on": (START + timedelta(days=1)).date().isoformat()}, "time-not-allowed"),
        ({"bought_on": "1969-12-31"}, "time-not-allowed"),
        ({"bought_on": "2026-11-04T00:00:00Z"}, "invalid"),
        ({"bought_on": 20261104}, "invalid"),
        ({"why": " "}, "invalid"),
        ({"usage": "x" * 10_001}, "invalid"),
        ({"language": "fr"}, "invalid"),
        ({"reply_by": "pigeon"}, "invalid"),
        ({"reply_by": "email"}, "reply-not-possible"),
        ({"reply_by": "sms", "complainant": {"name": "王", "contact": "0578-7654321"}}, "reply-not-possible"),
        ({"reply_by": "phone", "complainant": {"name": "王", "contact": "a@example.com"}}, "reply-not-possible"),
    ],
)
async def test_what_cannot_be_is_refused(fresh_database: FreshDatabase, fields: dict[str, Any], slug: str) -> None:
    async with complaints(fresh_database) as service:
        assert await service.refused("/complaints", case(**fields)) == (422, slug)
        assert await service.database.fetchval("SELECT count(*) FROM complaint") == 0


async def test_today_is_a_day_on_which_something_was_bought(fresh_database: FreshDatabase) -> None:
    """The company's day, which begins eight hours before UTC's."""
    async with complaints(fresh_database) as service:
        service.clock.forward(timedelta(hours=16))  # one in the morning of the 5th in Shanghai

        opened = await service.record(bought_on="2026-11-05")

        assert (await service.read(opened["id"]))["bought_on"] == "2026-11-05"


async def test_the_first_reply_follows_the_wished_channel_and_language(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = await service.record(language="en", reply_by="phone")
        written = await service.record(language="en")

        (message,) = await service.sent()

        letter = await service.letter(opened["id"])
        assert (letter["state"], letter["language"]) == ("to_read", "en")
        assert "before 02:15 (5 November)" in letter["script"]
        assert (message["language"], written["number"] in message["body"]) == ("en", True)
