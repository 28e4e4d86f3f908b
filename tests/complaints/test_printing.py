"""Replies on paper: set in processes of their own, many at a time in the background, by who may see the case."""

import asyncio
import io
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pypdf import PdfReader

from services.complaints.printing import store
from services.complaints.printing.domain import KEPT_FOR, OF_A_PART, parts_of, sheet_of
from services.complaints.reply_letters.domain import ReplyText
from shared.ids import new_id
from shared.paper import typesetting
from shared.paper.sheet import LetterSheet
from shared.paper.typesetting import typeset
from tests.complaints.building import SALESPERSON, as_role
from tests.complaints.test_letters import Writing, writing
from tests.complaints.test_reply_letters import draft, inspected, profile, replies
from tests.postgres import FreshDatabase

SHEET = LetterSheet(
    "C-1", "zh-CN", "温州美业", "温州", "400", "答复", "尊敬的王小姐：", ["我们诚恳地道歉。"], "行政部  陈静"
)


def pages(document: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]


async def on_paper(service: Writing, *, drafted: bool = False) -> tuple[str, str]:
    """A case whose reply waits for the printer: the case's id and the reply's."""
    id_ = await inspected(service)
    text = (await draft(service, id_, channel="letter"))["text"] if drafted else "尊敬的顾客：\n\n换新。\n\n行政部"
    body = {"channel": "letter", "text": text}
    answer = await service.post(f"/complaints/{id_}/reply", body)
    assert answer.status_code == 200, answer.text
    return id_, answer.json()["reply_id"]


