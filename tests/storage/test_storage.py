"""What every storage holds, by a folder and by a real S3-compatible server (`make storage`; needs Go)."""

import asyncio
import os
import shutil
import stat
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import SecretStr

from shared.settings import Settings
from shared.storage.folder import FolderStorage
from shared.storage.port import NothingStored, Storage, StorageFault
from shared.storage.registry import storage_of
from shared.storage.s3 import S3Storage
from shared.storage.settings import StorageSettings
from tests.eventually import eventually
from tests.ports import free_port
from tests.storage.gateway import Gateway, serving

PART = 6 << 20
"""Bytes: more than one part of an object has."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with serving(tmp_path_factory.mktemp("s3")) as served:
        yield served


def at(gateway: Gateway, **changed: object) -> StorageSettings:
    given = {
        "kind": "s3",
        "url": gateway.url,
        "bucket": gateway.bucket,
        "access_key": gateway.access_key,
        "secret_key": SecretStr(gateway.secret_key),
    }
    return StorageSettings.model_validate(given | changed)


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.s3)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return storage_of(Settings(files_directory=tmp_path / "files"))
    return storage_of(Settings(), at(request.getfixturevalue("gateway")))


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for piece in content:
        yield piece


async def read(storage: Storage, key: str) -> bytes:
    return b"".join([piece async for piece in storage.read(key)])


@pytest.mark.parametrize("content", [b"", b"a", b"ab" * PART], ids=["nothing", "a byte", "parts"])
async def test_what_was_put_is_read(storage: Storage, content: bytes) -> None:
    await storage.put("cases/one", pieces(content[:5], content[5:]))

    assert await read(storage, "cases/one") == content


async def test_what_is_put_again_replaces_it(storage: Storage) -> None:
    await storage.put("cases/two", pieces(b"first"))
    await storage.put("cases/two", pieces(b"second"))

    assert await read(storage, "cases/two") == b"second"


async def test_what_is_removed_is_gone_and_may_be_removed_again(storage: Storage) -> None:
    await storage.put("cases/three", pieces(b"x"))
    await storage.remove("cases/three")
    await storage.remove("cases/three")

    with pytest.raises(NothingStored):
        await read(storage, "cases/three")


class Broken(Exception):
    """The sender went away."""


@pytest.mark.parametrize("before", [b"beginning", b"x" * PART], ids=["little", "a part"])
async def test_half_a_content_is_none(storage: Storage, before: bytes) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield before
        raise Broken

    with pytest.raises(Broken):
        await storage.put("cases/four", half())

    with pytest.raises(NothingStored):
        await read(storage, "cases/four")


@pytest.mark.parametrize("key", ["", "../up", "a//b", "/a", "a/../b", "A", "a/.hidden", "a b"])
async def test_a_key_leads_nowhere_else(storage: Storage, key: str) -> None:
    for attempt in (storage.put(key, pieces(b"x")), read(storage, key), storage.remove(key)):
        with pytest.raises(ValueError, match="a key of small letters"):
            await attempt


async def test_files_are_the_owners_alone_and_leave_no_drafts(tmp_path: Path) -> None:
    await FolderStorage(tmp_path / "files").put("cases/five", pieces(b"x"))

    (kept,) = [each for each in (tmp_path / "files").rglob("*") if each.is_file()]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


async def test_what_somebody_left_who_was_killed_goes_with_its_key(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    await storage.put("cases/six", pieces(b"x"))
    (tmp_path / "cases" / ".six.abc.part").write_bytes(b"half")
    (tmp_path / "cases" / ".seven.abc.part").write_bytes(b"half of another")

    await storage.remove("cases/six")

    assert [each.name for each in (tmp_path / "cases").iterdir()] == [".seven.abc.part"]


async def test_a_folder_that_is_gone_is_not_made_anew(tmp_path: Path) -> None:
    """A mount that was lost: what is written then would lie where nobody looks for it."""
    folder = tmp_path / "files"
    storage = FolderStorage(folder)
    await storage.put("cases/one", pieces(b"kept"))
    shutil.rmtree(folder)

    with pytest.raises(StorageFault, match="folder-FileNotFoundError"):
        await storage.put("cases/two", pieces(b"lost"))

    assert not folder.exists()


async def test_a_folder_that_takes_nothing_says_so(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    storage = FolderStorage(tmp_path / "files")

    for attempt in (storage.put("a", pieces(b"x")), read(storage, "a"), storage.remove("a")):
        with pytest.raises(StorageFault):
            await attempt


UPLOADING = """
import asyncio, sys
from shared.settings import Settings
from shared.storage.registry import storage_of

