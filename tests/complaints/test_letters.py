"""The first reply: at once, by the complainant's channel, once, and never the answer."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.complaints.letters.domain.letters import Recipient
from services.complaints.letters.domain.texts import TEMPLATES, first_reply
from services.complaints.letters.handlers import sending
from shared.contracts.complaints import ComplaintOpened, ComplaintPaused
from shared.contracts.customers import ContactListed
from shared.contracts.erasures import PersonErased
from shared.contracts.letters import ComplaintFirstReply, ComplaintUnreached, ReplyChannel
from shared.delivery.port import Outgoing, PermanentFailure, Receipt, TransientFailure
from shared.ids import new_id
from tests.complaints.building import CS_MANAGER, SALESPERSON, SPECIALIST, Complaints, as_role, case
from tests.complaints.test_merging import merge
from tests.postgres import FreshDatabase
from tests.support import ADMIN_ID, SETTINGS, one_service

LATE: datetime = datetime(2026, 11, 4, 14, 15, tzinfo=UTC)
"""A quarter past ten at night in Shanghai: quiet hours."""
MOBILE = "+8613800138000"
LANDLINE = "+865787654321"


class Writing(Complaints):
    """The service with its outbox."""

    outbox: Path

    async def told(self) -> None:
        """Its own events of recorded cases have their effect, as over the bus."""
        await self.deliver(await self.events(ComplaintOpened))

    async def sent(self) -> list[dict[str, Any]]:
        """What the provider has, after the service has heard of its own cases and sent what is due."""
        await self.told()
        await self.run_loops()
        return self.messages()

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(file.read_text()) for file in sorted(self.outbox.glob("*.json"))]

    async def letters(self, id_: str) -> list[dict[str, Any]]:
        answer = await self.get(f"/complaints/{id_}/letters")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def letter(self, id_: str) -> dict[str, Any]:
        (found,) = await self.letters(id_)
        return found


@asynccontextmanager
async def writing(
    fresh_database: FreshDatabase, tmp_path: Path, start: datetime = LATE, **settings: Any
) -> AsyncIterator[Writing]:
    chosen = SETTINGS.model_copy(update={"outbox_directory": tmp_path / "outbox", **settings})
    async with one_service(fresh_database, "complaints", start, chosen) as alone:
        service = Writing(alone.service, alone.clock)
        service.outbox = tmp_path / "outbox"
        await service.people()
        async with service.http:
            yield service


def by(contact: str, **fields: Any) -> dict[str, Any]:
    return case(complainant={"name": "王小姐", "contact": contact}, **fields)


class Failing:
    """A provider that fails as told before it takes anything."""

    name = "failing"

    def __init__(self, *faults: Exception) -> None:
        self._faults = list(faults)
        self.taken: list[Outgoing] = []

    async def send(self, message: Outgoing) -> Receipt:
        if self._faults:
            raise self._faults.pop(0)
        self.taken.append(message)
        return Receipt(self.name, message.key)


async def erase(service: Complaints, complaint_id: UUID) -> None:
    """Who complained by this case is erased."""
    at = service.clock.now()
    await service.given(PersonErased(erasure_id=new_id(), person_id=complaint_id, kind="complainant", at=at))


class Erasing:
    """A provider; whoever is written to is erased while it has the letter in its hands."""

    def __init__(self, service: Complaints, complaint_id: UUID) -> None:
        self._service, self._complaint_id = service, complaint_id

    async def send(self, message: Outgoing) -> Receipt:
        await erase(self._service, self._complaint_id)
        return Receipt("erasing", message.key)


@pytest.mark.example(2)
async def test_the_first_reply_goes_at_once_in_spite_of_quiet_hours(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        first = await service.post("/complaints", by("138 0013 8000"), **{"Idempotency-Key": "once"})
        again = await service.post("/complaints", by("138 0013 8000"), **{"Idempotency-Key": "once"})
        opened = first.json()
        assert again.json() == opened

        (message,) = await service.sent()
        read = await service.read(opened["id"])

        assert (message["channel"], message["to"], message["language"]) == ("sms", MOBILE, "zh-CN")
        assert opened["number"] in message["body"]
        assert "02:15 前（11月5日）" in message["body"]
        assert "400-000-0000" in message["body"]
        assert f"/complaints/track/{opened['tracking_token']}" in message["body"]
        assert "非常抱歉" in message["body"]
        assert (read["state"], read["answered_at"], read["paused"]) == ("open", None, False)
        assert read["answer_due_at"] == "2026-11-04T18:15:00Z", "the clock runs on"
        assert (await service.letter(opened["id"]))["sent_at"] == "2026-11-04T14:15:00Z"


@pytest.mark.example(2)
async def test_whom_no_message_reaches_is_read_a_script_and_the_record_says_so(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = (await service.post("/complaints", by("0578-7654321"))).json()

        assert await service.sent() == []
        letter = await service.letter(opened["id"])
        assert (letter["state"], letter["channel"]) == ("to_read", "phone")
        assert opened["number"] in letter["script"]
        assert "02:15 前" in letter["script"]
        assert "http" not in letter["script"], "nobody spells a link"

        path = f"/complaints/{opened['id']}/first-reply/read"
        taken = await service.http.post("/complaints/v1" + path, headers=as_role("cs_specialist", SPECIALIST))
        again = await service.post(path)

        assert (taken.status_code, again.status_code) == (200, 200)
        for answer in (taken, again):
            (said,) = answer.json()["items"]
            assert (said["state"], said["read_by"], said["read_at"]) == (
                "read",
                str(SPECIALIST),
                "2026-11-04T14:15:00Z",
            )
        history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
        assert [(entry["what"], entry["entered_by"]) for entry in history[1:]] == [("first_reply", str(SPECIALIST))]
        (fact,) = await service.facts(ComplaintFirstReply)
        assert (fact.channel, fact.staff_id) == ("phone", SPECIALIST)
        assert (await service.read(opened["id"]))["state"] == "open"


async def test_what_was_sent_stands_in_the_history_and_is_told_once(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = (await service.post("/complaints", by("wang@example.com"))).json()
        await service.sent()
        own = await service.events(ComplaintOpened)
        await service.deliver(own)  # the log once more, from its beginning
        await service.run_loops()

        assert [message["channel"] for message in service.messages()] == ["email"]
        history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
        assert [(entry["what"], entry["entered_by"], entry["text"]) for entry in history] == [
            ("opened", str(ADMIN_ID), None),
            ("first_reply", None, None),
        ]
        (fact,) = await service.facts(ComplaintFirstReply)
        assert (fact.complaint_id, fact.channel, fact.staff_id) == (UUID(opened["id"]), "email", None)
        assert await service.refused(f"/complaints/{opened['id']}/first-reply/read") == (409, "nothing-to-read")


async def test_history_and_colleagues_are_not_written_to(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        past = (LATE - timedelta(hours=1)).isoformat()
        for fields in ({"recorded_at": past}, {"kind": "internal"}):
            opened = (await service.post("/complaints", by(MOBILE, **fields))).json()

            assert await service.sent() == []
            assert await service.letters(opened["id"]) == []
            assert await service.refused(f"/complaints/{opened['id']}/first-reply/read") == (404, "no-first-reply")


async def test_cases_of_releases_without_first_replies_stay_without_one(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    """Their events lie in the log, which is read from the beginning when a service first listens to itself."""
    async with writing(fresh_database, tmp_path) as service:
        await service.post("/complaints", by(MOBILE))
        (event,) = await service.facts(ComplaintOpened)
        await service.given(event.model_copy(update={"first_reply": False}))
        await service.run_loops()

        assert service.messages() == []


@pytest.mark.parametrize(
    "contact, channel, address",
    [
        ({"phones": [LANDLINE, MOBILE], "emails": ["a@example.com"]}, "sms", MOBILE),
        ({"phones": [LANDLINE], "emails": ["a@example.com"]}, "email", "a@example.com"),
        ({"phones": [LANDLINE]}, "phone", None),
    ],
)
async def test_a_customer_is_written_to_by_their_own_contact(
    fresh_database: FreshDatabase, tmp_path: Path, contact: dict[str, Any], channel: str, address: str | None
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        customer = await service.customer()
        listed = {"customer_id": customer, "kind": "store", "name": "美丽人生", "language": "en", **contact}
        opened = await service.record(customer)
        assert await service.sent() == []
        assert [(each["state"], each["reason"]) for each in await service.letters(opened["id"])] == [
            ("held", "no_contact")
        ]

        await service.given(ContactListed.model_validate(listed))
        await service.run_loops()

        letter = await service.letter(opened["id"])
        assert (letter["channel"], letter["language"]) == (channel, "en")
        assert [message["to"] for message in service.messages()] == ([address] if address else [])
        said = service.messages()[0]["body"] if address else letter["script"]
        assert "before 02:15 (5 November)" in said
        kept = await service.database.fetchval("SELECT sealed FROM contact")
        assert MOBILE.encode() not in kept
        assert b"example.com" not in kept


@pytest.mark.parametrize("listed_first", [False, True])
async def test_who_was_merged_is_written_to_as_who_is_kept(
    fresh_database: FreshDatabase, tmp_path: Path, listed_first: bool
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        kept, twice = await service.customer(), await service.customer()
        opened = await service.record(twice)
        assert await service.sent() == []
        listed = ContactListed(customer_id=kept, kind="store", name="美丽人生", phones=[MOBILE])

        if listed_first:
            await service.given(listed)
        await merge(service, twice, kept)
        if not listed_first:
            await service.given(listed)

        assert [message["to"] for message in await service.sent()] == [MOBILE]
        assert (await service.letter(opened["id"]))["state"] == "sent"


@pytest.mark.parametrize(
    "contact, reason",
    [(None, "no_contact"), ({"phones": [], "emails": []}, "no_address")],
)
async def test_who_cannot_be_reached_is_listed_with_the_reason(
    fresh_database: FreshDatabase, tmp_path: Path, contact: dict[str, Any] | None, reason: str
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        customer = await service.customer()
        if contact is not None:
            listed = {"customer_id": customer, "kind": "store", "name": "美丽人生", **contact}
            await service.given(ContactListed.model_validate(listed))
        opened = await service.record(customer)
        await service.sent()
        service.clock.forward(timedelta(hours=4))
        await service.run_loops()

        letter = await service.letter(opened["id"])
        assert (letter["state"], letter["reason"], letter["next_at"]) == ("refused", reason, None)
        assert service.messages() == []
        await service.run_loops()
        await assert_told_once(service, opened, reason, SPECIALIST)


async def assert_told_once(service: Writing, opened: dict[str, Any], reason: str, staff_id: UUID) -> None:
    """That the first reply reaches nobody: in the history and by an event, with a code and no more."""
    [fact] = await service.facts(ComplaintUnreached)
    assert (str(fact.complaint_id), fact.number, fact.reason) == (opened["id"], opened["number"], reason)
    assert fact.staff_id == staff_id
    history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
    [entry] = [entry for entry in history if entry["what"] == "unreached"]
    assert (entry["text"], entry["changes"]) == (None, {"first_reply": {"from": None, "to": reason}})


async def test_a_case_that_is_answered_meanwhile_gets_no_first_reply(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = (await service.post("/complaints", by(MOBILE))).json()
        await service.move(opened["id"], "answer")

        assert await service.sent() == []
        letter = await service.letter(opened["id"])
        assert (letter["state"], letter["reason"]) == ("refused", "answered")
        assert await service.facts(ComplaintUnreached) == []


async def test_what_fails_for_a_moment_is_tried_again(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        provider = Failing(TransientFailure("http-503"), RuntimeError("unexpected"))
        monkeypatch.setattr(service.service.context.providers, "send", provider.send)
        opened = (await service.post("/complaints", by(MOBILE))).json()
        await service.sent()
        letter = await service.letter(opened["id"])
        assert (letter["state"], letter["reason"], letter["attempts"]) == ("planned", "http-503", 1)
        assert letter["next_at"] == "2026-11-04T14:15:30Z"

        for seconds in (30, 60):
            service.clock.forward(timedelta(seconds=seconds))
            await service.run_loops()

        letter = await service.letter(opened["id"])
        assert (letter["state"], letter["reason"], letter["attempts"]) == ("sent", None, 3)
        assert [message.address for message in provider.taken] == [MOBILE]


async def test_what_a_provider_never_takes_has_failed(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        monkeypatch.setattr(service.service.context.providers, "send", Failing(PermanentFailure("channel-off")).send)
        opened = (await service.post("/complaints", by(MOBILE))).json()
        await service.sent()

        answer = await service.get(f"/complaints/{opened['id']}/letters")
        assert [(each["state"], each["reason"]) for each in answer.json()["items"]] == [("failed", "channel-off")]
        assert "138" not in re.sub(r'"number":"[^"]*"', "", answer.text), "no address is shown"
        assert await service.facts(ComplaintFirstReply) == []
        await service.run_loops()
        await assert_told_once(service, opened, "failed", CS_MANAGER)


@pytest.mark.parametrize("then", [None, PermanentFailure("smtp-550"), TransientFailure("smtp-450")])
async def test_what_one_address_never_takes_goes_to_the_next(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: Exception | None
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        provider = Failing(PermanentFailure("sms-blocked"), *([then] if then else []))
        monkeypatch.setattr(service.service.context.providers, "send", provider.send)
        customer = await service.customer()
        listed = {"customer_id": customer, "kind": "store", "name": "美丽人生", "emails": ["a@example.com"]}
        await service.given(ContactListed.model_validate({**listed, "phones": [MOBILE]}))
        opened = await service.record(customer)

        await service.sent()

        letter = await service.letter(opened["id"])
        assert letter["channel"] == "email"
        if isinstance(then, PermanentFailure):
            assert (letter["state"], letter["reason"], provider.taken) == ("failed", "smtp-550", [])
            await assert_told_once(service, opened, "failed", SPECIALIST)
        elif then is not None:
            assert (letter["state"], letter["reason"]) == ("planned", "smtp-450")
            assert await service.facts(ComplaintUnreached) == []
        else:
            assert (letter["state"], letter["attempts"]) == ("sent", 1)
            assert [message.address for message in provider.taken] == ["a@example.com"]
            assert [fact.channel for fact in await service.facts(ComplaintFirstReply)] == ["email"]


async def test_what_no_provider_took_is_read_by_whoever_calls(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where no SMS is configured: the complainant is called, and the record says so."""
    monkeypatch.setenv("CRM_DELIVERY_SMS", "off")
    async with writing(fresh_database, tmp_path) as service:
        opened = (await service.post("/complaints", by(MOBILE))).json()
        read = f"/complaints/{opened['id']}/first-reply/read"
        early = await service.refused(read)
        assert await service.sent() == []
        failed = await service.letter(opened["id"])

        answers = [await service.post(read) for _ in range(2)]

        assert early[0] in (404, 409)
        assert (failed["state"], failed["reason"]) == ("failed", "channel-off")
        assert opened["number"] in failed["script"]
        assert [answer.status_code for answer in answers] == [200, 200]
        letter = await service.letter(opened["id"])
        assert (letter["state"], letter["script"]) == ("read", failed["script"])
        history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
        assert [entry["what"] for entry in history] == ["opened", "unreached", "first_reply"]
        assert [fact.channel for fact in await service.facts(ComplaintFirstReply)] == ["phone"]