async def job(service: Writing, body: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await service.post("/letters/print", body)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def test_a_reply_is_set_in_chinese_with_a_font_of_its_own(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        await service.given(profile())
        id_, reply_id = await on_paper(service, drafted=True)
        assert [each["state"] for each in await replies(service, id_)] == ["to_print"]

        answer = await service.get(f"/complaints/{id_}/replies/{reply_id}/pdf")

        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.headers["cache-control"] == "no-store"
        (page,) = pages(answer.content)
        for said in ("温州美业有限公司", "温州市鹿城区车站大道1号", "400-888-1234", "尊敬的王小姐", "道歉", "陈静"):
            assert said in page.replace(" ", ""), said
        assert b"NotoSerifSC" in answer.content, "embedded"
        stranger = as_role("beauty_mentor", await service.colleague("beauty_mentor"))
        path = f"/complaints/v1/complaints/{id_}/replies/{reply_id}/pdf"
        assert (await service.http.get(path, headers=stranger)).status_code == 404
        other, _ = await on_paper(service)
        wrong = await service.get(f"/complaints/{other}/replies/{reply_id}/pdf")
        assert (wrong.status_code, wrong.json()["slug"]) == (404, "no-such-reply")


async def test_what_a_letter_says_is_never_read_as_markup() -> None:
    said = '#import "/etc/passwd" *fett* $x^2$ <a> @ref `raw` \\ // no comment "quoted"'

    (page,) = pages(
        await typeset([sheet_of(ReplyText(said, f"Dear {said}\n\n{said}\n\nBye"), "C-1", "en", ("A", "B", "C"))])
    )

    assert page.count("*fett*") == 3
    assert "/etc/passwd" in page
    assert "// no comment" in page


async def test_each_letter_of_many_begins_on_a_page_of_its_own() -> None:
    document = await typeset([SHEET] * 3)

    assert len(pages(document)) == 3


async def test_a_job_sets_what_waits_with_progress_and_is_posted_at_once(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        letters = [await on_paper(service) for _ in range(3)]
        assert await service.refused("/letters/print", {"reply_ids": [str(new_id())]}) == (422, "unknown-reply")

        asked = await job(service)

        assert (asked["state"], asked["total"], asked["done"]) == ("running", 3, 0)
        assert await service.refused("/letters/print") == (409, "nothing-to-print"), "nothing is printed twice"
        path = f"/letters/print/{asked['id']}"
        early = await service.get(f"{path}/file")
        assert (early.status_code, early.json()["slug"]) == (409, "not-printed-yet")
        assert await service.refused(f"{path}/posted") == (409, "not-printed-yet")
        await service.run_loops()
        done = (await service.get(path)).json()
        assert (done["state"], done["done"]) == ("done", 3)
        content = (await service.get(f"{path}/file")).content
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.namelist() == ["letters-001.pdf"]
            assert len(pages(archive.read("letters-001.pdf"))) == 3

        for _ in range(2):
            assert (await service.post(f"{path}/posted")).status_code == 200

        for id_, _ in letters:
            assert [each["state"] for each in await replies(service, id_)] == ["printed"]
            history = (await service.get(f"/complaints/{id_}/history")).json()["items"]
            assert [each["what"] for each in history].count("reply:letter") == 1


async def test_a_part_that_a_killed_worker_had_in_hand_is_set_by_the_next(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    """And what the first one brings afterwards counts no more."""
    async with writing(fresh_database, tmp_path) as service:
        await on_paper(service)
        asked = await job(service)
        killed, context = new_id(), service.service.context
        async with service.database.transaction() as transaction:
            part = await store.claim(transaction, killed, 3600)
        assert part is not None
        await service.run_loops()
        assert (await service.get(f"/letters/print/{asked['id']}")).json()["done"] == 0, "its lease holds"
        await service.database.execute("UPDATE print_part SET lease_until = now() - interval '1 second'")

        await service.run_loops()

        assert (await service.get(f"/letters/print/{asked['id']}")).json()["state"] == "done"
        async with service.database.transaction() as transaction:
            assert not await store.keep(transaction, part, b"late", killed, context.clock.now())
        assert (await service.get(f"/letters/print/{asked['id']}")).json()["done"] == 1


async def test_a_job_that_cannot_be_set_says_so(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process that would set it does not even start; three tries."""
    async with writing(fresh_database, tmp_path) as service:
        id_, reply_id = await on_paper(service)
        asked = await job(service)
        monkeypatch.setattr(typesetting, "_SETTER", "no.such.module")

        await service.run_loops()

        assert (await service.get(f"/letters/print/{asked['id']}")).json()["state"] == "failed"
        assert await service.database.fetchval("SELECT tries FROM print_part") == 3
        pdf = await service.get(f"/complaints/{id_}/replies/{reply_id}/pdf")
        assert (pdf.status_code, pdf.json()["slug"]) == (503, "not-typeset")


async def test_old_jobs_go_and_their_letters_can_be_printed_again(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with writing(fresh_database, tmp_path) as service:
        await on_paper(service)
        asked = await job(service)
        await service.run_loops()
        service.clock.forward(KEPT_FOR + timedelta(seconds=1))

        await service.run_loops()

        gone = await service.get(f"/letters/print/{asked['id']}")
        assert (gone.status_code, gone.json()["slug"]) == (404, "no-such-print-job")
        assert (await job(service))["total"] == 1


async def test_two_who_ask_at_once_share_out_what_waits(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        for _ in range(2):
            await on_paper(service)

        asked = await asyncio.gather(*(service.post("/letters/print") for _ in range(4)))

        totals = [each.json()["total"] for each in asked if each.status_code == 202]
        assert sum(totals) == 2


async def test_jobs_are_for_who_sees_every_case(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with writing(fresh_database, tmp_path) as service:
        await on_paper(service)
        path = f"/complaints/v1/letters/print/{(await job(service))['id']}"
        seller = as_role("salesperson", SALESPERSON)

        for each in (path, f"{path}/file"):
            assert (await service.http.get(each, headers=seller)).status_code == 403
        assert (await service.http.post("/complaints/v1/letters/print", headers=seller)).status_code == 403


def test_jobs_are_set_in_parts() -> None:
    ids = [UUID(int=n) for n in range(2 * OF_A_PART + 1)]

    assert [len(each) for each in parts_of(ids)] == [OF_A_PART, OF_A_PART, 1]
    assert [each for part in parts_of(ids) for each in part] == ids