async def pieces():
    for _ in range(12):
        yield b"x" * (1 << 20)
    print("half", flush=True)
    await asyncio.sleep(600)
    yield b""

asyncio.run(storage_of(Settings()).put(sys.argv[1], pieces()))
"""


async def killed_at_half(gateway: Gateway, key: str) -> None:
    """Somebody uploads a content of parts and is killed in the middle of it."""
    environment = {
        "CRM_STORAGE_KIND": "s3",
        "CRM_STORAGE_URL": gateway.url,
        "CRM_STORAGE_BUCKET": gateway.bucket,
        "CRM_STORAGE_ACCESS_KEY": gateway.access_key,
        "CRM_STORAGE_SECRET_KEY": gateway.secret_key,
    }
    uploading = await asyncio.create_subprocess_exec(
        sys.executable, "-c", UPLOADING, key, env={**os.environ, **environment}, stdout=asyncio.subprocess.PIPE
    )
    assert uploading.stdout is not None
    assert await asyncio.wait_for(uploading.stdout.readline(), 60) == b"half\n"
    await eventually(lambda: bool(parts(gateway)))
    uploading.kill()
    await uploading.wait()


def parts(gateway: Gateway) -> list[Path]:
    """What the server keeps of uploads that nobody has ended."""
    begun = gateway.folder / "objects" / gateway.bucket / ".sgwtmp" / "multipart"
    return sorted(each for each in begun.glob("*/*") if each.is_dir())


@pytest.mark.s3
async def test_parts_that_somebody_left_who_was_killed_go_with_their_key(gateway: Gateway) -> None:
    storage = S3Storage(at(gateway))
    await killed_at_half(gateway, "cases/six")
    [left] = parts(gateway)
    await killed_at_half(gateway, "cases/six-and-more")
    [another] = set(parts(gateway)) - {left}

    await storage.remove("cases/six")
    assert parts(gateway) == [another]

    await storage.remove("cases/six-and-more")
    assert parts(gateway) == []


class WithoutUploads(BaseHTTPRequestHandler):
    """A server that takes back objects, and lists no uploads."""

    asked: ClassVar[list[str]] = []
    removed = b"<DeleteResult><Deleted><Key>cases/eight</Key></Deleted></DeleteResult>"

    def do_GET(self) -> None:
        self._answer(501, b"")

    def do_POST(self) -> None:
        self.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._answer(200, self.removed)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: it is asked what it should be."""


async def test_where_no_uploads_are_listed_objects_are_removed_all_the_same(tmp_path: Path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), WithoutUploads)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    there = Gateway(f"http://127.0.0.1:{server.server_port}", "evidence", "tests", "secret", tmp_path)
    try:
        await S3Storage(at(there)).remove("cases/eight")
    finally:
        server.shutdown()
        server.server_close()

    [asked] = WithoutUploads.asked
    assert "cases/eight" in asked


@pytest.mark.s3
async def test_a_server_that_is_away_says_so_and_serves_again(tmp_path: Path) -> None:
    port = free_port()
    away = Gateway(f"http://127.0.0.1:{port}", "evidence", "nobody", "nothing", tmp_path)
    storage = S3Storage(at(away))
    for attempt in (storage.put("a", pieces(b"x")), read(storage, "a"), storage.remove("a")):
        with pytest.raises(StorageFault):
            await attempt

    with serving(tmp_path, port) as there:
        storage = S3Storage(at(there))
        await storage.put("a", pieces(b"x"))
        assert await read(storage, "a") == b"x"


@pytest.mark.s3
@pytest.mark.parametrize(
    "changed",
    [lambda _: {"secret_key": SecretStr("wrong")}, lambda _: {"bucket": "another"}],
    ids=["another secret", "no such bucket"],
)
async def test_what_the_server_refuses_is_told_without_a_secret(
    gateway: Gateway, changed: Callable[[Gateway], dict[str, object]]
) -> None:
    storage = S3Storage(at(gateway, **changed(gateway)))

    with pytest.raises(StorageFault) as refused:
        await storage.put("a", pieces(b"x"))

    assert gateway.access_key not in refused.value.reason


def test_a_bucket_is_needed() -> None:
    with pytest.raises(ValueError, match="CRM_STORAGE_BUCKET"):
        storage_of(Settings(), StorageSettings(kind="s3"))
