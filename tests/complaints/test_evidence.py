"""Files of a case: judged by their content, sealed where they lie, handed out to be saved."""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from services.complaints.evidence.domain.files import MOST_BY_COMPLAINANT, MOST_IN_A_CASE, StorageAway, name_of
from services.complaints.evidence.domain.kinds import KindMismatch, KindNotTaken, kind_of
from shared.contracts.complaints import ComplaintEvidenceAdded, ComplaintEvidenceRemoved
from shared.ids import new_id
from shared.storage.settings import StorageSettings
from tests.complaints.building import SALESPERSON, SPECIALIST, Complaints, as_role, complaints
from tests.postgres import FreshDatabase
from tests.storage.gateway import serving
from tests.support import SETTINGS, START

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 80


def pdf(*, script: bool = False, embedded: bool = False, password: str = "") -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if script:
        _run_at_the_beginning(writer)
    if embedded:
        writer.add_attachment("notes.html", b"<p>hello</p>")
    if password:
        writer.encrypt(password)
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def _run_at_the_beginning(writer: PdfWriter) -> None:
    action = DictionaryObject(
        {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("app.alert('hello')")}
    )
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)


@asynccontextmanager
async def desk(fresh_database: FreshDatabase, folder: Path) -> AsyncIterator[Complaints]:
    """Complaints with the folder for its files."""
    settings = SETTINGS.model_copy(update={"files_directory": folder})
    async with complaints(fresh_database, settings=settings) as service:
        yield service


async def send(
    service: Complaints,
    id_: str,
    content: bytes,
    name: str = "面霜.png",
    said: str = "image/png",
    note: str | None = None,
    **headers: str,
) -> httpx.Response:
    return await service.http.post(
        f"/complaints/v1/complaints/{id_}/files",
        files={"file": (name, content, said)},
        data={"note": note} if note else {},
        headers=headers,
    )


def stored(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file()]


async def listed(service: Complaints, id_: str) -> list[dict[str, Any]]:
    answer = await service.get(f"/complaints/{id_}/files")
    return list(answer.json()["items"])


