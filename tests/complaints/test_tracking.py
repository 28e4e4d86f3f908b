"""Following a case by its token: what the complainant sees, adds and judges, in JSON and on the page."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.complaints.complainant_page.api.texts import TEXTS
from services.complaints.tracking.domain import token_of
from shared.contracts.complaints import (
    ComplaintAnswered,
    ComplaintPaused,
    ComplaintReopened,
    ComplaintResumed,
    ComplaintWordsAdded,
)
from shared.ids import new_id
from tests.complaints.building import SPECIALIST, Complaints, as_role, complaints
from tests.postgres import FreshDatabase

STEPS = ("investigate", "propose", "execute", "inspect", "settle", "reply")


async def tracked(service: Complaints, **fields: Any) -> dict[str, Any]:
    """A recorded case; from now on the client brings no login."""
    return await service.record(**fields)


async def page(service: Complaints, token: str, below: str = "", **options: Any) -> httpx.Response:
    """What a browser gets of the complainant's page."""
    method = "POST" if "data" in options or "content" in options else "GET"
    headers = {"Authorization": "", **options.pop("headers", {})}
    return await service.http.request(method, f"/complaints/track/{token}{below}", headers=headers, **options)


async def alone(service: Complaints, method: str, path: str, body: object = None) -> httpx.Response:
    """The JSON routes without a login."""
    return await service.http.request(method, f"/complaints/v1/track/{path}", json=body, headers={"Authorization": ""})


