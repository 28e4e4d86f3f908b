"""What the complainant's page says: of the case, of what was added, and of whatever could not be."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.complaints.complainant_page.api.texts import TEXTS
from services.complaints.evidence.domain import files, kinds
from services.complaints.replies.domain import SatisfactionGiven
from shared.errors import Busy, DomainError, Invalid, OutcomeUnknown, TooLarge, TooMany
from shared.languages import Language
from tests.complaints.building import Complaints, complaints
from tests.complaints.test_evidence import PNG, desk, send
from tests.postgres import FreshDatabase

LANGUAGES: dict[Language, str] = {"zh-CN": "zh", "en": "en"}
MAY_BE_REFUSED: tuple[type[DomainError], ...] = (
    Busy,
    Invalid,
    OutcomeUnknown,
    TooLarge,
    TooMany,
    SatisfactionGiven,
    files.FileEmpty,
    files.FileTooLarge,
    files.FileUnreadable,
    files.StorageAway,
    files.TooManyFiles,
    kinds.CarriesScript,
    kinds.KindMismatch,
    kinds.KindNotTaken,
)


async def visit(
    service: Complaints, token: str, below: str = "", method: str = "", language: Language = "en", **options: Any
) -> httpx.Response:
    """What a browser gets that follows no redirect."""
    verb = method or ("POST" if below else "GET")
    query = {"lang": LANGUAGES[language]}
    headers = {"Authorization": ""}
    return await service.http.request(
        verb, f"/complaints/track/{token}{below}", params=query, headers=headers, **options
    )


def told(answer: httpx.Response, status: int, text: str) -> None:
    """Whether the answer is a page that says just this, aloud."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8"), answer.text
    assert f'<section role="alert"><p>{text}</p>' in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_every_refusal_has_words_of_its_own_in_both_languages() -> None:
    for language, texts in TEXTS.items():
        assert {error.slug for error in MAY_BE_REFUSED} <= texts.refused.keys(), language
        assert len(set(texts.refused.values())) >= len(texts.refused) - 1
    assert TEXTS["en"].refused.keys() == TEXTS["zh-CN"].refused.keys()
    assert TEXTS["en"].titles.keys() == TEXTS["zh-CN"].titles.keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "slug, upload",
    [
        ("file-kind-not-taken", ("a.png", b"<html>", "image/png")),
        ("file-kind-mismatch", ("a.pdf", PNG, "application/pdf")),
        ("file-carries-script", ("a.png", PNG + b"<script>", "image/png")),
        ("file-empty", ("a.png", b"", "image/png")),
        ("file-unreadable", ("a.pdf", b"%PDF-1.7 half", "application/pdf")),
    ],
)
async def test_a_file_that_is_not_taken_is_told_why(
    fresh_database: FreshDatabase, tmp_path: Path, language: Language, slug: str, upload: tuple[str, bytes, str]
) -> None:
    async with desk(fresh_database, tmp_path) as service:
        token = (await service.record())["tracking_token"]

        answer = await visit(service, token, "/files", language=language, files={"file": upload})

        told(answer, 422, TEXTS[language].refused[slug])
        assert f'class="back" href="/complaints/track/{token}?lang={LANGUAGES[language]}"' in answer.text