async def test_many_senders_send_each_letter_once(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        for _ in range(20):
            await service.post("/complaints", by(MOBILE))
        await service.told()

        context = service.service.context
        judged = await asyncio.gather(*(sending.send_due(context) for _ in range(3)))

        assert sum(judged) == 20
        assert len(service.messages()) == len(await service.facts(ComplaintFirstReply)) == 20


async def test_a_sender_that_died_is_followed_by_another_under_the_same_key(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = (await service.post("/complaints", by(MOBILE))).json()
        await service.told()

        async def died(*_: object) -> None:
            raise asyncio.CancelledError

        with monkeypatch.context() as dying:
            dying.setattr(sending, "_mark", died)
            with pytest.raises(asyncio.CancelledError):
                await sending.send_due(service.service.context)
        assert (await service.letter(opened["id"]))["state"] == "sending"
        assert await service.run_loops() == 0, "its lease runs still"

        await service.database.execute("UPDATE letter SET lease_until = now() - interval '1 second'")
        await service.run_loops()

        assert (await service.letter(opened["id"]))["state"] == "sent"
        assert len(service.messages()) == len(await service.facts(ComplaintFirstReply)) == 1


async def test_only_who_serves_the_case_sees_its_letters(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = (await service.post("/complaints", by(LANDLINE))).json()
        await service.sent()
        foreign = as_role("salesperson", SALESPERSON)
        base = f"/complaints/v1/complaints/{opened['id']}"

        assert (await service.http.get(f"{base}/letters", headers=foreign)).status_code == 404
        assert (await service.http.post(f"{base}/first-reply/read", headers=foreign)).status_code == 404
        assert (await service.get(f"/complaints/{new_id()}/letters")).status_code == 404


@pytest.mark.parametrize("wished, channel", [(None, "sms"), ("email", "email"), ("phone", "phone")])
def test_the_wished_channel_comes_first(wished: ReplyChannel | None, channel: str) -> None:
    ways = Recipient(sms=MOBILE, email="a@example.com", phone=MOBILE).ways(wished)

    assert ways[0][0] == channel
    assert sorted(way[0] for way in ways) == ["email", "phone", "sms"]


@pytest.mark.parametrize("kind", ["complaint", "grumble", "suggestion", "enquiry"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_texts_say_number_deadline_line_and_link(kind: str, language: str) -> None:
    zone = SETTINGS.zone
    due = (LATE + timedelta(minutes=30), LATE, zone)

    text = first_reply(language, kind, "C20261104-000001", due, "400-123-4567", "https://x.example/t").body

    for part in ("C20261104-000001", "22:45", "400-123-4567", "https://x.example/t"):
        assert part in text
    assert not re.search(r"\(|（", text), "today needs no date"
    assert (("sorry" in text) or ("抱歉" in text)) == (kind in ("complaint", "grumble"))


def test_every_text_speaks_both_languages() -> None:
    assert {language for template in TEMPLATES.values() for language in template.texts} == {"zh-CN", "en"}


async def asked(service: Writing, id_: str, question: str, **body: Any) -> list[dict[str, Any]]:
    """What the provider has of a question that the clock stands for."""
    before = len(await service.sent())
    await service.move(id_, "pause", text=question, **body)
    for _ in range(2):  # the second time it is heard it stands already
        await service.deliver(await service.events(ComplaintPaused))
        await service.run_loops()
    return service.messages()[before:]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_question_goes_to_the_complainant_once(
    fresh_database: FreshDatabase, tmp_path: Path, language: str
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = (await service.post("/complaints", by(MOBILE, language=language))).json()
        [message] = await asked(service, opened["id"], "是哪一批 {x}？")

        assert (message["channel"], message["to"], message["language"]) == ("sms", MOBILE, language)
        assert "是哪一批 {x}？" in message["body"]
        assert f"/complaints/track/{opened['tracking_token']}" in message["body"]
        history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
        [pause] = [entry for entry in history if entry["what"] == "paused"]
        assert [entry["what"] for entry in history].count("question_sent") == 1
        letter = (await service.letters(opened["id"]))[-1]
        assert (letter["occasion"], letter["state"]) == (f"question:{pause['id']}", "sent")
        assert len(await service.facts(ComplaintFirstReply)) == 1, "a question is no first reply"
        log = await service.database.fetch("SELECT data::text AS everything FROM event_log")
        assert not any("哪一批" in row["everything"] for row in log)

        await service.move(opened["id"], "resume")
        [second] = await asked(service, opened["id"], "瓶底" * 200)
        assert "瓶底" not in second["body"], "what is long is read on the page"


async def test_a_question_that_is_settled_before_it_goes_is_not_sent(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = (await service.post("/complaints", by(MOBILE))).json()
        await service.sent()
        await service.move(opened["id"], "pause", text="是哪一批？")
        await service.deliver(await service.events(ComplaintPaused))
        await service.move(opened["id"], "resume")
        await service.run_loops()

        assert len(service.messages()) == 1
        letter = (await service.letters(opened["id"]))[-1]
        assert (letter["state"], letter["reason"]) == ("refused", "answered")
        assert await service.facts(ComplaintUnreached) == []


async def test_whom_a_question_does_not_reach_the_handler_is_told(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = (await service.post("/complaints", by(LANDLINE, customer_id=str(await service.customer())))).json()
        assert await asked(service, opened["id"], "是哪一批？") == []

        [fact] = await service.facts(ComplaintUnreached)
        history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
        [pause] = [entry for entry in history if entry["what"] == "paused"]
        assert (str(fact.question_id), fact.reason, fact.staff_id) == (pause["id"], "no_address", SPECIALIST)
        [entry] = [entry for entry in history if entry["what"] == "unreached"]
        assert entry["changes"] == {"question": {"from": None, "to": "no_address"}}
        assert (await service.letters(opened["id"]))[-1]["script"] is None


async def test_nothing_is_kept_of_a_letter_to_who_is_erased_while_it_goes(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = (await service.post("/complaints", by(MOBILE))).json()
        provider = Erasing(service, UUID(opened["id"]))
        monkeypatch.setattr(service.service.context.providers, "send", provider.send)

        await service.sent()

        left = await service.database.fetch("SELECT state, reference FROM letter")
        assert [tuple(each) for each in left] == [("sent", None)]


async def test_the_number_of_a_letter_goes_with_who_is_erased(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        opened = (await service.post("/complaints", by(MOBILE))).json()
        await service.sent()
        assert await service.database.fetchval("SELECT count(reference) FROM letter") == 1

        await erase(service, UUID(opened["id"]))

        assert await service.database.fetchval("SELECT count(reference) FROM letter") == 0