async def test_the_complainant_follows_without_login(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(wish="换一瓶")
        token = opened["tracking_token"]

        followed = await alone(service, "GET", token)

        assert followed.status_code == 200
        said = followed.json()
        assert (said["number"], said["state"], said["wish"]) == (opened["number"], "open", "换一瓶")
        assert (said["next_deadline"], said["may_judge"]) == (opened["answer_due_at"], False)
        assert set(said).isdisjoint({"text", "complainant", "responsible_id", "id", "handler", "accountable"})
        for forged in (token[:-4] + "AAAA", "x", "é" * 10, "A" * 43, opened["id"]):
            answer = await alone(service, "GET", forged)
            assert (answer.status_code, answer.json()["slug"]) == (404, "no-such-complaint")
            shown = await page(service, forged)
            assert (shown.status_code, shown.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


async def test_words_of_the_complainant_are_an_entry_and_no_answer(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        token = opened["tracking_token"]

        added = await alone(service, "POST", f"{token}/words", {"text": "我还有照片"})
        posted = await page(service, token, "/words", data={"text": "请尽快"})

        assert (added.status_code, posted.status_code) == (201, 303)
        read = await service.read(opened["id"])
        assert (read["state"], read["answered_at"]) == ("open", None)
        assert read["answer_due_at"] == opened["answer_due_at"], "the clock runs on"
        history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
        said = [(entry["what"], entry["entered_by"], entry["text"]) for entry in history]
        assert said == [("words", None, "我还有照片"), ("words", None, "请尽快")]
        assert await service.facts(ComplaintAnswered) == []
        told = await service.events(ComplaintWordsAdded)
        assert len(told) == 2
        assert not any("照片" in event.data for event in told)
        kept = await service.database.fetchval("SELECT string_agg(encode(words, 'hex'), '') FROM case_entry")
        assert "照片".encode().hex() not in kept


@pytest.mark.parametrize(
    "below, body",
    [
        ("words", {}),
        ("words", {"text": "  "}),
        ("words", {"text": "x" * 4_001}),
        ("words", {"text": "a\x00b"}),
        ("words", {"text": "ok", "state": "closed"}),
        ("satisfaction", {"perceived": 0, "expected": 8}),
        ("satisfaction", {"perceived": "8", "expected": 8}),
        ("satisfaction", {"perceived": 8, "expected": 8, "at": "2026-01-01T00:00:00Z"}),
        ("satisfaction", {"perceived": 8}),
    ],
)
async def test_what_is_not_right_is_refused_and_keeps_nothing(
    fresh_database: FreshDatabase, below: str, body: dict[str, Any]
) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        await service.move(opened["id"], "answer")
        token = opened["tracking_token"]
        form = {name: str(value) for name, value in body.items()}
        strict = body and body != {"perceived": "8", "expected": 8}  # a form has nothing but text

        assert (await alone(service, "POST", f"{token}/{below}", body)).status_code == 422
        if strict:
            shown = await page(service, token, f"/{below}", data=form, headers={"Accept-Language": "en"})
            assert shown.status_code == 422
            assert TEXTS["en"].refused["invalid"] in shown.text
        history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
        assert [entry["what"] for entry in history] == ["answered"]


async def test_a_page_takes_forms_alone(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        token = (await service.record())["tracking_token"]

        as_json = await page(service, token, "/words", content=b'{"text": "x"}', headers={"Content-Type": "text/plain"})
        twice = {"content": b"text=a&text=b", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}

        assert as_json.status_code == 415
        assert (await page(service, token, "/words", **twice)).status_code == 422


async def test_the_complainant_judges_and_what_is_below_expectation_opens_the_next_round(
    fresh_database: FreshDatabase,
) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        token, path = opened["tracking_token"], f"{opened['tracking_token']}/satisfaction"
        refused = await alone(service, "POST", path, {"perceived": 8, "expected": 8})
        assert (refused.status_code, refused.json()["slug"]) == (409, "wrong-state")
        await service.move(opened["id"], "answer")
        assert (await alone(service, "GET", token)).json()["may_judge"]

        judged = await alone(service, "POST", path, {"perceived": 6, "expected": 8, "text": "太慢"})

        assert judged.status_code == 200
        assert (judged.json()["round"], judged.json()["state"], judged.json()["may_judge"]) == (2, "open", False)
        (reopened,) = await service.facts(ComplaintReopened)
        assert reopened.round == 2
        history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
        assert [(entry["what"], entry["entered_by"]) for entry in history][1:] == [
            ("dissatisfied", None),
            ("reopened", None),
        ]

        await service.move(opened["id"], "answer")
        satisfied = await page(service, token, "/satisfaction", data={"perceived": "8", "expected": "8", "text": ""})
        again = await page(service, token, "/satisfaction", data={"perceived": "1", "expected": "8"})

        assert (satisfied.status_code, again.status_code) == (303, 409)
        assert (await service.read(opened["id"]))["state"] == "answered"


async def test_who_is_judged_does_not_say_it(fresh_database: FreshDatabase) -> None:
    """Administration takes it down in a call-back; the specialist of the case may not, whatever else they are."""
    async with complaints(fresh_database) as service:
        customer = await service.customer()
        opened = await service.record(customer)
        await service.move(opened["id"], "answer")
        url, body = f"/complaints/v1/complaints/{opened['id']}/satisfaction", {"perceived": 8, "expected": 8}
        administration = await service.colleague("admin_dept")

        own = await service.http.post(url, json=body, headers=as_role("cs_specialist", SPECIALIST))
        both = await service.http.post(url, json=body, headers=as_role("admin_dept", SPECIALIST))
        other = await service.http.post(url, json=body, headers=as_role("admin_dept", administration))

        assert (own.status_code, own.json()["slug"]) == (403, "forbidden")
        assert (both.status_code, both.json()["slug"]) == (403, "own-case")
        assert other.status_code == 200


async def test_a_token_ends_ninety_days_after_closing(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(kind="enquiry")
        for movement in ("answer", "resolve", "close"):
            await service.move(opened["id"], movement)
        token = opened["tracking_token"]

        service.clock.forward(timedelta(days=90) - timedelta(seconds=1))
        assert (await alone(service, "GET", token)).status_code == 200
        service.clock.forward(timedelta(seconds=1))

        for method, below, body in (
            ("GET", "", None),
            ("POST", "/words", {"text": "x"}),
            ("POST", "/satisfaction", {"perceived": 8, "expected": 8}),
        ):
            answer = await alone(service, method, token + below, body)
            assert (answer.status_code, answer.json()["slug"]) == (410, "tracking-ended")
        shown = await page(service, token, headers={"Accept-Language": "en"})
        assert shown.status_code == 410
        assert "400-000-0000" in shown.text, "whoever needs more can call"
        assert opened["number"] not in shown.text


async def test_visits_of_one_case_are_bounded(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_COMPLAINTS_VISITS_PER_MINUTE", "5")
    monkeypatch.setenv("CRM_COMPLAINTS_ADDITIONS_PER_HOUR", "2")
    async with complaints(fresh_database) as service:
        one, other = [(await service.record())["tracking_token"] for _ in range(2)]

        said = [(await alone(service, "POST", f"{one}/words", {"text": "x"})).status_code for _ in range(3)]
        assert said == [201, 201, 429]
        refused = await alone(service, "GET", one)
        for _ in range(5):
            refused = await alone(service, "GET", one)
        assert (refused.status_code, refused.json()["slug"]) == (429, "too-many-requests")
        assert int(refused.headers["Retry-After"]) >= 1
        assert (await page(service, one)).status_code == 429
        assert (await alone(service, "GET", other)).status_code == 200, "another case is another matter"


async def test_the_page_speaks_both_languages_and_switches(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record(wish="<script>alert(1)</script>")
        token = opened["tracking_token"]

        zh = await page(service, token)
        en = await page(service, token, headers={"Accept-Language": "en-GB,en;q=0.9"})
        switched = await page(service, token, params={"lang": "zh"}, headers={"Accept-Language": "en"})

        for shown, code in ((zh, "zh-CN"), (en, "en"), (switched, "zh-CN")):
            assert shown.status_code == 200
            assert f'<html lang="{code}">' in shown.text
            assert opened["number"] in shown.text
            assert "<script" not in shown.text, "what people said is text"
            assert "&lt;script&gt;" in shown.text
        assert "2026-11-04 13:00" in zh.text
        assert "4 November 2026, 13:00" in en.text
        assert "Asia/Shanghai" in en.text
        assert (await page(service, token, params={"lang": "fr"})).status_code == 422


async def test_the_page_loads_nothing_and_stands_in_nobodys_frame(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        token = (await service.record())["tracking_token"]
        shown = await page(service, token)

        policy = shown.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "form-action 'self'; frame-ancestors 'none'" in policy
        assert shown.headers["Referrer-Policy"] == "no-referrer"
        assert shown.headers["Cache-Control"] == "no-store"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in shown.headers
        assert not re.search(r"(src|href)=.(https?:)?//", shown.text)


def test_the_token_of_a_case_is_always_the_same() -> None:
    id_ = UUID(int=7)

    def digest(content: bytes) -> bytes:
        return content * 2

    assert token_of(id_, digest) == token_of(id_, digest) != token_of(new_id(), digest)


async def test_what_the_complainant_adds_ends_a_pause_at_once(fresh_database: FreshDatabase) -> None:
    """With all that a colleague's word ends it with: clocks, history, event."""
    async with complaints(fresh_database) as service:
        for below in ("words", "files"):
            opened = await service.record()
            token = opened["tracking_token"]
            await service.hear_own()
            await service.move(opened["id"], "pause", text="哪一批？")
            assert (await alone(service, "GET", token)).json()["paused"]
            service.clock.forward(timedelta(hours=2))

            if below == "words":
                answer = await alone(service, "POST", f"{token}/words", {"text": "第 12 批"})
            else:
                file = {"file": ("罐.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40, "image/png")}
                path = f"/complaints/v1/track/{token}/files"
                answer = await service.http.post(path, files=file, headers={"Authorization": ""})
            assert answer.status_code == 201, answer.text

            standing = (await alone(service, "GET", token)).json()
            due = datetime.fromisoformat(opened["answer_due_at"]) + timedelta(hours=2)
            assert (standing["paused"], datetime.fromisoformat(standing["answer_due_at"])) == (False, due)
            assert not (await service.read(opened["id"]))["paused"]
            [ended] = [each for each in await service.facts(ComplaintResumed) if str(each.complaint_id) == opened["id"]]
            assert (ended.at, ended.answer_due_at) == (service.clock.now(), due)
            history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
            told = [(entry["what"], entry["entered_by"]) for entry in history][-2:]
            assert told == [("words" if below == "words" else "file_added", None), ("resumed", None)]
            clocks = await service.clocks(opened["id"])
            assert [pause["ended_at"] is None for pause in clocks["resolve"]["pauses"]] == [False]


async def test_the_question_of_a_pause_stands_on_the_page_while_it_lasts(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        token = opened["tracking_token"]
        await service.move(opened["id"], "pause", text="是哪一批？<b>\n瓶底有号码")
        assert (await alone(service, "GET", token)).json()["question"] is None, "it is written down to be sent first"
        await service.deliver(await service.events(ComplaintPaused))

        assert (await alone(service, "GET", token)).json()["question"] == "是哪一批？<b>\n瓶底有号码"
        shown = (await page(service, token, params={"lang": "zh"})).text
        assert TEXTS["zh-CN"].question in shown
        assert "是哪一批？&lt;b&gt;\n瓶底有号码" in shown
        assert (await page(service, token, "/words", data={"text": "12"})).status_code == 303
        assert (await alone(service, "GET", token)).json()["question"] is None
        assert TEXTS["zh-CN"].question not in (await page(service, token, params={"lang": "zh"})).text


async def test_what_older_releases_paused_with_is_shown_to_nobody(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        await service.move(opened["id"], "pause", text="er lügt wohl")
        [event] = await service.events(ComplaintPaused)
        told = event.read(ComplaintPaused).model_copy(update={"asks": False})
        await service.given(told)

        standing = (await alone(service, "GET", opened["tracking_token"])).json()
        assert (standing["paused"], standing["question"]) == (True, None)