async def test_a_file_is_kept_sealed_told_of_and_given_back(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    content = PNG + os.urandom(1 << 20)
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()
        answer = await send(service, case["id"], content, note="罐底的裂缝")
        file = answer.json()
        given = await service.get(f"/complaints/{case['id']}/files/{file['id']}")
        history = (await service.get(f"/complaints/{case['id']}/history")).json()["items"]
        (fact,) = await service.facts(ComplaintEvidenceAdded)
        (event,) = await service.events(ComplaintEvidenceAdded)

        assert answer.status_code == 201
        assert answer.headers["location"] == f"/complaints/v1/complaints/{case['id']}/files/{file['id']}"
        assert (file["name"], file["media_type"], file["size"]) == ("面霜.png", "image/png", len(content))
        assert given.content == content
        assert await listed(service, case["id"]) == [file]
        assert [(entry["what"], entry["text"]) for entry in history] == [("file_added", "罐底的裂缝")]
        assert (str(fact.file_id), fact.size, fact.by_complainant) == (file["id"], len(content), False)
        assert "面霜" not in event.data
        (kept,) = stored(tmp_path)
        assert content[:40] not in kept.read_bytes()
        words = await service.database.fetchval("SELECT words FROM evidence_file")
        assert "面霜".encode() not in words


async def test_browsers_save_it_and_never_show_it(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()
        file = (await send(service, case["id"], PNG)).json()
        headers = (await service.get(f"/complaints/{case['id']}/files/{file['id']}")).headers

        assert headers["content-disposition"] == "attachment; filename*=UTF-8''%E9%9D%A2%E9%9C%9C.png"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "private, no-store"


REFUSED = {
    "a page called a picture": (b"<!DOCTYPE html><html><body>hello", "a.png", "image/png", "file-kind-not-taken"),
    "a drawing with a script": (b"<svg xmlns='http://www.w3.org/2000/svg'>", "a.svg", "image/svg+xml",
                                "file-kind-not-taken"),
    "a program": (b"MZ\x90\x00" + b"\x00" * 80, "a.exe", "application/x-msdownload", "file-kind-not-taken"),
    "a page behind a picture": (JPEG + b"<script>alert(1)</script>", "a.jpg", "image/jpeg", "file-carries-script"),
    "a script across two pieces": (PNG + b"\x00" * ((1 << 18) - len(PNG) - 3) + b"<script>", "a.png", "image/png",
                                   "file-carries-script"),
    "a picture called a document": (PNG, "a.pdf", "application/pdf", "file-kind-mismatch"),
    "another picture than it says": (JPEG, "a.jpg", "image/png", "file-kind-mismatch"),
    "nothing": (b"", "a.png", "image/png", "file-empty"),
    "a document that runs": (pdf(script=True), "a.pdf", "application/pdf", "file-carries-script"),
    "a document with a file in it": (pdf(embedded=True), "a.pdf", "application/pdf", "file-carries-script"),
    "a document with a password": (pdf(password="x"), "a.pdf", "application/pdf", "file-unreadable"),
    "half a document": (pdf()[:200], "a.pdf", "application/pdf", "file-unreadable"),
}  # fmt: skip


@pytest.mark.parametrize("content, name, said, slug", REFUSED.values(), ids=REFUSED.keys())
async def test_what_is_refused_leaves_nothing(
    fresh_database: FreshDatabase, tmp_path: Path, content: bytes, name: str, said: str, slug: str
) -> None:
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()
        answer = await send(service, case["id"], content, name, said)

        assert (answer.status_code, answer.json()["slug"]) == (422, slug)
        assert answer.json()["errors"][0]["pointer"] == "#/file"
        assert (await listed(service, case["id"]), stored(tmp_path)) == ([], [])


@pytest.mark.parametrize("said", ["application/pdf", "application/octet-stream"])
async def test_a_plain_document_is_taken(fresh_database: FreshDatabase, tmp_path: Path, said: str) -> None:
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()

        assert (await send(service, case["id"], pdf(), "送货单.pdf", said)).json()["media_type"] == "application/pdf"


async def test_a_script_that_hides_behind_another_spelling_is_found(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    hidden = pdf(script=True).replace(b"/JavaScript", b"/Java#53cript").replace(b"/JS", b"/J#53")
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()

        answer = await send(service, case["id"], hidden, "a.pdf", "application/pdf")

        assert answer.json()["slug"] == "file-carries-script"


async def test_a_file_is_bounded_before_it_is_read(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_COMPLAINTS_LARGEST_FILE", str(64 << 10))
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()
        within = await send(service, case["id"], PNG + b"\x00" * ((64 << 10) - len(PNG)))
        beyond = await send(service, case["id"], PNG + b"\x00" * ((64 << 10) - len(PNG) + 1))
        far = await send(service, case["id"], PNG + b"\x00" * (256 << 10))

        assert within.status_code == 201
        assert (beyond.status_code, beyond.json()["slug"]) == (422, "file-too-large")
        assert (far.status_code, far.json()["slug"]) == (413, "too-large")
        assert len(stored(tmp_path)) == 1


async def test_the_same_request_adds_one_file(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()
        key = {"Idempotency-Key": "f-1"}
        first, *others = await asyncio.gather(*(send(service, case["id"], PNG, **key) for _ in range(4)))
        again = await send(service, case["id"], PNG, **key)
        other = await send(service, case["id"], PNG + b"\x00", **key)

        taken = {each.json()["id"] for each in (first, *others, again) if each.status_code == 201}
        assert len(taken) == 1
        assert {each.status_code for each in (first, *others)} <= {201, 409}
        assert again.status_code == 201
        assert (other.status_code, other.json()["slug"]) == (422, "idempotency-key-reused")
        assert len(stored(tmp_path)) == 1
        assert len(await service.facts(ComplaintEvidenceAdded)) == 1


async def test_who_does_not_see_the_case_finds_no_file(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record(await service.customer(team={"cs_specialist": SPECIALIST}))
        file = (await send(service, case["id"], PNG)).json()
        stranger = as_role("salesperson", SALESPERSON)
        path = f"/complaints/v1/complaints/{case['id']}/files"

        for asked in (path, f"{path}/{file['id']}"):
            assert (await service.http.get(asked, headers=stranger)).status_code == 404
        assert (await send(service, case["id"], PNG, **stranger)).status_code == 404
        assert (await service.get(f"/complaints/{case['id']}/files/{new_id()}")).json()["slug"] == "no-such-file"
        other = await service.record()
        assert (await service.get(f"/complaints/{other['id']}/files/{file['id']}")).json()["slug"] == "no-such-file"


async def test_a_removed_file_is_gone_and_told_of(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()
        file = (await send(service, case["id"], PNG)).json()
        path = f"/complaints/{case['id']}/files/{file['id']}"
        removal = f"/complaints/v1{path}/removal"

        assert (await service.post(f"{path}/removal", {})).status_code == 422
        by_specialist = await service.http.post(
            removal, json={"reason": "x"}, headers=as_role("cs_specialist", SPECIALIST)
        )
        service.clock.forward(timedelta(hours=1))
        answer = await service.post(f"{path}/removal", {"reason": "falscher Fall"})
        again = await service.post(f"{path}/removal", {"reason": "falscher Fall"})
        await service.run_loops()

        assert by_specialist.status_code == 403
        assert (answer.status_code, again.status_code) == (200, 404)
        assert answer.json()["removed_at"] is not None
        assert (await service.get(path)).status_code == 404
        assert stored(tmp_path) == []
        assert [each["removed_at"] is None for each in await listed(service, case["id"])] == [False]
        entries = (await service.get(f"/complaints/{case['id']}/history")).json()["items"]
        assert [(entry["what"], entry["text"]) for entry in entries][1:] == [("file_removed", "falscher Fall")]
        assert [datetime.fromisoformat(entry["at"]) - START for entry in entries] == [
            timedelta(0),
            timedelta(hours=1),
        ]
        assert [str(fact.file_id) for fact in await service.facts(ComplaintEvidenceRemoved)] == [file["id"]]


async def test_a_storage_that_is_away_is_told_and_leaves_nothing(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    async with desk(fresh_database, folder) as service:
        case = await service.record()
        folder.write_text("a file where the folder should be")
        away = await send(service, case["id"], PNG)
        nothing = await listed(service, case["id"])
        folder.unlink()
        there = await send(service, case["id"], PNG)
        kept = stored(folder)
        for each in kept:
            each.unlink()
        gone = await service.get(f"/complaints/{case['id']}/files/{there.json()['id']}")
        service.clock.forward(timedelta(hours=2))
        await service.run_loops()

        assert (away.status_code, away.json()["slug"]) == (503, "storage-away")
        assert int(away.headers["retry-after"]) > 0
        assert (nothing, there.status_code, len(kept)) == ([], 201, 1)
        assert (gone.status_code, gone.json()["slug"]) == (410, "file-content-missing")
        assert await service.database.fetchval("SELECT count(*) FROM evidence_file") == 1
        assert len(await service.facts(ComplaintEvidenceAdded)) == 1


async def test_what_was_begun_and_never_kept_goes(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    """As a process leaves it that is killed between the content and the entry."""
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()
        await service.move(case["id"], "accept")  # so that no clock has anything to say
        await send(service, case["id"], PNG)
        await service.database.execute("UPDATE evidence_file SET state = 'storing'")
        before = await service.run_loops(), len(stored(tmp_path))
        service.clock.forward(timedelta(hours=1, seconds=1))
        after = await service.run_loops(), len(stored(tmp_path))

        assert (before, after) == ((0, 1), (1, 0))
        assert await service.database.fetchval("SELECT count(*) FROM evidence_file") == 0


async def test_what_was_cleared_away_while_it_came_is_not_kept(
    fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that takes longer than anybody waits: its sender is told to send it again."""
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()
        storage = service.service.context.storage
        put, there, cleared = storage.put, asyncio.Event(), asyncio.Event()

        async def slowly(key: str, pieces: AsyncIterator[bytes]) -> None:
            await put(key, pieces)
            there.set()
            await cleared.wait()

        with monkeypatch.context() as slow:
            slow.setattr(storage, "put", slowly)
            sending = asyncio.create_task(send(service, case["id"], PNG))
            await there.wait()
            service.clock.forward(timedelta(hours=1, seconds=1))
            await service.run_loops("complaints.files")
            cleared.set()
            answer = await sending

        assert (answer.status_code, answer.json()["slug"]) == (503, "storage-away")
        assert (stored(tmp_path), await listed(service, case["id"])) == ([], [])
        assert await service.database.fetchval("SELECT count(*) FROM evidence_file") == 0
        assert await service.facts(ComplaintEvidenceAdded) == []
        assert (await send(service, case["id"], PNG)).status_code == 201


async def test_contents_that_are_to_go_wait_for_a_storage_that_is_away(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    """That passes by itself: the worker waits, and it is no fault of ours."""
    folder, aside = tmp_path / "files", tmp_path / "aside"
    async with desk(fresh_database, folder) as service:
        case = await service.record()
        await service.move(case["id"], "accept")
        file = (await send(service, case["id"], PNG)).json()
        await service.post(f"/complaints/{case['id']}/files/{file['id']}/removal", {"reason": "wrong case"})
        folder.rename(aside)
        folder.write_text("a file where the folder should be")

        with pytest.raises(StorageAway):
            await service.run_loops("complaints.files")

        folder.unlink()
        aside.rename(folder)
        assert (await service.run_loops("complaints.files"), stored(folder)) == (1, [])


async def test_a_case_has_so_many_files_and_no_more(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()
        await send(service, case["id"], PNG)
        await service.database.execute(
            """
            INSERT INTO evidence_file (id, complaint_id, state, media_type, size, words, added_at, added_by)
            SELECT gen_random_uuid(), complaint_id, state, media_type, size, words, added_at, added_by
            FROM evidence_file, generate_series(2, $1)
            """,
            MOST_IN_A_CASE,
        )

        answer = await send(service, case["id"], PNG)

        assert (answer.status_code, answer.json()["slug"]) == (409, "too-many-files")
        assert len(stored(tmp_path)) == 1


async def test_content_that_was_changed_where_it_lies_is_not_given_out(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()
        file = (await send(service, case["id"], PNG)).json()
        (kept,) = stored(tmp_path)
        content = bytearray(kept.read_bytes())
        content[-1] ^= 1
        kept.write_bytes(content)

        answer = await service.get(f"/complaints/{case['id']}/files/{file['id']}")

        assert answer.status_code == 500
        assert PNG[:20] not in answer.content


@pytest.mark.parametrize(
    "head, name, said, kind",
    [
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 60, "a.heic", "image/heif", "image/heic"),
        (b"\x00\x00\x00\x14ftypqt  " + b"\x00" * 60, "a.MOV", "video/quicktime", "video/quicktime"),
        (b"\x00\x00\x00\x18ftypisom" + b"\x00" * 60, "a.mp4", "video/mp4; codecs=avc1", "video/mp4"),
        (b"\x00\x00\x00\x18ftypM4A " + b"\x00" * 60, "a.m4a", "audio/x-m4a", "audio/mp4"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 60, "a.wav", "audio/wave", "audio/wav"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"\x00" * 60, "", "", "image/webp"),
        (b"#!AMR\n" + b"\x00" * 60, "a.amr", "audio/amr", "audio/amr"),
        (b"ID3\x03\x00\x00" + b"\x00" * 60, "a.mp3", "audio/mpeg", "audio/mpeg"),
        (b"\xff\xfb\x90\x64" + b"\x00" * 60, "a.mp3", "audio/mp3", "audio/mpeg"),
        (b"GIF89a" + b"\x00" * 60, "no ending", "image/gif", "image/gif"),
    ],
)
def test_kinds_are_told_by_their_beginnings(head: bytes, name: str, said: str, kind: str) -> None:
    assert kind_of(head, name, said) == kind


@pytest.mark.parametrize(
    "head, name, said, refusal",
    [
        (b"PK\x03\x04" + b"\x00" * 60, "a.zip", "application/zip", KindNotTaken),
        (b"hello", "a.txt", "text/plain", KindNotTaken),
        (b"", "a.png", "image/png", KindNotTaken),
        (b"\xff\xd8\xff" + b"\x00" * 60, "a.png", "image/jpeg", KindMismatch),
        (b"\xff\xd8\xff" + b"\x00" * 60, "a.jpg.html", "image/jpeg", KindMismatch),
        (b"\xff\xd8\xff" + b"\x00" * 60, "a.jpg", "text/html", KindMismatch),
    ],
)
def test_what_is_something_else_is_refused(
    head: bytes, name: str, said: str, refusal: type[KindNotTaken | KindMismatch]
) -> None:
    with pytest.raises(refusal):
        kind_of(head, name, said)


@pytest.mark.parametrize(
    "given, kept",
    [
        (None, "file"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Bilder\\面霜.png", "面霜.png"),
        ("a\r\nb\u202egnp.exe", "a__bgnp.exe"),
        ("..", "file"),
        ("x" * 300 + ".jpeg", "x" * 115 + ".jpeg"),
        ('say "hi".png', "say _hi_.png"),
    ],
)
def test_names_are_kept_without_what_could_mislead(given: str | None, kept: str) -> None:
    assert name_of(given) == kept


@pytest.fixture
def on_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with serving(tmp_path) as gateway:
        monkeypatch.setenv("CRM_STORAGE_KIND", "s3")
        monkeypatch.setenv("CRM_STORAGE_URL", gateway.url)
        monkeypatch.setenv("CRM_STORAGE_BUCKET", gateway.bucket)
        monkeypatch.setenv("CRM_STORAGE_ACCESS_KEY", gateway.access_key)
        monkeypatch.setenv("CRM_STORAGE_SECRET_KEY", gateway.secret_key)
        assert StorageSettings().kind == "s3"
        yield


@pytest.mark.s3
@pytest.mark.usefixtures("on_a_server")
async def test_files_lie_on_an_s3_server_as_in_a_folder(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    content = PNG + os.urandom(7 << 20)
    async with complaints(fresh_database) as service:
        case = await service.record()
        file = (await send(service, case["id"], content)).json()
        given = await service.get(f"/complaints/{case['id']}/files/{file['id']}")
        lying = [each for each in stored(tmp_path / "objects") if str(UUID(file["id"])) in str(each)]
        await service.post(f"/complaints/{case['id']}/files/{file['id']}/removal", {"reason": "x"})
        await service.run_loops()

        assert given.content == content
        assert len(lying) == 1
        assert not [each for each in stored(tmp_path / "objects") if str(UUID(file["id"])) in str(each)]


async def test_complainants_add_files_by_their_token(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()
        nobody = httpx.AsyncClient(transport=httpx.ASGITransport(app=service.app), base_url="http://test")

        async def add(token: str, content: bytes, below: str = "/v1", **form: str) -> httpx.Response:
            path = f"/complaints{below}/track/{token}/files"
            return await nobody.post(path, files={"file": ("罐底.png", content, "image/png")}, data=form)

        async with nobody:
            added = await add(case["tracking_token"], PNG, note="罐底的裂缝")
            lied = await add(case["tracking_token"], b"<html>", note="x")
            guessed = await add("A" * 43, PNG)
            shown = await add(case["tracking_token"], PNG, "", note="")
            told = await add(case["tracking_token"], b"<html>", "")
        history = (await service.get(f"/complaints/{case['id']}/history")).json()["items"]

        assert (added.status_code, added.json()["added_by"], added.json()["note"]) == (201, None, "罐底的裂缝")
        assert (lied.status_code, lied.json()["slug"]) == (422, "file-kind-not-taken")
        assert guessed.status_code == 404
        assert (shown.status_code, shown.headers["location"].endswith("?lang=zh&done=file")) == (303, True)
        assert (told.status_code, "不能接收这种文件" in told.text) == (422, True)
        assert [(entry["what"], entry["entered_by"]) for entry in history] == [("file_added", None)] * 2
        assert [fact.by_complainant for fact in await service.facts(ComplaintEvidenceAdded)] == [True, True]
        assert (await service.read(case["id"]))["state"] == "open"
        assert len(stored(tmp_path)) == 2


async def test_complainants_add_only_so_many(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    async with desk(fresh_database, tmp_path) as service:
        case = await service.record()
        path = f"/complaints/v1/track/{case['tracking_token']}/files"
        content = {"file": ("a.png", PNG, "image/png")}
        first = await service.http.post(path, files=content)
        await service.database.execute(
            """
            INSERT INTO evidence_file (id, complaint_id, state, media_type, size, words, added_at)
            SELECT gen_random_uuid(), complaint_id, state, media_type, size, words, added_at
            FROM evidence_file, generate_series(2, $1)
            """,
            MOST_BY_COMPLAINANT,
        )
        beyond = await service.http.post(path, files=content)
        by_staff = await send(service, case["id"], PNG)

        assert (first.status_code, beyond.status_code, by_staff.status_code) == (201, 409, 201)
        assert beyond.json()["slug"] == "too-many-files"