async def test_a_storage_that_is_away_is_no_fault_of_the_visitor(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    async with desk(fresh_database, folder) as service:
        token = (await service.record())["tracking_token"]
        folder.write_text("a file where the folder should be")

        answer = await visit(service, token, "/files", files={"file": ("a.png", PNG, "image/png")})

        told(answer, 503, TEXTS["en"].refused["storage-away"])
        assert int(answer.headers["retry-after"]) > 0


async def test_a_file_beyond_the_bound_is_told_how_large_it_may_be(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_COMPLAINTS_LARGEST_FILE", str(1 << 20))
    async with desk(fresh_database, tmp_path) as service:
        token = (await service.record())["tracking_token"]
        for size, status, slug in ((1 << 20, 422, "file-too-large"), (3 << 20, 413, "too-large")):
            content = PNG + b"\x00" * size
            answer = await visit(service, token, "/files", files={"file": ("a.png", content, "image/png")})
            told(answer, status, TEXTS["en"].refused[slug].format(size=1))


async def test_what_never_comes_to_a_form_is_told_on_a_page_too(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_COMPLAINTS_VISITS_PER_MINUTE", "9")
    async with complaints(fresh_database) as service:
        token = (await service.record())["tracking_token"]

        told(await visit(service, token, "/files", files={"other": b"x"}), 422, TEXTS["en"].refused["invalid"])
        huge = {"text": "x" * (2 << 20)}
        told(await visit(service, token, "/words", data=huge), 413, TEXTS["en"].refused["too-large"].format(size=20))
        for below in ("/words", "/files", "/satisfaction"):
            again = await visit(service, token, below, "GET")
            assert (again.status_code, again.headers["location"]) == (303, f"/complaints/track/{token}")
        assert (await visit(service, token, method="HEAD")).status_code == 200
        told(await visit(service, token, method="DELETE"), 405, TEXTS["en"].refused["invalid"])
        answers = [await visit(service, token) for _ in range(9)]
        texts = TEXTS["en"]
        told(answers[-1], 429, texts.not_shown["too-many-requests"].format(again=texts.soon))
        assert int(answers[-1].headers["retry-after"]) >= 1


async def test_words_that_could_not_be_kept_are_not_to_be_typed_again(fresh_database: FreshDatabase) -> None:
    """While somebody else holds the case, and when they are too long."""
    async with complaints(fresh_database) as service:
        opened = await service.record()
        token, said = opened["tracking_token"], "瓶盖 <b>也裂了</b>\n第二行"
        async with service.database.transaction() as holder:
            await holder.execute("SELECT FROM complaint WHERE id = $1 FOR UPDATE", UUID(opened["id"]))
            busy = await visit(service, token, "/words", data={"text": said})
        long = await visit(service, token, "/words", data={"text": "x" * 4_001})
        kept = await visit(service, token, "/words", data={"text": said})

        told(busy, 503, TEXTS["en"].refused["busy"])
        told(long, 422, TEXTS["en"].refused["invalid"])
        assert ">\nx" in long.text
        assert kept.status_code == 303
        history = (await service.get(f"/complaints/{opened['id']}/history")).json()["items"]
        assert [entry["text"] for entry in history] == [said]


async def test_the_page_lists_what_the_complainant_has_sent(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    """Not what staff added, nor what was removed."""
    async with desk(fresh_database, tmp_path) as service:
        opened = await service.record()
        token = opened["tracking_token"]
        await send(service, opened["id"], PNG, "内部.png")
        for name in ("瓶盖.png", "<i>送货单.png"):
            sent = await visit(service, token, "/files", files={"file": (name, PNG, "image/png")})
            assert sent.status_code == 303
        listed = await service.http.get(f"/complaints/v1/track/{token}/files", headers={"Authorization": ""})
        first, second = listed.json()["items"]
        removed = await service.post(f"/complaints/{opened['id']}/files/{second['id']}/removal", {"reason": "doppelt"})
        shown = await visit(service, token)

        assert (first["name"], second["name"], first["added_by"]) == ("瓶盖.png", "_i_送货单.png", None)
        assert removed.status_code == 200
        assert "瓶盖.png" in shown.text
        assert "2 KB" in shown.text
        assert "送货单" not in shown.text
        assert "内部" not in shown.text
        forged = await service.http.get(f"/complaints/v1/track/{'A' * 43}/files", headers={"Authorization": ""})
        assert (forged.status_code, forged.json()["slug"]) == (404, "no-such-complaint")


async def test_the_page_says_what_the_case_is_and_how_it_stands(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        enquiry = await service.record(kind="enquiry")
        asked = await visit(service, enquiry["tracking_token"])
        await service.move(enquiry["id"], "pause", at_most="PT2H")
        paused = await visit(service, enquiry["tracking_token"])
        await service.move(enquiry["id"], "resume")
        for movement in ("answer", "resolve", "close"):
            await service.move(enquiry["id"], movement)
        closed = await visit(service, enquiry["tracking_token"])

        assert "<h1>Your enquiry</h1>" in asked.text
        assert TEXTS["en"].paused in paused.text
        line = '<a href="tel:4000000000">400-000-0000</a>'
        assert TEXTS["en"].closed.format(line=line) in closed.text
        for each in (asked, paused, closed):
            assert TEXTS["en"].line.format(line=line) in each.text


async def test_who_was_not_satisfied_is_told_that_it_goes_on(fresh_database: FreshDatabase) -> None:
    async with complaints(fresh_database) as service:
        opened = await service.record()
        await service.move(opened["id"], "answer")
        token = opened["tracking_token"]
        judged = await visit(service, token, "/satisfaction", data={"perceived": "6", "expected": "8", "text": ""})
        read = await service.http.get(judged.headers["location"], headers={"Authorization": ""})

        assert TEXTS["en"].opened_again in read.text
        assert f"<title>{TEXTS['en'].opened_again}" in read.text
        again = await visit(service, token, "/satisfaction", data={"perceived": "6", "expected": "8"})
        told(again, 409, TEXTS["en"].refused["wrong-state"])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_who_added_too_much_is_told_in_how_many_minutes_to_try_again(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    monkeypatch.setenv("CRM_COMPLAINTS_ADDITIONS_PER_HOUR", "1")
    async with complaints(fresh_database) as service:
        token, texts = (await service.record())["tracking_token"], TEXTS[language]
        await visit(service, token, "/words", data={"text": "x"})
        answer = await visit(service, token, "/words", language=language, data={"text": "noch etwas"})

        minutes = -(-int(answer.headers["retry-after"]) // 60)
        assert minutes > 1
        again = texts.again_in.format(minutes=minutes)
        told(answer, 429, texts.refused["too-many-requests"].format(again=again))
        assert "noch etwas" in answer.text


async def test_a_judgement_that_could_not_be_kept_is_not_to_be_given_again(fresh_database: FreshDatabase) -> None:
    """What was chosen and typed stands in the form again; of one that was given twice the words can go alone."""
    async with complaints(fresh_database) as service:
        opened = await service.record()
        await service.move(opened["id"], "answer")
        token, said = opened["tracking_token"], {"perceived": "9", "expected": "7", "text": "schnell <b>\ngut"}
        long = await visit(service, token, "/satisfaction", data={**said, "text": "y" * 4_001})
        half = await visit(service, token, "/satisfaction", data={**said, "expected": ""})
        kept = await visit(service, token, "/satisfaction", data=said)
        twice = await visit(service, token, "/satisfaction", data=said)

        assert [answer.status_code for answer in (long, half, kept, twice)] == [422, 422, 303, 409]
        assert [f"<option selected>{score}" in long.text for score in (9, 7, 8)] == [True, True, False]
        assert [f"<option selected>{score}" in half.text for score in (9, 7, 8)] == [True, False, False]
        assert "y" * 4_001 in long.text
        assert "schnell &lt;b&gt;\ngut" in half.text
        assert f'action="/complaints/track/{token}/words' in twice.text
        assert "schnell &lt;b&gt;\ngut" in twice.text


async def test_what_was_written_beside_a_file_that_was_not_taken_is_kept(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with desk(fresh_database, tmp_path) as service:
        token = (await service.record())["tracking_token"]
        file = {"file": ("a.png", b"", "image/png")}
        answer = await visit(service, token, "/files", files=file, data={"note": "der Boden <i>"})

        told(answer, 422, TEXTS["en"].refused["file-empty"])
        assert "der Boden &lt;i&gt;</textarea>" in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_deadline_that_has_passed_is_not_the_next_one(
    fresh_database: FreshDatabase, language: Language
) -> None:
    async with complaints(fresh_database) as service:
        opened, texts = await service.record(), TEXTS[language]
        token = opened["tracking_token"]
        service.clock.forward(timedelta(hours=5))
        late = (await visit(service, token, language=language)).text
        followed = (await service.http.get(f"/complaints/v1/track/{token}", headers={"Authorization": ""})).json()

        assert (followed["next_deadline"], followed["overdue"]) == (None, True)
        assert followed["answer_due_at"] == opened["answer_due_at"]
        assert texts.past.partition("{")[0] in late
        assert texts.overdue in late
        assert texts.paused not in late
